"""Several answers laid over each other, and what becomes of the places where they differ."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract import Agree, Extractor, InvalidOutputError, UsageError
from extract.chat.reply import Reply
from extract.flow.consensus import consensus, likeness
from extract.testing import Script
from tests.unit.flow.script import ROW, Invoice, error, plan_of, play, said

PEN: Any = {"name": "pen", "price": 2.0}
INK: Any = {"name": "ink", "price": 3.0}


def bill(*items: Any, seller: str = "ACME") -> Any:
    return {"seller": seller, "items": list(items)}


def choices(*values: Any) -> Reply:
    import json

    found = [replace(said(json.dumps(value)).choices[0], index=at) for at, value in enumerate(values)]
    return Reply(200, tuple(found))


def agreed(plan: Any, *replies: Reply) -> Any:
    played = play(plan, *replies)
    assert played.step.accepted.agreement is not None, played.step
    return played


# --- the consensus of values


def test_most_win_a_field() -> None:
    found = consensus([bill(seller="ACME"), bill(seller="Acme Inc"), bill(seller="ACME")])
    assert found.value == bill(seller="ACME")
    assert found.scores["seller",] == pytest.approx(2 / 3)


def test_texts_that_say_the_same_count_together_and_the_usual_spelling_wins() -> None:
    found = consensus(["ACME  Inc", "Acme inc", "ACME inc", "ACME inc", "Other"])
    assert (found.value, found.scores[()]) == ("ACME inc", 0.8)


def test_items_are_aligned_whatever_their_order() -> None:
    found = consensus([bill(PEN, INK), bill(INK, PEN), bill(PEN, INK)])
    assert found.value == bill(PEN, INK)
    assert set(found.scores.values()) == {1.0}


def test_an_item_that_most_lack_is_outvoted_and_on_record() -> None:
    found = consensus([bill(PEN, INK), bill(PEN), bill(PEN)])
    assert found.value == bill(PEN)
    assert [one.value for one in found.outvoted] == [INK]


def test_an_item_that_most_have_is_kept_in_its_place() -> None:
    cap: Any = {"name": "cap", "price": 9.0}
    assert consensus([bill(PEN, INK), bill(PEN, cap, INK), bill(PEN, cap, INK)]).value == bill(PEN, cap, INK)


def test_an_item_with_another_price_is_the_same_item() -> None:
    found = consensus([bill(PEN, INK), bill(PEN, {**INK, "price": 4.0}), bill(PEN, INK)])
    assert found.value == bill(PEN, INK)
    assert found.scores["items", 1, "price"] == pytest.approx(2 / 3)


def test_true_and_one_are_different_answers() -> None:
    assert consensus([True, 1, 1]).value == 1
    assert likeness(True, 1) == 0


def test_thousands_of_items_are_aligned_in_time() -> None:
    rows = [[{"name": f"n{i}", "price": float(i + (i % 50 == k))} for i in range(5000)] for k in range(3)]
    found = consensus(rows)  # type: ignore[arg-type]
    assert len(found.value) == 5000  # type: ignore[arg-type]
    assert min(found.scores.values()) >= 2 / 3 - 1e-9


values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["a", "A", "b c"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)


@given(values, st.integers(1, 4))
@settings(max_examples=100, deadline=None)
def test_equal_answers_agree_on_themselves(value: Any, many: int) -> None:
    found = consensus([value] * many)
    assert found.value == value
    assert set(found.scores.values()) <= {1.0}
    assert not found.outvoted


@given(st.lists(values, min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_scores_are_shares_and_the_pivot_is_taken_as_it_is(answers: list[Any]) -> None:
    assert all(0 < score <= 1 for score in consensus(answers).scores.values())
    assert consensus(answers, pivot=len(answers) - 1).value == answers[-1]


# --- in an extraction


def test_n_choices_are_all_read_and_compared() -> None:
    played = agreed(plan_of(n=3), choices(bill(PEN), bill(PEN, seller="Acme Ltd"), bill(PEN)))
    assert played.value.seller == "ACME"
    assert played.step.accepted.agreement.score(("seller",)) == pytest.approx(2 / 3)
    assert len(played.requests) == 1
    assert played.requests[0].body["n"] == 3


def test_an_endpoint_without_n_is_asked_several_times() -> None:
    plan = plan_of(rows=[replace(ROW, n=False)], agree=Agree(samples=3), seed=7)
    played = agreed(plan, *(choices(bill(PEN)) for _ in range(3)))
    assert ["n" in request.body for request in played.requests] == [False] * 3
    assert [request.body["seed"] for request in played.requests] == [7, 8, 9]


def test_choices_that_are_no_value_are_asked_for_again() -> None:
    plan = plan_of(agree=Agree(samples=3))
    played = agreed(plan, choices(bill(PEN), "no", bill(PEN)), choices(bill(PEN)))
    assert "n" not in played.requests[1].body
    assert played.step.accepted.agreement.samples == 3


def test_only_disputed_places_are_asked_again_with_the_answers_shown() -> None:
    plan = plan_of(agree=Agree(samples=2, disputed="ask"))
    first = choices(bill(PEN, INK), bill(PEN, {**INK, "price": 4.0}))
    request = play(plan, first).next
    assert list(request.asked.paths) == [("items", 1, "price")]  # type: ignore[union-attr]
    assert "4.0" in str(request.body)
    assert "n" not in request.body
    played = agreed(plan, first, said('{"value_1": 4.0}'))
    assert played.value.items[1].price == 4
    assert played.step.accepted.agreement.score(("items", 1, "price")) == 0.5


def test_disputed_places_may_be_an_error() -> None:
    plan = plan_of(agree=Agree(samples=2, disputed="error"))
    found = play(plan, choices(bill(PEN), bill(PEN, seller="Other"))).error
    assert isinstance(found, InvalidOutputError)
    assert [issue.loc for issue in found.issues] == [("seller",)]


def test_answers_that_agree_are_no_dispute() -> None:
    plan = plan_of(agree=Agree(samples=2, disputed="error"))
    assert agreed(plan, choices(bill(PEN), bill(PEN))).value.seller == "ACME"


def test_a_dispute_that_cannot_be_asked_is_left_to_the_majority() -> None:
    plan = plan_of(agree=Agree(samples=2, disputed="ask"))
    first = choices(bill(PEN), bill(PEN, seller="Other"))
    assert agreed(plan, first, error("auth", 401)).value.seller == "ACME"


def test_two_answers_are_compared_where_a_third_cannot_be_had() -> None:
    plan = plan_of(rows=[replace(ROW, n=False)], agree=Agree(samples=3))
    played = agreed(plan, choices(bill(PEN)), choices(bill(PEN)), error("quota", 429))
    assert played.step.accepted.agreement.samples == 2


def test_a_consensus_that_is_no_value_gives_way_to_the_answer_most_agree_with() -> None:
    from pydantic import BaseModel, model_validator

    class Span(BaseModel):
        low: int
        high: int
        width: int

        @model_validator(mode="after")
        def fits(self) -> Span:
            if self.high - self.low != self.width:
                raise ValueError("width is not high - low")
            return self

    plan = plan_of(Span, n=3)
    answers = ({"low": 1, "high": 5, "width": 4}, {"low": 1, "high": 6, "width": 5}, {"low": 2, "high": 6, "width": 4})
    value = agreed(plan, choices(*answers)).value
    assert value.high - value.low == value.width


def test_an_extraction_says_how_far_its_answers_agree() -> None:
    script = Script([bill(PEN), bill(PEN)])
    ask = Extractor("m", base_url="http://script/v1", http_client=script.client())
    found = ask.run(Invoice, "x", agree=Agree(samples=2))
    assert found.agreement is not None
    assert found.agreement.score() == 1.0
    assert len(found.attempts) == 2


@pytest.mark.parametrize("given", [{"samples": 1}, {"least": 0}, {"disputed": "guess"}])
def test_what_cannot_work_is_an_error_before_anything_is_sent(given: Any) -> None:
    with pytest.raises(UsageError, match="Agree"):
        Agree(**given)
