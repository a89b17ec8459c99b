"""`kill -9` at random moments of a run of `extract map`, resumed each time by the same command.

With `--full-disk` the disk is full at every third of the moments, and with `--outage` the endpoint is gone for some seconds, each
with and without a kill on top. The disk: no file of the run may grow any more (Linux, no privileges needed).

The output must be that of an undisturbed run, byte for byte, and no more requests may be repeated than were under way at these
moments.

    python benchmarks/kill_resume.py --rows 5000 --kills 100 [--full-disk] [--outage]      the published runs
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from loopback import Loopback
from people import map_command, write_table

from extract.cli.codes import STOPPED

AWAY_S = (0.5, 3.0)
WAIT_S = 60.0


@dataclass(slots=True)
class Trouble:
    """What strikes the runs, in turn, at random moments.

    Attributes:
        kinds: of trouble, in turn.
        struck: how often each did.
    """

    folder: Path
    endpoint: Loopback
    kinds: tuple[str, ...]
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    struck: Counter[str] = field(default_factory=Counter[str])

    def strike(self, run: subprocess.Popen[str]) -> None:
        """Strike a run; it has ended, or goes on with its trouble behind it."""
        kind = self.kinds[self.struck.total() % len(self.kinds)]
        self.struck[kind] += 1
        match kind:
            case "kill":
                run.kill()
            case "full disk":
                self.fill(run)
                said = run.communicate(timeout=WAIT_S)[1].strip()
                assert run.returncode == STOPPED, (run.returncode, said)
                assert said.count("\n") == 0, said
            case "full disk and kill":
                self.fill(run)
                time.sleep(self.dice.uniform(0, 0.2))
                run.kill()
            case "outage":
                self.endpoint.go_away(self.dice.uniform(*AWAY_S))
            case "outage and kill":
                away_s = self.dice.uniform(*AWAY_S)
                self.endpoint.go_away(away_s)
                time.sleep(self.dice.uniform(0, away_s + 1))
                run.kill()

    def fill(self, run: subprocess.Popen[str]) -> None:
        """Let no file of the run grow any more."""
        largest = max(path.stat().st_size for path in self.folder.iterdir())
        resource.prlimit(run.pid, resource.RLIMIT_FSIZE, (largest, largest))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=600)
    parser.add_argument("--kills", type=int, default=5, help="moments of trouble")
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--full-disk", action="store_true")
    parser.add_argument("--outage", action="store_true")
    given = parser.parse_args()
    kinds = ("kill", *(("full disk", "full disk and kill") if given.full_disk else ()))
    kinds += ("outage", "outage and kill") if given.outage else ()
    with tempfile.TemporaryDirectory() as name, Loopback(delay_s=0.02) as endpoint:
        folder = Path(name)
        write_table(folder, given.rows)

        def command(output: str) -> list[str]:
            return map_command(endpoint.base_url, output, given.concurrency)

        trouble = Trouble(folder, endpoint, kinds)
        each = max(2, given.rows // given.kills)
        run: subprocess.Popen[str] | None = None
        while trouble.struck.total() < given.kills:
            if run is None or run.poll() is not None:
                run = subprocess.Popen(command("out.jsonl"), cwd=folder, stderr=subprocess.PIPE, text=True)
            goal = endpoint.asked() + trouble.dice.randrange(1, each)
            while run.poll() is None and endpoint.asked() < goal:
                time.sleep(0.002)
            if run.poll() is not None:
                break
            trouble.strike(run)
            if "kill" in trouble.kinds[(trouble.struck.total() - 1) % len(kinds)]:
                run.communicate()
        if run is not None and run.poll() is None:
            run.communicate()
        subprocess.run(command("out.jsonl"), cwd=folder, check=True, stderr=subprocess.DEVNULL)
        repeated = endpoint.asked() - given.rows
        began_s = time.monotonic()
        subprocess.run(command("out.jsonl"), cwd=folder, check=True, stderr=subprocess.DEVNULL)
        again_s = time.monotonic() - began_s
        assert endpoint.asked() == given.rows + repeated, "the finished run asked again"
        subprocess.run(command("calm.jsonl"), cwd=folder, check=True, stderr=subprocess.DEVNULL)
        same = (folder / "out.jsonl").read_bytes() == (folder / "calm.jsonl").read_bytes()
        bound = trouble.struck.total() * given.concurrency
        print(
            f"{given.rows} rows, {', '.join(f'{count} x {kind}' for kind, count in trouble.struck.items())}: output"
            f" {'identical' if same else 'DIFFERENT'}, {repeated} requests repeated (at most {bound} were under way), the"
            f" finished run again in {again_s:.1f} s, nothing sent"
        )
        assert same
        assert repeated <= bound


if __name__ == "__main__":
    main()
