"""The parts of a provider batch on disk, so that a run that was stopped anywhere goes on by the same command.

    JOURNAL.batches/
      000001.jsonl          what is uploaded
      000001.asked.jsonl    per line: the job, which attempt it is, and how it was asked
      000001.json           where it stands; written last and replaced whole, so a part exists when this does
      000001.0.results      the provider's result files, as they came

No credential is ever here.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal

from ...chat.request import Request
from ...errors import UsageError
from ..job import Job
from ..journal import Journal, Stored, asked_text
from .asked import Asked
from .protocol import line_of
from .read import read_line, usable

VERSION = 1
Stage = Literal["written", "uploaded", "created", "over", "kept", "refused"]
"""`written`: on disk here. `uploaded`: at the provider. `created`: a batch of it is under way. `over`: the provider has
ended it. `kept`: its replies are in the journal. `refused`: the provider ran none of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One input file and its batch.

    Attributes:
        number: from 1.
        stage: how far it is.
        base_url, model: where it is asked.
        lines: requests in it.
        digest: of the input file; the label of its batch.
        file_id, batch_id: the provider's.
        word: the provider's own word for the state.
        outputs: the provider's result files.
        completed, failed: lines, as the provider counts them while it runs.
        kept: replies that are in the journal.
        lost: lines without a usable reply, by the reason; they are asked again.
        problem: why it was refused.
    """

    number: int
    stage: Stage
    base_url: str
    model: str
    lines: int
    digest: str
    file_id: str | None = None
    batch_id: str | None = None
    word: str = ""
    outputs: tuple[str, ...] = ()
    completed: int = 0
    failed: int = 0
    kept: int = 0
    lost: dict[str, int] = field(default_factory=dict[str, int])
    problem: str = ""

    @property
    def is_under_way(self) -> bool:
        """Whether replies may still come."""
        return self.stage not in ("kept", "refused")


def folder_of(journal: Path) -> Path:
    """The folder of a journal's batches, beside it."""
    return journal.with_name(f"{journal.name}.batches")


class Folder:
    """All parts of one journal.

    Args:
        path: made when the first part is written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def parts(self) -> list[Part]:
        """All parts, in their order."""
        return [self._load(path) for path in sorted(self.path.glob("[0-9]*.json")) if path.stem.isdigit()]

    def _load(self, path: Path) -> Part:
        try:
            held: dict[str, Any] = json.loads(path.read_text("utf-8"))
            version = held.pop("version")
            if version > VERSION:
                raise UsageError(f"{path} was written by a newer release (version {version}; this one reads {VERSION})")
            held["outputs"] = tuple(held["outputs"])
            return Part(**held)
        except (OSError, ValueError, TypeError, KeyError) as error:
            if isinstance(error, UsageError):
                raise
            raise UsageError(f"cannot read {path}: {error}; it says where a batch stands, restore it") from error

    def save(self, part: Part) -> Part:
        """Put down where a part stands, whole or not at all."""
        path = self.path / f"{part.number:06}.json"
        written = path.with_name(f".{path.name}.part")
        try:
            with written.open("w", encoding="utf-8") as file:
                json.dump({"version": VERSION, **asdict(part)}, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            written.replace(path)
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
        return part

    def input(self, part: Part) -> Path:
        """The file that is uploaded."""
        return self.path / f"{part.number:06}.jsonl"

    def result(self, part: Part, at: int) -> Path:
        """Where a result file is put."""
        return self.path / f"{part.number:06}.{at}.results"

    def asked(self, part: Part) -> Iterator[Asked]:
        """What the lines of a part ask for."""
        with (self.path / f"{part.number:06}.asked.jsonl").open("rb") as lines:
            for line in lines:
                row: dict[str, Any] = json.loads(line)
                course = bytes.fromhex(row["course"])
                yield Asked(row["custom_id"], Job(**row["job"]), row["number"], course, row["asked"], row["method"])

    def marks(self) -> set[bytes]:
        """The attempts that are under way: they are not asked a second time."""
        return {asked.mark for part in self.parts() if part.is_under_way for asked in self.asked(part)}

    def writer(self, *, most_lines: int, most_bytes: int) -> Writer:
        """Writes new parts after those that are there."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot make {self.path}: {error.strerror or error}") from error
        numbers = [int(path.stem) for path in self.path.glob("[0-9]*.json") if path.stem.isdigit()]
        return Writer(self, max(numbers, default=0), most_lines, most_bytes)


class Writer:
    """Splits requests into parts: so many lines, so many bytes, one model a part."""

    def __init__(self, folder: Folder, last: int, most_lines: int, most_bytes: int) -> None:
        self._folder = folder
        self._number = last
        self._most_lines, self._most_bytes = most_lines, most_bytes
        self._open: _Open | None = None
        self.parts: list[Part] = []

    def add(self, job: Job, number: int, course: bytes, request: Request) -> None:
        """One request; one that is above the limit of a file by itself is left out, to be asked online."""
        custom_id = f"{job.key}.{number}"
        line = line_of(custom_id, request.body)
        if len(line) > self._most_bytes:
            return
        model = str(request.body.get("model"))
        now = self._open
        if now is not None and not now.takes(model, len(line), self._most_lines, self._most_bytes):
            self._finish()
            now = None
        if now is None:
            self._number += 1
            now = self._open = _Open(self._folder.path, self._number, job.endpoint, model)
        row = {
            "custom_id": custom_id,
            "job": job.to_dict(),
            "number": number,
            "course": course.hex(),
            "asked": asked_text(request),
            "method": request.method,
        }
        now.write(line, json.dumps(row, separators=(",", ":")).encode() + b"\n")

    def close(self, *, keep: bool) -> list[Part]:
        """End the last part; the parts that were written."""
        if self._open is not None:
            if keep:
                self._finish()
            else:
                self._open.close()
        return self.parts

    def _finish(self) -> None:
        if self._open is not None:
            part = self._open.part()
            self._open = None
            self.parts.append(self._folder.save(part))


class _Open:
    """A part that is being written."""

    def __init__(self, folder: Path, number: int, base_url: str, model: str) -> None:
        self._name = f"{number:06}"
        self._number, self._base_url, self._model = number, base_url, model
        self._digest = hashlib.blake2b(digest_size=16)
        self._lines = self._bytes = 0
        try:
            self._input: BinaryIO = (folder / f"{self._name}.jsonl").open("wb")
            self._asked: BinaryIO = (folder / f"{self._name}.asked.jsonl").open("wb")
        except OSError as error:
            raise UsageError(f"cannot write into {folder}: {error.strerror or error}") from error

    def takes(self, model: str, size: int, most_lines: int, most_bytes: int) -> bool:
        return model == self._model and self._lines < most_lines and self._bytes + size <= most_bytes

    def write(self, line: bytes, row: bytes) -> None:
        try:
            self._input.write(line)
            self._asked.write(row)
        except OSError as error:
            raise UsageError(f"cannot write {self._input.name}: {error.strerror or error}") from error
        self._digest.update(line)
        self._lines += 1
        self._bytes += len(line)

    def close(self) -> None:
        for file in (self._input, self._asked):
            with contextlib.suppress(OSError):
                os.fsync(file.fileno())
            file.close()

    def part(self) -> Part:
        for file in (self._input, self._asked):
            try:
                file.flush()
            except OSError as error:
                raise UsageError(f"cannot write {file.name}: {error.strerror or error}") from error
        self.close()
        return Part(
            number=self._number,
            stage="written",
            base_url=self._base_url,
            model=self._model,
            lines=self._lines,
            digest=self._digest.hexdigest(),
        )


def kept_in(journal: Journal, folder: Folder, part: Part, paths: list[Path]) -> Part:
    """The replies of a part's result files, now in the journal; and the account of its lines, each counted once."""
    from_line = _Lines(folder, part)
    lost: dict[str, int] = {}
    kept = 0
    waiting: list[Future[None]] = []
    for path in paths:
        for custom_id, stored, reason in from_line.read(path):
            if stored is None:
                lost[reason] = lost.get(reason, 0) + 1
                continue
            asked = from_line.asked[custom_id]
            waiting.append(journal.put(asked.job, stored))
            kept += 1
            if len(waiting) >= 1000:
                _settle(waiting)
    _settle(waiting)
    missing = part.lines - len(from_line.seen)
    if missing:
        lost["missing"] = lost.get("missing", 0) + missing
    return folder.save(replace(part, stage="kept", kept=kept, lost=lost))


def _settle(waiting: list[Future[None]]) -> None:
    for put in waiting:
        put.result()
    waiting.clear()


class _Lines:
    """The lines of a part, each found when its result comes: results are in any order."""

    def __init__(self, folder: Folder, part: Part) -> None:
        self.asked = {asked.custom_id: asked for asked in folder.asked(part)}
        self.seen: set[str] = set()
        self._path = folder.input(part)
        self._offsets: dict[str, int] = {}
        offset = 0
        with self._path.open("rb") as lines:
            for custom_id, line in zip(self.asked, lines, strict=False):
                self._offsets[custom_id] = offset
                offset += len(line)

    def read(self, path: Path) -> Iterator[tuple[str, Stored | None, str]]:
        """Each known line's id with its reply, or the reason why there is none; a second result for a line is passed over."""
        with path.open("rb") as results, self._path.open("rb") as inputs:
            for line in results:
                found = read_line(line)
                if found is None or found[0] not in self.asked or found[0] in self.seen:
                    continue
                custom_id, result = found
                self.seen.add(custom_id)
                inputs.seek(self._offsets[custom_id])
                stored, reason = usable(self.asked[custom_id], json.loads(inputs.readline())["body"], result)
                yield custom_id, stored, reason
