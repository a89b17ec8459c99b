"""Minutes of a meeting: who was there, what was decided, who does what."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field


class Action(BaseModel):
    """One task that somebody took."""

    task: str
    owner: str | None = None
    due_on: date | None = None


class Meeting(BaseModel):
    """Minutes of a meeting."""

    title: str
    held_on: date | None = None
    place: str | None = None
    attendees: list[str] = []
    decisions: list[str] = Field(default=[], description="What was decided")
    actions: list[Action] = []
