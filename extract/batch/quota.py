"""What a reply's headers say about what is left: requests and tokens, and when there will be more.

Sources, read 2026-11-25: community.openai.com/t/1268905 (a reply of the reference endpoint: `x-ratelimit-limit-requests: 5000`,
`-remaining-requests: 4999`, `-reset-requests: 12ms`: the time until the quota is whole again, so it refills steadily);
learn.microsoft.com/answers/questions/5625878 (Azure sends -1 and 0 for what it does not know); docs.pyannote.ai/ratelimits
(`X-RateLimit-Remaining` and a reset in epoch seconds).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

UNITS_S = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|d|h|m|s)")
EPOCH_S = 1_000_000_000.0
"""A reset above this is a moment, not a duration."""
NAMES = (
    ("x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"),
    ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"),
)


@dataclass(frozen=True, slots=True)
class Quota:
    """One quota that is used up.

    Attributes:
        wait_s: seconds until at least one more request is likely to be taken.
    """

    wait_s: float


def quota_of(headers: Mapping[str, str]) -> Quota | None:
    """The quota that these headers say is used up; None where none is, or none is told.

    A quota that refills steadily has one request again after its share of the time until it is whole.
    """
    waits = [wait for names in NAMES if (wait := _wait_s(headers, *names)) is not None]
    return Quota(max(waits)) if waits else None


def _wait_s(headers: Mapping[str, str], limit: str, remaining: str, reset: str) -> float | None:
    left = headers.get(remaining)
    if left is None or _number(left) != 0:
        return None
    reset_s = duration_s(headers.get(reset, ""), headers.get("date"))
    if not reset_s:
        return None
    whole = _number(headers.get(limit, ""))
    return reset_s if whole is None or whole < 1 else max(reset_s / whole, 0.01)


def _number(text: str) -> float | None:
    try:
        return float(text.split(",", maxsplit=1)[0].split(";", maxsplit=1)[0])
    except ValueError:
        return None


def duration_s(text: str, date: str | None = None) -> float | None:
    """Seconds in `12ms`, `6m0s`, `1.5` or an epoch time (told from the reply's own `date`); None where it is none."""
    text = text.strip()
    plain = _number(text)
    if plain is not None and plain >= EPOCH_S:
        try:
            return max(0.0, plain - parsedate_to_datetime(date or "").timestamp())
        except ValueError:
            return None
    if plain is not None:
        return plain if plain >= 0 else None
    parts = DURATION.findall(text)
    if not parts or "".join(f"{number}{unit}" for number, unit in parts) != text:
        return None
    return sum(float(number) * UNITS_S[unit] for number, unit in parts)
