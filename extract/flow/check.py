"""Checks of values that need more than a type: run by the driver, once per value, sync or async, reported or fatal.

    Check(test)                             of the whole value
    Check(test, at="items[].price")         of each value at such a place
    Check(test, fatal=False)                reported on the extraction, never raised, never asked again

Pure: what is due is found here and what was said is read here; `drive.py` runs the tests.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from ..errors import UsageError
from ..target.compile import Target
from ..text.strict import dumps
from ..vocabulary import Issue, JsonObject, JsonValue, Path, show_found, show_path
from .attempt import History, Verdict
from .held import member
from .place import look, schema_at

STEP: Final = re.compile(r"\.?([^.\[\]]+)|(\[\])")
EVERY: Final = 0
"""Stands for every member in the steps of a place; names are texts, so they are never confused."""
DIGEST_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Check:
    """A test of a value that needs more than its type.

    Attributes:
        test: takes the value. It passes by returning None or True; it fails by returning False or a sentence that says
            what is wrong, or by raising ValueError or AssertionError. It may be async. Other exceptions pass through.
        at: which values, in the names of the answer's JSON: `total`, `items[].price` (each item's), `` (the whole).
            What is None or absent is not tested.
        fatal: whether a failure is an error, asked again like any other; else it is only reported.
        name: for reports; the test's own name when not given.

    """

    test: Callable[[Any], object]
    at: str = ""
    fatal: bool = True
    name: str = ""

    def __post_init__(self) -> None:
        if not callable(self.test):
            raise UsageError(f"Check: the test is {show_found(self.test)}; it must be callable with one value")
        if STEP.sub("", self.at):
            raise UsageError(f'Check: at={self.at!r} is no place; write e.g. "items[].price"')

    @property
    def steps(self) -> Path:
        """The place as a path in which `EVERY` stands for each member."""
        return tuple(name or EVERY for name, _ in cast("list[tuple[str, str]]", STEP.findall(self.at)))

    @property
    def label(self) -> str:
        """The name for reports."""
        return self.name or getattr(self.test, "__name__", type(self.test).__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """What a test said that has asked a model: its problem, None where it passed, and what the asking took."""

    problem: str | None
    attempts: History = ()


@dataclass(frozen=True, slots=True, eq=False)
class Due:
    """One test that is to be run.

    Attributes:
        check: what to run.
        value: on what, as the user's type has it.
        path: where it stands.
        key: tells equal work: the check's number and a digest of the value.

    """

    check: Check
    value: object
    path: Path
    key: str


def checks_of(given: Iterable[object]) -> tuple[Check, ...]:
    """What a user gave, as checks: a bare function tests the whole value and is fatal."""
    found: list[Check] = []
    for one in given:
        if isinstance(one, Check):
            found.append(one)
        elif callable(one):
            found.append(Check(one))
        else:
            raise UsageError(f"checks holds {show_found(one)}; it takes functions and Check(...)")
    return tuple(found)


def check_places(checks: Iterable[Check], target: Target[Any]) -> None:
    """Raise a UsageError for a check at a place that the target does not have."""
    for check in checks:
        if not target.is_any and not _exists(target.schema, check.steps):
            raise UsageError(f"Check {check.label}: {target.name} has no {check.at!r}; use the names of its JSON")


def _exists(schema: JsonObject, steps: Path, path: Path = ()) -> bool:
    if not steps:
        return schema_at(schema, path) is not None
    first, rest = steps[0], steps[1:]
    tries: tuple[str | int, ...] = (first,) if isinstance(first, str) else (0, "[]")
    return any(schema_at(schema, (*path, step)) is not None and _exists(schema, rest, (*path, step)) for step in tries)


def due(
    checks: Sequence[Check], value: object, json: JsonValue, known: Mapping[str, str | None]
) -> tuple[tuple[Due, ...], tuple[Verdict, ...]]:
    """The tests that a value calls for, and the verdicts that are known already because an equal value was tested."""
    wanted: dict[str, Due] = {}
    told: list[Verdict] = []
    for number, check in enumerate(checks):
        for path, held in _places(value, check.steps, ()):
            key = f"{number}:{_digest(json, path, held)}"
            if key in known:
                told.append(Verdict(check.label, path, known[key], is_fatal=check.fatal, key=key))
            else:
                wanted.setdefault(key, Due(check, held, path, key))
    return tuple(wanted.values()), tuple(told)


def _digest(json: JsonValue, path: Path, held: object) -> str:
    try:
        text = dumps(look(json, path))
    except LookupError:  # a default that the answer left out
        text = repr(held)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).hexdigest()


def _places(value: object, steps: Path, at: Path) -> Iterator[tuple[Path, object]]:
    """Each value at a place, with its path in JSON; what is None or absent is left out."""
    if value is None:
        return
    if not steps:
        yield at, value
        return
    first, rest = steps[0], steps[1:]
    if isinstance(first, str):
        yield from _places(member(value, first), rest, (*at, first))
    elif isinstance(value, Mapping):
        for key, held in cast("Mapping[Any, object]", value).items():
            yield from _places(held, rest, (*at, str(key)))
    elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
        for index, held in enumerate(cast("Iterable[object]", value)):
            yield from _places(held, rest, (*at, index))


def verdict_of(one: Due, said: object) -> Verdict:
    """What a test said, as a verdict."""
    if isinstance(said, Said):
        return replace(verdict_of(one, said.problem), attempts=said.attempts)
    problem: str | None
    if said is None or said is True:
        problem = None
    elif said is False:
        problem = f"does not pass {one.check.label}"
    elif isinstance(said, ValueError | AssertionError):
        problem = str(said) or f"does not pass {one.check.label}"
    elif isinstance(said, str):
        problem = said
    else:
        raise UsageError(
            f"Check {one.check.label} returned {show_found(said)} for {show_path(one.path)};"
            " it must return None or True (passed), False or a sentence (failed)"
        )
    return Verdict(one.check.label, one.path, problem, is_fatal=one.check.fatal, key=one.key)


def issues_of(verdicts: Iterable[Verdict], json: JsonValue) -> tuple[Issue, ...]:
    """The fatal failures, as issues of the value."""
    return tuple(
        Issue(verdict.path, "check", verdict.problem, _shown(json, verdict.path))
        for verdict in verdicts
        if verdict.is_fatal and verdict.problem is not None
    )


def _shown(json: JsonValue, path: Path) -> str | None:
    try:
        held = look(json, path)
    except LookupError:
        return None
    return None if isinstance(held, dict | list) else show_found(held)
