"""`kill -9` at random moments of a run of `extract map`, resumed each time by the same command.

The output must be that of an undisturbed run, byte for byte, and no more requests may be repeated than were under way at the
kills. `--rows 5000 --kills 100` is the published run.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from loopback import Loopback
from million_rows import MODELS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=600)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--concurrency", type=int, default=16)
    given = parser.parse_args()
    dice = random.Random(7)
    with tempfile.TemporaryDirectory() as name, Loopback(delay_s=0.02) as endpoint:
        folder = Path(name)
        (folder / "models.py").write_text(MODELS)
        lines = (json.dumps({"id": number, "text": f"row {number}"}) for number in range(given.rows))
        (folder / "in.jsonl").write_text("\n".join(lines))

        def command(output: str) -> list[str]:
            return [
                sys.executable, "-m", "extract", "map", "models.py:Person", "in.jsonl", "-o", output, "--base-url",
                endpoint.base_url, "-m", "m", "-c", str(given.concurrency), "-q",
            ]  # fmt: skip

        kills, each = 0, max(2, given.rows // given.kills)
        while kills < given.kills:
            run = subprocess.Popen(command("killed.jsonl"), cwd=folder, stderr=subprocess.DEVNULL)
            goal = endpoint.asked() + dice.randrange(1, each)
            while run.poll() is None and endpoint.asked() < goal:
                time.sleep(0.002)
            if run.poll() is not None:
                break
            run.kill()
            run.wait()
            kills += 1
        subprocess.run(command("killed.jsonl"), cwd=folder, check=True, stderr=subprocess.DEVNULL)
        repeated = endpoint.asked() - given.rows
        began_s = time.monotonic()
        subprocess.run(command("killed.jsonl"), cwd=folder, check=True, stderr=subprocess.DEVNULL)
        again_s = time.monotonic() - began_s
        assert endpoint.asked() == given.rows + repeated
        subprocess.run(command("calm.jsonl"), cwd=folder, check=True, stderr=subprocess.DEVNULL)
        same = (folder / "killed.jsonl").read_bytes() == (folder / "calm.jsonl").read_bytes()
        bound = kills * given.concurrency
        print(
            f"{given.rows} rows, {kills} kills: output {'identical' if same else 'DIFFERENT'}, {repeated} requests repeated"
            f" (at most {bound} were under way), the finished run again in {again_s:.1f} s"
        )
        assert same
        assert repeated <= bound


if __name__ == "__main__":
    main()
