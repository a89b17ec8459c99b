"""A rule of your own that the first answer breaks: only the failing value is asked for again.

The text names two dates. The first that is found is the order date, which the validator refuses as a delivery date. Prints each
attempt and the value.
"""

from __future__ import annotations

import os
from datetime import date

from pydantic import BaseModel, Field, field_validator

from extract import Extractor

os.environ.setdefault("EXTRACT_BASE_URL", "offline:")
TEXT = """Customer: Bistro Anna
Delivery date: ordered on 3 June 2024, to arrive on 12 June 2024
"""


class Delivery(BaseModel):
    """When something is delivered to whom."""

    customer: str
    delivery_date: date = Field(description="Day of arrival")

    @field_validator("delivery_date")
    @classmethod
    def is_later(cls, value: date) -> date:
        """Deliveries begin on the tenth."""
        if value < date(2024, 6, 10):
            raise ValueError("the first delivery day is 10 June 2024")
        return value


def main() -> None:
    """Extract and print."""
    extraction = Extractor().run(Delivery, TEXT)
    print(f"answered by {extraction.answered_by}")
    for number, attempt in enumerate(extraction.attempts, start=1):
        print(f"attempt {number}: {attempt.request.asked}")
    print(extraction.value)


if __name__ == "__main__":
    main()
