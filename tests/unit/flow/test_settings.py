"""Settings, and the targets and prompts that are made of what a user gives."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from extract.chat.message import Image, Parts, user
from extract.errors import UsageError
from extract.flow.check import Check
from extract.flow.settings import Settings, list_of, many, prompt_of, type_of_record
from extract.target.compile import compile_target
from extract.target.invalid import Invalid


class Item(BaseModel):
    name: str


def takes(target: object, value: Any) -> bool:
    try:
        compile_target(target).validate(value, strict=True)
    except Invalid:
        return False
    return True


# Targets -----------------------------------------------------------------------------------------------------------------

OWN: Any = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


@pytest.mark.parametrize("target", [Item, TypeAdapter(Item), OWN])
def test_a_list_holds_values_of_the_target(target: object) -> None:
    assert takes(list_of(target), [{"name": "a"}, {"name": "b"}])
    assert not takes(list_of(target), [{"name": 1}])


@pytest.mark.parametrize("target", [Item, TypeAdapter(Item), OWN])
def test_many_are_exactly_so_many(target: object) -> None:
    assert takes(many(target, 2), [{"name": "a"}] * 2)
    assert not takes(many(target, 2), [{"name": "a"}])
    assert not takes(many(target, 2), [{"name": "a"}] * 3)


@pytest.mark.parametrize("count", [0, -1, True, 1.0, "2"])
def test_a_count_that_is_no_number_of_values_is_refused(count: Any) -> None:
    with pytest.raises(UsageError, match="whole number of 1 or more"):
        many(Item, count)


@pytest.mark.parametrize("defs", ["$defs", "definitions"])
def test_a_list_keeps_the_names_of_a_json_schema(defs: str) -> None:
    schema = {"$ref": f"#/{defs}/own", defs: {"own": OWN}}
    assert takes(list_of(schema), [{"name": "a"}])
    assert not takes(list_of(schema), [{"name": 1}])


def test_a_list_of_a_schema_that_refers_to_itself_means_the_same() -> None:
    tree: Any = {"type": "object", "properties": {"next": {"$ref": "#"}}, "additionalProperties": False}
    assert takes(list_of(tree), [{"next": {"next": {}}}])
    assert not takes(list_of(tree), [{"next": [{}]}])
    assert tree["properties"] == {"next": {"$ref": "#"}}


@pytest.mark.parametrize("record", [{"a": 1}, [1], None])
def test_a_record_whose_type_says_nothing_needs_a_target(record: object) -> None:
    with pytest.raises(UsageError, match="give target="):
        type_of_record(record, None)


def test_a_record_is_of_its_own_type() -> None:
    assert type_of_record(Item(name="a"), None) is Item
    assert type_of_record({"name": "a"}, Item) is Item


# Prompts -----------------------------------------------------------------------------------------------------------------


def test_messages_are_a_source_of_their_own_kind() -> None:
    prompt = prompt_of([user("a")])
    assert (prompt.task, prompt.messages) == ("messages", (user("a"),))


def test_a_picture_is_a_source() -> None:
    picture = Image("https://x.test/a.png")
    assert prompt_of(picture).parts == Parts(picture)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("  \n", "is empty"),
        (Parts("", " "), "is empty"),
        ([], "an empty list"),
        ([user("a"), "b"], "only if it holds messages"),
        (b"a", "the source is bytes"),
        (5, "the source is a int"),
    ],
)
def test_what_is_no_source_says_what_to_give(source: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        prompt_of(source)


# Settings ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"method": "best"}, "method is 'best'"),
        ({"missing": "maybe"}, "missing is 'maybe'"),
        ({"instructions": 5}, "instructions is 5"),
        ({"budget": 5}, "must be a Budget"),
        ({"agree": 3}, "must be an Agree"),
        ({"examples": "a"}, "list of pairs"),
        ({"examples": [("a",)]}, r"examples\[0\] is"),
        ({"examples": [("a", 1), (2, "b")]}, r"examples\[1\] is"),
        ({"examples": ["ab"]}, r"examples\[0\] is"),
    ],
)
def test_a_wrong_setting_is_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Settings().but(given)


def test_sampling_is_changed_one_by_one() -> None:
    settings = Settings().but({"temperature": 0.5, "seed": 1}).but({"seed": 2})
    assert settings.sampling == {"temperature": 0.5, "seed": 2}


def test_settings_that_change_nothing_are_the_same() -> None:
    settings = Settings()
    assert settings.but({}) is settings


def test_what_is_changed_is_made_into_its_own_form() -> None:
    settings = Settings().but({"examples": [["a", 1]], "checks": [len]})
    assert (settings.examples, settings.checks) == ((("a", 1),), (Check(len),))
