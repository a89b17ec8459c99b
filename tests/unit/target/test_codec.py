"""What the codecs take for equal."""

from typing import Any

import pytest

from extract.target.codec import leaf_cost, same_json


@pytest.mark.parametrize("one, other", [(1, 1.0), ([1], [1.0]), ({"a": 1, "b": []}, {"b": [], "a": 1.0}), (None, None)])
def test_equal_numbers_are_equal_wherever_they_stand(one: Any, other: Any) -> None:
    assert same_json(one, other)


@pytest.mark.parametrize(
    "one, other", [(1, True), ([1], [True]), ({"a": [0]}, {"a": [False]}), ({"a": 1}, {"b": 1}), ([1], [1, 1])]
)
def test_true_is_no_number_wherever_it_stands(one: Any, other: Any) -> None:
    assert not same_json(one, other)
    assert leaf_cost({"const": one}, other) > leaf_cost({"const": one}, one) == 0
