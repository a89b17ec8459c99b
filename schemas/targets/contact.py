"""A person or firm and how to reach them."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Contact(BaseModel):
    """A contact."""

    name: str = Field(description="Full name, without titles")
    title: str | None = Field(default=None, description="Academic or other title")
    role: str | None = None
    company: str | None = None
    emails: list[str] = []
    phones: list[str] = Field(default=[], description="As they are written")
    address: str | None = None
    website: str | None = None
