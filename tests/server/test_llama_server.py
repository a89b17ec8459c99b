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
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import httpx
import pytest
from pydantic import AfterValidator, BaseModel, Field, PastDate, TypeAdapter
from typer.testing import CliRunner

from extract import AsyncExtractor, Budget, Extractor
from extract.chat.endpoint import Endpoint
from extract.chat.endpoints import ENDPOINTS
from extract.chat.request import Tail
from extract.cli.app import app
from extract.flow.errors import EndpointError, ExtractionError, InvalidOutputError, TruncatedError
from extract.target.invalid import Invalid
from extract.target.lower import lower
from tests.zoo import CASES
from tests.zoo.on_record import unrecorded

BINARY = os.environ.get("LLAMA_SERVER")
MODEL = os.environ.get("LLAMA_MODEL")
pytestmark = pytest.mark.skipif(
    not (BINARY and MODEL and Path(BINARY).is_file() and Path(MODEL).is_file()),
    reason="LLAMA_SERVER and LLAMA_MODEL do not name a llama-server binary and a GGUF model",
)
START_S = 60.0
ROW = ENDPOINTS["llamacpp"]


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


def row_for(method: str) -> Endpoint | None:
    """None, so that the row is found out; tools need the server's own: it takes a named choice for `auto`."""
    return ROW if method == "tool" else None


@pytest.mark.parametrize("method", ["json_schema", "tool"])
@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_sync_gives_a_value_of_the_type(base_url: str, target: object, method: str) -> None:
    extractor = Extractor("tiny", base_url=base_url, endpoint=row_for(method), method=method, budget=Budget(attempts=6))
    value = extractor.extract(target, TEXT, max_tokens=700, temperature=1.0)
    assert TypeAdapter(target).validate_python(value) == value


@pytest.mark.parametrize("method", ["json_schema", "tool"])
def test_async_gives_values_of_the_type_side_by_side(base_url: str, method: str) -> None:
    async def ask() -> list[object]:
        extractor = AsyncExtractor(
            "tiny", base_url=base_url, endpoint=row_for(method), method=method, budget=Budget(attempts=6)
        )
        async with extractor:
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


ZOO = (
    "scalar.int", "scalar.uuid", "enum.mixed", "constraint.range", "constraint.float_range", "constraint.multiple",
    "constraint.set_length", "dict.int_keys", "dict.literal_keys", "dict.of_models", "temporal.date", "temporal.naive",
    "container.matrix", "set.enum", "tuple.pair", "tuple.named", "any.json", "union.models", "union.enums",
    "discriminated.list", "optional.null_is_not_absent", "typeddict.not_required", "alias.tree", "aliases.path",
    "recursive.expression", "dataclass.recursive", "generic.page", "extra.typed", "inner_json.model", "real.geojson",
)  # fmt: skip
PICKED = [case for case in CASES if case.name in ZOO]
LEAST_VALUES = 27


@pytest.mark.parametrize("method", ["json_schema", "tool"])
def test_thirty_types_of_the_zoo_come_back_typed(base_url: str, method: str) -> None:
    assert len(PICKED) == 30
    refused: dict[str, ExtractionError] = {}
    for case in PICKED:
        extractor = Extractor("tiny", base_url=base_url, endpoint=ROW, method=method, budget=Budget(attempts=6))
        try:
            value = extractor.extract(case.target, TEXT, max_tokens=400, temperature=1.0)
        except InvalidOutputError as error:
            refused[case.name] = error
            lowered = lower(case.target, ROW.dialect)
            assert unrecorded(lowered, Invalid(error.issues)) == (), f"{case.name}: {error}"
        except EndpointError as error:  # a number beyond a double, which the server refuses to read itself
            refused[case.name] = error
            assert error.attempts[-1].reply.error.kind == "output_invalid", f"{case.name}: {error}"
        else:
            TypeAdapter(case.target).validate_python(value)
    assert len(PICKED) - len(refused) >= LEAST_VALUES, "\n".join(f"{name}: {why}" for name, why in refused.items())


def be_odd(value: int) -> int:
    if value % 2 == 0:
        raise ValueError(f"{value} is even")
    return value


DROPPED = {
    "bounds": (
        Annotated[float, Field(gt=0, lt=1)],
        {"exclusiveMinimum", "exclusiveMaximum"},
        {"greater_than", "less_than"},
    ),
    "multiple": (Annotated[int, Field(multiple_of=7, ge=0, le=99)], {"multipleOf"}, {"multiple_of"}),
    "pattern": (Annotated[str, Field(pattern=r"\bzz\b", max_length=20)], {"pattern"}, {"string_pattern_mismatch"}),
    "size": (Annotated[dict[str, bool], Field(min_length=40)], {"minProperties"}, {"too_short"}),
    "past": (
        PastDate,
        {"format", "formatExclusiveMaximum"},
        {"date_past", "date_parsing", "date_from_datetime_parsing"},
    ),
    "validator": (Annotated[int, Field(ge=0, le=9), AfterValidator(be_odd)], {"validator"}, {"value_error"}),
}


@pytest.mark.parametrize("method", ["json_schema", "tool"])
@pytest.mark.parametrize("name", DROPPED)
def test_what_the_grammar_drops_is_refused_by_validation(base_url: str, name: str, method: str) -> None:
    target, keywords, kinds = DROPPED[name]
    extractor = Extractor("tiny", base_url=base_url, endpoint=ROW, method=method, budget=Budget(attempts=1))
    assert {loss.keyword for loss in lower(target, ROW.dialect).losses} == keywords
    refused: set[str] = set()
    for seed in range(12):
        try:
            value = extractor.extract(target, TEXT, max_tokens=200, temperature=1.5, seed=seed)
        except InvalidOutputError as error:
            refused |= {issue.kind for issue in error.issues} - {"finite_number"}  # such as 1e999, which JSON allows
        except TruncatedError:
            continue
        else:
            TypeAdapter(target).validate_python(value)
        if refused:
            break
    assert refused and refused <= kinds


class Reading(BaseModel):
    sensor: Literal["north", "south", "east", "west"]
    degrees: int = Field(ge=-40, le=60)


class Station(BaseModel):
    readings: list[Reading] = Field(min_length=6, max_length=9)
    state: Literal["good", "bad"]


@pytest.mark.parametrize("method", ["json_schema", "tool"])
def test_answers_that_a_small_limit_cuts_go_on_to_a_complete_record(base_url: str, method: str) -> None:
    ends: Counter[str] = Counter()
    for seed in range(8):
        budget = Budget(attempts=8, continuations=24)
        extractor = Extractor("tiny", base_url=base_url, endpoint=ROW, method=method, budget=budget)
        try:
            found = extractor.run(Station, TEXT, max_tokens=60, temperature=1.0, seed=seed)
        except (TruncatedError, InvalidOutputError) as error:
            ends[type(error).__name__] += 1
            assert len(error.attempts) <= 8 + 24
            assert "no valid value" in str(error) or "cut" in str(error) or "limit" in str(error), error
            continue
        assert Station.model_validate(found.value.model_dump()) == found.value
        was_cut = [attempt for attempt in found.attempts if attempt.usage.completion_tokens == 60]
        ends["continued" if any(isinstance(one.request.asked, Tail) for one in found.attempts) else "at once"] += 1
        assert len(found.attempts) == 1 or was_cut or method == "tool"
    assert ends["continued"] >= 7, ends
