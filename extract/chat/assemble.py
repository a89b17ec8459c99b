"""Choices, put together from the deltas of a stream or taken from a whole body, in every provider's way.

Rules and where they were seen: recorded exchanges of eleven providers and local servers, 2026-11-23.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ..vocabulary import JsonObject, JsonValue
from .reply import Choice, Finish, ToolCall, Usage

Channel = Literal["content", "reasoning", "tool", "refusal"]
REASONING = ("reasoning_content", "reasoning", "reasoning_text", "thinking", "thought")
"""Fields that hold thoughts; the first that is filled counts, since some servers fill two with the same text."""
SPACES = " \t\r\n"
MAX_SPACES = 512
"""Consecutive whitespace after which an answer is cut off: a model that was not told to write JSON fills its budget
so."""

MOST_TOKENS = 2**63
"""No count is as large; infinity and digits without end are none."""
COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens")
PLAIN_CHOICE = frozenset({"index", "delta", "finish_reason"})
PLAIN_CALL = frozenset({"index", "type", "function"})
"""Keys of a chunk's choice and of a fragment of a call that only carry text on."""

FINISHES: dict[str, Finish] = {
    **dict.fromkeys(
        ("stop", "eos", "end_turn", "stop_sequence", "completed", "complete", "eos_token", "finished", ""), "stop"
    ),
    **dict.fromkeys(
        ("length", "max_tokens", "max_output_tokens", "model_length", "incomplete", "max_length", "token_limit"),
        "length",
    ),
    **dict.fromkeys(("tool_calls", "tool_use", "function_call", "tool_call", "tool"), "tool"),
    **dict.fromkeys(
        (
            "content_filter",
            "refusal",
            "safety",
            "guardrail_intervened",
            "sensitive",
            "recitation",
            "blocklist",
            "prohibited_content",
            "spii",
            "content_filtered",
            "moderation",
            "image_safety",
        ),
        "filter",
    ),
    **dict.fromkeys(
        (
            "error",
            "abort",
            "insufficient_system_resource",
            "repetition_truncation",
            "malformed_function_call",
            "network_error",
            "cancelled",
        ),
        "error",
    ),
}


class Delta(NamedTuple):
    """What was added to one choice.

    Attributes:
        choice: the choice's index.
        channel: which text grew.
        text: what was added.
        slot: which tool call, counted from 0, for the channel `tool`.
    """

    choice: int
    channel: Channel
    text: str
    slot: int = 0


def finish_of(reason: str | None, native: str | None) -> Finish:
    """The normalised finish; a router's own word gives way to the upstream's where that says cut or filtered."""
    upstream = FINISHES.get((native or "unknown").lower(), "unknown")
    if upstream in ("length", "filter"):
        return upstream
    if reason is None:
        return upstream if upstream == "error" else "unknown"
    return FINISHES.get(reason.lower(), "unknown")


@dataclass(slots=True, eq=False)
class _Text:
    """A growing text; a surrogate pair that is split over two deltas is joined before anybody sees it."""

    keep: int | None = None
    parts: list[str] = field(default_factory=list[str])
    held: str = ""
    spaces: int = 0
    chars: int = 0
    kept: int = 0

    def add(self, text: str) -> str:
        """Add a text; what can be shown of it."""
        if self.held or not text.isascii():
            text = self.held + text
            self.held = ""
            if "\ud800" <= text[-1:] <= "\udbff":
                text, self.held = text[:-1], text[-1]
            text = _paired(text)
        if not text:
            return ""
        self.parts.append(text)
        self.chars += len(text)
        if self.keep is not None:
            self._spend(self.keep, len(text))
        if text[-1] not in SPACES:
            self.spaces = 0
            return text
        kept = len(text.rstrip(SPACES))
        self.spaces = len(text) - kept if kept else self.spaces + len(text)
        return text

    def _spend(self, keep: int, added: int) -> None:
        """Forget all but the last `keep` characters, now and then."""
        self.kept += added
        if self.kept > 4 * keep:
            self.parts = ["".join(self.parts)[-keep:]]
            self.kept = keep

    def whole(self) -> str:
        """All of it, or what was kept."""
        if self.held:
            self.parts.append("\ufffd")
            self.held = ""
        if len(self.parts) > 1:
            self.parts = ["".join(self.parts)]
        return self.parts[0] if self.parts else ""


class _Grown(NamedTuple):
    """The text that a plain chunk lengthened, as in `Delta`."""

    choice: int
    channel: Channel
    text: _Text
    slot: int


SURROGATES = re.compile("[\ud800-\udfff]")


def _paired(text: str) -> str:
    """The text with surrogate pairs joined and lone ones replaced, so that it can be encoded."""
    if not SURROGATES.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@dataclass(slots=True)
class _Call:
    """One tool call that grows."""

    id: str = ""
    name: str = ""
    arguments: _Text = field(default_factory=_Text)
    extra: JsonObject = field(default_factory=dict[str, JsonValue])
    slot: int = 0

    def is_whole(self) -> bool:
        """Whether the arguments are a complete JSON value."""
        text = self.arguments.whole().strip()
        return text.endswith(("}", "]", "null")) and _is_json(text)


class Answer:
    """The choices of one answer, growing.

    Attributes:
        model: who says it answers.
        id: the server's id.
        is_runaway: endless whitespace, or more text than the limit allows.
        turn: rises with every chunk that was more than a further piece of the same text.
    """

    __slots__ = ("_keep", "_last", "_max_chars", "_states", "_usage", "id", "is_runaway", "model", "turn")

    def __init__(self, max_chars: int | None, keep: int | None = None) -> None:
        self._max_chars = max_chars
        self._keep = keep
        self._states: dict[int, _State] = {}
        self._usage: JsonObject | None = None
        self._last: _Grown | None = None
        self.model: str | None = None
        self.id: str | None = None
        self.is_runaway = False
        self.turn = 0

    @property
    def is_finished(self) -> bool:
        """Whether every choice was said to be finished."""
        return bool(self._states) and all(state.finish is not None for state in self._states.values())

    @property
    def is_whole(self) -> bool:
        """Whether every choice holds an answer that was said to be finished, and not by an error."""
        return self.is_finished and all(
            state.finish_word != "error" and state.has_answer for state in self._states.values()
        )

    def take(self, chunk: JsonObject) -> list[Delta]:
        """Add one chunk of a stream."""
        plain = self._take_plain(chunk)
        if plain is not None:
            return plain
        self._last = None
        self.turn += 1
        self._take_outer(chunk)
        deltas: list[Delta] = []
        for index, choice in _indexed(chunk.get("choices")):
            state = self._state(index)
            deltas += state.take(choice)
            self.is_runaway = self.is_runaway or state.is_runaway(self._max_chars)
        return deltas

    @property
    def is_plain(self) -> bool:
        """Whether the last chunk was a piece of one text and nothing else."""
        return self._last is not None

    def again(self, piece: str) -> Delta | None:
        """Add a chunk that differs from the last one, a plain one, in its text alone; what can be shown of it."""
        assert self._last is not None  # noqa: S101 - asked for before
        index, channel, text, slot = self._last
        shown = text.add(piece) if piece else ""
        if text.spaces > MAX_SPACES or (self._max_chars is not None and text.chars > self._max_chars):
            self.is_runaway = True
        return Delta(index, channel, shown, slot) if shown else None

    def _take_plain(self, chunk: JsonObject) -> list[Delta] | None:
        """The one kind of chunk that streams are made of, a piece of one text and nothing else; None for any other."""
        choices = chunk.get("choices")
        if (
            not isinstance(choices, list)
            or len(choices) != 1
            or chunk.get("usage")
            or "x_groq" in chunk
            or chunk.get("model") != self.model
            or (self.id is None and chunk.get("id"))
        ):
            return None
        choice = choices[0]
        if not isinstance(choice, dict) or not choice.keys() <= PLAIN_CHOICE or choice.get("finish_reason") is not None:
            return None
        index = choice.get("index")
        state = self._states.get(index) if type(index) is int else None
        if state is None:
            return None
        found = state.plain(choice.get("delta"))
        if found is None:
            return None
        last, piece = found
        if last != self._last:
            self._last = last
            self.turn += 1
        delta = self.again(piece)
        return [] if delta is None else [delta]

    def take_whole(self, body: JsonObject) -> None:
        """Take a whole body."""
        self._take_outer(body)
        for index, choice in _indexed(body.get("choices")):
            self._state(index).take_whole(choice)

    def choices(self) -> tuple[Choice, ...]:
        """The choices so far, by index."""
        return tuple(self._states[index].choice() for index in sorted(self._states))

    def usage(self) -> Usage | None:
        """The last usage that was said; one of zeros counts only where no other came.

        Counts are cumulative wherever there are several, so they are never added.
        """
        return None if self._usage is None else usage_of(self._usage)

    def _state(self, index: int) -> _State:
        if index not in self._states:
            self._states[index] = _State(index, self._keep)
        return self._states[index]

    def _take_outer(self, chunk: JsonObject) -> None:
        if isinstance(model := chunk.get("model"), str) and model:
            self.model = model
        if self.id is None and isinstance(name := chunk.get("id"), str) and name:
            self.id = name
        for usage in _usages(chunk):
            if self._usage is None or says_something(usage) or not says_something(self._usage):
                self._usage = usage


def _usages(chunk: JsonObject) -> Iterator[JsonObject]:
    """Every usage in a chunk: inside a choice (Moonshot), under `x_groq` (Groq), at the top."""
    for _, choice in _indexed(chunk.get("choices")):
        if isinstance(usage := choice.get("usage"), dict) and usage:
            yield usage
    for holder in (chunk.get("x_groq"), chunk):
        if isinstance(holder, dict) and isinstance(usage := holder.get("usage"), dict) and usage:
            yield usage


def says_something(usage: JsonObject) -> bool:
    """Whether a usage counts a token at all: some servers close a stream with one of nothing but zeros."""
    return any(usage.get(name) for name in COUNTS)


def usage_of(usage: JsonObject) -> Usage:
    """Token counts, under any of the names in use."""
    completion, prompt = usage.get("completion_tokens_details"), usage.get("prompt_tokens_details")
    prompt = prompt if isinstance(prompt, dict) else usage.get("input_tokens_details")
    completion = completion if isinstance(completion, dict) else usage.get("output_tokens_details")
    inner_completion: JsonObject = completion if isinstance(completion, dict) else {}
    inner_prompt: JsonObject = prompt if isinstance(prompt, dict) else {}
    return Usage(
        prompt_tokens=_count(usage, "prompt_tokens", "input_tokens"),
        completion_tokens=_count(usage, "completion_tokens", "output_tokens"),
        total_tokens=_count(usage, "total_tokens"),
        reasoning_tokens=_first(_count(inner_completion, "reasoning_tokens"), _count(usage, "reasoning_tokens")),
        cached_tokens=_first(
            _count(inner_prompt, "cached_tokens"),
            _count(usage, "cached_tokens", "prompt_cache_hit_tokens", "cache_read_input_tokens"),
        ),
    )


def _first(*counts: int | None) -> int | None:
    return next((count for count in counts if count is not None), None)


def _count(usage: JsonObject, *names: str) -> int | None:
    for name in names:
        value = usage.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MOST_TOKENS:
            return int(value)
    return None


def _indexed(choices: JsonValue) -> Iterator[tuple[int, JsonObject]]:
    if isinstance(choices, list):
        for place, choice in enumerate(choices):
            if isinstance(choice, dict):
                index = choice.get("index")
                yield (index if isinstance(index, int) and not isinstance(index, bool) else place), choice


class _State:
    """One choice that grows."""

    __slots__ = (
        "_by_index",
        "_calls",
        "_content",
        "_details",
        "_extra",
        "_keep",
        "_legacy",
        "_message",
        "_reasoning",
        "_reasoning_field",
        "_refusal",
        "finish",
        "index",
        "native",
    )

    def __init__(self, index: int, keep: int | None) -> None:
        self.index = index
        self._keep = keep
        self.finish: str | None = None
        self.native: str | None = None
        self._content = _Text(keep)
        self._reasoning = _Text(keep)
        self._reasoning_field: str | None = None
        self._refusal = _Text(keep)
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}
        self._legacy: _Call | None = None
        self._details: list[JsonValue] = []
        self._extra: JsonObject = {}
        self._message: JsonObject | None = None

    def take(self, choice: JsonObject) -> list[Delta]:
        """Add one chunk's choice."""
        self._take_finish(choice)
        delta = choice.get("delta")
        if isinstance(delta, dict):
            return self._take_delta(delta)
        if isinstance(message := choice.get("message"), dict):
            return self._take_delta(self._remainder(message))
        if isinstance(text := choice.get("text"), str):
            return self._grow("content", self._content, text)
        return []

    def plain(self, delta: JsonValue) -> tuple[_Grown, str] | None:
        """The text that a delta lengthens, and by what, where it does nothing else; None for any other delta."""
        if not isinstance(delta, dict) or len(delta) != 1:
            return None
        content = delta.get("content")
        if isinstance(content, str):
            return _Grown(self.index, "content", self._content, 0), content
        calls = delta.get("tool_calls")
        item = calls[0] if isinstance(calls, list) and len(calls) == 1 else None
        if not isinstance(item, dict) or not item.keys() <= PLAIN_CALL:
            return None
        function, index = item.get("function"), item.get("index")
        call = self._by_index.get(index) if type(index) is int else None
        if call is None or not isinstance(function, dict) or len(function) != 1:
            return None
        arguments = function.get("arguments")
        if not isinstance(arguments, str):
            return None
        return _Grown(self.index, "tool", call.arguments, call.slot), arguments

    def take_whole(self, choice: JsonObject) -> None:
        """Take a whole body's choice."""
        self._take_finish(choice)
        message = choice.get("message")
        if not isinstance(message, dict):
            message = choice.get("delta")
        if isinstance(message, dict):
            self._message = message
            self._take_delta(message)
        elif isinstance(text := choice.get("text"), str):
            self._grow("content", self._content, text)

    def is_runaway(self, max_chars: int | None) -> bool:
        """Whether whitespace floods, or more text came than any answer within the limit has."""
        texts = (self._content, *(call.arguments for call in self._calls[-1:]))
        return any(text.spaces > MAX_SPACES or (max_chars is not None and text.chars > max_chars) for text in texts)

    @property
    def has_answer(self) -> bool:
        """Whether any text or call came."""
        return bool(self._content.chars or self._calls or self._legacy or self._refusal.chars)

    @property
    def finish_word(self) -> Finish:
        """How it ended, normalised."""
        return finish_of(self.finish, self.native)

    def choice(self) -> Choice:
        """The choice as it stands."""
        calls = self._calls or ([self._legacy] if self._legacy else [])
        reasoning = self._reasoning.whole()
        return Choice(
            index=self.index,
            text=self._content.whole(),
            reasoning=reasoning or None,
            refusal=self._refusal.whole() or None,
            tool_calls=tuple(
                ToolCall(id=call.id or f"call_{place}", name=call.name, arguments=call.arguments.whole())
                for place, call in enumerate(calls)
            ),
            finish=self.finish_word,
            finish_reason=self.finish,
            native_finish_reason=self.native,
            message=self._message or self._replayed(calls),
        )

    def _replayed(self, calls: list[_Call]) -> JsonObject:
        """The assistant message of a stream, as it would be sent back."""
        message: JsonObject = {"role": "assistant", "content": self._content.whole() or None}
        if self._reasoning_field:
            message[self._reasoning_field] = self._reasoning.whole()
        if self._details:
            message["reasoning_details"] = self._details
        if calls:
            message["tool_calls"] = [
                {
                    **call.extra,
                    "id": call.id or f"call_{place}",
                    "type": "function",
                    "function": {"name": call.name, "arguments": call.arguments.whole()},
                }
                for place, call in enumerate(calls)
            ]
        return message | self._extra

    # --- parts of a delta

    def _take_finish(self, choice: JsonObject) -> None:
        if isinstance(reason := choice.get("finish_reason"), str):
            self.finish = reason
        if isinstance(native := choice.get("native_finish_reason"), str):
            self.native = native

    def _take_delta(self, delta: JsonObject) -> list[Delta]:
        deltas: list[Delta] = []
        if thought := self._thought_of(delta):
            deltas += self._grow("reasoning", self._reasoning, thought)
        content = delta.get("content")
        if isinstance(content, str):
            if content:
                deltas += self._grow("content", self._content, content)
        elif isinstance(content, list):
            deltas += self._take_parts(content)
        elif isinstance(content, dict):
            is_part = "type" in content or "text" in content
            deltas += self._take_parts([content if is_part else json.dumps(content, ensure_ascii=False)])
        if isinstance(refusal := delta.get("refusal"), str) and refusal:
            deltas += self._grow("refusal", self._refusal, refusal)
        calls = delta.get("tool_calls")
        if isinstance(calls, dict):
            calls = [calls]
        if isinstance(calls, list):
            for item in calls:
                if isinstance(item, dict):
                    deltas += self._take_call(item)
        if isinstance(legacy := delta.get("function_call"), dict):
            self._legacy = self._legacy or _Call(arguments=_Text(self._keep))
            grown = self._grow_call(self._legacy, legacy)
            deltas += [] if self._calls else grown  # some servers send every fragment both ways
        if "extra_content" in delta:
            self._extra["extra_content"] = delta["extra_content"]
        return deltas

    def _grow(self, channel: Channel, text: _Text, added: str) -> list[Delta]:
        shown = text.add(added)
        return [Delta(self.index, channel, shown)] if shown else []

    def _thought_of(self, delta: JsonObject) -> str | None:
        details = delta.get("reasoning_details")
        if isinstance(details, list):
            self._details += details
        for name in REASONING:
            if isinstance(thought := delta.get(name), str) and thought:
                self._reasoning_field = self._reasoning_field or name
                return thought
        if isinstance(details, list) and self._reasoning_field is None:
            return "".join(_detail_text(detail) for detail in details)
        return None

    def _take_parts(self, parts: list[JsonValue]) -> list[Delta]:
        """Content as a list of parts: text, thoughts (Mistral, Databricks), refusals."""
        deltas: list[Delta] = []
        for part in parts:
            if isinstance(part, str):
                deltas += self._grow("content", self._content, part)
            elif isinstance(part, dict):
                channel, text = _part(part)
                texts = {"content": self._content, "reasoning": self._reasoning, "refusal": self._refusal}
                if text and channel in texts:
                    deltas += self._grow(channel, texts[channel], text)
        return deltas

    def _remainder(self, message: JsonObject) -> JsonObject:
        """A chunk's `message` as a delta: some servers repeat what came before, others write deltas under that name."""
        rest = dict(message)
        for name, text in (("content", self._content), *((name, self._reasoning) for name in REASONING)):
            if isinstance(said := rest.get(name), str) and (known := text.whole()) and said.startswith(known):
                rest[name] = said[len(known) :]
        if self._calls:
            rest.pop("tool_calls", None)
        return rest

    # --- tool calls

    def _take_call(self, item: JsonObject) -> list[Delta]:
        function = item.get("function")
        fields: JsonObject = function if isinstance(function, dict) else item
        call = self._slot(item, fields)
        if not call.id and isinstance(call_id := item.get("id"), str):
            call.id = call_id
        for name, value in item.items():
            if name not in ("id", "index", "type", "function", "name", "arguments"):
                call.extra[name] = value
        return self._grow_call(call, fields)

    def _grow_call(self, call: _Call, fields: JsonObject) -> list[Delta]:
        if isinstance(name := fields.get("name"), str) and name:
            call.name = _name(call, name)
        arguments = fields.get("arguments", fields.get("parameters"))
        if isinstance(arguments, dict | list):
            arguments = "" if call.arguments.parts else json.dumps(arguments, ensure_ascii=False)
        if not isinstance(arguments, str) or not arguments:
            return []
        shown = call.arguments.add(arguments)
        return [Delta(self.index, "tool", shown, call.slot)] if shown else []

    def _slot(self, item: JsonObject, fields: JsonObject) -> _Call:
        """The call that a fragment belongs to: by index, else by id, else the last one unless that is complete."""
        index, call_id = item.get("index"), item.get("id")
        known_id = call_id if isinstance(call_id, str) and call_id else None
        if isinstance(index, int) and not isinstance(index, bool):
            call = self._by_index.get(index)
            if call is None or _is_other(call, known_id, fields):
                call = self._by_index[index] = self._new()
            return call
        if known_id is not None:
            same = next((call for call in reversed(self._calls) if call.id == known_id), None)
            return same or self._unfinished_last(fields) or self._new()
        last = self._calls[-1] if self._calls else None
        name = fields.get("name")
        if last is None or (isinstance(name, str) and name and last.name and (name != last.name or last.is_whole())):
            return self._new()
        return last

    def _unfinished_last(self, fields: JsonObject) -> _Call | None:
        """The last call, where it still waits for its id, or a fragment under a new id names no function of its own."""
        last = self._calls[-1] if self._calls else None
        if last is None or last.is_whole():
            return None
        return last if not last.id or not fields.get("name") else None

    def _new(self) -> _Call:
        call = _Call(arguments=_Text(self._keep), slot=len(self._calls))
        self._calls.append(call)
        return call


def _is_other(call: _Call, call_id: str | None, fields: JsonObject) -> bool:
    """Whether a fragment on a known index begins another call: servers that number every parallel call 0."""
    if call_id is None or not call.id or call_id == call.id:
        return False
    name = fields.get("name")
    return call.is_whole() or (isinstance(name, str) and bool(name) and bool(call.name) and name != call.name)


def _name(call: _Call, name: str) -> str:
    """The function's name: the first counts; repeated whole it is ignored, and joined only where it comes in pieces."""
    if not call.name or name.startswith(call.name):
        return name
    return call.name if call.arguments.parts or call.name.endswith(name) else call.name + name


def _part(part: JsonObject) -> tuple[Channel, str]:
    kind = part.get("type")
    if kind in ("thinking", "reasoning"):
        return "reasoning", _joined(
            part.get("thinking") or part.get("text") or part.get("summary") or part.get("content")
        )
    if kind == "refusal":
        return "refusal", _joined(part.get("refusal"))
    return "content", _joined(part.get("text"))


def _joined(value: JsonValue) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_joined(item.get("text") if isinstance(item, dict) else item) for item in value)
    return _joined(value.get("value")) if isinstance(value, dict) else ""


def _detail_text(detail: JsonValue) -> str:
    if not isinstance(detail, dict):
        return ""
    return _joined(detail.get("text") or detail.get("summary"))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
