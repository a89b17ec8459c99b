"""What one extraction teaches the next: at once what the server says, after the second time what may have been chance."""

from dataclasses import replace
from typing import Any

import pytest

from extract.flow.learn import NOTHING, Learned, learn, link_for, overlay
from tests.unit.flow.script import GOOD, GOOD_JSON, ROW, called, error, place, plan_of, play, said

TOOLS = replace(ROW, methods=("tool", "prompt"))


def learned_from(row: Any, *replies: Any) -> Learned:
    plan = plan_of(rows=[row])
    return next(iter(learn(plan, play(plan, *replies).history).values()), NOTHING)


def first_way(row: Any, learned: Learned) -> Any:
    return link_for(place(row), "auto", learned, 0).way


def test_a_named_choice_that_was_ignored_once_may_have_been_chance() -> None:
    once = learned_from(TOOLS, said("Sure!"), called(GOOD_JSON))
    assert once != NOTHING
    assert first_way(TOOLS, once).force is None
    assert overlay(TOOLS, once).tool_choice == TOOLS.tool_choice


def test_a_named_choice_that_was_ignored_twice_is_sent_no_more() -> None:
    once = learned_from(TOOLS, said("Sure!"), called(GOOD_JSON))
    assert first_way(TOOLS, once.joined(once)).force == "required"
    assert overlay(TOOLS, once.joined(once)).tool_choice == "required"


def test_a_choice_that_the_server_refuses_in_words_is_sent_no_more_at_once() -> None:
    refused = error("tool_choice_unsupported")
    again = play(plan_of(rows=[TOOLS]), refused).next.body["tool_choice"]
    assert first_way(TOOLS, learned_from(TOOLS, refused, called(GOOD_JSON))).force == again == "required"


@pytest.mark.parametrize("parameter", ["response_format", "response_format.type", "response_format['type']"])
def test_a_field_that_is_a_method_teaches_that_the_method_is_not_taken(parameter: str) -> None:
    once = learned_from(ROW, error("parameter_unknown", parameter=parameter), called(GOOD_JSON))
    assert first_way(ROW, once).method == "tool"


@pytest.mark.parametrize("parameter", ["tool_choice", "tool_choice.function.name"])
def test_a_choice_that_the_server_does_not_know_in_part_is_sent_no_more_at_once(parameter: str) -> None:
    once = learned_from(TOOLS, error("parameter_unknown", parameter=parameter), called(GOOD_JSON))
    assert first_way(TOOLS, once).force == "required"


def test_a_server_that_does_not_know_the_word_strict_is_not_sent_it_again() -> None:
    for parameter in ("strict", "response_format.json_schema.strict"):
        once = learned_from(ROW, error("parameter_unknown", parameter=parameter), GOOD)
        assert first_way(ROW, once).method == "json_schema"


def test_the_schema_without_strict_is_wanted_where_the_row_does_not_list_it() -> None:
    row = replace(ROW, methods=("json_schema_strict", "prompt"))
    once = learned_from(row, error("parameter_unknown", parameter="response_format.json_schema.strict"), GOOD)
    assert first_way(row, once).method == "json_schema"
