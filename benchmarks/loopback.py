"""A chat-completions endpoint on loopback that answers at once, in a process of its own: for figures, not for faults.

Run as a program it serves until it is ended; `Loopback` starts and ends it.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

ROW = re.compile(rb"row (\d+)")
COUNT_PATH = b"GET /count"


class Talk(asyncio.Protocol):
    """One connection: each request is answered with the number of its row."""

    asked = 0
    delay_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.held = b""

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
            if head.startswith(COUNT_PATH):
                self._write(b"%d" % Talk.asked)
                continue
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
            [sys.executable, __file__, str(self.delay_s)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
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
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/count") as answer:
            return int(answer.read())


async def serve(delay_s: float) -> None:
    Talk.delay_s = delay_s
    server = await asyncio.get_running_loop().create_server(Talk, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def rss_mib(pid: int) -> float:
    """Resident memory of a process; 0 when it is gone."""
    try:
        with Path(f"/proc/{pid}/status").open() as lines:
            return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)
    except OSError:
        return 0.0


if __name__ == "__main__" and len(sys.argv) > 1:
    asyncio.run(serve(float(sys.argv[1])))
elif __name__ == "__main__":
    with Loopback() as endpoint:
        time.sleep(0.1)
        print(f"the endpoint answers at {endpoint.base_url}; {endpoint.asked()} requests so far")
