"""A till receipt: what was bought where, and how it was paid."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field


class ReceiptItem(BaseModel):
    """One line of the receipt."""

    name: str
    quantity: Decimal = Decimal(1)
    price: Decimal = Field(description="Price of the line")


class Receipt(BaseModel):
    """A till receipt."""

    merchant: str = Field(description="Name of the shop")
    address: str | None = None
    bought_on: date | None = None
    bought_at: time | None = Field(default=None, description="Local time of day")
    items: list[ReceiptItem]
    total: Decimal
    currency: str | None = Field(default=None, description="ISO 4217 code")
    payment: Literal["cash", "card", "mobile", "voucher", "other"] | None = None
