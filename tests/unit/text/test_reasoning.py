import pytest

from extract.text import candidates, split_reasoning

DECOYS = [
    '<think>{"a": 0}</think>{"a": 1}',
    '<thinking>maybe {"a": 0}?</thinking>\n```json\n{"a": 1}\n```',
    'first I try {"a": 0}</think>\n{"a": 1}',
    '<reasoning>{"a": 0}</reasoning> {"a": 1}',
    '<|channel|>analysis<|message|>{"a": 0}<|end|><|start|>assistant<|channel|>final<|message|>{"a": 1}<|return|>',
    '[THINK]{"a": 0}[/THINK]{"a": 1}',
    '<think><think>{"a": 0}</think>{"a": 0}</think>{"a": 1}',
]


@pytest.mark.parametrize("text", DECOYS)
def test_a_draft_inside_reasoning_is_never_a_candidate(text):
    assert [found.value for found in candidates(text)] == [{"a": 1}]


def test_reasoning_that_never_closes_holds_no_answer():
    assert candidates('<think>so it is {"a": 0}') == ()


def test_a_tag_inside_a_valid_value_is_text():
    assert candidates('{"a": "<think>"}')[0].value == {"a": "<think>"}


def test_reasoning_is_split_from_the_answer():
    assert split_reasoning("<think>hm</think>\nyes") == ("yes", "hm")


def test_a_text_without_reasoning_is_left_alone():
    assert split_reasoning(" yes ") == (" yes ", None)


@pytest.mark.parametrize("text", ['{"name": "a </think> b"}', 'The tag `</think>` ends it: {"a": 1}'])
def test_a_tag_that_is_quoted_ends_no_reasoning(text):
    assert split_reasoning(text) == (text, None)


@pytest.mark.parametrize(
    "text",
    [
        "Here is my thought process: {'a': 0}. Here is my response: {'a': 1}",
        "Here's my thought process:\n{'a': 0}\nHere's my response:\n{'a': 1}",
        "<|channel>thought\n{'a': 0}<channel|>{'a': 1}",
        "<|START_THINKING|>{'a': 0}<|END_THINKING|><|START_RESPONSE|>{'a': 1}<|END_RESPONSE|>",
    ],
)
def test_the_marks_of_granite_gemma_and_command_part_thought_from_answer(text):
    assert [one.value for one in candidates(text)] == [{"a": 1}]


def test_a_thought_without_its_response_holds_no_answer():
    assert candidates("Here is my thought process: maybe {'a': 0}") == ()
