"""Values and schemas: what fitting makes of them, by which rules, or that it refuses."""

import json
from pathlib import Path

import pytest

from extract.fit.fitting import fitter
from extract.vocabulary import least_trust

CASES = [
    pytest.param(json.loads(line), id=f"{path.stem}-{number}")
    for path in sorted((Path(__file__).parent / "fit").glob("*.jsonl"))
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
]


@pytest.mark.parametrize("case", CASES)
def test_a_value_is_fitted_as_recorded(case):
    fitted = fitter(case["schema"])(case["value"])
    if case.get("refused"):
        assert fitted.issues
        return
    assert json.dumps(fitted.value) == json.dumps(case["expected"])
    assert [repair.rule for repair in fitted.repairs] == case["rules"]
    assert least_trust(fitted.repairs) == case["trust"]
    assert not fitted.issues
