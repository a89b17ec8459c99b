"""What a hook is told: each attempt when it is over, and how the extraction ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..chat.reply import Reply, Usage
from .attempt import Attempt, History
from .errors import EndpointError, ExtractionError
from .extraction import Extraction
from .plan import Link


@dataclass(frozen=True, slots=True, eq=False)
class Ended:
    """An extraction is over.

    Attributes:
        target: name of what was asked for.
        outcome: the value with its account, or the error with the same.
        providers: what telemetry calls the provider, by index of the endpoint in the chain.
        began_s, ended_s: on the monotonic clock, as the times of replies.
    """

    target: str
    outcome: Extraction[Any] | ExtractionError
    providers: tuple[str, ...]
    began_s: float
    ended_s: float

    @property
    def attempts(self) -> History:
        """All attempts, oldest first."""
        return self.outcome.attempts

    @property
    def usage(self) -> Usage:
        """Tokens over all attempts."""
        return self.outcome.usage

    @property
    def error(self) -> str | None:
        """A short word for what went wrong: the endpoint's kind, or the error's name; None where there is a value."""
        if isinstance(self.outcome, Extraction):
            return None
        if isinstance(self.outcome, EndpointError):
            return self.outcome.kind
        return type(self.outcome).__name__

    @property
    def replayed(self) -> int:
        """Attempts whose reply came from a journal: nothing was sent for them."""
        return sum(map(is_replayed, self.attempts))


Event = Attempt | Ended


def is_replayed(attempt: Attempt) -> bool:
    """Whether the reply came from a journal."""
    return isinstance(attempt.reply, Reply) and attempt.reply.method is not None


def provider_of(link: Link) -> str:
    """What telemetry calls a provider: the row's word, else the host."""
    return link.endpoint.provider or urlsplit(link.base_url).hostname or link.base_url
