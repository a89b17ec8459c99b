"""What a run would cost, from a sample of its rows: requests, tokens and money with an interval. No tokenizer is loaded. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..chat.request import Request
from ..flow.budget import Price

LATIN_CHARS = 4.0
WIDE_CHARS = 1.4
"""Characters a token: of Latin and the like, and of Chinese, Japanese and Korean (0.6 to 1 token a character)."""
UNSURE = 0.3
"""Share by which a count by characters may be off; a count scaled by what the server counted before is taken as `SURE`."""
SURE = 0.05
ENOUGH = 20
"""Exchanges in a journal from which the scale is taken."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A number and the bounds between which it lies in 19 of 20 runs, as far as the sample can tell."""

    low: float
    mean: float
    high: float

    def __mul__(self, factor: float) -> Interval:
        return Interval(self.low * factor, self.mean * factor, self.high * factor)

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.mean + other.mean, self.high + other.high)

    def __str__(self) -> str:
        return f"{_shown(self.mean)} ({_shown(self.low)} to {_shown(self.high)})"


def _shown(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


@dataclass(frozen=True, slots=True)
class Known:
    """What a journal knows of earlier exchanges: our count of the prompt, and the server's counts."""

    counted: int
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What is expected.

    Attributes:
        rows: of the input.
        requests: at least; re-asks come on top.
        prompt_tokens, completion_tokens: of these requests.
        cost: in the currency of the price; None without one.
        sample: rows that were looked at.
        is_scaled: whether earlier exchanges told how the server counts.
    """

    rows: int
    requests: int
    prompt_tokens: Interval
    completion_tokens: Interval
    cost: Interval | None
    sample: int
    is_scaled: bool


def tokens_in(text: str) -> int:
    """A rough count of a text's tokens."""
    wide = sum(1 for char in text if "\u2e80" <= char <= "\uffef") if not text.isascii() else 0
    return math.ceil((len(text) - wide) / LATIN_CHARS + wide / WIDE_CHARS)


def prompt_tokens(request: Request) -> int:
    """A rough count of what a request says: messages, and the schema beside them."""
    told = {name: request.body[name] for name in ("messages", "response_format", "tools") if name in request.body}
    return tokens_in(json.dumps(told, ensure_ascii=False))


def estimate(
    pairs: Sequence[tuple[int, int]], rows: int, requests: int, known: Sequence[Known], price: Price | None
) -> Estimate:
    """What a run of so many rows will need.

    Args:
        pairs: our counts of prompt and completion tokens for each row of the sample.
        rows: of the input.
        requests: of the whole run.
        known: earlier exchanges with the same schema.
        price: of the model.
    """
    is_scaled = len(known) >= ENOUGH and sum(one.counted for one in known) > 0
    prompt = _interval([float(prompt) for prompt, _ in pairs])
    completion = _interval([float(completion) for _, completion in pairs])
    if is_scaled:
        prompt = prompt * (sum(one.prompt_tokens for one in known) / sum(one.counted for one in known))
        completion = _interval([float(one.completion_tokens) for one in known])
    off = SURE if is_scaled else UNSURE
    prompt, completion = (
        Interval(one.low * (1 - off), one.mean, one.high * (1 + off)) * requests for one in (prompt, completion)
    )
    cost = None if price is None else prompt * (price.prompt / 1e6) + completion * (price.completion / 1e6)
    return Estimate(
        rows=rows,
        requests=requests,
        prompt_tokens=prompt,
        completion_tokens=completion,
        cost=cost,
        sample=len(pairs),
        is_scaled=is_scaled,
    )


def _interval(numbers: Sequence[float]) -> Interval:
    if not numbers:
        return Interval(0, 0, 0)
    mean = sum(numbers) / len(numbers)
    if len(numbers) < 2:
        return Interval(mean, mean, mean)
    spread = math.sqrt(sum((number - mean) ** 2 for number in numbers) / (len(numbers) - 1))
    half = 1.96 * spread / math.sqrt(len(numbers))
    return Interval(max(0.0, mean - half), mean, mean + half)
