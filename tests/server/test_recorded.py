"""Every recorded exchange, served again over real sockets in pieces of any size, is read as stated, by both transports.

Long bodies are cut only into sizes that give a few hundred pieces; with EXTRACT_ALL_SIZES=1 (`make wire`) every body is
served at every size.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import pytest

from extract.chat.reply import Lost, Reply
from extract.chat.request import Request
from extract.http import AsyncHttpTransport, HttpTransport

from ..golden.recorded import PIECES, STATED, WHY, answered, body, check, meta, outline, wire

ROWS = wire()
SERVERS = answered()
MOST_PIECES = None if os.environ.get("EXTRACT_ALL_SIZES") else 300
DEADLINE_S = 60.0 if MOST_PIECES else 600.0
"""Two hundred thousand pieces of one byte take a busy machine more than a minute."""


@dataclass(frozen=True)
class Exchange:
    status: int
    content_type: str
    body: bytes
    is_dropped: bool


def recorded(row: dict[str, Any]) -> Exchange:
    kind = {name.lower(): value for name, value in row["headers"].items()}.get("content-type", "application/json")
    return Exchange(row["status"], kind, row["body"].encode(), is_dropped=False)


def captured(name: str) -> Exchange:
    told = meta(name)
    kind = {key.lower(): value for key, value in told["headers"]}.get("content-type", "application/json")
    return Exchange(told["status"], kind, body(name), is_dropped=bool(told.get("exception")))


class Player:
    """Serves exchanges on loopback: `/<number>/<size>/...` is answered by that exchange in pieces of that size."""

    def __init__(self, exchanges: list[Exchange]) -> None:
        self.exchanges = exchanges
        self.url = ""
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    async def _run(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._end.wait()
        server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
                await reader.readexactly(int(length.split(b":")[1]))
                _, number, size, *_ = head.split(b" ")[1].decode().split("/")
                if not await self._answer(writer, self.exchanges[int(number)], int(size)):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, played: Exchange, size: int) -> bool:
        head = (
            f"HTTP/1.1 {played.status} -\r\ncontent-type: {played.content_type}\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        writer.write(head.encode())
        for at in range(0, len(played.body), size):
            piece = played.body[at : at + size]
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            if at % (size * 50) == 0:
                await writer.drain()
        if not played.is_dropped:
            writer.write(b"0\r\n\r\n")
        await writer.drain()
        return not played.is_dropped


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    with Player([*map(recorded, ROWS), *map(captured, SERVERS)]) as playing:
        yield playing


Play = Callable[[Player, int], Iterator[Reply | Lost]]


def requests(player: Player, number: int) -> list[Request]:
    length = len(player.exchanges[number].body)
    sizes = [size for size in PIECES if MOST_PIECES is None or length <= size * MOST_PIECES]
    return [
        Request(url=f"{player.url}/{number}/{size}/chat/completions", body={"model": "m"}, method="prompt")
        for size in sizes
    ]


def play_sync(player: Player, number: int) -> Iterator[Reply | Lost]:
    with HttpTransport(player.url) as transport:
        yield from [transport.send(request, deadline_s=DEADLINE_S) for request in requests(player, number)]


def play_async(player: Player, number: int) -> Iterator[Reply | Lost]:
    async def run() -> list[Reply | Lost]:
        async with AsyncHttpTransport(player.url) as transport:
            return [await transport.send(request, deadline_s=DEADLINE_S) for request in requests(player, number)]

    yield from asyncio.run(run())


@pytest.fixture(params=[play_sync, play_async], ids=["sync", "async"])
def play(request: pytest.FixtureRequest) -> Play:
    chosen: Play = request.param
    return chosen


@pytest.mark.skipif(not ROWS, reason=WHY)
@pytest.mark.parametrize("number", range(len(ROWS)), ids=[row["id"] for row in ROWS])
def test_a_recorded_exchange_is_read_as_stated_over_a_socket(play: Play, player: Player, number: int) -> None:
    for reply in play(player, number):
        assert isinstance(reply, Reply)
        check(reply, ROWS[number]["expect"])


@pytest.mark.skipif(not SERVERS, reason=WHY)
@pytest.mark.parametrize("name", SERVERS)
def test_a_captured_server_is_read_as_stated_over_a_socket(play: Play, player: Player, name: str) -> None:
    for reply in play(player, len(ROWS) + SERVERS.index(name)):
        assert isinstance(reply, Reply)
        assert outline(reply) == STATED[name]
