import json

import pytest

from extract.fit.fitting import fitter
from extract.fit.rules import RULES


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name}-{rule.trust}")
def test_the_example_of_a_rule_is_true(rule):
    fitted = fitter(json.loads(rule.example_schema))(json.loads(rule.example_before))
    assert (fitted.value, fitted.issues) == (json.loads(rule.example_after), ())
    assert (rule.name, rule.trust) in {(repair.rule, repair.trust) for repair in fitted.repairs}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.trust == "guessed"], ids=lambda rule: rule.name)
def test_a_guess_is_not_made_below_its_level(rule):
    fitted = fitter(json.loads(rule.example_schema))(json.loads(rule.example_before), "coerced")
    assert all(repair.trust != "guessed" for repair in fitted.repairs)


@pytest.mark.parametrize("text", ["that isnt true", "It dont hold true", "it isn't true", "not true"])
def test_a_negation_without_its_apostrophe_turns_no_phrase_into_true(text):
    assert fitter({"type": "boolean"})(text).issues
