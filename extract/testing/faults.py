"""What models and servers do wrong, by name. Each fault turns a good answer into a bad one, the same for the same seed.

Content faults damage the text of the answer; a good reader recovers all but `cut_quietly` and those named in `UNSAID`.
Wire faults damage the HTTP answer or the stream.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal, get_args

from ..vocabulary import JsonValue

Content = Callable[[str, random.Random], str]
Wire = Literal[
    "status_400", "status_401", "status_404", "status_429", "status_500", "status_503", "html", "empty_body",
    "wrong_content_type", "list_error", "string_error", "drop_before", "drop_amid", "slow", "drip", "cut", "cut_quietly",
    "refusal", "filter", "no_content", "thinking_only", "call_in_content", "two_calls", "gzip", "error_in_stream",
    "no_done", "done_without_finish", "crlf", "comments", "bom", "no_space", "one_byte", "usage_everywhere", "no_index",
    "json_for_stream", "stream_for_json", "whitespace",
]  # fmt: skip


def _python(text: str) -> str:
    return repr(json.loads(text))


def _unquoted_keys(text: str) -> str:
    return re.sub(r'"([A-Za-z_]\w*)"\s*:', r"\1:", text)


def _decoy(text: str) -> str:
    """Another value of the same keys, as a model writes it while it thinks."""
    value: JsonValue = json.loads(text)
    if isinstance(value, dict):
        value = {key: "draft" if isinstance(part, str) else part for key, part in value.items()}
    return json.dumps(value)


CONTENT: Mapping[str, Content] = MappingProxyType(
    {
        "fence": lambda text, _: f"```json\n{text}\n```",
        "prose": lambda text, _: f"Here is the answer:\n\n{text}\n\nLet me know if you need anything else!",
        "think": lambda text, _: f"<think>Maybe {_decoy(text)}? Let me check.</think>{text}",
        "think_end": lambda text, _: f"Let me see, perhaps {_decoy(text)}.\n</think>\n\n{text}",
        "trailing_comma": lambda text, _: re.sub(r"(\s*[}\]])\s*$", r",\1", text),
        "python": lambda text, _: _python(text),
        "unquoted_keys": lambda text, _: _unquoted_keys(text),
        "comment": lambda text, _: re.sub(r"^(\s*[{\[])", r"\1 // as asked\n", text),
        "double_encoded": lambda text, _: json.dumps(text),
        "wrapped": lambda text, _: f'{{"answer": {text}}}',
        "in_list": lambda text, _: f"[{text}]",
        "full_width": lambda text, _: text.replace('": ', '"：').replace('", ', '"，'),
        "bom": lambda text, _: f"\ufeff{text}",
        "unclosed_fence": lambda text, _: f"```json\n{text}",
    }
)
"""Faults of the text from which the value can be told."""

UNSAID: Mapping[str, Content] = MappingProxyType(
    {
        "prose_only": lambda _text, _: "I am sorry, but I could not find anything like that in the text.",
        "empty": lambda _text, _: "",
        "number_cut": lambda text, dice: text[: dice.randint(1, max(1, len(text) - 1))],
    }
)
"""Faults of the text after which the value is not there any more: only another request helps."""

WIRE: tuple[str, ...] = get_args(Wire)
FAULTS: tuple[str, ...] = (*CONTENT, *UNSAID, *(name for name in WIRE if name not in CONTENT))
"""The names of all faults."""
