"""What a dialect would make of a target: the data behind `extract schema TARGET --dialect D --explain`.

Nothing is printed here. Places are JSON Schema places (`$.properties.a`) for what the natural schema breaks, and the
user's own value paths (`$.a`) for what was rewritten or lost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ..vocabulary import JsonObject, JsonValue, Path
from .compile import compile_target
from .dialect import Dialect
from .judge import SIZES, Violation, measure, violations
from .lower import Loss, Lowered, lower
from .nodes import Node, walk
from .render import line_renderer

SHOWN_CHARS: Final = 120
"""Longest rendering of a type before or after."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One place whose shape on the wire is not the user's.

    Attributes:
        path: where, in the user's value; `*` stands for any key of a map, 0 for any item of a list, the first place behind
            those of a tuple for its further items.
        rules: the rules that the natural schema breaks there.
        before: the type as the user wrote it.
        after: the type as it is sent; None where it is carried inside its parent.

    """

    path: Path
    rules: tuple[str, ...]
    before: str
    after: str | None

    def to_dict(self) -> JsonObject:
        """As JSON, the path as a list."""
        return {"path": list(self.path), "rules": list(self.rules), "before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True)
class Use:
    """How much of one limit the lowered schema uses.

    Attributes:
        name: the limit's name in `Limits`.
        natural: what the natural schema would use.
        used: what the lowered schema uses.
        limit: what the dialect allows; None where no limit is known.

    """

    name: str
    natural: int
    used: int
    limit: int | None

    def to_dict(self) -> JsonObject:
        """As JSON."""
        return {"name": self.name, "natural": self.natural, "used": self.used, "limit": self.limit}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a dialect makes of a target.

    Attributes:
        name: the schema's name on the wire.
        dialect: the dialect's name.
        source: the page that the dialect's facts come from, and the day it was read.
        is_strict: whether the lowered schema may be sent strict.
        is_identity: whether answers need no decoding.
        rejected: where the natural schema would be refused as it is.
        ignored: where it would be taken and not enforced, in silence.
        rewrites: what lowering did about it.
        losses: what the lowered schema does not enforce; it is said in the descriptions and validated afterwards.
        uses: the limits, and how far they are used.
        remaining: where the lowered schema still breaks a rule; empty, or lowering has a bug.

    """

    name: str
    dialect: str
    source: str
    is_strict: bool
    is_identity: bool
    rejected: tuple[Violation, ...]
    ignored: tuple[Violation, ...]
    rewrites: tuple[Rewrite, ...]
    losses: tuple[Loss, ...]
    uses: tuple[Use, ...]
    remaining: tuple[Violation, ...]

    def to_dict(self) -> JsonObject:
        """As JSON, for `--json`."""
        return {
            "name": self.name,
            "dialect": self.dialect,
            "source": self.source,
            "is_strict": self.is_strict,
            "is_identity": self.is_identity,
            "rejected": [violation.to_dict() for violation in self.rejected],
            "ignored": [violation.to_dict() for violation in self.ignored],
            "rewrites": [rewrite.to_dict() for rewrite in self.rewrites],
            "losses": [_loss(loss) for loss in self.losses],
            "uses": [use.to_dict() for use in self.uses],
            "remaining": [violation.to_dict() for violation in self.remaining],
        }


def explain(target: object, dialect: str | Dialect = "openai") -> Explanation:
    """Tell what the dialect makes of the target.

    Raises:
        TargetError: the target has no JSON form.
        UsageError: there is no such dialect.

    """
    lowered: Lowered[Any] = lower(compile_target(target), dialect)
    natural = lowered.target.schema
    broken = tuple(one for one in violations(natural, lowered.dialect) if not _is_own_title(one, natural))
    return Explanation(
        name=lowered.name,
        dialect=lowered.dialect.name,
        source=lowered.dialect.source,
        is_strict=lowered.is_strict,
        is_identity=lowered.is_identity,
        rejected=tuple(violation for violation in broken if not violation.is_ignored),
        ignored=tuple(violation for violation in broken if violation.is_ignored),
        rewrites=tuple(_rewrites(natural, lowered, broken)),
        losses=lowered.losses,
        uses=tuple(_uses(natural, lowered)),
        remaining=violations(lowered.schema, lowered.dialect),
    )


def _is_own_title(violation: Violation, natural: JsonObject) -> bool:
    """Whether it is about a title that only spells the name that stands there already, as Pydantic writes them."""
    place = violation.place
    if place[-1:] != ("title",) or violation.rule != "keyword":
        return False
    title = _letters(_at(natural, place))
    return len(place) == 1 or title == _letters(place[-2]) or place[-3:-2] == ("$defs",)


def _letters(name: JsonValue) -> str:
    return "".join(char for char in str(name).lower() if char.isalnum())


def _loss(loss: Loss) -> JsonObject:
    return {"path": list(loss.path), "keyword": loss.keyword, "value": loss.value, "reason": loss.reason}


def _uses(natural: JsonObject, lowered: Lowered[Any]) -> Iterator[Use]:
    before, after = measure(natural), measure(lowered.schema)
    for name in SIZES:
        yield Use(name, before[name], after[name], getattr(lowered.dialect.limits, name))


# Rewrites -------------------------------------------------------------------------------------------------------------


def _rewrites(natural: JsonObject, lowered: Lowered[Any], broken: tuple[Violation, ...]) -> Iterator[Rewrite]:
    """One for each place that breaks a rule and looks different on the wire."""
    nodes = tuple(walk(natural))
    rules = _rules_by_node(broken, nodes)
    show_natural, show_wire = line_renderer(natural), line_renderer(lowered.schema)
    for place, path in _value_paths(natural, nodes).items():
        if place in rules:
            wire = _wire_node(lowered, path)
            before = _cut(show_natural(_at(natural, place)))
            after = None if wire is None else _cut(show_wire(wire))
            if before != after:
                yield Rewrite(path, rules[place], before, after)


def _rules_by_node(broken: tuple[Violation, ...], nodes: tuple[Node, ...]) -> dict[Path, tuple[str, ...]]:
    """The rules broken at each schema: a violation at a keyword belongs to the innermost schema around it."""
    places = {node.place for node in nodes}
    found: dict[Path, list[str]] = {}
    for violation in broken:
        place = violation.place
        while place not in places:
            place = place[:-1]
        found.setdefault(place, []).append(violation.rule)
    return {place: tuple(dict.fromkeys(rules)) for place, rules in found.items()}


def _value_paths(natural: JsonObject, nodes: tuple[Node, ...]) -> dict[Path, Path]:
    """The first value path by which each schema is reached, through references."""
    schemas = {node.place: node.schema for node in nodes}
    paths: dict[Path, Path] = {(): ()}
    queue: deque[Path] = deque([()])
    while queue:
        place = queue.popleft()
        for step, suffix in _below(schemas.get(place), place, natural):
            if step not in paths and step in schemas:
                paths[step] = paths[place] + suffix
                queue.append(step)
    return paths


def _below(schema: JsonObject | bool | None, place: Path, root: JsonObject) -> Iterator[tuple[Path, Path]]:
    """The schemas one step below, each with the step in the value that leads there."""
    if not isinstance(schema, dict):
        return
    target = _target(schema.get("$ref"), root)
    if target is not None:
        yield target, ()
    for key, value in schema.items():
        if key == "properties" and isinstance(value, dict):
            yield from (((*place, key, name), (name,)) for name in value)
        elif key in ("anyOf", "oneOf", "allOf") and isinstance(value, list):
            yield from (((*place, key, index), ()) for index in range(len(value)))
        elif key == "prefixItems" and isinstance(value, list):
            yield from (((*place, key, index), (index,)) for index in range(len(value)))
        elif key == "items":
            before = schema.get("prefixItems")
            yield (*place, key), (len(before) if isinstance(before, list) else 0,)
        elif key == "additionalProperties":
            yield (*place, key), ("*",)


def _target(reference: JsonValue, root: JsonObject) -> Path | None:
    """The place of the definition that a plain reference names."""
    if not isinstance(reference, str):
        return None
    if reference == "#":
        return ()
    steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in reference.split("/")[1:])
    return steps if _at(root, steps) is not None else None


def _at(schema: JsonValue, place: Path) -> JsonValue:
    """What stands at a place; None where there is nothing."""
    for step in place:
        if isinstance(schema, dict) and isinstance(step, str):
            schema = schema.get(step)
        elif isinstance(schema, list) and isinstance(step, int) and step < len(schema):
            schema = schema[step]
        else:
            return None
    return schema


def _wire_node(lowered: Lowered[Any], path: Path) -> JsonValue:
    """The lowered schema at a user's path; None where the path has no place of its own on the wire."""
    if "*" in path:
        return None
    place = lowered.wire_path(path)
    node: JsonValue = lowered.schema
    for step in place or ():
        node = _step(node, step, lowered.schema)
    return None if place is None else node


def _step(node: JsonValue, step: str | int, root: JsonObject) -> JsonValue:
    """The schema of one key or item, through references and the first union member that has it."""
    for candidate in _members(node, root):
        if isinstance(step, int):
            prefix = candidate.get("prefixItems")
            if isinstance(prefix, list) and step < len(prefix):
                return prefix[step]
            if "items" in candidate:
                return candidate["items"]
        properties = candidate.get("properties")
        if isinstance(properties, dict) and step in properties:
            return properties[str(step)]
    return None


def _members(node: JsonValue, root: JsonObject) -> Iterator[JsonObject]:
    """A schema, what it refers to, and the members of its unions; each reference once."""
    stack, seen = [node], set[str]()
    while stack:
        schema = stack.pop()
        if not isinstance(schema, dict):
            continue
        yield schema
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            seen.add(reference)
            target = _target(reference, root)
            stack.append(None if target is None else _at(root, target))
        members = schema.get("anyOf")
        if isinstance(members, list):
            stack.extend(reversed(members))


def _cut(line: str) -> str:
    return line if len(line) <= SHOWN_CHARS else line[: SHOWN_CHARS - 1] + "…"
