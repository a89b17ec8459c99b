"""The table of people that the runs of `extract map` are measured on: its type, its rows, its command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

MODELS = "from pydantic import BaseModel\n\n\nclass Person(BaseModel):\n    name: str\n    age: int\n"


def write_table(folder: Path, rows: int, models: str = MODELS) -> None:
    """Put models.py and in.jsonl into a folder; in constant memory."""
    (folder / "models.py").write_text(models, "utf-8")
    with (folder / "in.jsonl").open("w", encoding="utf-8") as lines:
        for number in range(rows):
            lines.write(json.dumps({"id": number, "text": f"row {number} is a person of that name and age"}) + "\n")


def map_command(base_url: str, output: str, concurrency: int, *more: str) -> list[str]:
    """`extract map` over in.jsonl, in the folder where it stands."""
    return [
        sys.executable, "-m", "extract", "map", "models.py:Person", "in.jsonl", "-o", output, "--base-url", base_url,
        "-m", "m", "-c", str(concurrency), "-q", *more,
    ]  # fmt: skip


def memory_mib(pid: int, line: str = "VmRSS") -> float:
    """Resident memory of a process, or by `VmHWM` the highest so far; 0 when it is gone."""
    try:
        with Path(f"/proc/{pid}/status").open(encoding="ascii") as lines:
            return next((int(one.split()[1]) / 1024 for one in lines if one.startswith(line)), 0.0)
    except OSError:
        return 0.0
