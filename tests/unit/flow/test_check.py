"""Checks: where they stand, on what they run, and what is made of what they say."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pydantic.dataclasses
import pytest
from pydantic import BaseModel, Field

from extract.errors import UsageError
from extract.flow.attempt import Verdict
from extract.flow.check import Check, Due, Said, checks_of, due, issues_of, verdict_of


class Item(BaseModel):
    price: float = Field(alias="Price")


class Order(BaseModel):
    items: list[Item]
    by_name: dict[str, Item] = {}
    note: str | None = None


@dataclasses.dataclass
class Plain:
    price: float
    limit = 3


@pydantic.dataclasses.dataclass
class Named:
    price: float = Field(alias="Price")


def fine(value: object) -> bool:
    return True


ORDER = Order(items=[Item(Price=1), Item(Price=2)], by_name={"a": Item(Price=3)})
JSON: Any = {"items": [{"Price": 1}, {"Price": 2}], "by_name": {"a": {"Price": 3}}}


def ran(at: str, value: object = ORDER, json: Any = JSON) -> list[tuple[Any, Any]]:
    wanted, told = due([Check(fine, at)], value, json, {})
    assert told == ()
    return [(one.path, one.value) for one in wanted]


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("items[].Price", [(("items", 0, "Price"), 1.0), (("items", 1, "Price"), 2.0)]),
        ("by_name[].Price", [(("by_name", "a", "Price"), 3.0)]),
        ("items[]", [(("items", 0), ORDER.items[0]), (("items", 1), ORDER.items[1])]),
        ("", [((), ORDER)]),
        ("note", []),
    ],
)
def test_a_check_runs_on_each_value_at_its_place(at: str, found: Any) -> None:
    assert ran(at) == found


@pytest.mark.parametrize(
    ("value", "json", "at", "found"),
    [
        (Plain(2), {"price": 2}, "price", [(("price",), 2)]),
        (Plain(2), {"price": 2}, "limit", []),
        (Named(Price=2), {"Price": 2}, "Price", [(("Price",), 2.0)]),
        ({"price": 2}, {"price": 2}, "price", [(("price",), 2)]),
        ({"price": 2}, {"price": 2}, "gone", []),
        ("text", "text", "[]", []),
        (5, 5, "[]", []),
    ],
)
def test_a_place_is_found_in_values_of_every_kind(value: object, json: Any, at: str, found: Any) -> None:
    assert ran(at, value, json) == found


def test_equal_values_are_tested_once() -> None:
    order = Order(items=[Item(Price=1), Item(Price=1)])
    wanted, _ = due([Check(fine, "items[].Price")], order, {"items": [{"Price": 1}, {"Price": 1}]}, {})
    assert [one.path for one in wanted] == [("items", 0, "Price")]


def test_a_default_that_the_answer_left_out_is_tested_too() -> None:
    order = Order(items=[], note="none")
    assert ran("note", order, {"items": []}) == [(("note",), "none")]


def test_a_verdict_on_an_equal_value_is_known() -> None:
    checks = [Check(fine, "items[].Price", fatal=False)]
    wanted, _ = due(checks, ORDER, JSON, {})
    again, told = due(checks, ORDER, JSON, {wanted[0].key: "too low"})
    assert [one.path for one in again] == [("items", 1, "Price")]
    assert told == (Verdict("fine", ("items", 0, "Price"), "too low", is_fatal=False, key=wanted[0].key),)


def test_a_bare_function_tests_the_whole() -> None:
    assert checks_of([fine, Check(fine, "a")]) == (Check(fine), Check(fine, "a"))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Check("fine"), "must be callable"),  # type: ignore[arg-type]
        (lambda: Check(fine, "a..b["), "is no place"),
        (lambda: checks_of(["fine"]), "takes functions and Check"),
    ],
)
def test_what_is_no_check_is_refused(make: Callable[[], object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        make()


def test_a_check_is_named_by_its_test_where_it_has_no_name() -> None:
    class Test:
        def __call__(self, value: object) -> None: ...

    assert [Check(fine).label, Check(fine, name="own").label, Check(Test()).label] == ["fine", "own", "Test"]


DUE = Due(Check(fine), 1, ("a",), "0:x")


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (None, None),
        (True, None),
        (False, "does not pass fine"),
        ("is odd", "is odd"),
        (ValueError("is odd"), "is odd"),
        (AssertionError(), "does not pass fine"),
        (Said("is odd"), "is odd"),
        (Said(None), None),
    ],
)
def test_what_a_test_says_is_a_verdict(said: object, problem: str | None) -> None:
    assert verdict_of(DUE, said).problem == problem


def test_what_a_test_may_not_say_names_the_place() -> None:
    with pytest.raises(UsageError, match=r"Check fine returned 5 for \$\.a"):
        verdict_of(DUE, 5)


def test_only_fatal_failures_are_issues_and_show_what_was_found() -> None:
    verdicts = [
        Verdict("c", ("a",), "is odd", is_fatal=True, key=""),
        Verdict("c", ("b",), "is odd", is_fatal=True, key=""),
        Verdict("c", ("gone",), "is odd", is_fatal=True, key=""),
        Verdict("c", ("a",), "is odd", is_fatal=False, key=""),
        Verdict("c", ("a",), None, is_fatal=True, key=""),
    ]
    issues = issues_of(verdicts, {"a": 3, "b": [1]})
    assert [(issue.loc, issue.found) for issue in issues] == [(("a",), "3"), (("b",), None), (("gone",), None)]
