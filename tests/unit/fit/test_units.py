"""Whether the unit beside a number contradicts its place."""

from __future__ import annotations

import pytest

from extract.fit.fitting import fitter
from extract.fit.units import is_other_unit


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("minutes", "1 hour"),
        ("duration_min", "1 h"),
        ("weightKg", "150 lb"),
        ("price_eur", "$5"),
        ("temp_c", "70°F"),
        ("size_mb", "2 GB"),
        ("distance_km", "5 miles"),
        ("time_minutes", "1 hour 10"),
        ("width_cm", '12"'),
        ("lon", "2.35 W"),
        ("latitude", "48.8° S"),
        ("price_usd", "CA$ 5"),
    ],
)
def test_another_unit_of_the_same_kind_contradicts_the_name(name: str, written: str) -> None:
    assert is_other_unit(name, None, written)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("minutes", "10 min"),
        ("age", "31 years"),
        ("price", "$5"),
        ("m", "5 km"),
        ("month", "3 months"),
        ("weight_kg", "70 Kilogramm"),
        ("minutes", "10 pages"),
        ("price_usd", "US$ 5"),
        ("price_cad", "$5"),
        ("minutes", "90 min (1.5 h)"),
        ("minutes", "3 cups"),
        ("minutes", "1 hour" + " " * 80),
    ],
)
def test_the_same_unit_or_one_of_another_kind_does_not(name: str, written: str) -> None:
    assert not is_other_unit(name, None, written)


def test_a_description_may_name_the_unit() -> None:
    assert is_other_unit("duration", "How long it lasts, in seconds.", "5 minutes")
    assert is_other_unit("height", "Height (cm)", "1.8 m")
    assert not is_other_unit("duration", "In seconds or in minutes.", "5 minutes")


@pytest.mark.parametrize("written", ["1 hour", "it took 1 hour of work"])
def test_a_number_in_another_unit_is_refused_at_every_limit(written: str) -> None:
    schema = {"type": "object", "properties": {"minutes": {"type": "integer"}}, "required": ["minutes"]}
    fitted = fitter(schema)({"minutes": written})
    assert [issue.kind for issue in fitted.issues] == ["other_unit"]


def test_the_unit_is_looked_at_behind_an_optional_type() -> None:
    schema = {"type": "object", "properties": {"minutes": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}}
    assert fitter(schema)({"minutes": "1 hour"}).issues
    assert fitter(schema)({"minutes": "10 min"}).value == {"minutes": 10}
