"""An order that a customer places in a mail or on the phone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, Field


class OrderLine(BaseModel):
    """One ordered article."""

    article: str
    sku: str | None = Field(default=None, description="Article number")
    quantity: Decimal
    unit: str | None = Field(default=None, description="Unit of the quantity, e.g. kg, pcs")


class Order(BaseModel):
    """An order."""

    customer: str
    order_number: str | None = None
    ordered_on: date | None = None
    deliver_by: date | None = None
    deliver_to: str | None = Field(default=None, description="Delivery address")
    lines: list[OrderLine]
    note: str | None = None
