"""An invoice: who bills whom for what, and what is due."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, Field


class InvoiceLine(BaseModel):
    """One position of the invoice."""

    description: str = Field(description="What was delivered, as it is written")
    quantity: Decimal | None = None
    unit_price: Decimal | None = Field(default=None, description="Price of one unit, without the currency")
    amount: Decimal | None = Field(default=None, description="Total of this line")


class Invoice(BaseModel):
    """An invoice."""

    number: str = Field(description="Invoice number, as it is written")
    issued_on: date = Field(description="Date of the invoice")
    due_on: date | None = None
    seller: str = Field(description="Who issued the invoice")
    customer: str = Field(description="Who is to pay it")
    vat_id: str | None = Field(default=None, description="VAT number of the seller")
    currency: str = Field(description="ISO 4217 code, e.g. EUR", pattern="^[A-Z]{3}$")
    lines: list[InvoiceLine] = []
    net: Decimal | None = Field(default=None, description="Total without tax")
    tax: Decimal | None = None
    total: Decimal = Field(description="Total to be paid, tax included")
