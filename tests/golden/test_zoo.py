"""Every type in every dialect: within its rules, and every value out and back."""

from __future__ import annotations

import json
import warnings
from functools import cache

import pytest
from jsonschema import Draft202012Validator

from extract.errors import TargetError
from extract.target.dialects import DIALECTS
from extract.target.judge import violations
from extract.target.lower import lower
from extract.target.meta_schema import meta_schema
from tests.zoo import CASES, NO_VALUE, ONE_WAY, REFUSED, Case
from tests.zoo.carry import problems

ROWS = tuple(DIALECTS.values())
pytestmark = pytest.mark.filterwarnings("ignore:.*ReadOnly")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_type_is_carried_by_every_dialect(case: Case) -> None:
    found = {row.name: wrong for row in ROWS if (wrong := problems(case, row))}
    assert found == {}


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_a_type_without_a_json_form_is_refused(case: Case) -> None:
    with warnings.catch_warnings(), pytest.raises(TargetError):
        warnings.simplefilter("ignore")
        lower(case.target, "openai")


@pytest.mark.parametrize("case", NO_VALUE, ids=lambda case: case.name)
def test_a_value_without_a_json_form_is_refused(case: Case) -> None:
    with pytest.raises(TargetError):
        lower(case.target, "openai").encode(case.values[0])


@pytest.mark.parametrize("case", ONE_WAY, ids=lambda case: case.name)
def test_a_type_that_goes_one_way_says_so(case: Case) -> None:
    assert lower(case.target, "openai").losses


def test_the_zoo_is_as_large_as_we_say() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 250


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_portable_is_accepted_by_every_dialect(case: Case) -> None:
    schema = lower(case.target, "portable").schema
    assert {row.name: found for row in ROWS if (found := violations(schema, row))} == {}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_schema_is_json_in_every_dialect(case: Case) -> None:
    """NaN and Infinity are no JSON, and would go out in a request."""
    for row in ROWS:
        json.dumps(lower(case.target, row).schema, allow_nan=False)


@pytest.mark.parametrize("case", CASES[::4], ids=lambda case: case.name)
def test_a_lowered_schema_validates_against_the_meta_schema(case: Case) -> None:
    for row in ROWS:
        accepted = accepts(row.name).is_valid(lower(case.target, row).schema)
        assert accepted, row.name


@cache
def accepts(name: str) -> Draft202012Validator:
    return Draft202012Validator(meta_schema(DIALECTS[name]))
