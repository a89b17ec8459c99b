"""The fast lane for simple damage reads the value that was damaged, and says of it what the scanner says.

Where the scanner guesses or misreads, the lane may know better: it asks what follows each string, not what the string may hide.
"""

import functools
import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from extract.text.candidate import Hints
from extract.text.rewrite import rewrite
from extract.text.scan import Abandoned, Scanned, scan

WORDS = st.text(st.sampled_from("ab é漢\n\t'-.:;🎉"), max_size=12)
NAMES = st.text(st.sampled_from("abcdxyz_"), min_size=1, max_size=6)
LEAVES = st.one_of(
    WORDS, st.integers(-999, 999), st.sampled_from([0.5, -2.25, 1e-7, 1e22]), st.booleans(), st.none(), st.just([])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=25,
)
HOLDERS = st.one_of(
    st.dictionaries(NAMES, VALUES, min_size=1, max_size=4),
    st.lists(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4), min_size=1, max_size=4),
)
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def single(found: re.Match[str]) -> str:
    return found[0] if "'" in found[1] or "\\" in found[1] else f"'{found[1]}'"


DAMAGE = {
    "quotes": lambda text: STRING.sub(single, text),
    "keys": lambda text: re.sub(r'"([a-z_]+)"(\s*:)', r"\1\2", text),
    "literals": lambda text: re.sub(
        r"([:,\[] ?)(true|false|null)\b",
        lambda found: found[1] + {"true": "True", "false": "False", "null": "None"}[found[2]],
        text,
    ),
    "trailing commas": lambda text: re.sub(r'(?<=["\w\]}])([}\]])', r",\1", text),
    "missing commas": lambda text: text.replace('", "', '"\n"').replace("}, {", "}\n{").replace("], [", "] ["),
    "raw controls": lambda text: text.replace("\\n", "\n").replace("\\t", "\t"),
    "comments": lambda text: text.replace("}, ", "}, /* next, please */ ").replace("],", "], // it's said\n"),
    "wide marks": lambda text: re.sub(r'("[a-z_]+"): ', r"\1：", text).replace('", "', '"，"'),
}
"""Kinds of damage to a valid text; each leaves its strings what they are."""


def written(value: object) -> str:
    """A value as JSON."""
    return json.dumps(value, ensure_ascii=False)


def walked(text: str, hints: Hints) -> Scanned | None:
    """What the scanner reads."""
    try:
        return scan(text, 0, hints)
    except Abandoned:
        return None


DAMAGED = st.builds(
    lambda value, kinds: (value, functools.reduce(lambda text, kind: DAMAGE[kind](text), kinds, written(value))),
    HOLDERS,
    st.lists(st.sampled_from(sorted(DAMAGE)), min_size=1, max_size=3, unique=True),
)
"""A value, and a text of it that is damaged in one to three ways."""


@settings(max_examples=300, deadline=None)
@given(DAMAGED, st.booleans())
def test_what_is_read_of_simple_damage_is_the_value(damaged: tuple[object, str], exact: bool):
    value, text = damaged
    found = rewrite(text, 0, Hints(exact=exact))
    assert found is None or (written(found.value), found.end) == (written(value), len(text))


@settings(max_examples=150, deadline=None)
@given(DAMAGED, st.booleans())
def test_what_is_said_of_simple_damage_is_what_the_scanner_says(damaged: tuple[object, str], exact: bool):
    value, text = damaged
    hints = Hints(exact=exact)
    quick, slow = rewrite(text, 0, hints), walked(text, hints)
    if quick is None or slow is None or written(slow.value) != written(value):
        return  # the lane gives way, or the scanner misread a text whose quotes stand in doubt
    if any(repair.trust == "guessed" for repair in slow.repairs):
        return
    assert repr(quick.value) == repr(slow.value)
    assert sorted(map(repr, quick.repairs)) == sorted(map(repr, slow.repairs))


JUNK = st.lists(
    st.sampled_from(
        ['"a"', "'b'", "“c”", "\\x", "{", "}", "[", "]", ":", "：", ",", "，", " ", "\n", "// no\n", "True", "k", "1"]
    ),
    max_size=30,
).map("".join)


@settings(max_examples=1500, deadline=None)
@given(st.sampled_from("{["), JUNK)
def test_whatever_stands_behind_a_bracket_is_read_or_left_to_the_scanner(bracket: str, junk: str):
    found = rewrite(bracket + junk, 0, Hints())
    assert found is None or found.start == 0
