import time

import pytest

from extract.text import Hints, NothingFound, candidates, repair

ANY = Hints()


def values(text, hints=ANY):
    return [found.value for found in candidates(text, hints)]


def rules(text, hints=ANY):
    return {one.rule for found in candidates(text, hints) for one in found.repairs}


def test_valid_json_has_no_repairs():
    assert candidates(' {"a": [1, "x"]}\n')[0].repairs == ()


def test_several_values_come_in_order():
    assert values('{"a": 1} and {"a": 2}\n[3]') == [{"a": 1}, {"a": 2}, [3]]


def test_a_known_key_shows_where_a_string_with_quotes_ends():
    text = '{"why": "he said "yes", then "no": twice", "n": 2}'
    assert values(text, Hints(keys=frozenset({"why", "n"}))) == [{"why": 'he said "yes", then "no": twice', "n": 2}]


def test_a_fence_inside_a_string_does_not_end_the_value():
    assert values('```json\n{"code": "```py\\nx\\n```", "n": 1}\n```') == [{"code": "```py\nx\n```", "n": 1}]


def test_calls_in_a_list_keep_their_names():
    assert values("[f(a=1), g(b='x')]") == [
        [{"name": "f", "arguments": {"a": 1}}, {"name": "g", "arguments": {"b": "x"}}]
    ]


def test_parameters_in_tags_are_read():
    text = "<tool_call>\n<function=f>\n<parameter=a>\n1\n</parameter>\n<parameter=b>\nzwei\n</parameter>\n</function>\n</tool_call>"
    assert values(text) == [{"name": "f", "arguments": {"a": 1, "b": "zwei"}}]


def test_the_schema_echoed_before_the_value_is_one_candidate_of_two():
    assert values('{"type": "object"}\n{"a": 1}')[-1] == {"a": 1}


@pytest.mark.parametrize("text", ["", "I cannot do that.", "See [1] \\[x\\]", "<think>{}"])
def test_prose_holds_no_object(text):
    assert not [value for value in values(text) if isinstance(value, dict)]


@pytest.mark.parametrize(
    "text, rule",
    [
        ('{"a": 12', "cut_number"),
        ('{"a": "x', "cut_string"),
        (r'{"a": "x \"', "cut_string"),
        (r'{"a": "x \"y\" \u00', "cut_string"),
        ('{"a": fal', "cut_literal"),
        ('{"a": 1,', "cut_container"),
    ],
)
def test_a_cut_is_marked(text, rule):
    found = candidates(text)[0]
    assert found.is_cut
    assert rule in {one.rule for one in found.repairs}


def test_a_cut_amid_a_known_key_leaves_closed_strings_alone():
    found = candidates('[{"name": "B", "ag', Hints(keys=frozenset({"name", "age"})))
    assert found[0].value == [{"name": "B"}]


def test_a_bracket_that_is_missing_before_the_fence_closes_is_no_cut():
    found = candidates('```json\n{"a": 1\n```')[0]
    assert (found.value, found.is_cut) == ({"a": 1}, False)


def test_deep_nesting_is_refused_without_recursion():
    assert candidates("[" * 100_000 + "]" * 100_000) == ()


@pytest.mark.parametrize(
    "piece", ["[", "{", '"', "\\", ",", "1", "`", "f(", '{"a": "', "x' y '", "<think>", "{'a': 1, ", '"b": ', "```\n"]
)
def test_hostile_text_is_read_in_linear_time(piece):
    started = time.process_time()
    candidates('{"a": ' + piece * (40_000 // len(piece)))
    assert time.process_time() - started < 3


def test_repair_leaves_valid_text_alone():
    assert repair(' {"a":1.50} ') == '{"a":1.50}'


def test_repair_keeps_digits():
    assert repair("{'a': 1.50,}") == '{"a": 1.50}'


def test_repair_refuses_prose():
    with pytest.raises(NothingFound):
        repair("no value here")


# Without brackets, with escaped ones, and beside prose ------------------------------------------------------------------

PERSON = Hints(keys=frozenset({"name", "age"}))


@pytest.mark.parametrize(
    ("text", "value", "rule"),
    [
        ('"name": "Ada", "age": 3', {"name": "Ada", "age": 3}, "missing_braces"),
        ('"name": "Ada", "age": 3}', {"name": "Ada", "age": 3}, "missing_braces"),
        ("name: Ada, age: 3", {"name": "Ada", "age": 3}, "missing_braces"),
        ('{\\"name\\": \\"Ada\\"}', {"name": "Ada"}, "escaped_text"),
        ('{\\"name\\": \\"Ada', {"name": "Ada"}, "escaped_text"),
        ("<name>Ada</name><age>3</age>", {"name": "Ada", "age": 3}, "elements"),
        ("name: Ada\n\nhm\nage: 3", {"name": "Ada", "age": 3}, "dropped_text"),
        ("name: Ada\nage: 3\n\nBye", {"name": "Ada", "age": 3}, "prose"),
        ('{"name": "\\ud83d"}', {"name": "\ufffd"}, "lone_surrogate"),
        ('{"name": ["\\ud83d", {"\\udc00": 1}]}', {"name": ["\ufffd", {"\ufffd": 1}]}, "lone_surrogate"),
        ("x " * 5000 + '{"name": 1}', {"name": 1}, "prose"),
        ("x " * 5000 + '{"name": 1,}', {"name": 1}, "extra_comma"),
    ],
)
def test_an_answer_in_another_form_is_read_by_its_rule(text, value, rule):
    found = candidates(text, PERSON)
    assert [one.value for one in found] == [value]
    assert rule in {repair.rule for repair in found[0].repairs}


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("(1, 2)", "array", [1, 2]),
        ("Result:\n42\n", "integer", 42),
        ("Result:\nnull\n", "null", None),
        ("Result:\ntrue\n", "boolean", True),
        ('```\n"a b"\n```', "string", "a b"),
    ],
)
def test_a_value_of_the_wanted_kind_is_read_alone(text, kind, value):
    assert values(text, Hints(kinds=frozenset({kind}))) == [value]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Result:\n42\n17\n", "integer"),
        ("Result:\n0042\n", "integer"),
        ("Result:\n42\n", "boolean"),
        ("(1, 2", "array"),
    ],
)
def test_a_value_that_is_not_plainly_the_answer_is_not_read(text, kind):
    assert values(text, Hints(kinds=frozenset({kind}))) == []


@pytest.mark.parametrize("text", ['"other": 1', "other: 1, more: 2", "see [1](page) and arr[0]"])
def test_what_only_looks_like_a_value_is_none(text):
    assert values(text, PERSON) == []


def test_calls_written_as_texts_are_read_beside_the_texts():
    assert values('["f(a=1)", "g(b=2)"]') == [
        ["f(a=1)", "g(b=2)"],
        [{"name": "f", "arguments": {"a": 1}}, {"name": "g", "arguments": {"b": 2}}],
    ]


def test_texts_of_which_one_is_no_call_are_texts_alone():
    assert values('["f(a=1)", "x (no)"]') == [["f(a=1)", "x (no)"]]


def test_a_value_within_a_string_is_read_beside_the_string():
    assert values('"{\\"name\\": 1}"') == ['{"name": 1}', {"name": 1}]


@pytest.mark.parametrize("text", ['{"a" : 1, "a": 2, "b": "10:30"}', '{"a": 1, "a" : 2}', '{"a"\n: 1, "a"\n: 2}'])
@pytest.mark.parametrize("exact", [False, True])
def test_a_key_that_stands_twice_is_noted_however_its_colon_is_spaced(text, exact):
    (found,) = candidates(text, Hints(exact=exact))
    assert [repair.rule for repair in found.repairs] == ["duplicate_key"]


def test_the_json_of_an_intact_value_is_handed_on_as_it_was_written():
    assert repair('Here:\n```json\n{"a":1.50,\n "b":[ ]}\n```') == '{"a":1.50,\n "b":[ ]}'


def test_a_member_behind_a_comment_has_its_comma():
    assert "missing_comma" not in rules('{"a": [1], // one\n b: "x" y}')


@pytest.mark.parametrize(
    "text",
    ['{"a": 1}: True, "b": {}}', "{}}} True,]}", "[1: True, }", '{"a\\x": True, "b" ： 1}', "[True]: // x\n]", "{:,}"],
)
def test_a_text_whose_brackets_make_no_value_is_no_trap(text):
    assert isinstance(candidates(text), tuple)


# Marks of HTML ----------------------------------------------------------------------------------------------------------


def test_a_value_quoted_by_html_has_the_place_where_it_is_written():
    text = "if x &lt; 3: {&quot;a&quot;: &quot;&lt;b&gt;&quot;} &amp; {&#39;a&#x27;: 2}."
    assert [(one.value, text[one.start : one.end]) for one in candidates(text)] == [
        ({"a": "<b>"}, "{&quot;a&quot;: &quot;&lt;b&gt;&quot;}"),
        ({"a": 2}, "{&#39;a&#x27;: 2}"),
    ]


@pytest.mark.parametrize("text", ["{&Quot;a&Quot;: 1}", "{&Quot;a&Quot;: &" + "amp;" * 5000 + "quot;"])
def test_marks_that_html_does_not_know_are_read_once_and_stay(text):
    assert "html_entities" not in rules(text)


def test_the_space_behind_a_value_is_no_part_of_it():
    found = candidates('{"a": 1} \n and {b} ')[0]
    assert (found.end, found.text) == (8, '{"a": 1}')


def test_a_colon_that_is_written_as_an_escape_hides_no_repeated_key():
    assert "duplicate_key" in rules('{"a": 1, "a": "\\u003a"}')


@pytest.mark.parametrize("blanks", range(5))
def test_a_long_value_far_into_a_text_is_valid_wherever_the_first_look_ends(blanks):
    assert rules("x " * 2100 + "[" + " " * blanks + "true," * 500 + "true]") == {"prose"}
