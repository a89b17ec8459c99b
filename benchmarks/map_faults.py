"""`extract map` against an endpoint that fails one time in twenty: every row once in the output or the dead letters, no value wrong.

Then the same with `kill -9` on the way, taken up again by the same command.

    python benchmarks/map_faults.py --rows 2000 --kills 3
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from million_rows import MODELS

from extract.testing import FaultyServer

FAULTS = (
    "status_429", "status_500", "status_503", "html", "drop_before", "drop_amid", "cut_quietly", "refusal", "prose_only",
    "number_cut", "fence", "empty_body",
)  # fmt: skip


def answer(body: Any) -> Any:
    asked = json.dumps(body)
    number = int(re.findall(r"row (\d+)", asked)[-1])
    return {"value_1": number % 90} if "value_1" in asked else {"name": f"P{number}", "age": number % 90}


def account(folder: Path, output: str, rows: int) -> str:
    """Where the rows ended; an AssertionError where one is missing, stands twice or is wrong."""
    good, dead = (
        [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
        for path in (folder / output, folder / f"{output}.dead.jsonl")
    )
    counts = Counter(int(row["_id"]) for row in (*good, *dead))
    assert set(counts) == set(range(rows)), f"{rows - len(counts)} rows are nowhere"
    assert max(counts.values()) == 1, "a row stands twice"
    wrong = [row for row in good if (row["name"], row["age"]) != (f"P{row['_id']}", int(row["_id"]) % 90)]
    assert not wrong, f"wrong: {wrong[:3]}"
    return f"{len(good)} in the output, {len(dead)} dead {dict(Counter(row['_error'] for row in dead))}, none twice, none wrong"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--share", type=float, default=0.05, help="of the requests that a fault strikes")
    given = parser.parse_args()
    shares = {name: given.share / len(FAULTS) for name in FAULTS}
    with tempfile.TemporaryDirectory() as name, FaultyServer(answer, faults=shares, retry_after_s=0.05) as server:
        folder = Path(name)
        (folder / "models.py").write_text(MODELS)
        lines = (json.dumps({"id": number, "text": f"row {number}"}) for number in range(given.rows))
        (folder / "in.jsonl").write_text("\n".join(lines))

        def command(output: str) -> list[str]:
            return [
                sys.executable, "-m", "extract", "map", "models.py:Person", "in.jsonl", "-o", output, "--base-url",
                server.base_url, "-m", "m", "--id-column", "id", "-c", "8", "-q",
            ]  # fmt: skip

        subprocess.run(command("calm.jsonl"), cwd=folder, check=True, stderr=subprocess.DEVNULL)
        print(f"undisturbed: {account(folder, 'calm.jsonl', given.rows)}; {server.total} requests")
        before = server.total
        for _ in range(given.kills):
            run = subprocess.Popen(command("killed.jsonl"), cwd=folder, stderr=subprocess.DEVNULL)
            goal = server.total + given.rows // (given.kills + 1)
            while run.poll() is None and server.total < goal:
                time.sleep(0.01)
            run.kill()
            run.wait()
        subprocess.run(command("killed.jsonl"), cwd=folder, check=True, stderr=subprocess.DEVNULL)
        print(f"{given.kills} kills: {account(folder, 'killed.jsonl', given.rows)}; {server.total - before} requests")


if __name__ == "__main__":
    main()
