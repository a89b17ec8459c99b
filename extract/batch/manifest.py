"""What a run wrote, of what, and by which schema: a small JSON file beside the output, written last.

It tells the next run whether anything has changed at all, which rows failed and when, and what the columns were.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from ..errors import UsageError
from ..vocabulary import JsonObject
from .flat import Leaf

VERSION = 1
READ_BYTES = 1 << 20
Policy = Literal["add", "widen", "fail", "replace"]
"""What of the schema may differ from the last run's: `add`: fields may be added. `widen`: types may also become wider.
`fail`: nothing may. `replace`: anything may."""
WIDER = {"integer": ("number",), "string:date": ("string:date-time", "string"), "string:uuid": ("string",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One file that was written.

    Attributes:
        path: its name, in the manifest's own folder.
        rows: how many.
        bytes, digest: of the whole file.
    """

    path: str
    rows: int
    bytes: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The account of one run.

    Attributes:
        fingerprint: digest of everything that the outputs depend on.
        is_complete: whether every row is in the output or the dead letters.
        finished_s: seconds since the epoch.
        records, dead: the files.
        columns: name and type of each of the target's columns.
        command: the options of the command, for `retry`; never a key.
        summary: the account.
    """

    fingerprint: str
    is_complete: bool
    finished_s: float
    records: Written
    dead: Written
    columns: Mapping[str, str]
    command: JsonObject
    summary: JsonObject = field(default_factory=dict[str, Any])

    def is_intact(self, folder: Path) -> bool:
        """Whether both files are there as they were written."""
        return all(_is_same(folder / one.path, one) for one in (self.records, self.dead))


def _is_same(path: Path, written: Written) -> bool:
    try:
        return path.stat().st_size == written.bytes and digest_of([path]) == written.digest
    except OSError:
        return False


def manifest_path(output: Path) -> Path:
    """Where the manifest of an output is."""
    return output.with_name(f"{output.name}.manifest.json")


def read_manifest(output: Path) -> Manifest | None:
    """The manifest of an output; None where there is none that can be read."""
    try:
        held: dict[str, Any] = json.loads(manifest_path(output).read_text("utf-8"))
        if held.pop("version") != VERSION:
            return None
        held |= {name: Written(**held[name]) for name in ("records", "dead")}
        return Manifest(**held)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_manifest(output: Path, manifest: Manifest) -> None:
    """Put the manifest in place, whole."""
    path = manifest_path(output)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps({"version": VERSION, **asdict(manifest)}, indent=1, default=str), "utf-8")
    part.replace(path)


def written(path: Path, rows: int) -> Written:
    """The entry of a file that was put in place."""
    return Written(path=path.name, rows=rows, bytes=path.stat().st_size, digest=digest_of([path]))


def digest_of(paths: Iterable[Path], *words: str) -> str:
    """32 hex digits over the bytes of files and some words."""
    told = hashlib.blake2b(json.dumps(words).encode(), digest_size=16)
    for path in paths:
        with path.open("rb") as file:
            while data := file.read(READ_BYTES):
                told.update(data)
        told.update(b"\0")
    return told.hexdigest()


def columns_of(leaves: Sequence[Leaf]) -> dict[str, str]:
    """Name and type of each column, a `?` behind those that may be null."""
    return {leaf.name: leaf.type + ("?" if leaf.is_nullable else "") for leaf in leaves}


def check_policy(policy: str) -> Policy:
    """The policy that a word names."""
    if policy not in get_args(Policy):
        raise UsageError(f"--schema-change is {policy!r}; it must be one of {', '.join(get_args(Policy))}")
    return policy  # type: ignore[return-value]  # looked at just above


def check_change(old: Mapping[str, str], new: Mapping[str, str], policy: Policy, output: Path) -> None:
    """Raise a UsageError where the columns changed more than the policy lets them."""
    if policy == "replace":
        return
    gone = [f"{name} is gone" for name in old if name not in new]
    changed = [
        f"{name} was {old[name]} and is {new[name]}"
        for name in new
        if name in old and new[name] != old[name] and not (policy == "widen" and _is_wider(old[name], new[name]))
    ]
    added = [f"{name} is new" for name in new if name not in old] if policy == "fail" else []
    if problems := [*gone, *changed, *added]:
        raise UsageError(
            f"the columns of {output} would change: {'; '.join(problems[:5])}:"
            f" name another output, or take it with --schema-change {'replace' if policy != 'add' or gone else 'widen or replace'}"
        )


def _is_wider(old: str, new: str) -> bool:
    if old.endswith("?") and not new.endswith("?"):
        return False
    before, after = old.rstrip("?").split("|"), new.rstrip("?").split("|")
    return all(any(other in (kind, "json", *WIDER.get(kind, ())) for other in after) for kind in before)
