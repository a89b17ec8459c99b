"""How fast exchanges become durable: the journal's SQLite beside a folder of JSON-lines segments, and a bare file of lines.

Each is given exchanges of about 1 KB with so many on the way at once; a put counts when its commit is on disk.

    python benchmarks/journal.py --exchanges 20000
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from extract.batch.job import Job
from extract.batch.journal import Journal, Stored
from extract.batch.segments import Segments

BODY = json.dumps({"choices": [{"message": {"role": "assistant", "content": "word " * 160}}]})


def job(number: int) -> Job:
    source = hashlib.blake2b(str(number).encode(), digest_size=16).hexdigest()
    return Job(endpoint="http://x/v1", model="m", source=source, instructions="", schema="s", sampling="")


def stored(number: int) -> Stored:
    course = number.to_bytes(8, "big")
    return Stored(course, "whole", "json_schema", '{"model":"m"}', 200, "application/json", BODY, 100, 20, time.time())


def through(journal: Journal, exchanges: int, window: int) -> float:
    """Exchanges a second, `window` of them on the way."""
    waiting: deque[Future[None]] = deque()
    began_s = time.perf_counter()
    for number in range(exchanges):
        if len(waiting) >= window:
            waiting.popleft().result()
        waiting.append(journal.put(job(number), stored(number)))
    for put in waiting:
        put.result()
    return exchanges / (time.perf_counter() - began_s)


def lines(path: Path, exchanges: int, window: int) -> float:
    """The same as bare lines, one fsync for `window` of them: the least that durability can cost."""
    began_s = time.perf_counter()
    with path.open("ab") as file:
        for number in range(exchanges):
            file.write(json.dumps({"key": job(number).key, "body": BODY}).encode() + b"\n")
            if number % window == window - 1 or number == exchanges - 1:
                file.flush()
                os.fsync(file.fileno())
    return exchanges / (time.perf_counter() - began_s)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exchanges", type=int, default=10_000)
    parser.add_argument("--windows", type=int, nargs="+", default=(1, 16, 64, 512))
    options = parser.parse_args()
    kinds: dict[str, Callable[[Path], Journal]] = {"SQLite": Journal, "segments": Segments}
    print("| on the way | " + " | ".join(f"{name}, exchanges/s" for name in kinds) + " | bare lines |")
    print("|---|" + "---|" * (len(kinds) + 1))
    for window in options.windows:
        count = options.exchanges if window > 1 else max(1, options.exchanges // 20)
        with tempfile.TemporaryDirectory() as folder:
            rates: list[float] = []
            for name, make in kinds.items():
                with make(Path(folder) / name) as journal:
                    rates.append(through(journal, count, window))
            rates.append(lines(Path(folder) / "lines", count, window))
        print(f"| {window} | " + " | ".join(f"{rate:,.0f}" for rate in rates) + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
