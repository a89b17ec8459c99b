"""A support ticket out of an e-mail thread, with instructions and a worked example.

Prints the ticket, and what the whole exchange cost in tokens.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from extract import Extractor

os.environ.setdefault("EXTRACT_BASE_URL", "offline:")
TEXT = Path(__file__).parent / "texts" / "thread_en.txt"


class Ticket(BaseModel):
    """A support request."""

    subject: str
    order_number: str | None = None
    product: str | None = None
    email: str
    priority: Literal["low", "normal", "urgent"] = "normal"


EXAMPLE = (
    "Subject: Lamp flickers\nFrom: sam@example.net\nNo hurry.",
    Ticket(subject="Lamp flickers", email="sam@example.net", priority="low"),
)


def main() -> None:
    """Extract and print."""
    extraction = Extractor(instructions="Only the newest mail counts.", examples=[EXAMPLE]).run(Ticket, TEXT)
    print(f"answered by {extraction.answered_by}")
    print(extraction.value.model_dump_json(indent=2))
    print(f"{extraction.usage.total_tokens} tokens in {len(extraction.attempts)} attempt(s)")


if __name__ == "__main__":
    main()
