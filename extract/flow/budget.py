"""How much one extraction may spend. All of it is counted from the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ..chat.reply import Lost, Usage
from ..errors import UsageError
from ..text.strict import dumps
from .attempt import Attempt, History, everything_sent


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
        for name in ("seconds", "tokens", "cost"):
            limit = getattr(self, name)
            if limit is not None and not limit > 0:
                raise UsageError(f"Budget.{name} is {limit}; it must be above 0, or None for no limit")
        if self.cost is not None and not self.prices:
            raise UsageError(
                'Budget.cost needs Budget.prices, e.g. prices={"model-name": Price(prompt=0.4, completion=1.6)}'
            )


def check_prices(budget: Budget, models: Iterable[str]) -> None:
    """Raise a UsageError where a cost is limited and a model has no price: such a limit would not hold."""
    unpriced = [model for model in models if model not in (budget.prices or {})]
    if budget.cost is not None and unpriced:
        raise UsageError(f"Budget.cost is given, but Budget.prices has no price for {', '.join(map(repr, unpriced))}")


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
    """The limit that the history has used up, in words; None where there is room.

    Where a server gives no counts, they are taken from the size of what was sent and came, so that a limit holds there too.
    """
    if budget.tokens is None and budget.cost is None:
        return None
    counted = [(attempt, counted_usage(attempt)) for attempt in everything_sent(history)]
    used = sum((usage.prompt_tokens or 0) + (usage.completion_tokens or 0) for _, usage in counted)
    if budget.tokens is not None and used >= budget.tokens:
        return f"{used} of {budget.tokens} tokens are used"
    prices = budget.prices or {}
    priced = ((usage, prices.get(str(attempt.request.body.get("model")))) for attempt, usage in counted)
    cost = sum(_cost(usage, price) for usage, price in priced if price is not None)
    if budget.cost is not None and cost >= budget.cost:
        return f"{cost:.6g} of {budget.cost:.6g} is spent"
    return None


def counted_usage(attempt: Attempt) -> Usage:
    """The server's counts; where it gave none for an answer, an estimate of one token for each 4 bytes."""
    usage, reply = attempt.usage, attempt.reply
    if isinstance(reply, Lost) or not reply.choices:
        return usage
    if usage.prompt_tokens is not None and usage.completion_tokens is not None:
        return usage
    said = "".join(
        (choice.reasoning or "") + choice.text + "".join(call.arguments for call in choice.tool_calls)
        for choice in reply.choices
    )
    if usage.total_tokens is not None:
        return replace(usage, prompt_tokens=usage.total_tokens, completion_tokens=0)
    prompt = dumps(attempt.request.body["messages"]) if usage.prompt_tokens is None else ""
    return replace(
        usage,
        prompt_tokens=usage.prompt_tokens or _estimated(prompt),
        completion_tokens=usage.completion_tokens or _estimated(said),
    )


def _estimated(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass")) // 4
