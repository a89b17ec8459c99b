"""Every type in every dialect: within its rules, and every value out and back."""

from __future__ import annotations

import warnings

import pytest

from extract.errors import TargetError
from extract.target.dialects import DIALECTS
from extract.target.lower import lower
from tests.zoo import CASES, NO_VALUE, ONE_WAY, REFUSED, Case
from tests.zoo.carry import problems

ROWS = tuple(DIALECTS.values())


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
