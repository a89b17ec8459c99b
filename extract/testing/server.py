"""A loopback chat-completions endpoint that answers from the request's schema and misbehaves on command.

    with FaultyServer(faults={"status_429": 0.05, "fence": 0.1}) as server:
        Extractor("any", base_url=server.base_url).extract(Person, "...")
        server.requests, server.most_under_way

It listens on 127.0.0.1 only, in a thread of its own, and speaks plain HTTP/1.1 so that every byte can be wrong.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from ..vocabulary import JsonObject, JsonValue
from .faults import CONTENT, FAULTS, UNSAID
from .sample import sample
from .script import completion

KEPT_REQUESTS = 10_000
PIECE_CHARS = 12
DRIP_S = 0.05
JSON_TYPE = "application/json"
SSE_TYPE = "text/event-stream"
STATUSES: Mapping[str, tuple[int, str, str]] = {
    "status_400": (400, "invalid_request_error", "The parameter is invalid. Please check again."),
    "status_401": (401, "authentication_error", "Invalid token"),
    "status_404": (404, "not_found_error", "The model does not exist."),
    "status_429": (429, "rate_limit_error", "Request was rejected due to rate limiting."),
    "status_500": (500, "server_error", "Internal server error"),
    "status_503": (503, "overloaded_error", "System is too busy now. Please try again later."),
}
Answers = Callable[[JsonObject], JsonValue]
"""From the request's body to the value of the answer; a str is sent as it is."""


@dataclass(slots=True)
class Say:
    """One HTTP answer before it is written."""

    status: int = 200
    content_type: str = JSON_TYPE
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    pieces: tuple[bytes, ...] | None = None
    pause_s: float = 0.0
    is_dropped: bool = False


class FaultyServer:
    """The endpoint.

    Args:
        answers: what it answers; by default a sample of the schema in the request.
        faults: share of the requests (0 to 1) that each named fault strikes; the same requests for the same seed.
        seed: of the faults and the samples.
        delay_s: how long each answer takes.
        retry_after_s: sent with a 429; None: not sent.
        max_tokens: above it the answer is cut, 4 characters a token; None: the request's own limit is not looked at.
        requests_per_minute: above it 429.

    Attributes:
        requests: the last 10,000 JSON bodies.
        headers, paths: the same of all that came; header names in lower case, paths with their query.
        counts: how often each fault struck.
        total: requests that came.
        under_way, most_under_way: requests at one moment, now and at most.
    """

    def __init__(
        self,
        answers: Answers | None = None,
        *,
        faults: Mapping[str, float] | None = None,
        seed: int = 0,
        delay_s: float = 0.0,
        retry_after_s: float | None = 0.05,
        max_tokens: int | None = None,
        requests_per_minute: float | None = None,
    ) -> None:
        unknown = set(faults or {}) - set(FAULTS)
        if unknown:
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(FAULTS)}")
        self.answers = answers
        self.faults = dict(faults or {})
        self.delay_s, self.retry_after_s, self.max_tokens = delay_s, retry_after_s, max_tokens
        self.requests: deque[JsonObject] = deque(maxlen=KEPT_REQUESTS)
        self.headers: deque[dict[str, str]] = deque(maxlen=KEPT_REQUESTS)
        self.paths: deque[str] = deque(maxlen=KEPT_REQUESTS)
        self.counts: Counter[str] = Counter()
        self.total = self.under_way = self.most_under_way = 0
        self.port = 0
        self._dice = random.Random(seed)  # noqa: S311 - test data
        self._seed = seed
        self._next: deque[str | None] = deque()
        self._bucket = None if requests_per_minute is None else _Bucket(requests_per_minute / 60)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        """For `Extractor(base_url=...)`."""
        return f"http://127.0.0.1:{self.port}/v1"

    def then(self, *faults: str | None) -> Self:
        """Strike the next requests with these faults, one each; None: a good answer."""
        for fault in faults:
            if fault is not None and fault not in FAULTS:
                raise ValueError(f"no such fault: {fault}; there are {', '.join(FAULTS)}")
            self._next.append(fault)
        return self

    # --- lifetime

    def start(self) -> Self:
        """Listen; returns when the port is open."""
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), name="faulty-server", daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def stop(self) -> None:
        """Close the port and every connection."""
        loop, thread = self._loop, self._thread
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(self._end.set)
            thread.join()
            self._loop = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _serve(self, ready: threading.Event) -> None:
        asyncio.run(self._run(ready))

    async def _run(self, ready: threading.Event) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, backlog=4096)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._end.wait()
        server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- HTTP

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._talk(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; False when the connection is to be closed."""
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        data = await reader.readexactly(int(headers.get("content-length", 0)))
        verb, path, _ = first.split(" ", 2)
        self.headers.append(headers)
        self.paths.append(path)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            return await _written(writer, self._reply(verb, path, data))
        finally:
            self.under_way -= 1

    def _reply(self, verb: str, path: str, data: bytes) -> Say:  # noqa: ARG002 - for servers that serve more
        """The answer to what came."""
        return self.say(json.loads(data) if data else {}, path)

    def say(self, body: JsonObject, path: str = "/v1/chat/completions") -> Say:
        """The answer to one request."""
        if path.endswith("/models"):
            return json_say(200, {"object": "list", "data": [{"id": "faulty", "object": "model"}]})
        self.total += 1
        self.requests.append(body)
        fault = self._fault()
        if fault is not None:
            self.counts[fault] += 1
        if self._bucket is not None and not self._bucket.take():
            self.counts["limit"] += 1
            fault = "status_429"
        return self._answered(body, fault)

    def _fault(self) -> str | None:
        if self._next:
            return self._next.popleft()
        at = self._dice.random()
        for fault, share in self.faults.items():
            if at < share:
                return fault
            at -= share
        return None

    def _answered(self, body: JsonObject, fault: str | None) -> Say:
        early = self._early(fault)
        if early is not None:
            return early
        written = self._written_value(body)
        if fault is not None and (damage := CONTENT.get(fault) or UNSAID.get(fault)) is not None and fault != "bom":
            written = damage(written, self._dice)
        answer = _completion(body, written, fault, self.max_tokens)
        streamed = (body.get("stream") is True) != (fault in ("json_for_stream", "stream_for_json"))
        say = _stream(answer, fault) if streamed else json_say(200, answer)
        return _on_the_wire(say, fault)

    def _early(self, fault: str | None) -> Say | None:
        """The faults that answer without a completion."""
        if fault in STATUSES:
            code, kind, words = STATUSES[str(fault)]
            error: JsonObject = {"error": {"message": words, "type": kind, "param": None, "code": None}}
            waits = fault == "status_429" and self.retry_after_s is not None
            return json_say(code, error, (("retry-after", f"{self.retry_after_s:g}"),) if waits else ())
        match fault:
            case "html":
                return Say(502, "text/html", b"<html><body><h1>502 Bad Gateway</h1></body></html>")
            case "empty_body":
                return Say(200, JSON_TYPE, b"")
            case "list_error":
                return Say(
                    400,
                    JSON_TYPE,
                    b'[{"error": {"code": 400, "message": "Invalid value", "status": "INVALID_ARGUMENT"}}]',
                )
            case "string_error":
                return Say(403, JSON_TYPE, b'"Forbidden"')
            case "drop_before":
                return Say(is_dropped=True)
            case _:
                return None

    def _written_value(self, body: JsonObject) -> str:
        value = self.answers(body) if self.answers else sample(schema_of(body) or {}, seed=self._seed + self.total)
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def schema_of(body: JsonObject) -> JsonObject | None:
    """The schema that a request carries."""
    form = body.get("response_format")
    held = form.get("json_schema") if isinstance(form, dict) else None
    if isinstance(held, dict) and isinstance(schema := held.get("schema"), dict):
        return schema
    function = _function(body)
    parameters = function.get("parameters") if function else None
    return parameters if isinstance(parameters, dict) else None


def _function(body: JsonObject) -> JsonObject | None:
    tools = body.get("tools")
    tool = tools[0] if isinstance(tools, list) and tools else None
    function = tool.get("function") if isinstance(tool, dict) else None
    return function if isinstance(function, dict) else None


def _completion(body: JsonObject, written: str, fault: str | None, max_tokens: int | None) -> JsonObject:
    """The completion, as content or as a call, cut where a limit cuts it."""
    function = _function(body)
    limits = [limit for limit in (max_tokens, body.get("max_tokens") if max_tokens else None) if isinstance(limit, int)]
    is_cut = bool(limits) and len(written) > min(limits) * 4
    if is_cut:
        written = written[: min(limits) * 4]
    if fault in ("cut", "cut_quietly"):
        written, is_cut = written[: max(1, len(written) * 2 // 3)], fault == "cut"
    name = str(function.get("name")) if function else "answer"
    finish = "length" if is_cut else "stop"
    match fault:
        case "refusal":
            return completion(None, refusal="I cannot help with that.")
        case "filter":
            return completion("", finish_reason="content_filter")
        case "no_content":
            return completion(None)
        case "thinking_only":
            return completion("", finish_reason="length", reasoning_content="Let me think about this at length.")
        case "call_in_content":
            return completion(f'<tool_call>\n{{"name": "{name}", "arguments": {written}}}\n</tool_call>')
        case "whitespace":
            return completion(written[:1] + " " * 4000, finish_reason="length")
        case _:
            pass
    if function is None:
        return completion(written, finish_reason=finish)
    calls = [_call(name, written, number) for number in range(2 if fault == "two_calls" else 1)]
    return completion(None, tool_calls=calls, finish_reason="length" if is_cut else "tool_calls")


def _call(name: str, arguments: str, number: int) -> JsonObject:
    return {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": arguments}}


def json_say(status: int, body: JsonObject, headers: tuple[tuple[str, str], ...] = ()) -> Say:
    """A JSON answer."""
    return Say(status, JSON_TYPE, json.dumps(body, ensure_ascii=False).encode(), headers)


def _stream(answer: JsonObject, fault: str | None) -> Say:
    """The completion as server-sent events."""
    chunks = list(_chunks(answer, fault))
    if fault == "error_in_stream":
        chunks = [
            *chunks[: len(chunks) // 2],
            {"error": {"message": "upstream died", "type": "server_error", "code": 500}},
        ]
    lines = [f"data:{'' if fault == 'no_space' else ' '}{json.dumps(chunk, ensure_ascii=False)}" for chunk in chunks]
    if fault == "done_without_finish":
        lines = lines[: max(1, len(lines) // 2)]
    if fault not in ("no_done", "error_in_stream"):
        lines.append("data: [DONE]")
    end = "\r\n\r\n" if fault == "crlf" else "\n\n"
    if fault == "comments":
        lines = [part for line in lines for part in (": keep-alive", line)]
    text = "".join(line + end for line in lines)
    return Say(200, SSE_TYPE, (b"\xef\xbb\xbf" if fault == "bom" else b"") + text.encode("utf-8", "surrogatepass"))


def _chunks(answer: JsonObject, fault: str | None) -> Iterable[JsonObject]:
    base = {key: answer[key] for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    choices = answer["choices"]
    choice: JsonValue = choices[0] if isinstance(choices, list) else {}
    message: JsonValue = choice["message"] if isinstance(choice, dict) else {}
    usage: JsonObject = {"usage": answer["usage"]} if fault == "usage_everywhere" else {}

    def chunk(delta: JsonObject, finish: JsonValue = None) -> JsonObject:
        return {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **usage}

    yield chunk({"role": "assistant", "content": ""})
    if isinstance(message, dict):
        for field in ("reasoning_content", "content", "refusal"):
            yield from (chunk({field: piece}) for piece in _pieces(message.get(field)))
        calls = message.get("tool_calls")
        for number, call in enumerate(calls if isinstance(calls, list) else ()):
            yield from (chunk({"tool_calls": [delta]}) for delta in _call_deltas(call, number, fault))
    yield chunk({}, choice.get("finish_reason") if isinstance(choice, dict) else "stop")
    yield {**base, "choices": [], "usage": answer["usage"]}


def _call_deltas(call: JsonValue, number: int, fault: str | None) -> Iterable[JsonObject]:
    if not isinstance(call, dict) or not isinstance(function := call.get("function"), dict):
        return
    index: JsonObject = {} if fault == "no_index" else {"index": number}
    yield {**index, "id": call["id"], "type": "function", "function": {"name": function["name"], "arguments": ""}}
    for piece in _pieces(function["arguments"]):
        yield {**index, "function": {"arguments": piece}}


def _pieces(text: JsonValue) -> Iterable[str]:
    if isinstance(text, str):
        for start in range(0, len(text), PIECE_CHARS):
            yield text[start : start + PIECE_CHARS]


def _on_the_wire(say: Say, fault: str | None) -> Say:
    """The faults of the bytes."""
    match fault:
        case "wrong_content_type":
            say.content_type = "text/plain; charset=iso-8859-1"
        case "gzip":
            say.body, say.headers = gzip.compress(say.body), (*say.headers, ("content-encoding", "gzip"))
        case "drop_amid":
            say.pieces, say.is_dropped = (say.body[: len(say.body) // 2],), True
        case "slow":
            say.pause_s = 0.3
        case "drip":
            say.pieces, say.pause_s = tuple(say.body[at : at + 8] for at in range(0, len(say.body), 8)), DRIP_S
        case "one_byte":
            say.pieces = tuple(say.body[at : at + 1] for at in range(len(say.body)))
        case _:
            pass
    return say


async def _written(writer: asyncio.StreamWriter, say: Say) -> bool:
    if say.is_dropped and say.pieces is None:
        writer.transport.abort()
        return False
    head = [f"HTTP/1.1 {say.status} -", f"content-type: {say.content_type}", f"content-length: {len(say.body)}"]
    head += [f"{name}: {value}" for name, value in say.headers]
    writer.write("\r\n".join((*head, "", "")).encode("latin-1"))
    for piece in say.pieces or (say.body,):
        if say.pause_s:
            await asyncio.sleep(say.pause_s)
        writer.write(piece)
        if say.pieces is not None:
            await writer.drain()
    if say.is_dropped:
        writer.transport.abort()
        return False
    await writer.drain()
    return True


class _Bucket:
    """Requests per second, none saved up beyond one second's worth."""

    def __init__(self, per_s: float) -> None:
        self.per_s, self.tokens, self.at_s = per_s, max(1.0, per_s), time.monotonic()

    def take(self) -> bool:
        now_s = time.monotonic()
        self.tokens = min(max(1.0, self.per_s), self.tokens + (now_s - self.at_s) * self.per_s)
        self.at_s = now_s
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True
