"""A row of an endpoint as JSON."""

import json

import pytest

from extract.chat.endpoint import Endpoint, body_fields
from extract.chat.endpoints import ENDPOINTS


def test_a_row_tells_its_bodies_as_objects() -> None:
    row = Endpoint(name="a", source="made up", body=(("top", (("k", 1), ("off", None))),), thinking_off=(("t", False),))
    shown = row.to_dict()
    assert (shown["body"], shown["thinking_off"]) == ({"top": {"k": 1, "off": None}}, {"t": False})


def test_a_row_tells_its_sets_in_order() -> None:
    assert Endpoint(name="a", source="made up", unsupported=frozenset({"n", "a", "seed"})).to_dict()["unsupported"] == [
        "a",
        "n",
        "seed",
    ]


def test_a_row_tells_its_tuples_as_lists() -> None:
    assert Endpoint(name="a", source="made up", hosts=("x.test",)).to_dict()["hosts"] == ["x.test"]


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_row_tells_all_of_its_fields_as_json(name: str) -> None:
    shown = ENDPOINTS[name].to_dict()
    assert json.loads(json.dumps(shown)) == shown
    assert shown.keys() == set(Endpoint.__dataclass_fields__)


def test_body_fields_are_made_anew_each_time() -> None:
    pairs = (("a", (("b", 1),)),)
    made = body_fields(pairs)
    made["a"]["b"] = 2  # type: ignore[index,call-overload]
    assert body_fields(pairs) == {"a": {"b": 1}}
