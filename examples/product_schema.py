"""A JSON Schema as the target: the value comes back as plain JSON, validated.

Prints the product, and what OpenAI's strict mode would be sent for this schema.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from extract import Extractor, lower

os.environ.setdefault("EXTRACT_BASE_URL", "offline:")
TEXT = Path(__file__).parent / "texts" / "product_en.txt"
SCHEMA: dict[str, Any] = {
    "title": "Product",
    "type": "object",
    "properties": {
        "brand": {"type": "string"},
        "article_number": {"type": "string"},
        "price": {"type": "number", "exclusiveMinimum": 0},
        "currency": {"enum": ["EUR", "USD", "GBP"]},
        "features": {"type": "array", "items": {"type": "string"}},
        "colour": {"type": "string", "description": "Left out when it is not stated"},
    },
    "required": ["brand", "price"],
}


def main() -> None:
    """Extract and print."""
    extraction = Extractor().run(SCHEMA, TEXT)
    print(f"answered by {extraction.answered_by}")
    print(json.dumps(extraction.value, indent=2, ensure_ascii=False))
    lowered = lower(SCHEMA, "openai")
    print(
        f"sent strict: {lowered.is_strict}, {len(json.dumps(lowered.schema))} characters, losses: {len(lowered.losses)}"
    )


if __name__ == "__main__":
    main()
