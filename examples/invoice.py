"""The main job: a typed invoice out of a German text file.

Prints the record as JSON, who answered, and what was repaired on the way.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, Field

from extract import ExtractionError, Extractor, UsageError

os.environ.setdefault("EXTRACT_BASE_URL", "offline:")  # rules instead of a model, unless you name an endpoint
TEXT = Path(__file__).parent / "texts" / "invoice_de.txt"


class Line(BaseModel):
    """One position."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal


class Invoice(BaseModel):
    """An invoice."""

    number: str = Field(description="Invoice number")
    issued_on: date = Field(description="Date of the invoice")
    due_on: date | None = None
    customer: str
    currency: str = Field(description="ISO 4217 code")
    lines: list[Line]
    total: Decimal = Field(description="To be paid, tax included")


def main() -> None:
    """Extract and print."""
    extraction = Extractor().run(Invoice, TEXT)
    invoice = extraction.value
    print(f"{TEXT.name}, answered by {extraction.answered_by}")
    print(invoice.model_dump_json(indent=2))
    if sum(line.amount for line in invoice.lines) > invoice.total:
        print("note: the lines add up to more than the total")
    for repair in extraction.repairs:
        print(f"repaired: {repair}")


if __name__ == "__main__":
    try:
        main()
    except (UsageError, ExtractionError) as error:
        sys.exit(f"invoice.py: {error}")
