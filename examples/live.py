"""A value shown while it arrives, then its list record by record.

Prints each path as it closes, the value, and a line per record.
"""

from __future__ import annotations

import os

from pydantic import BaseModel

from extract import Extractor, Ok

os.environ.setdefault("EXTRACT_BASE_URL", "offline:")
TEXT = """Customer: Gasthof Adler
Date: 2024-06-03

| article | quantity | price |
|---|---|---|
| linen napkins | 40 | 2.50 |
| wine glasses | 24 | 4.75 |
| bread baskets | 12 | 8.20 |
"""


class Line(BaseModel):
    """One ordered article."""

    article: str
    quantity: int
    price: float


class Order(BaseModel):
    """An order."""

    customer: str
    lines: list[Line]


def main() -> None:
    """Stream and print."""
    extractor = Extractor()
    with extractor.stream(Order, TEXT) as drafts:
        for draft in drafts:
            for change in draft.changes:
                if change.kind == "close" and isinstance(change.value, str | int | float):
                    print(".".join(map(str, change.path)), "=", change.value)
        order = drafts.result().value
    print(f"{order.customer}: {len(order.lines)} lines")
    records = extractor.records(Line, TEXT)
    for record in records:
        if isinstance(record, Ok):
            print(f"{record.index}: {record.value.quantity} {record.value.article}")
        else:
            print(f"{record.index}: {record.issues[0]}")
    print(f"{records.result().ok} records, {records.result().bad} bad")


if __name__ == "__main__":
    main()
