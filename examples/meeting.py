"""Minutes of a Chinese meeting: nested records, the language of the text kept.

Prints the date, who was there and who does what.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from pydantic import BaseModel, Field

from extract import Extractor

os.environ.setdefault("EXTRACT_BASE_URL", "offline:")
TEXT = Path(__file__).parent / "texts" / "meeting_zh.txt"


class Action(BaseModel):
    """A task that somebody took."""

    owner: str
    task: str


class Meeting(BaseModel):
    """Minutes."""

    title: str
    held_on: date = Field(description="Date of the meeting")
    attendees: list[str]
    decisions: list[str]
    actions: list[Action]


def main() -> None:
    """Extract and print."""
    extraction = Extractor().run(Meeting, TEXT)
    meeting = extraction.value
    print(f"answered by {extraction.answered_by}")
    print(f"{meeting.title} ({meeting.held_on})：{'、'.join(meeting.attendees)}")
    for decision in meeting.decisions:
        print(" =", decision)
    for action in meeting.actions:
        print(f" - {action.owner}：{action.task}")


if __name__ == "__main__":
    main()
