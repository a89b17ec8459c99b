"""`map` beside bare httpx and aiohttp on the same loopback endpoint: rows a second, in alternating blocks, medians.

Bare means: the same request body posted, the JSON of the answer validated by Pydantic; no retries, no journal, no limits.
httpx and aiohttp run at their own best concurrency of those tried. aiohttp is left out where it is not installed.
`--block 20000 --blocks 5` is the published run.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import statistics
import time
from collections.abc import Awaitable, Callable

import httpx
from loopback import Loopback
from pydantic import BaseModel

from extract import AsyncExtractor


class Person(BaseModel):
    name: str
    age: int


Post = Callable[[bytes], Awaitable[bytes]]


def value_of(answer: bytes) -> Person:
    return Person.model_validate_json(json.loads(answer)["choices"][0]["message"]["content"])


async def ours(base_url: str, rows: int) -> float:
    began_s = time.perf_counter()
    async with AsyncExtractor("m", base_url=base_url) as asked:
        texts = (f"row {number} is a person of that name and age" for number in range(rows))
        assert (
            len([outcome async for outcome in asked.map(Person, texts, concurrency=32) if outcome.index >= 0]) == rows
        )
    return rows / (time.perf_counter() - began_s)


async def bare(post: Post, bodies: Callable[[int], bytes], rows: int, concurrency: int) -> float:
    numbers = iter(range(rows))

    async def work() -> None:
        for number in numbers:
            value_of(await post(bodies(number)))

    began_s = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(concurrency)))
    return rows / (time.perf_counter() - began_s)


async def by_httpx(base_url: str, bodies: Callable[[int], bytes], rows: int, concurrency: int) -> float:
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    async with httpx.AsyncClient(limits=limits, headers={"content-type": "application/json"}) as client:

        async def post(body: bytes) -> bytes:
            return (await client.post(f"{base_url}/chat/completions", content=body)).content

        return await bare(post, bodies, rows, concurrency)


async def by_aiohttp(base_url: str, bodies: Callable[[int], bytes], rows: int, concurrency: int) -> float:
    import aiohttp

    async with aiohttp.ClientSession(headers={"content-type": "application/json"}) as session:

        async def post(body: bytes) -> bytes:
            async with session.post(f"{base_url}/chat/completions", data=body) as answer:
                return await answer.read()

        return await bare(post, bodies, rows, concurrency)


async def compare(base_url: str, block: int, blocks: int) -> None:
    template = json.dumps(
        dict(AsyncExtractor("m", base_url=base_url).request(Person, "row 0 is a person of that name and age").body)
    )

    def bodies(number: int) -> bytes:
        return template.replace("row 0 is", f"row {number} is").encode()

    peers = {"httpx": by_httpx} | ({"aiohttp": by_aiohttp} if importlib.util.find_spec("aiohttp") else {})
    best = {
        name: max(
            (1, 4, 8, 32, 100),
            key=lambda many, run=run: asyncio_run(run, base_url, bodies, max(200, block // 20), many),
        )
        for name, run in peers.items()
    }
    speeds: dict[str, list[float]] = {name: [] for name in ("map", *peers)}
    for _ in range(blocks):
        speeds["map"].append(await ours(base_url, block))
        for name, run in peers.items():
            speeds[name].append(await run(base_url, bodies, block, best[name]))
    for name, found in speeds.items():
        at = f" at {best[name]}" if name in best else " at 32"
        print(f"{name}{at}: {statistics.median(found):.0f} rows/s (median of {blocks} blocks of {block})")


def asyncio_run(run: Callable[..., Awaitable[float]], *arguments: object) -> float:
    """A trial in a loop of its own, in a thread, so that it can be called from within one."""
    import concurrent.futures

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(run(*arguments))).result()  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--block", type=int, default=1000)
    parser.add_argument("--blocks", type=int, default=3)
    given = parser.parse_args()
    with Loopback() as endpoint:
        asyncio.run(compare(endpoint.base_url, given.block, given.blocks))


if __name__ == "__main__":
    main()
