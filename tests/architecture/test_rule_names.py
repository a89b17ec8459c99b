"""Every rule that the code can record stands in the catalogue."""

import ast
from pathlib import Path

import extract
from extract.fit.rules import RULES as FIT
from extract.flow.rules import RULES as FLOW
from extract.text.rules import RULES as TEXT

ROOT = Path(extract.__file__).parent
FLOORS = ("text", "fit", "flow", "target")
TAKERS = {"add": 0, "note": 0, "entry": 0, "mark": 1, "changed": 0, "Note": 0, "Repair": 1, "Found": 1}
"""Functions that take the name of a rule, and at which place."""


def names_of_rules():
    for floor in FLOORS:
        for file in sorted((ROOT / floor).glob("*.py")):
            for call in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(call, ast.Call):
                    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                    at = TAKERS.get(name, -1)
                    if 0 <= at < len(call.args):
                        for part in ast.walk(call.args[at]):
                            is_word = isinstance(part, ast.Constant) and isinstance(part.value, str)
                            if is_word and part.value.isidentifier() and (floor != "target" or name == "Repair"):
                                yield part.value, file.name


def test_every_rule_that_is_recorded_is_in_the_catalogue():
    known = {rule.name for rule in (*TEXT, *FIT, *FLOW)}
    assert {(name, file) for name, file in names_of_rules() if name not in known} == set()
