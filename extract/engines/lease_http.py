"""Leases over HTTP: a tiny service beside the driver, for engines without actors. JSON in, JSON out, one secret word.

It serves claims and nothing else. The word is drawn anew for each service and goes to the workers with the work; without
it every call is refused. Bind it to an address that only the cluster reaches.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import threading
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from .gate import Lender
from .lease import Claim, Lease, LeaseBook, Limits

WAIT_S = 10.0
MOST_BYTES = 4096


class LeaseService:
    """Lends one limit to many workers.

    Args:
        limits: of all workers together.
        host: address to listen on, and by which workers reach it.
        port: 0: any that is free.
    """

    def __init__(self, limits: Limits, host: str = "127.0.0.1", port: int = 0) -> None:
        self._book = LeaseBook(limits)
        self._lock = threading.Lock()
        self._word = secrets.token_urlsafe(24)
        self._server = ThreadingHTTPServer((host, port), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, name="extract-leases", daemon=True).start()
        self.lender = HttpLender(f"http://{host}:{self._server.server_address[1]}/", self._word)

    def renew(self, word: str, claim: Claim) -> Lease | None:
        """A lease; None for a wrong word."""
        if not hmac.compare_digest(word.encode(), self._word.encode()):
            return None
        with self._lock:
            return self._book.renew(claim, time.monotonic())

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _handler(service: LeaseService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            try:
                claim = Claim(**json.loads(self.rfile.read(min(length, MOST_BYTES))))
            except (ValueError, TypeError):
                self.send_error(400)
                return
            lease = service.renew(self.headers.get("x-lease-word") or "", claim)
            if lease is None:
                self.send_error(403)
                return
            body = json.dumps(asdict(lease)).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: one line per lease is no news."""

    return Handler


@dataclass(frozen=True, slots=True)
class HttpLender:
    """Makes a worker's lender; pickles."""

    url: str
    word: str = field(repr=False)

    def __call__(self) -> Lender:
        """The lender of a worker."""

        async def lend(claim: Claim) -> Lease:
            return await asyncio.to_thread(self._ask, claim)

        return lend

    def _ask(self, claim: Claim) -> Lease:
        headers = {"content-type": "application/json", "x-lease-word": self.word}
        request = urllib.request.Request(self.url, json.dumps(asdict(claim)).encode(), headers)  # noqa: S310 - our own
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=WAIT_S) as answer:
                return Lease(**json.loads(answer.read(MOST_BYTES)))
        except urllib.error.HTTPError as error:
            with error:
                raise OSError(f"{self.url} answered {error.code}") from error
