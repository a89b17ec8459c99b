from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.text.incremental import Scanner
from tests.property.test_text import VALUES


@dataclass
class Seen:
    """A sink that builds the value, and notes what it is told."""

    told: list[tuple[Any, str, Any]] = field(default_factory=list)
    path: tuple[Any, ...] = ()
    up: Any = None
    value: Any = None

    def put(self, value: Any) -> None:
        self.value = value
        if self.up is None:
            return
        holder = self.up.value
        if isinstance(holder, dict):
            holder[self.path[-1]] = value
        elif len(holder) == self.path[-1]:
            holder.append(value)
        else:
            holder[-1] = value

    def begin(self, value: Any) -> None:
        self.put(value)
        self.told.append((self.path, "begin", type(value)))

    def grow(self, text: str) -> None:
        self.put(self.value + text)
        self.told.append((self.path, "grow", text))

    def leaf(self, step: Any, value: Any) -> None:
        self.child(step).put(value)
        self.told.append(((*self.path, step), "close", value))

    def text(self, step: Any) -> Seen:
        text = self.child(step)
        text.begin("")
        return text

    def child(self, step: Any) -> Seen:
        return Seen(self.told, (*self.path, step), self)

    def close(self, value: Any) -> None:
        assert value == self.value
        self.told.append((self.path, "close", None))


def seen(text: str, size: int = 1, starts: str = "{[") -> tuple[Seen, Scanner]:
    root = Seen()
    scanner = Scanner(starts, lambda: root)
    for at in range(0, len(text), size):
        scanner.feed(text[at : at + size])
    return root, scanner


def closed(root: Seen) -> list[Any]:
    return [path for path, kind, _ in root.told if kind == "close"]


def test_a_number_appears_only_when_it_is_closed() -> None:
    root, scanner = seen('{"age": 3')
    assert root.value == {}
    scanner.feed("1,")
    assert root.value == {"age": 31}


def test_a_string_grows() -> None:
    root, scanner = seen('["ab')
    assert root.value == ["ab"]
    scanner.feed("cd")
    assert root.told[-1] == ((0,), "grow", "cd")


def test_what_came_within_a_piece_is_told_at_once() -> None:
    root, _ = seen('{"a": "b', 100)
    assert root.told[-1] == (("a",), "grow", "b")


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 100])
def test_the_closed_paths_are_told_in_order(size: int) -> None:
    root, _ = seen('{"a": [1, {"b": "x"}], "c": null, "d\\n": "y"}', size)
    assert closed(root) == [("a", 0), ("a", 1, "b"), ("a", 1), ("a",), ("c",), ("d\n",), ()]


def test_reasoning_and_fences_are_passed_over() -> None:
    root, scanner = seen('<think>{"a": 0}</think>Here:\n```json\n{"a": 1}\n```')
    assert (scanner.is_done, root.value, scanner.rest) == (True, {"a": 1}, "\n```")


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<think>", "</think>"),
        ("<reflection>", "</reflection>"),
        ('<analysis kind="long">', "</analysis>"),
        ("<seed:think>", "</seed:think>"),
        ("[THINK]", "[/THINK]"),
        ("◁think▷", "◁/think▷"),
        ("<|begin_of_thought|>", "<|end_of_thought|>"),
        ("<|START_THINKING|>", "<|END_THINKING|>"),
        ("<|channel>thought", "<channel|>"),
        ("Here is my thought process:", "Here is my response:"),
        ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>"),
    ],
)
@pytest.mark.parametrize("size", [1, 4, 1000])
def test_every_mark_of_thoughts_hides_what_stands_in_it(opening: str, closing: str, size: int) -> None:
    root, scanner = seen(f'{opening}\nperhaps {{"a": 0}} or [1]\n{closing}{{"a": 1}}', size)
    assert (scanner.is_done, root.value) == (True, {"a": 1})


@pytest.mark.parametrize("size", [1, 100])
@pytest.mark.parametrize(
    "text",
    [
        "{'a': 1}", '{"a": 1, "a": 2}', '{"a" 1}', '{"a": 01}', '{"a": tru}', '["\\x"]', '{"a": "\\x"}', '{"\\x": 1}',
        "[1 2]", "[1}", '{"a": 1]', "[,]", '{"a": }', f"[{'1' * 5000}]", '{"%s": 1}' % ("k" * 5000 + "\\"), "[" * 300,
    ],
)  # fmt: skip
def test_a_fault_abandons_the_candidate(text: str, size: int) -> None:
    assert seen(text, size)[1].is_broken


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_any_piece_size_gives_the_same_value(size: int) -> None:
    value = {"é": ['😀\n"\\', -1.5e3, True, None, {}, [], 0, -7], "z": "", 'k"\\': "\ud83d", "o": {"p": ["", "q"]}}
    root, scanner = seen(json.dumps(value), size)
    assert (scanner.is_done, root.value) == (True, value)


@pytest.mark.parametrize("size", [1, 100])
def test_what_models_write_beside_the_grammar_is_taken(size: int) -> None:
    assert seen('{"a": True, "b": [None, False,],\n "c": "x\ty",}', size)[0].value == {
        "a": True, "b": [None, False], "c": "x\ty",
    }  # fmt: skip


@given(VALUES, st.lists(st.integers(1, 9), min_size=1, max_size=5), st.sampled_from([None, 1]))
def test_any_split_gives_the_same_value_and_closes_the_same_paths(
    value: Any, sizes: list[int], indent: int | None
) -> None:
    text = json.dumps([value], indent=indent)
    whole, _ = seen(text, len(text))
    root = Seen()
    scanner = Scanner("{[", lambda: root)
    at, turn = 0, 0
    while at < len(text):
        size = sizes[turn % len(sizes)]
        scanner.feed(text[at : at + size])
        at, turn = at + size, turn + 1
    assert json.dumps(root.value) == json.dumps(whole.value) == json.dumps([value])
    assert closed(root) == closed(whole)


def test_a_long_text_costs_no_more_by_the_piece_than_a_short_one() -> None:
    root, scanner = seen('["')
    for _ in range(20_000):
        scanner.feed('a\\"')
    assert len([1 for _, kind, _ in root.told if kind == "grow"]) == 20_000
