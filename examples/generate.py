"""Generate instead of extract: the text is an instruction, the answer is validated all the same.

The offline rules write only what the instruction itself states; a model makes up the rest. Prints the value.
"""

from __future__ import annotations

import os

from pydantic import BaseModel

from extract import Extractor

os.environ.setdefault("EXTRACT_BASE_URL", "offline:")
PROMPT = """Write an announcement.
Title: Open workshop day
Place: Old Tram Depot
Date: 21 September 2024
"""


class Announcement(BaseModel):
    """An announcement for a notice board."""

    title: str
    place: str
    date: str
    slogan: str | None = None


def main() -> None:
    """Generate and print."""
    print(f"endpoint: {os.environ['EXTRACT_BASE_URL']}")
    print(Extractor().generate(Announcement, PROMPT).model_dump_json(indent=2))


if __name__ == "__main__":
    main()
