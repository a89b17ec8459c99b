"""`extract map --batch`: the rows go through the endpoint's batch API, and end as those of any other run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from extract.cli.codes import INTERRUPTED, OK, USAGE
from extract.testing import BatchServer

from .conftest import Run

ROOT = Path(__file__).resolve().parents[2]
ROWS = 25


def answer(body: Any) -> Any:
    number = int(str(body["messages"]).split("row ")[1].split()[0])
    return {"name": f"P{number}", "age": number}


@pytest.fixture
def people(folder: Path) -> Path:
    lines = (json.dumps({"id": f"r{number}", "text": f"row {number} of a table"}) for number in range(ROWS))
    (folder / "in.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def arguments(server: BatchServer, *more: str, output: str = "out.jsonl") -> list[str]:
    return [
        "map", "models.py:User", "in.jsonl", "-o", output, "--base-url", server.base_url, "-m", "m",
        "--every", "0.01", *more,
    ]  # fmt: skip


def online(server: BatchServer) -> int:
    """Requests that came by themselves, not as lines of a batch."""
    return sum(path.endswith("/chat/completions") for path in server.paths)


def ages(path: Path) -> list[int]:
    return [json.loads(line)["age"] for line in path.read_text("utf-8").splitlines()]


def test_every_row_is_answered_by_the_batch_and_the_output_is_that_of_a_plain_run(people: Path, extract: Run) -> None:
    with BatchServer(answer, polls=3) as server:
        ended = extract(*arguments(server, "--batch"))
        assert ended.code == OK
        assert f"{ROWS} lines, {ROWS} replies kept" in ended.err
        assert online(server) == 0
        assert len(server.batches) == 1
        assert extract(*arguments(server, "-q", output="plain.jsonl")).code == OK
    assert (people / "out.jsonl").read_bytes() == (people / "plain.jsonl").read_bytes()


def test_the_finished_command_again_sends_nothing(people: Path, extract: Run) -> None:
    with BatchServer(answer) as server:
        assert extract(*arguments(server, "--batch")).code == OK
        before = server.total, server.calls.total()
        assert "nothing has changed" in extract(*arguments(server, "--batch")).err
        assert (server.total, server.calls.total()) == before
    assert ages(people / "out.jsonl") == list(range(ROWS))


def test_what_the_batch_leaves_open_is_asked_online(people: Path, extract: Run) -> None:
    with BatchServer(answer, expire_after=10) as server:
        assert extract(*arguments(server, "--batch", "-q")).code == OK
        assert online(server) == ROWS - 10
    assert ages(people / "out.jsonl") == list(range(ROWS))


def test_a_second_round_asks_in_another_batch_first(people: Path, extract: Run) -> None:
    with BatchServer(answer, expire_after=20) as server:
        assert extract(*arguments(server, "--batch", "--rounds", "2", "-q")).code == OK
        assert [len(batch.lines) for batch in server.batches.values()] == [ROWS, ROWS - 20]
        assert online(server) == 0
    assert ages(people / "out.jsonl") == list(range(ROWS))


def test_a_row_that_was_refused_for_good_is_in_no_other_batch(people: Path, extract: Run) -> None:
    with BatchServer(answer, faults={"status_400": 1.0}) as server:
        extract(*arguments(server, "--batch", "--limit", "2", "-q"))
        before = server.total
        extract(*arguments(server, "--batch", "--limit", "2", "--again", "-q"))
        assert (server.total, len(server.batches)) == (before, 1)


def test_ctrl_c_leaves_the_batch_and_the_same_command_goes_on_with_it(people: Path, extract: Run) -> None:
    with BatchServer(answer, polls=10**6) as server:
        run = subprocess.Popen(
            [sys.executable, "-m", "extract", *arguments(server, "--batch")], cwd=people,
            env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        ends_s = time.monotonic() + 30
        while server.calls["GET batches"] < 3 and time.monotonic() < ends_s:
            time.sleep(0.02)
        run.send_signal(signal.SIGINT)
        said = run.communicate(timeout=30)[1]
        assert run.returncode == INTERRUPTED
        assert "the same command goes on" in said
        assert "Traceback" not in said
        assert not (people / "out.jsonl").exists()
        for batch in server.batches.values():
            batch.polls = 0
        assert extract(*arguments(server, "--batch", "-q")).code == OK
        assert (len(server.batches), online(server)) == (1, 0)
    assert ages(people / "out.jsonl") == list(range(ROWS))


def test_stdin_and_the_offline_rules_have_no_batch(people: Path, extract: Run) -> None:
    wanted = ("map", "models.py:User", "-o", "out.jsonl", "--batch")
    extract(*wanted, "in.jsonl", "--offline").has_one_line(USAGE, "offline:", "no batch API")
    with BatchServer(answer) as server:
        extract(*wanted, "-", "--base-url", server.base_url, "-m", "m", stdin=b'{"text": "a"}\n').has_one_line(
            USAGE, "stdin"
        )
