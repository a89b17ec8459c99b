"""A scientific paper, from its first page."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class Author(BaseModel):
    """One author."""

    name: str
    affiliation: str | None = None
    email: str | None = None


class Paper(BaseModel):
    """A scientific paper."""

    title: str
    authors: list[Author]
    year: int | None = Field(default=None, ge=1600, le=2100)
    venue: str | None = Field(default=None, description="Journal or conference")
    doi: str | None = None
    abstract: str | None = None
    keywords: list[str] = []
    kind: Literal["article", "review", "preprint", "thesis", "report", "other"] = "other"
