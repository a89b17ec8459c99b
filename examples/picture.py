"""A picture of a receipt together with its caption. The offline rules read the caption only; a vision model reads both.

Prints the receipt.
"""

from __future__ import annotations

import os
import struct
import zlib
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel

from extract import Extractor, Image, Parts

os.environ.setdefault("EXTRACT_BASE_URL", "offline:")
CAPTION = (Path(__file__).parent / "texts" / "receipt_caption.txt").read_text("utf-8")


class Receipt(BaseModel):
    """A till receipt."""

    merchant: str
    total: Decimal
    currency: str


def png(width: int, height: int) -> bytes:
    """A white picture, so that this example needs no file."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\x00" + b"\xff" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def main() -> None:
    """Extract and print."""
    picture = Image(
        png(32, 32), detail="low"
    )  # or the Path of your own: Extractor().extract(Receipt, Path("receipt.jpg"))
    extraction = Extractor().run(Receipt, Parts(CAPTION, picture))
    print(f"answered by {extraction.answered_by}")
    print(extraction.value.model_dump_json(indent=2))


if __name__ == "__main__":
    main()
