"""A news item with several events, and the request that would be sent for it.

Prints the number of characters of the request, then one line per event.
"""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

from pydantic import BaseModel

from extract import Extractor

os.environ.setdefault("EXTRACT_BASE_URL", "offline:")
TEXT = Path(__file__).parent / "texts" / "news_en.txt"


class Happening(BaseModel):
    """One thing that happened."""

    date: date
    description: str


class News(BaseModel):
    """A news item."""

    headline: str
    author: str | None = None
    happenings: list[Happening]


def main() -> None:
    """Extract and print."""
    extractor = Extractor()
    request = extractor.request(News, TEXT)
    print(f"request: {len(json.dumps(dict(request.body)))} characters, method {request.method}")
    extraction = extractor.run(News, TEXT)
    print(f"answered by {extraction.answered_by}")
    print(extraction.value.headline)
    for happening in extraction.value.happenings:
        print(f" - {happening.date}: {happening.description}")


if __name__ == "__main__":
    main()
