"""Every endpoint row through every way to fail, in the words and the envelope of its server.

What a server says of a method, a field or a forced call ends in a value by the next way, and the second call on the same
endpoint goes straight to it: one request. What one bad moment, one key, one value or one schema explains teaches nothing:
the second call begins as the first did.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from pydantic import BaseModel, Field

from extract.chat.endpoint import Endpoint
from extract.chat.endpoints import ENDPOINTS
from extract.chat.method import METHODS
from extract.chat.reader import Reader
from extract.chat.reply import Lost, Reply
from extract.chat.request import Request
from extract.drive import run
from extract.flow.errors import EndpointError, ExtractionError
from extract.flow.learn import NOTHING, Learned, learn
from extract.testing.script import completion
from tests.unit.flow.script import plan_of


class City(BaseModel):
    name: str
    people: int = Field(ge=0)


GOOD = {"name": "Rome", "people": 2_800_000}
Body = Mapping[str, Any]


# --- the words of the servers

Envelope = Callable[[str, Any, int], str]


def openai(message: str, code: Any, _status: int) -> str:
    return json.dumps({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}})


ENVELOPES: dict[str, Envelope] = {
    "siliconflow": lambda message, code, _: json.dumps({"code": code or 20015, "message": message, "data": None}),
    "gemini": lambda message, _, status: json.dumps([{"error": {"code": status, "message": message, "status": "INVALID_ARGUMENT"}}]),
    "lmstudio": lambda message, *_: json.dumps({"error": message}),
    "xai": lambda message, *_: json.dumps({"code": "invalid-argument", "error": message}),
    "vllm": lambda message, _, status: json.dumps({"object": "error", "message": message, "type": "BadRequestError", "param": None, "code": status}),
    "sglang": lambda message, _, status: json.dumps({"object": "error", "message": message, "type": "BadRequest", "param": None, "code": status}),
    "mistral": lambda message, _, status: json.dumps({"object": "error", "message": message, "type": "invalid_request_error", "code": "3051", "raw_status_code": status}),
    "anthropic": lambda message, *_: json.dumps({"type": "error", "error": {"type": "invalid_request_error", "message": message}, "request_id": "r"}),
    "llamacpp": lambda message, _, status: json.dumps({"error": {"code": status, "message": message, "type": "server_error"}}),
    "openrouter": lambda message, _, status: json.dumps({"error": {"message": "Provider returned error", "code": status, "metadata": {"raw": openai(message, None, status)}}, "user_id": "u"}),
}  # fmt: skip
FORMAT_WORDS = {
    "siliconflow": ("Json mode is not supported for this model.", 20024),
    "deepseek": ("This response_format type is unavailable now", None),
    "groq": ("This model does not support response format `json_schema`.", None),
    "lmstudio": ("'response_format' is not supported by this model", None),
}
TOOL_WORDS = {
    "siliconflow": ("Function call is not supported for this model.", 20037),
    "llamacpp": ("tools param requires --jinja flag", None),
    "vllm": ('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set', None),
}


def of_row(table: Mapping[str, Any], row: Endpoint, default: Any) -> Any:
    return next((found for name, found in table.items() if row.name.startswith(name)), default)


def said(row: Endpoint, status: int, message: str, code: Any = None) -> tuple[int, str]:
    return status, of_row(ENVELOPES, row, openai)(message, code, status)


# --- the ways to fail


def kind_of(body: Body) -> str | None:
    return (body.get("response_format") or {}).get("type")


def is_forced(body: Body) -> bool:
    return body.get("tool_choice") not in (None, "auto")


@dataclass
class Server:
    """Refuses what it is told to refuse, the first `times`; answers well else."""

    when: Callable[[Body], bool]
    refusal: tuple[int, str]
    times: int = 10**6
    bodies: list[Body] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)

    def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        self.bodies.append(request.body)
        self.methods.append(request.method)
        status, body = 200, json.dumps(good(request.body))
        if self.times > 0 and self.when(request.body):
            self.times -= 1
            status, body = self.refusal
            if not status:
                return Lost("dropped", "the connection was lost")
            if body == "bad value":
                body = json.dumps(good(request.body, {"name": "Rome", "people": -1}))
        reader = Reader(request, status, {"content-type": "application/json"})
        reader.feed(body.encode())
        return reader.close("done")


def good(body: Body, value: Any = GOOD, **more: Any) -> Any:
    names = (
        list(body["response_format"]["json_schema"]["schema"]["properties"]) if kind_of(body) == "json_schema" else []
    )
    if tools := body.get("tools"):
        names = list(tools[0]["function"]["parameters"]["properties"])
    if names and names[0].startswith("value_"):
        value = dict.fromkeys(names, 5)
    elif names and set(names) < set(value):
        value = {name: value[name] for name in names}
    text = json.dumps(value)
    if not body.get("tools"):
        return completion(text, **more)
    name = body["tools"][0]["function"]["name"]
    call: Any = {"id": "c1", "type": "function", "function": {"name": name, "arguments": text}}
    return completion(None, tool_calls=[call], finish_reason="tool_calls")


def asked(row: Endpoint, server: Server, learned: Learned = NOTHING) -> tuple[Any, Learned]:
    """One extraction: its value or error, and what was learned in all."""
    plan = plan_of(City, rows=(row,), learned=learned, source="Rome")
    result: Any
    try:
        result = run(plan, [server], timeout_s=None, sleep=lambda _s: None)
    except ExtractionError as error:
        result = error
    found = learn(plan, result.attempts)
    return result, learned.joined(next(iter(found.values()), NOTHING))


Case = tuple[Endpoint, Callable[[Body], bool], tuple[int, str]]


def lasting() -> dict[str, Case]:
    """What a server says about itself, by row and way."""
    cases: dict[str, Case] = {}
    for name, row in ENDPOINTS.items():
        families = {METHODS[method].family for method in row.methods}
        for kind in sorted({METHODS[method].response_format or "text" for method in row.methods} - {"text"}):
            default = (f"'response_format' of type '{kind}' is not supported with this model.", None)
            words, code = of_row(FORMAT_WORDS, row, default)
            own = tuple(method for method in row.methods if METHODS[method].response_format == kind)
            later = row.methods[row.methods.index(own[0]) :]
            if len({METHODS[method].family for method in later}) > 1:
                cases[f"{name}: no {kind}"] = (
                    replace(row, methods=later),
                    lambda body, kind=kind: kind_of(body) == kind,
                    said(row, 400, words, code),
                )
        words, code = of_row(TOOL_WORDS, row, ("This model does not support tools.", None))
        without = tuple(method for method in row.methods if METHODS[method].carrier == "tools" or method == "prompt")
        if len(without) > 1:
            tools = replace(row, methods=without)
            cases[f"{name}: no tools"] = (tools, lambda body: "tools" in body, said(row, 400, words, code))
            if row.tool_choice != "auto":
                words = "tool_choice is not supported by this model"
                cases[f"{name}: no forced call"] = (tools, is_forced, said(row, 400, words))
        if any(METHODS[method].strict for method in row.methods):
            strict = "strict is not supported by this model"
            cases[f"{name}: not strict"] = (
                row,
                lambda body: '"strict": true' in json.dumps(body),
                said(row, 400, strict),
            )
            for field_name in ("tools[0].function.strict", "response_format.json_schema.strict"):
                message = f"Unknown parameter: '{field_name}'."
                of_own = METHODS[row.methods[0]].carrier == (
                    "tools" if field_name.startswith("tools") else "response_format"
                )
                if of_own:
                    cases[f"{name}: unknown {field_name}"] = (
                        row,
                        lambda body: '"strict": true' in json.dumps(body),
                        said(row, 400, message),
                    )
        for field_name in ("response_format", "tools"):
            first = METHODS[row.methods[0]]
            if (
                len(families) > 1
                and (first.carrier == "tools") == (field_name == "tools")
                and first.carrier != "prompt"
            ):
                message = f"Unrecognized request argument supplied: {field_name}"
                cases[f"{name}: unrecognized {field_name}"] = (
                    row,
                    lambda body, field_name=field_name: field_name in body,
                    said(row, 400, message),
                )
        everything = lambda body: "response_format" in body or "tools" in body  # noqa: E731
        if len(families) > 1 and "prompt" in row.methods:
            cases[f"{name}: neither formats nor tools"] = (row, everything, (0, ""))
        body = plan_of(City, rows=(row,), source="Rome")
        sent = body.request(body.chain[0].way).body
        for extra in sorted(sent.keys() - {"model", "messages", "response_format", "tools", "tool_choice", "stream"}):
            message = f"Unsupported parameter: '{extra}' is not supported with this model."
            cases[f"{name}: no {extra}"] = (row, lambda body, extra=extra: extra in body, said(row, 400, message))
    return cases


LASTING = lasting()


@dataclass
class Bare(Server):
    """Takes neither formats nor tools, and says so in the row's words for each."""

    row: Endpoint = ENDPOINTS["generic"]

    def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        if "tools" in request.body:
            words, code = of_row(TOOL_WORDS, self.row, ("This model does not support tools.", None))
        else:
            default = (f"'response_format' of type '{kind_of(request.body)}' is not supported with this model.", None)
            words, code = of_row(FORMAT_WORDS, self.row, default)
        self.refusal = said(self.row, 400, words, code)
        return super().send(request, deadline_s=deadline_s)


@pytest.mark.parametrize("case", LASTING.values(), ids=LASTING)
def test_what_a_server_does_not_take_is_gone_round_and_not_tried_again(case: Case) -> None:
    row, when, refusal = case
    server = Server(when, refusal) if refusal[0] else Bare(when, refusal, row=row)
    first, learned = asked(row, server)
    assert not isinstance(first, ExtractionError), first
    assert first.value == City.model_validate(GOOD)
    assert 1 < len(server.bodies) <= len(row.methods) + 2
    begun = len(server.bodies)
    second, _ = asked(row, server, learned)
    assert second.value == first.value
    assert server.methods[begun:] == [first.attempts[-1].request.method]
    assert not when(server.bodies[-1])


def passing() -> dict[str, Case]:
    """What one moment, one key, one schema or one answer explains, by row and way."""
    cases: dict[str, Case] = {}
    once: Callable[[Body], bool] = lambda _body: True  # noqa: E731
    for name, row in ENDPOINTS.items():
        rate = "Request was rejected due to rate limiting. Details:TPM limit reached."
        cut = completion('{"name": "Rome", "peo', finish_reason="length")
        cases |= {
            f"{name}: rate limit": (row, once, said(row, 429, rate)),
            f"{name}: overloaded": (row, once, said(row, 503, "Model service overloaded. Please try again later.", 50505)),
            f"{name}: overloaded, in plain words": (row, once, (504, '"upstream timed out"')),
            f"{name}: lost": (row, once, (0, "")),
            f"{name}: an internal error": (row, once, said(row, 500, "internal error")),
            f"{name}: a value out of range": (row, once, (200, "bad value")),
            f"{name}: cut": (row, once, (200, json.dumps(cut))),
            f"{name}: empty": (row, once, (200, json.dumps(completion("")))),
            f"{name}: an output that the server refuses": (row, once, said(row, 400, "Failed to generate JSON. Please adjust your prompt.", "json_validate_failed")),
        }  # fmt: skip
    return cases


PASSING = passing()


@pytest.mark.parametrize("case", PASSING.values(), ids=PASSING)
def test_what_one_bad_moment_explains_teaches_nothing(case: Case) -> None:
    row, when, refusal = case
    server = Server(when, refusal, times=1)
    first, learned = asked(row, server)
    assert not isinstance(first, ExtractionError), first
    assert len(server.bodies) == 2
    second, _ = asked(row, server, learned)
    assert second.value == City.model_validate(GOOD)
    assert server.methods[2:] == server.methods[:1]
    assert (learned.refused, learned.dropped, learned.force, learned.json_word) == (
        frozenset(),
        frozenset(),
        None,
        False,
    )


FATAL = {
    "a wrong key": (401, "Invalid token", None, "auth"),
    "no money": (402, "Insufficient Balance", None, "quota"),
    "a daily quota": (429, "You exceeded your current quota, insufficient_quota", None, "quota"),
    "no such model": (404, "The model `x` does not exist", "model_not_found", "model"),
    "a prompt too long": (400, "This model's maximum context length is 4096 tokens. Please reduce the length of the messages.", None, "context"),
}  # fmt: skip


@pytest.mark.parametrize("name", FATAL)
@pytest.mark.parametrize("row", ENDPOINTS.values(), ids=ENDPOINTS)
def test_what_no_other_request_can_mend_ends_at_once_and_teaches_nothing(row: Endpoint, name: str) -> None:
    status, message, code, kind = FATAL[name]
    server = Server(
        lambda _body: True, said(row, status, message, None if row.name.startswith("siliconflow") else code)
    )
    error, learned = asked(row, server)
    assert isinstance(error, EndpointError)
    assert (error.kind, len(server.bodies), learned) == (kind, 1, NOTHING)


@pytest.mark.parametrize("row", ENDPOINTS.values(), ids=ENDPOINTS)
def test_a_content_filter_ends_it_and_teaches_nothing(row: Endpoint) -> None:
    filtered = completion("", finish_reason="content_filter")
    server = Server(lambda _body: True, (200, json.dumps(filtered)))
    error, learned = asked(row, server)
    assert type(error).__name__ == "RefusalError"
    assert (len(server.bodies), learned) == (1, NOTHING)


@pytest.mark.parametrize("row", ENDPOINTS.values(), ids=ENDPOINTS)
def test_a_schema_that_is_refused_is_no_news_about_the_endpoint(row: Endpoint) -> None:
    when = lambda body: '"minimum"' in json.dumps([body.get("response_format"), body.get("tools")])  # noqa: E731
    server = Server(when, said(row, 400, "Invalid schema for response_format 'City': 'minimum' is not permitted."))
    first, learned = asked(row, server)
    assert not isinstance(first, ExtractionError), first
    assert (learned.refused, learned.dropped) == (frozenset(), frozenset())
