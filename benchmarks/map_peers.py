"""`extract map` beside a plain asyncio + openai loop and curator, on one loopback endpoint: speed, memory, and what is paid again.

    python benchmarks/map_peers.py --rows 2000 [--curator PYTHON]      an interpreter that has bespokelabs-curator

Each run is a process of its own. Three times: all rows; again after a `kill -9` halfway; again with one row added. The plain loop
is the one that everybody writes: a task for each row, a semaphore, the results written at the end. Curator counts tokens with
tiktoken, which downloads its tables; so that it runs without a network, its counter is replaced by a quarter of the characters.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from loopback import Loopback
from people import map_command, memory_mib, write_table
from pydantic import BaseModel

AT_ONCE = 32
ROOT = Path(__file__).resolve().parents[1]


class Person(BaseModel):
    name: str
    age: int


# --- what runs in a process of its own: the rows of in.jsonl to out.jsonl


def texts() -> list[str]:
    return [json.loads(line)["text"] for line in Path("in.jsonl").read_text("utf-8").splitlines()]


def written(people: list[Person]) -> None:
    Path("out.jsonl").write_text("".join(person.model_dump_json() + "\n" for person in people), "utf-8")


def by_openai(base_url: str) -> None:
    from openai import AsyncOpenAI

    async def run() -> list[Person]:
        places = asyncio.Semaphore(AT_ONCE)
        async with AsyncOpenAI(base_url=base_url, api_key="none") as client:

            async def ask(text: str) -> Person:
                async with places:
                    answer = await client.chat.completions.parse(
                        model="m", messages=[{"role": "user", "content": text}], response_format=Person
                    )
                person = answer.choices[0].message.parsed
                assert person is not None
                return person

            return await asyncio.gather(*(ask(text) for text in texts()))

    written(asyncio.run(run()))


def by_curator(base_url: str) -> None:
    import tiktoken

    class Counter:
        """In place of a table that would have to be downloaded."""

        def encode(self, text: str, **_: Any) -> range:
            return range(len(text) // 4)

    tiktoken.get_encoding = tiktoken.encoding_for_model = lambda *_, **__: Counter()
    from bespokelabs import curator

    class Ask(curator.LLM):
        response_format = Person

        def prompt(self, row: dict[str, str]) -> str:
            return row["text"]

        def parse(self, row: dict[str, str], answer: Person) -> dict[str, Any]:
            return {"text": row["text"], "name": answer.name, "age": answer.age}

    limits = {"max_requests_per_minute": 10**6, "max_tokens_per_minute": 10**9, "max_concurrent_requests": AT_ONCE}
    asked = Ask(model_name="gpt-4o-mini", backend="openai", backend_params={"base_url": base_url, **limits})
    rows = asked([{"text": text} for text in texts()]).dataset
    written([Person(name=row["name"], age=row["age"]) for row in rows])


LOOPS: dict[str, Callable[[str], None]] = {"openai": by_openai, "curator": by_curator}


# --- what is measured


def command(name: str, python: str, base_url: str) -> list[str]:
    if name == "extract":
        return map_command(base_url, "out.jsonl", AT_ONCE)
    return [python, __file__, "--loop", name, "--url", base_url]


def environment(folder: Path) -> dict[str, str]:
    said = {
        "TELEMETRY_ENABLED": "false",
        "HF_HUB_OFFLINE": "1",
        "CURATOR_DISABLE_RICH_DISPLAY": "1",
        "OPENAI_API_KEY": "none",
    }
    return {**os.environ, **said, "CURATOR_CACHE_DIR": str(folder / "cache"), "PYTHONPATH": str(ROOT)}


def run(
    folder: Path, endpoint: Loopback, name: str, python: str, kill_at: int | None = None
) -> tuple[int, float, float]:
    """Requests, seconds and MiB of one run; it is killed once so many requests have come."""
    before, began_s, most = endpoint.asked(), time.monotonic(), 0.0
    process = subprocess.Popen(
        command(name, python, endpoint.base_url), cwd=folder, env=environment(folder), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while process.poll() is None:
        most = max(most, memory_mib(process.pid, "VmHWM"))
        if kill_at is not None and endpoint.asked() - before >= kill_at:
            process.kill()
        time.sleep(0.005 if kill_at else 0.05)
    assert kill_at is not None or process.returncode == 0, f"{name} ended with {process.returncode}"
    return endpoint.asked() - before, time.monotonic() - began_s, most


def check(folder: Path, rows: int) -> None:
    ages = [json.loads(line)["age"] for line in (folder / "out.jsonl").read_text("utf-8").splitlines()]
    assert sorted(ages) == list(range(rows)), f"{len(set(ages))} of {rows} rows are in the output"


def compare(name: str, python: str, rows: int) -> str:
    with tempfile.TemporaryDirectory() as place, Loopback() as endpoint:
        calm, killed = Path(place) / "calm", Path(place) / "killed"
        for folder in (calm, killed):
            folder.mkdir()
            write_table(folder, rows)
        _, took_s, mib = run(calm, endpoint, name, python)
        check(calm, rows)
        write_table(calm, rows + 1)
        added, _, _ = run(calm, endpoint, name, python)
        check(calm, rows + 1)
        first, _, _ = run(killed, endpoint, name, python, kill_at=rows // 2)
        second, _, _ = run(killed, endpoint, name, python)
        check(killed, rows)
        again = first + second - rows
    return f"| {name} | {rows / took_s:.0f} | {mib:.0f} | {second} ({again} of them a second time) | {added} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--curator", help="an interpreter that has bespokelabs-curator")
    parser.add_argument("--loop", choices=LOOPS, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.loop:
        LOOPS[given.loop](given.url)
        return
    print(
        f"| {given.rows} rows, {AT_ONCE} at once | rows/s, start included | peak memory, MiB | requests after a kill halfway | after one added row |"
    )
    print("|---|---|---|---|---|")
    peers = [("extract", sys.executable), ("openai", sys.executable)]
    for name, python in [*peers, *([("curator", given.curator)] if given.curator else [])]:
        print(compare(name, python, given.rows), flush=True)


if __name__ == "__main__":
    main()
