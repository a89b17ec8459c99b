"""The offline rules read a text in time that grows with it, whatever stands in it."""

from __future__ import annotations

import time

import pytest
from pydantic import BaseModel

from extract import Extractor
from extract.flow.errors import ExtractionError


class Person(BaseModel):
    name: str
    total: float | None = None
    email: str | None = None


@pytest.mark.parametrize("part", ["x", "1", "No. ", "é", "x-"])
def test_one_part_without_end_is_read_in_seconds(part: str) -> None:
    began_s = time.process_time()
    try:
        assert (
            Extractor(base_url="offline:").extract(Person, f"Name: Ada\n{part * (100_000 // len(part))}").name == "Ada"
        )
    except ExtractionError:
        pytest.fail("the name stands in the first line")
    assert time.process_time() - began_s < 10
