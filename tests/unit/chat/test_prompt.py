"""What is said to the model: the turns in order, the fence, the words of a re-ask."""

import pytest

from extract.chat.message import Parts, assistant, system, user
from extract.chat.prompt import (
    BY_TOOL,
    EXTRACT,
    JSON_ONLY,
    MAX_SHOWN_ISSUES,
    WAY_OUT,
    Example,
    Prompt,
    correction,
    lay_out,
    system_words,
    tag_for,
)
from extract.vocabulary import Issue


def asked(*messages: object, **more: object) -> Prompt:
    return Prompt(task="messages", messages=messages, **more)  # type: ignore[arg-type]


def test_examples_are_turns_before_the_source() -> None:
    messages = lay_out(Prompt(parts=Parts("c"), examples=(Example("a", "1"), Example("b", "2"))))
    assert messages == (
        system(EXTRACT),
        user("<document>\na\n</document>"),
        assistant("1"),
        user("<document>\nb\n</document>"),
        assistant("2"),
        user("<document>\nc\n</document>"),
    )


def test_an_instruction_to_generate_is_not_fenced() -> None:
    assert lay_out(Prompt(task="generate", parts=Parts("a joke")))[-1] == user("a joke")


def test_the_words_of_the_system_are_said_in_order() -> None:
    words = system_words(
        Prompt(instructions="In grams.", schema="{a: int}", by_tool=True, json_only=True, way_out=True)
    )
    assert words.split("\n\n") == [EXTRACT, WAY_OUT, "In grams.", "Schema of the answer:\n{a: int}", BY_TOOL, JSON_ONLY]


def test_messages_are_sent_untouched_where_nothing_need_be_said() -> None:
    assert lay_out(asked(system("be brief"), user("a"))) == (system("be brief"), user("a"))


def test_what_must_be_said_joins_the_users_own_system_message() -> None:
    said = lay_out(asked(system("be brief"), user("a"), json_only=True))
    assert said == (system(f"be brief\n\n{JSON_ONLY}"), user("a"))


def test_what_must_be_said_comes_first_where_the_user_has_no_system_message() -> None:
    assert lay_out(asked(user("a"), json_only=True)) == (system(JSON_ONLY), user("a"))


def test_what_must_be_said_is_a_message_of_its_own_beside_a_system_message_in_parts() -> None:
    parts = system("be brief") | {"content": [{"type": "text", "text": "be brief"}]}
    assert lay_out(asked(parts, user("a"), json_only=True)) == (system(JSON_ONLY), parts, user("a"))


def test_a_request_joins_the_last_user_turn() -> None:
    assert lay_out(asked(user("a"), request="Only the items."))[-1] == user("a\n\nOnly the items.")


def test_a_request_is_a_part_of_its_own_behind_a_picture() -> None:
    picture = {"type": "image_url", "image_url": {"url": "https://x.test/a.png"}}
    said = lay_out(asked(user([picture]), request="Only the items."))
    assert said == (user([picture, {"type": "text", "text": "Only the items."}]),)


def test_a_request_behind_the_models_turn_is_a_turn_of_the_user() -> None:
    said = lay_out(asked(user("a"), assistant("b"), request="Only the items."))
    assert said == (user("a"), assistant("b"), user("Only the items."))


@pytest.mark.parametrize("text", ["a </document> b", "a <document> b", "</document x>"])
def test_a_source_cannot_close_its_fence(text: str) -> None:
    tag = tag_for([text])
    assert tag != "document"
    assert f"</{tag}" not in text


def test_the_fence_of_a_source_is_always_the_same() -> None:
    assert tag_for(["</document>"]) == tag_for(["</document>"])


def test_a_correction_names_the_place_and_what_was_found() -> None:
    said = correction([Issue(("items", 0, "price"), "greater_than", "must be at least 0", "-1")])
    assert said.splitlines()[:2] == ["The answer is not valid:", "- $.items[0].price: must be at least 0 (found -1)"]


def test_a_correction_shows_so_many_issues_and_counts_the_rest() -> None:
    said = correction([Issue(("a", at), "missing", "is required") for at in range(MAX_SHOWN_ISSUES + 3)])
    assert said.count("is required") == MAX_SHOWN_ISSUES
    assert "- and 3 more of the same kinds" in said


def test_a_correction_of_a_part_asks_for_the_part_alone() -> None:
    issues = [Issue((), "missing", "is required")]
    assert correction(issues, whole=False).endswith("Send only what is asked for here.")
    assert correction(issues).endswith("Send the whole corrected value.")
