"""A list that arrives in pieces, cut into its items."""

from __future__ import annotations

import json

import pytest

from extract.text.items import ItemSplitter

ITEMS = [{"a": 'x"[]{}\\ y\n', "b": [1, {"c": 2}]}, {"a": "", "b": []}, {"a": "é😀\\", "b": [[], {}]}]
TEXT = ", ".join(json.dumps(item) for item in ITEMS)


def split(text: str, size: int, names: str = "ab") -> tuple[list[str], ItemSplitter]:
    splitter = ItemSplitter(frozenset(names))
    return [raw for at in range(0, len(text), size) for raw in splitter.feed(text[at : at + size])], splitter


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
@pytest.mark.parametrize(
    "around",
    [
        "[{}]",
        '{{"value": [{}]}}',
        "Here:\n```json\n[{}]\n```",
        '<think>[1]</think>{{"count": "3 [", "items": [{}]}} ok',
    ],
    ids=["bare", "envelope", "fence", "beside"],
)
def test_the_items_are_found_wherever_the_list_stands(around: str, size: int) -> None:
    found, splitter = split(around.format(TEXT), size)
    assert [json.loads(raw) for raw in found] == ITEMS
    assert splitter.is_closed


@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_objects_one_after_another_are_items(size: int) -> None:
    found, splitter = split("\n".join(json.dumps(item) for item in ITEMS), size)
    assert [json.loads(raw) for raw in found] == ITEMS
    assert not splitter.is_closed


@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_single_values_are_items_too(size: int) -> None:
    found, _ = split('{"value": [1, 2.5, true,"a,]", null]}', size, "")
    assert found == ["1", "2.5", "true", '"a,]"', "null"]


def test_what_is_open_is_the_tail() -> None:
    found, splitter = split('[{"a": 1}, {"a": "x\\', 1)
    assert (found, splitter.tail) == (['{"a": 1}'], '{"a": "x\\')


def test_memory_is_that_of_one_item() -> None:
    splitter = ItemSplitter(frozenset("a"))
    splitter.feed("[")
    for _ in range(1000):
        splitter.feed('{"a": "' + "x" * 50 + '"},')
    assert len(splitter.tail) == 0
    assert len(splitter._pending) < 100
