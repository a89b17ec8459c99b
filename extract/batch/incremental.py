"""A field was added to the target: only that field is asked, and joined to the value that the journal has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

from ..drive import run
from ..flow.errors import ExtractionError
from ..flow.part import correction_for
from ..flow.place import resolve
from ..flow.plan import Plan
from ..target.compile import compile_target
from ..vocabulary import Issue, JsonObject, JsonValue, Path, show_path
from .job import structure
from .journal import course_of
from .replay import Replay, Tape

T = TypeVar("T")
DEPTH = 8
"""Schemas nested deeper are compared as they are written."""


def begun(plan: Plan[T], tape: Tape) -> Plan[T]:
    """The plan that asks only for what the nearest earlier reply to the same source lacks; the plan itself where there is none."""
    if course_of(b"", "", "whole") in tape.load():
        return plan
    for job, _ in reversed(tape.journal.of_source(tape.job.source)):
        if tape.job.differences(job) != ("schema",):
            continue
        shape = tape.journal.shape(job.schema)
        if shape is None:
            continue
        base = _value(plan, shape, Tape(tape.journal, job, may_ask=False))
        if not isinstance(base, dict):
            continue
        schema = plan.target.schema
        paths = tuple(new_paths(schema, shape))
        kept = _without(base, paths, schema)
        if not paths:
            continue
        part = correction_for(schema, kept, [Issue(path, "missing", "it was not asked for before") for path in paths])
        if part is None:
            continue
        named = "\n".join(f"{name} = {show_path(path)}" for name, path in part.places)
        words = f"Only these values are wanted:\n{named}\nnull where the document does not state it."
        return replace(plan, part=replace(part, words=words), base=kept)
    return plan


def _value(plan: Plan[Any], shape: JsonObject, tape: Tape) -> JsonValue:
    """What an earlier job gave, as JSON; None where it gave nothing."""
    earlier = begun(replace(plan, target=compile_target(shape), examples=()), tape)
    try:
        found = run(earlier, [Replay((), tape)] * len(plan.chain), timeout_s=None, sleep=_at_once)
    except ExtractionError:
        return None
    return found.json


def _at_once(_delay_s: float) -> None:
    """Nothing is sent, so nothing is waited for."""


def new_paths(new: JsonObject, old: JsonObject) -> Iterator[Path]:
    """Where a schema asks for what the other did not: fields that were added or changed, those within objects alone."""
    return _new(new, new, old, old, (), DEPTH)


def _new(
    new_root: JsonObject, new: JsonValue, old_root: JsonObject, old: JsonValue, at: Path, depth: int
) -> Iterator[Path]:
    new, old = _resolved(new_root, new), _resolved(old_root, old)
    here, there = _properties(new), _properties(old)
    if here is None or there is None or not depth:
        if not _same(new_root, new, old_root, old, DEPTH):
            yield at
        return
    for name, sub in here.items():
        if name in there:
            yield from _new(new_root, sub, old_root, there[name], (*at, name), depth - 1)
        else:
            yield (*at, name)


def _properties(schema: JsonValue) -> JsonObject | None:
    found = schema.get("properties") if isinstance(schema, dict) else None
    return found if isinstance(found, dict) else None


def _resolved(root: JsonObject, schema: JsonValue) -> JsonValue:
    return resolve(root, schema) if isinstance(schema, dict) else schema


def _same(root: JsonObject, one: JsonValue, other_root: JsonObject, other: JsonValue, depth: int) -> bool:
    """Whether two schemas ask for the same, references followed."""
    if not depth:
        return structure(one) == structure(other)
    one, other = structure(_resolved(root, one)), structure(_resolved(other_root, other))
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() - {"$defs"} != other.keys() - {"$defs"}:
            return False
        return all(_same(root, one[key], other_root, other[key], depth - 1) for key in one if key != "$defs")
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            _same(root, a, other_root, b, depth - 1) for a, b in zip(one, other, strict=True)
        )
    return one == other


def _without(value: JsonObject, paths: tuple[Path, ...], schema: JsonObject) -> JsonObject:
    """The value without what is asked anew, and without what the schema has no more."""
    gone = {path[0] for path in paths if len(path) == 1}
    known = _properties(_resolved(schema, schema))
    kept: JsonObject = {}
    for name, held in value.items():
        if name in gone or (known is not None and name not in known):
            continue
        below = tuple(path[1:] for path in paths if len(path) > 1 and path[0] == name)
        sub = _resolved(schema, known[name]) if known is not None else None
        if isinstance(held, dict) and isinstance(sub, dict) and _properties(sub) is not None:
            kept[name] = _without(held, below, {**schema, **sub})
        else:
            kept[name] = held
    return kept
