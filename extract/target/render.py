"""A JSON Schema as a model reads it best and cheapest: TypeScript-like, one property a line, the rest as comments.

    type Part = {
      name: string // as printed on the label; 1..40 characters
      parts?: Part[]
    }

`?` is an absent key, `//` a description or a constraint. Properties keep their order. Definitions that are used once
stand where they are used; the others, and recursive ones, have a name. Nothing is validated here: whatever is no
schema is `any`.
"""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import unquote

from ..vocabulary import JsonObject, JsonValue
from .nodes import DEFINITIONS, subschemas, types_of, walk

INDENT: Final = "  "
LINE_CHARS: Final = 60
"""An object without comments stands on one line up to this length."""
DEEPEST: Final = 80
"""Levels of nesting that are written out; what lies deeper is `any`."""
EXAMPLE_CHARS: Final = 40
"""Longest example that is shown."""

_FORMATS: Final[Mapping[str, str]] = {
    "date": "date YYYY-MM-DD",
    "date-time": "date-time ISO 8601",
    "time": "time HH:MM:SS",
    "duration": "duration ISO 8601",
}
_RANGES: Final = (
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " items"),
    ("minProperties", "maxProperties", " keys"),
)
_SHAPES: Final = ("properties", "additionalProperties", "patternProperties")


class Shown(NamedTuple):
    """One schema rendered.

    Attributes:
        text: its type, maybe over several lines, the first without indentation.
        notes: what the type alone does not say: for the comment of whoever holds it.
        is_union: whether it needs parentheses before `[]` or beside `&`.

    """

    text: str
    notes: tuple[str, ...] = ()
    is_union: bool = False


ANY: Final = Shown("any")
NEVER: Final = Shown("never")


@dataclass(frozen=True, slots=True)
class _View:
    """What every node needs to know of the whole.

    Attributes:
        root: the schema that pointers start from.
        anchors: references that are no pointers (`#part`), with the pointers they stand for.
        names: the pointers (`/$defs/Part`, "" for the root) that have a name of their own.

    """

    root: JsonObject
    anchors: Mapping[str, str]
    names: Mapping[str, str]


def render(schema: JsonObject) -> str:
    """The schema as TypeScript-like text for a prompt; never raises, linear in the size of the schema."""
    anchors = _anchors(schema)
    view = _View(schema, anchors, _names(schema, anchors))
    parts = [
        _declaration(name, _node(_resolve(schema, pointer), view, 0)) for pointer, name in view.names.items() if pointer
    ]
    root = _node(schema, view, 0)
    parts.append(_declaration(view.names[""], root) if "" in view.names else _line("", root, ""))
    return "\n".join(parts)


def line_renderer(root: JsonObject) -> Callable[[JsonValue], str]:
    """What renders one schema inside `root` in one line: types that `root` names stand there by their name."""
    anchors = _anchors(root)
    view = _View(root, anchors, _names(root, anchors))

    def render_line(schema: JsonValue) -> str:
        shown = _node(schema, view, 0)
        return " ".join(_line("", shown, "").split())

    return render_line


def _declaration(name: str, shown: Shown) -> str:
    return _line(f"type {name} = ", shown, "")


# References -----------------------------------------------------------------------------------------------------------


def _anchors(schema: JsonObject) -> dict[str, str]:
    """Every `$anchor` and `$id`, as it is referred to, with its pointer."""
    found: dict[str, str] = {}
    for node in walk(schema):
        if isinstance(node.schema, dict) and node.place:
            pointer = "".join(f"/{_escape(str(step))}" for step in node.place)
            anchor, name = node.schema.get("$anchor"), node.schema.get("$id")
            if isinstance(anchor, str):
                found["#" + anchor] = pointer
            if isinstance(name, str):
                found[name] = pointer
    return found


def _pointer(reference: JsonValue, anchors: Mapping[str, str]) -> str | None:
    """The JSON pointer behind a local reference; None for any other."""
    if not isinstance(reference, str):
        return None
    if reference == "#" or reference.startswith("#/"):
        return unquote(reference[1:])
    return anchors.get(reference)


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _steps(pointer: str) -> list[str]:
    return [raw.replace("~1", "/").replace("~0", "~") for raw in pointer.split("/")[1:]]


def _resolve(root: JsonObject, pointer: str) -> JsonValue:
    """What the pointer leads to; None where it leads nowhere."""
    value: JsonValue = root
    for step in _steps(pointer):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _references(start: JsonValue) -> Iterator[JsonValue]:
    """Every `$ref` in a schema that would be written out: not in its definitions."""
    stack = [start]
    while stack:
        schema = stack.pop()
        if isinstance(schema, dict):
            if "$ref" in schema:
                yield schema["$ref"]
            below = [member for place, member in subschemas(schema) if place[0] not in DEFINITIONS]
            stack.extend(reversed(below))


def _names(schema: JsonObject, anchors: Mapping[str, str]) -> dict[str, str]:
    """A name for each pointer that would be written out more than once, in order of first use.

    A circle is entered from outside, so that one of its members is always used twice; the root, and whatever is no
    definition, is written out in its own place too.
    """
    uses: Counter[str] = Counter()
    queue: deque[JsonValue] = deque([schema])
    while queue:
        for reference in _references(queue.popleft()):
            pointer = _pointer(reference, anchors)
            if pointer is None:
                continue
            if pointer not in uses:
                uses[pointer] = 0 if _is_definition(pointer) else 1
                if pointer:
                    queue.append(_resolve(schema, pointer))
            uses[pointer] += 1
    taken: dict[str, str] = {}
    for pointer, count in uses.items():
        if count > 1 and isinstance(_resolve(schema, pointer), dict):
            taken[_unique(_name(pointer), taken)] = pointer
    return {pointer: name for name, pointer in taken.items()}


def _is_definition(pointer: str) -> bool:
    steps = _steps(pointer)
    return len(steps) > 1 and steps[-2] in DEFINITIONS


def _name(pointer: str) -> str:
    last = _steps(pointer)[-1] if pointer else "Root"
    name = re.sub(r"\W+", "_", last).strip("_") or "Type"
    return f"T{name}" if name[0].isdigit() else name


def _unique(name: str, taken: Mapping[str, str]) -> str:
    number = 2
    unique = name
    while unique in taken:
        unique = f"{name}{number}"
        number += 1
    return unique


# One schema -----------------------------------------------------------------------------------------------------------


def _node(schema: JsonValue, view: _View, depth: int) -> Shown:
    """A schema in full: its type, and beside it what a reference, a union or an intersection adds."""
    if schema is False:
        return NEVER
    if not isinstance(schema, dict) or depth > DEEPEST:
        return ANY
    parts = [part for part in _parts(schema, view, depth) if part != ANY]
    shown = _join(parts, " & ") if parts else ANY
    return shown._replace(notes=_notes(schema, view, depth) + shown.notes)


def _parts(schema: JsonObject, view: _View, depth: int) -> Iterator[Shown]:
    """The types that all hold at once."""
    if "$ref" in schema:
        yield _referred(schema["$ref"], view, depth)
    if "const" in schema:
        yield Shown(_json(schema["const"]))
    elif isinstance(schema.get("enum"), list):
        yield _enum(schema["enum"])
    else:
        yield _typed(schema, view, depth)
    for word in ("anyOf", "oneOf"):
        yield _union(schema.get(word), view, depth)
    members = schema.get("allOf")
    for member in members if isinstance(members, list) else ():
        yield _node(member, view, depth + 1)


def _referred(reference: JsonValue, view: _View, depth: int) -> Shown:
    pointer = _pointer(reference, view.anchors)
    if pointer is None:
        return ANY
    if pointer in view.names:
        return Shown(view.names[pointer])
    return _node(_resolve(view.root, pointer), view, depth + 1)


def _enum(values: JsonValue) -> Shown:
    listed = values if isinstance(values, list) else []
    return Shown(" | ".join(map(_json, listed)) or "never", is_union=len(listed) > 1)


def _union(members: JsonValue, view: _View, depth: int) -> Shown:
    """`A | B`; members that only demand keys are a note, not a type (see `_notes`)."""
    if not isinstance(members, list) or not members or _demands(members):
        return ANY
    shown = [_node(member, view, depth + 1) for member in members]
    if len(shown) > 1 and all(one.text == ANY.text for one in shown):
        return ANY._replace(notes=_unioned_notes(shown))
    return _join(shown, " | ")


def _join(shown: Sequence[Shown], sign: str) -> Shown:
    """Several types as one; a note says which member it is about, where that is not the only one."""
    if len(shown) == 1:
        return shown[0]
    is_union = sign == " | "
    texts = list(
        dict.fromkeys(
            one.text if is_union or not one.is_union else f"({one.text})"
            for one in shown
            if is_union or one.text != ANY.text
        )
    ) or [ANY.text]
    notes = _unioned_notes(shown) if is_union else tuple(note for one in shown for note in one.notes)
    return Shown(sign.join(texts), notes, is_union=is_union and len(texts) > 1)


def _unioned_notes(shown: Sequence[Shown]) -> tuple[str, ...]:
    noted = [one for one in shown if one.notes]
    others = [one for one in shown if one.text != "null"]
    if len(noted) == 1 and noted == others:
        return noted[0].notes
    return tuple(f"{_short(one.text)}: {', '.join(one.notes)}" for one in noted)


def _short(text: str) -> str:
    """A type in a comment: its first key stands for an object."""
    line = " ".join(text.split())
    return line if len(line) <= EXAMPLE_CHARS else line[: EXAMPLE_CHARS - 1] + "…"


def _typed(schema: JsonObject, view: _View, depth: int) -> Shown:
    names = types_of(schema) or _guessed_types(schema)
    shown = [_of_type(name, schema, view, depth) for name in names]
    return _join(shown, " | ") if shown else ANY


def _guessed_types(schema: JsonObject) -> tuple[str, ...]:
    """The type that the keywords of an untyped schema speak of."""
    if any(key in schema for key in _SHAPES):
        return ("object",)
    return ("array",) if "items" in schema or "prefixItems" in schema else ()


def _of_type(name: str, schema: JsonObject, view: _View, depth: int) -> Shown:
    match name:
        case "object":
            return _object(schema, view, depth)
        case "array":
            return _array(schema, view, depth)
        case _:
            return Shown(name)


def _array(schema: JsonObject, view: _View, depth: int) -> Shown:
    items = schema.get("items")
    first = items if isinstance(items, list) else schema.get("prefixItems")
    rest = schema.get("additionalItems" if isinstance(items, list) else "items")
    if isinstance(first, list):
        return _tuple(first, rest, schema, view, depth)
    item = _node(items, view, depth + 1)
    text = f"({item.text})[]" if item.is_union or " & " in item.text else f"{item.text}[]"
    return Shown(text, _each(item.notes))


def _tuple(
    first: list[JsonValue],
    rest: JsonValue,
    schema: JsonObject,
    view: _View,
    depth: int,
) -> Shown:
    shown = [_node(member, view, depth + 1) for member in first]
    texts = [one.text for one in shown]
    notes = [f"[{i}]: {', '.join(one.notes)}" for i, one in enumerate(shown) if one.notes]
    is_bounded = schema.get("maxItems") == len(first)
    if rest is not False and not is_bounded and (rest is not None or not first):
        more = _node(rest, view, depth + 1)
        texts.append(f"...({more.text})[]" if more.is_union else f"...{more.text}[]")
        notes += _each(more.notes)
    return Shown(f"[{', '.join(texts)}]", tuple(notes))


def _each(notes: tuple[str, ...]) -> tuple[str, ...]:
    return (f"each: {', '.join(notes)}",) if notes else ()


# Objects --------------------------------------------------------------------------------------------------------------


def _object(schema: JsonObject, view: _View, depth: int) -> Shown:
    properties = schema.get("properties")
    named = properties if isinstance(properties, dict) else {}
    rest = schema.get("additionalProperties")
    patterns = schema.get("patternProperties")
    if not named and not isinstance(patterns, dict):
        return _record(schema, rest, view, depth)
    required = schema.get("required")
    needed = set(map(str, required)) if isinstance(required, list) else set[str]()
    members = [
        (_key(key) + ("" if key in needed else "?"), _node(value, view, depth + 1), value)
        for key, value in named.items()
    ]
    rows = [(f"{key}: ", _with_default(shown, value)) for key, shown, value in members]
    if isinstance(patterns, dict):
        rows += [(f"[key: /{pattern}/]: ", _node(value, view, depth + 1)) for pattern, value in patterns.items()]
    if isinstance(rest, dict) or rest is True:
        rows.append(("[other: string]: ", _node(rest, view, depth + 1)))
    return Shown(_braces(rows))


def _record(schema: JsonObject, rest: JsonValue, view: _View, depth: int) -> Shown:
    """An object without known keys."""
    if rest is False:
        return Shown("{}")
    value = _node(rest, view, depth + 1)
    keys = _node(schema.get("propertyNames"), view, depth + 1)
    key = "string" if keys == ANY or not keys.text else keys.text
    if key == ANY.text:
        key = "string"
    notes = (f"keys: {', '.join(keys.notes)}",) if keys.notes else ()
    return Shown(f"Record<{key}, {value.text}>", notes + _each(value.notes))


def _braces(rows: Sequence[tuple[str, Shown]]) -> str:
    is_plain = not any(shown.notes or "\n" in shown.text for _, shown in rows)
    if is_plain:
        line = f"{{ {', '.join(start + shown.text for start, shown in rows)} }}"
        if len(line) <= LINE_CHARS:
            return line
    lines = [_line(start, shown, INDENT) for start, shown in rows]
    return "\n".join(["{", *lines, "}"])


def _line(start: str, shown: Shown, indent: str) -> str:
    """`name: type // notes`, with the notes where they are read first: behind an opening brace, else at the end."""
    text = shown.text.replace("\n", "\n" + indent)
    note = "; ".join(dict.fromkeys(shown.notes))
    if not note:
        return f"{indent}{start}{text}"
    if "\n" not in text:
        return f"{indent}{start}{text} // {note}"
    if text.startswith("{\n"):
        return f"{indent}{start}{{ // {note}{text[1:]}"
    return f"{indent}// {note}\n{indent}{start}{text}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_$][\w$]*", name) else _json(name)


def _with_default(shown: Shown, schema: JsonValue) -> Shown:
    if isinstance(schema, dict) and schema.get("default") not in (None, [], {}):
        return shown._replace(notes=(*shown.notes, f"default {_json(schema['default'])}"))
    return shown


# Notes ----------------------------------------------------------------------------------------------------------------


def _notes(schema: JsonObject, view: _View, depth: int) -> tuple[str, ...]:
    """Description and constraints, in the order in which they are read."""
    return (
        *_description(schema),
        *_numbers(schema),
        *_sizes(schema),
        *_texts(schema),
        *_conditions(schema, view, depth),
        *_examples(schema),
    )


def _description(schema: JsonObject) -> Iterator[str]:
    for key in ("description", "$comment"):
        text = schema.get(key)
        if isinstance(text, str) and text.strip():
            yield " ".join(text.split()).rstrip(".")
            return


def _numbers(schema: JsonObject) -> Iterator[str]:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        yield f"{_json(low)}..{_json(high)}"
        low = high = None
    signs = ((">=", low), (">", above), ("<=", high), ("<", below))
    for sign, bound in signs:
        if bound is not None and not isinstance(bound, bool):
            yield f"{sign} {_json(bound)}"
    if "multipleOf" in schema:
        yield f"multiple of {_json(schema['multipleOf'])}"


def _sizes(schema: JsonObject) -> Iterator[str]:
    for least, most, unit in _RANGES:
        low, high = schema.get(least), schema.get(most)
        if "prefixItems" in schema and unit == " items" and low == high:
            continue
        if low is not None and low == high:
            yield f"exactly {_json(low)}{unit}"
        elif low is not None and high is not None:
            yield f"{_json(low)}..{_json(high)}{unit}"
        elif high is not None:
            yield f"at most {_json(high)}{unit}"
        elif low is not None and low != 0:
            yield f"at least {_json(low)}{unit}"
    if schema.get("uniqueItems") is True:
        yield "no repeats"


def _texts(schema: JsonObject) -> Iterator[str]:
    form = schema.get("format")
    if isinstance(form, str):
        yield _FORMATS.get(form, form)
    if isinstance(schema.get("pattern"), str):
        yield f"matches /{schema['pattern']}/"
    for key in ("contentEncoding", "contentMediaType"):
        if isinstance(schema.get(key), str):
            yield str(schema[key])


def _conditions(schema: JsonObject, view: _View, depth: int) -> Iterator[str]:
    for word in ("anyOf", "oneOf"):
        members = schema.get(word)
        if isinstance(members, list) and _demands(members):
            needs = [_listed(member) for member in members]
            yield ("needs " if word == "anyOf" else "needs one of: ") + " or ".join(needs)
    if "not" in schema:
        yield f"not {_inline(schema['not'], view, depth)}"
    if "if" in schema:
        yield f"if {_inline(schema['if'], view, depth)}"
        for word in ("then", "else"):
            if word in schema:
                yield f"{word} {_inline(schema[word], view, depth)}"
    if "contains" in schema:
        yield f"contains {_inline(schema['contains'], view, depth)}"
    for word in ("dependentRequired", "dependencies"):
        needed = schema.get(word)
        for key, keys in needed.items() if isinstance(needed, dict) else ():
            if isinstance(keys, list):
                yield f"{key} needs {', '.join(map(str, keys))}"
    needs_all = schema.get("required")
    if isinstance(needs_all, list) and not isinstance(schema.get("properties"), dict) and needs_all:
        yield f"needs {', '.join(map(str, needs_all))}"


def _demands(members: Sequence[JsonValue]) -> bool:
    """Whether the members of a union only demand keys."""
    return all(isinstance(member, dict) and set(member) == {"required"} for member in members)


def _listed(member: JsonValue) -> str:
    names = member.get("required") if isinstance(member, dict) else None
    return " and ".join(map(str, names)) if isinstance(names, list) else "any"


def _inline(schema: JsonValue, view: _View, depth: int) -> str:
    """A schema within a comment: one line."""
    shown = _node(schema, view, depth + 1)
    text = " ".join([shown.text, *(f"({note})" for note in shown.notes)])
    return " ".join(re.sub(r"^any (?=\()", "", text).split())


def _examples(schema: JsonObject) -> Iterator[str]:
    values = schema.get("examples")
    if not isinstance(values, list):
        return
    shown = [text for text in map(_json, values[:2]) if len(text) <= EXAMPLE_CHARS]
    if shown:
        yield f"e.g. {', '.join(shown)}"


def _json(value: JsonValue) -> str:
    """A value in JSON, one space after commas and colons, letters as they are."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return repr(value)
