"""From what is to be asked to the bytes' JSON body: the method's row and the endpoint's row decide every field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, cast

from ..errors import UsageError
from ..vocabulary import JsonObject, JsonValue, show_found
from .endpoint import Endpoint, body_fields
from .message import Message, without_system
from .method import Method
from .request import Asked, Request, Whole

TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")
MAX_TOOLS = 128
WHOLE = Whole()
ROLES = frozenset({"system", "user", "assistant", "tool", "developer"})
OWN_FIELDS = frozenset({"model", "messages", "stream"})
"""Body fields that are never taken from `extra_body`: they have arguments of their own."""


class Sent(Protocol):
    """The part of a lowered schema that a request needs."""

    @property
    def name(self) -> str:
        """A legal schema or function name."""
        ...

    def response_format(self, *, strict: bool) -> JsonObject:
        """`{"type": "json_schema", ...}`."""
        ...

    def tool(self, *, strict: bool) -> JsonObject:
        """`{"type": "function", ...}`."""
        ...


def build_request(
    endpoint: Endpoint,
    method: Method,
    lowered: Sent,
    messages: Sequence[Message],
    *,
    model: str,
    base_url: str,
    sampling: Mapping[str, JsonValue],
    extra_body: Mapping[str, JsonValue] | None = None,
    thinking_off: bool = False,
    force: str | None = None,
    dropped: Iterable[str] = (),
    asked: Asked = WHOLE,
    index: int = 0,
    stream: bool = False,
    prefix: str = "",
    dialect: str = "plain",
) -> Request:
    """One request, complete but for the key.

    `force` says how a tool call is forced (`named`, `required`, `any`, `auto`; None: as the row says), `dropped` names
    body fields that this endpoint was seen to refuse, `base_url` stands without `/chat/completions`, `dialect` is that of
    `lowered`.

    Raises:
        UsageError: a parameter that the endpoint is known to refuse, an illegal function name, a field of `extra_body`
            that has an argument of its own.
    """
    check_extra_body(extra_body or {})
    _check_supported(endpoint, sampling)
    body: JsonObject = {"model": model, "messages": _messages(endpoint, messages), **body_fields(endpoint.body)}
    if stream:
        body["stream"] = True
        if endpoint.stream_usage:
            body["stream_options"] = {"include_usage": True}
    body[endpoint.max_tokens_field] = sampling.get("max_tokens", endpoint.max_tokens)
    body |= {name: value for name, value in sampling.items() if name != "max_tokens"}
    body |= method_fields(endpoint, method, lowered, force or endpoint.tool_choice)
    if thinking_off:
        body |= body_fields(endpoint.thinking_off)
    for field in dropped:
        body.pop(field, None)
    body |= extra_body or {}
    if prefix:
        body |= prefilled(endpoint, body, prefix)
    # DeepSeek's beta URL serves strict tools and prefixes alike (api-docs.deepseek.com/guides/chat_prefix_completion,
    # read 2026-11-25).
    root = endpoint.strict_tool_url if prefix or (method.strict and method.carrier == "tools") else None
    return Request(
        url=f"{(root or base_url).rstrip('/')}/chat/completions",
        body=body,
        method=method.name,
        asked=asked,
        endpoint=index,
        stream=stream,
        tool_name=lowered.name,
        trace_headers=endpoint.trace_headers,
        dialect=dialect,
    )


def prefilled(endpoint: Endpoint, body: JsonObject, prefix: str) -> JsonObject:
    """The body fields by which an endpoint goes on with an answer that begins with these words."""
    said: JsonObject = {"role": "assistant", "content": prefix}
    messages = body["messages"]
    held = messages if isinstance(messages, list) else []
    match endpoint.prefill:
        case None:
            return {}
        case "prefix_body":
            return {"prefix": prefix}
        case "prefix_message":
            return {"messages": [*held, {**said, "prefix": True}]}
        case "partial_message":
            return {"messages": [*held, {**said, "partial": True}]}
        case "continue_final":
            return {"messages": [*held, said], "continue_final_message": True, "add_generation_prompt": False}
        case "trailing":
            return {"messages": [*held, said]}


def method_fields(endpoint: Endpoint, method: Method, lowered: Sent, force: str) -> JsonObject:
    """The body fields by which a method states its schema."""
    if method.carrier == "tools":
        return _tool_fields(endpoint, method, lowered, force)
    if method.response_format == "json_schema":
        stated = lowered.response_format(strict=method.strict)
        return {"response_format": _strictly(stated, "json_schema") if method.strict else stated}
    if method.response_format is not None:
        return {"response_format": {"type": method.response_format}}
    return {}


def _tool_fields(endpoint: Endpoint, method: Method, lowered: Sent, force: str) -> JsonObject:
    check_tool_name(lowered.name)
    tool = lowered.tool(strict=method.strict)
    fields: JsonObject = {"tools": [_strictly(tool, "function") if method.strict else tool]}
    choice: JsonValue = force
    if force == "named":
        choice = {"type": "function", "function": {"name": lowered.name}}
    fields["tool_choice"] = choice
    if endpoint.parallel_off:
        fields["parallel_tool_calls"] = False
    return fields


def _strictly(stated: JsonObject, word: str) -> JsonObject:
    """The same, strict also where the dialect's row promises nothing for it: a pinned strict method is what it says."""
    inner = stated.get(word)
    return {**stated, word: {**inner, "strict": True}} if isinstance(inner, dict) else stated


def check_tool_name(name: str) -> None:
    """Raise a UsageError for a function name that the reference forbids."""
    if not TOOL_NAME.match(name):
        raise UsageError(f"function name {name!r}: only a-z, A-Z, 0-9, _ and - are taken, 1 to 64 of them")


def check_extra_body(extra_body: Mapping[str, JsonValue]) -> None:
    """Raise a UsageError for what is no JSON, has an argument of its own, or is a tool that the reference forbids."""
    if not isinstance(cast("object", extra_body), Mapping):
        raise UsageError(f"extra_body is {show_found(extra_body)}; it must be a dict of body fields")
    for name, value in extra_body.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise UsageError(f"extra_body[{name!r}] is no JSON: {error}") from error
    for field in OWN_FIELDS & extra_body.keys():
        raise UsageError(f"extra_body holds {field!r}, which has an argument of its own")
    tools = extra_body.get("tools")
    if isinstance(tools, list) and len(tools) > MAX_TOOLS:
        raise UsageError(f"extra_body holds {len(tools)} tools; at most {MAX_TOOLS} are taken")
    for tool in tools if isinstance(tools, list) else ():
        function = tool.get("function") if isinstance(tool, dict) else None
        if isinstance(function, dict) and "name" in function:
            check_tool_name(str(function["name"]))


def check_messages(messages: Sequence[Mapping[str, JsonValue]]) -> None:
    """Raise a UsageError for a message list that no server takes."""
    if not messages:
        raise UsageError("the message list is empty; give at least one user message")
    for place, message in enumerate(messages):
        if message.get("role") not in ROLES:
            raise UsageError(
                f"messages[{place}]: role is {message.get('role')!r}; it must be one of {', '.join(sorted(ROLES))}"
            )
        if "content" not in message and "tool_calls" not in message:
            raise UsageError(f"messages[{place}]: content is missing")


def _messages(endpoint: Endpoint, messages: Sequence[Message]) -> JsonValue:
    laid = tuple(messages) if endpoint.system else without_system(messages)
    return list(laid)


def _check_supported(endpoint: Endpoint, sampling: Mapping[str, JsonValue]) -> None:
    for name in sampling:
        if name in endpoint.unsupported:
            raise UsageError(f"{name} is not taken by {endpoint.name} ({endpoint.source}); leave it out")
    if sampling.get("n", 1) != 1 and not endpoint.n:
        raise UsageError(f"n={sampling['n']} is not taken by {endpoint.name}; ask n times instead")
