"""Records one by one: each item of a list is read as soon as it ends, and a bad one stops no other.

The pure part of `records`: which items an answer's pieces complete, what each of them is, and how to go on when the
answer ends early. Memory holds one open item, the last few raw texts (an answer that goes on after a cut may repeat
them), and the keys where duplicates are looked for.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar

from .. import vocabulary
from ..chat.assemble import Delta
from ..chat.message import assistant, user
from ..chat.prompt import correction
from ..chat.reply import Choice, Lost, Reply, Usage
from ..errors import UsageError
from ..target.codec import Codec, Memo, Out
from ..target.compile import Target
from ..target.invalid import Invalid
from ..target.lower import Lowered, lower
from ..target.records import EnvelopeCodec
from ..text.items import ItemSplitter
from ..text.strict import dumps, loads
from ..vocabulary import Issue, JsonValue, Repair
from .attempt import Attempt, History, sum_of, total_usage
from .budget import Price, cost_of
from .errors import ExtractionError
from .extraction import Extraction
from .fold import after
from .judge import Accepted, Outcome, Wrong, judge, texts_of
from .names import key_names
from .part import Rest, following
from .plan import Plan
from .reading import Reading, Unread, examine
from .situation import Situation, give_up

T = TypeVar("T")
KEPT_CHARS: Final = 65_536
"""What a spent answer keeps of its text."""
KEPT_ITEMS: Final = 64
"""How many raw items are kept to see what an answer that goes on repeats."""
JOINT: Final = re.compile(r"[}\]]\s*,?\s*[{\[]")
SHOWN_CHARS: Final = 4000
"""Longest raw text of a record that is shown to the model again."""

Again = Literal["never", "singly"]
"""What becomes of a bad record: it is told at once, or asked again by itself when the others are there."""


@dataclass(frozen=True, slots=True, eq=False)
class Ok(vocabulary.Ok, Generic[T]):
    """One record of the user's type.

    Attributes:
        index: its position in the list, from 0.
        value: of the user's type.
        repairs: every difference between what the model wrote and the value.
        duplicate_of: position of the first record with the same key; None where there is none, or no key was given.
        is_asked_again: whether it was bad at first, and was asked for again by itself.

    """

    index: int
    value: T
    repairs: tuple[Repair, ...] = ()
    duplicate_of: int | None = None
    is_asked_again: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Bad(vocabulary.Bad):
    """One record that is not valid; the others go on.

    Attributes:
        index: its position in the list, from 0.
        raw: the text as the model wrote it.
        issues: what is wrong, with paths from the record.
        json: as much of it as could be read; None where nothing was.

    """

    index: int
    raw: str
    issues: tuple[Issue, ...]
    json: JsonValue = None


Record: TypeAlias = "Ok[T] | Bad"


@dataclass(slots=True)
class RecordsResult:
    """The account of a record stream; it grows while the stream goes on.

    Attributes:
        ok, bad: records of the type, and records that are not valid.
        duplicates: valid records whose key had come before.
        repeated: records that a continued answer gave twice and that were left out.
        asked_again: bad records that were asked for again by themselves.
        repairs: how often each repair rule was applied.
        attempts: the exchanges about the list itself, oldest first; their replies keep only the end of their text.
        usage: tokens over all exchanges, those about single records counted too.
        cost: in the currency of the budget's prices; None where there is no price.

    """

    ok: int = 0
    bad: int = 0
    duplicates: int = 0
    repeated: int = 0
    asked_again: int = 0
    repairs: Counter[str] = field(default_factory=Counter[str])
    attempts: History = ()
    usage: Usage = field(default_factory=Usage)
    cost: float | None = None

    @property
    def total(self) -> int:
        """Records that came."""
        return self.ok + self.bad

    def count(self, attempts: History, prices: Mapping[str, Price] | None) -> None:
        """Add what exchanges took."""
        self.usage = sum_of(self.usage, total_usage(attempts))
        cost = cost_of(attempts, prices)
        if cost is not None:
            self.cost = (self.cost or 0.0) + cost


class ItemCodec(Codec):
    """One item, turned as the list that it is sent in turns it."""

    __slots__ = ("_list",)
    is_identity = False

    def __init__(self, of_list: Codec) -> None:
        super().__init__({})
        self._list = of_list

    def turn(self, value: JsonValue, memo: Memo) -> Out:
        """As in a list of one."""
        out = self._list.turn([value], memo)
        if not isinstance(out.value, list) or len(out.value) != 1:
            return Out(value)
        repairs = tuple(replace(one, path=one.path[1:]) for one in out.repairs)
        return Out(out.value[0], out.cost, repairs)


class RecordReader(Generic[T]):
    """Reads the records of one call.

    Attributes:
        plan: what is wanted: a list.
        result: the account so far.
        is_complete: the list has ended.
        waiting: bad records that are to be asked for again.

    """

    def __init__(
        self,
        plan: Plan[Any],
        item: Target[T],
        *,
        key: Callable[[T], Hashable] | None = None,
        again: Again = "never",
    ) -> None:
        if plan.checks or plan.agree is not None:
            raise UsageError("checks and agree compare whole values; records() takes neither: use extract or map")
        self.result = RecordsResult()
        self.is_complete = False
        self.waiting: list[Bad] = []
        self.plan = plan
        self._item = item
        self._key = key
        self._again: Again = again
        self._seen: dict[Hashable, int] = {}
        self._last: deque[str] = deque(maxlen=KEPT_ITEMS)
        self._names = key_names(item.schema)
        self._lowered: Lowered[T] = lower(item, "plain")
        self._list: Lowered[Any] = lower(plan.target, "plain")
        self._in_list: Lowered[T] | None = None
        self._splitters: dict[str, ItemSplitter] = {}
        self._taken = 0
        self._ahead: list[JsonValue] | None = None
        self._held: list[str] = []

    @property
    def count(self) -> int:
        """Records that were told or wait."""
        return self.result.total + len(self.waiting)

    # --- one exchange

    def begin(self, now: Situation[Any]) -> None:
        """A request goes out."""
        asked = self.plan.lowered(now.way, now.part)
        self._list = lower(self.plan.target, asked.dialect)
        self._in_list = None
        if not _has_plain_items(asked):
            self._in_list = Lowered[T].of(self._item, asked.dialect, ItemCodec(asked.codec), asked.table)
        self._splitters = {}
        self._taken = 0
        self._held = []
        self._ahead = [_parsed(raw) for raw in self._last] if isinstance(now.part, Rest) else None

    def take(self, deltas: Iterable[Delta]) -> Iterator[Record[T]]:
        """The records that deltas complete, those that came together read together."""
        for channel, run in groupby(filter(_is_answer, deltas), key=_channel):
            if channel == "content" and "tool" in self._splitters:
                continue
            splitter = self._splitters.get(channel)
            if splitter is None:
                splitter = self._splitters[channel] = ItemSplitter(self._names)
            for raw in splitter.feed("".join([delta.text for delta in run])):
                yield from self._arrived(raw)

    def end(self, attempt: Attempt) -> Iterator[Record[T]]:
        """What an answer leaves when it is over: records behind a fault, and those of an answer that was no stream."""
        reply = attempt.reply
        if isinstance(reply, Reply) and not self._splitters and reply.choices and reply.error is None:
            for text in texts_of(reply.choices[0], attempt.method):
                yield from self.take((Delta(0, "content", text),))
                break
        splitter = self._splitter
        if splitter is not None and not splitter.is_closed and splitter.tail.strip():
            yield from self._behind_fault(splitter.tail, is_cut=_is_cut(reply))
        if self._ahead is not None:
            yield from self._let_go(_overlap(self._ahead, [_parsed(raw) for raw in self._held]))

    @property
    def _splitter(self) -> ItemSplitter | None:
        return self._splitters.get("tool") or self._splitters.get("content")

    def _behind_fault(self, tail: str, *, is_cut: bool) -> Iterator[Record[T]]:
        """The records in an open item: it is open because the answer was cut, or because a fault hides its end."""
        several = self._several(tail, is_cut=is_cut)
        self._taken += len(several)
        if several and self._ahead is not None:
            yield from self._let_go(_overlap(self._ahead, [_parsed(raw) for raw in self._held]))
        for raw, found in several:
            yield from self._told(raw, found)
        if not several and not is_cut:
            yield from self._arrived(tail)

    def _several(self, raw: str, *, is_cut: bool) -> list[tuple[str, Reading[T] | Unread]]:
        """The records in a text that a fault has made one, as the whole list would be read; without one that was cut."""
        plan, lowered = self.plan, self._list
        found = examine(lowered, f"[{raw}", repair=plan.repair, context=plan.context, cut=is_cut)
        items = found.json if isinstance(found.json, list) else []
        if isinstance(found, Reading):
            parts = [
                Reading(*one, _of_item(found.repairs, at))
                for at, one in enumerate(zip(found.value, items, strict=True))
            ]
            return [(dumps(one.json), one) for one in parts]
        if is_cut:
            last = found.open_path[0] if found.open_path else len(items) - 1
            items = items[:last] if isinstance(last, int) else []
        return [(text, self._plainly(text)) for text in map(dumps, items)]

    # --- one record

    def _arrived(self, raw: str) -> Iterator[Record[T]]:
        self._taken += 1
        if self._ahead is None:
            yield from self._told(raw)
            return
        self._held.append(raw)
        held = [_parsed(one) for one in self._held]
        size = len(held)
        if any(self._ahead[-length:][:size] == held for length in range(size + 1, len(self._ahead) + 1)):
            return
        yield from self._let_go(_overlap(self._ahead, held))

    def _let_go(self, repeated: int) -> Iterator[Record[T]]:
        """Tell what was held back, without what had come before."""
        held, self._held, self._ahead = self._held, [], None
        self.result.repeated += repeated
        for raw in held[repeated:]:
            yield from self._told(raw)

    def _told(self, raw: str, found: Reading[T] | Unread | None = None) -> Iterator[Record[T]]:
        found = self.read(raw) if found is None else found
        # A fault may have swallowed the end of a record, and the begin of the next.
        if (isinstance(found, Unread) or found.repairs) and JOINT.search(raw):
            several = self._several(f"{raw}]", is_cut=False)
            if len(several) > 1:
                for text, one in several:
                    yield from self._settled(text, one)
                return
        yield from self._settled(raw, found)

    def _settled(self, raw: str, found: Reading[T] | Unread) -> Iterator[Record[T]]:
        self._last.append(raw)
        index = self.count
        if isinstance(found, Reading):
            yield self.valid(index, found)
            return
        bad = Bad(index, raw, found.issues, found.json)
        if self._again == "singly":
            self.waiting.append(bad)
            return
        self.result.bad += 1
        yield bad

    def read(self, raw: str) -> Reading[T] | Unread:
        """One record's raw text, read for its type."""
        plan, lowered = self.plan, self._in_list
        if lowered is None:
            return self._plainly(raw)
        try:
            decoded = lowered.decode(loads(raw))
            value = self._item.validate(decoded.value, strict=True, context=plan.context)
        except (ValueError, Invalid):
            return examine(lowered, raw, repair=plan.repair, context=plan.context)
        if decoded.repairs:
            return examine(lowered, raw, repair=plan.repair, context=plan.context)
        return Reading(value, decoded.value)

    def _plainly(self, raw: str) -> Reading[T] | Unread:
        return examine(self._lowered, raw, repair=self.plan.repair, context=self.plan.context)

    def valid(self, index: int, reading: Reading[T], *, is_asked_again: bool = False) -> Ok[T]:
        """A record of the type, counted."""
        self.result.ok += 1
        for repair in reading.repairs:
            self.result.repairs[repair.rule] += repair.count
        first = None
        if self._key is not None:
            first = self._seen.setdefault(self._key(reading.value), index)
            first = None if first == index else first
            self.result.duplicates += first is not None
        return Ok(index, reading.value, reading.repairs, first, is_asked_again)

    # --- how to go on

    def advance(self, now: Situation[Any], attempt: Attempt) -> Situation[Any]:
        """The situation after an exchange whose records are told."""
        self.result.attempts = (*self.result.attempts, attempt)
        self.result.count((attempt,), self.plan.budget.prices)
        splitter, reply = self._splitter, attempt.reply
        is_closed = splitter is not None and splitter.is_closed
        is_over = is_closed or (self._taken > 0 and not _is_cut(reply))
        if is_over:
            self.is_complete = True
            return replace(now, history=(*now.history, attempt), is_over=True)
        if self._taken:
            done = replace(now, history=(*now.history, attempt), resends=0, outcome=None, wait_s=None, turns=())
            if now.continuations >= self.plan.budget.continuations:
                issue = Issue((self.count,), "cut", "the list was cut here")
                unread = Unread((issue,), is_cut=True, kind="cut")
                return give_up(self.plan, replace(done, outcome=Wrong(unread, Choice(), "", is_cut=True)))
            return self._going_on(replace(done, continuations=now.continuations + 1))
        outcome = self._outcome(now, attempt)
        if isinstance(outcome, Accepted):
            self.is_complete = True
            return replace(now, history=(*now.history, attempt), is_over=True)
        before = replace(now, part=None, base=None)
        return self._going_on(after(self.plan, before, attempt, outcome))

    def _outcome(self, now: Situation[Any], attempt: Attempt) -> Outcome[Any]:
        """What an answer without records means: an empty list, or why there is none."""
        plan = self.plan
        row = plan.chain[attempt.request.endpoint].endpoint
        asked: Lowered[Any] = plan.lowered(now.way, now.part)
        outcome: Outcome[Any] = judge(attempt, asked, row, repair=plan.repair, context=None)
        if not isinstance(outcome, Wrong):
            return outcome
        nothing = Unread(outcome.unread.issues, None, (), outcome.unread.is_cut, "cut" if outcome.is_cut else "nothing")
        return replace(outcome, unread=nothing)

    def _going_on(self, now: Situation[Any]) -> Situation[Any]:
        """The same, asking only for what comes after the records that are there."""
        if now.is_over or not self.count:
            return now
        rest = following(self.plan.target.schema, self.count, self._last[-1] if self._last else "")
        return replace(now, part=rest, base=rest.kept, turns=())

    # --- a bad record by itself

    def again(self, bad: Bad, now: Situation[Any]) -> tuple[Plan[T], Situation[T]]:
        """The plan and the situation in which one bad record is asked for again."""
        plan = replace(self.plan, target=self._item, examples=(), stream=False)
        turns = (assistant(bad.raw[:SHOWN_CHARS]), user(correction(bad.issues)))
        return plan, Situation(way=now.way, asks=1, turns=turns)

    def mended(self, bad: Bad, found: Extraction[T]) -> Ok[T]:
        """The record that came when a bad one was asked for again."""
        self._spent(found.attempts)
        return self.valid(bad.index, found.reading, is_asked_again=True)

    def still_bad(self, bad: Bad, error: ExtractionError) -> Bad:
        """The record, bad also when it was asked for again."""
        self._spent(error.attempts)
        self.result.bad += 1
        return bad

    def untold(self) -> Iterator[Bad]:
        """The records that waited to be asked for again, where the list ended in an error: nothing that came is lost."""
        while self.waiting:
            self.result.bad += 1
            yield self.waiting.pop(0)

    def _spent(self, attempts: History) -> None:
        """Count what was spent on a single record; its exchanges are not kept."""
        self.result.asked_again += 1
        self.result.count(attempts, self.plan.budget.prices)


_channel = attrgetter("channel")


def _is_answer(delta: Delta) -> bool:
    """Whether a delta belongs to the list: the first choice's text, or its first call."""
    return not delta.choice and not delta.slot and delta.channel in ("content", "tool")


def _has_plain_items(asked: Lowered[Any]) -> bool:
    """Whether the items of a list stand on the wire as they are, in an envelope or not."""
    codec = asked.codec.inner if isinstance(asked.codec, EnvelopeCodec) else asked.codec
    return codec.is_identity and all(one.is_identity for one in asked.table.values())


def _is_cut(reply: Reply | Lost) -> bool:
    """Whether an answer ended before its list did, as far as its end tells."""
    if isinstance(reply, Lost) or reply.error is not None or reply.end in ("dropped", "deadline", "runaway"):
        return True
    return not reply.choices or reply.choices[0].finish in ("length", "unknown")


def _of_item(repairs: tuple[Repair, ...], at: int) -> tuple[Repair, ...]:
    """The repairs of one item of a list, by paths from the item."""
    return tuple(replace(one, path=one.path[1:]) for one in repairs if one.path[:1] == (at,))


def _parsed(raw: str) -> JsonValue:
    """A raw item for comparing; a text that is no JSON stands for itself."""
    try:
        return loads(raw)
    except ValueError:
        return raw


def _overlap(before: list[JsonValue], held: list[JsonValue]) -> int:
    """How many of the held items repeat the end of what came before; single values may well come twice."""
    for length in range(min(len(before), len(held)), 0, -1):
        if before[-length:] == held[:length] and all(isinstance(one, dict | list) for one in held[:length]):
            return length
    return 0
