"""Fill a schema from a text, field by field; what is not found is null where the schema takes null, else left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import cast

from ..vocabulary import JsonObject, JsonValue
from . import facts
from .facts import Labelled
from .names import means, score

Path = tuple[str, ...]
MAX_DEPTH = 12
MAX_CANDIDATES = 24
LEAST_SCORE = 0.55
ABSENT = object()
"""Stands for a value that is not found; never leaves this module."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A piece of the text, with what was found in it.

    Attributes:
        text: the piece.
        pairs: its labelled values.
        name, description: of the field that is being filled.
        skip: per path, values that were refused before: the next candidate is taken.
        root: the whole schema, for references.
    """

    text: str
    pairs: tuple[Labelled, ...]
    root: JsonObject
    name: str = ""
    description: str = ""
    path: Path = ()
    skip: Mapping[Path, tuple[JsonValue, ...]] = field(default_factory=dict[Path, tuple[JsonValue, ...]])

    def on(self, text: str) -> Scope:
        """The same field in a smaller piece."""
        return replace(self, text=text, pairs=tuple(facts.labelled(text)))

    def of(self, name: str, schema: JsonObject) -> Scope:
        """The same piece for a field inside."""
        return replace(self, name=name, description=str(schema.get("description") or ""), path=(*self.path, name))


def fill(schema: JsonObject, text: str, skip: Mapping[Path, tuple[JsonValue, ...]]) -> JsonValue:
    """The value that the rules find in a text; an empty object where they find nothing."""
    scope = Scope(text, tuple(facts.labelled(text)), schema, skip=skip)
    found = _fill(schema, scope, 0)
    return {} if found is ABSENT else found  # type: ignore[return-value]  # ABSENT is the only non-JSON


def _fill(schema: JsonObject, scope: Scope, depth: int) -> object:
    schema = _resolved(schema, scope.root)
    if depth > MAX_DEPTH:
        return ABSENT
    if "const" in schema:
        return schema["const"]
    if isinstance(choices := schema.get("anyOf") or schema.get("oneOf"), list):
        return _choice([choice for choice in choices if isinstance(choice, dict)], scope, depth)
    kind = schema.get("type")
    if isinstance(kind, list):
        return _choice([{**schema, "type": name} for name in kind], scope, depth)
    if kind == "object" or "properties" in schema:
        return _object(schema, scope, depth)
    if kind == "array":
        return _array(schema, scope, depth)
    if kind == "null":
        return None
    return _scalar(schema, scope)


def _resolved(schema: JsonObject, root: JsonObject) -> JsonObject:
    for _ in range(MAX_DEPTH):
        ref = schema.get("$ref")
        if not isinstance(ref, str):
            break
        found: JsonValue = root
        for step in ref.removeprefix("#").split("/")[1:]:
            found = found.get(step.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, dict) else {}
        schema = {**(found if isinstance(found, dict) else {}), **{k: v for k, v in schema.items() if k != "$ref"}}
    return schema


def _choice(choices: list[JsonObject], scope: Scope, depth: int) -> object:
    """The first choice of a union that is found; null where it is one of them and nothing is."""
    resolved = [_resolved(choice, scope.root) for choice in choices]
    best: object = ABSENT
    for choice in resolved:
        if choice.get("type") == "null":
            continue
        found = _fill(choice, scope, depth)
        if found is not ABSENT and _weight(found) > _weight(best):
            best = found
    if best is ABSENT and any(choice.get("type") == "null" for choice in resolved):
        return None
    return best


def _weight(value: object) -> int:
    """How much of a value was found: its leaves that are not null; -1 for nothing at all."""
    if value is ABSENT:
        return -1
    if isinstance(value, dict):
        return sum(_weight(part) for part in cast("dict[str, object]", value).values())
    if isinstance(value, list):
        return sum(_weight(part) for part in cast("list[object]", value))
    return 0 if value is None else 1


def _object(schema: JsonObject, scope: Scope, depth: int) -> object:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return {}
    found: dict[str, object] = {}
    for name, sub in properties.items():
        if not isinstance(sub, dict):
            continue
        inner = _resolved(sub, scope.root)
        nested = inner.get("type") == "object" or "properties" in inner
        value = _fill(sub, _narrowed(scope.of(name, sub)) if nested else scope.of(name, sub), depth + 1)
        if value is not ABSENT and not (nested and _weight(value) <= 0):
            found[name] = value
    return found or ABSENT


def _narrowed(scope: Scope) -> Scope:
    """The block of the text that a field's heading opens, where there is one."""
    for block in facts.blocks(scope.text):
        head, _, rest = block.partition("\n")
        if rest and score(scope.name, "", head.strip(" #*:：")) >= 1.5:
            return scope.on(rest)
    return scope


# --- lists


def _array(schema: JsonObject, scope: Scope, depth: int) -> object:
    items = schema.get("items")
    item = _resolved(items, scope.root) if isinstance(items, dict) else {}
    properties = item.get("properties")
    found = _records(item, properties, scope, depth) if isinstance(properties, dict) else list(_scalars(item, scope))
    limit = schema.get("maxItems")
    return (
        found[: limit if isinstance(limit, int) else None] if found else ([] if not schema.get("minItems") else ABSENT)
    )


def _records(item: JsonObject, properties: JsonObject, scope: Scope, depth: int) -> list[object]:
    if set(properties) == {"key", "value"}:
        return [{"key": pair.label, "value": value} for pair, value in _entries(properties, scope, depth)]
    section = _section(scope)
    for table in facts.tables(scope.text):
        rows = _rows(table, item, properties, scope, depth)
        if rows:
            return rows
    pieces = facts.bullets(section.splitlines()) if section else []
    found = [_fill(item, _in_piece(scope, piece, properties), depth + 1) for piece in pieces]
    if not any(_weight(part) > 0 for part in found):
        found = [_fill(item, scope.on(piece), depth + 1) for piece in _repeated(scope.text, properties)]
    return [part for part in found if part is not ABSENT and _weight(part) > 0]


def _entries(properties: JsonObject, scope: Scope, depth: int) -> Iterator[tuple[Labelled, object]]:
    section = _section(scope)
    value_schema = properties["value"]
    for pair in facts.labelled(section) if section else scope.pairs:
        value = (
            _fill(value_schema, scope.on(f"{pair.label}: {pair.value}").of(pair.label, {}), depth + 1)
            if isinstance(value_schema, dict)
            else pair.value
        )
        if value is not ABSENT and value is not None:
            yield pair, value


def _section(scope: Scope) -> str:
    """The text under the heading that names a list, else the first bulleted part of the text."""
    lines = scope.text.splitlines()
    for number, line in enumerate(lines):
        head = line.strip(" #*:：-=")
        if (
            head
            and len(head) < 60
            and not facts.BULLET.match(line)
            and score(scope.name, scope.description, head) >= 1.0
        ):
            rest = _until_heading(lines[number + 1 :])
            if facts.bullets(rest):
                return "\n".join(rest)
    return "\n".join(line for line in lines if facts.BULLET.match(line))


def _until_heading(lines: list[str]) -> list[str]:
    kept: list[str] = []
    for line in lines:
        if kept and not line.strip() and facts.bullets(kept):
            break
        if line.strip():
            kept.append(line)
    return kept


def _rows(table: facts.Table, item: JsonObject, properties: JsonObject, scope: Scope, depth: int) -> list[object]:
    columns: dict[str, int] = {}
    for name, sub in properties.items():
        about = str(sub.get("description") or "") if isinstance(sub, dict) else ""
        scored = [(score(name, about, cell), at) for at, cell in enumerate(table.header) if at not in columns.values()]
        best = max(scored, default=(0.0, 0))
        if best[0] >= LEAST_SCORE:
            columns[name] = best[1]
    if len(columns) < min(2, len(properties)):
        return []
    rows: list[object] = []
    for cells in table.rows:
        text = "\n".join(f"{name}: {cells[at]}" for name, at in columns.items() if cells[at])
        row = _fill(item, scope.on(text), depth + 1)
        if row is not ABSENT and _weight(row) >= min(2, len(columns)):
            rows.append(row)
    return rows


PERSON = re.compile(r"(?:[^\W\d_][\w.'’-]*\s){1,3}[^\W\d_][\w.'’-]*|[\u4e00-\u9fff]{2,4}")
"""Two to four words without digits, or two to four Chinese characters: what a name alone on a line looks like."""
FIRM = re.compile(
    r"\b(?:GmbH|AG|KG|OHG|e\.K\.|Ltd\.?|Inc\.?|LLC|PLC|Corp\.?|S\.A\.|B\.V\.)(?=[\s,.&]|$)|(?:公司|集团|商店)$"
)
"""The legal form of a firm: what the letterhead of a seller ends with."""
LINE_ITEM = re.compile(
    r"^(?P<n>\d+)\s*(?:[x×*]|Stk\.?|pcs\.?|个|件|台)\s+(?P<what>.+?)(?:\s*(?:[@à:,;–-]|zu je|at)\s*(?P<rest>.*\d.*))?$",
    re.IGNORECASE,
)
WHO_WHAT = re.compile(r"^(?P<who>[^\W\d_][\w. -]{1,30}?)\s*[:：]\s*(?P<what>.+)$")


def _in_piece(scope: Scope, piece: str, properties: JsonObject) -> Scope:
    """A list item with its parts labelled as far as its form tells: `2 x Tea @ 3.50`, `Ada: write the report`."""
    lines = [piece]
    if (match := LINE_ITEM.match(piece)) is not None:
        lines += _as(properties, ("quantity",), match["n"]) + _as(
            properties, ("description", "name", "product"), match["what"]
        )
        lines += _as(properties, ("price", "total"), match["rest"] or "")
    elif (match := WHO_WHAT.match(piece)) is not None:
        lines += _as(properties, ("owner", "name"), match["who"]) + _as(
            properties, ("task", "description"), match["what"]
        )
    else:
        head = re.split(r"\s*[,;:–(，；：（]\s*|\s+-\s+", piece, maxsplit=1)[0]
        lines += _as(properties, ("name", "title", "description", "task", "company"), head)
    return scope.on("\n".join(lines))


def _as(properties: JsonObject, meanings: tuple[str, ...], value: str) -> list[str]:
    """A label line for the first property of one of these meanings."""
    for meaning in meanings:
        for name in properties:
            if value and means(name, meaning):
                return [f"{name}: {value}"]
    return []


def _repeated(text: str, properties: JsonObject) -> list[str]:
    """Pieces of a text in which the same labels, or dates, come again and again."""
    pieces = facts.blocks(text)
    labels = [
        [pair for pair in facts.labelled(piece) if any(score(name, "", pair.label) >= 1.0 for name in properties)]
        for piece in pieces
    ]
    repeated = [piece for piece, pairs in zip(pieces, labels, strict=True) if len(pairs) >= 2]
    if repeated:
        return repeated
    if any(means(name, "date") for name in properties):
        parts = facts.sentences(text)
        return [part for part in parts if next(facts.dates(part), None) is not None]
    return []


def _scalars(item: JsonObject, scope: Scope) -> Iterator[object]:
    kind, enum = item.get("type"), item.get("enum")
    section = (
        _section(scope)
        if any(score(scope.name, scope.description, line.strip(" #*:：-")) >= 1.0 for line in scope.text.splitlines())
        else ""
    )
    pieces: Iterable[str] = facts.bullets(section.splitlines())
    for value in _labelled_texts(scope):
        if not pieces or len(re.findall(r"[,;，；、]", value)) >= 1:
            pieces = [part for part in re.split(r"\s*[,;，；、]\s*|\s+(?:and|und|und)\s+|和", value) if part.strip()]
            break
    if not pieces and means(scope.name, "email"):
        pieces = facts.EMAIL.findall(scope.text)
    for piece in pieces:
        if kind == "string" and not enum:
            yield piece.strip()
        elif (found := _scalar({**item, "type": kind or "string"}, scope.on(f"{scope.name}: {piece}"))) is not ABSENT:
            yield found


# --- single values


def _scalar(schema: JsonObject, scope: Scope) -> object:
    refused = scope.skip.get(scope.path, ())
    for value in islice(_candidates(schema, scope), MAX_CANDIDATES):
        if value not in refused and _is_allowed(schema, value):
            return value
    return ABSENT


def _is_allowed(schema: JsonObject, value: JsonValue) -> bool:
    if isinstance(value, str):
        limit = schema.get("maxLength")
        pattern = schema.get("pattern")
        return not (isinstance(limit, int) and len(value) > limit) and not (
            isinstance(pattern, str) and not _matches(pattern, value)
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True
    low, high = schema.get("minimum"), schema.get("maximum")
    return not (isinstance(low, int | float) and value < low) and not (isinstance(high, int | float) and value > high)


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True


def _candidates(schema: JsonObject, scope: Scope) -> Iterator[JsonValue]:
    kind = schema.get("type")
    if isinstance(enum := schema.get("enum"), list):
        yield from _enum(enum, scope)
    elif kind == "boolean":
        yield from (told for text in _labelled_texts(scope) if (told := facts.truth(text)) is not None)
    elif kind in ("number", "integer"):
        yield from _numbers(scope, whole=kind == "integer")
    else:
        yield from _strings(schema, scope)


def _labelled_texts(scope: Scope) -> Iterator[str]:
    """Values whose labels name the field, the best label first."""
    scored = [(score(scope.name, scope.description, pair.label), at, pair.value) for at, pair in enumerate(scope.pairs)]
    for points, _, value in sorted(scored, key=lambda entry: (-entry[0], entry[1])):
        if points >= LEAST_SCORE:
            yield value


def _enum(enum: list[JsonValue], scope: Scope) -> Iterator[JsonValue]:
    for text in (*_labelled_texts(scope), scope.text):
        found = [value for value in enum if isinstance(value, str) and _has_word(value, text)]
        if len(found) == 1 or (found and text is not scope.text):
            yield found[0]
    if means(scope.name, "currency"):
        yield from (code for code in facts.currencies(scope.text) if code in enum)


def _has_word(word: str, text: str) -> bool:
    spaced = re.escape(word).replace("_", r"[\s_-]").replace(r"\-", r"[\s_-]").replace(r"\ ", r"[\s_-]")
    edge = r"\b" if word.isascii() else ""
    return re.search(f"{edge}{spaced}{edge}", text, re.IGNORECASE) is not None


def _numbers(scope: Scope, *, whole: bool) -> Iterator[JsonValue]:
    found: list[float | int] = []
    for text in _labelled_texts(scope):
        found += [*facts.amounts(text), *facts.numbers(text)][:3]
    if means(scope.name, "total") and not means(scope.name, "subtotal", "tax"):
        found += sorted(facts.amounts(scope.text), reverse=True)
    if means(scope.name, "price", "amount", "cost"):
        found += list(facts.amounts(scope.text))
    if means(scope.name, "age"):
        found += [int(match) for match in re.findall(r"\b(\d{1,3})(?=\s*(?:years|Jahre|岁|, ))", scope.text)]
    for value in dict.fromkeys(found):
        if not whole:
            yield value
        elif value == int(value):
            yield int(value)


def _strings(schema: JsonObject, scope: Scope) -> Iterator[JsonValue]:
    form, name = str(schema.get("format") or ""), scope.name
    texts = list(_labelled_texts(scope))
    if form == "date" or (means(name, "date", "birthday", "due") and not form and "pattern" not in schema):
        yield from _first_of(facts.dates, texts, "" if means(name, "due", "end", "birthday") else scope.text)
    elif form == "date-time":
        yield from (
            f"{day}T{time}Z"
            for day, time in zip(
                _first_of(facts.dates, texts, scope.text), _first_of(facts.times, texts, scope.text), strict=False
            )
        )
    elif form == "time":
        yield from _first_of(facts.times, texts, scope.text)
    elif form == "email" or means(name, "email"):
        yield from _first_of(facts.EMAIL.findall, texts, scope.text)
    elif form in ("uri", "url") or means(name, "url", "website"):
        yield from _first_of(facts.URL.findall, texts, scope.text)
    elif form == "uuid":
        yield from facts.UUID.findall(scope.text)
    elif means(name, "phone"):
        yield from _first_of(_phones, texts, scope.text)
    elif means(name, "currency"):
        yield from _first_of(facts.currencies, texts, scope.text)
    elif not form or texts:
        yield from texts
        yield from _unlabelled(scope)


def _phones(text: str) -> list[str]:
    return [match[0].strip() for match in facts.PHONE.finditer(text)]


def _first_of(find: Callable[[str], Iterable[str]], texts: list[str], whole: str) -> Iterator[str]:
    """What a finder finds in the labelled values, then in the whole piece; each once."""
    seen: dict[str, None] = {}
    for text in (*texts, whole):
        for value in find(text):
            if value not in seen:
                seen[value] = None
                yield value


def _unlabelled(scope: Scope) -> Iterator[str]:
    """What a text says without a label, for the few fields where its place tells."""
    lines = [line.strip(" #*=") for line in scope.text.splitlines() if line.strip(" #*=-")]
    if means(scope.name, "title") and lines and len(lines[0]) <= 120:
        yield lines[0]
    if means(scope.name, "name") and lines and PERSON.fullmatch(lines[0]):
        yield lines[0]
    if means(scope.name, "seller", "company") and lines and FIRM.search(lines[0]) and not facts.LABEL.match(lines[0]):
        yield lines[0]
    if means(scope.name, "summary", "abstract"):
        yield from (block for block in facts.blocks(scope.text) if len(block) > 80 and not facts.LABEL.match(block))
    if means(scope.name, "description") and len(lines) == 1:
        yield lines[0]
