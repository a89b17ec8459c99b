"""What a caller may set for an extraction, checked before any I/O, and the plan that follows from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Final, Literal, TypeVar, cast, get_args

from annotated_types import Len
from pydantic import GetPydanticSchema, TypeAdapter

from ..chat.build import check_extra_body, check_messages
from ..chat.message import Image, Parts
from ..chat.method import METHODS, MethodName
from ..chat.prompt import Prompt
from ..chat.sampling import Sampling, check_sampling
from ..errors import TargetError, UsageError
from ..target.compile import Target, compile_target
from ..target.invalid import Invalid
from ..vocabulary import JsonObject, JsonValue, Limit, show_found
from .agree import Agree
from .budget import Budget, check_prices
from .check import Check, check_places, checks_of
from .edit import edit_for
from .place import definitions, movable
from .plan import Link, Plan
from .reading import check_limit

T = TypeVar("T")
Missing = Literal["strict", "allow"]
UNTYPED: Final = frozenset({type(None), dict, list, tuple, set, frozenset})
Task = Literal["extract", "update", "generate"]
Source = str | Image | Parts | Sequence[Mapping[str, Any]]
"""A text, a picture, a mixture, or a message list that is sent untouched. Files are read by the client."""


class Ask(Sampling, total=False):
    """What may be set for one call; what is not given is as the extractor has it.

    Attributes:
        instructions: added to the task, e.g. "Amounts in cents."
        examples: pairs of a source text and the value that is right for it, of the target's type.
        validation_context: Pydantic's validation context.
        repair: how far repairs may go: `off`, `lossless`, `coerced` or `guessed`.
        budget: how much may be spent.
        checks: tests of the value that need more than its type; functions, or `Check(...)` for single places.
        agree: ask several times and compare; `n` alone does so too, with the defaults of `Agree`.
        extra_body: further body fields, sent as they are.

    """

    instructions: str
    examples: Sequence[tuple[str, object]]
    validation_context: object
    repair: Limit
    budget: Budget
    checks: Sequence[Callable[[Any], object] | Check]
    agree: Agree | None
    extra_body: Mapping[str, JsonValue]


OWN: Final = frozenset(Ask.__annotations__) - frozenset(Sampling.__annotations__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settings:
    """Everything about an extraction but its target, its source and its endpoints."""

    instructions: str = ""
    examples: tuple[tuple[str, object], ...] = ()
    validation_context: object = None
    repair: Limit = "coerced"
    method: MethodName | Literal["auto"] = "auto"
    missing: Missing = "strict"
    budget: Budget = field(default_factory=Budget)
    checks: tuple[Check, ...] = ()
    agree: Agree | None = None
    extra_body: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    sampling: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])

    def __post_init__(self) -> None:
        check_limit(self.repair)
        _one_of("method", self.method, ("auto", *METHODS))
        _one_of("missing", self.missing, get_args(Missing))
        if not isinstance(cast("object", self.instructions), str):
            raise UsageError(f"instructions is {show_found(self.instructions)}; it must be a str")
        if not isinstance(cast("object", self.budget), Budget):
            raise UsageError(f"budget is {show_found(self.budget)}; it must be a Budget(...)")
        if not isinstance(cast("object", self.agree), Agree | None):
            raise UsageError(f"agree is {show_found(self.agree)}; it must be an Agree(...)")
        check_extra_body(self.extra_body)
        check_sampling(self.sampling)

    def but(self, given: Mapping[str, Any]) -> Settings:
        """The same with some of them changed; sampling parameters are changed one by one."""
        if not given:
            return self
        own = {name: value for name, value in given.items() if name in OWN or name in ("method", "missing")}
        if "examples" in own:
            own["examples"] = _pairs(own["examples"])
        if "checks" in own:
            own["checks"] = checks_of(own["checks"])
        rest = {name: value for name, value in given.items() if name not in own}
        return replace(self, **own, sampling={**self.sampling, **rest})


def _one_of(name: str, value: object, allowed: Iterable[str]) -> None:
    words = tuple(allowed)
    if value not in words:
        raise UsageError(f"{name} is {show_found(value)}; it must be one of {', '.join(words)}")


def _pairs(examples: object) -> tuple[tuple[str, object], ...]:
    pairs: list[tuple[str, object]] = []
    if not isinstance(examples, list | tuple):
        raise UsageError(f"examples is {show_found(examples)}; it must be a list of pairs (source text, value)")
    for place, example in enumerate(cast("Sequence[object]", examples)):
        pair = _members(example)
        if len(pair) != 2 or not isinstance(pair[0], str):
            raise UsageError(f"examples[{place}] is {show_found(example)}; it must be a pair (source text, value)")
        pairs.append((pair[0], pair[1]))
    return tuple(pairs)


def _members(example: object) -> tuple[object, ...]:
    return tuple(cast("Sequence[object]", example)) if isinstance(example, tuple | list) else ()


def make_plan(
    target: object,
    prompt: Prompt,
    settings: Settings,
    chain: tuple[Link, ...],
    *,
    record: tuple[object] | None = None,
) -> Plan[Any]:
    """The plan of one extraction, or of the update of a record.

    Raises:
        TargetError: the target is none, or an example or the record is no value of it.
        UsageError: examples beside a message list.

    """
    compiled: Target[Any] = compile_target(target)
    if settings.examples and prompt.task == "messages":
        raise UsageError(
            "examples cannot be shown beside a message list, which is sent as it is: write them as user and assistant"
            " messages, or give the source as a text"
        )
    examples = tuple(
        (source, _encoded(compiled, value, f"examples[{place}]", settings.validation_context))
        for place, (source, value) in enumerate(settings.examples)
    )
    check_places(settings.checks, compiled)
    check_prices(settings.budget, [link.model for link in chain])
    base = None if record is None else _encoded(compiled, record[0], "the record", settings.validation_context)
    return Plan(
        target=compiled,
        chain=chain,
        prompt=replace(prompt, instructions=settings.instructions) if settings.instructions else prompt,
        examples=examples,
        sampling={name: value for name, value in settings.sampling.items() if name != "n"},
        extra_body=settings.extra_body,
        budget=settings.budget,
        repair=settings.repair,
        context=settings.validation_context,
        missing=settings.missing,
        checks=settings.checks,
        agree=settings.agree or _agree_of(settings.sampling),
        part=None if record is None else edit_for(compiled.schema, base),
        base=base,
    )


def _encoded(target: Target[Any], value: object, place: str, context: object) -> JsonValue:
    """An example's value as natural JSON: a value of the type, or plain data that the type takes."""
    try:
        try:
            return target.encode(value, context=context)
        except TargetError:
            if not isinstance(value, dict | list):
                raise
            return target.encode(
                target.validate(cast("JsonValue", value), strict=False, context=context), context=context
            )
    except (TargetError, Invalid) as error:
        raise TargetError(f"{place}: {error}") from error


def _agree_of(sampling: Mapping[str, JsonValue]) -> Agree | None:
    """Several choices are asked for to be compared."""
    wanted = sampling.get("n", 1)
    return Agree(samples=wanted) if isinstance(wanted, int) and wanted > 1 else None


def type_of_record(value: object, target: object) -> object:
    """The target of an update: what is given, else the type of the record."""
    if target is not None:
        return target
    kind = type(value)
    if kind in UNTYPED:
        raise UsageError(f"the record is a {kind.__name__}, whose type does not say what it holds; give target=")
    return kind


def prompt_of(source: object, task: Task = "extract") -> Prompt:
    """The prompt for a source; a UsageError says what to pass instead where it is none."""
    if isinstance(source, str | Image):
        source = Parts(source)
    if isinstance(source, Parts):
        if all(isinstance(part, str) and not part.strip() for part in source):
            raise UsageError("the source is empty: there is nothing to read in it")
        return Prompt(task=task, parts=source)
    if isinstance(source, list | tuple):
        return _prompt_of_messages(cast("Sequence[object]", source))
    if isinstance(source, bytes | bytearray):
        raise UsageError("the source is bytes: decode a text with .decode(), wrap a picture as Image(data)")
    raise UsageError(
        f"the source is a {type(source).__name__};"
        " give a str (text), a Path (file), an Image, Parts(...) or a message list"
    )


def _prompt_of_messages(items: Sequence[object]) -> Prompt:
    if not items:
        raise UsageError("the source is an empty list; give a text, a Path, an Image, Parts(...) or messages")
    messages = tuple(dict(cast("Mapping[str, JsonValue]", item)) for item in items if isinstance(item, Mapping))
    if len(messages) < len(items):
        raise UsageError(
            "a list is one source only if it holds messages:"
            " use map(target, sources) for many, Parts(...) for a mixture"
        )
    check_messages(messages)
    return Prompt(task="messages", messages=messages)


def many(target: object, count: int) -> object:
    """A target for a list of exactly `count` values of `target`."""
    if isinstance(count, bool) or not isinstance(cast("object", count), int) or count < 1:
        raise UsageError(f"count is {show_found(count)}; it must be a whole number of 1 or more")
    wanted = list_of(target)
    if isinstance(wanted, Mapping):
        return {**cast("Mapping[str, JsonValue]", wanted), "minItems": count, "maxItems": count}
    return Annotated[wanted, Len(count, count)]


def list_of(target: object) -> object:
    """A target for a list of values of `target`."""
    if isinstance(target, TypeAdapter):
        schema: Any = target.core_schema
        return list[Annotated[Any, GetPydanticSchema(lambda _source, _handler: schema)]]
    if not isinstance(target, Mapping):
        return list[target]  # type: ignore[valid-type]  # a type made at run time
    given = movable(dict(cast("Mapping[str, JsonValue]", target)))
    named = definitions(given)
    item: JsonObject = {key: value for key, value in given.items() if key not in named}
    return {"type": "array", "items": item, **named}
