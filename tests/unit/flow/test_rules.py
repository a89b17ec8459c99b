"""The catalogue of what is decided about an answer as a whole."""

import json

import pytest

from extract.flow.fold import fold
from extract.flow.judge import Accepted
from extract.flow.reading import read
from extract.flow.rules import RULES
from extract.target.lower import lower
from tests.unit.flow.script import plan_of, play, said


@pytest.mark.parametrize("rule", [rule for rule in RULES if not rule.has_parts], ids=lambda r: f"{r.name}-{r.trust}")
def test_the_example_of_a_rule_is_true(rule):
    target = lower(rule.python_type or json.loads(rule.example_schema), rule.example_dialect)
    found = read(target, rule.example_text, repair="guessed")
    assert json.dumps(found.json) == json.dumps(json.loads(rule.example_after))
    assert (rule.name, rule.trust) in {(repair.rule, repair.trust) for repair in found.repairs}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.has_parts], ids=lambda r: f"{r.name}-{r.trust}")
def test_the_example_of_a_rule_for_parts_is_true(rule):
    plan = plan_of(json.loads(rule.example_schema), method="prompt")
    first, answer = rule.example_text.split("\n")
    played = play(plan, said(first, "stop" if is_json(first) else "length"), said(answer))
    outcome = fold(plan, played.history).outcome
    found = outcome.reading if isinstance(outcome, Accepted) else outcome.unread
    assert json.dumps(found.json) == json.dumps(json.loads(rule.example_after))
    assert (rule.name, rule.trust) in {(repair.rule, repair.trust) for repair in found.repairs}


def is_json(text):
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
