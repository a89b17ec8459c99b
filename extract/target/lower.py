"""A target in one dialect: the schema that an endpoint takes, and values both ways.

`lower` is the face; `build.py` makes the tree of codecs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from pydantic import TypeAdapter
from typing_extensions import TypeForm

from ..errors import TargetError
from ..vocabulary import JsonObject, JsonValue, Path, Repair
from .build import Built, build
from .codec import Codec, Memo
from .compile import Target, compile_schema, compile_target
from .dialect import Dialect
from .dialects import DIALECTS
from .loss import Loss
from .render import render

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")
__all__ = ["Decoded", "Loss", "Lowered", "lower", "part_at"]
DESCRIPTION_CHARS = 1000


@dataclass(frozen=True, slots=True)
class Decoded:
    """A natural value, and what had to be changed to get it."""

    value: JsonValue
    repairs: tuple[Repair, ...] = ()


class Lowered(Generic[T]):
    """A target in one dialect.

    Attributes:
        target: what the user asks for.
        dialect: whose subset the schema is in.
        name: legal name of the schema or tool.
        schema: what is sent.
        losses: what the schema does not enforce; validation does.
        is_identity: wire and natural values are the same.
        is_strict: may be sent strict.

    """

    def __init__(self, target: Target[T], dialect: Dialect, built: Built) -> None:
        self.target = target
        self.dialect = dialect
        self.name = target.name
        self.schema = built.schema
        self.losses = built.losses
        self.is_identity = built.codec.is_identity and all(one.is_identity for one in built.table.values())
        self.is_strict = dialect.strict
        self._built = built

    @classmethod
    def of(cls, target: Target[T], dialect: Dialect, codec: Codec, table: dict[str, Codec]) -> Lowered[T]:
        """A part of something lowered, for reading only: the codec turns its values, the schema is the codec's."""
        return cls(target, dialect, Built(codec.schema, codec, table, ()))

    def encode(self, value: T) -> JsonValue:
        """The wire form of a value; `TargetError` where it has none."""
        return self.encode_json(self.target.encode(value))

    def encode_json(self, value: JsonValue) -> JsonValue:
        """The wire form of a natural value."""
        if self.is_identity:
            return value
        try:
            return self._built.codec.turn(value, Memo("encode", self._built.table)).value
        except RecursionError as error:
            raise TargetError(f"{self.name}: the value is nested too deep") from error
        except ValueError as error:  # an integer of more digits than Python writes
            raise TargetError(f"{self.name}: the value has no JSON text: {error}") from error

    def decode(self, value: JsonValue) -> Decoded:
        """The natural form of a wire value; what is in natural form already, or broken, stays; never raises."""
        if self.is_identity:
            return Decoded(value)
        try:
            out = self._built.codec.turn(value, Memo("decode", self._built.table))
        except (RecursionError, ValueError):  # nested too deep; an integer of more digits than Python writes
            return Decoded(value)
        return Decoded(out.value, out.repairs)

    @property
    def codec(self) -> Codec:
        """The root of the tree that turns values."""
        return self._built.codec

    @property
    def table(self) -> dict[str, Codec]:
        """The codecs of definitions, by name."""
        return self._built.table

    def user_path(self, path: Path) -> Path:
        """Where a wire path lies in the user's value, as far as it can be told without the value."""
        return self._built.codec.user_path(path, self._built.table)

    def wire_path(self, path: Path) -> Path | None:
        """Where a path of the user's value lies on the wire; None where that depends on the value."""
        return self._built.codec.wire_path(path, self._built.table)

    def at(self, path: Path) -> Lowered[Any]:
        """The part of the target at a path, lowered by itself; `TargetError` where there is none."""
        part = part_at(self.target.schema, path)
        if part is None:
            raise TargetError(f"{self.name} has nothing at {path!r}")
        defs = self.target.schema.get("$defs")
        whole = part if not isinstance(defs, dict) or "$defs" in part else {**part, "$defs": defs}
        return lower(compile_schema(whole, is_python=self.target.is_python), self.dialect)

    def response_format(self, *, strict: bool = True) -> JsonObject:
        """The `response_format` of a chat-completions request."""
        return {"type": "json_schema", "json_schema": self._named("schema", strict=strict)}

    def tool(self, *, strict: bool = True) -> JsonObject:
        """The function tool of a chat-completions request."""
        return {"type": "function", "function": self._named("parameters", strict=strict)}

    def _named(self, word: str, *, strict: bool) -> JsonObject:
        made: JsonObject = {"name": self.name}
        if self.target.description:
            made["description"] = self.target.description[:DESCRIPTION_CHARS]
        made[word] = self.schema
        if strict and self.is_strict:
            made["strict"] = True
        return made

    def prompt(self) -> str:
        """The schema as a model reads it best."""
        return self._prompt

    @cached_property
    def _prompt(self) -> str:
        return render(self.schema)


@overload
def lower(target: Target[T] | TypeAdapter[T], dialect: str | Dialect = ...) -> Lowered[T]: ...
@overload
def lower(target: TypeForm[T], dialect: str | Dialect = ...) -> Lowered[T]: ...
@overload
def lower(target: Mapping[str, JsonValue], dialect: str | Dialect = ...) -> Lowered[JsonValue]: ...
def lower(target: Any, dialect: str | Dialect = "openai") -> Lowered[Any]:
    """The target in a dialect; once made, kept as long as the compiled target."""
    compiled = compile_target(target)
    row = _row(dialect)
    known = compiled.lowerings.get(row)
    if known is None:
        known = Lowered(compiled, row, build(compiled, row))
        compiled.lowerings[row] = known
    return cast("Lowered[Any]", known)


def _row(dialect: str | Dialect) -> Dialect:
    if isinstance(dialect, Dialect):
        return dialect
    found = DIALECTS.get(dialect)
    if found is None:
        raise TargetError(f"no dialect {dialect!r}; known: {', '.join(sorted(DIALECTS))}")
    return found


def part_at(schema: JsonObject, path: Path) -> JsonObject | None:
    """The natural schema at a path, through references, unions and maps; None where there is none."""
    here: list[JsonObject] = [schema]
    for step in path:
        inside = [found for one in opened(here, schema) for found in below(one, step)]
        if not inside:
            return None
        here = list({json.dumps(one, sort_keys=True): one for one in inside}.values())
    return here[0] if len(here) == 1 else {"anyOf": list(here)}


def opened(schemas: list[JsonObject], root: JsonObject) -> list[JsonObject]:
    """The schemas with their references and unions opened."""
    found: list[JsonObject] = []
    stack, seen = list[JsonValue](schemas), set[int]()
    while stack:
        one = stack.pop()
        if not isinstance(one, dict) or id(one) in seen:
            continue
        seen.add(id(one))
        found.append(one)
        ref, defs = one.get("$ref"), root.get("$defs")
        if ref == "#":
            stack.append(root)
        elif isinstance(ref, str) and isinstance(defs, dict):
            stack.append(defs.get(ref.rpartition("/")[2]))
        for word in ("anyOf", "oneOf", "allOf"):
            members = one.get(word)
            stack.extend(members if isinstance(members, list) else [])
    return found


def below(one: JsonObject, step: str | int) -> list[JsonObject]:
    """What one schema says about the place one step below."""
    if isinstance(step, int):
        first = one.get("prefixItems")
        found = first[step] if isinstance(first, list) and 0 <= step < len(first) else one.get("items")
    else:
        named = one.get("properties")
        found = named.get(step) if isinstance(named, dict) else None
        found = one.get("additionalProperties") if found is None else found
    if found is True:
        return [{}]
    return [found] if isinstance(found, dict) else []
