"""Many texts, a few at a time; a text that gives no record is an outcome, not the end.

Prints a line per text in the order of the input, then the account.
"""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

from pydantic import BaseModel

from extract import Extractor

os.environ.setdefault("EXTRACT_BASE_URL", "offline:")
ROWS = Path(__file__).parent / "texts" / "orders.jsonl"


class Line(BaseModel):
    """One ordered article."""

    quantity: int
    article: str


class Order(BaseModel):
    """An order."""

    customer: str
    date: date
    lines: list[Line]


def main() -> None:
    """Extract and print."""
    texts = [json.loads(line)["text"] for line in ROWS.read_text("utf-8").splitlines()]
    outcomes = Extractor().map(Order, texts, concurrency=3)
    for outcome in outcomes:
        match outcome.__class__.__name__:
            case "Ok":
                order = outcome.value
                print(f"{outcome.index}: {order.customer}, {order.date}, {len(order.lines)} lines")
            case _:
                print(f"{outcome.index}: no order ({outcome.kind})")
    print(outcomes.summary.to_dict())


if __name__ == "__main__":
    main()
