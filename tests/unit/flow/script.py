"""Scripts of replies, played through `next_step` with no I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from extract.chat.endpoint import Endpoint
from extract.chat.place import Place
from extract.chat.reply import Choice, ErrorKind, ErrorReport, Lost, Reply, ToolCall, Usage
from extract.chat.request import Request
from extract.flow.attempt import Attempt, History
from extract.flow.learn import NOTHING, Learned, link_for
from extract.flow.next_step import Done, Failed, Send, next_step
from extract.flow.plan import Plan
from extract.flow.settings import Settings, make_plan, prompt_of


class Item(BaseModel):
    name: str
    price: float = Field(ge=0)


class Invoice(BaseModel):
    seller: str
    items: list[Item]


SOURCE = "ACME sold a pen for 2 and ink for 3"
GOOD_JSON = '{"seller":"ACME","items":[{"name":"pen","price":2.0},{"name":"ink","price":3.0}]}'
VALUE = Invoice(seller="ACME", items=[Item(name="pen", price=2), Item(name="ink", price=3)])
ROW = Endpoint(name="row", source="made up for tests")
URL = "http://x.test/v1"


def place(row: Endpoint = ROW, url: str = URL, model: str = "m") -> Place:
    return Place(base_url=url, model=model, row=row)


def plan_of(
    target: object = Invoice,
    *,
    rows: Iterable[Endpoint] = (ROW,),
    learned: Learned = NOTHING,
    source: object = SOURCE,
    method: Any = "auto",
    **given: Any,
) -> Plan[Any]:
    chain = tuple(
        link_for(place(row, f"http://x{at or ''}.test/v1"), method, learned, at) for at, row in enumerate(rows)
    )
    return make_plan(target, prompt_of(source), Settings().but({"method": method, **given}), chain)


def said(text: str, finish: Any = "stop", *, tokens: int | None = None, prompt_tokens: int | None = None) -> Reply:
    usage = Usage(prompt_tokens=prompt_tokens, completion_tokens=tokens) if tokens or prompt_tokens else None
    return Reply(200, (Choice(text=text, finish=finish, finish_reason=finish),), usage=usage)


def called(*arguments: str, finish: Any = "tool") -> Reply:
    calls = tuple(ToolCall(f"call_{at}", "Invoice", text) for at, text in enumerate(arguments))
    message: Any = {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in calls
        ],
    }
    return Reply(200, (Choice(tool_calls=calls, finish=finish, finish_reason="tool_calls", message=message),))


def error(kind: ErrorKind, status: int = 400, **more: Any) -> Reply:
    return Reply(status, error=ErrorReport(kind, "the server's words", status, **more))


GOOD = said(GOOD_JSON)
BUSY = error("overloaded", 503)
REFUSED = Lost("connect", "connection refused")


@dataclass
class Played:
    """What a script led to."""

    history: History
    delays_s: list[float]
    step: Send | Done[Any] | Failed

    @property
    def requests(self) -> list[Request]:
        return [attempt.request for attempt in self.history]

    @property
    def methods(self) -> list[str]:
        return [request.method for request in self.requests]

    @property
    def value(self) -> Any:
        assert isinstance(self.step, Done), self.step
        return self.step.accepted.reading.value

    @property
    def repairs(self) -> Any:
        assert isinstance(self.step, Done), self.step
        return self.step.accepted.reading.repairs

    @property
    def error(self) -> Any:
        assert isinstance(self.step, Failed), self.step
        return self.step.error

    @property
    def next(self) -> Request:
        assert isinstance(self.step, Send), self.step
        return self.step.requests[0]


def play(plan: Plan[Any], *replies: Reply | Lost, now_s: float = 0.0, jitter: float = 0.5) -> Played:
    """The script's replies in order; a script that is longer than the extraction is an error of the test."""
    history: History = ()
    delays_s: list[float] = []
    for reply in replies:
        step = next_step(plan, history, now_s=now_s, jitter=jitter)
        assert isinstance(step, Send), f"over after {len(history)} of {len(replies)} replies: {step}"
        delays_s.append(step.delay_s)
        history = (*history, Attempt(step.requests[0], reply))
    return Played(history, delays_s, next_step(plan, history, now_s=now_s, jitter=jitter))


def text_of(request: Request) -> str:
    """Everything that a request says, in one string."""
    return str(request.body["messages"])
