"""From a model's text to a value of the user's type, with every change on record.

Pure, and total: bad text is a result, not an error.

Strict JSON of the right type is taken as it is. Else every JSON value that the text may hold is decoded from the wire
form, validated strictly, fitted, validated again; what remains is weighed. Where two differing values stand, one is
taken only by a rule that is right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar, cast, get_args, overload

from pydantic import TypeAdapter
from typing_extensions import TypeForm

from ..errors import UsageError
from ..fit.fitting import Fitter, fitter
from ..fit.scalars import JSON_WORDS, PYTHON_WORDS
from ..fit.words import fold, is_negated
from ..target.compile import Target
from ..target.invalid import Invalid
from ..target.lower import Lowered, lower
from ..text import Candidate, Hints, candidates, dumps, loads, split_reasoning
from ..text.decode import decode_fast
from ..text.mend import check_text
from ..text.strict import BEGINNINGS, Repeated, decoder
from ..vocabulary import (
    TRUSTS,
    Issue,
    JsonObject,
    JsonValue,
    Limit,
    Path,
    Repair,
    Trust,
    is_within,
    least_trust,
    show_found,
)
from .errors import InvalidOutputError
from .held import other_class
from .names import has_maps, key_names, label_names, optional_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

T = TypeVar("T")

Kind = Literal["nothing", "invalid", "ambiguous", "limit", "cut"]

MAX_CANDIDATES: Final = 40
SCALARS: Final = frozenset(["integer", "number", "boolean", "string", "null"])
ENDINGS: Final = {"{": "}", "[": "]", '"': '"'}
"""With which characters valid JSON ends, by its first one."""
CUT_SCALARS: Final = frozenset(["cut_number", "cut_literal"])


@dataclass(frozen=True, slots=True)
class _Text:
    """Valid JSON text that nobody has needed as a value yet."""

    text: str


@dataclass(slots=True)
class Reading(Generic[T]):
    """A value of the user's type, and how it was read.

    Attributes:
        value: the value.
        repairs: every difference between the text and the value.
        rivals: the other valid values that the text held, as natural JSON, in their order.
        is_cut: whether the answer ended before it was complete.
        source: what `json` is made from.

    """

    value: T
    source: JsonValue | _Text
    repairs: tuple[Repair, ...] = ()
    rivals: tuple[JsonValue, ...] = ()
    is_cut: bool = False

    @property
    def json(self) -> JsonValue:
        """The natural JSON behind the value."""
        if isinstance(self.source, _Text):
            self.source = loads(self.source.text)
        return self.source


@dataclass(frozen=True, slots=True)
class Unread:
    """A text that gave no value.

    Attributes:
        issues: what is wrong, in the user's names.
        json: the best natural JSON so far, for a re-ask, a patch, the partial value; None where there is none.
        repairs: what led to `json`.
        is_cut: whether the answer ended before it was complete.
        kind: `nothing` (no JSON at all), `invalid`, `ambiguous` (several valid values that differ), `limit` (valid
            only with repairs that
            are not allowed), `cut`.
        open_path: the innermost place that was still open at the cut.

    """

    issues: tuple[Issue, ...]
    json: JsonValue = None
    repairs: tuple[Repair, ...] = ()
    is_cut: bool = False
    kind: Kind = "invalid"
    open_path: Path | None = None


@dataclass(frozen=True, slots=True)
class _Tried:
    """One candidate, taken as far as it goes; `value` counts only where there are no issues."""

    candidate: Candidate
    json: JsonValue
    value: Any = None
    repairs: tuple[Repair, ...] = ()
    issues: tuple[Issue, ...] = ()
    left_over: int = 0

    @property
    def rank(self) -> int:
        """How far the least trusted repair goes: 0 for none or lossless, 1 coerced, 2 guessed."""
        trust = least_trust(self.repairs)
        return 0 if trust is None else TRUSTS.index(trust)

    @property
    def cost(self) -> tuple[int, int, int, int]:
        """For choosing the best of the invalid ones."""
        return len(self.issues), self.rank, self.left_over, len(self.repairs)


@overload
def parse(
    target: Lowered[T], text: str, *, repair: Limit = ..., validation_context: object = ..., cut: bool = ...
) -> T: ...
@overload
def parse(
    target: TypeAdapter[T], text: str, *, repair: Limit = ..., validation_context: object = ..., cut: bool = ...
) -> T: ...
@overload
def parse(
    target: TypeForm[T], text: str, *, repair: Limit = ..., validation_context: object = ..., cut: bool = ...
) -> T: ...
@overload
def parse(
    target: Mapping[str, JsonValue],
    text: str,
    *,
    repair: Limit = ...,
    validation_context: object = ...,
    cut: bool = ...,
) -> JsonValue: ...
def parse(
    target: Any, text: str, *, repair: Limit = "coerced", validation_context: object = None, cut: bool = False
) -> Any:
    """The value that a model's text holds.

    Args:
        target: as in `Extractor.extract`, or what `lower` made of it.
        text: the model's answer, as it was written.
        repair: how far repairs may go.
        validation_context: Pydantic's validation context.
        cut: the answer is known to be truncated.

    Raises:
        InvalidOutputError: the text holds no valid value within that limit.
        TargetError: the target cannot be used.
        UsageError: the text is no str, or the limit is none.

    """
    return read(target, text, repair=repair, validation_context=validation_context, cut=cut).value


@overload
def read(
    target: Lowered[T], text: str, *, repair: Limit = ..., validation_context: object = ..., cut: bool = ...
) -> Reading[T]: ...
@overload
def read(
    target: TypeAdapter[T], text: str, *, repair: Limit = ..., validation_context: object = ..., cut: bool = ...
) -> Reading[T]: ...
@overload
def read(
    target: TypeForm[T], text: str, *, repair: Limit = ..., validation_context: object = ..., cut: bool = ...
) -> Reading[T]: ...
@overload
def read(
    target: Mapping[str, JsonValue],
    text: str,
    *,
    repair: Limit = ...,
    validation_context: object = ...,
    cut: bool = ...,
) -> Reading[JsonValue]: ...
def read(
    target: Any, text: str, *, repair: Limit = "coerced", validation_context: object = None, cut: bool = False
) -> Reading[Any]:
    """Like `parse`, with the repairs and the other candidates."""
    check_limit(repair)
    check_text(text)
    lowered: Lowered[Any] = cast("Any", target) if isinstance(target, Lowered) else lower(target, "plain")
    found = examine(lowered, text, repair=repair, context=validation_context, cut=cut)
    if isinstance(found, Reading):
        return found
    raise InvalidOutputError(issues=found.issues, text=text, partial=found.json)


def check_limit(limit: object) -> None:
    """Raise a UsageError for a word that is no limit of repairs."""
    if limit not in get_args(Limit):
        raise UsageError(f"repair is {show_found(limit)}; it must be one of {', '.join(get_args(Limit))}")


def examine(
    lowered: Lowered[T],
    text: str,
    *,
    repair: Limit = "coerced",
    context: object = None,
    cut: bool = False,
    names: frozenset[str] = frozenset(),
) -> Reading[T] | Unread:
    """What a text holds for a target: a value, or what is wrong. Never raises for bad text."""
    return _Examination(lowered, repair, context, cut=cut, names=names).of(text)


class _Key:
    """A schema as a key: the very object."""

    __slots__ = ("is_python", "name", "names", "schema")

    def __init__(self, schema: JsonObject, names: frozenset[str], name: str, *, is_python: bool) -> None:
        self.schema = schema
        self.names = names
        self.name = name
        self.is_python = is_python

    def __hash__(self) -> int:
        return id(self.schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and (
            other.schema is self.schema
            and other.names == self.names
            and other.name == self.name
            and other.is_python == self.is_python
        )


@dataclass(frozen=True, slots=True)
class _Ready:
    """What is made once per schema."""

    fit: Fitter
    hints: Hints
    is_text: bool
    is_hollow: bool
    has_closed_names: bool
    quoted_names: tuple[str, ...]
    telling: frozenset[str]


@lru_cache(maxsize=256)
def _ready(key: _Key) -> _Ready:
    names = key.names | {key.name}
    fit = fitter(key.schema, names=names, keeps_unknown=not key.is_python)
    kinds = fit.kinds
    wanted = kinds | {"object", "array"} if kinds else kinds
    labels: frozenset[str] = label_names(key.schema) if key.is_python else frozenset()
    hints = Hints(keys=key_names(key.schema), kinds=wanted, names=names, exact=True)
    return _Ready(
        fit,
        hints,
        kinds == frozenset(["string"]) and fit.is_free_text(()),
        fit.is_hollow,
        bool(hints.keys) and not has_maps(key.schema),
        tuple(f'"{name}"' for name in hints.keys),
        frozenset(map(fold, optional_names(key.schema))) | labels,
    )


KEYS: Final = re.compile(r'"([^"\\]{1,80})"\s{0,9}:')


class _Examination(Generic[T]):
    """One text read for one target."""

    def __init__(
        self, lowered: Lowered[T], repair: Limit, context: object, *, cut: bool, names: frozenset[str]
    ) -> None:
        self.lowered = lowered
        self.target: Target[T] = lowered.target
        self.repair: Limit = repair
        self.context = context
        self.cut = cut
        self.names = names
        self._ready: _Ready | None = None

    @property
    def ready(self) -> _Ready:
        """The fitter and hints of this target."""
        if self._ready is None:
            self._ready = _ready(
                _Key(self.target.schema, self.names, self.target.name, is_python=self.target.is_python)
            )
        return self._ready

    def of(self, text: str) -> Reading[T] | Unread:
        """The reading of a text."""
        quick = self._quick(text)
        if quick is not None:
            return quick
        ready = self.ready
        if ready.is_text:
            return self._as_text(text)
        if not text.strip():
            return Unread(
                (Issue((), "nothing", "the answer is empty"),), kind="cut" if self.cut else "nothing", is_cut=self.cut
            )
        found = candidates(text, ready.hints)
        if self.ready.fit.item is None:
            found = found[-MAX_CANDIDATES:]
        found = tuple(one for one in found if not is_echo(one.value, self.target.schema))
        if len(found) > 1:
            found = tuple(one for one in found if not is_template(one.value)) or found
        tried = [self._try(candidate) for candidate in found]
        tried += self._joined(tried, text) + self._pieces(tried, text)
        if not any(not one.issues for one in tried):
            tried += self._phrase(text)
        if not tried:
            return Unread(
                (Issue((), "json_invalid", "no JSON was found in the answer", show_found(text)),),
                kind="cut" if self.cut else "nothing",
                is_cut=self.cut,
            )
        return self._choose(tried, text)

    def _quick(self, text: str) -> Reading[T] | None:
        """Valid JSON of the right type, without a look at anything else."""
        if not self.lowered.is_identity or self.target.is_any or (self.cut and not text.rstrip().endswith(("}", "]"))):
            return None
        begin, end = text.lstrip()[:1], text.rstrip()[-1:]
        if begin not in BEGINNINGS or ENDINGS.get(begin, end) != end:
            return None
        if "\\ud" in text or "\\uD" in text or "NaN" in text or "Infinity" in text:
            return None  # maybe half a character, or a number that JSON does not know
        try:
            value = self.target.validate_text(text, strict=True, context=self.context)
        except Invalid:
            return None
        ready = self.ready
        if ready.is_hollow and not self._names_something(loads(text)):
            return None
        return None if self._repeats(text) or self._may_tell(text) else Reading(value, _Text(text))

    def _may_tell(self, text: str) -> bool:
        """Whether valid JSON may name an optional member in another spelling, or the type of a value: both would be lost.

        Counting the known names tells for most texts that there are no others.
        """
        ready = self.ready
        if not ready.telling:
            return False
        if '" :' not in text and text.count('":') == sum(text.count(f"{name}:") for name in ready.quoted_names):
            return False
        return any(fold(name) in ready.telling for name in set(KEYS.findall(text)) - ready.hints.keys)

    def _tells(self, value: JsonValue) -> bool:
        """The same for a value."""
        known, telling = self.ready.hints.keys, self.ready.telling
        todo = [value] if telling else []
        while todo:
            part = todo.pop()
            if isinstance(part, dict):
                if any(key not in known and fold(key) in telling for key in part):
                    return True
                todo.extend(member for member in part.values() if isinstance(member, (dict, list)))
            elif isinstance(part, list):
                todo.extend(item for item in part if isinstance(item, (dict, list)))
        return False

    def _repeats(self, text: str) -> bool:
        """Whether an object holds a key twice; a look at each known name tells for most texts that none does."""
        ready = self.ready
        if ready.has_closed_names:
            for name in ready.quoted_names:
                if text.count(name) > 1:
                    break
            else:
                return False
        if isinstance(decode_fast(text, len(text) - len(text.lstrip()), exact=False), tuple):
            return False
        repeated: list[Repeated] = []
        try:
            decoder(repeated, exact=True).decode(text.strip())
        except (ValueError, RecursionError):  # NaN, which Pydantic takes for JSON
            return True
        return bool(repeated)

    def _names_something(self, value: JsonValue) -> bool:
        """Whether an object for a type that requires nothing holds at least one member of that type."""
        return not isinstance(value, dict) or not value or bool(value.keys() & self.ready.fit.known_names)

    def _as_text(self, text: str) -> Reading[T] | Unread:
        """A target that takes any text: a JSON string, the wire form around one, or the text as it is."""
        try:
            natural = self.lowered.decode(loads(text)).value
        except ValueError:
            natural = None
        issues: tuple[Issue, ...] = ()
        answer, thoughts = split_reasoning(text)
        aside = () if thoughts is None else (Repair((), "reasoning", show_found(thoughts), None, "lossless"),)
        for said, repairs in ((natural, ()), (answer, aside)):
            if isinstance(said, str):
                try:
                    value = self.target.validate(said, strict=True, context=self.context)
                except Invalid as error:
                    issues = error.issues
                else:
                    return Reading(value, said, repairs) if not self.cut else self._cut_text(value, said)
        return Unread(issues, json=answer, is_cut=self.cut)

    def _cut_text(self, value: T, said: str) -> Reading[T] | Unread:
        repairs = (Repair((), "cut_string", said[-80:], said[-80:], "guessed"),)
        if self.repair == "guessed":
            return Reading(value, said, repairs, is_cut=True)
        return Unread((Issue((), "cut", "the answer was cut"),), said, repairs, is_cut=True, kind="cut", open_path=())

    # --- one candidate

    def _try(self, candidate: Candidate) -> _Tried:
        """A candidate, decoded, validated, fitted, validated again."""
        if candidate.is_cut:
            return self._try_cut(candidate)
        if self.cut and (candidate.origin == "lines" or not isinstance(candidate.value, (dict, list))):
            return _Tried(
                candidate,
                None,
                None,
                candidate.repairs,
                (Issue((), "cut", "the answer was cut, so its end cannot be trusted"),),
            )
        return self._try_value(candidate, candidate.value, candidate.repairs)

    def _try_value(self, candidate: Candidate, wire: JsonValue, repairs: tuple[Repair, ...]) -> _Tried:
        decoded = self.lowered.decode(wire)
        natural, repairs = decoded.value, repairs + tuple(decoded.repairs)
        try:
            text = candidate.text if natural is candidate.value else None
            value = self.target.validate(natural, strict=True, context=self.context, text=text)
        except Invalid as error:
            issues = error.issues
        else:
            if self._tells(natural):
                tried = self._try_fitted(candidate, natural, repairs, ())
                is_allowed = all(is_within(repair.trust, self.repair) for repair in tried.repairs)
                told = TELLING.intersection(one.rule for one in tried.repairs)
                if is_allowed and told and (not tried.issues or "member_named" in told):
                    return tried
            if self.target.is_any or not self.ready.is_hollow or self._names_something(natural):
                left_over = 0
                if not UNSETTLING.isdisjoint(repair.rule for repair in repairs):
                    left_over = self.ready.fit.left_over(natural)
                return _Tried(candidate, natural, value, repairs + unknown_members(repairs, left_over), (), left_over)
            issues = (Issue((), "no_known_member", "holds no member of the wanted object", show_found(natural)),)
        return self._try_fitted(candidate, natural, repairs, issues)

    def _try_fitted(
        self, candidate: Candidate, natural: JsonValue, repairs: tuple[Repair, ...], issues: tuple[Issue, ...]
    ) -> _Tried:
        if self.repair == "off":
            return _Tried(candidate, natural, None, repairs, issues)
        python = any(repair.rule == "literal" and repair.before in PYTHON_WORDS for repair in repairs)
        is_call = any(repair.rule == "call" for repair in repairs)
        words = PYTHON_WORDS if python else JSON_WORDS
        fitted = self.ready.fit(natural, "guessed", words=words, is_call=is_call)
        if is_picked_up(candidate, fitted.repairs):
            return _Tried(candidate, natural, None, repairs, issues, fitted.left_over)
        if self.ready.is_hollow and not self._names_something(fitted.value):
            return _Tried(candidate, natural, None, repairs, issues, fitted.left_over)
        repairs += fitted.repairs + unknown_members(repairs, fitted.left_over)
        try:
            value = self.target.validate(fitted.value, strict=True, context=self.context)
        except Invalid as error:
            return self._try_lax(candidate, fitted.value, repairs, error.issues, fitted.left_over)
        problems = self._stiff(fitted.value, fitted.repairs) or self._misnamed(value, fitted.repairs)
        if problems:
            return _Tried(candidate, natural, None, repairs, problems, fitted.left_over)
        return _Tried(candidate, fitted.value, value, repairs, (), fitted.left_over)

    def _stiff(self, value: JsonValue, repairs: tuple[Repair, ...]) -> tuple[Issue, ...]:
        """Places that the type itself declares strict (`Field(strict=True)`) and that fitting has changed.

        Pydantic's lax mode takes a number or boolean as text everywhere but there.
        """
        changed = [repair for repair in repairs if repair.rule in RETYPING and isinstance(repair.after, (int, float))]
        if not changed or not self.target.is_python:
            return ()
        for repair in changed:
            value = replaced(value, repair.path, dumps(repair.after))
        try:
            self.target.validate(value, strict=False, context=self.context)
        except Invalid as error:
            return tuple(issue for issue in error.issues if issue.kind in ("int_type", "float_type", "bool_type"))
        return ()

    def _misnamed(self, value: T, repairs: tuple[Repair, ...]) -> tuple[Issue, ...]:
        """Places where the answer names a member of a union, but the type reads it as another that looks the same."""
        named = [repair for repair in repairs if repair.rule == "member_named"] if self.target.is_python else []
        return tuple(
            Issue(
                one.path,
                "member_named",
                f"is a {one.after}, which the type reads as {other}; a discriminator would tell them apart",
                show_found(one.before),
            )
            for one in named
            if (other := other_class(value, one.path, str(one.after))) is not None
        )

    def _try_lax(
        self,
        candidate: Candidate,
        natural: JsonValue,
        repairs: tuple[Repair, ...],
        issues: tuple[Issue, ...],
        left_over: int,
    ) -> _Tried:
        """Pydantic's lax reading, with an entry for every place that strict validation refused."""
        try:
            value = self.target.validate(natural, strict=False, context=self.context)
        except Invalid as error:
            return _Tried(candidate, natural, None, repairs, error.issues, left_over)
        after = self._encoded(value)
        entries = tuple(lax_repair(natural, after, issue.loc) for issue in issues)
        if after is not None:
            for one in entries:
                natural = replaced(natural, one.path, one.after)
        return _Tried(candidate, natural, value, repairs + entries, (), left_over)

    def _encoded(self, value: T) -> JsonValue:
        try:
            return self.target.encode(value)
        except ValueError:
            return None

    def _try_cut(self, candidate: Candidate) -> _Tried:
        """A cut candidate without what was cut; a cut text stays where any text may stand."""
        cuts = [repair for repair in candidate.repairs if repair.rule in CUT_SCALARS or repair.rule == "cut_string"]
        closed = candidate.value
        kept = candidate.value
        for repair in cuts:
            closed = without(closed, repair.path)
            if repair.rule in CUT_SCALARS or not self.ready.fit.is_free_text(repair.path):
                kept = without(kept, repair.path)
        if self.repair == "guessed" and kept is not _NOTHING:
            tried = self._try_value(candidate, kept, candidate.repairs)
            if not tried.issues:
                return tried
        if closed is _NOTHING:
            return _Tried(candidate, None, None, candidate.repairs, (Issue((), "cut", "the answer was cut"),))
        return self._try_value(candidate, closed, candidate.repairs)

    # --- several candidates

    def _joined(self, tried: list[_Tried], text: str) -> list[_Tried]:
        """Several values for a list that each are an item of it, or a part of the list: calls one after another, one object a line."""
        item = self.ready.fit.item
        parts = [one.candidate for one in tried if isinstance(one.candidate.value, (dict, list))]
        if item is None or len(parts) < 2 or any(part.is_cut for part in parts[:-1]):
            return []
        cut = parts.pop() if parts[-1].is_cut else None
        gaps = [text[left.end : right.start] for left, right in pairwise(parts)]
        are_close = all(is_gap(gap) for gap in gaps)
        if any(isinstance(part.value, list) for part in parts) and not (are_close and are_joint(gaps, parts)):
            return []
        values: list[JsonValue] = []
        repairs: list[Repair] = [
            Repair((), "documents_joined", len(parts), None, "coerced" if are_close else "guessed")
        ]
        for part in parts:
            repairs += [
                repair.under((len(values),)) for repair in part.repairs if repair.rule != "prose" or not are_close
            ]
            values += part.value if isinstance(part.value, list) else [part.value]
        if not all(not item(value, "coerced").issues for value in values):
            return []
        if cut is not None:  # the last one is not complete: what is before it is, and the answer counts as cut
            repairs.append(Repair((), "cut_container", None, None, "guessed"))
        whole = Candidate(
            values,
            (),
            parts[0].start,
            parts[-1].end,
            is_cut=cut is not None,
            open_path=None if cut is None else (),
            origin=parts[0].origin,
        )
        joined = self._try_value(whole, values, tuple(repairs))
        if joined.issues:
            return []
        members = {id(part) for part in (*parts, cut)}
        tried[:] = [one for one in tried if id(one.candidate) not in members]
        return [joined]

    def _pieces(self, tried: list[_Tried], text: str) -> list[_Tried]:
        """Objects one after another that are the members of one object, no member twice."""
        parts = [one.candidate for one in tried]
        known = self.ready.fit.known_names
        if not 2 <= len(parts) <= MAX_CANDIDATES or any(part.is_cut for part in parts):
            return []
        if not all(is_gap(text[left.end : right.start]) for left, right in pairwise(parts)):
            return []
        joined: dict[str, JsonValue] = {}
        for part in parts:
            if not isinstance(part.value, dict) or part.value.keys() & joined.keys() or not part.value.keys() & known:
                return []
            joined.update(part.value)
        repairs = [Repair((), "parts_joined", len(parts), None, "coerced")]
        repairs += [repair for part in parts for repair in part.repairs if repair.rule != "prose"]
        whole = Candidate(joined, (), parts[0].start, parts[-1].end, origin=parts[0].origin)
        one = self._try_value(whole, joined, tuple(repairs))
        if one.issues:
            return []
        tried[:] = []
        return [one]

    def _phrase(self, text: str) -> list[_Tried]:
        """The text itself, where a single word or number is wanted."""
        kinds = self.ready.fit.kinds
        if self.cut or len(text) > 2000:
            return []
        answer, thoughts = split_reasoning(text)
        said = answer.strip().strip("`").strip()
        if said.count('"') % 2 or said[:1] in "[{“「":  # the begin of something else
            return []
        repairs: tuple[Repair, ...] = ()
        if not said:
            return []
        if thoughts is not None:
            repairs = (Repair((), "reasoning", show_found(thoughts), None, "lossless"),)
        if tagged := TAGGED.fullmatch(said):
            said = tagged[2].strip()
            repairs += (Repair((), "markup", f"<{tagged[1]}>", None, "lossless"),)
        boxed = BOXED.findall(said)
        if len(boxed) == 1:
            repairs += (Repair((), "label_removed", "\\boxed", None, "coerced"),)
            said = boxed[0].strip()
        elif labelled := LABELLED.fullmatch(said):
            repairs += (Repair((), "label_removed", labelled[1], None, "coerced"),)
            said = labelled[2].strip()
        whole = Candidate(said, (), 0, len(text), origin="prose")
        if kinds and kinds <= SCALARS:
            return [self._try_value(whole, said, repairs)]
        if kinds == frozenset({"array"}):  # 1, 2, 3
            one = self._try_value(whole, said, repairs)
            is_list = any(
                repair.rule == "text_split" and repair.trust == "coerced" and not repair.path for repair in one.repairs
            )
            return [one] if is_list else []
        return []

    def _choose(self, tried: list[_Tried], text: str) -> Reading[T] | Unread:
        valid = [one for one in tried if not one.issues]
        if not valid:
            return self._unread(min(tried, key=lambda one: one.cost))
        values = distinct(valid)
        chosen, sure = best_of(values)
        last = None if sure else superseding(values, text)
        chosen = last or chosen
        rivals = tuple(one.json for one in values if one is not chosen)
        if last is not None:
            entry = Repair((), "superseded", len(rivals), None, "coerced")
            chosen, sure = replace(chosen, repairs=(*chosen.repairs, entry)), True
        if not sure:
            entry = Repair((), "one_of_several", len(rivals) + 1, None, "guessed")
            chosen = replace(chosen, repairs=(*chosen.repairs, entry))
        if (lost := self._left_out(chosen, tried)) is not None:
            entry = Repair((), "document_dropped", show_found(lost), None, "guessed")
            chosen = replace(chosen, repairs=(*chosen.repairs, entry))
        beyond = [repair for repair in chosen.repairs if not is_within(repair.trust, self.repair)]
        if not beyond:
            return Reading(chosen.value, chosen.json, chosen.repairs, rivals, is_cut=chosen.candidate.is_cut)
        if chosen.candidate.is_cut:
            return self._unread(chosen)
        if beyond == [repair for repair in beyond if repair.rule == "one_of_several"]:
            issue = Issue((), "ambiguous", f"the answer holds {len(rivals) + 1} values that differ; give exactly one")
            return Unread((issue,), chosen.json, chosen.repairs, kind="ambiguous")
        issues = tuple(limit_issue(repair, self.repair) for repair in beyond)
        return Unread(issues, chosen.json, chosen.repairs, kind="limit")

    def _left_out(self, chosen: _Tried, tried: list[_Tried]) -> JsonValue:
        """An object beside the chosen one that holds nothing but known members, one of which the chosen one lacks."""
        known = self.ready.fit.known_names
        if not known or not isinstance(chosen.json, dict):
            return None
        for one in tried:
            value = one.candidate.value
            if not one.issues or one.candidate.is_cut or not isinstance(value, dict) or not value:
                continue
            if value.keys() <= known and not value.keys() <= chosen.json.keys():
                return value
        return None

    def _unread(self, one: _Tried) -> Unread:
        is_cut = one.candidate.is_cut or self.cut
        wire = one.candidate.open_path
        open_path = None if wire is None else by_keys(self.lowered.user_path(wire), one.json)
        issues = one.issues or (Issue(open_path or (), "cut", "the answer was cut here"),)
        return Unread(issues, one.json, one.repairs, is_cut, "cut" if is_cut else "invalid", open_path)


_NOTHING: Final[JsonValue] = cast("JsonValue", object())


def by_keys(path: Path, value: JsonValue) -> Path:
    """A path in which an entry of a map goes by its key, where the wire could only say which one it is."""
    steps: list[str | int] = []
    for at, step in enumerate(path):
        if isinstance(value, dict) and isinstance(step, int):
            names = list(value)
            if step >= len(names):
                return tuple(steps)  # the entry has no value yet
            steps.append(names[step])
        else:
            steps.append(step)
        inside = member(value, steps[-1])
        if inside is None:
            return (*steps, *path[at + 1 :])
        value = inside[0]
    return tuple(steps)


def without(value: JsonValue, path: Path) -> JsonValue:
    """A value without what stands at a path; a list loses its end there."""
    if value is _NOTHING or not path:
        return _NOTHING
    step, rest = path[0], path[1:]
    if isinstance(value, dict) and isinstance(step, str) and step in value:
        inner = without(value[step], rest)
        return {
            key: (inner if key == step else part) for key, part in value.items() if key != step or inner is not _NOTHING
        }
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        inner = without(value[step], rest)
        return [*value[:step], *([] if inner is _NOTHING else [inner])]
    return value


RETYPING: Final = frozenset(
    [
        "number_in_text",
        "unit_removed",
        "thousands",
        "decimal_comma",
        "percent",
        "magnitude_word",
        "number_in_phrase",
        "boolean_word",
    ]
)


def replaced(value: JsonValue, path: Path, new: JsonValue) -> JsonValue:
    """A value with another one at a path that exists in it."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, dict) and isinstance(step, str) and step in value:
        return {**value, step: replaced(value[step], rest, new)}
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return [*value[:step], replaced(value[step], rest, new), *value[step + 1 :]]
    return value


TEMPLATE: Final = re.compile(
    r"(?:str(?:ing)?|text|int(?:eger)?|number|float|double|decimal|bool(?:ean)?|null|date|datetime|list|array|object|any|\.{3}|…|YYYY-MM-DD"
    r"|<[^<>]{1,80}>|\[[^\[\]]{1,80}\]|\{[^{}]{1,80}\})(?:\s?(?:\||or|,)\s?(?:null|none|optional))?",
    re.IGNORECASE,
)


def is_template(value: JsonValue) -> bool:
    """Whether an object only shows the form of an answer: texts are names of types or places to fill in, numbers 0."""
    texts = 0
    todo: list[JsonValue] = [value] if isinstance(value, dict) else []
    while todo:
        part = todo.pop()
        if isinstance(part, str):
            if TEMPLATE.fullmatch(part.strip()) is None:
                return False
            texts += 1
        elif isinstance(part, (int, float)) and part:
            return False
        elif isinstance(part, (dict, list)):
            todo.extend(part.values() if isinstance(part, dict) else part)
    return texts > 0


FINAL: Final = re.compile(
    r"(?:\b(?:final|corrected|correction|revised|endgültig\w*|korrigiert\w*|finale?|corrigée?|definitiv[ao])\b|最终|最終|修正|更正)[^\n{}\[\].!?。]{0,60}[:：]?[*_]{0,2}\s*(?:[`~]{3,}\w{0,20}\s*|`)?\Z",
    re.IGNORECASE,
)


def superseding(valid: list[_Tried], text: str) -> _Tried | None:
    """The last value, where the words right before it, and before no other, say that it is the final or corrected one."""
    values = sorted(valid, key=lambda one: one.candidate.start)
    last = values[-1]
    if last.rank > 1 or last.candidate.start <= values[-2].candidate.start:
        return None
    labelled: list[bool] = []
    for before, one in zip([0, *(one.candidate.end for one in values[:-1])], values, strict=True):
        start = one.candidate.start
        head = text[max(start - 200, before) : start]
        found = FINAL.search(head)
        labelled.append(found is not None and not is_negated(head[max(0, found.start() - 40) :]))
    return last if labelled[-1] and not any(labelled[:-1]) else None


def is_echo(value: JsonValue, schema: JsonObject) -> bool:
    """Whether a value repeats the question: the schema itself, or a JSON Schema where none is wanted."""
    if not isinstance(value, dict):
        return False
    if value == schema:
        return True
    properties = value.get("properties")
    if not isinstance(properties, dict) or not ({"type", "$defs", "$schema", "required", "title"} & value.keys()):
        return False
    described = [
        part
        for part in properties.values()
        if isinstance(part, dict) and ({"type", "$ref", "anyOf", "enum"} & part.keys()) and "value" not in part
    ]
    wanted = schema.get("properties")
    is_wanted = isinstance(wanted, dict) and "properties" in wanted
    return bool(properties) and len(described) == len(properties) and not is_wanted


TAGGED: Final = re.compile(r"<([a-zA-Z_]{1,30})>([^<>]*)</\1>")
BOXED: Final = re.compile(r"\\boxed\{([^{}\n]{1,80})\}")
LABELLED: Final = re.compile(
    r"(?:the\s)?((?:\*\*|__)?(?:final\s|correct\s)?(?:answer|result|output|value|response|label|category|class|classification|sentiment|verdict|prediction"
    r"|antwort|ergebnis|答案|结果|الجواب)(?:\*\*|__)?\s?(?:(?:\sis\s?)?[:：=](?:\*\*|__)?|\sis\s))\s{0,9}([^\n]+)",
    re.IGNORECASE,
)
TELLING: Final = frozenset(["key_spelling", "call_unwrapped", "tag_moved", "member_named"])
"""Repairs that say more of a value than the type sees in it."""
UNSETTLING: Final = frozenset(
    [
        "inner_quotes",
        "raw_control",
        "missing_quote",
        "missing_end",
        "missing_comma",
        "missing_colon",
        "extra_comma",
        "bare_string",
        "dropped_text",
    ]
)
"""Rules after which a string may have ended too early, so that the rest of it looks like further members."""


def unknown_members(repairs: tuple[Repair, ...], count: int) -> tuple[Repair, ...]:
    """The entry for members that no property names, in a text whose strings could end elsewhere: they may be the rest of a string."""
    if not count or UNSETTLING.isdisjoint(repair.rule for repair in repairs):
        return ()
    return (Repair((), "unknown_members", count, count, "guessed"),)


def is_gap(between: str) -> bool:
    """Whether what stands between two values is no more than punctuation, markup or a fence."""
    return (
        re.fullmatch(r"(?:[\s,;|]|</?[\w|.:-]{1,40}>|```\w*|---+|^\s*(?:\d{1,3}[.)]|[-*•])\s)*", between, re.MULTILINE)
        is not None
    )


def are_joint(gaps: list[str], parts: list[Candidate]) -> bool:
    """Whether lists one after another are parts of one: commas or markup between them, or one item in each; else the last may replace the others."""
    if all("," in gap or "<" in gap for gap in gaps):
        return True
    return all(not isinstance(part.value, list) or len(part.value) == 1 for part in parts)


def is_picked_up(candidate: Candidate, repairs: tuple[Repair, ...]) -> bool:
    """Whether a value that stands amid prose or code became an object only because that has one field: it was hardly meant."""
    if not any(repair.rule == "only_field" and not repair.path for repair in repairs):
        return False
    value = candidate.value
    tells = isinstance(value, list) and bool(value) and all(isinstance(part, dict) for part in value)
    return not tells and any(repair.rule == "prose" for repair in candidate.repairs)


def limit_issue(repair: Repair, limit: Limit) -> Issue:
    """What a repair beyond the limit would have done."""
    message = f"would need the repair {repair.rule} ({repair.trust}), beyond repair={limit!r}; write it as the schema wants it"
    return Issue(repair.path, "repair_limit", message, show_found(repair.before))


def doubts(repairs: Iterable[Repair], limit: Limit) -> tuple[Issue, ...]:
    """What was changed beyond the limit in a value that is kept in part, as issues: one for each place."""
    beyond = (one for one in repairs if not one.rule.startswith("cut_") and not is_within(one.trust, limit))
    return tuple({one.path: limit_issue(one, limit) for one in beyond}.values())


def distinct(valid: list[_Tried]) -> list[_Tried]:
    """One of each value, the most trusted, in order of appearance."""
    if len(valid) == 1:
        return valid
    kept: dict[str, _Tried] = {}
    for one in valid:
        key = dumps(one.json)
        if key not in kept or one.rank < kept[key].rank:
            kept[key] = one
    return list(kept.values())


def best_of(values: list[_Tried]) -> tuple[_Tried, bool]:
    """The value to take of several distinct ones, and whether the choice is sure.

    Sure: there is only one; or all others need repairs that are less trusted and none of the others comes after it
    with a repair that
    would be taken as well (a later answer may correct an earlier one).
    """
    if len(values) == 1:
        return values[0], True
    values = sorted(values, key=lambda one: one.candidate.start)
    top = min(one.rank for one in values)
    leading = [one for one in values if one.rank == top]
    chosen = leading[-1]
    others = [one for one in values if one is not chosen]
    sure = len(leading) == 1 and all(one.rank == 2 or one.candidate.start < chosen.candidate.start for one in others)
    return chosen, sure


def lax_repair(before: JsonValue, after: JsonValue, loc: Path) -> Repair:
    """The entry for one place where Pydantic's lax mode changed something."""
    old, path = value_at(before, loc)
    new, _ = value_at(after, path)
    is_sure = isinstance(old, str) and not re.fullmatch(r"[\s\d.+-]*", old)
    trust: Trust = "coerced" if is_sure else "guessed"
    return Repair(path, "lax_value", old, new, trust)


def member(value: JsonValue, step: str | int) -> tuple[JsonValue] | None:
    """What one step leads to, in a tuple; None where it leads nowhere."""
    if isinstance(value, dict):
        return (value[step],) if isinstance(step, str) and step in value else None
    if isinstance(value, list):
        return (value[step],) if isinstance(step, int) and step < len(value) else None
    return None


def value_at(value: JsonValue, loc: Path) -> tuple[JsonValue, Path]:
    """What stands at a place, and how much of the place exists."""
    path: list[str | int] = []
    for step in loc:
        inside = member(value, step)
        if inside is None:
            break
        value = inside[0]
        path.append(step)
    return value, tuple(path)
