"""Calls and records written as elements: `<function=f><parameter=a>`, `<invoke name="f">`, `<arg_key>`, `<name>Ada</name>`.

The forms are those of the chat templates of Qwen3-Coder, Claude and MiniMax, GLM-4.5 and DeepSeek V3.2 (their model
cards on huggingface.co).
"""

from __future__ import annotations

import re
from html import unescape as unescape_entities
from typing import TYPE_CHECKING, Final

from ..vocabulary import JsonValue
from .candidate import Candidate, Hints
from .lines import fold, scalar
from .record import repair_of
from .strict import loads

if TYPE_CHECKING:
    from collections.abc import Iterator

CALL_START: Final = (
    r"<function=(?P<function>[\w.-]{1,80})>\s{0,40}<parameter="
    r"|<(?:[\w｜|:]{0,20})invoke\s{1,9}name=[\"'](?P<invoked>[\w.-]{1,80})[\"']\s{0,9}>"
    r"|<tool_call>\s{0,9}(?P<called>[\w.-]{1,80})\s{0,9}(?=<arg_key>)"
)
CALL_END: Final = re.compile(r"</function>|</[\w｜|:]{0,20}invoke>|</tool_call>")
PARAMETER: Final = re.compile(
    r"<parameter=(?P<a>[\w.-]{1,80})>\n?(?P<av>[\s\S]*?)\n?(?P<ae></parameter>|(?=<parameter=|</function>)|\Z)"
    r"|<(?P<tag>[\w｜|:]{0,20}parameter)\s{1,9}name=[\"'](?P<b>[^\"'<>\n]{1,80})[\"'][^<>\n]{0,80}>(?P<bv>[\s\S]*?)(?P<be></(?P=tag)>|\Z)"
    r"|<arg_key>\s{0,9}(?P<c>[^<>\n]{1,80}?)\s{0,9}</arg_key>\s{0,40}<arg_value>(?P<cv>[\s\S]*?)(?P<ce></arg_value>|\Z)"
)
ELEMENT: Final = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z_][\w.-]{0,60})(?P<rest>[^<>\n]{0,200}?)(?P<alone>/?)>")
MAX_LEVELS: Final = 40


def read_call(text: str, found: re.Match[str]) -> tuple[int, Candidate | None]:
    """The call that begins at a match of `CALL_START`, and where reading goes on."""
    name = found["function"] or found["invoked"] or found["called"]
    ended = CALL_END.search(text, found.end())
    end = len(text) if ended is None else ended.start()
    arguments: dict[str, JsonValue] = {}
    repairs = [repair_of((), "markup", found[0], None)]
    is_cut = ended is None
    start = found.start() if found["function"] else found.end()
    for parameter in PARAMETER.finditer(text, start, end):
        kind = next(kind for kind in "abc" if parameter[kind] is not None)
        key, written = parameter[kind], parameter[f"{kind}v"]
        if key in arguments:
            repairs.append(repair_of(("arguments", key), "duplicate_key", arguments[key], written))
        if is_cut and not parameter[f"{kind}e"]:
            repairs.append(repair_of(("arguments", key), "cut_string", written[-40:], None))
            arguments[key] = written
        else:
            arguments[key] = read_parameter(written)
    value: JsonValue = {"name": name, "arguments": arguments}
    after = len(text) if ended is None else ended.end()
    if is_cut:
        repairs.append(repair_of(("arguments",), "cut_container", None, None))
    return after, Candidate(
        value, tuple(repairs), found.start(), after, is_cut, ("arguments",) if is_cut else None, "markup"
    )


def read_parameter(written: str) -> JsonValue:
    """A parameter's value: JSON where it is JSON, else text."""
    try:
        return loads(written.strip(), exact=True)
    except ValueError:
        return written


class Open:
    """An element that is not closed yet."""

    __slots__ = ("children", "name", "start")

    def __init__(self, name: str, start: int) -> None:
        self.name = name
        self.start = start
        self.children: list[tuple[str, JsonValue]] = []


def read_elements(text: str, hints: Hints) -> JsonValue | None:
    """The record that elements with known names stand for; None where the text is none, or an element is not closed."""
    known = frozenset(fold(key) for key in hints.keys)
    if not known or ("</" not in text and "/>" not in text):
        return None
    root = Open("", 0)
    stack = [root]
    for found in ELEMENT.finditer(text):
        if len(stack) > MAX_LEVELS:
            return None
        if not found["end"]:
            element = Open(found["name"], found.end())
            element.children += attributes(found["rest"], known)
            if not found["alone"]:
                stack.append(element)
            elif element.children:
                stack[-1].children.append((element.name, whole(element.children, known, element.name)))
            else:
                return None
            continue
        if len(stack) == 1 or stack[-1].name != found["name"]:
            return None
        element = stack.pop()
        if element.children:
            stack[-1].children.append((element.name, whole(element.children, known, element.name)))
        else:
            written = unescape_entities(text[element.start : found.start()])
            stack[-1].children.append((element.name, scalar(written) if "\n" not in written.strip() else written))
    if len(stack) > 1 or not root.children:
        return None
    if not any(fold(name) in known for name in names_in(root.children)):
        return None
    only = root.children[0]
    if len(root.children) == 1 and fold(only[0]) not in known:
        return only[1] if isinstance(only[1], (dict, list)) else None
    return whole(root.children, known, "")


ATTRIBUTE: Final = re.compile(r"([A-Za-z_][\w.-]{0,60})\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)')")


def attributes(written: str, known: frozenset[str]) -> list[tuple[str, JsonValue]]:
    """The attributes of an element that have known names."""
    if "=" not in written:
        return []
    found = [(one[1], one[2] if one[2] is not None else one[3]) for one in ATTRIBUTE.finditer(written)]
    return [(name, scalar(unescape_entities(value))) for name, value in found if fold(name) in known]


def names_in(children: list[tuple[str, JsonValue]]) -> Iterator[str]:
    """The names of elements, and of those one level down, of every item of a list."""
    for name, value in children:
        yield name
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                yield from part


def whole(children: list[tuple[str, JsonValue]], known: frozenset[str], name: str) -> JsonValue:
    """Elements as an object; as a list where one name stands for every item."""
    names = [child for child, _ in children]
    if len(set(names)) == 1 and (len(names) > 1 or (fold(names[0]) not in known and name)):
        return [value for _, value in children]
    out: dict[str, JsonValue] = {}
    for child, value in children:
        if names.count(child) == 1:
            out[child] = value
        else:
            held = out.setdefault(child, [])
            if isinstance(held, list):
                held.append(value)
    return out
