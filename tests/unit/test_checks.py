"""Checks beyond types: reported or fatal, sync or async or by a model, once per value."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import BaseModel, Field

from extract import AsyncExtractor, Check, Extractor, InvalidOutputError, UsageError, model_check
from extract.flow.fold import fold
from extract.flow.judge import Accepted
from extract.testing import Script
from tests.unit.flow.script import plan_of


class Item(BaseModel):
    name: str
    price: float = Field(alias="Price")


class Bill(BaseModel):
    seller: str
    items: list[Item]
    by_city: dict[str, int] = {}


GOOD: Any = {"seller": "ACME", "items": [{"name": "pen", "Price": 2.0}, {"name": "ink", "Price": 3.0}]}
URL = "http://script/v1"


def extractor(script: Script, **options: Any) -> Extractor:
    return Extractor("m", base_url=URL, http_client=script.client(), **options)


def below_3(price: float) -> str | None:
    return None if price < 3 else f"{price} is not below 3"


def test_a_check_that_passes_changes_nothing() -> None:
    found = extractor(Script([GOOD])).run(Bill, "x", checks=[lambda bill: bill.seller == "ACME"])
    assert [verdict.is_passed for verdict in found.checks] == [True]


def test_a_check_that_is_not_fatal_is_reported_and_asks_nothing() -> None:
    script = Script([GOOD])
    found = extractor(script).run(Bill, "x", checks=[Check(below_3, at="items[].Price", fatal=False)])
    assert [(verdict.path, verdict.problem) for verdict in found.checks if not verdict.is_passed] == [
        (("items", 1, "Price"), "3.0 is not below 3")
    ]


def test_a_fatal_check_asks_again_for_its_value_only() -> None:
    script = Script([GOOD, {"value_1": 2.5}])
    found = extractor(script).run(Bill, "x", checks=[Check(below_3, at="items[].Price")])
    assert [item.price for item in found.value.items] == [2.0, 2.5]
    assert "3.0 is not below 3" in str(script.requests[1])
    assert "seller" not in str(script.requests[1].get("response_format"))


def test_a_fatal_check_that_keeps_failing_is_an_error_with_its_place() -> None:
    with pytest.raises(InvalidOutputError) as failed:
        extractor(Script([GOOD, {"value_1": 4}, {"value_1": {"name": "ink", "Price": 9}}])).run(
            Bill, "x", checks=[Check(below_3, at="items[].Price")]
        )
    assert [(issue.loc, issue.kind) for issue in failed.value.issues] == [(("items", 1, "Price"), "check")]


def test_a_value_is_tested_once() -> None:
    seen: list[float] = []

    def watch(price: float) -> str | None:
        seen.append(price)
        return below_3(price)

    extractor(Script([GOOD, {"value_1": 2.5}])).run(Bill, "x", checks=[Check(watch, at="items[].Price")])
    assert seen == [2.0, 3.0, 2.5]


def test_a_raised_value_error_is_a_failure() -> None:
    def test(seller: str) -> None:
        raise ValueError("unknown seller")

    found = extractor(Script([GOOD])).run(Bill, "x", checks=[Check(test, at="seller", fatal=False)])
    assert found.checks[0].problem == "unknown seller"


def test_another_exception_of_a_check_passes_through() -> None:
    def test(bill: Bill) -> None:
        raise RuntimeError("the database is down")

    with pytest.raises(RuntimeError, match="database"):
        extractor(Script([GOOD])).extract(Bill, "x", checks=[test])


async def slow(price: float) -> str | None:
    await asyncio.sleep(0)
    return below_3(price)


def test_an_async_check_is_awaited_by_both_extractors() -> None:
    check = Check(slow, at="items[].Price", fatal=False)
    sync = extractor(Script([GOOD])).run(Bill, "x", checks=[check])

    async def ask() -> Any:
        other = AsyncExtractor("m", base_url=URL, http_client=Script([GOOD]).async_client())
        return await other.run(Bill, "x", checks=[check])

    assert sync.checks == asyncio.run(ask()).checks
    assert [verdict.is_passed for verdict in sync.checks] == [True, False]


def test_an_async_check_works_in_a_sync_call_under_a_running_loop() -> None:
    async def outer() -> Any:
        return extractor(Script([GOOD])).run(Bill, "x", checks=[Check(slow, at="items[].Price", fatal=False)])

    assert len(asyncio.run(outer()).checks) == 2


def test_a_model_s_opinion_counts_and_is_counted() -> None:
    judge = extractor(Script([{"holds": False, "reason": "ACME is no person"}]))
    check = model_check(judge, "The seller is a person.", at="seller", fatal=False)
    found = extractor(Script([GOOD])).run(Bill, "x", checks=[check])
    assert found.checks[0].problem == "ACME is no person"
    assert found.usage.prompt_tokens == 200


def test_a_model_s_opinion_is_asked_once_for_equal_values() -> None:
    script = Script([{"holds": True, "reason": ""}])
    same: Any = {"seller": "A", "items": [{"name": "pen", "Price": 1.0}, {"name": "pen", "Price": 2.0}]}
    found = extractor(Script([same])).run(
        Bill, "x", checks=[model_check(extractor(script), "A thing.", at="items[].name")]
    )
    assert len(script.requests) == 1
    assert len(found.checks) == 2


def test_members_of_a_map_are_tested_each() -> None:
    answer = {**GOOD, "by_city": {"Rome": 1, "Oslo": 5}}
    found = extractor(Script([answer])).run(Bill, "x", checks=[Check(lambda n: n < 3, at="by_city[]", fatal=False)])
    assert [verdict.path for verdict in found.checks if not verdict.is_passed] == [("by_city", "Oslo")]


@pytest.mark.parametrize("at", ["items[].prize", "items[].price", "nothing", "seller[]"])
def test_a_place_that_does_not_exist_is_an_error_before_anything_is_sent(at: str) -> None:
    script = Script([])
    with pytest.raises(UsageError, match="Check"):
        extractor(script).extract(Bill, "x", checks=[Check(below_3, at=at)])
    assert script.requests == []


@pytest.mark.parametrize("at", ["items[", "a..b", "items[3]"])
def test_a_malformed_place_is_an_error(at: str) -> None:
    with pytest.raises(UsageError, match="no place"):
        Check(below_3, at=at)


def test_what_a_check_returns_must_be_told_apart() -> None:
    with pytest.raises(UsageError, match="returned 5"):
        extractor(Script([GOOD])).extract(Bill, "x", checks=[lambda _bill: 5])


def test_a_history_with_verdicts_folds_to_the_same_end() -> None:
    checks = (Check(below_3, at="items[].Price"),)
    found = extractor(Script([GOOD, {"value_1": 2.5}])).run(Bill, "x", checks=checks)
    again = fold(plan_of(Bill, checks=checks), found.attempts)
    assert isinstance(again.outcome, Accepted)
    assert again.outcome.reading.value == found.value
