"""Texts drawn at random under lowered schemas decode and validate, but for what is on record: a few of `make oracle`."""

from __future__ import annotations

import json

import pytest

from extract.target.invalid import Invalid
from extract.target.lower import lower
from tests.zoo import CASES
from tests.zoo.on_record import unrecorded
from tests.zoo.sampler import LLGuidance, Sampler, Uncompiled

TEXTS = 3
ROWS = ("openai", "gemini", "anthropic", "vllm", "portable")
PICKED = CASES[::40]


@pytest.mark.parametrize("row", ROWS)
def test_what_a_lowered_schema_allows_is_valid_or_on_record(row: str) -> None:
    unexplained = []
    for case in PICKED:
        lowered = lower(case.target, row)
        sampler = Sampler(LLGuidance(lowered.schema), seed=len(case.name))
        for text in [drawn for _ in range(TEXTS) if (drawn := sampler.draw()) is not None]:
            try:
                lowered.target.validate(lowered.decode(json.loads(text)).value, strict=True)
            except Invalid as invalid:
                unexplained += [f"{case.name}: {text} {issue}" for issue in unrecorded(lowered, invalid)]
    assert unexplained == []


def test_an_engine_says_what_it_does_not_take() -> None:
    with pytest.raises(Uncompiled, match="uniqueItems"):
        LLGuidance({"type": "array", "uniqueItems": True})


def test_a_refusal_at_another_place_is_not_explained() -> None:
    lowered = lower({"type": "object", "properties": {"a": {"minimum": 3}, "b": {"type": "string"}}}, "openai")
    with pytest.raises(Invalid) as caught:
        lowered.target.validate({"a": 1, "b": 2}, strict=True)
    assert [issue.loc for issue in unrecorded(lowered, caught.value)] == [("b",)]
