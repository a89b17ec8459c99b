"""Places in a value and in its schema."""

from typing import Any

import pytest

from extract.flow.place import branches, look, movable, put, resolve, schema_at

VALUE: Any = {"a": [{"b": 1}, 2]}


@pytest.mark.parametrize(("path", "held"), [((), VALUE), (("a", 0, "b"), 1), (("a", 1), 2)])
def test_a_value_stands_at_its_path(path: Any, held: Any) -> None:
    assert look(VALUE, path) == held


@pytest.mark.parametrize("path", [("x",), ("a", 9), ("a", "0"), (0,), ("a", 1, "b")])
def test_where_nothing_stands_is_a_lookup_error(path: Any) -> None:
    with pytest.raises(LookupError):
        look(VALUE, path)


@pytest.mark.parametrize(
    ("path", "made"),
    [
        ((), "new"),
        (("a", 1), {"a": [{"b": 1}, "new"]}),
        (("a", 0, "b"), {"a": [{"b": "new"}, 2]}),
        (("c",), {"a": [{"b": 1}, 2], "c": "new"}),
        (("a", 9), VALUE),
        ((0,), VALUE),
    ],
)
def test_putting_makes_a_copy(path: Any, made: Any) -> None:
    assert put(VALUE, path, "new") == made
    assert VALUE == {"a": [{"b": 1}, 2]}


@pytest.mark.parametrize(
    ("root", "path", "found"),
    [
        ({"properties": {"a": {"type": "string"}}}, ("a",), {"type": "string"}),
        ({"additionalProperties": {"type": "string"}}, ("a",), {"type": "string"}),
        ({"additionalProperties": False}, ("a",), None),
        ({"items": {"type": "string"}}, (4,), {"type": "string"}),
        ({"prefixItems": [{"type": "null"}], "items": {"type": "string"}}, (0,), {"type": "null"}),
        ({"prefixItems": [{"type": "null"}], "items": False}, (1,), None),
        ({"properties": {}}, ("a", "b"), None),
        ({"$ref": "#/$defs/r", "$defs": {"r": {"items": {"minimum": 1}}}}, (0,), {"minimum": 1}),
        ({"anyOf": [{"items": {"minimum": 1}}, {"items": {"minimum": 1}}]}, (0,), {"minimum": 1}),
        (
            {"anyOf": [{"items": {"minimum": 1}}, {"items": {"minimum": 2}}]},
            (0,),
            {"anyOf": [{"minimum": 1}, {"minimum": 2}]},
        ),
        ({"type": "object", "$defs": {"r": {}}}, (), {"type": "object"}),
    ],
)
def test_the_schema_that_holds_at_a_path(root: Any, path: Any, found: Any) -> None:
    assert schema_at(root, path) == found


def test_a_reference_that_leads_nowhere_stays() -> None:
    assert resolve({}, {"$ref": "#/$defs/gone", "title": "A"}) == {"$ref": "#/$defs/gone", "title": "A"}


def test_references_in_a_circle_end() -> None:
    root: Any = {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}
    assert resolve(root, {"$ref": "#/$defs/a"}) == {"$ref": "#/$defs/a"}


def test_what_stands_beside_a_reference_lies_over_it() -> None:
    root: Any = {"$defs": {"a": {"type": "string", "title": "A"}}}
    assert resolve(root, {"$ref": "#/$defs/a", "title": "B"}) == {"type": "string", "title": "B"}


def test_the_branches_of_unions_in_unions() -> None:
    inner: Any = {"oneOf": [{"type": "string"}, {"type": "null"}]}
    assert branches({}, {"anyOf": [inner, {"type": "integer"}]}) == [
        {"type": "string"},
        {"type": "null"},
        {"type": "integer"},
    ]


def test_a_union_of_itself_ends() -> None:
    root: Any = {"anyOf": [{"$ref": "#"}, {"type": "null"}]}
    assert {"type": "null"} in branches(root, root)


def test_a_schema_of_named_references_alone_is_movable_as_it_is() -> None:
    root: Any = {"properties": {"a": {"$ref": "#/$defs/r"}}, "$defs": {"r": {"type": "string"}}}
    assert movable(root) is root


def test_a_reference_to_the_root_is_named_so_that_it_means_the_same_elsewhere() -> None:
    root: Any = {"properties": {"next": {"$ref": "#"}, "name": {"type": "string"}}}
    moved: Any = movable(root)
    below: Any = schema_at(moved, ("next", "next", "name"))
    assert below == {"type": "string"}
    assert moved["properties"]["next"]["$ref"] == "#/$defs/whole"


def test_a_reference_into_the_schema_is_named_too() -> None:
    root: Any = {"properties": {"a": {"type": "string"}, "b": {"$ref": "#/properties/a"}}}
    moved: Any = movable(root)
    assert moved["$defs"] == {"whole_properties_a": {"type": "string"}}
    assert schema_at(moved, ("b",)) == {"$ref": "#/$defs/whole_properties_a"}
