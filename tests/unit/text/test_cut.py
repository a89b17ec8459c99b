import pytest

from extract.text import Hints, candidates
from extract.text.last_resort import is_made_up, repair_whole
from extract.text.reasoning import answer_spans


@pytest.mark.parametrize(
    ("text", "open_path"),
    [
        ('[{"a": 1}, ', ()),
        ('[{"a": [1, 2]}, {"b": ', (1,)),
        ('{"a": {"b": [1]}, "c": [', ("c",)),
        ('{"a": [{"b": "x"}], "c', ()),
        ('[["x"], "y', (1,)),
    ],
)
def test_the_innermost_open_place_is_told_from_closed_ones(text, open_path):
    (found,) = candidates(text)
    assert (found.is_cut, found.open_path) == (True, open_path)


def test_a_closing_tag_alone_makes_all_before_it_reasoning_also_between_pairs():
    text = "<think>a</think>first {}</think>{}"
    assert [text[start:end] for start, end in answer_spans(text)] == ["{}"]


@pytest.mark.parametrize(
    ("text", "value", "open_path", "rule"),
    [
        ('{"a": [1, 2', {"a": [1, 2]}, ("a", 1), "cut_number"),
        ('{"a": [1, tr', {"a": [1]}, ("a", 1), "cut_literal"),
        ('{"a": [1, -', {"a": [1]}, ("a", 1), "cut_number"),
        ('{"a": {"b": 1}, "c": tru', {"a": {"b": 1}}, ("c",), "cut_literal"),
        ('{"a\\"b": tru', {}, ('a"b',), "cut_literal"),
        ('{"\\ud83d": fal', {}, ("\ufffd",), "lone_surrogate"),
        ('{"a": 1, "a": 2, "b": [', {"a": 2, "b": []}, ("b",), "cut_container"),
        ('{"a": 1, "b', {"a": 1}, (), "cut_container"),
        ('{"a" ', {}, (), "cut_container"),
        ('{"a": "x\\u12', {"a": "x"}, ("a",), "cut_string"),
        ('{"a": "x\\', {"a": "x"}, ("a",), "cut_string"),
        ('{"a": "' + "\\\\" * 300, {"a": "\\" * 300}, ("a",), "cut_string"),
        ('["a", "b"', ["a", "b"], (), "cut_container"),
        ("[[], ", [[]], (), "cut_container"),
        ("[", [], (), "cut_container"),
    ],
)
def test_a_cut_value_is_read_up_to_its_cut(text, value, open_path, rule):
    (found,) = candidates(text)
    assert (found.value, found.is_cut, found.open_path) == (value, True, open_path)
    assert rule in {repair.rule for repair in found.repairs}


def test_a_cut_number_with_a_point_keeps_its_digits_where_they_are_asked_for():
    (found,) = candidates('{"a": 1.50, "b": [1', Hints(exact=True))
    assert found.value["a"].literal == "1.50"
    assert (found.is_cut, found.open_path) == (True, ("b", 0))


def test_the_last_resort_makes_nothing_up():
    assert is_made_up({"a": [""]}, "a")
    assert is_made_up({"a": ["x"]}, "a")
    assert not is_made_up({"a": ["x", 1, None]}, "x")
    assert repair_whole("[1, " * 10_000, 0) is None
    assert repair_whole("nothing here", 0) is None
