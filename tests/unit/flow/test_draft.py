"""The value so far: what is shown, what is closed, and what is taken back."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import Field

from extract.flow.draft import View
from extract.target.compile import compile_target
from extract.target.shape import ANYTHING, Shape, shape_of

VALUE: Any = {"a": [1, "x"], "b": {"c": True}}


def shown(value: Any = VALUE, shape: Shape = ANYTHING) -> View:
    view = View()
    view.whole(view.top, "", shape, value)
    view.draft()
    return view


def told(view: View) -> list[tuple[Any, str, Any]]:
    return [(change.path, change.kind, change.value) for change in view.draft().changes]


# Closed paths ----------------------------------------------------------------------------------------------------------


def test_everything_in_a_closed_value_is_closed() -> None:
    assert list(shown().closed) == [("a", 0), ("a", 1), ("a",), ("b", "c"), ("b",), ()]


@pytest.mark.parametrize("path", [("z",), ("a", 2), ("a", 0, "z"), "a", 5])
def test_what_is_no_path_of_the_value_is_not_closed(path: object) -> None:
    assert path not in shown().closed


def test_closed_paths_can_be_read() -> None:
    assert repr(shown([1]).closed) == "Closed([(0,), ()])"


def test_a_member_within_a_closed_one_is_closed() -> None:
    assert ("b", "c") in shown().closed


def test_a_draft_can_be_read() -> None:
    assert repr(shown([1]).draft()) == "Draft([1], epoch=0, is_final=False)"


# What arrives ----------------------------------------------------------------------------------------------------------


def test_an_item_behind_a_gap_is_not_shown() -> None:
    view = View()
    node = view.begin(view.top, "", ANYTHING, [])
    assert node is not None
    view.leaf(node, 1, ANYTHING, "late")
    assert view.begin(node, 1, ANYTHING, {}) is None
    assert view.begin_text(node, 1, ANYTHING) is None
    view.whole(node, 1, ANYTHING, ["late"])
    view.end(node)
    assert view.root == []
    assert () not in view.closed


def test_an_item_that_comes_again_takes_its_place() -> None:
    view = View()
    node = view.begin(view.top, "", ANYTHING, [])
    assert node is not None
    view.leaf(node, 0, ANYTHING, "first")
    view.leaf(node, 0, ANYTHING, "second")
    assert view.root == ["second"]


def test_a_leaf_of_another_type_is_not_shown_and_leaves_its_holder_open() -> None:
    view = View()
    shape = shape_of(compile_target(list[int]))
    view.whole(view.top, "", shape, [1, "x"])
    assert view.root == [1]
    assert list(view.closed) == [(0,)]


def test_a_member_that_the_type_does_not_know_is_not_shown() -> None:
    closed: Any = {"type": "object", "properties": {"a": {}}, "additionalProperties": False}
    view = View()
    view.whole(view.top, "", shape_of(compile_target(closed)), {"a": 1, "b": 2})
    assert view.root == {"a": 1}
    assert () not in view.closed


def test_a_text_that_ends_as_no_valid_one_stays_open() -> None:
    view = View()
    shape = shape_of(compile_target(Annotated[str, Field(max_length=2)]))
    text = view.begin_text(view.top, "", shape)
    assert text is not None
    text.grow("abc")
    text.close("abc")
    assert view.root == "abc"
    assert list(view.closed) == []


# What is taken back -----------------------------------------------------------------------------------------------------


def test_abandoning_what_was_shown_raises_the_epoch() -> None:
    view = shown()
    view.abandon()
    assert (view.root, view.epoch, list(view.closed)) == (None, 1, [])
    assert told(view) == [((), "set", None)]


def test_abandoning_nothing_changes_nothing() -> None:
    view = View()
    view.abandon()
    assert (view.epoch, told(view)) == (0, [])


def test_a_path_that_is_asked_again_is_open_and_the_rest_stays_closed() -> None:
    view = shown()
    view.rebase(VALUE, (("a", 1),))
    assert list(view.closed) == [("a", 0), ("b", "c"), ("b",)]
    assert view.epoch == 0


def test_all_that_is_asked_again_is_open() -> None:
    view = shown()
    view.rebase(VALUE, ((),))
    assert list(view.closed) == []
    assert view.epoch == 0


def test_going_on_from_the_same_value_changes_nothing() -> None:
    view = shown()
    view.rebase(VALUE, ())
    assert told(view) == []
    assert () in view.closed


def test_what_was_closed_and_stands_otherwise_raises_the_epoch() -> None:
    view = shown()
    view.rebase({"a": [1, "y"], "b": {"c": True}}, ())
    assert view.epoch == 1
    assert list(view.closed) == []


def test_what_was_closed_behind_a_cut_is_lost_for_now() -> None:
    view = shown()
    view.rebase({"a": [1]}, ())
    assert view.epoch == 0
    assert list(view.closed) == [("a", 0)]


def test_what_was_lost_and_came_back_otherwise_raises_the_epoch() -> None:
    view = shown()
    view.rebase({"a": [1]}, ())
    view.settle({"a": [1, "other"], "b": {"c": True}})
    assert view.epoch == 1


def test_what_was_lost_and_came_back_raises_nothing() -> None:
    view = shown()
    view.rebase({"a": [1]}, ())
    view.settle(VALUE)
    assert (view.epoch, view.root) == (0, VALUE)


def test_a_base_of_another_kind_raises_the_epoch() -> None:
    view = shown()
    view.rebase("other", ())
    assert (view.epoch, view.root) == (1, "other")


def test_the_base_is_a_copy() -> None:
    base: Any = {"a": [1]}
    view = View()
    view.rebase(base, ())
    node = view.node_at(("a",))
    assert node is not None
    view.leaf(node, 1, ANYTHING, 2)
    assert (view.root, base) == ({"a": [1, 2]}, {"a": [1]})


def test_a_closed_list_is_open_for_further_items_again() -> None:
    view = shown()
    node = view.node_at(("a",))
    assert node is not None
    assert list(view.closed) == [("a", 0), ("a", 1), ("b", "c"), ("b",)]


@pytest.mark.parametrize("path", [("a", 0), ("z",), ("a", 7)])
def test_where_no_container_stands_is_no_node(path: Any) -> None:
    assert shown().node_at(path) is None


# The end ------------------------------------------------------------------------------------------------------------------


def test_settling_on_what_was_shown_tells_nothing_anew() -> None:
    view = shown()
    view.settle(VALUE)
    assert (view.epoch, told(view)) == (0, [])


def test_settling_on_another_value_raises_the_epoch() -> None:
    view = shown()
    view.settle({"a": [1, "x"], "b": {"c": False}})
    assert view.epoch == 1
    assert told(view)[0][:2] == ((), "set")


@pytest.mark.parametrize(("old", "new"), [(True, 1), ({"a": True}, {"a": 1}), ([0], [False])])
def test_a_truth_value_is_no_number(old: Any, new: Any) -> None:
    view = shown(old)
    view.settle(new)
    assert view.epoch == 1


def test_what_closed_and_is_gone_in_the_end_raises_the_epoch() -> None:
    view = View()
    node = view.begin(view.top, "", ANYTHING, {})
    assert node is not None
    view.leaf(node, "a", ANYTHING, 1)
    view.settle({"b": 1})
    assert view.epoch == 1


def test_the_first_value_at_the_end_is_set_and_closed() -> None:
    view = View()
    view.settle([1])
    assert told(view) == [((), "set", [1]), ((), "close", [1])]
