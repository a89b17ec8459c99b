"""How things look on a terminal."""

from __future__ import annotations

import json
import sys

from rich.console import Console
from rich.table import Table

from ..target.lint import Explanation


def say(words: str) -> None:
    """One line on stderr."""
    print(words, file=sys.stderr)


def print_explanation(explanation: Explanation, *, as_json: bool) -> None:
    """What a dialect makes of a target."""
    held = explanation.to_dict()
    if as_json:
        print(json.dumps(held, ensure_ascii=False, indent=2))
        return
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    for name, rows in held.items():
        if not isinstance(rows, list):
            console.print(f"[bold]{name}[/bold]: {rows}")
            continue
        if not rows:
            continue
        columns = list(rows[0]) if isinstance(rows[0], dict) else [name]
        table = Table(title=name.replace("_", " "), title_justify="left", expand=False)
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(str(row.get(column, "")) if isinstance(row, dict) else str(row) for column in columns))
        console.print(table)
