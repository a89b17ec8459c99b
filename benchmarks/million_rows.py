"""Rows through `extract map` against a loopback endpoint: resident memory over rows, rows a second, every row accounted for.

    python benchmarks/million_rows.py --rows 1000000 [--minutes 60] [--plot rows.svg]

The default is small enough for `make bench`. Each tenth of the run is told as it comes. After `--minutes`, or by Ctrl-C, the run
is stopped; what is done by then is told, and what is not counts as pending.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from loopback import Loopback
from people import map_command, memory_mib, write_table

from extract.cli.codes import INTERRUPTED, OK

EVERY_S = 0.25
LIMIT_MIB = 200
WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 34, 40


@dataclass(slots=True)
class Watch:
    """Resident memory of a run over the requests that the endpoint has seen."""

    pid: int
    endpoint: Loopback
    rows: int
    readings: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])

    def read(self) -> int:
        """Take one reading; the requests so far."""
        asked, mib = self.endpoint.asked(), memory_mib(self.pid)
        if mib:
            tenth = asked * 10 // self.rows
            if self.readings and tenth > self.readings[-1][0] * 10 // self.rows:
                print(f"{asked} rows: {mib:.0f} MiB", flush=True)
            self.readings.append((asked, mib))
        return asked

    def most(self, first: float, last: float) -> float:
        """Highest reading between two shares of the run."""
        end = self.readings[-1][0] or 1
        return max((mib for asked, mib in self.readings if first * end <= asked <= last * end), default=0.0)


def plot(readings: list[tuple[int, float]], title: str) -> str:
    """Resident memory over rows as SVG, with a line at the limit."""
    most, end = max(LIMIT_MIB * 1.1, *(mib for _, mib in readings)), max(asked for asked, _ in readings) or 1
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(asked: float, mib: float) -> str:
        return f"{LEFT + asked / end * wide:.1f},{TOP + high - mib / most * high:.1f}"

    highest: dict[int, tuple[int, float]] = {}
    for asked, mib in readings:  # the highest of each stretch of two pixels
        cell = round(asked / end * wide / 2)
        highest[cell] = max(highest.get(cell, (asked, mib)), (asked, mib), key=lambda one: one[1])
    line = " ".join(at(*highest[cell]) for cell in sorted(highest))
    marks = "".join(
        f'<text x="{LEFT - 8}" y="{float(at(0, mib).split(",")[1]) + 4:.0f}" text-anchor="end">{mib}</text>'
        f'<polyline points="{at(0, mib)} {at(end, mib)}" stroke="{"#c33" if mib == LIMIT_MIB else "#ddd"}"/>'
        for mib in range(0, int(most) + 1, 50)
    )
    ends = "".join(
        f'<text x="{at(asked, 0).split(",")[0]}" y="{HEIGHT - 16}" text-anchor="middle">{asked:,}</text>'
        for asked in (0, end // 4, end // 2, end * 3 // 4)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12" fill="#444">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/><text x="{LEFT}" y="20">{title}</text>{marks}{ends}'
        f'<polyline points="{line}" fill="none" stroke="#16a" stroke-width="1.5"/></svg>\n'
    )


def account(folder: Path, output: str, rows: int) -> tuple[int, int]:
    """Rows in the output and rows that failed; an AssertionError where one is wrong or stands twice. In constant memory."""
    seen = bytearray(rows)
    with (folder / output).open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            number = row["age"]
            assert row["name"] == f"n{number}", f"wrong: {row}"
            assert not seen[number], f"row {number} stands twice"
            seen[number] = 1
    with (folder / f"{output}.dead.jsonl").open(encoding="utf-8") as lines:
        return sum(seen), sum(1 for _ in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--minutes", type=float, help="stop the run then")
    parser.add_argument("--plot", type=Path, help="where the picture goes")
    parser.add_argument("--folder", type=Path, help="where the files of the run are put [default: a temporary folder]")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name, Loopback() as endpoint:
        folder = Path(name)
        write_table(folder, given.rows)
        command = map_command(endpoint.base_url, "out.jsonl", given.concurrency)
        began_s = time.monotonic()
        run = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True)
        signal.signal(signal.SIGINT, lambda *_: run.send_signal(signal.SIGINT))
        watch, is_due = Watch(run.pid, endpoint, given.rows), bool(given.minutes)
        while run.poll() is None:
            time.sleep(EVERY_S)
            watch.read()
            if is_due and time.monotonic() - began_s > given.minutes * 60:
                run.send_signal(signal.SIGINT)
                is_due = False
        took_s = time.monotonic() - began_s
        print(run.communicate()[1].strip())
        signal.signal(signal.SIGINT, signal.default_int_handler)
        assert run.returncode in (OK, INTERRUPTED), f"the run ended with {run.returncode}"
        is_stopped = run.returncode == INTERRUPTED
        good, dead = account(folder, "out.jsonl", given.rows)
        assert is_stopped or good + dead == given.rows, f"{given.rows - good - dead} rows are nowhere"
        asked = endpoint.asked()
        assert asked == good + dead, f"{asked} requests for {good + dead} rows"
        print(
            f"{good} rows in the output, {dead} failed, {given.rows - good - dead} pending, none twice, none wrong; {asked}"
            f" requests, {took_s:.0f} s, {asked / took_s:.0f} rows/s"
        )
        most, first, last = watch.most(0, 1), watch.most(0, 0.5), watch.most(0.5, 1)
        told = f"resident memory: at most {most:.0f} MiB, first half {first:.0f}, last half {last:.0f}"
        size = sum(path.stat().st_size for path in folder.glob("out.jsonl.journal*"))
        print(f"{told}; {size / asked:.0f} bytes a row in the journal")
        if given.plot is not None:
            given.plot.write_text(plot(watch.readings, f"extract map, {good + dead:,} rows: resident memory, MiB"))
        if not is_stopped:
            began_s = time.monotonic()
            again = subprocess.run(command, cwd=folder, stderr=subprocess.PIPE, text=True, check=True)
            said = again.stderr.strip().splitlines()[-1][:90]
            print(f"the same command again: {time.monotonic() - began_s:.1f} s: {said}")
            assert endpoint.asked() == asked
        assert most < LIMIT_MIB


if __name__ == "__main__":
    main()
