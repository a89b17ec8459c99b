import json

import pytest

from extract.text import dumps, loads
from extract.vocabulary import Number


def test_exact_numbers_keep_their_digits():
    assert dumps(loads("[9007199254740993.0, 1e400, 0.10]", exact=True)) == "[9007199254740993.0, 1e400, 0.10]"


def test_an_overflow_keeps_its_digits_even_without_exact():
    assert isinstance(loads("1e400"), Number)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "[1,]", "", "{'a': 1}", "[" * 100_000])
def test_what_is_no_json_is_a_value_error(text):
    with pytest.raises(ValueError):
        loads(text)


def test_deep_values_are_written_without_recursion():
    value: list = []
    for _ in range(5000):
        value = [value]
    assert dumps(value) == "[" * 5001 + "]" * 5001


def test_what_is_written_reads_back():
    value = {"a": [1, 2.5, None, True, {"ü": '"\\\n'}], "": {}, "l": []}
    assert json.loads(dumps(value)) == value
