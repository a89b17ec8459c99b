"""`map` against an endpoint that takes 600 requests a minute and answers 429 beyond: answers a minute, refusals, most at once.

Over real sockets, without a rate being named, from 1, 8 and 256 requests under way at first, all at the same time, each
against an endpoint of its own. `--seconds 180` is the published run.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import time
from collections.abc import Iterator

from pydantic import BaseModel

from extract import AsyncExtractor
from extract.testing import FaultyServer

PER_MINUTE = 600
DELAY_S = 0.05
SETTLED_S = 30.0
"""From then on a run is to use nine tenths of what the endpoint takes."""


class Person(BaseModel):
    name: str
    age: int


async def run(limit: int | None, seconds: float, retry_after_s: float | None) -> str:
    """One run; what it came to."""
    answered: list[float] = []
    with FaultyServer(
        lambda _: {"name": "Ada", "age": 36}, requests_per_minute=PER_MINUTE, delay_s=DELAY_S, retry_after_s=retry_after_s
    ) as server:  # fmt: skip
        began_s = time.monotonic()

        def texts() -> Iterator[str]:
            for number in itertools.count():
                if time.monotonic() - began_s >= seconds:
                    return
                yield f"row {number}"

        async with AsyncExtractor("m", base_url=server.base_url) as asked:
            async for outcome in asked.map(Person, texts(), concurrency=limit, ordered=False):
                assert not hasattr(outcome, "error"), outcome
                answered.append(time.monotonic() - began_s)
        took_s = time.monotonic() - began_s
        refused = server.total - len(answered)
        settled = sum(at_s > SETTLED_S for at_s in answered) / max(took_s - SETTLED_S, 1) * 60
        shown = f"{settled:.0f} ({settled / PER_MINUTE:.0%})" if seconds > SETTLED_S else "too short to say"
        asked_for = "found out, from 8" if limit is None else str(limit)
        assert limit is None or server.most_under_way <= limit
        return (
            f"| {asked_for} | {'none' if retry_after_s is None else f'{retry_after_s:g} s'} | {len(answered)} |"
            f" {shown} | {refused} ({refused / server.total:.1%}) | {server.most_under_way} |"
        )


async def all_of(seconds: float) -> None:
    print("| requests at once | Retry-After | answers | answers a minute once settled | refused | most at once, seen by the server |")  # fmt: skip
    print("|---|---|---|---|---|---|")
    starts = [(limit, wait_s) for wait_s in (None, 1.0) for limit in (1, None, 256)]
    for line in await asyncio.gather(*(run(limit, seconds, wait_s) for limit, wait_s in starts)):
        print(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    asyncio.run(all_of(parser.parse_args().seconds))


if __name__ == "__main__":
    main()
