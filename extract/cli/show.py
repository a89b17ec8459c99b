"""How things look on a terminal."""

from __future__ import annotations

import json
import sys
from typing import cast

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..flow.errors import ExtractionError, InvalidOutputError, TruncatedError, UnreachableError
from ..target.lint import Explanation
from ..vocabulary import JsonValue, Path, show_path

ANSWER_CHARS = 2000
ADVICE: dict[type[ExtractionError], str] = {
    UnreachableError: "check --base-url, the network, and whether the server runs",
    InvalidOutputError: "-v shows the answer; clearer descriptions or --instructions often help",
    TruncatedError: "raise --max-tokens, or switch the model's thinking off",
}
"""What to do on the command line, where an error's own advice speaks of Python."""

SAID_BY_THE_TABLE = frozenset({"is_ignored"})


def say(words: str) -> None:
    """One line on stderr."""
    print(words, file=sys.stderr)


def in_one_line(error: ExtractionError) -> str:
    """What is wrong and what to do about it; where nothing was sent, the text at hand is what it is."""
    is_broken_off = isinstance(error, TruncatedError) and error.end is not None
    own = error.advice if is_broken_off else ADVICE.get(type(error), error.advice)
    advice = own if error.attempts else ""
    return f"{error.problem()}; {advice}" if advice else error.problem()


def say_attempts(error: ExtractionError) -> None:
    """What was tried, and the last answer."""
    for number, attempt in enumerate(error.attempts, start=1):
        say(f"  {number}. {attempt}")
    if error.text:
        say(f"  the last answer: {error.text[:ANSWER_CHARS]}{'...' if len(error.text) > ANSWER_CHARS else ''}")


def write_text(text: str) -> None:
    """JSON on stdout; characters that stdout's encoding lacks are escaped, which is the same JSON."""
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        text = "".join(char if char.isascii() else json.dumps(char)[1:-1] for char in text)
    print(text)


def print_explanation(explanation: Explanation, *, as_json: bool) -> None:
    """What a dialect makes of a target."""
    held = explanation.to_dict()
    if as_json:
        print(json.dumps(held, ensure_ascii=False, indent=2))
        return
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    for name, rows in held.items():
        if not isinstance(rows, list):
            console.print(Text.assemble((name, "bold"), f": {rows}"))
            continue
        if not rows:
            continue
        columns = [one for one in rows[0] if one not in SAID_BY_THE_TABLE] if isinstance(rows[0], dict) else [name]
        table = Table(title=name.replace("_", " "), title_justify="left", expand=False)
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            cells = (_cell(column, row.get(column)) if isinstance(row, dict) else str(row) for column in columns)
            table.add_row(*map(Text, cells))  # as Text: brackets in a pattern are no markup
        console.print(table)


def _cell(column: str, value: JsonValue) -> str:
    """A value for people: where in their value, where in the schema as a JSON pointer, words without quotes."""
    if value is None:
        return ""
    if isinstance(value, list):
        if column == "path":
            return show_path(cast("Path", tuple(value)))
        if column == "place":
            return "#" + "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
