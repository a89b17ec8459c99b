"""The catalogue of what is changed in a value to fit its schema: each row has an example that is a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..vocabulary import Trust


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which a value may be changed; a rule whose trust depends on the case has a row for each.

    Attributes:
        name: what `Repair.rule` holds.
        trust: how far it can be trusted.
        meaning: one sentence for the documentation.
        example_schema: JSON text of the schema in the example.
        example_before: JSON text of a value to which the rule applies.
        example_after: JSON text of the value that comes of it.

    """

    name: str
    trust: Trust
    meaning: str
    example_schema: str
    example_before: str
    example_after: str


_INT = '{"type": "integer"}'
_NUM = '{"type": "number"}'
_BOOL = '{"type": "boolean"}'
_STR = '{"type": "string"}'
_PET = (
    '{"oneOf": [{"type": "object", "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}}, "required": '
    '["kind", "lives"]}, {"type": "object", "properties": {"kind": {"const": "dog"}, "tricks": {"type": "integer"}}, '
    '"required": ["kind", "tricks"]}]}'
)
_SHAPE = (
    '{"anyOf": [{"title": "Line", "type": "object", "properties": {"length": {"type": "integer"}}, "required": ["length"]}, '
    '{"title": "Box", "type": "object", "properties": {"width": {"type": "integer"}}, "required": ["width"]}]}'
)
_LEVEL = '{"enum": ["low", "high"]}'
_USER = '{"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}, "required": ["name", "age"]}'
_NOTE = '{"type": "object", "properties": {"note": {"type": "integer"}}}'
_CLOSED = (
    '{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": false}'
)
_INTS = '{"type": "array", "items": {"type": "integer"}}'
_STRS = '{"type": "array", "items": {"type": "string"}}'
_MAP = '{"type": "object", "additionalProperties": {"type": "integer"}}'
_ENTRIES = (
    '{"type": "array", "items": {"type": "object", "properties": {"key": {"type": "string"}, "value": {"type": "integer"}}, '
    '"required": ["key", "value"]}}'
)
_ONLY = '{"type": "object", "properties": {"scores": {"type": "array", "items": {"type": "integer"}}}, "required": ["scores"]}'
_TEXT = '{"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}'

RULES: Final[tuple[Rule, ...]] = (
    Rule("integral_number", "lossless", "A number without a fraction is an integer.", _INT, "3.0", "3"),
    Rule("number_in_text", "coerced", "A text that is a number and nothing else.", _INT, '"31"', "31"),
    Rule("unit_removed", "coerced", "One number with one unit or currency.", _INT, '"31 years"', "31"),
    Rule(
        "thousands", "coerced", "Marks between thousands that can be nothing else.", _NUM, '"1,234,567.5"', "1234567.5"
    ),
    Rule("thousands", "guessed", "A mark that could be a decimal mark as well.", _NUM, '"1,234"', "1234"),
    Rule("decimal_comma", "coerced", "A comma that can only be a decimal mark.", _NUM, '"3,14"', "3.14"),
    Rule("percent", "coerced", "A percentage of an integer, or where the bounds tell its scale.", _INT, '"50 %"', "50"),
    Rule("percent", "guessed", "A percentage that could be a fraction of one.", _NUM, '"50%"', "50"),
    Rule("number_word", "coerced", "A number that is written out.", _INT, '"thirty-four"', "34"),
    Rule("arithmetic", "coerced", "A sum of numbers that multiplies or adds.", _INT, '"5*12"', "60"),
    Rule("magnitude_word", "coerced", "A number with a word for its magnitude.", _INT, '"5 million"', "5000000"),
    Rule("magnitude_word", "guessed", "A number with the letter k.", _INT, '"5k"', "5000"),
    Rule("number_in_phrase", "guessed", "The only number in a phrase.", _INT, '"I need 12 of these"', "12"),
    Rule("boolean_word", "coerced", "A word for true or false, in several languages.", _BOOL, '"Yes"', "true"),
    Rule("boolean_number", "coerced", "1 or 0 for true or false.", _BOOL, "1", "true"),
    Rule(
        "boolean_in_phrase",
        "guessed",
        "The only such word in a phrase without a negation.",
        _BOOL,
        '"that is true"',
        "true",
    ),
    Rule("number_as_text", "coerced", "A number where a text is wanted, as it was written.", _STR, "12", '"12"'),
    Rule("literal_as_text", "coerced", "True or false where a text is wanted.", _STR, "true", '"true"'),
    Rule(
        "blanks_trimmed",
        "coerced",
        "Blanks around a text that breaks its pattern.",
        '{"type": "string", "pattern": "^[A-Z]+$"}',
        '" AB "',
        '"AB"',
    ),
    Rule(
        "date_as_written",
        "coerced",
        "A date or time that can be read in one way only.",
        '{"type": "string", "format": "date"}',
        '"4 March 2024"',
        '"2024-03-04"',
    ),
    Rule(
        "null_word",
        "coerced",
        "A word for nothing.",
        '{"anyOf": [{"type": "integer"}, {"type": "null"}]}',
        '"N/A"',
        "null",
    ),
    Rule(
        "null_removed",
        "coerced",
        "Null, or a word for nothing, for a member that need not be there.",
        _NOTE,
        '{"note": null}',
        "{}",
    ),
    Rule("enum_spelling", "coerced", "An option in other case, accents or punctuation.", _LEVEL, '"HIGH"', '"high"'),
    Rule("enum_qualified", "coerced", "An option after the name of its enum.", _LEVEL, '"Level.HIGH"', '"high"'),
    Rule("enum_in_phrase", "coerced", "An option that begins the phrase.", _LEVEL, '"High (see page 2)"', '"high"'),
    Rule(
        "enum_in_phrase",
        "guessed",
        "The only option in a phrase without a negation.",
        _LEVEL,
        '"it is rather high"',
        '"high"',
    ),
    Rule(
        "key_spelling",
        "coerced",
        "A key in another spelling.",
        _USER,
        '{"Name": "A", "age": 1}',
        '{"name": "A", "age": 1}',
    ),
    Rule(
        "extra_key_dropped",
        "coerced",
        "A member that a closed object has no place for.",
        _CLOSED,
        '{"n": 1, "m": 2}',
        '{"n": 1}',
    ),
    Rule(
        "wrapper_removed",
        "coerced",
        "The only key around the value.",
        _USER,
        '{"User": {"name": "A", "age": 1}}',
        '{"name": "A", "age": 1}',
    ),
    Rule(
        "wrapper_removed",
        "coerced",
        "The value beside words about it, such as a status, a type or a confidence.",
        _USER,
        '{"status": "ok", "data": {"name": {"value": "A", "confidence": 0.9}, "age": 1}}',
        '{"name": "A", "age": 1}',
    ),
    Rule(
        "wrapper_removed",
        "guessed",
        "The one fitting object among other members.",
        _USER,
        '{"user": {"name": "A", "age": 1}, "x": 2}',
        '{"name": "A", "age": 1}',
    ),
    Rule(
        "wrapper_removed",
        "coerced",
        "The one object beside the tag of a union's member.",
        _PET,
        '{"kind": "cat", "data": {"lives": 9}}',
        '{"kind": "cat", "lives": 9}',
    ),
    Rule(
        "tag_moved",
        "coerced",
        "The tag of a union's member around its value, or under another name.",
        _PET,
        '{"cat": {"lives": 9}}',
        '{"kind": "cat", "lives": 9}',
    ),
    Rule(
        "member_named",
        "coerced",
        "The title of a union's member around its value, as a call of it, or as its type.",
        _SHAPE,
        '{"Box": {"width": 2}}',
        '{"width": 2}',
    ),
    Rule(
        "call_unwrapped",
        "coerced",
        "The arguments of a call.",
        _USER,
        '{"name": "User", "arguments": {"name": "A", "age": 1}}',
        '{"name": "A", "age": 1}',
    ),
    Rule(
        "positional_arguments",
        "guessed",
        "Arguments without names, in declared order.",
        _USER,
        '{"name": "f", "arguments": ["A", 1]}',
        '{"name": "A", "age": 1}',
    ),
    Rule("list_unwrapped", "coerced", "The only item of a list.", _INT, "[5]", "5"),
    Rule("value_to_list", "coerced", "One value where a list is wanted.", _STRS, '"a"', '["a"]'),
    Rule("text_split", "coerced", "A text of several items that are no texts.", _INTS, '"1; 2"', "[1, 2]"),
    Rule("text_split", "guessed", "A text that could be several.", _STRS, '"a; b"', '["a", "b"]'),
    Rule("only_field", "coerced", "A value for the only required member.", _ONLY, "[1, 2]", '{"scores": [1, 2]}'),
    Rule("only_field", "guessed", "A value that would fit anything.", _TEXT, '"Paris"', '{"answer": "Paris"}'),
    Rule(
        "members_joined",
        "coerced",
        "An object in pieces.",
        _USER,
        '[{"name": "A"}, {"age": 1}]',
        '{"name": "A", "age": 1}',
    ),
    Rule("entries_to_map", "coerced", "A list of entries for a map.", _MAP, '[{"key": "a", "value": 1}]', '{"a": 1}'),
    Rule(
        "map_to_entries", "coerced", "A map for a list of entries.", _ENTRIES, '{"a": 1}', '[{"key": "a", "value": 1}]'
    ),
    Rule("numbered_keys", "coerced", "A list with its indices as keys.", _INTS, '{"0": 5, "1": 6}', "[5, 6]"),
    Rule("stringified", "coerced", "JSON inside a string.", _INTS, '"[1, 2]"', "[1, 2]"),
)
