"""The catalogue of what is changed in a text to read it: one row per rule, each with an example that is tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..vocabulary import Trust


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which text may be changed.

    Attributes:
        name: what `Repair.rule` holds.
        trust: how far it can be trusted.
        meaning: one sentence for the documentation.
        example_before: a text to which the rule applies.
        example_after: the JSON text of the value that is read from it.
        example_keys: the names of members that the reader must know for it.

    """

    name: str
    trust: Trust
    meaning: str
    example_before: str
    example_after: str
    example_keys: frozenset[str] = frozenset()


RULES: Final[tuple[Rule, ...]] = (
    Rule("fence", "lossless", "A code fence around the value is ignored.", '```json\n{"a": 1}\n```', '{"a": 1}'),
    Rule("prose", "lossless", "Text before or after the value is ignored.", 'Sure: {"a": 1} Bye.', '{"a": 1}'),
    Rule("reasoning", "lossless", "Reasoning beside the answer is left out.", '<think>no</think>{"a": 1}', '{"a": 1}'),
    Rule(
        "markup", "lossless", "The marks of a tool call are taken away.", '<tool_call>{"a": 1}</tool_call>', '{"a": 1}'
    ),
    Rule("call", "lossless", "A call is read as name and arguments.", "f(a=1)", '{"name": "f", "arguments": {"a": 1}}'),
    Rule(
        "constructor", "lossless", "A call inside a value is read as its arguments.", '{"a": P(x=1)}', '{"a": {"x": 1}}'
    ),
    Rule("double_encoded", "lossless", "JSON inside a JSON string is read.", '"{\\"a\\": 1}"', '{"a": 1}'),
    Rule("escaped_text", "lossless", "JSON with escaped quotes is read.", '{\\"a\\": 1}', '{"a": 1}'),
    Rule(
        "html_entities",
        "coerced",
        "Marks of HTML are read as the characters that they stand for.",
        "{&quot;a&quot;: 1}",
        '{"a": 1}',
    ),
    Rule("quotes", "lossless", "Other quotes are read as double quotes.", "{'a': 'x'}", '{"a": "x"}'),
    Rule("bare_key", "lossless", "A key without quotes is read.", "{a: 1}", '{"a": 1}'),
    Rule("bare_string", "lossless", "A word without quotes is read as a string.", '{"a": red}', '{"a": "red"}'),
    Rule(
        "inner_quotes",
        "lossless",
        "Quotes inside a string were not escaped.",
        '{"a": "so "big" it is"}',
        '{"a": "so \\"big\\" it is"}',
    ),
    Rule(
        "doubtful_end",
        "guessed",
        "A string holds quotes and marks of structure, and no known key shows where it ends.",
        '{"a": "f("x", 3) is "y""}',
        '{"a": "f(\\"x\\", 3) is \\"y\\""}',
    ),
    Rule(
        "stray_quote",
        "coerced",
        "The closing quote stands twice.",
        '{"a": "x"", "b": 1}',
        '{"a": "x", "b": 1}',
    ),
    Rule(
        "text_block",
        "coerced",
        "The lines of triple quotes or backticks, and the common indentation, are no part of a text block.",
        '{"a": """\n  x\n  y\n"""}',
        '{"a": "x\\ny"}',
    ),
    Rule(
        "raw_control",
        "lossless",
        "Raw line breaks and tabs inside a string are kept.",
        '{"a": "x\ny"}',
        '{"a": "x\\ny"}',
    ),
    Rule(
        "bad_escape",
        "lossless",
        "A backslash that starts no escape is kept.",
        '{"a": "\\d+"}',
        '{"a": "\\\\d+"}',
    ),
    Rule(
        "latex_escape",
        "coerced",
        "A command such as \\frac was read as an escape.",
        '{"a": "\\(\\frac12\\)"}',
        '{"a": "\\\\(\\\\frac12\\\\)"}',
    ),
    Rule(
        "path_escape",
        "coerced",
        "The backslashes of a Windows path are kept.",
        '{"a": "C:\\new\\App"}',
        '{"a": "C:\\\\new\\\\App"}',
    ),
    Rule("lone_surrogate", "guessed", "Half a character is replaced by U+FFFD.", "{'a': '\\ud83d'}", '{"a": "\ufffd"}'),
    Rule("joined_strings", "lossless", "Strings that are added are joined.", '{"a": "x" + "y"}', '{"a": "xy"}'),
    Rule("comment", "lossless", "Comments are ignored.", '{"a": 1 // one\n}', '{"a": 1}'),
    Rule(
        "elided",
        "guessed",
        "A comment says that something was left out.",
        "[1, 2 // ... more\n]",
        "[1, 2]",
    ),
    Rule("extra_comma", "lossless", "Commas with nothing between are ignored.", '{"a": 1,}', '{"a": 1}'),
    Rule("missing_comma", "lossless", "A comma is missing.", '{"a": 1 "b": 2}', '{"a": 1, "b": 2}'),
    Rule("missing_colon", "lossless", "A colon is missing or written otherwise.", '{"a" = 1}', '{"a": 1}'),
    Rule(
        "missing_bracket",
        "lossless",
        "A bracket is missing although what follows shows its place.",
        '{"a": [1, 2}',
        '{"a": [1, 2]}',
    ),
    Rule(
        "stray_bracket",
        "lossless",
        "A bracket that closes nothing is ignored.",
        '{"a": 1], "b": 2}',
        '{"a": 1, "b": 2}',
    ),
    Rule(
        "wrong_bracket",
        "lossless",
        "Brackets of another kind stand around a list or object.",
        '{"a": (1, 2)}',
        '{"a": [1, 2]}',
    ),
    Rule("full_width", "lossless", "Full-width punctuation is read as ASCII.", '｛"a"：1｝', '{"a": 1}'),
    Rule("other_space", "lossless", "Blanks that JSON does not know are passed.", '{"a":\ufeff1}', '{"a": 1}'),
    Rule("literal", "lossless", "True, None, undefined and the like.", '{"a": None}', '{"a": null}'),
    Rule(
        "not_a_number", "coerced", "NaN and Infinity, which JSON lacks, become strings.", '{"a": NaN}', '{"a": "NaN"}'
    ),
    Rule("number", "lossless", "A number is written otherwise than in JSON.", '{"a": +.5}', '{"a": 0.5}'),
    Rule(
        "split_number",
        "guessed",
        "A comma between digits may be a part of the number.",
        "[1,5; 2,5]",
        "[1, 5, 2, 5]",
    ),
    Rule("missing_value", "guessed", "A key without a value is dropped.", '{"a": , "b": 2}', '{"b": 2}'),
    Rule("dropped_text", "guessed", "Text that fits nowhere is dropped.", '{"a": 1, ... , "b": 2}', '{"a": 1, "b": 2}'),
    Rule(
        "duplicate_key",
        "guessed",
        "A key stands twice with differing values; the last one is taken.",
        '{"a": 1, "a": 2}',
        '{"a": 2}',
    ),
    Rule(
        "missing_quote",
        "coerced",
        "A closing quote is missing although what follows shows its place.",
        '{"a": "x,\n"b": 2}',
        '{"a": "x", "b": 2}',
    ),
    Rule(
        "missing_end",
        "guessed",
        "A string without an end is closed where the value around it ends.",
        '{"a": "x\n}',
        '{"a": "x"}',
    ),
    Rule(
        "lines",
        "coerced",
        "Lines of keys and values are read as an object, of items as a list.",
        "a: 1\nb: 2",
        '{"a": 1, "b": 2}',
    ),
    Rule(
        "elements",
        "coerced",
        "Elements with known names are read as members.",
        "<a>1</a><b>x</b>",
        '{"a": 1, "b": "x"}',
        frozenset({"a", "b"}),
    ),
    Rule(
        "arguments_merged",
        "coerced",
        "An object and named arguments of one call are read as its arguments.",
        "f({a: 1}, b=2)",
        '{"name": "f", "arguments": {"a": 1, "b": 2}}',
    ),
    Rule("code", "guessed", "An expression that stands for a value is kept as text.", '{"a": x[0]}', '{"a": "x[0]"}'),
    Rule(
        "missing_braces",
        "coerced",
        "Members in a row without braces around them are read as an object.",
        '"a": 1, "b": 2',
        '{"a": 1, "b": 2}',
    ),
    Rule(
        "last_resort",
        "guessed",
        "The json-repair package read what nothing else could.",
        '{"a": 1, "b" ~ 2}',
        '{"a": 1, "b": 2}',
    ),
    Rule("cut_string", "guessed", "The text ended inside a string.", '{"a": "x', '{"a": "x"}'),
    Rule("cut_number", "guessed", "The text ended inside a number.", '{"a": 1', '{"a": 1}'),
    Rule("cut_literal", "guessed", "The text ended inside a word; the value is left out.", '{"a": tr', "{}"),
    Rule("cut_container", "guessed", "The text ended inside an object or list.", '[{"a": 1}', '[{"a": 1}]'),
)

TRUST_OF: Final[dict[str, Trust]] = {rule.name: rule.trust for rule in RULES}
