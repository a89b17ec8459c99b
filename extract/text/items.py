"""The items of a list that arrives in pieces, each as its raw text as soon as it ends, in the memory of one item.

Nothing is parsed here but brackets and quotes: what an item holds, and whether it is broken, is decided item by item
elsewhere. The list may stand bare, in an object around it, or as objects one after another; reasoning and prose before
it are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from .incremental import wait
from .reasoning import CLOSING, OPENING, closing_of, opens_at

START: Final = re.compile(r"(?<!\\)[{\[]")
HEAD: Final = re.compile(r"""\{\s*(?:["']?((?:[^"'\\:{}\[\]]|\\.)*)["']?\s*:\s*(\S)|(\}))""")
OUTSIDE: Final = re.compile(r'["{}\[\]]')
INSIDE: Final = re.compile(r'["\\]')
REST: Final = re.compile(r"(?:[^\"\\]++|\\.)*+", re.DOTALL)
"""What is left of a text, up to its quote."""
RUN: Final = re.compile(r'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
"""What stands before the next bracket, texts and all, or before a text that has not ended."""
ATOM_END: Final = re.compile(r"[,\]\s]")
GAP: Final = re.compile(r"[\s,]*")
LONGEST_HEAD: Final = 2000


class ItemSplitter:
    """Cuts a growing text into the raw texts of a list's items.

    Args:
        names: keys of an item that is an object; an object that begins with another key and a list is what holds the list.

    Attributes:
        is_found: the list, or its first item, has begun.
        is_closed: the list has ended; what follows is of no account.

    """

    def __init__(self, names: frozenset[str] = frozenset()) -> None:
        self.is_found = False
        self.is_closed = False
        self._names = names
        self._pending = ""
        self._items: list[str] = []
        self._open: list[str] = []
        self._depth = 0
        self._in_text = False
        self._is_bare = False
        self._closing = CLOSING
        self._read: Callable[[str, int], int] = self._seek

    @property
    def tail(self) -> str:
        """The raw text of the item that is open."""
        return "".join(self._open) + (self._pending if self._open else "")

    def feed(self, text: str) -> list[str]:
        """The items that this piece completes."""
        self._items = []
        text = self._pending + text
        self._pending = ""
        at, end = 0, len(text)
        while at < end and not self.is_closed:
            at = self._read(text, at)
            if at < 0:  # more is needed to go on from there
                self._pending = text[~at:]
                break
        return self._items

    # --- where the list begins

    def _seek(self, text: str, at: int) -> int:
        start, opened = START.search(text, at), OPENING.search(text, at)
        if opened is not None and (start is None or opened.start() <= start.start()):
            self._closing = closing_of(opened)
            self._read = self._reasoning
            return opened.end()
        if start is None or opens_at(text, start.start()):
            return wait(text, at)
        if start[0] == "[":
            return self._begin_list(start.end())
        self._read = self._head
        return start.start()

    def _reasoning(self, text: str, at: int) -> int:
        closed = self._closing.search(text, at)
        if closed is None:
            return wait(text, at)
        self._read = self._seek
        return closed.end()

    def _head(self, text: str, at: int) -> int:
        """The first object: an item, or what holds the list."""
        found = HEAD.match(text, at)
        if found is None and len(text) - at < LONGEST_HEAD:
            return ~at
        key, first = (found[1], found[2]) if found is not None else (None, None)
        if key is not None and key not in self._names:
            if first == "[" and found is not None:
                return self._begin_list(found.end())
            if self._names:
                self._read, self._in_text = self._around, False
                return at + 1
        self._is_bare = self.is_found = True
        return self._begin_item(text, at)

    def _around(self, text: str, at: int) -> int:
        """Inside an object that holds the list: its first bracket outside of texts."""
        found = (INSIDE if self._in_text else OUTSIDE).search(text, at)
        if found is None:
            return len(text)
        if found[0] == "\\":
            return found.end() + 1 if found.end() < len(text) else ~found.start()
        if found[0] == '"':
            self._in_text = not self._in_text
        elif found[0] == "[":
            return self._begin_list(found.end())
        return found.end()

    def _begin_list(self, after: int) -> int:
        self.is_found = True
        self._read = self._between
        return after

    # --- items

    def _between(self, text: str, at: int) -> int:
        """Between two items."""
        gap = GAP.match(text, at)
        at = gap.end() if gap is not None else at
        if at >= len(text):
            return at
        if text[at] == "]":
            self.is_closed = True
            return at + 1
        return self._begin_item(text, at)

    def _bare(self, text: str, at: int) -> int:
        """Between two objects that no list holds."""
        found = START.search(text, at)
        if found is None:
            return len(text)
        return self._begin_item(text, found.start())

    def _begin_item(self, text: str, at: int) -> int:
        char = text[at]
        self._open = [char]
        self._depth, self._in_text = (1, False) if char in "{[" else (0, char == '"')
        self._read = self._deep if char in '{["' else self._atom
        return at + 1

    def _deep(self, text: str, at: int) -> int:
        """Inside an item that ends with a bracket or a quote."""
        end = (REST if self._in_text else RUN).match(text, at).end()  # type: ignore[union-attr]  # it matches everywhere
        if end == len(text):
            self._open.append(text[at:])
            return end
        char = text[end]
        if char == "\\":  # its character has not come
            self._open.append(text[at:end])
            return ~end
        if char == '"':
            self._in_text = not self._in_text
        else:
            self._depth += 1 if char in "{[" else -1
        self._open.append(text[at : end + 1])
        if self._depth <= 0 and not self._in_text:
            self._end_item()
        return end + 1

    def _atom(self, text: str, at: int) -> int:
        """Inside a number or a word."""
        found = ATOM_END.search(text, at)
        if found is None:
            self._open.append(text[at:])
            return len(text)
        self._open.append(text[at : found.start()])
        self._end_item()
        return found.start()

    def _end_item(self) -> None:
        self._items.append("".join(self._open))
        self._open = []
        self._read = self._bare if self._is_bare else self._between
