"""A real llama-server answers: typed values by json_schema and by tool, sync and async.

Its model may have random weights: the grammar makes the structure true, never the content, so these
tests ask for the type and not for the words. Run with `make llama`, which needs two variables:

    LLAMA_SERVER   path of a llama-server binary
    LLAMA_MODEL    path of a GGUF chat model
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Literal

import httpx
import pytest
from pydantic import BaseModel, Field, TypeAdapter
from typer.testing import CliRunner

from extract import AsyncExtractor, Budget, Extractor
from extract.cli.app import app

BINARY = os.environ.get("LLAMA_SERVER")
MODEL = os.environ.get("LLAMA_MODEL")
pytestmark = pytest.mark.skipif(
    not (BINARY and MODEL and Path(BINARY).is_file() and Path(MODEL).is_file()),
    reason="LLAMA_SERVER and LLAMA_MODEL do not name a llama-server binary and a GGUF model",
)
START_S = 60.0


class Person(BaseModel):
    name: str = Field(max_length=40)
    age: int = Field(ge=0, le=150)
    email: str | None = Field(default=None, max_length=40)


class Level(Enum):
    LOW = "low"
    HIGH = "high"


class Ticket(BaseModel):
    title: str = Field(max_length=40)
    level: Level
    tags: list[Literal["bug", "question", "idea"]] = Field(max_length=3)


@dataclass
class Point:
    x: int
    y: int


class Node(BaseModel):
    label: Literal["a", "b"]
    children: list[Node] = Field(default=[], max_length=2)


class Stock(BaseModel):
    counts: dict[str, int] = Field(max_length=3)


TARGETS = [Person, Ticket, list[Point], Node, Stock, Literal["yes", "no"]]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    log = tmp_path_factory.mktemp("llama") / "server.log"
    command = [str(BINARY), "-m", str(MODEL), "--alias", "tiny", "--host", "127.0.0.1", "--port", str(port)]
    command += [
        "-c",
        "16384",
        "--parallel",
        "2",
        "-t",
        "1",
        "--no-warmup",
        "--jinja",
        "--offline",
        "--no-context-shift",
    ]
    with log.open("wb") as sink:
        server = subprocess.Popen(command, stdout=sink, stderr=sink)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}/health", server, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(timeout=10)


def wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text(errors="replace")[-2000:]
        try:
            if httpx.get(url, timeout=1.0).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail(f"llama-server was not ready in {START_S} s: {log}")


TEXT = "Ada Lovelace, 36 years old, wrote to ada@example.org about ticket 7."


@pytest.mark.parametrize("method", ["json_schema", "tool"])
@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_sync_gives_a_value_of_the_type(base_url: str, target: object, method: str) -> None:
    extractor = Extractor("tiny", base_url=base_url, method=method, budget=Budget(attempts=6))
    value = extractor.extract(target, TEXT, max_tokens=700, temperature=1.0)
    assert TypeAdapter(target).validate_python(value) == value


@pytest.mark.parametrize("method", ["json_schema", "tool"])
def test_async_gives_values_of_the_type_side_by_side(base_url: str, method: str) -> None:
    async def ask() -> list[object]:
        async with AsyncExtractor("tiny", base_url=base_url, method=method, budget=Budget(attempts=6)) as extractor:
            asked = (extractor.extract(target, TEXT, max_tokens=700, temperature=1.0) for target in TARGETS)
            return await asyncio.gather(*asked)

    for target, value in zip(TARGETS, asyncio.run(ask()), strict=True):
        assert TypeAdapter(target).validate_python(value) == value


def test_the_doctor_finds_what_is_enforced(base_url: str) -> None:
    ended = CliRunner().invoke(app, ["doctor", base_url, "tiny", "--json"])
    found = {one["name"]: one["verdict"] for one in json.loads(ended.stdout)["findings"]}
    asked = {
        name: found[name] for name in ("json_schema_strict", "json_schema", "tool_required", "tool_any", "images", "n")
    }
    assert asked == {
        "json_schema_strict": "yes", "json_schema": "yes", "tool_required": "yes", "tool_any": "no", "images": "no", "n": "yes",
    }  # fmt: skip
