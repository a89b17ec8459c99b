"""The fast decoder takes what Python's decoder takes, says where it ends, and gives way where it would change anything."""

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from extract.text.candidate import Hints
from extract.text.cut import read_cut
from extract.text.decode import Ended, decode, decode_fast
from extract.text.strict import decoder

TEXT = st.text(st.characters(codec="utf-8"), max_size=12) | st.text(
    st.sampled_from('ab{}[]:," \\\n\t/é漢🎉'), max_size=12
)
NUMBERS = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"\A-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,3})?\Z"),
)
SPACE = st.sampled_from(["", "", "", " ", "\n", "\t", "\r\n  "])


def quoted(is_ascii: bool, text: str) -> str:
    return json.dumps(text, ensure_ascii=is_ascii)


STRINGS = st.builds(quoted, st.booleans(), TEXT)


def listed(items: list[str], space: str) -> str:
    return "[" + f",{space}".join(items) + f"{space}]"


def object_of(members: list[tuple[str, str]], space: str) -> str:
    return "{" + space + f",{space}".join(f"{key}{space}: {value}" for key, value in members) + "}"


PARTS = st.recursive(
    STRINGS | NUMBERS | st.sampled_from(["true", "false", "null", "{}", "[]"]),
    lambda inner: (
        st.builds(listed, st.lists(inner, max_size=4), SPACE)
        | st.builds(object_of, st.lists(st.tuples(STRINGS | st.just('"k"'), inner), max_size=4), SPACE)
    ),
    max_leaves=12,
)
VALUES = st.builds(listed, st.lists(PARTS, max_size=4), SPACE) | st.builds(
    object_of, st.lists(st.tuples(STRINGS | st.just('"k"'), PARTS), max_size=4), SPACE
)
"""JSON text of containers, with keys that may be repeated."""
BEHIND = st.text(st.sampled_from("{}[]\"':, ab1\n`\\é🎉"), max_size=20)
BROKEN_BY = st.sampled_from(['"', "'", "{", "}", "[", "]", ",", ":", "\\", "1", "e5", ".0", " ", "\n", "x", "\\ud83d"])


def slowly(text: str, *, exact: bool):
    """What Python's decoder reads, where it ends, and the keys that were repeated; None where it reads nothing."""
    repeated = []
    try:
        return *decoder(repeated, exact=exact).raw_decode(text), repeated
    except ValueError:
        return None


def told(value) -> str:
    """A value with the digits of its numbers, for comparing."""
    return repr(value) + str([one.literal for one in numbers_in(value)])


def numbers_in(value):
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if hasattr(part, "literal"):
            yield part
        yield from numbers_in(part)


@settings(max_examples=200, deadline=None)
@given(VALUES, BEHIND, st.booleans())
def test_a_value_is_read_as_by_pythons_decoder_whatever_stands_behind_it(text: str, behind: str, exact: bool):
    fast = decode_fast(text + behind, 0, exact=exact)
    if isinstance(fast, tuple):
        value, end, repeated = slowly(text, exact=exact) or (None, 0, [])
        assert (told(fast[0]), fast[1]) == (told(value), end)
        assert not repeated
    else:
        assert not isinstance(fast, Ended)


@settings(max_examples=300, deadline=None)
@given(VALUES, BROKEN_BY, st.data(), st.booleans())
def test_of_a_broken_text_nothing_is_read_that_pythons_decoder_does_not_read(text: str, mark: str, data, exact: bool):
    at = data.draw(st.integers(1, len(text)))
    broken = text[:at] + mark + text[at + data.draw(st.integers(0, 2)) :]
    fast = decode_fast(broken, 0, exact=exact)
    if isinstance(fast, tuple):
        slow = slowly(broken, exact=exact)
        assert slow is not None
        assert (told(fast[0]), fast[1], []) == (told(slow[0]), slow[1], slow[2])


@settings(max_examples=100, deadline=None)
@given(VALUES, st.data(), st.booleans())
def test_a_text_ended_too_soon_where_it_is_a_begin_of_a_value_and_nowhere_else(text: str, data, exact: bool):
    begin = text[: data.draw(st.integers(1, max(1, len(text) - 1)))]
    if data.draw(st.booleans()):
        begin = begin[:-1] + data.draw(BROKEN_BY)
    is_half_escape = "\\u" in begin[-6:]  # what follows it is not looked at where it is too short
    if begin[:1] not in ("{", "[") or is_half_escape or not isinstance(decode_fast(begin, 0, exact=exact), Ended):
        return
    assert any(slowly(begin + rest, exact=exact) for rest in ends(begin))


def ends(begin: str):
    """What may follow a begin of JSON: a string closed, a literal or number or member completed, then all brackets."""
    outside = re.sub(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)', '""', begin, flags=re.DOTALL)
    open_ones = []
    for char in outside:
        if char in "{[":
            open_ones.append("}" if char == "{" else "]")
        elif char in "}]" and open_ones:
            open_ones.pop()
    closers = "".join(reversed(open_ones))
    for escape in ("", "n", "0", "00", "000", "0000", "u0041"):
        for string in ("", '"'):
            for word in ("", "0", "rue", "ue", "e", "alse", "lse", "se", "ull", "ll", "l", "null"):
                for member in ("", ":0", "0", '"":0'):
                    yield escape + string + word + member + closers


@settings(max_examples=100, deadline=None)
@given(VALUES, st.data(), st.booleans())
def test_a_cut_that_was_seen_by_the_fast_decoder_is_read_as_one_seen_by_pythons(text: str, data, exact: bool):
    begin = text[: data.draw(st.integers(1, len(text)))]
    hints = Hints(exact=exact)
    fast = decode(begin, 0, hints)
    if not isinstance(fast, Ended):
        return
    try:
        decoder([], exact=exact).raw_decode(begin)
    except json.JSONDecodeError as error:
        quick, slow = (read_cut(begin, 0, hints, one) for one in (fast, error))
        if quick is not None and slow is not None:  # Python's words do not say what is amid an escape
            assert (told(quick.value), quick.repairs) == (told(slow.value), slow.repairs)
