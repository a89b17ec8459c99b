"""Every request parameter, response field and model of the endpoint's reference, each with how it is seen on the wire.

The reference: docs.siliconflow.cn, chat completions (a copy of November 2024, read again 2026-11-23). The tests of
`test_wire_rows.py` prove the rows one by one; `docs/wire.md` is printed from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from extract import Image, InvalidOutputError, Parts, RefusalError, TruncatedError

from .recorder import SSE, Said, as_stream, completion

TEXT = "Name: Alice\nAge: 31"
KEY = "sk-of-this-test"
PNG = b"\x89PNG\r\n\x1a\n and so on"


class User(BaseModel):
    """A person."""

    name: str
    age: int


ALICE = '{"name": "Alice", "age": 31}'
RIGHT = Said(completion(ALICE))
STREAMED = Said(as_stream(completion(ALICE)), content_type=SSE)


def call(arguments: str, name: str = "User") -> list[dict[str, Any]]:
    return [{"id": "call_7", "type": "function", "function": {"name": name, "arguments": arguments}}]


# Requests -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    """A request parameter.

    Attributes:
        field: its name in the reference.
        argument: how a caller gives it.
        at: where it is in the last request's body; () for none.
        value: what stands there.
        ask: arguments of the call.
        options: arguments of the extractor.
        source: the source.
        answers: what the endpoint says, in order.
        header: a header to look at instead of the body.
        by: the verb of the extractor.
    """

    field: str
    argument: str
    at: tuple[str | int, ...]
    value: Any
    ask: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    source: Callable[[Path], Any] = lambda _: TEXT
    answers: tuple[Said, ...] = (RIGHT,)
    header: str | None = None
    by: Literal["run", "stream"] = "run"

    @property
    def id(self) -> str:
        return f"{self.field} by {self.argument}"


def by(method: str) -> dict[str, Any]:
    return {"method": method}


CALLED = (Said(completion(None, tool_calls=call(ALICE), finish_reason="tool_calls")),)
ASKED_AGAIN = (Said(completion(None, tool_calls=call("[1, 2]"), finish_reason="tool_calls")), *CALLED)
TWICE = Said(
    {**completion(ALICE), "choices": [{**completion(ALICE)["choices"][0], "index": index} for index in (0, 1)]}
)
URL = "https://example.org/scan.png"
CONTENT = ("messages", -1, "content")


def saved(folder: Path) -> Path:
    path = folder / "scan.png"
    path.write_bytes(PNG)
    return path


REQUEST = (
    Sent("Authorization", "api_key=", (), f"Bearer {KEY}", header="authorization"),
    Sent("model", "model", ("model",), "tiny"),
    Sent("messages[].role: system", "instructions=", ("messages", 0, "role"), "system", {"instructions": "Briefly."}),
    Sent("messages[].role: user", "the source", ("messages", -1, "role"), "user"),
    Sent(
        "messages[].role: assistant",
        "examples=",
        ("messages", 2, "role"),
        "assistant",
        {"examples": [("Bo, 4", User(name="Bo", age=4))]},
    ),
    Sent(
        "messages[].role: tool",
        "a re-ask of a call",
        ("messages", -1, "role"),
        "tool",
        options=by("tool"),
        answers=ASKED_AGAIN,
    ),
    Sent(
        "messages[].tool_calls",
        "a re-ask of a call",
        ("messages", -2, "tool_calls", 0, "id"),
        "call_7",
        options=by("tool"),
        answers=ASKED_AGAIN,
    ),
    Sent(
        "messages[].tool_call_id",
        "a re-ask of a call",
        ("messages", -1, "tool_call_id"),
        "call_7",
        options=by("tool"),
        answers=ASKED_AGAIN,
    ),
    Sent(
        "messages",
        "a message list",
        ("messages", -1),
        {"role": "user", "content": TEXT},
        source=lambda _: [{"role": "user", "content": TEXT}],
    ),
    Sent("messages[].content: text", "a str", CONTENT, f"<document>\n{TEXT}\n</document>"),
    Sent(
        "messages[].content[].text",
        "Parts(text, ...)",
        (*CONTENT, 0, "type"),
        "text",
        source=lambda _: Parts("See:", Image(URL)),
    ),
    Sent(
        "messages[].content[].image_url.url",
        "Image(URL)",
        (*CONTENT, 0, "image_url", "url"),
        URL,
        source=lambda _: Image(URL),
    ),
    Sent(
        "messages[].content[].image_url.url",
        "Image(bytes)",
        (*CONTENT, 0, "image_url", "url"),
        Image(PNG).url(),
        source=lambda _: Image(PNG),
    ),
    Sent(
        "messages[].content[].image_url.url",
        "a Path",
        (*CONTENT, 0, "image_url", "url"),
        Image(PNG).url(),
        source=saved,
    ),
    Sent(
        "messages[].content[].image_url.detail",
        "Image(detail=)",
        (*CONTENT, 0, "image_url", "detail"),
        "low",
        source=lambda _: Image(URL, detail="low"),
    ),
    Sent("stream", ".run(...)", ("stream",), None),
    Sent("stream", ".stream(...)", ("stream",), True, answers=(STREAMED,), by="stream"),
    Sent("max_tokens", "max_tokens=", ("max_tokens",), 300, {"max_tokens": 300}),
    Sent("max_tokens", "nothing: the row's", ("max_tokens",), 4096),
    Sent("stop", "stop= a text", ("stop",), "END", {"stop": "END"}),
    Sent("stop", "stop= up to four", ("stop",), ["a", "b", "c", "d"], {"stop": ["a", "b", "c", "d"]}),
    Sent("temperature", "temperature=", ("temperature",), 0.2, {"temperature": 0.2}),
    Sent("top_p", "top_p=", ("top_p",), 0.9, {"top_p": 0.9}),
    Sent("top_k", "top_k=", ("top_k",), 40, {"top_k": 40}),
    Sent("frequency_penalty", "frequency_penalty=", ("frequency_penalty",), 0.5, {"frequency_penalty": 0.5}),
    Sent("frequency_penalty", "nothing: the row's", ("frequency_penalty",), 0),
    Sent("n", "n=", ("n",), 2, {"n": 2}, answers=(TWICE,)),
    Sent(
        "response_format.type",
        'method="json_schema"',
        ("response_format", "type"),
        "json_schema",
        options=by("json_schema"),
    ),
    Sent(
        "response_format.json_schema.name",
        'method="json_schema"',
        ("response_format", "json_schema", "name"),
        "User",
        options=by("json_schema"),
    ),
    Sent(
        "response_format.json_schema.schema",
        'method="json_schema"',
        ("response_format", "json_schema", "schema", "type"),
        "object",
        options=by("json_schema"),
    ),
    Sent(
        "response_format.json_schema.strict",
        'method="json_schema_strict"',
        ("response_format", "json_schema", "strict"),
        True,
        options=by("json_schema_strict"),
    ),
    Sent(
        "response_format.type",
        'method="json_object"',
        ("response_format",),
        {"type": "json_object"},
        options=by("json_object"),
    ),
    Sent("response_format", 'method="prompt"', ("response_format",), None, options=by("prompt")),
    Sent("tools[].type", 'method="tool"', ("tools", 0, "type"), "function", options=by("tool"), answers=CALLED),
    Sent(
        "tools[].function.name",
        'method="tool"',
        ("tools", 0, "function", "name"),
        "User",
        options=by("tool"),
        answers=CALLED,
    ),
    Sent(
        "tools[].function.description",
        'method="tool"',
        ("tools", 0, "function", "description"),
        "A person.",
        options=by("tool"),
        answers=CALLED,
    ),
    Sent(
        "tools[].function.parameters",
        'method="tool"',
        ("tools", 0, "function", "parameters", "type"),
        "object",
        options=by("tool"),
        answers=CALLED,
    ),
    Sent(
        "tools[].function.strict",
        'method="tool_strict"',
        ("tools", 0, "function", "strict"),
        True,
        options=by("tool_strict"),
        answers=CALLED,
    ),
    Sent("tool_choice", 'method="tool"', ("tool_choice",), "auto", options=by("tool"), answers=CALLED),
    Sent("enable_thinking", "enable_thinking=", ("enable_thinking",), False, {"enable_thinking": False}),
    Sent("thinking_budget", "thinking_budget=", ("thinking_budget",), 1024, {"thinking_budget": 1024}),
    Sent("min_p", "min_p=", ("min_p",), 0.05, {"min_p": 0.05}),
    Sent("reasoning_effort", "reasoning_effort=", ("reasoning_effort",), "high", {"reasoning_effort": "high"}),
    Sent("any other field", "extra_body=", ("prefix",), "{", {"extra_body": {"prefix": "{"}}),
)

# Responses ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Came:
    """A response field.

    Attributes:
        field: its name in the reference.
        seen: where a caller sees it.
        answer: what the endpoint says; a completion is also served as a stream.
        of: what is looked at in the `Extraction`, or in the error where one is expected.
        value: what is seen.
        options: arguments of the extractor.
        error: the class of the error that it ends in.
    """

    field: str
    seen: str
    answer: Said
    of: Callable[[Any], Any]
    value: Any
    options: Mapping[str, Any] = field(default_factory=dict)
    error: type[Exception] | None = None

    @property
    def id(self) -> str:
        return f"{self.field} as {self.seen}"


USAGE = {
    "prompt_tokens": 15,
    "completion_tokens": 9,
    "total_tokens": 24,
    "completion_tokens_details": {"reasoning_tokens": 4},
    "prompt_tokens_details": {"cached_tokens": 3},
}
FULL = completion(ALICE, usage=USAGE, model="Qwen/Qwen2.5-7B-Instruct", id="0193abc", reasoning_content="Alice is 31.")
TRACED = Said(FULL, headers=(("x-siliconcloud-trace-id", "ti_123"),))
TOOL = Said(completion(None, tool_calls=call(ALICE), finish_reason="tool_calls"))
OLDER = '{"name": "Alice", "age": 3'


def last(extraction: Any) -> Any:
    return extraction.last.reply


def ending(finish_reason: str, content: str = ALICE) -> Said:
    return Said(completion(content, finish_reason=finish_reason))


RESPONSE = (
    Came(
        "choices[].message.content",
        ".text, .value",
        TRACED,
        lambda e: (e.text, e.value),
        (ALICE, User(name="Alice", age=31)),
    ),
    Came("choices[].message.reasoning_content", ".reasoning", TRACED, lambda e: e.reasoning, "Alice is 31."),
    Came(
        "choices[].message.tool_calls[].function.arguments",
        ".text, .value",
        TOOL,
        lambda e: (e.text, e.value.age),
        (ALICE, 31),
        by("tool"),
    ),
    Came(
        "choices[].message.tool_calls[].id", ".choice", TOOL, lambda e: e.choice.tool_calls[0].id, "call_7", by("tool")
    ),
    Came(
        "choices[].message.tool_calls[].function.name",
        ".choice",
        TOOL,
        lambda e: e.choice.tool_calls[0].name,
        "User",
        by("tool"),
    ),
    Came(
        "choices[].finish_reason: stop",
        ".finish_reason",
        ending("stop"),
        lambda e: (e.finish_reason, e.choice.finish),
        ("stop", "stop"),
    ),
    Came(
        "choices[].finish_reason: eos",
        ".finish_reason, read as stop",
        ending("eos"),
        lambda e: (e.finish_reason, e.choice.finish),
        ("eos", "stop"),
    ),
    Came(
        "choices[].finish_reason: tool_calls",
        ".finish_reason",
        TOOL,
        lambda e: (e.finish_reason, e.choice.finish),
        ("tool_calls", "tool"),
        by("tool"),
    ),
    Came(
        "choices[].finish_reason: length",
        "TruncatedError",
        ending("length", OLDER),
        lambda e: e.text,
        OLDER,
        error=TruncatedError,
    ),
    Came(
        "choices[].finish_reason: content_filter",
        "RefusalError",
        ending("content_filter", ""),
        lambda e: "filter" in str(e),
        True,
        error=RefusalError,
    ),
    Came(
        "choices[].message.refusal",
        "RefusalError",
        Said(completion(None, refusal="I will not.")),
        lambda e: "I will not." in str(e),
        True,
        error=RefusalError,
    ),
    Came(
        "a value that does not fit",
        "InvalidOutputError",
        Said(completion('{"name": "Alice"}')),
        lambda e: e.issues[0].loc,
        ("age",),
        error=InvalidOutputError,
    ),
    Came("usage.prompt_tokens", ".usage", TRACED, lambda e: e.usage.prompt_tokens, 15),
    Came("usage.completion_tokens", ".usage", TRACED, lambda e: e.usage.completion_tokens, 9),
    Came("usage.total_tokens", ".usage", TRACED, lambda e: e.usage.total_tokens, 24),
    Came("usage.completion_tokens_details.reasoning_tokens", ".usage", TRACED, lambda e: e.usage.reasoning_tokens, 4),
    Came("usage.prompt_tokens_details.cached_tokens", ".usage", TRACED, lambda e: e.usage.cached_tokens, 3),
    Came("model", ".answered_by", TRACED, lambda e: e.answered_by.split(" at ")[0], "Qwen/Qwen2.5-7B-Instruct"),
    Came("id", ".last.reply.id", TRACED, lambda e: last(e).id, "0193abc"),
    Came("x-siliconcloud-trace-id (header)", ".last.reply.trace_id", TRACED, lambda e: last(e).trace_id, "ti_123"),
)


@dataclass(frozen=True)
class Refused:
    """An error answer of the reference."""

    body: Any
    status: int
    kind: str

    @property
    def id(self) -> str:
        shown = self.body if isinstance(self.body, str) else self.body.get("message")
        return f"{self.status} {shown[:40]}"


ERRORS = (
    Refused({"code": 20012, "message": "Model does not exist. Please check it carefully.", "data": None}, 400, "model"),
    Refused(
        {"code": 20015, "message": "The parameter is invalid. Please check again.", "data": None}, 400, "bad_request"
    ),
    Refused(
        {
            "code": 20015,
            "message": "length of prompt_tokens (68957) must be less than max_seq_len (65536).",
            "data": None,
        },
        400,
        "context",
    ),
    Refused('"Invalid token"', 401, "auth"),
    Refused('"Forbidden"', 403, "auth"),
    Refused(
        {
            "code": 50603,
            "message": "Request was rejected due to rate limiting. Details:TPM limit reached.",
            "data": None,
        },
        429,
        "rate",
    ),
    Refused(
        {
            "code": 50603,
            "message": "Request was rejected due to rate limiting. Details:RPD limit reached.",
            "data": None,
        },
        429,
        "quota",
    ),
    Refused(
        {"code": 50505, "message": "Model service overloaded. Please try again later.", "data": None}, 503, "overloaded"
    ),
    Refused("Gateway timeout", 504, "overloaded"),
)

# Models ---------------------------------------------------------------------------------------------------------------

MODELS: Mapping[str, tuple[str, ...]] = {
    "text": (
        "deepseek-ai/DeepSeek-V2.5", "deepseek-ai/DeepSeek-V2-Chat", "Tencent/Hunyuan-A52B-Instruct", "Qwen/Qwen2.5-72B-Instruct",
        "Qwen/Qwen2.5-32B-Instruct", "Qwen/Qwen2.5-14B-Instruct", "Qwen/Qwen2.5-7B-Instruct", "Qwen/Qwen2-72B-Instruct",
        "Qwen/Qwen2-7B-Instruct", "Qwen/Qwen2-1.5B-Instruct", "Qwen/Qwen2-57B-A14B-Instruct", "TeleAI/TeleChat2",
        "01-ai/Yi-1.5-6B-Chat", "THUDM/chatglm3-6b", "THUDM/glm-4-9b-chat", "Vendor-A/Qwen/Qwen2-72B-Instruct",
        "Vendor-A/Qwen/Qwen2.5-72B-Instruct", "internlm/internlm2_5-7b-chat", "internlm/internlm2_5-20b-chat",
        "nvidia/Llama-3.1-Nemotron-70B-Instruct", "meta-llama/Meta-Llama-3.1-405B-Instruct",
        "meta-llama/Meta-Llama-3.1-70B-Instruct", "meta-llama/Meta-Llama-3.1-8B-Instruct",
        "meta-llama/Meta-Llama-3-8B-Instruct", "meta-llama/Meta-Llama-3-70B-Instruct", "google/gemma-2-27b-it",
        "google/gemma-2-9b-it", "Pro/Qwen/Qwen2.5-7B-Instruct", "Pro/Qwen/Qwen2-7B-Instruct", "Pro/Qwen/Qwen2-1.5B-Instruct",
        "Pro/01-ai/Yi-1.5-6B-Chat", "Pro/THUDM/chatglm3-6b", "Pro/THUDM/glm-4-9b-chat", "Pro/internlm/internlm2_5-7b-chat",
        "Pro/meta-llama/Meta-Llama-3-8B-Instruct", "Pro/meta-llama/Meta-Llama-3.1-8B-Instruct", "Pro/google/gemma-2-9b-it",
    ),
    "coder": ("deepseek-ai/DeepSeek-Coder-V2-Instruct", "Qwen/Qwen2.5-Coder-32B-Instruct", "Qwen/Qwen2.5-Coder-7B-Instruct"),
    "math": ("Qwen/Qwen2.5-Math-72B-Instruct",),
    "long context": ("Qwen/Qwen2.5-72B-Instruct-128K", "01-ai/Yi-1.5-34B-Chat-16K", "01-ai/Yi-1.5-9B-Chat-16K", "Pro/01-ai/Yi-1.5-9B-Chat-16K"),
    "vision": (
        "Qwen/Qwen2-VL-72B-Instruct", "TeleAI/TeleMM", "OpenGVLab/InternVL2-Llama3-76B", "OpenGVLab/InternVL2-26B",
        "Pro/Qwen/Qwen2-VL-7B-Instruct", "Pro/OpenGVLab/InternVL2-8B",
    ),
}  # fmt: skip
"""Every model of the reference's list, by what it is for."""
