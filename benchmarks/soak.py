"""Many calls against an endpoint that fails one time in twenty: every call ends in a value or a typed error, nothing is left.

100,000 calls by default, half of the in-flight slots sync threads' and half async tasks'. The endpoint is a process of
its own on loopback. Resident memory and open descriptors of the client are read every tenth of the way; the run fails
where they grow, where a value is wrong, where an error is none of ours, or where a task is left.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from extract import AsyncExtractor, Budget, Endpoint, ExtractionError, Extractor
from extract.testing import FAULTS, FaultyServer

SLOW = {"stall", "drip", "slow", "one_byte", "endless_blanks", "endless_text", "endless_keep_alive"}
"""These take their time; they strike a hundredth as often."""
ROW = Endpoint(
    name="soak",
    source="this benchmark",
    methods=("json_schema", "tool", "prompt"),
    min_rate_delay_s=0.0,
    dialect="plain",
)


class Stop(BaseModel):
    town: str
    arrival: int
    notes: list[str]


STOP = Stop(town="Zürich", arrival=742, notes=["Gleis 7", "verspätet"])
"""With a list of texts: asked for the rest of one that was cut, this endpoint sends all of it again."""


def shares(total: float) -> dict[str, float]:
    """Every fault's share, so that together they strike `total` of the requests."""
    weights = {name: 0.01 if name in SLOW else 1.0 for name in FAULTS}
    return {name: total * weight / sum(weights.values()) for name, weight in weights.items()}


def answer(_: Any) -> Any:
    return STOP.model_dump()


def serve(pipe: Any, share: float, seed: int) -> None:
    """The endpoint, until the pipe says stop."""
    with FaultyServer(answer, faults=shares(share), seed=seed, retry_after_s=0.01) as server:
        pipe.send(server.base_url)
        pipe.recv()
        time.sleep(0.5)
        pipe.send((server.total, sum(server.counts.values()), server.connections))


@contextmanager
def endpoint(share: float, seed: int) -> Any:
    mine, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=serve, args=(theirs, share, seed), daemon=True)
    process.start()
    try:
        yield mine.recv(), mine
    finally:
        process.terminate()
        process.join()


def memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@dataclass
class Soak:
    """What a run showed."""

    ends: Counter[str] = field(default_factory=Counter)
    memory_mb: list[float] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    tasks_left: int = 0
    server: tuple[int, int, int] = (0, 0, 0)
    seconds: float = 0.0

    def end(self, outcome: Stop | Exception) -> None:
        if isinstance(outcome, Stop):
            self.ends["value" if outcome == STOP else "WRONG VALUE"] += 1
        elif isinstance(outcome, ExtractionError):
            self.ends[type(outcome).__name__] += 1
        else:
            self.ends[f"FOREIGN {outcome!r:.200}"] += 1

    def look(self) -> None:
        self.memory_mb.append(memory_mb())
        self.descriptors.append(descriptors())

    def complaints(self) -> list[str]:
        """Everything that should not be."""
        found = [f"{count} x {kind}" for kind, count in self.ends.items() if kind.split()[0] in ("WRONG", "FOREIGN")]
        if self.tasks_left:
            found.append(f"{self.tasks_left} task(s) left")
        if self.server[2]:
            found.append(f"{self.server[2]} connection(s) left open")
        early, late = self.memory_mb[len(self.memory_mb) // 3], self.memory_mb[-1]
        if late > early * 1.1 + 8:
            found.append(f"memory grew from {early:.0f} to {late:.0f} MB")
        if self.descriptors[-1] > self.descriptors[0]:
            found.append(f"open descriptors grew from {self.descriptors[0]} to {self.descriptors[-1]}")
        return found


def soak(*, calls: int = 100_000, in_flight: int = 64, share: float = 0.05, seed: int = 0) -> Soak:
    """Run it; the first and last look are taken before the first and after the last connection."""
    found = Soak()
    options: dict[str, Any] = {"endpoint": ROW, "timeout": 2.0, "budget": Budget(attempts=2, resends=3)}
    half, each = calls // 2, max(1, in_flight // 2)
    with endpoint(share, seed) as (url, pipe):
        found.look()
        began = time.monotonic()
        with Extractor("m", base_url=url, **options) as extractor, ThreadPoolExecutor(each) as threads:

            def one(_: int) -> None:
                found.end(_outcome(extractor))

            for _ in range(5):
                list(threads.map(one, range(half // 5)))
                found.look()
        asyncio.run(_run_async(found, url, half, each, options))
        found.seconds = time.monotonic() - began
        pipe.send("stop")
        found.server = pipe.recv()
        found.look()
    return found


def _outcome(extractor: Extractor) -> Stop | Exception:
    try:
        return extractor.extract(Stop, "7:42 Zürich, Gleis 7, verspätet")
    except Exception as error:
        return error


async def _run_async(found: Soak, url: str, calls: int, in_flight: int, options: dict[str, Any]) -> None:
    async with AsyncExtractor("m", base_url=url, **options) as extractor:
        for _ in range(5):
            left = iter(range(calls // 5))

            async def work() -> None:
                for _ in left:  # noqa: B023 - the loop waits for its workers
                    try:
                        found.end(await extractor.extract(Stop, "7:42 Zürich, Gleis 7, verspätet"))
                    except Exception as error:
                        found.end(error)

            await asyncio.gather(*(work() for _ in range(in_flight)))
            found.look()
    await asyncio.sleep(0)
    found.tasks_left = len(asyncio.all_tasks()) - 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--share", type=float, default=0.05, help="of the requests that a fault strikes")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    found = soak(calls=given.calls, in_flight=given.in_flight, share=given.share, seed=given.seed)
    total, struck, _ = found.server
    print(
        f"{given.calls} calls, {total} requests, {struck} struck by one of {len(FAULTS)} faults, {found.seconds:.0f} s"
    )
    for kind, count in found.ends.most_common():
        print(f"  {count:>8}  {kind}")
    print("resident MB:     ", " ".join(f"{size:.0f}" for size in found.memory_mb))
    print("open descriptors:", " ".join(map(str, found.descriptors)))
    complaints = found.complaints()
    print("\n".join(complaints) if complaints else "nothing left, nothing wrong")
    raise SystemExit(bool(complaints))


if __name__ == "__main__":
    main()
