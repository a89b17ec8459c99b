"""Whether a server read the whole prompt, judged by its own count of tokens against the least that the text can have.

Ollama at its default context answers 200 to a prompt that it cut (github ollama/ollama, docs/faq.mdx, read 2026-11-23).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ..chat.endpoint import Endpoint
from ..chat.reply import Usage
from ..chat.request import Request
from ..vocabulary import JsonValue

SMALLEST: Final = 1000
"""Prompts whose least size is below this many tokens are not judged."""
WINDOWS: Final = tuple(2**power for power in range(10, 19))
NEAR: Final = 0.03
"""How far below a power of two a count may lie to look like a full window."""
DENSE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
"""Scripts in which a token is at most some two characters."""
WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")


def least_tokens(text: str) -> int:
    """A lower bound of the tokens in a text, by script: words, digits and ideographs each have a least share."""
    dense = len(DENSE.findall(text))
    words = WORD.findall(text)
    letters = sum(map(len, words))
    digits = sum(map(str.isdigit, text))
    # A frequent word is one token with its blank, a long one at least one for each 16 letters.
    return int(dense / 3 + max(len(words) * 0.6, letters / 16) + digits / 4)


def unread_tokens(request: Request, usage: Usage | None, row: Endpoint) -> tuple[int, int] | None:
    """Tokens that were read and the least that were sent, where the server must have cut the prompt; else None."""
    read = usage.prompt_tokens if usage is not None else None
    if not read or not (row.silent_truncation or _looks_full(read)):
        return None
    least = sum(map(least_tokens, _texts(request.body)))
    return (read, least) if read < least and least >= SMALLEST else None


def _looks_full(tokens: int) -> bool:
    return any((1 - NEAR) * window <= tokens <= window for window in WINDOWS)


def _texts(body: Mapping[str, JsonValue]) -> list[str]:
    messages = body.get("messages")
    contents = (
        [message.get("content") for message in messages if isinstance(message, dict)]
        if isinstance(messages, list)
        else []
    )
    parts = [part for content in contents for part in (content if isinstance(content, list) else [content])]
    texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
    return [text for text in texts if isinstance(text, str)]
