"""From the bytes of an answer to a `Reply`: one reader for streams, plain JSON and errors.

Pure: bytes in, events out, a `Reply` at the end; any split of the bytes gives the same reply. The work is
proportional to the bytes. What the first bytes are decides how they are read, not what was asked for: servers answer
JSON to a stream request and the reverse.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic_core import from_json

from ..vocabulary import JsonObject, JsonValue
from .assemble import Answer, Channel, Delta
from .classify import classify, is_error, mask, read_error, report
from .mould import Mould, mould_of
from .reply import End, ErrorReport, Reply
from .request import Request
from .sse import BOM, SseDecoder, SseEvent

SPACE = b" \t\r\n\x0b\x0c"
FIELD = re.compile(rb"(?:[Dd][Aa][Tt][Aa]|event|id|retry)?\s*:")
FRAMED = re.compile(r"(?:data:\s*)+")
"""What a proxy that frames a framed stream leaves before the data."""
CHARSET = re.compile(r"charset=[\"']?([\w.:-]+)", re.IGNORECASE)
LENIENT = json.JSONDecoder(strict=False)
PADDED = re.compile(r"[\s\x00\ufeff]*")
"""What stands around a body without being part of it."""
ENOUGH_TO_TELL = 8
"""Bytes after which the first field of an event stream can be told from other text."""
BOUNDARY = re.compile(rb"\n\r?\n")
MOST_MOULDS = 16
"""Moulds that fit no further event before no more are made: some servers write random padding into every chunk."""
KEPT_BYTES = 65_536
"""Bytes of a stream that a reply keeps where all of them are not wanted."""
TRACES = (
    "x-request-id",
    "x-siliconcloud-trace-id",
    "x-trace-id",
    "mistral-correlation-id",
    "apim-request-id",
    "request-id",
    "x-groq-request-id",
    "cf-ray",
)
HIDDEN = frozenset({"set-cookie", "authorization", "cookie", "proxy-authorization", "api-key", "x-api-key"})
MAX_GARBLED, MOST_GARBLED = 3, 1_000
"""Data lines that are no JSON: so many without a finish are an error, and so many are not waited out."""
TOKEN_BYTES = 16_384
"""More bytes than any server writes for one token: a chunk of its own, with twenty log probabilities, is a quarter of it."""
BODY_TOKEN_BYTES = 1_024
"""The same in a whole body without log probabilities."""
SPARE_BYTES, BODY_SPARE_BYTES = 33_554_432, 4_194_304
"""Room for what `max_tokens` does not count on every server: thoughts, up to 32,768 tokens (SiliconFlow); keep-alives."""

__all__ = ["Channel", "Delta", "Event", "Reader"]

Event = Delta
"""What a piece of bytes added to an answer."""


@dataclass(frozen=True, slots=True)
class _Times:
    started_s: float = 0.0
    first_byte_s: float = 0.0
    ended_s: float = 0.0


class Reader:
    """Reads one answer.

    Args:
        request: what was asked.
        status: HTTP status.
        headers: of the answer.
        keep: how many of the last characters of each text the reply keeps, for streams without end; None: all.
        body: whether the reply keeps all bytes of a stream; else the last 64 KiB.

    Attributes:
        is_done: nothing that is still to come matters: `[DONE]`, an error, or the watchdog; close the connection.
    """

    __slots__ = (
        "_answer",
        "_decoder",
        "_end",
        "_error",
        "_fed",
        "_garbled",
        "_head",
        "_held",
        "_is_piece",
        "_keep",
        "_kind",
        "_most_bytes",
        "_mould",
        "_mould_turn",
        "_moulds_left",
        "_pieces",
        "_request",
        "headers",
        "is_done",
        "status",
    )

    def __init__(
        self,
        request: Request,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        *,
        keep: int | None = None,
        body: bool = True,
    ) -> None:
        self._request = request
        self.status = status
        self.headers = {name.lower(): value for name, value in (headers or {}).items() if name.lower() not in HIDDEN}
        self.is_done = False
        self._kind: Literal["unknown", "json", "sse"] = "json" if status >= 400 or self._target else "unknown"
        self._head = b""
        self._pieces: list[bytes] = []
        self._decoder = SseDecoder()
        self._mould: Mould | None = None
        self._mould_turn = 0
        self._is_piece = False
        self._moulds_left = MOST_MOULDS
        self._keep = keep if body or keep is not None else KEPT_BYTES
        self._held = self._fed = 0
        most = _most_tokens(request)
        self._most_bytes = None if most is None else _most_bytes(request, most)
        self._answer = Answer(None if most is None else most * 128 + 65_536, keep)
        self._error: ErrorReport | None = None
        self._end: End | None = None
        self._garbled: list[str] = []

    def feed(self, data: bytes) -> tuple[Event, ...]:
        """What these bytes add to the answer."""
        if self.is_done or not data:
            return ()
        self._pieces.append(data)
        self._fed += len(data)
        if self._most_bytes is not None and self._fed > self._most_bytes[self._kind == "sse"]:
            self._stop("runaway")
            return ()
        if self._kind == "json":
            return ()
        if self._kind == "unknown":
            data = self._sniff(data)
        if self._keep is not None and self._kind == "sse":
            self._spend(self._keep, len(data))
        return tuple(self._read(data)) if self._kind == "sse" else ()

    def close(
        self,
        end: End = "eof",
        *,
        started_s: float = 0.0,
        first_byte_s: float = 0.0,
        ended_s: float = 0.0,
        wall_s: float | None = None,
    ) -> Reply:
        """The reply; `end` is how the bytes ended, and gives way to what the bytes say."""
        times = _Times(started_s, first_byte_s, ended_s)
        if self._kind == "unknown":
            self._kind = "sse" if FIELD.match(self._head.lstrip(SPACE)) else "json"
            if self._kind == "sse":
                self._read(self._head)
        body = b"".join(self._pieces)
        if self._kind == "json":
            return self._close_json(body, self._end or end, times, wall_s)
        if not self.is_done:
            self._events(self._decoder.close(), [])
        return self._close_stream(body, end, times)

    def _spend(self, keep: int, added: int) -> None:
        """Forget all of a stream's bytes but the last `keep`; now and then, so that it costs nothing by the byte."""
        self._held += added
        if self._held > 4 * keep:
            self._pieces = [b"".join(self._pieces)[-keep:]]
            self._held = keep

    @property
    def _target(self) -> str:
        """Where a redirect points to, whatever its body says; "" where the answer is none."""
        return self.headers.get("location", "") if 300 <= self.status < 400 else ""

    # --- which kind of body

    def _sniff(self, data: bytes) -> bytes:
        """Settle what the body is; the bytes to read as events, if it is a stream."""
        head = (self._head + data).removeprefix(BOM).lstrip(SPACE)
        self._head = head  # without what came before it, so that blanks without end cost no more than themselves
        if not head:
            return b""
        if head[:1] in (b"{", b"[", b'"', b"<"):
            self._kind = "json"
        elif FIELD.match(head):
            self._kind = "sse"
        elif len(head) >= ENOUGH_TO_TELL or b"\n" in head:
            self._kind = "sse" if self._is_event_stream() else "json"
        return head

    def _is_event_stream(self) -> bool:
        return "event-stream" in self.headers.get("content-type", "")

    # --- streams

    def _read(self, data: bytes) -> list[Event]:
        """Read on in a stream: event by event as long as they are of one mould, or one may be found."""
        deltas: list[Event] = []
        at, end = 0, len(data)
        while at < end and not self.is_done:
            is_between = self._decoder.is_between
            mould = self._mould if self._mould_turn == self._answer.turn else None
            if mould is not None and is_between:
                at = self._repeat(mould, data, at, deltas)
                if at >= end or self.is_done:
                    break
            boundary = BOUNDARY.search(data, at) if self._moulds_left else None
            after = end if boundary is None else boundary.end()
            raw, at = data[at:after], after
            events = self._decoder.feed(raw)
            self._is_piece = False
            self._events(events, deltas)
            if self._is_piece and is_between and boundary is not None and [len(one.lines) for one in events] == [1]:
                self._mould, self._mould_turn = mould_of(raw), self._answer.turn
                self._moulds_left -= 1
        return deltas

    def _repeat(self, mould: Mould, data: bytes, at: int, deltas: list[Event]) -> int:
        """Read the events of one mould; where the first of another begins."""
        again = self._answer.again
        while (found := mould.text_at(data, at)) is not None:
            text, at = found
            self._moulds_left = MOST_MOULDS
            if (delta := again(text)) is not None:
                deltas.append(delta)
            if self._answer.is_runaway:
                self._stop("runaway")
                break
        return at

    def _events(self, events: tuple[SseEvent, ...], deltas: list[Event]) -> None:
        for event in events:
            if self.is_done:
                break
            self._take(event, deltas)

    def _take(self, event: SseEvent, deltas: list[Event]) -> None:
        data = event.data.strip()
        if data == "[DONE]":
            self._stop("done")
            return
        if not data and not event.stray:
            return
        chunk = _loads(data)
        if isinstance(chunk, dict):
            self._take_chunk(chunk, event, deltas)
        elif len(event.lines) > 1 and not event.stray and all(_is_whole(line) for line in event.lines):
            for line in event.lines:  # events that no blank line parts
                if not self.is_done:
                    self._take(SseEvent((line,), event.name), deltas)
        else:
            self._take_garbled(event, deltas)

    def _take_chunk(self, chunk: JsonObject, event: SseEvent, deltas: list[Event]) -> None:
        deltas += self._answer.take(chunk)
        self._is_piece = self._answer.is_plain
        if is_error(chunk) or (event.name == "error" and "choices" not in chunk):
            self._fail(report(read_error(chunk), self.status, self.headers))
        elif self._answer.is_runaway:
            self._stop("runaway")

    def _take_garbled(self, event: SseEvent, deltas: list[Event]) -> None:
        """A data line that is no JSON: an error that breaks its own frame, or a ping."""
        text = "\n".join((*event.lines, *event.stray))
        whole = _loads(text, strict=False)
        if isinstance(whole, dict):
            self._take_chunk(whole, event, deltas)
        elif event.lines and all(line.startswith("data:") for line in event.lines):
            self._take(SseEvent(tuple(FRAMED.sub("", line) for line in event.lines), event.name), deltas)
        elif '"error"' in text[:200] or event.name == "error":
            self._fail(report(read_error(text), self.status, self.headers))
        elif event.lines:
            self._garbled.append(text[:500])
            if len(self._garbled) >= MOST_GARBLED:
                self._stop("runaway")

    def _fail(self, error: ErrorReport) -> None:
        """An error ends the stream; behind an answer that was said to be finished it says nothing about the answer."""
        if self._answer.is_whole:
            self._stop("done")
            return
        self._error = error
        self._stop("stopped")

    def _stop(self, end: End) -> None:
        self._end = end
        self.is_done = True

    def _close_stream(self, body: bytes, end: End, times: _Times) -> Reply:
        choices = self._answer.choices()
        if self._error is None and not choices and end not in ("dropped", "deadline"):
            self._error = self._nothing()
        elif self._error is None and len(self._garbled) >= MAX_GARBLED and not self._answer.is_finished:
            self._error = _broken(
                f"{len(self._garbled)} data lines are no JSON, first: {self._garbled[0][:80]!r}", self.status
            )
        own = self._end or end
        if own in ("done", "eof") and self._error is None and not self._answer.is_finished:
            own = "dropped"  # `[DONE]` or a clean end without a finish_reason: servers that abort a stream end so
        return self._reply(body, own, times, self._answer, self._error)

    def _nothing(self) -> ErrorReport:
        if self._garbled:
            return _broken(f"the stream holds no answer, only {self._garbled[0][:80]!r}", self.status)
        return _broken("the stream is empty", self.status)

    # --- whole bodies

    def _close_json(self, body: bytes, end: End, times: _Times, wall_s: float | None) -> Reply:
        if self.status >= 400:
            error = classify(self.status, self.headers, body, wall_s=wall_s)
            return self._reply(body, "done", times, Answer(None), error)
        if self._target:
            return self._reply(body, "done", times, Answer(None), _broken(self._redirected(), self.status))
        values = _values(body, self.headers.get("content-type", ""))
        value = values[0] if values else None
        answer, failed = Answer(None), None
        own: End = "done" if end == "eof" else end
        if len(values) > 1 and _is_chunk(value):  # a stream of bare lines
            for chunk in values:
                answer.take(chunk if isinstance(chunk, dict) else {})
            own = end if answer.is_finished or end != "eof" else "dropped"
        elif isinstance(value, dict):
            answer.take_whole(value)
            own = "done" if answer.choices() else own
        if (is_error(value) or _is_error_list(value)) and not answer.is_whole:
            failed = report(read_error(value), self.status, self.headers, wall_s=wall_s)
        elif not answer.choices() and end not in ("dropped", "deadline"):
            failed = _broken(self._no_answer(body, end, is_json=bool(values)), self.status)
        return self._reply(body, own, times, answer, failed)

    def _redirected(self) -> str:
        """What a redirect is told as; its body is of another place than the one that was asked."""
        return (
            f"it redirects to {mask(self._target[:200])!r}; no key follows there: set base_url to where the endpoint is"
        )

    def _no_answer(self, body: bytes, end: End, *, is_json: bool) -> str:
        """What a body without choices is instead."""
        shown = repr(body[:80].decode("utf-8", "replace").strip())
        if end == "runaway":
            return f"the answer had not ended after {self._fed:,} bytes: {shown}"
        if not body.strip(SPACE):
            return "the answer is empty"
        if body.lstrip(SPACE)[:1] in (b"{", b"[") and not is_json:
            return f"the answer's JSON is broken or cut, after {len(body):,} bytes: {shown}"
        return f"the answer is no chat completion: {shown}"

    def _reply(self, body: bytes, end: End, times: _Times, answer: Answer, error: ErrorReport | None) -> Reply:
        return Reply(
            status=self.status,
            choices=answer.choices(),
            error=error,
            usage=answer.usage(),
            model=answer.model,
            id=answer.id,
            trace_id=self._trace(),
            headers=self.headers,
            end=end,
            body=body.decode("utf-8", "replace"),
            started_s=times.started_s,
            first_byte_s=times.first_byte_s,
            ended_s=times.ended_s,
        )

    def _trace(self) -> str | None:
        names = (*self._request.trace_headers, *TRACES)
        return next((self.headers[name] for name in names if name in self.headers), None)


def _most_tokens(request: Request) -> int | None:
    """The tokens that all choices together may have; None where no limit was sent."""
    limit = request.body.get("max_tokens") or request.body.get("max_completion_tokens")
    choices = request.body.get("n")
    return limit * (choices if isinstance(choices, int) else 1) if isinstance(limit, int) else None


def _most_bytes(request: Request, tokens: int) -> tuple[int, int]:
    """More bytes than a whole body and a stream of so many tokens have."""
    in_body = TOKEN_BYTES if request.body.get("logprobs") else BODY_TOKEN_BYTES
    return tokens * in_body + BODY_SPARE_BYTES, tokens * TOKEN_BYTES + SPARE_BYTES


def _loads(text: str | bytes, *, strict: bool = True) -> JsonValue:
    """The JSON value; None where it is none. The slow parser takes lone surrogates and raw line breaks too."""
    if not text:
        return None
    if strict:
        try:
            found: JsonValue = from_json(text)
        except ValueError:
            pass
        else:
            return found
    try:
        slow: JsonValue = json.loads(text, strict=strict)
    except (ValueError, RecursionError):
        return None
    return slow


def _values(body: bytes, content_type: str) -> list[JsonValue]:
    """The JSON values of a body: one, or several behind one another; what follows the last is passed over."""
    whole = _loads(body.strip(SPACE).removeprefix(BOM))
    if whole is not None:
        return [whole]
    charset = CHARSET.search(content_type)
    text = _decoded(body, charset[1] if charset else "utf-8")
    values: list[JsonValue] = []
    at = PADDED.match(text).end()  # type: ignore[union-attr]  # it matches everywhere
    try:
        while at < len(text):
            value, at = LENIENT.raw_decode(text, at)
            values.append(value)
            at = PADDED.match(text, at).end()  # type: ignore[union-attr]  # it matches everywhere
    except (ValueError, RecursionError):
        pass
    return values


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, "replace")
    except (LookupError, ValueError):  # no such charset, or none of texts
        return body.decode("utf-8", "replace")


def _is_chunk(value: JsonValue) -> bool:
    choices = value.get("choices") if isinstance(value, dict) else None
    return isinstance(choices, list) and any(isinstance(choice, dict) and "delta" in choice for choice in choices)


def _is_whole(line: str) -> bool:
    return line.strip() in ("", "[DONE]") or isinstance(_loads(line), dict)


def _is_error_list(value: JsonValue) -> bool:
    return isinstance(value, list) and bool(value) and is_error(value[0])


def _broken(message: str, status: int) -> ErrorReport:
    return ErrorReport(kind="broken", message=message, status=status)
