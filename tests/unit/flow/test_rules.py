"""The catalogue of what is decided about an answer as a whole."""

import json

import pytest

from extract.flow.part import rest_for
from extract.flow.reading import read
from extract.flow.rules import RULES
from extract.target.lower import lower


@pytest.mark.parametrize("rule", [rule for rule in RULES if not rule.has_parts], ids=lambda r: f"{r.name}-{r.trust}")
def test_the_example_of_a_rule_is_true(rule):
    target = lower(rule.python_type or json.loads(rule.example_schema), rule.example_dialect)
    found = read(target, rule.example_text, repair="guessed")
    assert json.dumps(found.json) == json.dumps(json.loads(rule.example_after))
    assert (rule.name, rule.trust) in {(repair.rule, repair.trust) for repair in found.repairs}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.has_parts], ids=lambda rule: rule.name)
def test_the_example_of_a_rule_for_continuations_is_true(rule):
    base, rest = map(json.loads, rule.example_text.split("\n"))
    part = rest_for(json.loads(rule.example_schema), base, ())
    assert part is not None
    merged = part.merge(part.kept, {"following_items": rest, "rest_of_item": None} if isinstance(rest, dict) else rest)
    assert merged.value == json.loads(rule.example_after)
    assert (rule.name, rule.trust) in {(repair.rule, repair.trust) for repair in merged.repairs}
