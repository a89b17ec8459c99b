"""`extract batch`: the same rows through the endpoint's batch API; `extract map` with the same journal reads the replies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from ..batch.provider.folder import Folder, Part, folder_of
from ..batch.provider.run import ProviderBatch
from ..batch.table import Layout, Record, rows
from ..chat.message import Image
from ..client import Extractor
from ..errors import UsageError
from .load import TARGET_HELP, load_target
from .show import say

Journal = Annotated[Path, typer.Argument(help="The journal that the batch was submitted with.", metavar="JOURNAL")]
EVERY_S = 60.0


def submit(
    target: Annotated[str, typer.Argument(help=TARGET_HELP, metavar="TARGET")],
    inputs: Annotated[list[str], typer.Argument(help="As in `extract map`.", metavar="INPUT...")],
    journal: Annotated[Path, typer.Option(help="Where raw replies are kept; give the same to `extract map`.")],
    column: Annotated[str | None, typer.Option(help="The column that holds the text.")] = None,
    template: Annotated[str | None, typer.Option(help="The text from several columns.")] = None,
    base_url: Annotated[str | None, typer.Option(help="The endpoint [env: EXTRACT_BASE_URL].")] = None,
    model: Annotated[str | None, typer.Option("--model", "-m", help="The model's name [env: EXTRACT_MODEL].")] = None,
    instructions: Annotated[str, typer.Option("--instructions", "-i", help="Words added to the task.")] = "",
    max_tokens: Annotated[int | None, typer.Option(help="Longest answer in tokens.")] = None,
    hours: Annotated[int, typer.Option(help="The completion window.")] = 24,
    every: Annotated[float, typer.Option(help="With --wait: seconds between two looks.")] = EVERY_S,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until all is over, and fetch.")] = False,
) -> None:
    """Submit every row that has no reply yet. The same command after a stop goes on; nothing is asked twice."""
    given: dict[str, Any] = {} if max_tokens is None else {"max_tokens": max_tokens}
    texts = Texts(tuple(inputs), Layout(column=column, template=template))
    extractor = Extractor(model, base_url=base_url, instructions=instructions, **given)
    wanted: Any = load_target(target)
    with extractor.batch(wanted, texts, journal=journal, hours=hours) as batch:
        say_parts(batch.submit())
        if wait and batch.parts:
            say_parts(batch.wait(every_s=every))


def status(journal: Journal) -> None:
    """Look at every batch of a journal."""
    with _known(journal) as batch:
        say_parts(batch.poll())


def fetch(
    journal: Journal,
    every: Annotated[float, typer.Option(help="With --wait: seconds between two looks.")] = EVERY_S,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until all is over.")] = False,
) -> None:
    """Put the replies of every batch that is over into the journal."""
    with _known(journal) as batch:
        if wait:
            say_parts(batch.wait(every_s=every))
        else:
            batch.poll()
            say_parts(batch.fetch())


def cancel(journal: Journal) -> None:
    """End every batch of a journal; what is done by then can still be fetched."""
    with _known(journal) as batch:
        say_parts(batch.cancel())


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of the readable rows, read anew each time; `extract map` accounts for the others.

    Attributes:
        inputs: files, folders and globs.
        layout: which part of a row is its text.
        limit: only so many rows; None: all.
    """

    inputs: tuple[str, ...]
    layout: Layout
    limit: int | None = None

    def __post_init__(self) -> None:
        if "-" in self.inputs:
            raise UsageError("a batch reads its rows more than once: save what comes on stdin in a file, and name that")

    def __iter__(self) -> Iterator[str | Image]:
        found = islice(rows(self.inputs, self.layout), self.limit)
        return (record.text for record in found if isinstance(record, Record))


def _known(journal: Path) -> ProviderBatch[Any]:
    """The batches beside a journal, asked where they were submitted."""
    parts = Folder(folder_of(journal)).parts()
    if not parts:
        raise UsageError(f"there is no batch of {journal}; `extract batch submit` makes one")
    places = {(part.base_url, part.model) for part in parts if part.is_under_way} or {
        (parts[0].base_url, parts[0].model)
    }
    if len({base_url for base_url, _ in places}) > 1:
        raise UsageError(f"batches of {journal} are under way at {len(places)} endpoints; use one journal for each")
    base_url, model = min(places)
    return Extractor(model, base_url=base_url).batch(dict[str, Any], [], journal=journal)


def say_parts(parts: list[Part]) -> None:
    """Where each part stands, a line each."""
    for line in lines_of(parts):
        say(line)
    if not parts:
        say("nothing to ask: every row has its reply")


def lines_of(parts: list[Part]) -> Iterator[str]:
    """Where each part stands."""
    for part in parts:
        lost = ", ".join(f"{count} {reason}" for reason, count in sorted(part.lost.items()))
        stand = {
            "kept": f"{part.kept} replies kept" + (f", to be asked again: {lost}" if lost else ""),
            "refused": f"refused: {part.problem}",
        }.get(part.stage, f"{part.word or part.stage}, {part.completed} done, {part.failed} failed")
        yield f"batch {part.batch_id or part.number}: {part.lines} lines, {stand}"
