"""A loopback server whose every byte is the test's own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Handler = Callable[[socket.socket, bytes], bool]
"""Answers one request; whether the connection stays open."""


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """A head with the body's length, and the body."""
    head = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers]
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


@contextmanager
def serving(handler: Handler) -> Iterator[str]:
    """The base URL of a server that gives every request on every connection to the handler."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(sock: socket.socket) -> None:
        with sock:
            while request := _receive(sock):
                try:
                    if not handler(sock, request):
                        return
                except OSError:
                    return

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(sock,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _receive(sock: socket.socket) -> bytes:
    """A whole request; nothing where the caller has gone."""
    data = b""
    while b"\r\n\r\n" not in data or len(data.partition(b"\r\n\r\n")[2]) < _length(data):
        if not (piece := sock.recv(65_536)):
            return b""
        data += piece
    return data


def _length(data: bytes) -> int:
    head = data.partition(b"\r\n\r\n")[0].lower().split(b"\r\n")
    return next(int(line.split(b":")[1]) for line in head if line.startswith(b"content-length"))
