"""CPU time of the client for one structured call, at 1, 64, 512 and 1,024 in flight, beside others that do the same.

Every contender runs in a process of its own against the same loopback server (one more process), in the same run and in
alternating rounds; the figure is the median of the rounds. Each call sends the same text and schema and ends in the same
validated Pydantic value:

    httpx        by hand: one AsyncClient, `post`, then `model_validate_json`
    extract      `AsyncExtractor.extract`
    from_openai  the same over an openai client
    openai       `chat.completions.parse(response_format=...)`
    instructor   `create(response_model=...)`, JSON mode
    pydantic-ai  `Agent(output_type=NativeOutput(...)).run`

Peers are optional: they are looked for in this interpreter and in those named by --python (each of its own environment),
and named where they are absent.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from multiprocessing import get_context
from typing import Any

from pydantic import BaseModel

SOURCE = "ACME Stationery Ltd., 12 Mill Lane. Invoice 2041 of 3 May 2026: a fountain pen for 24.50, blue ink for 6.20."
LEVELS = (1, 64, 512, 1024)
NEEDS = {
    "httpx": "httpx",
    "extract": "extract",
    "from_openai": "openai",
    "openai": "openai",
    "instructor": "instructor",
    "pydantic-ai": "pydantic_ai",
}


class Item(BaseModel):
    name: str
    price: float


class Invoice(BaseModel):
    seller: str
    number: str
    items: list[Item]


INVOICE = Invoice(
    seller="ACME Stationery Ltd.",
    number="2041",
    items=[Item(name="fountain pen", price=24.5), Item(name="blue ink", price=6.2)],
)
BODY = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": INVOICE.model_dump_json()},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 120, "completion_tokens": 40, "total_tokens": 160},
    }
).encode()
REPLY = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY)


# --- the server


class Server(asyncio.Protocol):
    """Answers every request with the same reply."""

    def connection_made(self, transport: Any) -> None:
        self.transport, self.held = transport, b""

    def data_received(self, data: bytes) -> None:
        self.held += data
        head, found, rest = self.held.partition(b"\r\n\r\n")
        if not found:
            return
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        if len(rest) >= length:
            self.held = rest[length:]
            self.transport.write(REPLY)


def serve(pipe: Any) -> None:
    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0, backlog=4096)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    more_files()
    asyncio.run(run())


def more_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))


# --- the contenders: each gives a function that makes one call

Call = Callable[[], Awaitable[Invoice]]


def httpx_call(url: str) -> Call:
    import httpx

    client = httpx.AsyncClient(limits=httpx.Limits(max_connections=None, max_keepalive_connections=None), timeout=60)
    schema = {"type": "json_schema", "json_schema": {"name": "Invoice", "schema": Invoice.model_json_schema()}}
    body = {
        "model": "m",
        "messages": [{"role": "user", "content": SOURCE}],
        "max_tokens": 4096,
        "response_format": schema,
    }

    async def call() -> Invoice:
        response = await client.post(f"{url}/chat/completions", json=body, headers={"Authorization": "Bearer k"})
        response.raise_for_status()
        return Invoice.model_validate_json(response.json()["choices"][0]["message"]["content"])

    return call


def extract_call(url: str) -> Call:
    from extract import AsyncExtractor

    extractor = AsyncExtractor("m", base_url=url, api_key="k")
    return lambda: extractor.extract(Invoice, SOURCE)


def _openai(url: str) -> Any:
    import openai

    try:
        import httpx2 as http
    except ImportError:
        import httpx as http
    limits = http.Limits(max_connections=None, max_keepalive_connections=None)
    return openai.AsyncOpenAI(api_key="k", base_url=url, http_client=http.AsyncClient(limits=limits, timeout=60))


def from_openai_call(url: str) -> Call:
    from extract import AsyncExtractor

    extractor = AsyncExtractor.from_openai(_openai(url), "m")
    return lambda: extractor.extract(Invoice, SOURCE)


def openai_call(url: str) -> Call:
    client = _openai(url)

    async def call() -> Invoice:
        messages = [{"role": "user", "content": SOURCE}]
        answer = await client.chat.completions.parse(
            model="m", messages=messages, response_format=Invoice, max_tokens=4096
        )
        return answer.choices[0].message.parsed

    return call


def instructor_call(url: str) -> Call:
    import instructor

    client = instructor.from_openai(_openai(url), mode=instructor.Mode.JSON)
    messages = [{"role": "user", "content": SOURCE}]
    return lambda: client.create(model="m", messages=messages, response_model=Invoice, max_tokens=4096)


def pydantic_ai_call(url: str) -> Call:
    from pydantic_ai import Agent, NativeOutput
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    agent = Agent(
        OpenAIChatModel("m", provider=OpenAIProvider(openai_client=_openai(url))), output_type=NativeOutput(Invoice)
    )

    async def call() -> Invoice:
        return (await agent.run(SOURCE)).output

    return call


CALLS = {
    "httpx": httpx_call,
    "extract": extract_call,
    "from_openai": from_openai_call,
    "openai": openai_call,
    "instructor": instructor_call,
    "pydantic-ai": pydantic_ai_call,
}


# --- one process: one contender


async def measure(call: Call, in_flight: int, calls: int) -> float:
    """Milliseconds of CPU for one call."""

    async def work(left: Any) -> None:
        for _ in left:
            await call()

    async def run(count: int) -> None:
        left = iter(range(count))
        await asyncio.gather(*(work(left) for _ in range(in_flight)))

    assert (await call()).model_dump() == INVOICE.model_dump()
    await run(max(50, in_flight))  # connections are opened, caches are warm
    began = time.process_time()
    await run(calls)
    return (time.process_time() - began) / calls * 1e3


def worker(name: str, url: str) -> None:
    """Measure what is asked for on stdin, a line each."""
    more_files()
    call = CALLS[name](url)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        print("ready", flush=True)
        while line := (await loop.run_in_executor(None, sys.stdin.readline)).split():
            print(await measure(call, *map(int, line)), flush=True)

    asyncio.run(run())


# --- all of them


def interpreter_of(module: str, pythons: list[str]) -> str | None:
    """The first interpreter that has a module."""
    for python in pythons:
        if subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0:
            return python
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--levels", type=int, nargs="+", default=LEVELS)
    parser.add_argument("--python", action="append", default=[], help="an interpreter with peers; may be given often")
    parser.add_argument("--only", nargs="+", choices=list(CALLS), default=list(CALLS))
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        worker(*given.worker)
        return
    mine, theirs = get_context("spawn").Pipe()
    server = get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{mine.recv()}/v1"
    workers: dict[str, subprocess.Popen[str]] = {}
    for name in given.only:
        python = interpreter_of(NEEDS[name], [sys.executable, *given.python])
        if python is None:
            print(f"{name} is absent: no interpreter has {NEEDS[name]}", file=sys.stderr)
            continue
        workers[name] = subprocess.Popen(
            [python, __file__, "--worker", name, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert workers[name].stdout.readline() == "ready\n", f"{name} does not start"  # type: ignore[union-attr]
    print("| in flight | " + " | ".join(f"{name}, ms" for name in workers) + " |")
    print("|---|" + "---|" * len(workers))
    base: dict[str, float] = {}
    for level in given.levels:
        found: dict[str, list[float]] = {name: [] for name in workers}
        for _ in range(given.rounds):
            for name, process in workers.items():
                print(level, max(200, level), file=process.stdin, flush=True)
                found[name].append(float(process.stdout.readline()))  # type: ignore[union-attr]
        figures = {name: statistics.median(times) for name, times in found.items()}
        base = base or figures
        by_hand = figures.get("httpx")
        cells = [
            f"{ms:.2f}" + (f" ({ms / by_hand:.2f}x httpx, {ms / base[name]:.2f}x one in flight)" if by_hand else "")
            for name, ms in figures.items()
        ]
        print(f"| {level} | " + " | ".join(cells) + " |", flush=True)
    for process in workers.values():
        process.terminate()
    server.terminate()


if __name__ == "__main__":
    main()
