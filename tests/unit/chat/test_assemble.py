"""Choices put together from deltas, in every way that servers write them."""

from __future__ import annotations

from typing import Any

import pytest

from extract.chat.assemble import Answer, Delta, usage_of
from extract.chat.reply import Choice


def chunk(delta: Any, **choice: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, **choice}]}


def taken(*chunks: dict[str, Any], keep: int | None = None, max_chars: int | None = None) -> Answer:
    answer = Answer(max_chars, keep)
    for one in chunks:
        answer.take(one)
    return answer


def only(*chunks: dict[str, Any]) -> Choice:
    return taken(*chunks).choices()[0]


def whole(choice: dict[str, Any]) -> Choice:
    answer = Answer(None)
    answer.take_whole({"choices": [choice]})
    return answer.choices()[0]


# Texts -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "text", "reasoning", "refusal"),
    [
        ([{"type": "text", "text": "a"}, "b"], "ab", None, None),
        ({"type": "text", "text": "a"}, "a", None, None),
        ([{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}], "", "hm", None),
        ([{"type": "reasoning", "summary": ["h", {"text": "m"}]}, {"text": "a"}], "a", "hm", None),
        ([{"type": "refusal", "refusal": "no"}], "", None, "no"),
        ([{"type": "image"}, 5, None], "", None, None),
        ([{"type": "text", "text": {"value": "a", "annotations": []}}], "a", None, None),
        ({"name": "Ada"}, '{"name": "Ada"}', None, None),
    ],
)
def test_content_in_parts_is_told_apart(content: Any, text: str, reasoning: str | None, refusal: str | None) -> None:
    made = only(chunk({"content": content}))
    assert (made.text, made.reasoning, made.refusal) == (text, reasoning, refusal)


def test_a_refusal_is_a_text_of_its_own() -> None:
    made = only(chunk({"refusal": "I "}), chunk({"refusal": "cannot"}))
    assert (made.text, made.refusal) == ("", "I cannot")


def test_thoughts_in_details_count_where_no_field_holds_them() -> None:
    details = [{"type": "reasoning.text", "text": "h"}, {"type": "reasoning.summary", "summary": "m"}, "odd"]
    made = only(chunk({"reasoning_details": details}))
    assert made.reasoning == "hm"
    assert made.message["reasoning_details"] == details


def test_thoughts_in_details_do_not_count_twice() -> None:
    made = only(chunk({"reasoning": "hm", "reasoning_details": [{"text": "hm"}]}))
    assert made.reasoning == "hm"


def test_a_message_that_repeats_what_came_adds_its_rest_alone() -> None:
    made = only(chunk({"content": "ab"}), {"choices": [{"index": 0, "message": {"content": "abc"}}]})
    assert made.text == "abc"


def test_a_message_in_place_of_a_delta_adds_to_what_came() -> None:
    made = only(chunk({"content": "ab"}), {"choices": [{"index": 0, "message": {"content": "cd"}}]})
    assert made.text == "abcd"


def test_a_message_that_repeats_the_calls_does_not_call_twice() -> None:
    call = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}
    made = only(chunk({"tool_calls": [call]}), {"choices": [{"index": 0, "message": {"tool_calls": [call]}}]})
    assert [one.arguments for one in made.tool_calls] == ["{}"]


def test_a_completion_of_the_older_kind_has_its_text_beside_the_index() -> None:
    assert only({"choices": [{"index": 0, "text": "a"}]}, {"choices": [{"index": 0, "text": "b"}]}).text == "ab"


@pytest.mark.parametrize(
    "choice",
    [{"message": {"content": "a"}}, {"delta": {"content": "a"}}, {"text": "a"}, {"message": None, "text": "a"}],
)
def test_a_whole_body_has_its_text_in_one_of_three_places(choice: dict[str, Any]) -> None:
    assert whole(choice).text == "a"


def test_half_a_character_at_the_end_is_shown_as_unreadable() -> None:
    assert only(chunk({"content": "a\ud83d"})).text == "a\ufffd"


def test_a_half_waits_for_its_other_half() -> None:
    answer = Answer(None)
    assert answer.take(chunk({"content": "\ud83d"})) == []
    assert answer.take(chunk({"content": "\ude00"})) == [Delta(0, "content", "\U0001f600")]


def test_of_a_text_that_nobody_keeps_the_end_is_kept() -> None:
    answer = taken(*(chunk({"content": f"{number:04}"}) for number in range(100)), keep=10)
    text = answer.choices()[0].text
    assert text.endswith("00980099")
    assert len(text) <= 44


# Calls -------------------------------------------------------------------------------------------------------------------


def arguments(*chunks: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(call.id, call.name, call.arguments) for call in only(*chunks).tool_calls]


def fragment(arguments: Any, *, name: str | None = None, **fields: Any) -> dict[str, Any]:
    named = {} if name is None else {"name": name}
    return chunk({"tool_calls": [{**fields, "function": {**named, "arguments": arguments}}]})


@pytest.mark.parametrize(
    ("chunks", "calls"),
    [
        ([chunk({"tool_calls": {"id": "a", "function": {"name": "f", "arguments": "{}"}}})], [("a", "f", "{}")]),
        ([chunk({"tool_calls": [{"id": "a", "name": "f", "arguments": "{}"}]})], [("a", "f", "{}")]),
        ([fragment("{", name="f", id="a"), fragment("}")], [("a", "f", "{}")]),
        ([fragment("{", name="f", id="a"), fragment("}", id="a")], [("a", "f", "{}")]),
        ([fragment("{", name="f"), fragment("}", id="a")], [("a", "f", "{}")]),
        ([fragment("{}", name="f"), fragment("{}", id="b", name="g")], [("call_0", "f", "{}"), ("b", "g", "{}")]),
        ([fragment("{}", name="f"), fragment("{}", name="f")], [("call_0", "f", "{}"), ("call_1", "f", "{}")]),
        ([fragment("", name="get_", index=0), fragment("{}", name="it", index=0)], [("call_0", "get_it", "{}")]),
        ([fragment("{", name="f", index=0), fragment("}", name="f", index=0)], [("call_0", "f", "{}")]),
        (
            [fragment("{}", name="f", index=0, id="a"), fragment("{}", name="f", index=0, id="b")],
            [("a", "f", "{}"), ("b", "f", "{}")],
        ),
        (
            [fragment("{", name="f", index=0, id="a"), fragment("{", name="g", index=0, id="b")],
            [("a", "f", "{"), ("b", "g", "{")],
        ),
        ([fragment({"q": "\u00e9"}, name="f", index=0)], [("call_0", "f", '{"q": "\u00e9"}')]),
        ([fragment("{}", name="f", index=0), fragment({"q": 1}, index=0)], [("call_0", "f", "{}")]),
        ([fragment(None, name="f", index=0), fragment(5, index=0)], [("call_0", "f", "")]),
        ([chunk({"tool_calls": [5, None]})], []),
        ([fragment("{", name="f", id="a"), fragment("}", id="b")], [("a", "f", "{}")]),
        ([fragment("{}", name="f", id="a"), fragment("{}", id="b")], [("a", "f", "{}"), ("b", "", "{}")]),
        (
            [chunk({"tool_calls": [{"id": "a", "function": {"name": "f", "parameters": {"q": 1}}}]})],
            [("a", "f", '{"q": 1}')],
        ),
    ],
)
def test_fragments_of_calls_find_their_call(chunks: list[dict[str, Any]], calls: list[tuple[str, str, str]]) -> None:
    assert arguments(*chunks) == calls


@pytest.mark.parametrize(
    "delta",
    [
        {"tool_calls": [{"index": 0, "function": {"arguments": "}"}}]},
        {"tool_calls": [{"index": 0, "type": "function", "function": {"arguments": "}"}}]},
        {"tool_calls": [{"index": 0, "extra": 1, "function": {"arguments": "}"}}]},
        {"content": "", "tool_calls": [{"index": 0, "function": {"arguments": "}"}}]},
    ],
)
def test_a_fragment_is_told_with_the_slot_of_its_call(delta: dict[str, Any]) -> None:
    answer = taken(fragment("{", name="f", index=0))
    assert answer.take(chunk(delta)) == [Delta(0, "tool", "}", 0)]


def test_an_empty_fragment_tells_nothing() -> None:
    answer = taken(fragment("{", name="f", index=0))
    assert answer.take(fragment("", index=0)) == []


def test_a_legacy_call_beside_a_call_tells_nothing() -> None:
    answer = taken(fragment("{", name="f", index=0))
    assert answer.take(chunk({"function_call": {"name": "f", "arguments": "{"}})) == []


def test_what_a_provider_adds_to_a_call_is_sent_back() -> None:
    made = only(fragment("{}", name="f", index=0, extra_content={"signature": "s"}))
    assert made.message["tool_calls"] == [
        {
            "extra_content": {"signature": "s"},
            "id": "call_0",
            "type": "function",
            "function": {"name": "f", "arguments": "{}"},
        }
    ]


def test_what_a_provider_adds_to_a_message_is_sent_back() -> None:
    assert only(chunk({"content": "a", "extra_content": {"s": 1}})).message == {
        "role": "assistant",
        "content": "a",
        "extra_content": {"s": 1},
    }


# What stands around them -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        {"choices": [{"usage": {"prompt_tokens": 3}}]},
        {"x_groq": {"usage": {"prompt_tokens": 3}}},
        {"usage": {"prompt_tokens": 3}},
        {"usage": {"input_tokens": 3}},
    ],
)
def test_the_usage_stands_in_one_of_three_places(said: dict[str, Any]) -> None:
    usage = taken(said).usage()
    assert usage is not None
    assert usage.prompt_tokens == 3


def test_counts_go_by_several_names() -> None:
    usage = usage_of(
        {
            "input_tokens": 9,
            "output_tokens": 8.0,
            "total_tokens": True,
            "input_tokens_details": {"cached_tokens": 7},
            "output_tokens_details": {"reasoning_tokens": 6},
        }
    )
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (9, 8, None)
    assert (usage.cached_tokens, usage.reasoning_tokens) == (7, 6)


@pytest.mark.parametrize("count", [-1, "3", None, True, float("inf"), float("nan"), 10**40])
def test_what_is_no_count_is_none(count: Any) -> None:
    assert usage_of({"prompt_tokens": count}).prompt_tokens is None


def test_the_first_id_and_the_last_model_count() -> None:
    answer = taken({"id": "a", "model": "m"}, {"id": "b", "model": "n"})
    assert (answer.id, answer.model) == ("a", "n")


def test_choices_without_an_index_count_by_their_place() -> None:
    answer = taken({"choices": [{"delta": {"content": "a"}}, {"delta": {"content": "b"}}, 5]})
    assert [(choice.index, choice.text) for choice in answer.choices()] == [(0, "a"), (1, "b")]


def test_more_text_than_the_limit_is_a_runaway_in_every_kind_of_chunk() -> None:
    plain = taken(chunk({"content": "abc"}), chunk({"content": "def"}), max_chars=5)
    other = taken(chunk({"content": "abcdef", "role": "assistant"}), max_chars=5)
    calls = taken(fragment("abc", name="f", index=0), fragment("def", index=0), max_chars=5)
    assert (plain.is_runaway, other.is_runaway, calls.is_runaway) == (True, True, True)
    assert not taken(chunk({"content": "abcde"}), max_chars=5).is_runaway


def test_an_answer_is_finished_when_every_choice_is() -> None:
    begun = {"choices": [{"index": at, "delta": {"content": "a"}} for at in range(2)]}
    first, second = ({"choices": [{"index": at, "delta": {}, "finish_reason": "stop"}]} for at in range(2))
    assert not taken(begun, first).is_finished
    assert taken(begun, first, second).is_finished
    assert not Answer(None).is_finished
