"""The rows: complete, hashable, picklable, and found by name."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from extract.chat.endpoint import Endpoint
from extract.chat.endpoints import ENDPOINTS
from extract.errors import UsageError
from extract.target.dialect import Dialect
from extract.target.dialects import DIALECTS, find_dialect, intersect
from extract.target.lower import lower

ROWS = tuple(DIALECTS.values())
NAMED = [
    "openai",
    "azure",
    "deepseek",
    "groq",
    "xai",
    "fireworks",
    "together",
    "anthropic",
    "gemini",
    "mistral",
    "qwen",
    "siliconflow",
    "openrouter",
    "vllm",
    "sglang",
    "llamacpp",
    "ollama",
    "lmstudio",
    "plain",
    "portable",
]


def test_every_dialect_that_we_promise_has_a_row() -> None:
    assert set(DIALECTS) == set(NAMED)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_is_hashable_and_survives_pickling(row: Dialect) -> None:
    assert hash(pickle.loads(pickle.dumps(row))) == hash(row)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_names_its_page_and_the_day(row: Dialect) -> None:
    assert "2026-" in row.source


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_keyword_is_either_enforced_or_ignored(row: Dialect) -> None:
    assert not row.keywords & row.ignored


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_pattern_and_format_are_taken_only_with_what_they_may_hold(row: Dialect) -> None:
    assert ("pattern" in row.keywords) == (row.pattern != "none")
    assert ("format" in row.keywords) == bool(row.formats) or row.any_keyword


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_where_references_are_inlined_there_is_no_recursion(row: Dialect) -> None:
    assert row.refs == "defs" or not row.recursion


def test_a_row_is_found_by_its_name() -> None:
    assert find_dialect("azure") is DIALECTS["azure"]


def test_a_row_of_ones_own_is_passed_through() -> None:
    own = replace(DIALECTS["vllm"], name="ours")
    assert find_dialect(own) is own


def test_an_unknown_name_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no dialect 'opnai'.*anthropic, azure.*openai"):
        find_dialect("opnai")


def test_the_intersection_takes_the_stricter_of_two_rows() -> None:
    both = intersect((DIALECTS["openai"], DIALECTS["llamacpp"]), name="both", source="2026-11-23")
    assert (both.root, both.optional, both.maps, both.strict_objects) == ("object", "required", "entries", True)
    assert both.formats == {"date", "uuid"}
    assert both.pattern == "anchored"
    assert (both.limits.properties, both.limits.string_length) == (5000, 2000)


def test_the_intersection_of_two_definition_keys_inlines() -> None:
    both = intersect((DIALECTS["openai"], DIALECTS["deepseek"]), name="both", source="2026-11-23")
    assert both.refs == "inline"


@pytest.mark.parametrize("row", ENDPOINTS.values(), ids=lambda row: row.name)
@pytest.mark.parametrize("target", [int, list[str], int | None, dict[str, int]], ids=str)
def test_the_arguments_of_a_tool_are_an_object(row: Endpoint, target: object) -> None:
    assert lower(target, row.tool_dialect).schema["type"] == "object"
