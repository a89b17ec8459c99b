"""Server-sent events from bytes, as a pure decoder: any split of the bytes gives the same events.

WHATWG HTML section 9.2 (Server-sent events), read more tolerantly: an event that the end of the stream cuts short of
its blank line is given all the same, since servers do end so. What an event means is not decided here.
"""

from __future__ import annotations

from typing import NamedTuple

BOM = b"\xef\xbb\xbf"
PADDING = " \t\ufeff"
"""What some servers write around the word `data`, where the standard has nothing."""


class SseEvent(NamedTuple):
    """One event.

    Attributes:
        lines: its data lines, in order, decoded; a well-formed event's data is these joined by line feeds.
        name: of the `event:` field; "" where none was given.
        stray: lines that are no known field (a server that writes raw line breaks into its JSON leaves such).
    """

    lines: tuple[str, ...]
    name: str = ""
    stray: tuple[str, ...] = ()

    @property
    def data(self) -> str:
        """The data, as the standard joins it."""
        return self.lines[0] if len(self.lines) == 1 else "\n".join(self.lines)


class SseDecoder:
    """Turns pieces of bytes into events; each byte is looked at once."""

    __slots__ = ("_after_cr", "_data", "_first", "_name", "_open", "_stray")

    def __init__(self) -> None:
        self._open: list[bytes] = []
        self._after_cr = False
        self._first = True
        self._data: list[str] = []
        self._stray: list[str] = []
        self._name = ""

    @property
    def is_between(self) -> bool:
        """Whether an event has just ended and nothing of the next has come."""
        return not (self._open or self._data or self._stray or self._name or self._after_cr or self._first)

    def feed(self, data: bytes) -> tuple[SseEvent, ...]:
        """The events that these bytes complete."""
        events: list[SseEvent] = []
        for line in self._lines(data):
            self._take(line, events)
        return tuple(events)

    def close(self) -> tuple[SseEvent, ...]:
        """The event that the end of the stream left open, if any."""
        events: list[SseEvent] = []
        if rest := b"".join(self._open):
            self._open = []
            self._take(rest, events)
        self._dispatch(events)
        return tuple(events)

    def _lines(self, data: bytes) -> list[bytes]:
        """Whole lines; CRLF, LF and CR end one, also where a piece ends between CR and LF."""
        if self._after_cr and data:
            self._after_cr = False
            if data.startswith(b"\n"):
                data = data[1:]
        if b"\r" in data:
            self._after_cr = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = data.split(b"\n")
        rest = lines.pop()
        if lines and self._open:
            self._open.append(lines[0])
            lines[0] = b"".join(self._open)
            self._open = []
        if rest:
            self._open.append(rest)
        return lines

    def _take(self, line: bytes, events: list[SseEvent]) -> None:
        if self._first:
            self._first = False
            line = line.removeprefix(BOM)
        if not line:
            self._dispatch(events)
        elif line.startswith(b"data:"):
            value = line[6:] if line[5:6] == b" " else line[5:]
            self._data.append(value.decode("utf-8", "replace"))
        elif not line.startswith(b":"):
            self._other(line.decode("utf-8", "replace"))

    def _other(self, line: str) -> None:
        field, colon, value = line.partition(":")
        if field == "event":
            self._name = value.removeprefix(" ")
        elif line == "data" or (colon and field.strip(PADDING).lower() == "data"):
            self._data.append(value.removeprefix(" "))
        elif field not in ("id", "retry"):
            self._stray.append(line)

    def _dispatch(self, events: list[SseEvent]) -> None:
        if self._data or self._stray:
            events.append(SseEvent(tuple(self._data), self._name, tuple(self._stray)))
            self._data = []
            self._stray = []
        self._name = ""
