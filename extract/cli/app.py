"""The commands, and how each of them ends."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, NoReturn, cast

import typer

from ..batch.journal import Journal, JournalError
from ..client import Extractor
from ..errors import UsageError
from ..flow.errors import ExtractionError, InvalidOutputError
from ..flow.extraction import Extraction
from ..flow.reading import Reading, read
from ..target.compile import compile_target
from ..target.dialects import DIALECTS
from ..target.lint import explain
from ..target.lower import Lowered, lower
from ..text.strict import dumps
from ..vocabulary import Limit, Repair, show_path
from . import batches, codes
from .doctor import doctor
from .load import TARGET_HELP, load_lines, load_source, load_target, load_text, ready_made
from .rows import explain_row, map_rows, retry
from .show import in_one_line, print_explanation, say, say_attempts, write_text

app = typer.Typer(
    name="extract",
    help=(
        "Text in, typed records out: any type, any chat-completions endpoint.\n\n"
        f"Results are JSON on stdout, everything else goes to stderr. {codes.MEANING}"
    ),
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

Target = Annotated[str, typer.Argument(help=TARGET_HELP, metavar="TARGET")]
BaseUrl = Annotated[str | None, typer.Option(help="The endpoint, without /chat/completions [env: EXTRACT_BASE_URL].")]
Model = Annotated[str | None, typer.Option("--model", "-m", help="The model's name [env: EXTRACT_MODEL].")]
Offline = Annotated[bool, typer.Option("--offline", help="Answer by rules: no key, no network, no model.")]
Instructions = Annotated[str, typer.Option("--instructions", "-i", help="Words added to the task.")]
RepairLimit = Annotated[str, typer.Option("--repair", help="How far repairs may go: off, lossless, coerced, guessed.")]
Method = Annotated[str, typer.Option(help="How the schema is sent; auto begins with the strongest that is taken.")]
MaxTokens = Annotated[int | None, typer.Option(help="Longest answer in tokens.")]
Dialect = Annotated[str, typer.Option("--dialect", "-d", help=f"One of {', '.join(DIALECTS)}.")]


WrongCall = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[1])
"""Typer's error for options and arguments that do not fit; it has no public name of its own."""


def ends(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose errors end in one line on stderr and an exit code."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
            sys.stdout.flush()
        except UsageError as error:
            stop(f"{error}", codes.USAGE)
        except JournalError as error:
            stop(f"{error}", codes.STOPPED)
        except ExtractionError as error:
            stop(in_one_line(error), codes.code_of(error))
        except KeyboardInterrupt:
            stop("interrupted", codes.INTERRUPTED)
        except BrokenPipeError:  # the reader, such as `head`, has what it wants
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the flush at exit must not fail too
            raise typer.Exit(codes.OK) from None

    return run


def stop(words: str, code: int) -> NoReturn:
    """End with one line on stderr."""
    say(f"extract: {' '.join(words.split())}")
    raise typer.Exit(code)


@app.callback(invoke_without_command=True)
def about(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Say the version, or how to call a command."""
    if version:
        print(f"typed-extract {metadata.version('typed-extract')}")
        raise typer.Exit(codes.OK)
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(codes.USAGE)


def extractor(base_url: str | None, model: str | None, *, offline: bool, **options: Any) -> Extractor:
    """The extractor that the options of a command name."""
    if offline and base_url:
        raise UsageError("give --base-url or --offline, not both")
    given = {name: value for name, value in options.items() if value is not None}
    return Extractor(model, base_url="offline:" if offline else base_url, **given)


@app.command()
@ends
def one(
    target: Target,
    file: Annotated[
        str | None, typer.Argument(help="A text file or picture; - or nothing: stdin.", metavar="[FILE|-]")
    ] = None,
    text: Annotated[str | None, typer.Option(help="The text itself, instead of a file.")] = None,
    base_url: BaseUrl = None,
    model: Model = None,
    *,
    offline: Offline = False,
    instructions: Instructions = "",
    repair: RepairLimit = "coerced",
    method: Method = "auto",
    max_tokens: MaxTokens = None,
    journal: Annotated[Path | None, typer.Option(help="Keep and reuse raw replies in this file.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the request instead of sending it.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say on stderr who answered, and what was repaired.")
    ] = False,
) -> None:
    """Extract one record from one text and print it as JSON.

    The key is taken from EXTRACT_API_KEY, or from the provider's own variable, such as SILICONFLOW_API_KEY; it is never an
    option, because other users of a machine can read the options of a command.
    """
    wanted, source = load_target(target), load_source(file, text)
    asked = extractor(
        base_url, model, offline=offline, instructions=instructions, repair=repair, method=method, max_tokens=max_tokens,
        journal=None if journal is None else Journal(journal),
    )  # fmt: skip
    if dry_run:
        write(dict(asked.request(wanted, source).body))
        return
    try:
        extraction: Extraction[Any] = asked.run(wanted, source)
    except ExtractionError as error:
        if verbose:
            say_attempts(error)
        raise
    write(compile_target(wanted).encode(extraction.value))
    if verbose:
        tokens = extraction.usage.total_tokens
        say(
            f"answered by {extraction.answered_by}, method {extraction.method}, {len(extraction.attempts)} attempt(s), {tokens} tokens"
        )
        say_repairs(extraction.repairs)


@app.command()
@ends
def schema(
    target: Target,
    dialect: Dialect = "openai",
    *,
    explained: Annotated[
        bool, typer.Option("--explain", help="Say what would be refused, ignored and rewritten, and the limits.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The explanation as JSON.")] = False,
) -> None:
    """Print the schema that would be sent in a dialect; on stderr what it cannot enforce there."""
    wanted = load_target(target)
    if explained:
        print_explanation(explain(wanted, dialect), as_json=as_json)
        return
    lowered = lower(wanted, dialect)
    write(lowered.schema)
    for loss in lowered.losses:
        say(f"not enforced there: {show_path(loss.path)} {loss.keyword} ({loss.reason})")


@app.command("repair")
@ends
def mend(
    file: Annotated[str | None, typer.Argument(help="A file; - or nothing: stdin.", metavar="[FILE|-]")] = None,
    schema: Annotated[str | None, typer.Option(help=f"Use what the target says. {TARGET_HELP}")] = None,
    repair: RepairLimit = "guessed",
    *,
    lines: Annotated[bool, typer.Option("--lines", help="Each line is a value of its own; for large files.")] = False,
    explained: Annotated[bool, typer.Option("--explain", help="Say on stderr what was repaired.")] = False,
) -> None:
    """Turn malformed JSON into JSON."""
    target = lower(Any if schema is None else load_target(schema), "plain")
    limit = cast("Limit", repair)
    if lines:
        mend_lines(target, load_lines(file), limit, explained=explained)
        return
    found: Reading[Any] = read(target, load_text(file), repair=limit)
    write_text(dumps(found.json))
    if explained:
        say_repairs(found.repairs)


def mend_lines(target: Lowered[Any], lines: Iterable[str], limit: Limit, *, explained: bool) -> None:
    """Repair one line at a time; a line that cannot be read is named on stderr, and the exit code is that of bad output."""
    refused: InvalidOutputError | None = None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found: Reading[Any] = read(target, line, repair=limit)
        except InvalidOutputError as error:
            say(f"line {number}: {in_one_line(error)}")
            refused = error
            continue
        write_text(dumps(found.json))
        if explained and found.repairs:
            say(f"line {number}:")
            say_repairs(found.repairs)
    if refused is not None:
        raise typer.Exit(codes.code_of(refused))


@app.command()
@ends
def new(name: Annotated[str | None, typer.Argument(help="A ready-made target; nothing: list them.")] = None) -> None:
    """Print a ready-made target to start from: `extract new invoice > models.py`."""
    targets = ready_made()
    if name is None:
        for known, path in targets.items():
            say(f"{known:<12} {path.read_text('utf-8').split(chr(10), 1)[0].strip(chr(34))}")
        return
    if name not in targets:
        raise UsageError(f"there is no ready-made target {name!r}; there are {', '.join(targets)}")
    sys.stdout.write(targets[name].read_text("utf-8"))


app.command("map")(ends(map_rows))
app.command("doctor")(ends(doctor))
app.command("retry")(ends(retry))
journals = typer.Typer(name="journal", help="Look into the journal of an `extract map`.", no_args_is_help=True)
journals.command("explain")(ends(explain_row))
app.add_typer(journals)

batch_app = typer.Typer(help="Rows through the endpoint's batch API: slower, cheaper, resumable.", no_args_is_help=True)
for step in (batches.submit, batches.status, batches.fetch, batches.cancel):
    batch_app.command()(ends(step))
app.add_typer(batch_app, name="batch")


def say_repairs(repairs: tuple[Repair, ...]) -> None:
    """The repairs, one line each."""
    for repair in repairs:
        times = f" x{repair.count}" if repair.count > 1 else ""
        say(
            f"  {repair.trust:<8} {repair.rule}{times} at {show_path(repair.path)}: {str(repair.before)[:60]!r} -> {str(repair.after)[:60]!r}"
        )


def write(value: object) -> None:
    """A value as JSON on stdout, indented for people when stdout is a terminal."""
    write_text(json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line; with None the process's own arguments. Ends with `SystemExit`, whatever happens."""
    try:
        code = app(arguments, standalone_mode=False)
    except WrongCall as error:
        words = " ".join(error.format_message().split())
        command = error.ctx.command_path if error.ctx else "extract"
        say(f"extract: {words.removesuffix('.')}; see `{command} --help`")
        code = codes.USAGE
    sys.exit(code)
