"""Messages as plain JSON: text, pictures, and the turns of a re-ask. Reading files is not done here."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self, TypeAlias

from ..errors import UsageError
from ..vocabulary import JsonObject, JsonValue

Message: TypeAlias = JsonObject
Detail = Literal["auto", "low", "high"]

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"%PDF-", "application/pdf"),
)


@dataclass(frozen=True, slots=True)
class Image:
    """A picture for a vision model.

    Attributes:
        source: an http(s) or data URL, the picture's bytes, or the `Path` of its file, which is read when it is asked about.
        detail: how closely the model looks (`auto`, `low` or `high`).
        media_type: of bytes, e.g. `image/png`; found from their first bytes when not given.
    """

    source: str | bytes | Path
    detail: Detail = "auto"
    media_type: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.source, str) and not self.source.startswith(("http://", "https://", "data:")):
            raise UsageError(
                f"Image({self.source[:80]!r}): a str is a URL here (http:, https: or data:); for a file give its Path"
            )
        if not isinstance(self.source, str | bytes | Path):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without types
            raise UsageError(f"Image takes a URL, bytes or a Path, not {type(self.source).__name__}")
        if self.detail not in ("auto", "low", "high"):
            raise UsageError(f"Image detail is {self.detail!r}; it must be 'auto', 'low' or 'high'")

    def url(self) -> str:
        """The URL as it is sent: a data URL for bytes."""
        match self.source:
            case str() as url:
                return url
            case bytes() as data:
                return f"data:{self._media_type(data)};base64,{base64.b64encode(data).decode('ascii')}"
            case Path() as path:
                raise unread(path)

    def _media_type(self, data: bytes) -> str:
        found = self.media_type or media_type_of(data)
        if found is None:
            raise UsageError("Image: the bytes are no PNG, JPEG, GIF, WebP or BMP; give media_type=")
        return found

    def part(self) -> JsonObject:
        """The content part."""
        return {"type": "image_url", "image_url": {"url": self.url(), "detail": self.detail}}


def media_type_of(data: bytes) -> str | None:
    """The media type that the first bytes of a picture or PDF tell; None where they tell nothing."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((media_type for signature, media_type in SIGNATURES if data.startswith(signature)), None)


def unread(path: Path) -> UsageError:
    """The error for a file that nobody has read: this floor reads none."""
    return UsageError(f"{path} was not read; hand it to an Extractor, or give its text or bytes")


def text_or_image(data: bytes, name: str) -> str | Image:
    """What the bytes of a file are: a picture by its first bytes, else UTF-8 text.

    Args:
        data: the whole file.
        name: says in an error which file it was.

    Raises:
        UsageError: it is neither.

    """
    media_type = media_type_of(data)
    if media_type is not None and media_type.startswith("image/"):
        return Image(data, media_type=media_type)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = media_type or "neither UTF-8 text nor a picture"
        raise UsageError(f"{name} is {what}; give its text instead") from error


class Parts(tuple["str | Image | Path", ...]):
    """A source made of several parts in order, e.g. `Parts("The receipt:", Path("receipt.png"))`."""

    __slots__ = ()

    def __new__(cls, *parts: str | Image | Path) -> Self:
        """Hold the parts; a `UsageError` for anything else."""
        wrong = [part for part in parts if not isinstance(part, str | Image | Path)]  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without types
        if wrong:
            raise UsageError(f"Parts takes str, Image and Path, not {type(wrong[0]).__name__}: Parts(a, b), no list")
        return super().__new__(cls, parts)

    def __getnewargs__(self) -> tuple[str | Image | Path, ...]:
        return tuple(self)


def content_of(parts: Sequence[str | Image | Path]) -> JsonValue:
    """The `content` of a message: a plain string where it is all text."""
    if all(isinstance(part, str) for part in parts):
        return "\n\n".join(part for part in parts if isinstance(part, str))
    content: list[JsonValue] = [content_part(part) for part in parts]
    return content


def content_part(part: str | Image | Path) -> JsonObject:
    """One part of a message's content."""
    match part:
        case str():
            return {"type": "text", "text": part}
        case Image():
            return part.part()
        case Path():
            raise unread(part)


def system(text: str) -> Message:
    """A system message."""
    return {"role": "system", "content": text}


def user(content: JsonValue) -> Message:
    """A user message."""
    return {"role": "user", "content": content}


def assistant(text: str) -> Message:
    """An assistant message of plain text."""
    return {"role": "assistant", "content": text}


def tool_result(call_id: str, text: str) -> Message:
    """The answer to one tool call."""
    return {"role": "tool", "tool_call_id": call_id, "content": text}


def without_system(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The same conversation for a model that takes no system message: its text goes before the first user turn."""
    systems = [str(message["content"]) for message in messages if message.get("role") == "system"]
    rest = [message for message in messages if message.get("role") != "system"]
    if not systems:
        return tuple(messages)
    text = "\n\n".join(systems)
    for index, message in enumerate(rest):
        if message.get("role") == "user":
            rest[index] = {**message, "content": _before(text, message.get("content"))}
            return tuple(rest)
    return (user(text), *rest)


def _before(text: str, content: JsonValue) -> JsonValue:
    if isinstance(content, list):
        return [{"type": "text", "text": text}, *content]
    return f"{text}\n\n{content or ''}"
