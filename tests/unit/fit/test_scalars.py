"""Single values that are of the wanted type, nearly, or not."""

from __future__ import annotations

from typing import Any

import pytest

from extract.fit.fitting import fitter
from extract.vocabulary import Number


@pytest.mark.parametrize(
    ("schema", "value", "made"),
    [
        ({"type": "null"}, "n/a", None),
        ({"type": "integer"}, 3.0, 3),
        ({"type": "integer"}, "1e3", 1000),
        ({"type": "boolean"}, "Yes.", True),
        ({"type": "boolean"}, "that is false", False),
        ({"type": "string", "minLength": 2, "maxLength": 3}, " abc ", "abc"),
        ({"type": "string", "pattern": "^[a-z]$"}, " a ", "a"),
        ({"enum": [1.0, 2.5]}, 1, 1.0),
        ({"enum": ["true", "maybe"]}, True, "true"),
        ({"enum": ["1", "2"]}, 2, "2"),
        ({"enum": [1, 2]}, "2", 2),
        ({"enum": [True, "maybe"]}, "yes", True),
        ({"enum": ["a", None]}, "none", None),
        ({"enum": ["red", "green"]}, "Color.RED", "red"),
        ({"enum": ["dark_red", "green"]}, "Color::dark-red", "dark_red"),
        ({"enum": ["red", "green"]}, "It is green", "green"),
        ({"type": "string", "format": "date"}, "2024-02-29", "2024-02-29"),
        ({"type": "string", "format": "date"}, "29 February 2024", "2024-02-29"),
    ],
)
def test_what_nearly_fits_is_made_to_fit(schema: Any, value: Any, made: Any) -> None:
    fitted = fitter(schema)(value)
    assert (fitted.value, fitted.issues) == (made, ())
    assert type(fitted.value) is type(made)


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"type": "null"}, "something", "should be null"),
        ({"type": "integer"}, 3.5, "not a number with a fraction"),
        ({"type": "integer"}, float("inf"), "should be a finite number"),
        ({"type": "integer"}, Number("1e999999999"), "not a number with a fraction"),
        ({"type": "boolean"}, "word " * 200, "should be true or false"),
        ({"type": "boolean"}, [True, False], "should be true or false"),
        ({"type": "string", "minLength": 4}, "abc", "at least 4 characters"),
        ({"type": "string", "maxLength": 2}, "abc", "at most 2 characters"),
        ({"type": "string", "pattern": "^b"}, "abc", "match its pattern"),
        ({"type": "string", "format": "date"}, "soon", "should be a valid date"),
        ({"enum": ["1", "2"]}, True, ""),
        ({"enum": ["a", "A"]}, "\u00e4", ""),
        ({"enum": ["x-y", "x_y"]}, "x y", ""),
        ({"enum": ["red", "green"]}, "red or green", ""),
        ({"enum": ["red", "green"]}, "red " * 200, ""),
        ({"enum": ["red", "green"]}, ["red", "green"], ""),
        ({"enum": ["red", "green"]}, 3, ""),
    ],
)
def test_what_does_not_fit_is_told(schema: Any, value: Any, said: str) -> None:
    issues = fitter(schema)(value).issues
    assert len(issues) == 1
    assert said in issues[0].message


@pytest.mark.parametrize("pattern", ["(a+)+$", "([", "(" * 5000])
def test_a_pattern_that_may_run_away_or_is_none_is_not_tried(pattern: str) -> None:
    assert fitter({"type": "string", "pattern": pattern})("a" * 40 + "!").issues == ()
