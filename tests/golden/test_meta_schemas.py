"""The files in `schemas/dialects/` are the rows, and the judge and they agree."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from extract.target.dialect import Dialect
from extract.target.dialects import DIALECTS
from extract.target.judge import check_limits, violations
from extract.target.meta_schema import meta_schema, meta_schemas

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "schemas" / "dialects"
ROWS = tuple(DIALECTS.values())
LINES = (ROOT / "tests" / "corpus" / "schemas.jsonl").read_text("utf-8").splitlines()
OTHERS = re.compile("draft-04|2019-09")
CORPUS = [case for case in map(json.loads, LINES) if not OTHERS.search(str(case["schema"].get("$schema", "")))]
"""Their own words (`exclusiveMinimum: true`, `$recursiveAnchor`) are modernised when a target is compiled; no dialect
takes them as they are."""


def test_the_files_are_those_of_the_rows() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(meta_schemas())


@pytest.mark.parametrize("name", sorted(meta_schemas()))
def test_a_file_is_what_its_row_prints(name: str) -> None:
    """If not: python tests/golden/print_dialects.py."""
    assert (FOLDER / name).read_text("utf-8") == meta_schemas()[name]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_meta_schema_is_a_json_schema(row: Dialect) -> None:
    Draft202012Validator.check_schema(meta_schema(row))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_judge_and_meta_schema_agree_on_schemas_as_they_are(row: Dialect) -> None:
    accepts = Draft202012Validator(meta_schema(row))
    for case in CORPUS:
        schema = case["schema"]
        is_accepted = accepts.is_valid(schema) and not check_limits(schema, row)
        assert is_accepted == (not violations(schema, row)), case["name"]
