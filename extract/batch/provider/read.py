"""What a provider batch asks for, and what its result lines are worth: a reply to keep, or a reason to ask again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...chat.reader import Reader
from ...chat.request import Request
from ...flow.attempt import Attempt
from ...flow.fold import advance, start
from ...flow.next_step import Send, decide
from ...flow.plan import Plan
from ..journal import Stored, asked_text, course_of, stored_of
from ..replay import replayed
from .protocol import Result, result_of

if TYPE_CHECKING:
    from ...vocabulary import JsonObject
    from .asked import Asked

JSON_TYPE = "application/json"


def read_line(line: bytes) -> tuple[str, Result] | None:
    """The id and the result in a line; None where it holds none."""
    result = result_of(line)
    return None if result is None or not result.custom_id else (result.custom_id, result)


def usable(asked: Asked, body: JsonObject, result: Result) -> tuple[Stored | None, str]:
    """The reply as the journal keeps it, or why there is none: it is read as if it had come online."""
    if result.code:
        return None, result.code
    request = Request(url="", body=body, method=asked.method)
    reader = Reader(request, result.status, {"content-type": JSON_TYPE})
    reader.feed(result.body.encode("utf-8", "surrogatepass"))
    reply = reader.close("eof")
    if reply.error is not None:
        return None, reply.error.kind
    if not reply.choices:
        return None, "no answer"
    return replace(stored_of(request, reply, asked.course), asked=asked.asked), ""


def next_request(plan: Plan[Any], stored: Sequence[Stored]) -> tuple[int, bytes, Request] | None:
    """What a batch may ask for a plan: the number of the attempt, its course in the journal, and its request.

    The stored replies are folded in first, so that a reply that was no value leads to its re-ask. None: nothing is to be
    asked any more, or what is to be asked is no batch's business: another endpoint of the chain, several requests at
    once, or messages that do not end with the user's.
    """
    situation, number = start(plan), 0
    by_course = {one.course: one for one in stored}
    course, answer = b"", ""
    while isinstance(step := decide(plan, situation, now_s=0.0, jitter=0.0), Send):
        if len(step.requests) != 1 or step.requests[0].endpoint != 0:
            return None
        request = step.requests[0]
        course = course_of(course, answer, asked_text(request))
        found = by_course.get(course)
        if found is None:
            return (number, course, request) if _ends_with_user(request) else None
        situation = advance(plan, situation, Attempt(request, replayed(request, found)[1]))
        number, answer = number + 1, found.body
    return None


def _ends_with_user(request: Request) -> bool:
    messages = request.body.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    return isinstance(last, dict) and last.get("role") == "user"
