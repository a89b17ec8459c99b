"""Sampling parameters that no server can take are refused by name before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from extract.chat.sampling import body_of, check_sampling
from extract.errors import UsageError


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"temperature": "hot"}, "temperature is 'hot'; it must be a number"),
        ({"temperature": True}, "it must be a number"),
        ({"temperature": float("nan")}, "it must be 0 or more"),
        ({"temperature": -0.1}, "it must be 0 or more"),
        ({"n": 1.5}, "n is 1.5; it must be a whole number"),
        ({"n": 0}, "n is 0; it must be from 1 to 128"),
        ({"thinking_budget": -1}, "it must be 0 or more"),
        ({"repetition_penalty": float("inf")}, "it must be 0 or more"),
        ({"logprobs": 1}, "logprobs is 1; it must be True or False"),
        ({"reasoning_effort": 3}, "reasoning_effort is 3; it must be a str"),
        ({"stop": []}, "a text or a list of up to"),
        ({"stop": ""}, "a text or a list of up to"),
        ({"stop": ["a", 5]}, "a text or a list of up to"),
        ({"stop": {"a": 1}}, "a text or a list of up to"),
        ({"stop": [str(number) for number in range(99)]}, "stop has 99 texts"),
        ({"temprature": 1}, "unknown parameter temprature=1"),
    ],
)
def test_a_parameter_that_no_server_takes_is_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check_sampling(given)


def test_good_parameters_are_body_fields_as_they_are() -> None:
    given: Any = {"temperature": 0, "n": 2, "stop": ["a"], "logprobs": True, "reasoning_effort": "low", "seed": -1}
    check_sampling(given)
    assert body_of(given) == given
