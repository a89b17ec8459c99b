"""What may be spent, what was spent, and by whom."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from typing import Any

import pytest

from extract import ENDPOINTS, Budget, BudgetSpentError, Extractor, InvalidOutputError, Price, UsageError
from extract.chat.reply import Usage
from extract.testing import Script, status, text
from tests.unit.flow.script import GOOD, ROW, Invoice, plan_of, play, said

BAD = said('{"seller":"ACME","items":[{"name":"pen","price":-2}]}')
PRICES = {"m": Price(prompt=1.0, completion=4.0)}


@pytest.mark.parametrize("given", [{"seconds": 0}, {"tokens": -1}, {"cost": float("nan"), "prices": PRICES}])
def test_a_limit_that_cannot_hold_is_an_error(given: Any) -> None:
    with pytest.raises(UsageError, match="above 0"):
        Budget(**given)


def test_a_cost_limit_needs_a_price_for_every_model_of_the_chain() -> None:
    script = Script([])
    ask = Extractor("m", base_url="http://a/v1", http_client=script.client(), fallbacks=["other"])
    with pytest.raises(UsageError, match="'other'"):
        ask.extract(Invoice, "x", budget=Budget(cost=1.0, prices=PRICES))
    assert script.requests == []


def test_a_token_limit_holds_where_the_server_counts_nothing() -> None:
    plan = plan_of(budget=Budget(tokens=40), source="a long text " * 30)
    found = play(plan, BAD).error
    assert isinstance(found, BudgetSpentError)
    assert found.partial["seller"] == "ACME"  # type: ignore[index, call-overload]


def test_a_value_is_taken_whatever_it_has_cost() -> None:
    assert play(plan_of(budget=Budget(tokens=1)), GOOD).value.seller == "ACME"


def test_an_error_says_what_was_spent_and_keeps_it_when_pickled() -> None:
    plan = plan_of(budget=Budget(cost=0.001, prices=PRICES))
    bad = replace(BAD, usage=said("x", tokens=200, prompt_tokens=1000).usage)
    found = play(plan, bad).error
    assert isinstance(found, BudgetSpentError)
    assert found.cost == pytest.approx(0.0018)
    again = pickle.loads(pickle.dumps(found))
    assert (again.cost, again.limit, again.partial) == (found.cost, found.limit, found.partial)


def test_usage_is_told_by_endpoint() -> None:
    plan = plan_of(rows=[ROW, ROW], budget=Budget(attempts=1))
    bad, good = (replace(one, usage=said("x", tokens=5, prompt_tokens=10).usage) for one in (BAD, GOOD))
    history = play(plan, bad, good).history
    found = InvalidOutputError(history).usage_by_endpoint
    assert {name: usage.prompt_tokens for name, usage in found.items()} == {
        "m at http://x.test/v1": 10,
        "m at http://x1.test/v1": 10,
    }


def test_what_was_learned_is_a_row_to_begin_with() -> None:
    refused = status(400, "This response_format type is unavailable now")
    good = json.loads('{"seller": "A", "items": []}')
    ask = Extractor("m", base_url="http://a/v1", http_client=Script([refused, good]).client())
    ask.extract(Invoice, "x")
    (row,) = ask.learned()
    assert row.methods[0] == "tool"
    script = Script([text(json.dumps(good))])
    Extractor("m", base_url="http://a/v1", endpoint=row, http_client=script.client()).extract(Invoice, "x")
    assert "tools" in script.requests[0]


def test_nothing_learned_is_the_row_itself() -> None:
    assert Extractor("m", base_url="http://a/v1", endpoint=ENDPOINTS["groq"]).learned() == (ENDPOINTS["groq"],)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"attempts": 0}, "attempts is 0; it must be 1 or more"),
        ({"resends": -1}, "resends is -1; it must be 0 or more"),
        ({"continuations": -1}, "continuations is -1"),
        ({"cost": 1.0}, "needs Budget.prices"),
    ],
)
def test_a_budget_that_makes_no_sense_is_named(given: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Budget(**given)


def test_a_cost_limit_ends_the_extraction() -> None:
    dear = said('{"seller":"ACME","items":[{"name":"pen","price":-2}]}', tokens=1_000_000, prompt_tokens=1)
    found = play(plan_of(budget=Budget(cost=2.0, prices=PRICES)), dear).error
    assert isinstance(found, BudgetSpentError)
    assert found.limit == "4 of 2 is spent"


def test_a_total_alone_counts_for_a_limit() -> None:
    total = replace(BAD, usage=Usage(total_tokens=50))
    found = play(plan_of(budget=Budget(tokens=50)), total).error
    assert isinstance(found, BudgetSpentError)
    assert found.limit == "50 of 50 tokens are used"
