"""A news item with the events that it reports."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field


class Happening(BaseModel):
    """One thing that happened."""

    what: str
    when: date | None = None
    where: str | None = None
    who: list[str] = []
    kind: Literal["accident", "crime", "politics", "business", "sport", "culture", "science", "weather", "other"] = (
        "other"
    )


class News(BaseModel):
    """A news item."""

    headline: str
    published_on: date | None = None
    author: str | None = None
    happenings: list[Happening] = Field(description="Events in the order in which they happened")
