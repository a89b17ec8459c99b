"""A postal address of any country."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Address(BaseModel):
    """A postal address."""

    name: str | None = Field(default=None, description="Person or firm that it is for")
    street: str | None = None
    number: str | None = Field(default=None, description="House number, with letters: 12b")
    postcode: str | None = None
    city: str
    region: str | None = Field(default=None, description="State, province or canton")
    country: str | None = Field(default=None, description="ISO 3166 code of two letters", pattern="^[A-Z]{2}$")
