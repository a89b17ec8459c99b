"""A chat-completions endpoint on loopback that answers at once, in a process of its own: for figures, not for faults.

Run as a program with `--delay` it serves until it is ended; `Loopback` starts and ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
import urllib.request
from types import TracebackType
from typing import ClassVar, Self

ROW = re.compile(rb"row (\d+)")
OUTAGE = re.compile(r"GET /outage/([\d.]+)")


class Talk(asyncio.Protocol):
    """One connection: each request is answered with the number of its row."""

    asked = 0
    delay_s = 0.0
    open: ClassVar[set[asyncio.BaseTransport]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.held = b""
        Talk.open.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        Talk.open.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        self.held += data
        while True:
            head, found, rest = self.held.partition(b"\r\n\r\n")
            if not found:
                return
            at = head.lower().find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r", 1)[0]) if at >= 0 else 0
            if len(rest) < length:
                return
            self.held = rest[length:]
            Talk.asked += 1
            if Talk.delay_s:
                asyncio.get_running_loop().call_later(Talk.delay_s, self._answer, rest[:length])
            else:
                self._answer(rest[:length])

    def _answer(self, body: bytes) -> None:
        found = ROW.search(body)
        number = found[1] if found else b"0"
        self._write(
            b'{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant",'
            b'"content":"{\\"name\\":\\"n%s\\",\\"age\\":%s}"},"finish_reason":"stop"}],'
            b'"usage":{"prompt_tokens":120,"completion_tokens":12,"total_tokens":132}}' % (number, number)
        )

    def _write(self, body: bytes) -> None:
        self.transport.write(  # type: ignore[attr-defined]
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
        )


class Loopback:
    """The endpoint in a process of its own."""

    def __init__(self, delay_s: float = 0.0) -> None:
        self.delay_s = delay_s

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--delay", str(self.delay_s)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.port, self._control = map(int, self.process.stdout.readline().split())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.communicate()

    @property
    def base_url(self) -> str:
        """For `--base-url`."""
        return f"http://127.0.0.1:{self.port}/v1"

    def asked(self) -> int:
        """How many requests have come."""
        return self._told("count")

    def go_away(self, seconds: float) -> None:
        """Close the port and every connection for a while."""
        self._told(f"outage/{seconds:g}")

    def _told(self, word: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._control}/{word}") as answer:
            return int(answer.read())


class Service:
    """The port, which can be closed for a while, and another one over which that is told."""

    def __init__(self) -> None:
        self.port = 0

    async def open(self) -> None:
        """Listen; always on the same port."""
        self._server = await asyncio.get_running_loop().create_server(Talk, "127.0.0.1", self.port, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def go_away(self, seconds: float) -> None:
        """Be gone for a while."""
        self._server.close()
        for transport in tuple(Talk.open):
            transport.abort()  # type: ignore[attr-defined]
        await asyncio.sleep(seconds)
        await self.open()

    async def control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Tell how many requests have come, after what was asked for."""
        asked = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
        if found := OUTAGE.match(asked):
            self._away = asyncio.ensure_future(self.go_away(float(found[1])))
        body = b"%d" % Talk.asked
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (len(body), body))
        writer.close()


async def serve(delay_s: float) -> None:
    Talk.delay_s = delay_s
    service = Service()
    await service.open()
    control = await asyncio.start_server(service.control, "127.0.0.1", 0)
    print(service.port, control.sockets[0].getsockname()[1], flush=True)
    await control.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--delay", type=float, help="serve with so many seconds an answer [default: only try it]")
    given = parser.parse_args()
    if given.delay is not None:
        asyncio.run(serve(given.delay))
        return
    with Loopback() as endpoint:
        print(f"the endpoint answers at {endpoint.base_url}; {endpoint.asked()} requests so far")


if __name__ == "__main__":
    main()
