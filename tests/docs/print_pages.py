"""Print the pages of the guide that come from the code: `python -m tests.docs.print_pages` writes them into docs/."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from extract.chat.endpoints import ENDPOINTS, find_endpoint
from extract.fit.rules import RULES as FIT_RULES
from extract.flow.rules import RULES as FLOW_RULES
from extract.testing.faults import FAULTS
from extract.testing.habits import HABITS
from extract.text.rules import RULES as TEXT_RULES
from extract.vocabulary import show_path

from ..server.wire_rows import ERRORS, MODELS, REQUEST, RESPONSE, Sent

VALUE_CHARS = 60
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


def wire() -> str:
    """Every request parameter, response field, error and model of the reference, with the test that proves it."""
    sent = table(
        ("parameter", "given by", "on the wire", "test"),
        (
            (f"`{r.field}`", code(r.argument), code(place(r)), proof("a_request_parameter_is_sent", r.id))
            for r in REQUEST
        ),
    )
    came = table(
        ("field", "seen as", "test"),
        ((f"`{r.field}`", code(r.seen), proof("a_response_field_is_seen", r.id)) for r in RESPONSE),
    )
    refused = table(
        ("status", "body", "kind", "test"),
        (
            (r.status, code(r.body), f"`{r.kind}`", proof("an_error_of_the_reference_ends_in_its_kind", r.id))
            for r in ERRORS
        ),
    )
    models = table(
        ("for", "family", "models", "methods, strongest first", "most tokens", "window", "system message", "images"),
        family_rows(),
    )
    return (
        "# The wire\n\nPrinted from `tests/server/wire_rows.py`. The reference is docs.siliconflow.cn, chat completions: a copy of November 2024, read"
        " again 2026-11-23. Each row is one test of `tests/server/test_wire_rows.py`, on a real loopback connection, with the sync and the async"
        f" extractor; a completion is served whole and as a stream.\n\n## Request\n\n{sent}\n\n## Response\n\n{came}\n\n## Errors\n\n{refused}\n\n"
        "## Models of the reference\n\nEach model is asked once on loopback as its row says"
        f" (`test_a_model_of_the_reference_is_asked_as_its_row_says`).\n\n{models}\n"
    )


def place(row: Sent) -> str:
    """Where the value stands in the request, and the value."""
    shown = row.value if len(json.dumps(row.value)) <= VALUE_CHARS else "..."
    return f"{row.header or show_path(row.at)} = {json.dumps(shown, ensure_ascii=False)}"


def proof(test: str, row: str) -> str:
    """The test of a row."""
    return code(f"test_{test}[{row}]")


def family_rows() -> Iterable[Iterable[object]]:
    """A row for each family of models in the reference."""
    for use, models in MODELS.items():
        families: dict[str, list[str]] = {}
        for model in models:
            families.setdefault(find_endpoint(str(ENDPOINTS["siliconflow"].base_url), model).name, []).append(model)
        for name, members in families.items():
            row = ENDPOINTS[name]
            yield (
                use, f"`{name}`", ", ".join(members), ", ".join(row.methods), row.max_tokens, row.context_tokens,
                "yes" if row.system else "joined to the user's", "yes" if row.images else "no",
            )  # fmt: skip


def faults() -> str:
    """What the misbehaving endpoint can do wrong."""
    stages = ("reply", "text", "answer", "chunks", "events", "wire")
    rows = (
        (
            f"`{fault.name}`",
            next((stage for stage in stages if getattr(fault, stage) is not None), "form"),
            fault.meaning,
            "streams" if fault.in_streams else "all",
            "yes" if fault.is_told else "no",
        )
        for fault in FAULTS.values()
    )
    habits = ((f"`{name}`", habit.meaning) for name, habit in HABITS.items())
    return (
        "# Faults\n\nWhat `extract.testing.FaultyServer` can do wrong, printed from the code; each row is a test.\n\n"
        "## Faults, for `faults={...}` and `then(...)`\n\n"
        f"{table(('fault', 'stage', 'meaning', 'strikes', 'value can be told from this answer'), rows)}\n\n"
        "## Habits, for `refuses=` and `ignores=`\n\n"
        f"{table(('word', 'what a request asks for'), habits)}\n"
    )


PAGES: dict[str, Callable[[], str]] = {
    "rules.md": rules, "endpoints.md": endpoints, "wire.md": wire, "faults.md": faults,
}  # fmt: skip


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
