"""How much one extraction may spend. All of it is counted from the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..chat.reply import Usage
from ..errors import UsageError
from .attempt import History, everything_sent, total_usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a model costs, in any currency, per million tokens."""

    prompt: float
    completion: float
    cached: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Limits of one extraction; None where there is none.

    Attributes:
        attempts: how often each endpoint is asked for the content, the first time included (1 or more).
        resends: how often a request is sent again after trouble on the way, for each content attempt.
        continuations: how often the rest of a cut answer is asked for.
        steps_down: how often the method is changed because the endpoint does not take it.
        seconds: wall clock for the whole extraction, waits included.
        tokens: total tokens over all attempts.
        cost: total cost, in the currency of `prices`.
        prices: per model name as it is asked for.

    """

    attempts: int = 3
    resends: int = 3
    steps_down: int = 6
    continuations: int = 100
    seconds: float | None = None
    tokens: int | None = None
    cost: float | None = None
    prices: Mapping[str, Price] | None = None

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise UsageError(f"Budget.attempts is {self.attempts}; it must be 1 or more")
        for name in ("resends", "steps_down", "continuations"):
            if getattr(self, name) < 0:
                raise UsageError(f"Budget.{name} is {getattr(self, name)}; it must be 0 or more")
        if self.cost is not None and not self.prices:
            raise UsageError(
                'Budget.cost needs Budget.prices, e.g. prices={"model-name": Price(prompt=0.4, completion=1.6)}'
            )


def cost_of(history: History, prices: Mapping[str, Price] | None) -> float | None:
    """What the attempts cost; None where a model has no price or a server gave no count."""
    if not prices:
        return None
    total = 0.0
    for attempt in everything_sent(history):
        price = prices.get(str(attempt.request.body.get("model")))
        if price is None:
            return None
        total += _cost(attempt.usage, price)
    return total


def _cost(usage: Usage, price: Price) -> float:
    cached = usage.cached_tokens or 0 if price.cached is not None else 0
    prompt = (usage.prompt_tokens or 0) - cached
    spent = prompt * price.prompt + cached * (price.cached or 0.0) + (usage.completion_tokens or 0) * price.completion
    return spent / 1e6


def overspent(budget: Budget, history: History) -> str | None:
    """The limit that the history has used up, in words; None where there is room."""
    used = total_usage(history).total_tokens or 0
    if budget.tokens is not None and used >= budget.tokens:
        return f"{used} of {budget.tokens} tokens are used"
    cost = cost_of(history, budget.prices)
    if budget.cost is not None and cost is not None and cost >= budget.cost:
        return f"{cost:.6g} of {budget.cost:.6g} is spent"
    return None
