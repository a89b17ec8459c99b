"""Malformed answers of our own writing: text -> value and rules, or a refusal."""

import json
from pathlib import Path

import pytest

from extract.text import Hints, candidates

FOLDER = Path(__file__).parent / "malformed"
CASES = [
    pytest.param(json.loads(line), id=f"{file.stem}: {json.loads(line)['name']}")
    for file in sorted(FOLDER.glob("*.jsonl"))
    for line in file.read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("case", CASES)
def test_a_malformed_answer_is_read_or_refused_as_written_down(case):
    found = candidates(case["text"], Hints(keys=frozenset(case.get("keys", ()))))
    if case.get("refused"):
        assert found == ()
        return
    assert json.dumps(found[-1].value) == json.dumps(case["value"])
    assert set(case["rules"]) <= {repair.rule for repair in found[-1].repairs}
