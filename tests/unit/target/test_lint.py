"""What the lint says of a target in a dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel, Field

from extract.errors import UsageError
from extract.target.lint import Explanation, explain


class Part(BaseModel):
    name: str
    sizes: dict[str, int] = {}


class Machine(BaseModel):
    parts: list[Part]
    weight: float = Field(gt=0)
    tags: set[str]


OPENAI = explain(Machine, "openai")


def places(explanation: Explanation) -> dict[tuple[str | int, ...], tuple[str, str | None]]:
    return {rewrite.path: (rewrite.before, rewrite.after) for rewrite in explanation.rewrites}


def test_what_would_be_refused_is_listed_with_its_place() -> None:
    assert ("$defs", "Part", "properties", "sizes") in {violation.place for violation in OPENAI.rejected}


def test_a_rewritten_map_is_shown_before_and_after() -> None:
    before, after = places(OPENAI)[("parts", 0, "sizes")]
    assert before == "Record<string, integer>"
    assert after is not None
    assert after.endswith("[]") or "[]" in after


def test_nothing_remains_that_would_be_refused() -> None:
    assert OPENAI.remaining == ()


def test_what_is_taken_in_silence_is_told_from_what_is_refused() -> None:
    explanation = explain(Machine, "llamacpp")
    assert {violation.rule for violation in explanation.ignored} >= {"keyword"}
    assert all(not violation.is_ignored for violation in explanation.rejected)


def test_a_constraint_that_is_not_enforced_is_a_loss() -> None:
    assert "uniqueItems" in {loss.keyword for loss in OPENAI.losses}


def test_limits_are_shown_with_their_use() -> None:
    uses = {use.name: use for use in OPENAI.uses}
    assert uses["properties"].limit == 5000
    assert uses["properties"].natural == 5
    assert uses["properties"].used >= 5


def test_plain_changes_nothing() -> None:
    explanation = explain(Machine, "plain")
    assert (explanation.rejected, explanation.rewrites, explanation.losses) == ((), (), ())
    assert explanation.is_identity


def test_it_is_json() -> None:
    told: dict[str, Any] = json.loads(json.dumps(OPENAI.to_dict()))
    assert told["dialect"] == "openai"
    assert {"rejected", "ignored", "rewrites", "losses", "uses", "remaining"} <= told.keys()


def test_an_unknown_dialect_is_an_error() -> None:
    with pytest.raises(UsageError):
        explain(int, "opnai")


OWN: Any = {
    "type": "object",
    "properties": {
        "self": {"$ref": "#"},
        "far": {"$ref": "#/properties/a~1b"},
        "a/b": {"type": "string", "minLength": 3},
        "row": {
            "type": "array",
            "prefixItems": [{"type": "string", "pattern": "^a"}, {"type": "integer"}],
            "items": {"type": "string", "pattern": "^b"},
        },
        "map": {"type": "object", "additionalProperties": {"type": "string", "pattern": "^c"}},
        "both": {"allOf": [{"type": "string"}, {"pattern": "^x"}]},
        "one": {"anyOf": [{"type": "null"}, {"type": "array", "items": {"type": "string", "minLength": 2}}]},
    },
}


def test_a_place_that_a_reference_leads_to_is_shown_at_the_way_there() -> None:
    assert places(explain(OWN, "gemini"))[("a/b",)][0] == "string // at least 3 characters"


def test_places_of_a_tuple_are_told_from_its_further_items() -> None:
    shown = places(explain(OWN, "vllm"))
    assert shown[("row", 0)][0] == "string // matches /^a/"
    assert shown[("row", 2)][0] == "string // matches /^b/"


def test_what_a_map_holds_is_carried_inside_its_parent() -> None:
    assert places(explain(OWN, "gemini"))[("map", "*")] == ("string // matches /^c/", None)


def test_what_stands_within_a_union_is_found() -> None:
    before, after = places(explain(OWN, "gemini"))[("one", 0)]
    assert before == "string // at least 2 characters"
    assert after is not None


def test_a_long_type_is_cut() -> None:
    rewrite = next(one for one in explain(OWN, "openai").rewrites if one.path == ())
    assert len(rewrite.before) == 120
    assert rewrite.before.endswith("\u2026")


def test_a_title_that_only_spells_the_name_is_no_news() -> None:
    class Titled(BaseModel):
        long_name: str
        sku: str = Field(title="Stock keeping unit")

    found = [violation.place for violation in explain(Titled, "openai").rejected if violation.place[-1:] == ("title",)]
    assert found == [("properties", "sku", "title")]
