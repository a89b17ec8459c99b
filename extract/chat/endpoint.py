"""The shape of an endpoint row: what a server takes, how it must be asked, how it fails. The rows: `endpoints.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast

from ..vocabulary import JsonObject, JsonValue
from .method import MethodName

Body: TypeAlias = "tuple[tuple[str, str | int | float | bool | Body | None], ...]"
"""Body fields as pairs, nested objects too, so that a row stays hashable and cannot be changed by accident."""


def body_fields(pairs: Body) -> JsonObject:
    """The pairs as a JSON object, always a new one."""
    return {name: body_fields(value) if isinstance(value, tuple) else value for name, value in pairs}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One server, or one family of models behind it.

    Attributes:
        name: shown in errors, never compared in code.
        source: pages the facts come from, and the day they were read.
        hosts: host names that this row serves; a leading dot matches every sub-domain.
        models: patterns of model names, `*` as wildcard, case-insensitive.
        base_url: the documented base URL, without `/chat/completions`.
        key_env: environment variable of its key.
        methods: what it takes, in the order of preference.
        dialect: key in `DIALECTS` for response_format.
        tool_dialect: key in `DIALECTS` for tools.
        strict_tool_url: base URL that strict tools need, where it is another.
        tool_choice: how a call is forced: by name, by `required`, by `any`, or only asked for (`auto`).
        forced_needs_thinking_off: a forced call is refused while the model thinks.
        thinking_off: body fields that switch thinking off.
        parallel_off: whether `parallel_tool_calls: false` is taken.
        schema_shown: whether a response_format schema is shown to the model; if not, the prompt repeats it.
        system: whether a system message is taken; if not, its text goes before the user's.
        max_tokens: sent when the caller gives none.
        max_tokens_field: `max_tokens` or `max_completion_tokens`.
        body: further fields sent with every request (the caller's win).
        unsupported: parameters that are refused; giving one is an error before any I/O.
        dropped: parameters that are ignored in silence there.
        stream_usage: whether `stream_options.include_usage` is taken.
        stream_with_format: whether response_format works with `stream`.
        n: whether more than one choice may be asked for.
        images: whether the model reads images.
        tool_id_regex: what a tool call id must match when replayed; None: anything.
        replay_reasoning: whether reasoning_content must be sent back with tool calls.
        prefill: how a cut answer may be continued in place; None: not at all.
        min_rate_delay_s: shortest wait that helps after a 429.
        trace_headers: response headers that hold the provider's request id, first present wins.
        context_tokens: the window, where it is known and small.
        silent_truncation: the server cuts a long prompt without saying so.
        provider: what telemetry calls the provider (OpenTelemetry's `gen_ai.provider.name`); None: its host.
        batch_lines, batch_bytes: the largest input file of its batch API.
        batch_hours: the longest completion window of a batch.
    """

    name: str
    source: str
    hosts: tuple[str, ...] = ()
    models: tuple[str, ...] = ("*",)
    base_url: str | None = None
    key_env: str | None = None
    methods: tuple[MethodName, ...] = ("json_schema_strict", "json_schema", "tool", "json_object", "prompt")
    dialect: str = "openai"
    tool_dialect: str = "openai"
    strict_tool_url: str | None = None
    tool_choice: Literal["named", "required", "any", "auto"] = "named"
    forced_needs_thinking_off: bool = False
    thinking_off: Body = ()
    parallel_off: bool = False
    schema_shown: bool = True
    system: bool = True
    max_tokens: int = 4096
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    body: Body = ()
    unsupported: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    stream_usage: bool = True
    stream_with_format: bool = True
    n: bool = True
    images: bool = True
    tool_id_regex: str | None = None
    replay_reasoning: bool = False
    prefill: Literal["prefix_body", "prefix_message", "partial_message", "continue_final", "trailing"] | None = None
    min_rate_delay_s: float = 0.5
    trace_headers: tuple[str, ...] = ("x-request-id",)
    context_tokens: int | None = None
    silent_truncation: bool = False
    provider: str | None = None
    batch_lines: int = 5000
    batch_bytes: int = 100_000_000
    batch_hours: int = 24

    def to_dict(self) -> JsonObject:
        """The row as JSON, for printing."""
        shown: JsonObject = {}
        for field in self.__dataclass_fields__:
            value: Any = getattr(self, field)
            if field in ("body", "thinking_off"):
                shown[field] = body_fields(value)
            elif isinstance(value, frozenset):
                shown[field] = list[JsonValue](sorted(cast("frozenset[str]", value)))
            else:
                shown[field] = list(cast("tuple[JsonValue, ...]", value)) if isinstance(value, tuple) else value
        return shown
