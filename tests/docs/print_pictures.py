"""Print the pictures of the guide from the code that draws on terminals: `python -m tests.docs.print_pictures`."""

from __future__ import annotations

import io
import re
from collections import Counter

from rich.console import Console

from extract.batch.outcome import Summary
from extract.batch.progress import Progress
from extract.cli.live import account_of, block_of

from .print_pages import DOCS

WIDTH = 92
RUNNING = Progress(
    total=12_000, ok=7412, bad=38, repaired=291, rate_per_s=61.4, elapsed_s=122.0, left_s=74.1, prompt_tokens=3_214_880,
    completion_tokens=402_115, cost=1.93, errors=(("InvalidOutput", 21), ("unreadable", 12), ("Refusal", 5)),
    under_way=31, window=32, throttled=4,
)  # fmt: skip
ENDED = Summary(
    ok=11_941, bad=59, repaired=470, attempts=12_688, prompt_tokens=5_190_702, completion_tokens=649_003, cost=3.114,
    errors=Counter({"InvalidOutput": 33, "unreadable": 19, "Refusal": 7}),
    repairs=Counter({"fence": 301, "number_from_text": 144, "enum_case": 61}), items=35_619, items_repaired=96,
)  # fmt: skip


def picture() -> str:
    """The live block of a run, and the account at its end, as SVG; the numbers are made up."""
    console = Console(width=WIDTH, record=True, file=io.StringIO(), force_terminal=True)
    console.print("$ extract map models.py:Order mails.jsonl -o records.parquet --price 0.4,1.6", highlight=False)
    console.print(block_of(RUNNING))
    console.print()
    for line in account_of(ENDED, 198.0, "records.parquet", "records.parquet.dead.parquet"):
        console.print(line, highlight=False)
    drawn = console.export_svg(title="extract map", unique_id="extract-map")
    return re.sub(
        r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL
    )  # no page of the guide fetches a font from elsewhere


def main() -> None:
    """Write the picture."""
    (DOCS / "map.svg").write_text(picture(), "utf-8")


if __name__ == "__main__":
    main()
