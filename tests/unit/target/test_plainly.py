"""The quick look never takes what the meta-schema refuses, and takes what is usual."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from extract.target.plainly import is_plainly_valid

CORPUS = [
    json.loads(line)["schema"]
    for line in (Path(__file__).parents[2] / "corpus" / "schemas.jsonl").read_text("utf-8").splitlines()
]
WRONG: list[Any] = [
    {"type": "text"},
    {"type": ["string", "string"]},
    {"minLength": -1},
    {"minLength": 1.5},
    {"multipleOf": 0},
    {"required": ["a", "a"]},
    {"required": "a"},
    {"enum": {}},
    {"pattern": "("},
    {"patternProperties": {"(": {}}},
    {"properties": {"a": 1}},
    {"items": []},
    {"anyOf": []},
    {"allOf": {}},
    {"uniqueItems": 1},
    {"exclusiveMinimum": True},
    {"$defs": {"a": {"title": 1}}},
    {"not": "a"},
]


@pytest.mark.parametrize("schema", WRONG, ids=json.dumps)
def test_what_is_wrong_is_not_plainly_right(schema: Any) -> None:
    with pytest.raises(SchemaError):
        Draft202012Validator.check_schema(schema)
    assert not is_plainly_valid(schema)


def test_most_schemas_are_plainly_right() -> None:
    assert sum(map(is_plainly_valid, CORPUS)) > 0.7 * len(CORPUS)
