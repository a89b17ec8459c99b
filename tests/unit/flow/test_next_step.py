"""What is done after what happened: scripts of replies, no I/O."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from extract.chat.reply import ErrorKind, Lost, Reply
from extract.flow.budget import Budget, Price
from extract.flow.errors import (
    BudgetSpentError,
    EndpointError,
    InputTruncatedError,
    InvalidOutputError,
    RefusalError,
    TruncatedError,
    UnreachableError,
)
from extract.flow.fold import fold
from extract.flow.next_step import Failed, Send, next_step
from extract.flow.part import Rest
from extract.flow.reactions import REACTIONS
from tests.unit.flow.script import (
    BUSY,
    GOOD,
    GOOD_JSON,
    REFUSED,
    ROW,
    VALUE,
    Invoice,
    called,
    error,
    plan_of,
    play,
    said,
    text_of,
)

BAD = said('{"seller":"ACME","items":[{"name":"pen","price":2},{"name":"ink","price":-3}]}')
FIX = said('{"value_1": 3.0}')


def test_a_good_answer_ends_it() -> None:
    assert play(plan_of(), GOOD).value == VALUE


def test_busy_bad_good_takes_three_requests() -> None:
    played = play(plan_of(), BUSY, BAD, FIX)
    assert played.value == VALUE
    assert len(played.history) == 3


# --- trouble on the way


def test_waits_grow() -> None:
    assert play(plan_of(), REFUSED, REFUSED, GOOD).delays_s == [0.0, 0.5, 1.0]


def test_retry_after_is_waited_for() -> None:
    assert play(plan_of(), error("rate", 429, retry_after_s=7.0), GOOD).delays_s == [0.0, 7.0]


def test_a_row_s_shortest_wait_after_429_holds() -> None:
    plan = plan_of(rows=[replace(ROW, min_rate_delay_s=5.0)])
    assert play(plan, error("rate", 429), GOOD).delays_s == [0.0, 5.0]


def test_a_retry_after_of_an_hour_is_not_waited_for() -> None:
    found = play(plan_of(), error("rate", 429, retry_after_s=3600.0)).error
    assert isinstance(found, EndpointError)
    assert found.retry_after_s == 3600.0


def test_jitter_spreads_the_waits() -> None:
    low, high = (play(plan_of(), REFUSED, GOOD, jitter=jitter).delays_s[1] for jitter in (0.0, 1.0))
    assert low < 0.5 < high


def test_resends_end_with_their_budget() -> None:
    found = play(plan_of(budget=Budget(resends=2)), REFUSED, REFUSED, REFUSED).error
    assert isinstance(found, UnreachableError)
    assert len(found.attempts) == 3


def test_resends_are_counted_anew_after_an_answer() -> None:
    played = play(plan_of(budget=Budget(resends=1)), BUSY, BAD, BUSY, FIX)
    assert played.value == VALUE


def test_a_dropped_reused_connection_is_used_again_at_once() -> None:
    lost = Lost("dropped", "closed", is_reused=True)
    assert play(plan_of(), lost, GOOD).delays_s == [0.0, 0.5 * 0]


def test_a_request_that_ran_out_of_time_is_not_sent_again() -> None:
    assert isinstance(play(plan_of(), Lost("deadline", "no answer in 5 s")).error, UnreachableError)


@pytest.mark.parametrize("kind", ["auth", "quota", "model", "context"])
def test_hopeless_errors_end_it_at_once(kind: ErrorKind) -> None:
    found = play(plan_of(), error(kind, 401)).error
    assert isinstance(found, EndpointError)
    assert found.kind == kind


def test_an_answer_that_is_no_completion_is_tried_twice() -> None:
    played = play(plan_of(), error("broken", 200), error("broken", 200))
    assert isinstance(played.error, EndpointError)


# --- the method


def test_every_kind_of_error_has_its_reaction() -> None:
    assert set(REACTIONS) == set(get_args(ErrorKind))


def test_begins_with_the_row_s_strongest_method() -> None:
    assert play(plan_of(rows=[replace(ROW, methods=("tool", "prompt"))])).next.method == "tool"


def test_a_refused_format_takes_its_family_with_it() -> None:
    assert play(plan_of(), error("format_unsupported"), GOOD).methods == ["json_schema_strict", "tool"]


def test_only_json_schema_taken_means_up() -> None:
    plan = plan_of(rows=[replace(ROW, methods=("json_object", "prompt"))])
    assert play(plan, error("format_required"), GOOD).methods == ["json_object", "json_schema_strict"]


def test_strict_refused_keeps_the_carrier() -> None:
    assert play(plan_of(), error("strict_unsupported"), GOOD).methods == ["json_schema_strict", "json_schema"]


def test_a_refused_schema_is_sent_simpler_then_without_strict() -> None:
    played = play(plan_of(), error("schema_invalid"), error("schema_invalid"), GOOD)
    assert played.methods == ["json_schema_strict", "json_schema_strict", "json_schema"]


def test_tools_refused_leaves_tools() -> None:
    plan = plan_of(rows=[replace(ROW, methods=("tool_strict", "tool", "json_object"))])
    assert play(plan, error("tools_unsupported"), GOOD).methods == ["tool_strict", "json_object"]


def test_a_refused_tool_choice_first_switches_thinking_off() -> None:
    row = replace(ROW, methods=("tool",), thinking_off=(("enable_thinking", False),))
    second = play(plan_of(rows=[row]), error("tool_choice_unsupported"), called(GOOD_JSON)).requests[1]
    assert second.body["enable_thinking"] is False


def test_a_refused_tool_choice_is_weakened() -> None:
    plan = plan_of(rows=[replace(ROW, methods=("tool",))])
    refused = error("tool_choice_unsupported")
    choices = [r.body["tool_choice"] for r in play(plan, refused, refused, called(GOOD_JSON)).requests]
    assert choices[1:] == ["required", "auto"]


def test_an_unknown_parameter_is_left_out() -> None:
    plan = plan_of(temperature=0.5)
    second = play(plan, error("parameter_unknown", parameter="temperature"), GOOD).requests[1]
    assert "temperature" not in second.body


def test_an_unknown_parameter_that_carries_the_schema_changes_the_method() -> None:
    played = play(plan_of(), error("parameter_unknown", parameter="response_format"), GOOD)
    assert played.methods[1] == "tool"


def test_the_json_word_is_said_where_it_is_wanted() -> None:
    first, second = play(plan_of(), error("need_json_word"), GOOD).requests
    assert "JSON" not in text_of(first)
    assert "JSON" in text_of(second)


def test_steps_down_end_with_their_budget() -> None:
    plan = plan_of(budget=Budget(steps_down=1))
    assert isinstance(play(plan, error("format_unsupported"), error("tools_unsupported")).error, EndpointError)


def test_a_pinned_method_is_never_changed() -> None:
    assert isinstance(play(plan_of(method="json_object"), error("format_unsupported")).error, EndpointError)


def test_steps_down_do_not_use_up_asks() -> None:
    plan = plan_of(budget=Budget(attempts=1))
    assert play(plan, error("format_unsupported"), GOOD).value == VALUE


def test_a_500_is_sent_again_then_asked_in_other_forms() -> None:
    failed = error("server", 500)
    assert play(plan_of(), failed, failed, GOOD).methods == ["json_schema_strict", "json_schema_strict", "tool"]


# --- the content


def test_only_the_failing_place_is_asked_for() -> None:
    request = play(plan_of(), BAD).next
    assert list(request.asked.paths) == [("items", 1, "price")]  # type: ignore[union-attr]


def test_the_context_does_not_grow_over_attempts() -> None:
    plan = plan_of(budget=Budget(attempts=5))
    requests = play(plan, BAD, BAD, said('{"value_1":-4}'), said('{"value_1":-5}')).requests
    sizes = [len(text_of(request)) for request in requests[1:]]
    assert max(sizes) - min(sizes) < 500


def test_parts_that_were_valid_stay_the_same() -> None:
    played = play(plan_of(), BAD, said('{"value_1": 3.0, "value_2": "more"}'))
    assert played.value == VALUE


def test_a_part_asked_for_in_vain_leads_to_the_object_that_holds_it() -> None:
    played = play(plan_of(), BAD, said('{"value_1": -4}'))
    assert list(played.next.asked.paths) == [("items", 1)]  # type: ignore[union-attr]


def test_a_part_at_the_top_asked_for_in_vain_leads_to_the_whole_at_last() -> None:
    bad = said('{"seller": [1, 2], "items": []}')
    assert type(play(plan_of(), bad, said('{"value_1": [1, 2]}')).next.asked).__name__ == "Whole"


def test_an_item_asked_for_in_vain_does_not_lead_to_its_whole_list() -> None:
    bad = said('{"seller": "A", "items": [{"name": "n", "price": 1}, 5]}')
    played = play(plan_of(budget=Budget(attempts=4)), bad, said('{"value_1": 6}'), said('{"value_1": 7}'))
    assert list(played.next.asked.paths) == [("items", 1)]  # type: ignore[union-attr]


def test_hundreds_of_bad_places_are_asked_for_in_turns_that_cost_no_attempt() -> None:
    items = [{"name": f"n{at}", "price": -1} for at in range(500)]
    mended = [said(json.dumps({f"value_{at + 1}": 1.0 for at in range(many)})) for many in (200, 200, 100)]
    played = play(plan_of(budget=Budget(attempts=2)), said(json.dumps({"seller": "A", "items": items})), *mended)
    assert {item.price for item in played.value.items} == {1.0}


def test_what_is_wrong_with_many_places_is_said_once() -> None:
    items = [{"name": f"n{at}", "price": -1} for at in range(100)]
    request = play(plan_of(), said(json.dumps({"seller": "A", "items": items}))).next
    assert text_of(request).count("greater than or equal") == 1


def test_a_whole_re_ask_shows_the_issues() -> None:
    request = play(plan_of(), said("I cannot say.")).next
    assert "not valid" in text_of(request)


def test_no_json_is_asked_for_until_the_budget_ends() -> None:
    words = said("I cannot say.")
    found = play(plan_of(), words, words, words).error
    assert isinstance(found, InvalidOutputError)
    assert found.issues


def test_wrong_tool_calls_are_each_answered_as_a_tool_result() -> None:
    plan = plan_of(rows=[replace(ROW, methods=("tool",))])
    request = play(plan, called("[]", "[1]")).next
    messages: Any = request.body["messages"]
    assert [message["role"] for message in messages[-3:]] == ["assistant", "tool", "tool"]


def test_a_call_whose_arguments_are_no_json_is_not_replayed() -> None:
    plan = plan_of(rows=[replace(ROW, methods=("tool",))])
    request = play(plan, called("I think")).next
    messages: Any = request.body["messages"]
    assert [message["role"] for message in messages[-2:]] == ["assistant", "user"]


def test_a_value_in_the_text_of_a_tool_answer_is_taken() -> None:
    plan = plan_of(rows=[replace(ROW, methods=("tool",))])
    assert play(plan, GOOD).value == VALUE


def test_a_call_in_the_answer_to_a_format_is_taken() -> None:
    assert play(plan_of(), called(GOOD_JSON)).value == VALUE


def test_the_second_of_several_calls_may_hold_the_value() -> None:
    plan = plan_of(rows=[replace(ROW, methods=("tool",))])
    assert play(plan, called("{", GOOD_JSON)).value == VALUE


def test_every_choice_is_read() -> None:
    both = Reply(200, (*said("no").choices, replace(GOOD.choices[0], index=1)))
    assert play(plan_of(), both).value == VALUE


def test_a_named_choice_that_gave_no_call_becomes_required() -> None:
    plan = plan_of(rows=[replace(ROW, methods=("tool", "prompt"))])
    assert play(plan, said("Sure!")).next.body["tool_choice"] == "required"


def test_a_schema_that_is_ignored_is_said_in_words() -> None:
    first, second = play(plan_of(), said("The seller is ACME."), GOOD).requests
    assert "Schema" not in text_of(first)
    assert "Schema" in text_of(second)


def test_a_wrong_value_changes_no_method() -> None:
    assert play(plan_of(), BAD, FIX).methods == ["json_schema_strict"] * 2


def test_a_refused_generation_is_salvaged() -> None:
    assert play(plan_of(), error("output_invalid", failed_generation=GOOD_JSON)).value == VALUE


def test_a_refused_generation_without_text_is_asked_anew() -> None:
    assert play(plan_of(), error("output_invalid"), GOOD).value == VALUE


def test_output_that_the_server_refuses_twice_is_asked_for_in_another_way() -> None:
    played = play(plan_of(), error("output_invalid"), error("output_invalid"), called(GOOD_JSON))
    assert played.value == VALUE
    assert len(set(played.methods[:2])) == 1
    assert played.methods[2] != played.methods[1]


def test_output_that_the_server_refuses_twice_where_no_other_way_is_open_is_asked_for_with_its_words() -> None:
    refused = error("output_invalid")
    third = play(plan_of(method="tool", budget=Budget(attempts=4)), refused, refused).next
    assert "the server's words" in str(third.body["messages"][-1])


def test_no_request_that_a_server_met_with_refused_output_twice_is_sent_a_third_time() -> None:
    refused = error("output_invalid")
    played = play(plan_of(method="tool", budget=Budget(attempts=4)), refused, refused, refused)
    assert played.requests[2].body != played.requests[1].body


def test_a_place_that_only_a_guess_could_read_is_asked_for_alone() -> None:
    bad = said('{"seller": "A", "items": [{"name": "n", "price": "1,234"}]}')
    played = play(plan_of(), bad)
    assert list(played.next.asked.paths) == [("items", 0, "price")]  # type: ignore[union-attr]
    done = play(plan_of(), bad, said('{"value_1": 1234.0}'))
    assert not [repair for repair in done.repairs if repair.trust == "guessed"]


# --- missing values


def test_a_missing_value_is_asked_for_once_with_a_way_out() -> None:
    request = play(plan_of(), said('{"items": []}')).next
    assert "null where" in text_of(request)


def test_a_missing_value_that_stays_missing_is_an_error() -> None:
    found = play(plan_of(), said('{"items": []}'), said('{"value_1": null}')).error
    assert isinstance(found, InvalidOutputError)
    assert [issue.loc for issue in found.issues] == [("seller",)]


# --- refusals and filters


def test_a_refusal_ends_it() -> None:
    reply = Reply(200, (replace(said("").choices[0], refusal="I cannot help with that."),))
    found = play(plan_of(), reply).error
    assert isinstance(found, RefusalError)
    assert "cannot help" in str(found)


def test_a_content_filter_ends_it() -> None:
    assert isinstance(play(plan_of(), said("", "filter")).error, RefusalError)


# --- cut answers

CUT = said('{"seller":"ACME","items":[{"name":"pen","price":2.0},{"name":"in', "length", tokens=4096)


def test_length_with_a_complete_value_is_a_success() -> None:
    assert play(plan_of(), said(GOOD_JSON, "length")).value == VALUE


def test_a_cut_answer_is_continued() -> None:
    assert play(plan_of(), CUT, said('{"items":[{"name":"ink","price":3.0}]}')).value == VALUE


def test_the_continuation_asks_only_for_what_is_missing() -> None:
    request = play(plan_of(), CUT).next
    assert "seller" not in str(request.body["response_format"])


class Note(BaseModel):
    name: str
    note: str | None = None


def test_a_record_that_was_cut_in_a_wrapped_list_is_not_taken_for_whole() -> None:
    cut = said('{"value":[{"name":"a","note":"n"},{"name":"b"', "length")
    played = play(plan_of(list[Note]), cut, said('{"value":[{"name":"b","note":"m"}]}'))
    assert played.value == [Note(name="a", note="n"), Note(name="b", note="m")]


def test_a_record_that_was_cut_in_a_map_of_entries_is_not_taken_for_whole() -> None:
    cut = said('{"value":[{"key":"k","value":{"name":"a","note":"n"}},{"key":"l","value":{"name":"b"', "length")
    plan = plan_of(dict[str, Note])
    part = fold(plan, play(plan, cut).history).part
    assert isinstance(part, Rest)
    assert part.open_path == ("l",)


def test_a_continuation_may_be_cut_again() -> None:
    again = said('{"items":[{"name":"ink","price":3.0},{"name":"pa', "length", tokens=4096)
    end = said('{"items":[{"name":"paper","price":4.0}]}')
    assert [item.name for item in play(plan_of(), CUT, again, end).value.items] == ["pen", "ink", "paper"]


def test_items_that_a_continuation_repeats_are_taken_once_and_recorded() -> None:
    played = play(plan_of(), CUT, said('{"items":[{"name":"pen","price":2.0},{"name":"ink","price":3.0}]}'))
    assert played.value == VALUE
    assert "repeated_items" in [repair.rule for repair in played.repairs]


class Log(BaseModel):
    notes: list[str]
    end: str | None = None
    tags: list[str] = []


CUT_NOTES = said('{"notes":["Gate 7","Gate 9","del', "length")
ALL_NOTES = '{"notes":["Gate 7","Gate 9","delayed"],"end":"x"}'


def test_texts_that_a_continuation_may_repeat_are_asked_for_again() -> None:
    played = play(plan_of(Log), CUT_NOTES, said(ALL_NOTES), said('{"value_1":["Gate 7","Gate 9","delayed"]}'))
    assert "$.notes" in text_of(played.requests[2])
    assert played.value == Log(notes=["Gate 7", "Gate 9", "delayed"], end="x")


def test_a_doubt_about_repeated_texts_outlives_a_second_cut() -> None:
    again = said('{"notes":["Gate 7","Gate 9","delayed","la', "length")
    played = play(plan_of(Log), CUT_NOTES, again, said('{"notes":["later"],"end":"x"}'))
    assert "$.notes" in text_of(played.next)


def test_equal_neighbours_are_taken_as_they_come_where_the_list_has_such() -> None:
    cut = said('{"value":[1,1,0,1,1,0', "length")
    played = play(plan_of(list[int], method="json_schema"), cut, said('{"value":[1,0]}'))
    assert played.value == [1, 1, 0, 1, 1, 1, 0]


def test_a_continuation_of_another_shape_is_not_dropped() -> None:
    cut = said('{"notes":["a"],"en', "length")
    assert "does not go on with the one that was cut" in text_of(play(plan_of(Log), cut, said('["x", "y"]')).next)


def test_a_cut_before_anything_closed_gets_more_room() -> None:
    request = play(plan_of(), said('{"seller":"AC', "length", tokens=4096)).next
    assert request.body["max_tokens"] == 8192


def test_more_room_is_no_help_where_the_window_is_full() -> None:
    found = play(plan_of(), said('{"seller":"AC', "length", tokens=40)).error
    assert isinstance(found, TruncatedError)


@pytest.mark.parametrize(("finish", "advice"), [("length", "raise max_tokens"), ("unknown", "raise the timeout")])
def test_an_answer_that_reached_its_limit_was_not_cut_by_what_came_after(finish: str, advice: str) -> None:
    cut = replace(said('{"seller":"AC', finish, tokens=40), end="deadline")
    found = play(plan_of(budget=Budget(attempts=1, resends=0)), cut).error
    assert advice in found.advice


def test_thinking_that_eats_the_budget_is_switched_off() -> None:
    row = replace(ROW, thinking_off=(("enable_thinking", False),))
    second = play(plan_of(rows=[row]), said("", "length", tokens=4096), GOOD).requests[1]
    assert second.body["enable_thinking"] is False


def test_an_empty_answer_twice_changes_the_method() -> None:
    assert play(plan_of(), said(""), said(""), GOOD).methods[-1] != "json_schema_strict"


def test_continuations_end_with_their_budget() -> None:
    plan = plan_of(budget=Budget(continuations=1))
    again = said('{"items":[{"name":"ink","price":3.0},{"name":"pa', "length", tokens=4096)
    found = play(plan, CUT, again).error
    assert isinstance(found, TruncatedError)


# --- a prompt that the server cut


def test_a_prompt_that_was_cut_in_silence_is_an_error() -> None:
    plan = plan_of(source="some words of a long document " * 2000, rows=[replace(ROW, silent_truncation=True)])
    found = play(plan, said(GOOD_JSON, prompt_tokens=4096)).error
    assert isinstance(found, InputTruncatedError)
    assert found.read_tokens == 4096


def test_a_prompt_that_was_read_is_none() -> None:
    plan = plan_of(source="some words of a long document " * 2000)
    assert play(plan, said(GOOD_JSON, prompt_tokens=12_100)).value == VALUE


# --- budgets and fallbacks


def test_seconds_end_it() -> None:
    history = play(plan_of(), BAD).history
    step = next_step(plan_of(budget=Budget(seconds=10)), history, now_s=11, jitter=0.5)
    assert isinstance(step, Failed)
    assert isinstance(step.error, BudgetSpentError)


def test_the_first_request_is_sent_even_where_no_time_is_left_so_that_an_error_holds_an_attempt() -> None:
    assert isinstance(next_step(plan_of(budget=Budget(seconds=10)), (), now_s=11, jitter=0.5), Send)


def test_cost_ends_it_with_the_best_partial_value() -> None:
    prices = {"m": Price(prompt=1.0, completion=1.0)}
    plan = plan_of(budget=Budget(cost=0.001, prices=prices))
    bad = replace(BAD, usage=said("x", tokens=2000, prompt_tokens=10).usage)
    found = play(plan, bad).error
    assert isinstance(found, BudgetSpentError)
    assert found.partial["seller"] == "ACME"  # type: ignore[index, call-overload]


def test_the_next_endpoint_is_tried_where_one_is_down() -> None:
    played = play(plan_of(rows=[ROW, ROW], budget=Budget(resends=0)), REFUSED, GOOD)
    assert [request.endpoint for request in played.requests] == [0, 1]


def test_the_next_endpoint_is_tried_where_validation_keeps_failing() -> None:
    plan = plan_of(rows=[ROW, ROW], budget=Budget(attempts=1))
    assert play(plan, BAD, GOOD).value == VALUE


def test_the_error_holds_every_attempt() -> None:
    played = play(plan_of(), BUSY, said("no"), said("no"), said("no"))
    assert played.error.attempts == played.history


def test_a_list_is_wrapped_and_comes_back_as_itself() -> None:
    plan = plan_of(list[Invoice])
    assert play(plan, said(f'{{"value": [{GOOD_JSON}]}}')).value == [VALUE]


def test_an_answer_that_lacks_only_its_last_bracket_is_complete() -> None:
    played = play(plan_of(), said(GOOD_JSON[:-1], "length", tokens=4096))
    assert played.value == VALUE
    assert [repair.rule for repair in played.repairs] == ["missing_bracket"]


def test_a_last_list_that_is_open_may_go_on() -> None:
    assert type(play(plan_of(), said(GOOD_JSON[:-2], "length", tokens=4096)).next.asked).__name__ == "Tail"


def test_an_answer_without_any_value_is_asked_for_with_a_way_out() -> None:
    request = play(plan_of(), said("{}")).next
    assert "null where" in text_of(request)


def test_turns_that_cost_no_attempt_end_with_the_budget_of_continuations() -> None:
    items = [{"name": f"n{at}", "price": -1} for at in range(500)]
    mended = said(json.dumps({f"value_{at + 1}": 1.0 for at in range(200)}))
    plan = plan_of(budget=Budget(attempts=2, continuations=1))
    found = play(plan, said(json.dumps({"seller": "A", "items": items})), mended, mended).error
    assert isinstance(found, InvalidOutputError)


def test_a_continuation_that_brought_nothing_new_gets_more_room() -> None:
    again = said('{"items":[{"name":"pen","price":2.0},{"na', "length", tokens=4096)
    assert play(plan_of(), CUT, again).next.body["max_tokens"] == 8192


def test_what_closed_a_cut_text_is_no_repair_of_the_continued_value() -> None:
    played = play(plan_of(), CUT, said('{"items":[{"name":"ink","price":3.0}]}'))
    assert not [repair for repair in played.repairs if repair.rule.startswith("cut_")]


def test_a_wait_grows_to_thirty_seconds_at_most() -> None:
    played = play(plan_of(budget=Budget(resends=12)), *[REFUSED] * 10)
    assert played.delays_s[-3:] == [30.0, 30.0, 30.0]


def test_a_wait_that_would_outlast_the_seconds_is_not_begun() -> None:
    busy = error("overloaded", 503, retry_after_s=20.0)
    history = play(plan_of(), busy).history
    step = next_step(plan_of(budget=Budget(seconds=10)), history, now_s=1, jitter=0.5)
    assert isinstance(step, Failed)
    assert isinstance(step.error, BudgetSpentError)


def test_the_seconds_are_over_when_they_are_reached() -> None:
    history = play(plan_of(), BAD).history
    assert isinstance(next_step(plan_of(budget=Budget(seconds=10)), history, now_s=10, jitter=0.5), Failed)
    assert isinstance(next_step(plan_of(budget=Budget(seconds=10)), history, now_s=9.9, jitter=0.5), Send)


def test_an_error_after_a_part_holds_the_whole_that_it_belongs_to() -> None:
    found = play(plan_of(budget=Budget(attempts=2)), BAD, said('{"value_1": -4}')).error
    assert found.partial["seller"] == "ACME"


def test_a_cut_goes_on_at_the_last_place_that_only_a_guess_could_read() -> None:
    cut = said('{"seller":"A","items":[{"name":"n","price":"1,234"}', "length", tokens=4096)
    plan = plan_of()
    part = fold(plan, play(plan, cut).history).part
    assert isinstance(part, Rest)
    assert part.open_path == ("items", 0)
