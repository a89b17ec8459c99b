"""Records one by one: a bad one stops no other, nothing is lost, the order is kept."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel, Field, TypeAdapter

from extract.drive import records
from extract.errors import UsageError
from extract.flow.errors import ExtractionError, TruncatedError
from extract.flow.records import Bad, Ok, RecordReader
from extract.flow.settings import list_of
from extract.target.compile import compile_target
from tests.pieces import Pieces, Said
from tests.unit.flow.script import error, plan_of


class Part(BaseModel):
    sku: str
    price: float = Field(ge=0)


PARTS: list[Any] = [{"sku": f"p{at}", "price": at + 0.5} for at in range(6)]


def text_of(items: list[Any]) -> str:
    return json.dumps({"value": items})


def read(pieces: Pieces, item: Any = Part, *, method: str = "json_schema_strict", budget: Any = None, **given: Any):
    options: dict[str, Any] = {} if budget is None else {"budget": budget}
    plan = replace(plan_of(list_of(item), method=method, **options), stream=True)
    reader = RecordReader(plan, compile_target(item), **given)
    return list(records(reader, plan, [pieces], timeout_s=None, sleep=lambda _s: None)), reader.result


def values(found: list[Any]) -> list[Any]:
    return [record.value.model_dump() for record in found if isinstance(record, Ok)]


@pytest.mark.parametrize("method", ["json_schema_strict", "tool", "json_object", "prompt"])
@pytest.mark.parametrize("chars", [1, 3, 1000])
def test_every_record_comes_in_order(method: str, chars: int) -> None:
    found, account = read(Pieces([Said(text_of(PARTS))], (7,), chars), method=method)
    assert values(found) == PARTS
    assert [record.index for record in found] == list(range(6))
    assert (account.ok, account.bad, account.usage.prompt_tokens) == (6, 0, 100)


def test_a_record_comes_as_soon_as_it_ends() -> None:
    plan = replace(plan_of(list_of(Part)), stream=True)
    reader = RecordReader(plan, compile_target(Part))
    pieces = Pieces([Said(text_of(PARTS))], (20,), 1)
    found = records(reader, plan, [pieces], timeout_s=None)
    assert next(found).value == Part(sku="p0", price=0.5)
    assert pieces.under_way == 1


def test_a_bad_record_stops_no_other() -> None:
    items = [PARTS[0], {"sku": "bad", "price": -1}, {"sku": 7}, PARTS[3]]
    found, account = read(Pieces([Said(text_of(items))]))
    assert [type(record) for record in found] == [Ok, Bad, Bad, Ok]
    assert [record.index for record in found] == [0, 1, 2, 3]
    assert found[1].issues[0].loc == ("price",)
    assert json.loads(found[1].raw) == items[1]
    assert (account.ok, account.bad) == (2, 2)


def test_a_broken_record_is_repaired_on_record() -> None:
    text = '[{"sku": "a", "price": 1.0,}, {"sku": "b", "price": "2"}, {"sku": "c", "price": 3.0}]'
    found, account = read(Pieces([Said(text)]), method="prompt")
    assert [record.value.price for record in found] == [1.0, 2.0, 3.0]
    assert account.repairs["extra_comma"] == 1
    assert found[1].repairs[0].rule == "number_in_text"


def test_records_behind_an_open_quote_are_not_lost() -> None:
    text = '[{"sku": "a", "price": 1.0}, {"sku": "b, "price": 2.0}, {"sku": "c", "price": 3.0}, {"sku": "d", "price": 4.0}]'
    found, _ = read(Pieces([Said(text)]), method="prompt")
    assert [record.value.sku for record in found] == ["a", "b", "c", "d"]
    assert found[1].repairs[0].rule == "missing_quote"


def test_a_bad_record_is_asked_for_again_by_itself() -> None:
    items = [PARTS[0], {"sku": "p1", "price": -1}, PARTS[2]]
    pieces = Pieces([Said(text_of(items)), Said(json.dumps(PARTS[1]))])
    found, account = read(pieces, again="singly")
    assert [record.index for record in found] == [0, 2, 1]
    assert found[2].is_asked_again
    assert found[2].value == Part(**PARTS[1])
    assert "-1" in str(pieces.requests[1].body["messages"])
    assert (account.ok, account.bad, account.asked_again, account.usage.prompt_tokens) == (3, 0, 1, 200)


def test_a_record_that_stays_bad_is_told_as_bad() -> None:
    pieces = Pieces([Said(text_of([PARTS[0], {"sku": "x"}]))] + [Said('{"sku": "x"}')] * 5)
    found, account = read(pieces, again="singly")
    assert isinstance(found[1], Bad)
    assert (account.ok, account.bad) == (1, 1)


@pytest.mark.parametrize("share", [0.2, 0.45, 0.6, 0.85])
@pytest.mark.parametrize("how", ["length", "dropped"])
def test_a_cut_list_goes_on_behind_its_last_record(share: float, how: str) -> None:
    text = text_of(PARTS)
    first = text[: int(len(text) * share)]

    def answer(request: Any) -> Said:
        if len(pieces.requests) == 1:
            return Said(first, finish="length") if how == "length" else Said(first, end="dropped")
        done = first.count("}")
        return Said(text_of(PARTS[done:]))

    pieces = Pieces(answer)
    found, account = read(pieces)
    assert values(found) == PARTS
    assert len(account.attempts) == 2


def test_records_that_are_repeated_after_a_cut_come_once() -> None:
    pieces = Pieces([Said(text_of(PARTS[:4])[:-2], finish="length"), Said(text_of(PARTS[2:]))])
    found, account = read(pieces)
    assert values(found) == PARTS
    assert account.repeated == 2


def test_single_values_that_come_twice_are_both_kept() -> None:
    found, _ = read(Pieces([Said('{"value": [1, 1, ', finish="length"), Said('{"value": [1, 2]}')]), int)
    assert [record.value for record in found] == [1, 1, 1, 2]


def test_a_second_endpoint_is_not_asked_for_what_came() -> None:
    pieces = Pieces([Said(text_of(PARTS[:3])[:-2], end="dropped"), error("overloaded", 503), Said(text_of(PARTS[3:]))])
    found, _ = read(pieces)
    assert values(found) == PARTS
    assert "3 items" in str(pieces.requests[2].body["messages"])


def test_an_empty_list_is_no_record_and_no_error() -> None:
    assert read(Pieces([Said(text_of([]))]))[0] == []


def test_an_answer_without_a_list_is_asked_for_again() -> None:
    found, account = read(Pieces([Said("I cannot find any."), Said(text_of(PARTS))]), method="prompt")
    assert len(found) == 6
    assert len(account.attempts) == 2


def test_what_never_ends_well_is_an_error_after_the_records() -> None:
    from extract.flow.budget import Budget

    pieces = Pieces([Said(text_of(PARTS[:2])[:-2], finish="length")] * 9)
    plan = replace(plan_of(list_of(Part), budget=Budget(continuations=0)), stream=True)
    reader = RecordReader(plan, compile_target(Part))
    with pytest.raises(TruncatedError):
        list(records(reader, plan, [pieces], timeout_s=None))
    assert reader.result.ok == 2


def test_trouble_without_end_is_the_error_of_extract() -> None:
    with pytest.raises(ExtractionError):
        read(Pieces([error("auth", 401)]))


def test_duplicates_are_told_by_key() -> None:
    items = [PARTS[0], PARTS[1], {**PARTS[0], "price": 9.0}]
    found, account = read(Pieces([Said(text_of(items))]), key=lambda part: part.sku)
    assert [record.duplicate_of for record in found] == [None, None, 0]
    assert account.duplicates == 1


def test_an_answer_that_is_no_stream_gives_its_records_too() -> None:
    from tests.unit.flow.script import said

    assert len(read(Pieces([said(text_of(PARTS))]))[0]) == 6


def test_maps_and_nested_types_come_in_their_own_form() -> None:
    text = text_of([[{"key": "a", "value": 1}], [{"key": "b", "value": 2}]])
    found, _ = read(Pieces([Said(text)]), dict[str, int])
    assert [record.value for record in found] == [{"a": 1}, {"b": 2}]


def test_an_adapter_is_an_item_too() -> None:
    found, _ = read(Pieces([Said(text_of([1, 2]))]), TypeAdapter(int))
    assert [record.value for record in found] == [1, 2]


def test_checks_are_refused() -> None:
    from extract.flow.check import Check

    with pytest.raises(UsageError, match="records"):
        RecordReader(replace(plan_of(list_of(Part)), checks=(Check(lambda _v: None),)), compile_target(Part))


def test_a_long_stream_keeps_nothing_of_its_records() -> None:
    items = [{"sku": f"part number {at}", "price": 1.0} for at in range(4000)]
    pieces = Pieces([Said(text_of(items))], (65_536,), 200)
    plan = replace(plan_of(list_of(Part)), stream=True)
    reader = RecordReader(plan, compile_target(Part))
    tracemalloc.start()
    sizes = [
        tracemalloc.get_traced_memory()[0]
        for record in records(reader, plan, [pieces], timeout_s=None)
        if record.index in (1000, 3999)
    ]
    tracemalloc.stop()
    assert reader.result.ok == 4000
    assert sizes[1] - sizes[0] < 600_000
