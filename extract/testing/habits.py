"""What an endpoint refuses or ignores, by word: for trying out how a pipeline steps down without the provider.

The words of the refusals are those of real providers, read 2026-11-23 (DeepSeek, SiliconFlow, OpenAI).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ..vocabulary import JsonObject, JsonValue
from .say import Say, json_say


@dataclass(frozen=True, slots=True)
class Habit:
    """One thing that a request may ask for.

    Attributes:
        meaning: one line.
        is_asked: whether a body asks for it.
        without: the body as it is heard where it is ignored.
        refusal: the error where it is refused.
    """

    meaning: str
    is_asked: Callable[[JsonObject], bool]
    without: Callable[[JsonObject], JsonObject]
    refusal: JsonObject


def _format(kind: str) -> Callable[[JsonObject], bool]:
    def is_asked(body: JsonObject) -> bool:
        form = body.get("response_format")
        return isinstance(form, dict) and form.get("type") == kind

    return is_asked


def _without(*fields: str, **instead: JsonValue) -> Callable[[JsonObject], JsonObject]:
    return lambda body: {name: value for name, value in body.items() if name not in fields} | instead


def _error(message: str, parameter: str | None = None) -> JsonObject:
    return {"error": {"message": message, "type": "invalid_request_error", "param": parameter, "code": None}}


def _is_strict(body: JsonObject) -> bool:
    form, tools = body.get("response_format"), body.get("tools")
    held = [form.get("json_schema") if isinstance(form, dict) else None]
    held += [tool.get("function") for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    return any(isinstance(part, dict) and part.get("strict") is True for part in held)


def _has_image(body: JsonObject) -> bool:
    messages = body.get("messages")
    contents = (
        [message.get("content") for message in messages if isinstance(message, dict)]
        if isinstance(messages, list)
        else []
    )
    parts = [part for content in contents if isinstance(content, list) for part in content]
    return any(isinstance(part, dict) and part.get("type") == "image_url" for part in parts)


_CHOICE = _error("Thinking mode does not support this tool_choice")
HABITS: Mapping[str, Habit] = MappingProxyType(
    {
        "json_schema": Habit(
            "response_format of type json_schema",
            _format("json_schema"),
            _without("response_format"),
            _error("This response_format type is unavailable now"),
        ),
        "json_object": Habit(
            "response_format of type json_object",
            _format("json_object"),
            _without("response_format"),
            {"code": 20024, "message": "Json mode is not supported for this model.", "data": None},
        ),
        "tools": Habit(
            "function tools",
            lambda body: "tools" in body,
            _without("tools", "tool_choice"),
            {"code": 20037, "message": "Function call is not supported for this model.", "data": None},
        ),
        "named": Habit(
            "tool_choice that names the function",
            lambda body: isinstance(body.get("tool_choice"), dict),
            _without("tools", "tool_choice"),
            _CHOICE,
        ),
        "required": Habit(
            "tool_choice required",
            lambda body: body.get("tool_choice") == "required",
            _without("tools", "tool_choice"),
            _CHOICE,
        ),
        "any": Habit(
            "tool_choice any", lambda body: body.get("tool_choice") == "any", _without("tools", "tool_choice"), _CHOICE
        ),
        "auto": Habit(
            "calling a function that is only offered",
            lambda body: body.get("tool_choice") in (None, "auto") and "tools" in body,
            _without("tools", "tool_choice"),
            _CHOICE,
        ),
        "strict": Habit(
            "strict schemas",
            _is_strict,
            _without(),
            _error("Unsupported value: 'strict' is not supported with this model."),
        ),
        "stream": Habit(
            "streaming",
            lambda body: body.get("stream") is True,
            _without("stream"),
            _error("Unsupported parameter: 'stream' is not supported with this model.", "stream"),
        ),
        "stream_options": Habit(
            "usage in streams",
            lambda body: "stream_options" in body,
            _without(stream_options={"include_usage": False}),
            _error("Unsupported parameter: 'stream_options' is not supported with this model.", "stream_options"),
        ),
        "n": Habit(
            "more than one choice",
            lambda body: body.get("n") not in (None, 1),
            _without("n"),
            _error("Unsupported parameter: 'n' is not supported with this model.", "n"),
        ),
        "images": Habit(
            "pictures",
            _has_image,
            _without(),
            {"code": 20041, "message": "The model is not a VLM (Vision Language Model). Please use text-only prompts."},
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Habits:
    """What one endpoint refuses, and what it ignores: words of `HABITS`."""

    refuses: Collection[str] = ()
    ignores: Collection[str] = ()

    def __post_init__(self) -> None:
        if unknown := {*self.refuses, *self.ignores} - set(HABITS):
            raise ValueError(f"no such habit: {', '.join(sorted(unknown))}; there are {', '.join(HABITS)}")

    def refusal(self, body: JsonObject) -> Say | None:
        """The error that a body meets, if any."""
        met = (HABITS[word] for word in self.refuses if HABITS[word].is_asked(body))
        return next((json_say(400, habit.refusal) for habit in met), None)

    def heard(self, body: JsonObject) -> JsonObject:
        """The body without what is ignored."""
        for word in self.ignores:
            if HABITS[word].is_asked(body):
                body = HABITS[word].without(body)
        return body
