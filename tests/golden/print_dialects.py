"""Write `schemas/dialects/` from the rows: `python tests/golden/print_dialects.py`."""

from __future__ import annotations

from pathlib import Path

from extract.target.meta_schema import meta_schemas

FOLDER = Path(__file__).parents[2] / "schemas" / "dialects"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in meta_schemas().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
