"""A support request: what is wrong, how urgent, for whom."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class Ticket(BaseModel):
    """A support ticket."""

    summary: str = Field(description="The problem in one sentence")
    category: Literal["billing", "bug", "account", "delivery", "question", "complaint", "other"]
    priority: Literal["low", "normal", "high", "urgent"] = "normal"
    product: str | None = None
    customer: str | None = None
    email: str | None = None
    order_number: str | None = None
    steps: list[str] = Field(default=[], description="What the customer did, in order")
    wants: str | None = Field(default=None, description="What the customer asks for")
