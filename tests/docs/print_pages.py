"""Print the pages of the guide that come from the code: `python -m tests.docs.print_pages` writes them into docs/."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from extract.chat.endpoints import ENDPOINTS
from extract.fit.rules import RULES as FIT_RULES
from extract.flow.rules import RULES as FLOW_RULES
from extract.text.rules import RULES as TEXT_RULES

DOCS = Path(__file__).resolve().parents[2] / "docs"


def table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    names = list(header)
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(cell(part) for part in row) + " |" for row in rows]
    return "\n".join(lines)


def cell(value: object) -> str:
    """A cell: no pipes, no line breaks."""
    return str(value).replace("|", "\\|").replace("\n", "⏎")


def code(value: object) -> str:
    """Inline code, whatever backticks it holds."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text.replace("\n", "⏎") or " "
    ticks = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def rules() -> str:
    """The catalogue of repair rules."""
    text = table(
        ("rule", "trust", "meaning", "before", "after"),
        ((f"`{r.name}`", r.trust, r.meaning, code(r.example_before), code(r.example_after)) for r in TEXT_RULES),
    )
    fit = table(
        ("rule", "trust", "meaning", "schema", "before", "after"),
        (
            (f"`{r.name}`", r.trust, r.meaning, code(r.example_schema), code(r.example_before), code(r.example_after))
            for r in FIT_RULES
        ),
    )
    answer = table(
        ("rule", "trust", "meaning", "schema", "before", "after"),
        (
            (f"`{r.name}`", r.trust, r.meaning, code(r.example_schema), code(r.example_text), code(r.example_after))
            for r in FLOW_RULES
        ),
    )
    return (
        "# Rule catalogue\n\nPrinted from the code; each example is a test.\n\n"
        f"## From text to JSON\n\n{text}\n\n## From JSON to your type\n\n{fit}\n\n## The answer as a whole\n\n{answer}\n"
    )


def endpoints() -> str:
    """The endpoint rows."""
    rows = (
        (
            f"`{row.name}`",
            ", ".join(row.hosts) or "any",
            ", ".join(row.models),
            ", ".join(row.methods),
            f"{row.dialect}; tools {row.tool_dialect}",
            row.tool_choice,
            "yes" if row.schema_shown else "no",
            row.source,
        )
        for row in ENDPOINTS.values()
    )
    header = (
        "row",
        "hosts",
        "models",
        "methods, strongest first",
        "dialect",
        "a call is forced by",
        "model sees response_format",
        "source",
    )
    return f"# Endpoints\n\nPrinted from the rows in `extract/chat/endpoints.py`. The first row that fits host and model is taken.\n\n{table(header, rows)}\n"


PAGES: dict[str, Callable[[], str]] = {"rules.md": rules, "endpoints.md": endpoints}


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
