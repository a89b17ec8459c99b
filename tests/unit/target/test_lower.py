"""Lowering: shapes on the wire, leniency, paths, parts, sizes, speed that does not explode."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, Field, Json, create_model

from extract.errors import TargetError
from extract.target.dialects import DIALECTS
from extract.target.judge import measure, violations
from extract.target.lower import lower
from extract.target.nodes import walk


class Item(BaseModel):
    name: str
    limit: int | None = 10


class Box(BaseModel):
    items: list[Item]
    counts: dict[str, int]


BOX = {"items": [{"name": "a", "limit": 3}], "counts": {"a": 1}}


def test_an_object_root_is_not_wrapped() -> None:
    assert "items" in lower(Item | None).schema["properties"]["value"] or lower(Item).schema["type"] == "object"


def test_any_other_root_is_wrapped() -> None:
    assert list(lower(list[int]).schema["properties"]) == ["value"]


def test_a_map_is_a_list_of_entries() -> None:
    assert lower(Box).encode_json(BOX)["counts"] == [{"key": "a", "value": 1}]


def test_absent_is_not_null() -> None:
    lowered = lower(Item)
    absent, null = lowered.encode_json({"name": "a"}), lowered.encode_json({"name": "a", "limit": None})
    assert absent != null
    assert lowered.decode(absent).value == {"name": "a"}
    assert lowered.decode(null).value == {"name": "a", "limit": None}


def test_the_natural_shape_is_taken_for_itself() -> None:
    assert lower(Box).decode(BOX).value == BOX


@pytest.mark.parametrize("value", [None, 5, "x", [], [[]], {"counts": [1]}, {"counts": [{"key": "a"}]}])
def test_what_is_broken_stays(value: Any) -> None:
    assert lower(Box).decode(value).value == value


def test_a_repeated_key_is_a_repair() -> None:
    wire = {"items": [], "counts": [{"key": "a", "value": 1}, {"key": "a", "value": 2}]}
    decoded = lower(Box).decode(wire)
    assert decoded.value == {"items": [], "counts": {"a": 2}}
    assert [(one.path, one.rule, one.trust) for one in decoded.repairs] == [
        (("counts", "a"), "repeated_key", "guessed")
    ]


def test_a_wire_path_leads_to_the_users_and_back() -> None:
    lowered = lower(list[Item])
    assert lowered.user_path(("value", 0, "name")) == (0, "name")
    assert lowered.wire_path((0, "name")) == ("value", 0, "name")


def test_a_part_is_lowered_by_itself() -> None:
    assert lower(Box).at(("items", 0, "name")).encode_json("a") == {"value": "a"}


def test_a_part_that_is_not_there_is_refused() -> None:
    with pytest.raises(TargetError):
        lower(Box).at(("nothing",))


def test_a_lowering_is_made_once() -> None:
    assert lower(Box, "azure") is lower(Box, "azure")


def test_a_plain_model_needs_no_decoding_where_keys_may_be_left_out() -> None:
    assert lower(Item, "vllm").is_identity


def test_a_definition_that_needs_decoding_is_seen() -> None:
    assert not lower(list[Box], "vllm").is_identity or lower(Box, "vllm").is_identity
    assert not lower(Box, "openai").is_identity


def test_a_constraint_that_is_not_enforced_is_said() -> None:
    lowered = lower({"type": "object", "properties": {"a": {"type": "string", "pattern": "^(?=x)"}}})
    assert [(loss.path, loss.keyword) for loss in lowered.losses] == [(("a",), "pattern")]
    assert "(?=x)" in str(lowered.schema)


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_a_schema_of_many_properties_holds_the_limits(name: str) -> None:
    fields: Any = {f"field_{i}": (int | None, None) for i in range(300)}
    row = DIALECTS[name]
    assert violations(lower(create_model("Wide", **fields), row).schema, row) == ()


def test_definitions_that_use_each_other_twice_do_not_explode() -> None:
    defs: Any = {
        f"D{i}": {"type": "object", "properties": {k: {"$ref": f"#/$defs/D{i + 1}"} for k in "ab"}} for i in range(40)
    }
    defs["D40"] = {"type": "string"}
    schema = {"$ref": "#/$defs/D0", "$defs": defs}
    assert len(str(lower(schema, "qwen").schema)) < 20_000_000


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog", "hound"] = "dog"


class Checked(BaseModel):
    code: Annotated[str, AfterValidator(str.upper)]
    held: Json[list[int]]


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_a_tag_must_stand_although_it_has_a_default(name: str) -> None:
    schema = lower(list[Annotated[Cat | Dog, Field(discriminator="kind")]], name).schema
    for node in walk(schema):
        if isinstance(node.schema, dict) and "kind" in node.schema.get("properties", {}):
            assert "kind" in node.schema["required"]
            assert "null" not in str(node.schema["properties"]["kind"])


def test_what_has_one_value_only_is_filled_in() -> None:
    assert lower(Cat).encode_json({"lives": 3}) == {"kind": "cat", "lives": 3}


def test_a_function_that_validates_is_a_loss() -> None:
    losses = {(loss.path, loss.keyword): loss.value for loss in lower(Checked).losses}
    assert losses[("code",), "validator"] == ["upper"]


def test_the_name_of_a_validator_is_not_sent_as_a_keyword() -> None:
    assert "x-validators" not in str([lower(Checked, name).schema for name in DIALECTS])


def test_json_within_a_text_is_asked_for_as_json() -> None:
    lowered = lower(Checked)
    assert lowered.schema["properties"]["held"] == {"type": "array", "items": {"type": "integer"}}
    assert lowered.decode({"code": "a", "held": [1]}).value == {"code": "a", "held": "[1]"}


def test_json_within_a_text_is_taken_as_a_text_too() -> None:
    assert lower(Checked).decode({"code": "a", "held": "[1]"}).value == {"code": "a", "held": "[1]"}


def test_a_chain_of_hundreds_of_definitions_is_no_depth() -> None:
    defs: Any = {
        f"T{i}": {"type": "object", "properties": {"next": {"$ref": f"#/$defs/T{i + 1}"}, "n": {"type": "integer"}}}
        for i in range(500)
    }
    defs["T500"] = {"type": "string"}
    for name in ("openai", "qwen", "vllm", "anthropic"):
        lowered = lower({"$ref": "#/$defs/T0", "$defs": defs}, name)
        assert lowered.decode(lowered.encode_json({"n": 1, "next": {"n": 2}})).value == {"n": 1, "next": {"n": 2}}


def test_mixtures_that_use_each_other_thrice_do_not_explode() -> None:
    defs: Any = {}
    for i in range(24):
        below = {"$ref": f"#/$defs/D{i + 1}"}
        both = {"allOf": [below, {**below, "required": ["a"]}, {"properties": {"q": below}}]}
        defs[f"D{i}"] = {"type": "object", "properties": {"a": both, "b": below}}
    defs["D24"] = {"type": "object"}
    assert len(str(lower({"$ref": "#/$defs/D0", "$defs": defs}, "openai").schema)) < 200_000


def test_a_mixture_that_holds_itself_is_a_definition() -> None:
    defs: Any = {
        "n": {"type": "object", "properties": {"c": {"allOf": [{"$ref": "#/$defs/n"}, {"required": ["v"]}]}, "v": {}}}
    }
    assert len(str(lower({"$ref": "#/$defs/n", "$defs": defs}, "openai").schema)) < 4000


def test_what_allof_says_twice_and_one_node_cannot_is_a_loss() -> None:
    lowered = lower({"type": "string", "allOf": [{"pattern": "^a"}, {"pattern": "z$"}]}, "openai")
    assert ("pattern", "z$") in {(loss.keyword, loss.value) for loss in lowered.losses}
    assert "/z$/" in str(lowered.schema)


def test_a_user_key_named_as_the_marker_is_kept_apart_from_it() -> None:
    inner = {"type": ["object", "null"], "properties": {"absent": {"const": True}}, "additionalProperties": False}
    schema = {"type": "object", "properties": {"b": inner}, "additionalProperties": False}
    for name in DIALECTS:
        lowered = lower(schema, name)
        for value in ({"b": {"absent": True}}, {"b": None}, {}):
            assert lowered.decode(lowered.encode_json(value)).value == value


def test_the_limit_of_properties_leaves_as_many_as_it_can() -> None:
    groups: Any = {f"g{i}": {"type": "object", "properties": {f"p{j}": {} for j in range(30)}} for i in range(60)}
    assert len(lower({"type": "object", "properties": groups}, "azure").schema["properties"]) >= 60


WIDE = create_model("WIDE", **{f"p{i}": (int, ...) if i % 2 else (str | None, None) for i in range(150)})  # type: ignore[call-overload]


def test_an_object_beyond_the_limit_keeps_what_fits_by_name() -> None:
    lowered = lower(WIDE, "azure")
    names = list(lowered.schema["properties"])  # type: ignore[arg-type]
    assert names[:2] == ["p0", "p1"]
    assert 80 < len(names) <= 100
    assert violations(lowered.schema, DIALECTS["azure"]) == ()


def test_what_is_beyond_the_limit_comes_back_out_of_one_text() -> None:
    lowered = lower(WIDE, "azure")
    value = WIDE(**{f"p{i}": i for i in range(1, 150, 2)}, p148="x")
    wire = lowered.encode(value)
    assert isinstance(wire, dict)
    assert '"p148": "x"' in str(wire["additional_properties"])
    decoded = lowered.decode(wire)
    assert WIDE.model_validate(decoded.value) == value
    assert decoded.repairs == ()


def test_the_text_names_what_it_holds() -> None:
    text = lower(WIDE, "azure").schema["properties"]["additional_properties"]  # type: ignore[index,call-overload]
    assert "p149" in text["description"]  # type: ignore[index,call-overload,operator]


def test_lists_and_entries_count_as_the_levels_that_they_are() -> None:
    """Each property of a schema too deep and too wide for unions is a list of an object: two levels, not one."""
    leaf: Any = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    for _ in range(12):
        wide = {f"w{index}": {"type": "string"} for index in range(3)}
        leaf = {"type": "object", "properties": {"deep": leaf, "map": {"type": "object"}, **wide}}
    dialect = DIALECTS["openrouter"]
    sizes = measure(lower(leaf, dialect).schema)
    assert sizes["depth"] == dialect.limits.depth


def test_what_is_further_out_is_first_to_be_a_union() -> None:
    inner: Any = {"type": "object", "properties": {f"i{index}": {"type": "string"} for index in range(20)}}
    properties: Any = lower({"type": "object", "properties": {"a": inner}}, "openrouter").schema["properties"]
    assert "anyOf" in properties["a"]


class Line(BaseModel):
    """A line."""

    name: str


class Bar(BaseModel):
    """A bar."""

    name: str


class Disc(BaseModel):
    name: str
    radius: float


def test_members_of_a_union_that_the_type_reads_as_another_are_a_loss() -> None:
    found = [(loss.path, loss.value) for loss in lower(dict[str, list[Line | Disc | Bar]], "openai").losses]
    assert found == [(("*", "*"), "Bar")]


def test_members_of_a_union_that_a_tag_tells_apart_are_no_loss() -> None:
    class Red(BaseModel):
        kind: Literal["red"]
        name: str

    class Blue(BaseModel):
        kind: Literal["blue"]
        name: str

    assert lower(Red | Blue | Line | Disc, "openai").losses == ()
