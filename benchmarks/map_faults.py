"""`extract map` against faults: every row once in the output or the dead letters, no value wrong, the account adds up.

First faults that strike known rows: one is refused with a 400, some are cut, answered in prose or refused by the model, at the
first request or at every one, and in the middle comes a storm of 429. So the dead letters are known beforehand, to the row.
Then an endpoint that fails one time in twenty; then that with `kill -9` on the way, taken up again by the same command.

    python benchmarks/map_faults.py --rows 10000 --kills 3
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from people import map_command, write_table

from extract.testing import FaultyServer

MODELS = """
from pydantic import BaseModel


class Person(BaseModel):
    name: str
    age: int
    tags: list[str]
"""

FAULTS = (
    "status_429", "status_500", "status_503", "html", "drop_before", "drop_amid", "cut_quietly", "refusal", "prose_only",
    "number_cut", "fence", "empty_body",
)  # fmt: skip
STORM_S = 5.0
EVERY = 100
"""One row in so many is struck by each of the following faults."""


@dataclass(frozen=True, slots=True)
class Blow:
    """What strikes some rows.

    Attributes:
        fault: its name.
        kind: of the dead letters that it makes; "": none.
        is_lasting: whether every request for the row is struck, or the first alone.
    """

    fault: str
    kind: str = ""
    is_lasting: bool = False


BLOWS = {
    7: Blow("cut", "Truncated", is_lasting=True), 13: Blow("prose_only", "InvalidOutput", is_lasting=True),
    23: Blow("refusal", "Refusal", is_lasting=True), 37: Blow("cut"), 43: Blow("prose_only"), 53: Blow("drop_amid"),
    61: Blow("status_500"), 71: Blow("fence"),
}  # fmt: skip


def row_of(body: Any) -> int:
    return int(re.findall(r"row (\d+)", json.dumps(body))[-1])


def value_of(number: int) -> dict[str, Any]:
    return {"name": f"P{number}", "age": number % 90, "tags": ["a", "b", "c"][: number % 4]}


def answer(body: Any) -> Any:
    """The value of the row, or the fields that are asked for alone, known by their types."""
    value = value_of(row_of(body))
    form = body.get("response_format", {}).get("json_schema", {})
    asked = form.get("schema", {}).get("properties", {})
    by_type = {"string": value["name"], "integer": value["age"], "array": value["tags"]}
    return {name: by_type[part["type"]] for name, part in asked.items()} or value


class Planned(FaultyServer):
    """Strikes the rows as `BLOWS` says, the row in the middle with a 400, and answers 429 to all for some seconds halfway through."""

    def __init__(self, rows: int) -> None:
        super().__init__(answer, retry_after_s=0.05)
        self.rows, self.struck, self.storm_ends_s = rows, set[int](), 0.0

    def blow(self, number: int) -> Blow | None:
        return (
            Blow("status_400", "bad_request", is_lasting=True)
            if number == self.rows // 2
            else BLOWS.get(number % EVERY)
        )

    def dead(self) -> dict[int, str]:
        """Kind of error by row of all dead letters that there must be."""
        blows = {number: self.blow(number) for number in range(self.rows)}
        return {number: blow.kind for number, blow in blows.items() if blow is not None and blow.kind}

    def say(self, body: Any, path: str = "/v1/chat/completions") -> Any:
        number = row_of(body)
        blow = self.blow(number)
        if self.total == self.rows // 2:
            self.storm_ends_s = time.monotonic() + STORM_S
        if time.monotonic() < self.storm_ends_s:
            self.then("status_429")
        elif blow is not None and (blow.is_lasting or number not in self.struck):
            self.struck.add(number)
            self.then(blow.fault)
        return super().say(body, path)


def planned(rows: int) -> None:
    """The first part; an AssertionError where a row is elsewhere than it must be, or the account is wrong."""
    with tempfile.TemporaryDirectory() as name, Planned(rows) as server:
        folder = Path(name)
        write_table(folder, rows, MODELS)
        subprocess.run(command(server, "out.jsonl"), cwd=folder, check=True, stderr=subprocess.DEVNULL)
        print(f"planned: {account(folder, 'out.jsonl', rows)}; {server.total} requests, struck {dict(server.counts)}")
        dead = {int(row["_id"]): row["_error"] for row in read(folder / "out.jsonl.dead.jsonl")}
        assert dead == server.dead(), set(dead.items()) ^ set(server.dead().items())
        told = json.loads((folder / "out.jsonl.manifest.json").read_text("utf-8"))["summary"]
        good = read(folder / "out.jsonl")
        assert (told["ok"], told["bad"], told["pending"]) == (rows - len(dead), len(dead), 0)
        assert told["errors"] == dict(Counter(server.dead().values()))
        assert told["items"] == sum(len(row["tags"]) for row in good)
        assert told["attempts"] == sum(row["_attempts"] for row in (*good, *read(folder / "out.jsonl.dead.jsonl")))
        print("planned: the dead letters are those that were planned, and the account adds up: " + json.dumps(told))


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def command(server: FaultyServer, output: str) -> list[str]:
    return map_command(server.base_url, output, 8, "--id-column", "id")


def account(folder: Path, output: str, rows: int) -> str:
    """Where the rows ended; an AssertionError where one is missing, stands twice or is wrong."""
    good, dead = read(folder / output), read(folder / f"{output}.dead.jsonl")
    counts = Counter(int(row["_id"]) for row in (*good, *dead))
    assert set(counts) == set(range(rows)), f"{rows - len(counts)} rows are nowhere"
    assert max(counts.values()) == 1, "a row stands twice"
    wrong = [row for row in good if {name: row[name] for name in ("name", "age", "tags")} != value_of(int(row["_id"]))]
    assert not wrong, f"wrong: {wrong[:3]}"
    return f"{len(good)} in the output, {len(dead)} dead {dict(Counter(row['_error'] for row in dead))}, none twice, none wrong"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--share", type=float, default=0.05, help="of the requests that a fault strikes")
    given = parser.parse_args()
    planned(given.rows)
    shares = {name: given.share / len(FAULTS) for name in FAULTS}
    with tempfile.TemporaryDirectory() as name, FaultyServer(answer, faults=shares, retry_after_s=0.05) as server:
        folder = Path(name)
        write_table(folder, given.rows, MODELS)
        subprocess.run(command(server, "calm.jsonl"), cwd=folder, check=True, stderr=subprocess.DEVNULL)
        print(f"undisturbed: {account(folder, 'calm.jsonl', given.rows)}; {server.total} requests")
        before = server.total
        for _ in range(given.kills):
            run = subprocess.Popen(command(server, "killed.jsonl"), cwd=folder, stderr=subprocess.DEVNULL)
            goal = server.total + given.rows // (given.kills + 1)
            while run.poll() is None and server.total < goal:
                time.sleep(0.01)
            run.kill()
            run.wait()
        subprocess.run(command(server, "killed.jsonl"), cwd=folder, check=True, stderr=subprocess.DEVNULL)
        print(f"{given.kills} kills: {account(folder, 'killed.jsonl', given.rows)}; {server.total - before} requests")


if __name__ == "__main__":
    main()
