"""Members of a union that an answer names: by tag, by title, as a call; never read as another that looks the same."""

import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from extract import InvalidOutputError, parse, read


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str] = []


class Line(BaseModel):
    name: str


class Box(BaseModel):
    name: str


class Disc(BaseModel):
    name: str
    radius: float


@dataclass
class Ball:
    name: str
    weight: float


class Titled(BaseModel):
    model_config = ConfigDict(title="Sheet")
    name: str
    pages: int


class Width(BaseModel):
    model_config = ConfigDict(title="Box")
    width: int


class Holder(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]
CAT = Cat(kind="cat", lives=9)


@pytest.mark.parametrize(
    "text",
    [
        '{"cat": {"lives": 9}}',
        '{"Cat": {"kind": "cat", "lives": 9}}',
        '{"type": "cat", "lives": 9}',
        '{"kind": "cat", "cat": {"lives": 9}}',
        '{"kind": "cat", "data": {"lives": 9}}',
        '{"name": "cat", "arguments": {"lives": 9}}',
    ],
)
def test_a_tag_around_or_beside_a_value_is_its_tag(text: str) -> None:
    assert parse(Pet, text) == CAT
    assert parse(Holder, f'{{"pet": {text}}}') == Holder(pet=CAT)


def test_a_call_of_a_member_has_its_tag() -> None:
    assert parse(Pet, "Cat(lives=9)") == CAT


@pytest.mark.parametrize(
    "text", ['{"bird": {"lives": 9}}', '{"cat": {"lives": 9}, "dog": {}}', '{"cat": 9}', '{"type": "bird", "lives": 9}']
)
def test_what_names_no_member_or_two_is_refused(text: str) -> None:
    with pytest.raises(InvalidOutputError):
        parse(Pet, text)


@pytest.mark.parametrize(
    "text",
    [
        '{"Box": {"name": "b"}}',
        '{"box": {"name": "b"}}',
        '{"type": "Box", "name": "b"}',
        '{"name": "Box", "arguments": {"name": "b"}}',
        'Box(name="b")',
    ],
)
def test_a_member_that_the_type_does_not_tell_from_another_is_not_taken_for_it(text: str) -> None:
    with pytest.raises(InvalidOutputError, match="is a Box, which the type reads as Line"):
        parse(Line | Box, text)


@pytest.mark.parametrize("text", ['{"Line": {"name": "a"}}', '{"type": "line", "name": "a"}', 'Line(name="a")'])
def test_the_member_that_the_type_reads_is_taken_where_it_is_named(text: str) -> None:
    assert parse(Line | Box, text) == Line(name="a")


def test_members_of_a_list_are_told_apart_each() -> None:
    text = '[Line(name="a"), Disc(name="b", radius=1.5), Ball(name="c", weight=2)]'
    assert parse(list[Line | Disc | Ball], text) == [
        Line(name="a"),
        Disc(name="b", radius=1.5),
        Ball(name="c", weight=2),
    ]


def test_a_title_of_ones_own_counts() -> None:
    assert parse(Line | Titled, '{"Sheet": {"name": "a", "pages": 2}}') == Titled(name="a", pages=2)


@pytest.mark.parametrize(
    "text",
    [
        'Line(name="a")',
        '{"name": "Line", "arguments": {"name": "a"}}',
        '{"name": "Line", "parameters": "{\\"name\\": \\"a\\"}"}',
    ],
)
def test_a_call_of_a_type_with_a_name_is_not_the_name(text: str) -> None:
    found = read(Line, text)
    assert found.value == Line(name="a")
    assert "call_unwrapped" in {repair.rule for repair in found.repairs}


def test_a_call_of_another_name_in_valid_json_is_left_as_it_is() -> None:
    assert parse(Line, '{"name": "search", "arguments": {"name": "x"}}') == Line(name="search")


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str


class Wide(Open):
    size: int


SCHEMA: Any = {
    "$defs": {
        "Line": {"title": "Line", "type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        "Box": {"title": "Box", "type": "object", "properties": {"width": {"type": "integer"}}, "required": ["width"]},
    },
    "anyOf": [{"$ref": "#/$defs/Line"}, {"$ref": "#/$defs/Box"}],
}


@pytest.mark.parametrize("text", ['{"type": "Open", "name": "a"}', '{"name": "a", "kind": "Wide", "size": 2}'])
def test_a_member_that_the_type_keeps_is_no_name_of_it(text: str) -> None:
    found = read(Open | Wide, text)
    assert found.value.model_dump() == json.loads(text)
    assert found.repairs == ()


@pytest.mark.parametrize("text", ['{"Box": {"width": "2"}}', '{"Box": {"width": 2}}'])
def test_a_key_of_a_map_is_no_name_of_a_type(text: str) -> None:
    assert parse(dict[str, Width] | Width, text) == {"Box": Width(width=2)}


def test_valid_json_of_a_schema_keeps_the_members_that_it_does_not_name() -> None:
    text = '{"type": "Line", "name": "a"}'
    assert parse(SCHEMA, text) == json.loads(text)


def test_valid_json_of_a_schema_is_no_call_of_it() -> None:
    text = '{"name": "Line", "arguments": {"name": "a"}}'
    assert parse(SCHEMA["$defs"]["Line"], text) == json.loads(text)


class OpenCat(BaseModel):
    model_config = ConfigDict(extra="allow")
    kind: Literal["cat"] = "cat"
    lives: int


class OpenDog(BaseModel):
    model_config = ConfigDict(extra="allow")
    kind: Literal["dog"] = "dog"
    tricks: int


def test_a_member_that_the_type_keeps_is_no_tag_where_none_is_needed() -> None:
    found = read(OpenCat | OpenDog, '{"type": "cat", "lives": 9}')
    assert found.value.model_dump() == {"kind": "cat", "lives": 9, "type": "cat"}
