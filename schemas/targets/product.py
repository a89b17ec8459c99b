"""A product as a shop or maker describes it."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field


class Product(BaseModel):
    """A product."""

    name: str
    brand: str | None = None
    sku: str | None = Field(default=None, description="Article number")
    price: Decimal | None = None
    currency: str | None = Field(default=None, description="ISO 4217 code")
    availability: Literal["in_stock", "out_of_stock", "preorder", "unknown"] = "unknown"
    rating: float | None = Field(default=None, ge=0, le=5)
    features: list[str] = []
    specifications: dict[str, str] = Field(default={}, description="Technical data, name to value with its unit")
