"""Where an extraction stands, and the few ways to go on.

`fold.py` makes it from a history, `next_step.py` makes a step from it.

Three budgets are counted here, all from the history: resends (trouble on the way), steps down (the endpoint does not
take the form) and asks (the content is wrong).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Generic, Literal, TypeVar

from ..chat.message import Message
from ..chat.method import METHODS, Method, MethodName
from ..vocabulary import JsonValue, Repair
from .attempt import History
from .check import Due
from .edit import Edit, Part
from .judge import Accepted, Outcome
from .plan import Link, Plan, Way

T = TypeVar("T")
LONGEST_WAIT_S: Final = 120.0
"""A server that asks for more is not waited for (openai-python 3.54 `_base_client.py`, read 2026-11-23)."""
MAX_GROWTH: Final = 8
"""How often `max_tokens` may be multiplied in all after answers that were cut."""
ROOM: Final = 0.9
"""Share of `max_tokens` that a cut answer must have used; less means that the window was full."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Situation(Generic[T]):
    """Where an extraction stands.

    Attributes:
        way: how the next request is made.
        asks: answers of this endpoint whose content was judged.
        resends: troubles in a row since the last answer.
        steps_down: changes of the way because the endpoint does not take it.
        continuations: how often the rest of a cut answer was asked for.
        outcome: what the last attempt means; None before the first.
        part: what the next request asks for instead of the whole.
        base: natural JSON that a part is merged into.
        repairs: what was repaired in `base`.
        turns: what the next request holds after the source: the last answer and what was wrong with it.
        samples: valid answers so far, where several are compared.
        phase: where several answers are compared: they are collected, what they dispute is asked, or one is taken.
        due: tests that are to be run before the value is taken.
        wait_s: shortest wait before the next request; None: at once.
        is_over: nothing more is to be done.

    """

    way: Way
    history: History = ()
    asks: int = 0
    resends: int = 0
    steps_down: int = 0
    continuations: int = 0
    outcome: Outcome[T] | None = None
    part: Part | None = None
    base: JsonValue = None
    repairs: tuple[Repair, ...] = ()
    turns: tuple[Message, ...] = ()
    samples: tuple[Accepted[T], ...] = ()
    phase: Literal["sampling", "disputing", "settled"] = "sampling"
    due: tuple[Due, ...] = ()
    wait_s: float | None = None
    is_over: bool = False

    @property
    def method(self) -> Method:
        """How the schema is sent."""
        return METHODS[self.way.method]


def link_of(plan: Plan[T], now: Situation[T]) -> Link:
    """The endpoint that is asked now."""
    return plan.chain[now.way.endpoint]


def give_up(plan: Plan[T], now: Situation[T]) -> Situation[T]:
    """On to the next endpoint of the chain, or over."""
    following = now.way.endpoint + 1
    if following >= len(plan.chain):
        return replace(now, is_over=True)
    way = replace(plan.chain[following].way, way_out=now.way.way_out)
    return replace(whole(plan, now), way=way, asks=0, resends=0)


def whole(plan: Plan[T], now: Situation[T]) -> Situation[T]:
    """The same, asking from scratch: for the whole value, or for the whole patch of a record."""
    patch = plan.part if isinstance(plan.part, Edit) else None
    base = None if patch is None else plan.base
    return replace(now, part=patch, base=base, repairs=(), turns=(), wait_s=None)


def resend(plan: Plan[T], now: Situation[T], wait_s: float) -> Situation[T]:
    """The same request again after a wait, while the budget lasts."""
    if now.resends >= plan.budget.resends or wait_s > LONGEST_WAIT_S:
        return give_up(plan, now)
    return replace(now, resends=now.resends + 1, wait_s=wait_s)


def step_down(plan: Plan[T], now: Situation[T], way: Way | None) -> Situation[T]:
    """On with another way, while the budget lasts; None: there is no other."""
    if way is None or way == now.way or now.steps_down >= plan.budget.steps_down:
        return give_up(plan, now)
    return replace(whole(plan, now), way=replace(way, prefix=""), resends=0, steps_down=now.steps_down + 1)


def next_method(link: Link, way: Way, refused: Iterable[MethodName] = ()) -> Way | None:
    """The strongest method that was not refused; None where all were."""
    gone = way.refused | frozenset(refused) | {way.method}
    for name in link.methods:
        if name not in gone:
            return replace(way, method=name, refused=gone, force=None, narrow=False)
    return None


def family(method: Method) -> frozenset[MethodName]:
    """The names of all methods that fail together with this one."""
    return frozenset(other.name for other in METHODS.values() if other.family == method.family)


def with_room(plan: Plan[T], now: Situation[T]) -> Situation[T]:
    """The same again with twice the tokens, up to a bound and while the window has room."""
    first = _first_limit(plan, now)
    limit = now.way.max_tokens or first
    used = now.history[-1].usage.completion_tokens
    if limit * 2 > first * MAX_GROWTH or (used is not None and used < limit * ROOM):
        return give_up(plan, now)
    return replace(now, way=replace(now.way, max_tokens=limit * 2, prefix=""))


def _first_limit(plan: Plan[T], now: Situation[T]) -> int:
    given = plan.sampling.get("max_tokens")
    return given if isinstance(given, int) else link_of(plan, now).endpoint.max_tokens
