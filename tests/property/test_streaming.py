"""Laws of streams, for random documents under random types: drafts never lie, and no split of the bytes matters."""

from __future__ import annotations

import json
import os
from datetime import date
from enum import Enum
from typing import Any, Literal

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from extract.errors import TargetError
from extract.flow.attempt import Attempt
from extract.flow.fold import fold
from extract.flow.part import FOLLOWING, ITEM, Rest
from extract.flow.plan import Plan
from extract.target.compile import compile_target
from extract.target.invalid import Invalid
from extract.target.lower import lower
from extract.vocabulary import JsonValue, Path
from tests.pieces import AsyncPieces, Pieces, Said, streaming, watch, watch_async
from tests.property.test_any_type import is_told_apart, models
from tests.unit.flow.script import plan_of

EXAMPLES = int(os.environ.get("EXTRACT_EXAMPLES", "80"))
"""`make wire` tries 1000: 500 documents by each law."""
METHODS = ("json_schema_strict", "tool", "json_object", "prompt")
CUTS = st.lists(st.integers(1, 40), min_size=1, max_size=6).map(tuple)


class Line(BaseModel):
    name: str
    price: float
    kind: Literal["part", "work"]
    tags: list[str]


class Order(BaseModel):
    number: int
    on: date
    lines: list[Line]
    note: str | None
    buyer: Line


WORDS = st.text(st.sampled_from('ab "\\{}[],:\né😀'), max_size=12)
LINES = st.builds(
    Line, name=WORDS, price=st.floats(0, 99), kind=st.sampled_from(["part", "work"]), tags=st.lists(WORDS, max_size=3)
)
ORDERS = st.builds(
    Order,
    number=st.integers(0, 10**6),
    on=st.dates(),
    lines=st.lists(LINES, max_size=4),
    note=st.none() | WORDS,
    buyer=LINES,
).map(lambda order: order.model_dump(mode="json"))


@st.composite
def documents(draw: st.DrawFn) -> tuple[Any, JsonValue]:
    """A type and natural JSON of one of its values."""
    target, values = draw(models(3))
    compiled, value = compile_target(target), draw(values)
    assume(is_told_apart(compiled, value))
    try:
        return target, compiled.encode(value)
    except (TargetError, Invalid):
        assume(condition=False)
        raise


def wire_text(plan: Plan[Any], natural: JsonValue) -> str:
    way = plan.chain[0].way
    return json.dumps(lower(plan.target, plan.dialect(way)).encode_json(natural), ensure_ascii=False)


def dressed(text: str, method: str) -> Said:
    if method == "prompt":
        return Said(f"<think>perhaps {{}}?</think>Here it is:\n```json\n{text}\n```\n")
    return Said(text, reasoning="{not this one}")


@settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(documents(), st.sampled_from(METHODS), CUTS, st.integers(1, 9))
def test_drafts_never_lie(document: tuple[Any, JsonValue], method: str, cuts: tuple[int, ...], chars: int) -> None:
    target, natural = document
    plan = plan_of(target, method=method)
    watched = watch(plan, Pieces([dressed(wire_text(plan, natural), method)], cuts, chars))
    assert watched.lies() == []
    assert watched.last.is_final
    assert watched.replayed == watched.last.partial
    assert watched.last.epoch == 0
    assert watched.last.value == watched.extraction.value


@settings(deadline=None, max_examples=EXAMPLES // 2, suppress_health_check=list(HealthCheck))
@given(documents(), st.sampled_from(METHODS), CUTS, CUTS)
def test_no_split_matters(
    document: tuple[Any, JsonValue], method: str, cuts: tuple[int, ...], others: tuple[int, ...]
) -> None:
    target, natural = document
    plan = plan_of(target, method=method)
    text = wire_text(plan, natural)
    one = watch(plan, Pieces([dressed(text, method)], cuts, 1))
    other = watch_async(plan, AsyncPieces([dressed(text, method)], others, 11))
    assert one.closed_paths == other.closed_paths
    assert one.last.partial == other.last.partial
    assert one.last.epoch == other.last.epoch


@settings(deadline=None, max_examples=EXAMPLES // 2, suppress_health_check=list(HealthCheck))
@given(documents(), st.sampled_from(METHODS), CUTS)
def test_only_texts_grow(document: tuple[Any, JsonValue], method: str, cuts: tuple[int, ...]) -> None:
    target, natural = document
    plan = plan_of(target, method=method)
    watched = watch(plan, Pieces([dressed(wire_text(plan, natural), method)], cuts, 1))
    for draft in watched.drafts:
        for at, change in enumerate(draft.changes):
            if change.kind == "set" and change.path and change.value not in ("", {}, []):
                assert draft.changes[at + 1] == (change.path, "close", change.value)


def rest_of(whole: Any, base: Any, open_path: Path) -> Any:
    """What a model that knows the whole sends for what is missing from the base."""
    if isinstance(base, list) and open_path:
        return {ITEM: rest_of(whole[0], base[0], open_path[1:]), FOLLOWING: whole[1:]}
    if isinstance(base, list):
        return whole[len(base) :]
    rest = {key: value for key, value in whole.items() if key not in base}
    if open_path:
        rest[open_path[0]] = rest_of(whole[open_path[0]], base[open_path[0]], open_path[1:])
    return rest


@settings(deadline=None, max_examples=EXAMPLES * 3 // 4, suppress_health_check=list(HealthCheck))
@given(ORDERS, st.sampled_from(METHODS), CUTS, st.floats(0.05, 0.95), st.sampled_from(["length", "dropped"]))
def test_a_cut_stream_goes_on_without_a_lie(
    natural: JsonValue, method: str, cuts: tuple[int, ...], share: float, how: str
) -> None:
    plan = streaming(plan_of(Order, method=method))
    text = wire_text(plan, natural)
    first = text[: int(len(text) * share)]
    history: list[Attempt] = []

    def answer(request: Any) -> Said:
        if len(pieces.requests) == 1:
            return Said(first, finish="length") if how == "length" else Said(first, end="dropped")
        now = fold(plan, tuple(history))
        if not isinstance(now.part, Rest):
            return Said(text)
        lowered = plan.lowered(now.way, now.part)
        rest = rest_of(natural, now.part.kept, now.part.open_path)
        return Said(json.dumps(lowered.encode_json(rest), ensure_ascii=False))

    pieces = Pieces(answer, cuts)
    watched = watch(plan, pieces, on_event=history.append)
    assert watched.lies() == []
    assert watched.replayed == watched.last.partial
    assert watched.last.is_final
    assert watched.last.partial == watched.extraction.json


class Unit(Enum):
    PIECE = "piece"
    PIECES = "pieces"


def test_a_word_of_an_enum_is_not_shown_before_it_is_complete() -> None:
    watched = watch(plan_of(dict[str, Unit]), Pieces([Said('{"value": [{"key": "a", "value": "pieces"}]}')], (1,), 1))
    assert all(partial in (None, {}, {"a": "pieces"}) for partial in watched.partials)


def test_a_date_is_not_shown_before_it_is_complete() -> None:
    watched = watch(plan_of(list[date]), Pieces([Said('{"value": ["2024-01-02"]}')], (1,), 1))
    assert all(partial in (None, [], ["2024-01-02"]) for partial in watched.partials)
