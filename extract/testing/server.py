"""A loopback chat-completions endpoint that answers from the request's schema and misbehaves on command.

    with FaultyServer(faults={"status_429": 0.05, "fence": 0.1}) as server:
        Extractor("any", base_url=server.base_url).extract(Person, "...")
        server.requests, server.most_under_way

It listens on 127.0.0.1 only, in a thread of its own, and speaks plain HTTP/1.1 so that every byte can be wrong.
"""

from __future__ import annotations

import asyncio
import functools
import json
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping
from types import TracebackType
from typing import Self

from ..chat.written import chunks_of
from ..vocabulary import JsonObject, JsonValue
from .faults import FAULTS, Fault, sse
from .habits import Habits
from .sample import sample
from .say import SSE_TYPE, Say, json_say, write
from .script import completion

KEPT_REQUESTS = 10_000
Answers = Callable[[JsonObject], JsonValue]
"""From the request's body to the value of the answer; a str is sent as it is."""


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
        refuses: what it answers with an error, each a word of `HABITS`, e.g. `("json_schema", "n")`.
        ignores: what it takes without effect, as many servers do; the same words.

    Attributes:
        requests: the last 10,000 JSON bodies.
        headers, paths: the same of all that came; header names in lower case, paths with their query.
        counts: how often each fault struck.
        total: requests that came.
        under_way, most_under_way: requests at one moment, now and at most.
        connections: open at this moment.
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
        refuses: Collection[str] = (),
        ignores: Collection[str] = (),
    ) -> None:
        unknown = set(faults or {}) - set(FAULTS)
        if unknown:
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(FAULTS)}")
        self.habits = Habits(refuses, ignores)
        self.answers = answers
        self.faults = dict(faults or {})
        self.delay_s, self.retry_after_s, self.max_tokens = delay_s, retry_after_s, max_tokens
        self.requests: deque[JsonObject] = deque(maxlen=KEPT_REQUESTS)
        self.headers: deque[dict[str, str]] = deque(maxlen=KEPT_REQUESTS)
        self.paths: deque[str] = deque(maxlen=KEPT_REQUESTS)
        self.counts: Counter[str] = Counter()
        self.total = self.under_way = self.most_under_way = self.connections = 0
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
        while arriving := asyncio.all_tasks() - self._tasks - {asyncio.current_task()}:
            await asyncio.wait(arriving)  # accepted sockets, which asyncio forgets open when the port closes first
        server.close()
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)

    # --- HTTP

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._end.is_set():
            writer.transport.abort()
            return
        task = asyncio.ensure_future(self._talk(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(functools.partial(self._hung_up, writer))

    def _hung_up(self, writer: asyncio.StreamWriter, task: asyncio.Task[None]) -> None:
        """Close behind a talk that ended, also behind one that was cancelled before its first line ran."""
        self._tasks.discard(task)
        if self._end.is_set():
            writer.transport.abort()  # what the other side has not read yet is not waited for
        else:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        is_reused = False
        try:
            while await self._exchange(reader, writer, is_reused=is_reused):
                is_reused = True
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self.connections -= 1

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_reused: bool) -> bool:
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
            return await write(
                writer,
                self._reply(verb, path, data),
                lambda: reader.at_eof() or reader.exception() is not None or writer.is_closing(),
                is_reused=is_reused,
            )
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
            self.counts[fault.name] += 1
        if self._bucket is not None and not self._bucket.take():
            self.counts["limit"] += 1
            fault = FAULTS["status_429"]
        return self._answered(body, fault)

    def _fault(self) -> Fault | None:
        name = self._fault_name()
        return None if name is None else FAULTS[name]

    def _fault_name(self) -> str | None:
        if self._next:
            return self._next.popleft()
        at = self._dice.random()
        for fault, share in self.faults.items():
            if at < share:
                return fault
            at -= share
        return None

    def _answered(self, body: JsonObject, fault: Fault | None) -> Say:
        refused = self.habits.refusal(body)
        if refused is not None:
            return refused
        if fault is not None and fault.reply is not None:
            return self._with_wait(fault.reply())
        heard = self.habits.heard(body)
        written = self._written_value(heard)
        if fault is not None and fault.text is not None:
            written = fault.text(written, self._dice)
        answer = _completion(heard, written, self.max_tokens)
        if fault is not None and fault.answer is not None:
            answer = fault.answer(answer)
        is_streamed = (heard.get("stream") is True) != (fault is not None and fault.swaps_form)
        say = _stream(answer, fault, heard) if is_streamed else json_say(200, answer)
        return say if fault is None or fault.wire is None else fault.wire(say, self._dice)

    def _with_wait(self, say: Say) -> Say:
        """A 429 says how long to wait, where that is set."""
        if say.status == 429 and self.retry_after_s is not None:
            say.headers = (*say.headers, ("retry-after", f"{self.retry_after_s:g}"))
        return say

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
    if isinstance(parameters, dict):
        return parameters
    return {"type": "object"} if isinstance(form, dict) and form.get("type") == "json_object" else None


def _function(body: JsonObject) -> JsonObject | None:
    tools = body.get("tools")
    tool = tools[0] if isinstance(tools, list) and tools else None
    function = tool.get("function") if isinstance(tool, dict) else None
    return function if isinstance(function, dict) else None


def _completion(body: JsonObject, written: str, max_tokens: int | None) -> JsonObject:
    """The completion, as content or as a call, cut where a limit cuts it."""
    function = _function(body)
    limits = [limit for limit in (max_tokens, body.get("max_tokens") if max_tokens else None) if isinstance(limit, int)]
    is_cut = bool(limits) and len(written) > min(limits) * 4
    if is_cut:
        written = written[: min(limits) * 4]
    if function is None:
        answer = completion(written, finish_reason="length" if is_cut else "stop")
    else:
        called: JsonObject = {"name": str(function.get("name")), "arguments": written}
        call: JsonObject = {"id": "call_0", "type": "function", "function": called}
        answer = completion(None, tool_calls=[call], finish_reason="length" if is_cut else "tool_calls")
    choices, count = answer["choices"], body.get("n")
    if isinstance(choices, list) and isinstance(first := choices[0], dict) and isinstance(count, int):
        answer["choices"] = [{**first, "index": index} for index in range(count)]
    return answer


def _stream(answer: JsonObject, fault: Fault | None, body: JsonObject) -> Say:
    """The completion as server-sent events."""
    chunks = list(chunks_of(answer))
    options = body.get("stream_options")
    if isinstance(options, dict) and options.get("include_usage") is False:
        chunks.pop()
    if fault is not None and fault.chunks is not None:
        chunks = fault.chunks(chunks)
    texts = [json.dumps(chunk, ensure_ascii=False) for chunk in chunks]
    if "error" not in chunks[-1]:
        texts.append("[DONE]")
    write_events = sse if fault is None or fault.events is None else fault.events
    return Say(200, SSE_TYPE, write_events(texts))


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
