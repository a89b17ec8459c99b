"""Backslashes that are no escapes of JSON."""

import pytest

from extract.text import candidates


@pytest.mark.parametrize(
    ("written", "read", "rule"),
    [
        (r'{"a": "C:\Users\new"}', r"C:\Users\new", "path_escape"),
        (r'{"a": "it\'s"}', "it's", "bad_escape"),
        (r'{"a": "\u{1F600}"}', "\U0001f600", "bad_escape"),
        (r'{"a": "a\_b"}', "a_b", "bad_escape"),
        (r"{'a': '\x41\u0042'}", "AB", "quotes"),
        (r"{'a': '\ud83d'}", "\ufffd", "lone_surrogate"),
        (r'{"a": "\alpha + \frac{1}{2}"}', r"\alpha + \frac{1}{2}", "latex_escape"),
        ("{'a': 'one\\\ntwo'}", "onetwo", "bad_escape"),
    ],
)
def test_a_backslash_is_read_by_its_rule(written, read, rule):
    found = candidates(written)[-1]
    assert found.value == {"a": read}
    assert rule in {repair.rule for repair in found.repairs}
