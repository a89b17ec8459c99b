"""`repair`: what it refuses, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from extract import UsageError, repair


def test_an_empty_text_is_a_value_error_that_says_so() -> None:
    with pytest.raises(ValueError, match="the text is empty: it holds no JSON value"):
        repair(" ")


def test_a_text_without_json_is_shown() -> None:
    with pytest.raises(ValueError, match="'~~~' holds no JSON value"):
        repair("~~~")


@pytest.mark.parametrize(
    ("text", "words"), [(None, "the text is None; it must be a str"), (b"{}", r"decode it with \.decode\(\)")]
)
def test_anything_but_a_text_is_a_usage_error(text: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        repair(text)
