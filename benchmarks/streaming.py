"""What streaming N records costs the client beside reading the events alone: CPU time and memory, each in a process of its own.

    python benchmarks/streaming.py                     # ours and the bare reading
    python benchmarks/streaming.py --peers PYTHON      # and the libraries that this interpreter has
    python benchmarks/streaming.py --counts 1000000 --only events records --piece 16

A loopback server in another process sends the same answer to all: a list of records of about 150 characters, 4 characters
a delta (`--piece`). `events` splits the events and parses each as JSON, nothing else; `stream` looks at the live draft of every delta;
`records` takes every record as it ends. Times are CPU seconds of the client; the ratio is to `events` of the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

from pydantic import BaseModel

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
COUNTS = (10, 100, 300, 1_000, 10_000)
PEER_LIMIT = 300
"""Most records that the peers are given: their time grows with the square."""


class Record(BaseModel):
    sku: str
    name: str
    price: float
    quantity: int
    in_stock: bool
    note: str


class Records(BaseModel):
    items: list[Record]


def record(at: int) -> str:
    return json.dumps(
        {"sku": f"SKU-{at:06}", "name": f"part number {at}", "price": at % 97 + 0.25, "quantity": at % 13,
         "in_stock": at % 2 == 0, "note": "packed in a grey box, shelf " + str(at % 40)}
    )  # fmt: skip


def texts(count: int, key: str) -> Iterator[str]:
    yield f'{{"{key}": ['
    for at in range(count):
        yield ("" if at == 0 else ", ") + record(at)
    yield "]}"


def events(count: int, piece: int, key: str) -> Iterator[bytes]:
    """The answer as events, in blocks."""
    base = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    frame = json.dumps({**base, "choices": [{"index": 0, "delta": {"content": "@"}, "finish_reason": None}]})
    before, after = frame.split("@")
    held, block = "", []
    for text in texts(count, key):
        held += text
        cut = len(held) - len(held) % piece
        said = (json.dumps(held[at : at + piece])[1:-1] for at in range(0, cut, piece))
        block += [f"data: {before}{one}{after}\n\n" for one in said]
        held = held[cut:]
        if len(block) > 500:
            yield "".join(block).encode()
            block = []
    block.append(f"data: {before}{json.dumps(held)[1:-1]}{after}\n\n")
    last = {**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    usage = {
        **base,
        "choices": [],
        "usage": {"prompt_tokens": 9, "completion_tokens": count * 40, "total_tokens": count * 40 + 9},
    }
    block.append(f"data: {json.dumps(last)}\n\ndata: {json.dumps(usage)}\n\ndata: [DONE]\n\n")
    yield "".join(block).encode()


def serve(listener: socket.socket) -> None:
    """The model's name says what is sent: records-N-P, N records in pieces of P characters."""
    while True:
        connection, _ = listener.accept()
        held = b""
        while b"\r\n\r\n" not in held:
            held += connection.recv(65536)
        head, _, body = held.partition(b"\r\n\r\n")
        length = next(
            int(line[15:]) for line in head.decode().lower().split("\r\n") if line.startswith("content-length:")
        )
        while len(body) < length:
            body += connection.recv(65536)
        asked = json.loads(body)
        key = "value" if '"value"' in json.dumps(asked.get("response_format")) else "items"
        try:
            connection.sendall(HEAD)
            _, count, piece = asked["model"].split("-")
            for block in events(int(count), int(piece), key):
                connection.sendall(block)
        except OSError:
            pass
        connection.close()


# --- the contenders: each reads the whole answer and says how many drafts or records it saw


def run_events(url: str, model: str) -> int:
    import httpx

    seen = 0
    with (
        httpx.Client(timeout=None) as client,
        client.stream("POST", f"{url}/chat/completions", json={"model": model, "stream": True}) as response,
    ):
        held = b""
        for piece in response.iter_bytes():
            *lines, held = (held + piece).split(b"\n")
            for line in lines:
                if line.startswith(b"data: {"):
                    seen += bool(json.loads(line[6:])["choices"])
    return seen


def run_stream(url: str, model: str) -> int:
    from extract import Extractor

    seen = 0
    with Extractor(model, base_url=url, api_key="k", timeout=None) as extractor:
        stream = extractor.stream(Records, "all of them", max_tokens=10**9)
        for draft in stream:
            seen += draft.partial is not None
    assert stream.result().value.items
    return seen


def run_records(url: str, model: str) -> int:
    from extract import Extractor

    with Extractor(model, base_url=url, api_key="k", timeout=None) as extractor:
        return sum(1 for _ in extractor.records(Record, "all of them", max_tokens=10**9))


def run_openai(url: str, model: str) -> int:
    from openai import OpenAI

    seen = 0
    with OpenAI(base_url=url, api_key="k").chat.completions.stream(
        model=model, messages=[{"role": "user", "content": "x"}], response_format=Records
    ) as stream:
        for event in stream:
            seen += event.type == "content.delta"
        assert stream.get_final_completion().choices[0].message.parsed.items
    return seen


def run_instructor(url: str, model: str) -> int:
    import instructor
    from openai import AsyncOpenAI

    async def run() -> int:
        client = instructor.from_openai(AsyncOpenAI(base_url=url, api_key="k"), mode=instructor.Mode.JSON)
        seen = 0
        async for _ in client.chat.completions.create_partial(
            model=model, response_model=Records, messages=[{"role": "user", "content": "x"}]
        ):
            seen += 1
        return seen

    return asyncio.run(run())


def run_pydantic_ai(url: str, model: str) -> int:
    from pydantic_ai import Agent, NativeOutput
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    async def run() -> int:
        agent = Agent(
            OpenAIChatModel(model, provider=OpenAIProvider(base_url=url, api_key="k")),
            output_type=NativeOutput(Records),
        )
        seen = 0
        async with agent.run_stream("x") as result:
            async for _ in result.stream_output(debounce_by=None):
                seen += 1
        return seen

    return asyncio.run(run())


RUNS = {
    "events": run_events, "stream": run_stream, "records": run_records,
    "openai": run_openai, "instructor": run_instructor, "pydantic-ai": run_pydantic_ai,
}  # fmt: skip
OURS = ("events", "stream", "records")


def measured(name: str, url: str, count: int, piece: int) -> dict[str, float]:
    """CPU seconds, MiB above what the imports take, and what was seen; a first small run pays for what happens once."""
    RUNS[name](url, f"records-2-{piece}")
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began_s = time.process_time()
    seen = RUNS[name](url, f"records-{count}-{piece}")
    spent_s = time.process_time() - began_s
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) / 1024
    return {"cpu_s": spent_s, "grown_mib": grown, "seen": seen}


def in_process(python: str, name: str, url: str, count: int, piece: int) -> dict[str, float] | None:
    done = subprocess.run(
        [python, __file__, "--one", name, "--url", url, "--counts", str(count), "--piece", str(piece)],
        capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
    )  # fmt: skip
    if done.returncode:
        print(f"  {name}: {done.stderr.strip().splitlines()[-1][:150]}")
        return None
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--peers", help="an interpreter that has openai, instructor, pydantic-ai")
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS, help="how many records")
    parser.add_argument("--piece", type=int, default=4, help="characters a delta")
    parser.add_argument("--only", nargs="+", choices=list(RUNS), default=list(RUNS))
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measured(given.one, given.url, given.counts[0], given.piece)))
        return
    listener = socket.create_server(("127.0.0.1", 0))
    server = get_context("fork").Process(target=serve, args=(listener,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    print("| records | deltas | reader | CPU s | us per delta | of events | memory MiB |")
    print("|---|---|---|---|---|---|---|")
    for count in given.counts:
        base, deltas = 0.0, 0.0
        for name in given.only:
            if name not in OURS and (not given.peers or count > PEER_LIMIT):
                continue
            found = in_process(sys.executable if name in OURS else given.peers, name, url, count, given.piece)
            if found is None:
                continue
            if name == "events":
                base, deltas = found["cpu_s"], found["seen"]
            cpu_s, own = found["cpu_s"], deltas or found["seen"]
            share = f"{cpu_s / base:.2f}" if base else "-"
            print(
                f"| {count:,} | {deltas:,.0f} | {name} | {cpu_s:.3f} | {cpu_s / own * 1e6:.1f} | {share} "
                f"| {found['grown_mib']:.1f} |", flush=True,
            )  # fmt: skip
    server.terminate()


if __name__ == "__main__":
    main()
