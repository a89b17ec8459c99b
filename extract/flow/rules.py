"""The catalogue of what is decided about an answer as a whole: each row has an example that is a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..vocabulary import Trust


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which an answer is taken otherwise than it stands; a row for each level of trust.

    Attributes:
        name: what `Repair.rule` holds.
        trust: how far it can be trusted.
        meaning: one sentence for the documentation.
        example_schema: JSON text of the schema in the example.
        example_text: an answer to which the rule applies; where it was asked in two parts, one a line.
        example_after: JSON text of the value that comes of it.
        example_dialect: how the schema was stated.
        has_parts: whether the example is an answer and what came when a part of it was asked for again.
        python_type: the target, where the schema alone does not show the rule.

    """

    name: str
    trust: Trust
    meaning: str
    example_schema: str
    example_text: str
    example_after: str
    example_dialect: str = "plain"
    has_parts: bool = False
    python_type: type | None = None


_INTEGER: Final = '{"type": "integer"}'
_PAIR: Final = (
    '{"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]}'
)
_POINTS: Final = (
    '{"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}}'
)
_MAP: Final = '{"type": "object", "additionalProperties": {"type": "integer"}}'
_SET: Final = '{"type": "array", "items": {"type": "integer"}, "uniqueItems": true}'
_PLACES: Final = '{"type": "array", "prefixItems": [{"type": "integer"}, {"type": "integer"}, {"type": "integer"}]}'

_LONG: Final = (
    '{"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "array", "items": {"type": "object",'
    ' "properties": {"c": {"type": "integer"}}, "required": ["c"]}}, "d": {"type": "integer"}}, "required": ["a", "b"]}'
)

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "superseded",
        "coerced",
        "The last of several values is taken where the words before it call it final or corrected.",
        _PAIR,
        '{"a": "x", "b": 1} Corrected: {"a": "y", "b": 2}',
        '{"a": "y", "b": 2}',
    ),
    Rule(
        "one_of_several",
        "guessed",
        "Of several valid values that differ the last of the most trusted is taken.",
        _PAIR,
        '{"a": "x", "b": 1} {"a": "y", "b": 2}',
        '{"a": "y", "b": 2}',
    ),
    Rule(
        "documents_joined",
        "coerced",
        "Values one after another are the items of the list.",
        _POINTS,
        '{"a": 1}\n{"a": 2}',
        '[{"a": 1}, {"a": 2}]',
    ),
    Rule(
        "documents_joined",
        "guessed",
        "Values with prose between them are the items of the list.",
        _POINTS,
        'First {"a": 1}, then {"a": 2}.',
        '[{"a": 1}, {"a": 2}]',
    ),
    Rule(
        "parts_joined",
        "coerced",
        "An object in pieces, one after another, no member twice.",
        _PAIR,
        '{"a": "x"}\n{"b": 1}',
        '{"a": "x", "b": 1}',
    ),
    Rule(
        "label_removed",
        "coerced",
        "A word for answer or result before a single value.",
        _INTEGER,
        "Answer: 42",
        "42",
    ),
    Rule(
        "document_dropped",
        "guessed",
        "An object with other members of the target stands elsewhere in the answer, and was not taken.",
        _PAIR,
        '{"a": "x"} and later {"b": 1}',
        '{"a": "x"}',
    ),
    Rule(
        "unknown_members",
        "guessed",
        "Members that no property names, beside strings whose ends were repaired: they may be the rest of a string.",
        _PAIR,
        '{"a": "x" "b": 1 "c": 2}',
        '{"a": "x", "b": 1, "c": 2}',
    ),
    Rule(
        "lax_value",
        "guessed",
        "Pydantic's lax mode takes the value, fitting does not.",
        _INTEGER,
        "true",
        "1",
        python_type=int,
    ),
    Rule(
        "repeated_key",
        "guessed",
        "A map's list of entries names a key twice; the last value is taken.",
        _MAP,
        '[{"key": "a", "value": 1}, {"key": "a", "value": 2}]',
        '{"a": 2}',
        "openai",
    ),
    Rule(
        "place_after_gap",
        "guessed",
        "A tuple's value after a place that is said to be absent; it is left out.",
        _PLACES,
        '{"item_0": 1, "item_1": {"absent": true}, "item_2": 3}',
        "[1]",
        "openai",
    ),
    Rule(
        "repeated_item",
        "lossless",
        "A set's list holds an item twice.",
        _SET,
        "[1, 1, 2]",
        "[1, 2]",
        "openai",
    ),
    Rule(
        "repeated_items",
        "coerced",
        "The continuation of a cut answer begins with records that it has already.",
        _POINTS,
        '[{"a": 1}, {"a": 2}\n[{"a": 2}, {"a": 3}]',
        '[{"a": 1}, {"a": 2}, {"a": 3}]',
        has_parts=True,
    ),
    Rule(
        "repeated_items",
        "guessed",
        "The continuation of a cut answer begins with texts or numbers that may be those that it has already.",
        '{"type": "array", "items": {"type": "integer"}}',
        "[1, 2, 3,\n[3, 4]",
        "[1, 2, 3, 4]",
        has_parts=True,
    ),
    Rule(
        "repeated_member",
        "guessed",
        "The continuation of a cut answer says otherwise what is there already; what is there stays.",
        _LONG,
        '{"a": "x", "b": [{"c": 1}\n{"a": "y", "b": [{"c": 1}, {"c": 2}]}',
        '{"a": "x", "b": [{"c": 1}, {"c": 2}]}',
        has_parts=True,
    ),
    Rule(
        "unsaid_member",
        "guessed",
        "The continuation of a cut answer is a bare list, which says nothing of the other members.",
        _LONG,
        '{"a": "x", "b": [{"c": 1}, {"c"\n[{"c": 2}]',
        '{"a": "x", "b": [{"c": 1}, {"c": 2}]}',
        has_parts=True,
    ),
    Rule(
        "text_continued",
        "coerced",
        "The continuation of a cut answer is the text from the cut on; both are one JSON value.",
        _LONG,
        '{"a": "x", "b": [{"c": 1}, {\n"c": 2}], "d": 3}',
        '{"a": "x", "b": [{"c": 1}, {"c": 2}], "d": 3}',
        has_parts=True,
    ),
    Rule(
        "text_continued",
        "guessed",
        "The cut may lie inside this value, so that two texts were joined to one.",
        _LONG,
        '{"a": "x", "b": [{"c": 1}, {"c": 2\n5}], "d": 3}',
        '{"a": "x", "b": [{"c": 1}, {"c": 25}], "d": 3}',
        has_parts=True,
    ),
    Rule(
        "taken_from_whole",
        "coerced",
        "Asked for single values, the model sent what holds them, and all else in it is as it was.",
        _LONG,
        '{"a": "x", "b": [{"c": 1}, {"c": "many"}]}\n{"a": "x", "b": [{"c": 1}, {"c": 2}]}',
        '{"a": "x", "b": [{"c": 1}, {"c": 2}]}',
        has_parts=True,
    ),
    Rule(
        "taken_from_whole",
        "guessed",
        "The same, with other items beside: the value may be that of another item.",
        _LONG,
        '{"a": "x", "b": [{"c": 1}, {"c": "many"}]}\n{"a": "x", "b": [{"c": 5}, {"c": 2}, {"c": 1}]}',
        '{"a": "x", "b": [{"c": 1}, {"c": 2}]}',
        has_parts=True,
    ),
)
