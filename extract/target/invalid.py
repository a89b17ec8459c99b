"""A value that its target refuses, as issues in the user's own names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from traceback import walk_tb
from types import FrameType
from typing import Any, Final

from pydantic import ValidationError

from ..vocabulary import Issue, JsonValue, Path, show_found


class Invalid(ValueError):  # noqa: N818 # the name that the other floors know
    """The target refuses the value.

    Attributes:
        issues: what is wrong, never empty, in the order of the value.

    """

    def __init__(self, issues: tuple[Issue, ...]) -> None:
        super().__init__(issues)
        self.issues = issues

    def __str__(self) -> str:
        return "; ".join(map(str, self.issues))


TRIPPED: Final = (TypeError, AttributeError, LookupError, ArithmeticError, RecursionError)
"""What a validator raises that did not expect such a value: `int(None)`, `Decimal("a")`, `{}["b"]`.

Pydantic lets them pass. They are faults of the value as much as of the validator, and one row's value must not end a
job of millions; what no value causes (a lost connection, a full disk) passes through.
"""


def tripped(error: Exception) -> Issue:
    """The issue for a validator that raised anything but ValueError or AssertionError; it names the function."""
    theirs = [(frame.f_code, line) for frame, line in walk_tb(error.__traceback__) if _is_foreign(frame)]
    name = "a validator"
    if theirs:
        code, line = theirs[0]
        name = f"{code.co_name} ({PurePath(code.co_filename).name}:{line})"
    return Issue((), "validator_tripped", f"{name} raised {type(error).__name__}: {error!s:.200}")


def _is_foreign(frame: FrameType) -> bool:
    """Whether a frame is neither ours nor Pydantic's."""
    module: str = frame.f_globals.get("__name__", "")
    return module.partition(".")[0] not in (__name__.partition(".")[0], "pydantic")


class _Found:
    """One of Pydantic's errors, its place split into what the user wrote and what Pydantic added."""

    __slots__ = ("branch", "issue", "split")

    def __init__(self, issue: Issue, split: Path | None, branch: str) -> None:
        self.issue = issue
        self.split = split
        self.branch = branch


def issues_of(error: ValidationError, value: JsonValue) -> tuple[Issue, ...]:
    """Pydantic's errors about a JSON value, by its keys and indices; of a union, the branch that came nearest."""
    found = [_found(line, value) for line in error.errors(include_url=False, include_context=False)]
    return tuple(dict.fromkeys(_nearest(found)))


def _found(line: Mapping[str, Any], value: JsonValue) -> _Found:
    place, split, branch = _split(line["loc"], value, is_missing=line["type"] == "missing")
    found = None if line["type"] == "missing" else show_found(line["input"])
    return _Found(Issue(place, line["type"], line["msg"], found), split, branch)


def _split(loc: Sequence[str | int], value: JsonValue, *, is_missing: bool) -> tuple[Path, Path | None, str]:
    """The steps of `loc` that lead through the value; where the first other one stood, and its text."""
    place: Path = ()
    split: Path | None = None
    branch = ""
    for index, step in enumerate(loc):
        is_last = index == len(loc) - 1
        if isinstance(value, dict) and (str(step) in value or (is_missing and is_last)):
            place += (str(step),)
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and (step < len(value) or is_last):
            place += (step,)
            value = value[step] if -len(value) <= step < len(value) else None
        elif split is None:
            split, branch = place, str(step)
    return place, split, branch


def _nearest(found: list[_Found]) -> Iterator[Issue]:
    """Of the branches of one union the one that went deepest with the fewest issues; plain issues as they are."""
    branches: dict[Path, dict[str, list[Issue]]] = {}
    for one in found:
        if one.split is not None:
            branches.setdefault(one.split, {}).setdefault(one.branch, []).append(one.issue)
    done: set[Path] = set()
    for one in found:
        if one.split is None:
            yield one.issue
        elif one.split not in done:
            done.add(one.split)
            yield from _of_union(one.split, list(branches[one.split].values()))


def _of_union(place: Path, groups: list[list[Issue]]) -> Iterator[Issue]:
    deep = [group for group in groups if any(issue.loc != place for issue in group)]
    if deep:
        yield from min(deep, key=len)
        return
    issues = [issue for group in groups for issue in group]
    messages = dict.fromkeys(issue.message for issue in issues)
    yield Issue(place, issues[0].kind, "; or ".join(messages), issues[0].found)
