"""The short form of `benchmarks/soak.py`: a thousand calls, one in ten struck by a fault."""

from __future__ import annotations

import pytest

from benchmarks.soak import soak


@pytest.mark.parametrize("seed", [1])
def test_every_call_ends_in_a_value_or_a_typed_error_and_nothing_is_left(seed: int) -> None:
    found = soak(calls=1000, in_flight=32, share=0.1, seed=seed)
    assert (found.complaints(), found.ends.total()) == ([], 1000)
