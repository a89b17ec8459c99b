import pytest

from extract.text import candidates
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
