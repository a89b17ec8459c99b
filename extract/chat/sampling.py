"""The request parameters that a caller may give, checked before any I/O.

The reference document (docs.siliconflow.cn, chat completions, scraped November 2024 and read again 2026-11-23) names model,
messages, stream, max_tokens, stop, temperature, top_p, top_k, frequency_penalty, n, response_format and tools; the others
are those of its newer pages and of the usual servers. Anything else goes through `extra_body`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, cast

from typing_extensions import TypedDict

from ..errors import UsageError
from ..vocabulary import JsonValue, show_found

MAX_STOPS = 4


class Sampling(TypedDict, total=False):
    """How the model is to answer; what is not given is not sent (but for `max_tokens`, whose default is the endpoint's).

    Attributes:
        max_tokens: longest answer in tokens, 1 or more.
        stop: up to 4 texts at which the answer ends.
        temperature: randomness, 0 or more.
        top_p: share of the probability mass that is sampled from, above 0 up to 1.
        top_k: how many tokens are sampled from, 1 or more (-1: all, where a server knows that).
        min_p: least probability relative to the best token, 0 to 1.
        frequency_penalty: -2 to 2; above 0 it penalises the repeated keys of JSON.
        presence_penalty: -2 to 2.
        repetition_penalty: above 0.
        n: number of choices, 1 or more.
        seed: for repeatable sampling, where a server has it.
        logprobs: whether log probabilities come back.
        top_logprobs: 0 to 20.
        enable_thinking: switches thinking, where the model has the switch.
        thinking_budget: most tokens of thinking.
        reasoning_effort: how much a reasoning model thinks.
        user: your own id of the end user.
    """

    max_tokens: int
    stop: str | list[str]
    temperature: float
    top_p: float
    top_k: int
    min_p: float
    frequency_penalty: float
    presence_penalty: float
    repetition_penalty: float
    n: int
    seed: int
    logprobs: bool
    top_logprobs: int
    enable_thinking: bool
    thinking_budget: int
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
    user: str


Range = tuple[float, float, bool]
"""Lowest, highest, and whether only whole numbers are taken."""
INF = math.inf
RANGES: Mapping[str, Range] = {
    "max_tokens": (1, INF, True),
    "temperature": (0, INF, False),
    "top_p": (0, 1, False),
    "top_k": (-1, INF, True),
    "min_p": (0, 1, False),
    "frequency_penalty": (-2, 2, False),
    "presence_penalty": (-2, 2, False),
    "repetition_penalty": (0, INF, False),
    "n": (1, 128, True),
    "seed": (-(2**63), 2**63 - 1, True),
    "top_logprobs": (0, 20, True),
    "thinking_budget": (0, INF, True),
}
FLAGS = ("logprobs", "enable_thinking")
WORDS = ("reasoning_effort", "user")


def check_sampling(sampling: Mapping[str, object]) -> None:
    """Raise a UsageError for the first parameter that no server can take."""
    for name, value in sampling.items():
        if name in RANGES:
            _check_number(name, value, RANGES[name])
        elif name in FLAGS:
            _check_type(name, value, bool, "True or False")
        elif name in WORDS:
            _check_type(name, value, str, "a str")
        elif name == "stop":
            _check_stop(value)
        else:
            raise UsageError(
                f"unknown parameter {name}={show_found(value)}; fields of your server go into extra_body={{...}}"
            )


def _check_number(name: str, value: object, allowed: Range) -> None:
    low, high, whole = allowed
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise UsageError(f"{name} is {show_found(value)}; it must be {'a whole number' if whole else 'a number'}")
    if not low <= value <= high or math.isinf(value):
        room = f"{low:g} or more" if high == INF else f"from {low:g} to {high:g}"
        raise UsageError(f"{name} is {value}; it must be {room}")


def _check_type(name: str, value: object, kind: type, words: str) -> None:
    if not isinstance(value, kind):
        raise UsageError(f"{name} is {show_found(value)}; it must be {words}")


def _check_stop(value: object) -> None:
    stops = [value] if isinstance(value, str) else _members(value)
    if not stops or not all(isinstance(stop, str) and stop for stop in stops):
        raise UsageError(f"stop is {show_found(value)}; it must be a text or a list of up to {MAX_STOPS} texts")
    if len(stops) > MAX_STOPS:
        raise UsageError(f"stop has {len(stops)} texts; 1 to {MAX_STOPS} are taken")


def _members(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def body_of(sampling: Sampling) -> dict[str, JsonValue]:
    """The parameters as body fields."""
    return cast("dict[str, JsonValue]", dict(sampling))  # every value type is JSON
