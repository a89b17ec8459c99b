"""One HTTP answer before it is written, and the writing of it: every byte can be wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass

from ..vocabulary import JsonObject

JSON_TYPE = "application/json"
SSE_TYPE = "text/event-stream"
LOOK_S = 0.02
"""How often a stalled answer looks whether the client is gone."""


@dataclass(slots=True)
class Say:
    """One answer.

    Attributes:
        status, content_type, body, headers: as they are sent.
        pieces: the body as it is written, one piece at a time; None: at once.
        pause_s: before each piece.
        again: written after the body without end, until the client goes.
        raw: written instead of all of it, for what is no HTTP.
        is_chunked: sent without a length, in chunks.
        is_dropped: the connection is cut after the body, before its end; without a body, before the first byte.
        is_dropped_if_reused: cut before the first byte, but only where the connection has served a request before.
        is_closed: the connection is closed after the answer, though nothing says so.
        is_stalled: nothing more comes after the body, which is not complete; the connection stays open.
    """

    status: int = 200
    content_type: str = JSON_TYPE
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    pieces: tuple[bytes, ...] | None = None
    pause_s: float = 0.0
    again: bytes = b""
    raw: bytes | None = None
    is_chunked: bool = False
    is_dropped: bool = False
    is_dropped_if_reused: bool = False
    is_closed: bool = False
    is_stalled: bool = False

    @property
    def is_without_end(self) -> bool:
        """Whether the body is never complete."""
        return bool(self.again) or self.is_dropped or self.is_stalled


def json_say(status: int, body: JsonObject, headers: tuple[tuple[str, str], ...] = ()) -> Say:
    """An answer in JSON."""
    return Say(status, JSON_TYPE, json.dumps(body, ensure_ascii=False).encode(), headers)


async def write(
    writer: asyncio.StreamWriter, say: Say, is_gone: Callable[[], bool], *, is_reused: bool = False
) -> bool:
    """Write an answer; whether the connection stays open. `is_gone` tells whether the client has closed its end."""
    if say.raw is not None:
        writer.write(say.raw)
        await writer.drain()
        return False
    if (say.is_dropped and not say.body) or (say.is_dropped_if_reused and is_reused):
        writer.transport.abort()
        return False
    is_chunked = say.is_chunked or bool(say.again)
    writer.write(_head(say, is_chunked=is_chunked))
    for piece in say.pieces if say.pieces is not None else (say.body,):
        if say.pause_s:
            await asyncio.sleep(say.pause_s)
        if is_gone():
            return False
        writer.write(_chunk(piece) if is_chunked else piece)
        if say.pieces is not None:
            await writer.drain()
    while say.again:
        writer.write(_chunk(say.again))
        await writer.drain()
    if say.is_stalled:
        await writer.drain()
        while not is_gone():  # noqa: ASYNC110 - asyncio's streams tell no one that the other end has closed
            await asyncio.sleep(LOOK_S)
        return False
    if say.is_dropped:
        await writer.drain()
        writer.transport.abort()
        return False
    if is_chunked:
        writer.write(b"0\r\n\r\n")
    await writer.drain()
    return not say.is_closed


def _head(say: Say, *, is_chunked: bool) -> bytes:
    length = len(say.body) + (1 if say.is_without_end else 0)
    framing = "transfer-encoding: chunked" if is_chunked else f"content-length: {length}"
    lines = [f"HTTP/1.1 {say.status} -", f"content-type: {say.content_type}", framing]
    lines += [f"{name}: {value}" for name, value in say.headers]
    return "\r\n".join((*lines, "", "")).encode("latin-1")


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(piece), piece) if piece else b""
