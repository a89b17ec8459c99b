"""Malformed answers of our own writing for a schema: the value and every repair with its trust, or a refusal at every limit."""

import json
from pathlib import Path

import pytest

from extract.flow.reading import Reading, examine
from extract.target.lower import lower

FOLDER = Path(__file__).parent / "answers"
TARGETS = {
    name: lower(schema, "plain") for name, schema in json.loads((FOLDER / "targets.json").read_text("utf-8")).items()
}
CASES = [
    pytest.param(json.loads(line), id=f"{file.stem}: {json.loads(line)['name']}")
    for file in sorted(FOLDER.glob("*.jsonl"))
    for line in file.read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("case", CASES)
def test_an_answer_is_read_by_the_recorded_repairs_or_refused(case):
    found = examine(TARGETS[case["target"]], case["text"], repair="guessed")
    if case.get("refused"):
        assert not isinstance(found, Reading)
        return
    assert isinstance(found, Reading)
    assert json.dumps(found.json, sort_keys=True) == json.dumps(case["value"], sort_keys=True)
    assert sorted({f"{repair.rule} {repair.trust}" for repair in found.repairs}) == case["rules"]


@pytest.mark.parametrize("case", CASES)
def test_a_guess_is_not_taken_below_its_level(case):
    found = examine(TARGETS[case["target"]], case["text"])
    is_sure = not case.get("refused") and not any(rule.endswith("guessed") for rule in case["rules"])
    assert isinstance(found, Reading) == is_sure


def test_the_corpus_of_answers_is_as_large_as_we_say():
    assert len(CASES) >= 600
