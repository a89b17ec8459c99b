"""Answers in pieces: a transport without sockets that plays event streams through the real reader, split anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from extract.chat.reader import Reader
from extract.chat.reply import End, Lost, Reply
from extract.chat.request import Request
from extract.chat.written import stream_of
from extract.drive import stream, stream_async
from extract.flow.draft import Change, Draft
from extract.flow.extraction import Extraction
from extract.flow.place import look
from extract.flow.plan import Plan
from extract.testing.script import completion
from extract.vocabulary import JsonValue, Path


@dataclass(frozen=True)
class Said:
    """One scripted answer: text as content or as a call, and how it ends."""

    text: str
    finish: str | None = None
    end: End = "eof"
    reasoning: str | None = None
    as_call: bool | None = None

    def events(self, request: Request, piece_chars: int) -> bytes:
        is_call = "tools" in request.body if self.as_call is None else self.as_call
        function = {"name": request.tool_name, "arguments": self.text}
        calls: Any = [{"id": "call_0", "type": "function", "function": function}] if is_call else []
        finish = self.finish or ("tool_calls" if is_call else "stop")
        more: dict[str, JsonValue] = {} if self.reasoning is None else {"reasoning_content": self.reasoning}
        body = completion(None if is_call else self.text, tool_calls=calls, finish_reason=finish, **more)
        if self.finish == "length":
            body["usage"] = {"completion_tokens": 4096}
        events = list(stream_of(body, piece_chars=piece_chars))
        return b"".join(events if self.end == "eof" else events[:-3])


@dataclass
class Pieces:
    """Plays answers in order, their bytes cut at these positions (taken round and round)."""

    answers: Iterable[Said | Reply | Lost] | Callable[[Request], Said]
    cuts: tuple[int, ...] = (7,)
    piece_chars: int = 3
    requests: list[Request] = field(default_factory=list)
    under_way: int = 0

    def __post_init__(self) -> None:
        if not callable(self.answers):
            self.answers = iter(tuple(self.answers))

    def stream(
        self, request: Request, /, *, deadline_s: float | None = None, keep: int | None = None, body: bool = True
    ):
        self.requests.append(request)
        said = self.answers(request) if callable(self.answers) else next(self.answers)
        if isinstance(said, Reply | Lost):
            yield said
            return
        data, reader = said.events(request, self.piece_chars), Reader(request, keep=keep, body=body)
        at, turn = 0, 0
        self.under_way += 1
        try:
            while at < len(data):
                size = max(1, self.cuts[turn % len(self.cuts)])
                if events := reader.feed(data[at : at + size]):
                    yield events
                at, turn = at + size, turn + 1
        finally:
            self.under_way -= 1
        yield reader.close(said.end)

    def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        *_, reply = self.stream(request, deadline_s=deadline_s)
        return reply


class AsyncPieces(Pieces):
    async def stream(
        self, request: Request, /, *, deadline_s: float | None = None, keep: int | None = None, body: bool = True
    ):
        for part in super().stream(request, deadline_s=deadline_s, keep=keep, body=body):
            await asyncio.sleep(0)
            yield part


@dataclass
class Watched:
    """What was seen of a stream: copies, since drafts are live."""

    drafts: list[Draft[Any]] = field(default_factory=list)
    partials: list[JsonValue] = field(default_factory=list)
    closes: list[tuple[int, Path, JsonValue]] = field(default_factory=list)
    replayed: JsonValue = None
    extraction: Extraction[Any] | None = None

    def see(self, draft: Draft[Any]) -> None:
        self.drafts.append(draft)
        self.partials.append(deepcopy(draft.partial))
        for change in draft.changes:
            self.replayed = applied(self.replayed, change)
            if change.kind == "close":
                self.closes.append((draft.epoch, change.path, deepcopy(change.value)))

    @property
    def last(self) -> Draft[Any]:
        return self.drafts[-1]

    @property
    def closed_paths(self) -> list[Path]:
        """The paths that closed within the last epoch, in an order of their own."""
        return sorted((path for epoch, path, _ in self.closes if epoch == self.last.epoch), key=repr)

    def lies(self) -> list[Path]:
        """Paths that closed within the last epoch with another value than the final one."""
        return [
            path
            for epoch, path, value in self.closes
            if epoch == self.last.epoch and path != () and not stands(self.last.partial, path, value)
        ]


def stands(whole: JsonValue, path: Path, value: JsonValue) -> bool:
    try:
        return look(whole, path) == value
    except LookupError:
        return False


def applied(value: JsonValue, change: Change) -> JsonValue:
    """The value after a change, as a reader of the changes alone would have it."""
    if change.kind == "close":
        return value
    if not change.path:
        return deepcopy(change.value) if change.kind == "set" else str(value) + str(change.value)
    holder: Any = look(value, change.path[:-1])
    step: Any = change.path[-1]
    if change.kind == "append":
        holder[step] += change.value
    elif isinstance(holder, list) and step == len(holder):
        holder.append(deepcopy(change.value))
    else:
        holder[step] = deepcopy(change.value)
    return value


def streaming(plan: Plan[Any]) -> Plan[Any]:
    return replace(plan, stream=True)


def watch(plan: Plan[Any], pieces: Pieces, **given: Any) -> Watched:
    """Everything that a stream of this plan shows."""
    watched = Watched()
    drafts = stream(streaming(plan), [pieces] * len(plan.chain), timeout_s=None, sleep=lambda _s: None, **given)
    while True:
        try:
            watched.see(next(drafts))
        except StopIteration as end:
            watched.extraction = end.value
            return watched


def watch_async(plan: Plan[Any], pieces: AsyncPieces, **given: Any) -> Watched:
    watched = Watched()

    async def no_wait(_s: float) -> None:
        pass

    async def run() -> None:
        wires: Any = [pieces] * len(plan.chain)
        async for found in stream_async(streaming(plan), wires, timeout_s=None, sleep=no_wait, **given):
            if isinstance(found, Draft):
                watched.see(found)
            else:
                watched.extraction = found

    asyncio.run(run())
    return watched
