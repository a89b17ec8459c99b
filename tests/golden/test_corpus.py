"""Every JSON Schema of the corpus in every dialect: valid instances survive, invalid ones are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extract.target.dialects import DIALECTS
from tests.zoo.carry import json_problems

FILE = Path(__file__).parents[1] / "corpus" / "schemas.jsonl"
CORPUS = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case["name"])
def test_a_schema_is_carried_by_every_dialect(case: dict[str, Any]) -> None:
    found = {
        row.name: wrong
        for row in DIALECTS.values()
        if (wrong := json_problems(case["schema"], case["valid"], case["invalid"], row))
    }
    assert found == {}


def test_the_corpus_is_as_large_as_we_say() -> None:
    assert len({case["name"] for case in CORPUS}) == len(CORPUS) >= 150
