"""A résumé: a person's work, education and skills."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

MONTH = r"^\d{4}(-\d{2})?$"


class Job(BaseModel):
    """One job."""

    company: str
    role: str | None = None
    start: str | None = Field(default=None, description="Year, or year and month: 2019 or 2019-05", pattern=MONTH)
    end: str | None = Field(default=None, description="As start; left out when it goes on", pattern=MONTH)
    summary: str | None = None


class Study(BaseModel):
    """One education."""

    school: str
    degree: str | None = None
    field: str | None = None
    year: int | None = Field(default=None, description="Year of the degree", ge=1900, le=2100)


class Skill(BaseModel):
    """One skill or language."""

    name: str
    level: Literal["basic", "good", "fluent", "native", "expert"] | None = None


class Resume(BaseModel):
    """A résumé."""

    name: str
    email: str | None = None
    phone: str | None = None
    location: str | None = None
    jobs: list[Job] = []
    education: list[Study] = []
    skills: list[Skill] = []
    languages: list[Skill] = []
