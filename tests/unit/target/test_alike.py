"""What counts as the same value: equal, and of a kind at every place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from extract.target.alike import alike


class Word(StrEnum):
    A = "a"


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: Any = None


@dataclass
class Point:
    x: Any
    note: str = field(default="", compare=False)


class Bare:
    pass


class Rude:
    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment]


SAME = [
    (float("nan"), float("nan")),
    (Decimal("NaN"), Decimal("NaN")),
    (Word.A, "a"),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    (Open(a=[1], b=2), Open(a=[1], b=2)),
    (Point([1], "x"), Point([1], "y")),
    ({(1, "a")}, {(1, "a")}),
    ({1}, frozenset({1})),
    (Bare(), Bare()),
    (re.compile("a"), re.compile("a")),
]
OTHER = [
    (1, True),
    (1, 1.0),
    ([1], (1,)),
    ([1], [True]),
    ({1: "a"}, {"1": "a"}),
    ({1: "a"}, {True: "a"}),
    ({1}, {1.0}),
    (Decimal(1), 1),
    (Open(a=1), Open(a=1.0)),
    (Open(b=1), Open(b=True)),
    (Point(1), Point(True)),
    ([1, 2], [1]),
    (Rude(), Rude()),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=lambda one: type(one).__name__)
def test_these_are_the_same(one: object, other: object) -> None:
    assert alike(one, other)


@pytest.mark.parametrize(("one", "other"), OTHER, ids=lambda one: type(one).__name__)
def test_these_are_not(one: object, other: object) -> None:
    assert not alike(one, other)
