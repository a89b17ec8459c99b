"""A loopback endpoint that keeps what came and says what it was told: one answer after the other, the last one for ever."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from extract.chat.written import stream_of

JSON = "application/json"
SSE = "text/event-stream"


@dataclass(frozen=True)
class Said:
    """One answer."""

    body: Any
    status: int = 200
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()

    def bytes(self) -> bytes:
        return (self.body if isinstance(self.body, str) else json.dumps(self.body, ensure_ascii=False)).encode()


@dataclass
class Recorder:
    """What came to the endpoint."""

    port: int
    bodies: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


def completion(content: str | None, *, finish_reason: str | None = "stop", **more: Any) -> dict[str, Any]:
    """A chat completion as the reference shows it."""
    top = {name: more.pop(name) for name in ("usage", "model", "id") if name in more}
    message = {"role": "assistant", "content": content, **more}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    return {
        "id": "0193",
        "object": "chat.completion",
        "created": 1732000000,
        "model": "tiny",
        "choices": [choice],
        **top,
    }


def as_stream(answer: dict[str, Any]) -> str:
    """The same completion as server-sent events, its texts in pieces of three characters."""
    return b"".join(stream_of(answer, piece_chars=3)).decode()


@contextmanager
def recording(*answers: Said) -> Iterator[Recorder]:
    """Serve the answers on loopback, each request the next."""
    left: Sequence[Said] = answers

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            nonlocal left
            body = self.rfile.read(int(self.headers["content-length"]))
            recorder.bodies.append(json.loads(body))
            recorder.headers.append({name.lower(): value for name, value in self.headers.items()})
            recorder.paths.append(self.path)
            said, left = left[0], left[1:] or left
            data = said.bytes()
            self.send_response(said.status)
            for name, value in (("content-type", said.content_type), ("content-length", str(len(data))), *said.headers):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    recorder = Recorder(server.server_port)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()
