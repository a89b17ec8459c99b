"""Agreement: one question answered several times, and what becomes of the places where the answers differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from ..errors import UsageError
from ..vocabulary import Issue, JsonValue, Path, show_found
from .consensus import Consensus, Outvoted, consensus

Disputed = Literal["majority", "ask", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agree:
    """Ask several times and compare.

    Attributes:
        samples: how many valid answers are compared, 2 or more: choices of one request where the endpoint has `n`,
            else requests one after another.
        least: share of the answers that must say the same, above 0 up to 1; a place with less is disputed.
        disputed: what becomes of disputed places: `majority` takes what most say, `ask` asks once more for just those
            places with the differing answers shown, `error` raises an `InvalidOutputError` that names them.

    """

    samples: int = 3
    least: float = 0.6
    disputed: Disputed = "majority"

    def __post_init__(self) -> None:
        if isinstance(self.samples, bool) or self.samples < 2:
            raise UsageError(f"Agree.samples is {show_found(self.samples)}; it must be 2 or more")
        if not 0 < self.least <= 1:
            raise UsageError(f"Agree.least is {self.least}; it must be above 0, up to 1")
        if self.disputed not in get_args(Disputed):
            raise UsageError(f"Agree.disputed is {self.disputed!r}; it must be one of {', '.join(get_args(Disputed))}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far several answers agree with the value that was taken.

    Attributes:
        samples: how many answers were compared.
        scores: for each leaf of the value the share of the answers that say it, from 0 to 1.
        disputed: places where too few agreed, before any of them was asked again.
        outvoted: what other answers said, with their share.

    """

    samples: int
    scores: Mapping[Path, float]
    disputed: tuple[Path, ...] = ()
    outvoted: tuple[Outvoted, ...] = ()

    def score(self, path: Path = ()) -> float:
        """The lowest score at a place and below it; KeyError where the value has nothing there."""
        found = [score for leaf, score in self.scores.items() if leaf[: len(path)] == path]
        if not found:
            raise KeyError(path)
        return min(found)


def agreement_of(values: Sequence[JsonValue], taken: JsonValue, least: float) -> Agreement:
    """How far the answers agree with the value that is taken."""
    counted = consensus((taken, *values), pivot=0)
    many = len(values)
    scores = {path: (score * (many + 1) - 1) / many for path, score in counted.scores.items()}
    lost = tuple(
        Outvoted(one.path, one.value, one.share * (many + 1) / many) for one in counted.outvoted if one.share > 0
    )
    return Agreement(samples=many, scores=scores, disputed=disputed_places(scores, lost, least), outvoted=lost)


def disputed_places(scores: Mapping[Path, float], lost: Sequence[Outvoted], least: float) -> tuple[Path, ...]:
    """Places where too few answers agree: leaves with a low score, and members that nearly were in the value."""
    low = (path for path, score in scores.items() if score < least)
    near = (one.path for one in lost if 1 - one.share < least and one.path not in scores)
    return tuple(dict.fromkeys((*low, *near)))


def issues_of_dispute(found: Consensus | Agreement, disputed: Sequence[Path]) -> Iterator[Issue]:
    """What is said of disputed places: all answers that were given."""
    for path in disputed:
        others = [show_found(one.value) for one in found.outvoted if one.path == path]
        yield Issue(path, "disputed", f"other answers said {', '.join(others) or 'nothing'}; which is stated?")
