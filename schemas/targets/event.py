"""An event that is announced or reported."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

from pydantic import BaseModel, Field


class Event(BaseModel):
    """An event."""

    title: str
    starts_on: date
    starts_at: time | None = Field(default=None, description="Local time of day")
    ends_on: date | None = None
    ends_at: time | None = None
    place: str | None = None
    organiser: str | None = None
    price: Decimal | None = Field(default=None, description="Entrance; 0 when it is free")
    currency: str | None = Field(default=None, description="ISO 4217 code")
    people: list[str] = Field(default=[], description="Speakers, artists or others who are named")
