"""Rows through `extract map` against a loopback endpoint: resident memory over time, rows a second, every row accounted for.

`--rows 1000000` is the published run; the default is small enough for `make bench`. Memory is flat when the largest reading of
the last half is within 10 % of the largest of the first half.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from loopback import Loopback, rss_mib

MODELS = "from pydantic import BaseModel\n\n\nclass Person(BaseModel):\n    name: str\n    age: int\n"
BARS = " ▁▂▃▄▅▆▇█"


def plot(readings: list[float], width: int = 60) -> str:
    """The readings as a line of bars, from 0 to the highest."""
    step = max(1, len(readings) // width)
    cells = [max(readings[at : at + step]) for at in range(0, len(readings), step)]
    return "".join(BARS[round(cell / max(cells) * 8)] for cell in cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--output", default="out.jsonl", help="its ending says which kind of file is written")
    parser.add_argument("--concurrency", type=int, default=32)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, Loopback() as endpoint:
        folder = Path(name)
        (folder / "models.py").write_text(MODELS)
        with (folder / "in.jsonl").open("w") as lines:
            for number in range(given.rows):
                lines.write(json.dumps({"id": number, "text": f"row {number} is a person of that name and age"}) + "\n")
        command = [
            sys.executable, "-m", "extract", "map", "models.py:Person", "in.jsonl", "-o", given.output, "--base-url",
            endpoint.base_url, "-m", "m", "-c", str(given.concurrency), "-q",
        ]  # fmt: skip
        began_s, readings = time.monotonic(), []
        run = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
        while run.poll() is None:
            time.sleep(0.25)
            readings.append(rss_mib(run.pid))
        took_s = time.monotonic() - began_s
        _, said = run.communicate()
        print(said.strip())
        readings = [reading for reading in readings if reading]
        half = len(readings) // 2
        print(
            f"{given.rows} rows, {endpoint.asked()} requests, {took_s:.0f} s, {given.rows / took_s:.0f} rows/s;"
            f" resident memory: at most {max(readings):.0f} MiB, first half {max(readings[:half] or readings):.0f},"
            f" last half {max(readings[half:]):.0f}"
        )
        print(f"memory over time: {plot(readings)}")
        began_s = time.monotonic()
        again = subprocess.run(command, cwd=folder, stderr=subprocess.PIPE, text=True, check=True)
        print(
            f"the same command again: {time.monotonic() - began_s:.1f} s: {again.stderr.strip().splitlines()[-1][:90]}"
        )
        assert endpoint.asked() == given.rows


if __name__ == "__main__":
    main()
