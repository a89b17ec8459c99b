import json

import pytest

from extract.text.incremental import Change, IncrementalParser


def feed(parser, text, size=1):
    return [change for at in range(0, len(text), size) for change in parser.feed(text[at : at + size])]


def test_a_number_appears_only_when_it_is_closed():
    parser = IncrementalParser()
    parser.feed('{"age": 3')
    assert parser.partial == {}
    parser.feed("1,")
    assert parser.partial == {"age": 31}


def test_a_string_grows():
    parser = IncrementalParser()
    parser.feed('["ab')
    assert parser.partial == ["ab"]
    assert parser.feed("cd") == [Change((0,), "append", "cd")]


def test_the_closed_paths_are_told_in_order():
    closed = [
        change.path
        for change in feed(IncrementalParser(), '{"a": [1, {"b": "x"}], "c": null}')
        if change.kind == "close"
    ]
    assert closed == [("a", 0), ("a", 1, "b"), ("a", 1), ("a",), ("c",), ()]


def test_reasoning_and_fences_are_passed_over():
    parser = IncrementalParser()
    feed(parser, '<think>{"a": 0}</think>Here:\n```json\n{"a": 1}\n```')
    assert (parser.is_done, parser.partial) == (True, {"a": 1})


def test_a_fault_abandons_the_candidate():
    parser = IncrementalParser()
    feed(parser, "{'a': 1}")
    assert parser.is_broken


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_any_piece_size_gives_the_same_value(size):
    value = {"é": ['😀\n"\\', -1.5e3, True, None, {}, []], "z": ""}
    parser = IncrementalParser()
    feed(parser, json.dumps(value), size)
    assert parser.partial == value
