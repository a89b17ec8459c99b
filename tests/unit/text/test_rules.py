import json

import pytest

from extract.text import RULES, Hints, Rule, candidates
from extract.text.rules import TRUST_OF
from extract.vocabulary import TRUSTS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_example_of_each_rule_is_read_by_that_rule(rule: Rule):
    found = candidates(rule.example_before, Hints(keys=rule.example_keys))[-1]
    assert json.dumps(found.value) == json.dumps(json.loads(rule.example_after))
    assert rule.name in {repair.rule for repair in found.repairs}


def test_names_of_rules_are_unique():
    assert len(TRUST_OF) == len(RULES)


def test_every_trust_is_a_known_word():
    assert {rule.trust for rule in RULES} <= set(TRUSTS)
