"""The forgiving scanner: what broken JSON stands for, and which rule says so."""

from __future__ import annotations

import time
from typing import Any

import pytest

from extract.text import Hints
from extract.text.scan import Abandoned, scan

KNOWN = Hints(keys=frozenset(["name", "age"]))
ANY = Hints()


def read(text: str, hints: Hints = ANY, **given: Any) -> tuple[Any, set[str]]:
    scanned = scan(text, 0, hints, **given)
    return scanned.value, {repair.rule for repair in scanned.repairs}


@pytest.mark.parametrize(
    ("text", "value", "rules"),
    [
        # brackets
        ('["a": 1, "b": 2]', {"a": 1, "b": 2}, {"wrong_bracket"}),
        ('{"x": [1, "b": 2}', {"x": [1], "b": 2}, {"missing_bracket"}),
        ('{"x": ["a", "b": 2}', {"x": ["a"], "b": 2}, {"missing_bracket"}),
        ('[1, "b": 2]', [1, {"b": 2}], {"missing_bracket"}),
        ('[{"x":1}, "b": 2]', [{"x": 1}, {"b": 2}], {"missing_bracket"}),
        ("['a': 1]", {"a": 1}, {"wrong_bracket"}),
        ('["""a""": 1, "b": 2]', {"a": 1, "b": 2}, {"wrong_bracket", "quotes"}),
        ('{"x": [1, """a""": 2}', {"x": [1], "a": 2}, {"missing_bracket", "quotes"}),
        ('{"x": [1, 2}, "b": 3}', {"x": [1, 2], "b": 3}, {"wrong_bracket"}),
        ("[1, 2)", [1, 2], {"wrong_bracket"}),
        ("{1, 2}", [1, 2], {"wrong_bracket"}),
        ("{'a', 'b'}", ["a", "b"], {"wrong_bracket", "quotes"}),
        ('{"a": \uff3b1, 2\uff3d}', {"a": [1, 2]}, {"full_width"}),
        ('{"a": f(1}', {"a": "f(1)"}, {"missing_bracket", "bare_string"}),
        ('{"a": 1], "b": 2}', {"a": 1, "b": 2}, {"stray_bracket"}),
        ('{"a": {"b": 1], "c": 2}}', {"a": {"b": 1, "c": 2}}, {"stray_bracket"}),
        # values that are absent
        ('{"a": , "b": 1}', {"b": 1}, {"missing_value", "extra_comma"}),
        ('{"a": }', {}, {"missing_value"}),
        ("[, 1]", [1], {"extra_comma"}),
        ("[- one, - two]", ["one", "two"], {"extra_comma", "bare_string"}),
        # ends of strings
        ('{"size": "5" tall", "b": 1}', {"size": '5" tall', "b": 1}, {"inner_quotes"}),
        ('{"size": "5"", "b": 1}', {"size": '5"', "b": 1}, {"doubtful_end"}),
        ('{"s": "abc"", "b": 1}', {"s": "abc", "b": 1}, {"stray_quote"}),
        ('{"a": "x}', {"a": "x"}, {"missing_end"}),
        ('{"a": \'x}', {"a": "x"}, {"missing_end", "quotes"}),
        ('{"a": "x" + "y"}', {"a": "xy"}, {"joined_strings"}),
        # words and numbers
        ('{"a": 007}', {"a": "007"}, {"bare_string"}),
        ('{"a": 1.2.3}', {"a": "1.2.3"}, {"bare_string"}),
        ('{"a": 1,000}', {"a": "1,000"}, {"bare_string"}),
        ('{"a": 1,5}', {"a": "1,5"}, {"bare_string"}),
        ('{"a": .5}', {"a": 0.5}, {"number"}),
        ('{"a": +5}', {"a": 5}, {"number"}),
        ('{"a": 5.}', {"a": 5.0}, {"number"}),
        ('{"a": 0x1F}', {"a": 31}, {"number"}),
        ('{"a": 1_000}', {"a": 1000}, {"number"}),
        ('{"a": NaN}', {"a": "NaN"}, {"not_a_number"}),
        ('{"a": u"x"}', {"a": "x"}, {"quotes"}),
        ("u'x'", "x", {"quotes"}),
        ('{"a": hello world, "b": 2}', {"a": "hello world", "b": 2}, {"bare_string"}),
        ('{"a": hello"}', {"a": "hello"}, {"bare_string"}),
        ('{"a": nil}', {"a": None}, {"literal"}),
        ('{"a": -.5e3}', {"a": -500.0}, {"number"}),
        ('{"a": 00.5}', {"a": 0.5}, {"number"}),
        ('{"a": 1.e5}', {"a": 100000.0}, {"number"}),
        ('{"a": -}', {"a": "-"}, {"bare_string"}),
        ("[1,000]", [1, "000"], {"split_number"}),
        ('{"a":: 1}', {"a": 1}, {"missing_colon"}),
        # members twice
        ('{"a": 1, "a": 2}', {"a": 2}, {"duplicate_key"}),
        ('{a: 1, "a": 2}', {"a": 2}, {"duplicate_key", "bare_key"}),
        ('{a: 1, "a": 1}', {"a": 1}, {"bare_key"}),
        # calls
        ("f(1, 2)", {"name": "f", "arguments": [1, 2]}, {"call"}),
        ('f({"a": 1})', {"name": "f", "arguments": {"a": 1}}, {"call"}),
        ("f(x=1)[0]", {"name": "f", "arguments": {"x": 1}}, {"call", "dropped_text"}),
        ("f(1, a=2)", {"name": "f", "arguments": {"a": 2}}, {"call", "dropped_text"}),
        ('{"d": date(2020, 1, 2)}', {"d": "2020-01-02"}, {"constructor"}),
        ("{'d': datetime.datetime(2020, 1, 2, 3, 4)}", {"d": "2020-01-02T03:04:00"}, {"constructor", "quotes"}),
        (
            "{'d': datetime.datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=timezone.utc)}",
            {"d": "2020-01-02T03:04:05.000006Z"},
            {"bare_string", "constructor", "quotes"},
        ),
        ("{'d': datetime.time(3, 4)}", {"d": "03:04:00"}, {"constructor", "quotes"}),
        ("{'d': date(2020, 1)}", {"d": "date(2020, 1)"}, {"bare_string", "quotes"}),
        (
            "{'d': np.float64(1.5), 'e': array([1, 2], dtype=int8)}",
            {"d": 1.5, "e": [1, 2]},
            {"bare_string", "constructor", "quotes"},
        ),
        ("{'d': defaultdict(<class 'int'>, {'a': 1})}", {"d": {"a": 1}}, {"bare_string", "constructor", "quotes"}),
        (
            "{'d': OrderedDict([('a', 1), ('b', 'x')])}",
            {"d": [["a", 1], ["b", "x"]]},
            {"constructor", "quotes", "wrong_bracket"},
        ),
        (
            "{'d': ('one '\n 'two'), 'e': ('x')}",
            {"d": "one two", "e": "x"},
            {"joined_strings", "missing_comma", "quotes", "wrong_bracket"},
        ),
        ("{'d': foo('a', 1)}", {"d": "foo('a', 1)"}, {"bare_string", "quotes"}),
        ("{'d': [a[0], b]}", {"d": ["a[0]", "b"]}, {"bare_string", "code", "quotes"}),
        ("{d: `${x} y`}", {"d": "${x} y"}, {"bare_key", "code", "quotes"}),
        ("['f', 'a': 1, 'b': 'x']", ["f", {"a": 1, "b": "x"}], {"missing_bracket", "quotes"}),
        ("['a' => 1, 'b' => 'x']", {"a": 1, "b": "x"}, {"missing_colon", "quotes", "wrong_bracket"}),
        ('["a\\"b": 1]', {'a"b': 1}, {"wrong_bracket"}),
        ('["search"(q="x"), 1]', [{"name": "search", "arguments": {"q": "x"}}, 1], {"call"}),
        (
            "[f({a: 1}, b='2')]",
            [{"name": "f", "arguments": {"a": 1, "b": "2"}}],
            {"arguments_merged", "bare_key", "call", "quotes"},
        ),
        ("[1 2 3]", [1, 2, 3], {"missing_comma"}),
        ("{a: [1.5 -2], b: 1}", {"a": [1.5, -2], "b": 1}, {"bare_key", "missing_comma"}),
        ("[12 345]", [12, 345], {"missing_comma", "split_number"}),
        ("[1 2 apples]", ["1 2 apples"], {"bare_string"}),
        ('{""a"": "b"}', {"a": "b"}, {"inner_quotes"}),
        ("[f({a: 1}, a=2)]", [{"name": "f", "arguments": {"a": 2}}], {"bare_key", "call", "dropped_text"}),
        ('{ :a => "x", :b => 2 }', {"a": "x", "b": 2}, {"bare_key", "missing_colon"}),
        ('{ ["a"] = "x", ["b"] = 2 }', {"a": "x", "b": 2}, {"bare_key", "missing_colon"}),
        ("{/*x*/a/*y*/: /*z*/1}", {"a": 1}, {"bare_key", "comment"}),
        ('{"a": 1 // one}', {"a": 1}, {"comment"}),
        ('{"a": [1 # one]}', {"a": [1]}, {"comment"}),
        ("[1, // ... more\n]", [1], {"comment", "elided", "extra_comma"}),
        ("[1, /* rest omitted */]", [1], {"comment", "elided", "extra_comma"}),
        ('{"a": 1 // more of it\n}', {"a": 1}, {"comment"}),
        ('{"a": 1 // ...\n}', {"a": 1}, {"comment", "elided"}),
        ('{"a": "نورة"، "b": 1}', {"a": "نورة", "b": 1}, {"full_width"}),
        ('{"a": 1, \u200f"b": 2}', {"a": 1, "b": 2}, {"other_space"}),
        ('【"一", "二"】', ["一", "二"], {"full_width"}),
        ('{age:34,name:<escape>Nora "N" Hill<escape>}', {"age": 34, "name": 'Nora "N" Hill'}, {"bare_key", "quotes"}),
        ('{"p": "\\\\server\\share\\file"}', {"p": "\\\\server\\share\\file"}, {"path_escape"}),
        ('{"d": Decimal("1.5")}', {"d": "1.5"}, {"constructor"}),
        ('{"d": dict()}', {"d": {}}, {"constructor"}),
        ("`search`(q=1)", {"name": "search", "arguments": {"q": 1}}, {"call"}),
        ("['f(a=1)']", [{"name": "f", "arguments": {"a": 1}}], {"call"}),
        ("dict(a=1)", {"a": 1}, {"constructor"}),
        ("list()", [], {"constructor"}),
        ('{"d": foo(a=1)}', {"d": {"a": 1}}, {"constructor"}),
        ('{"a": f(1).b}', {"a": "f(1)"}, {"bare_string", "dropped_text"}),
    ],
)
def test_what_is_broken_is_read_by_its_rule(text: str, value: Any, rules: set[str]) -> None:
    assert read(text) == (value, rules)


@pytest.mark.parametrize(
    ("text", "value", "rules"),
    [
        ('{"name": "Ada\n"age": 3}', {"name": "Ada", "age": 3}, {"missing_quote", "missing_comma"}),
        ('{"name": "Ada,\nage: 3}', {"name": "Ada", "age": 3}, {"missing_quote", "bare_key"}),
    ],
)
def test_a_known_name_on_a_new_line_ends_a_string(text: str, value: Any, rules: set[str]) -> None:
    assert read(text, KNOWN) == (value, rules)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": "x', {"a": "x"}),
        ('{"a": {"b": "x', {"a": {"b": "x"}}),
        ('{"a": [1, {"b": 2', {"a": [1, {"b": 2}]}),
        ('{"a": {"b":', {"a": {}}),
    ],
)
def test_what_ends_within_a_text_is_closed_and_not_called_cut(text: str, value: Any) -> None:
    scanned = scan(text, 0, ANY, is_end=False)
    assert (scanned.value, scanned.is_cut) == (value, False)
    assert not {repair.rule for repair in scanned.repairs} & {"cut_string", "cut_number", "cut_container"}


@pytest.mark.parametrize(
    ("text", "value", "rule", "place"),
    [
        ('{"a": "x', {"a": "x"}, "cut_string", ("a",)),
        ('{"a": [1, {"b": 2', {"a": [1, {"b": 2}]}, "cut_number", ("a", 1, "b")),
        ('{"a": tru', {}, "cut_literal", ("a",)),
        ('{"a": yes', {"a": "yes"}, "cut_string", ("a",)),
        ('{"a": "x\\u00e', {"a": "x"}, "cut_string", ("a",)),
        ('{"a": "x\\', {"a": "x"}, "cut_string", ("a",)),
    ],
)
def test_what_ends_with_the_text_is_cut_at_its_place(text: str, value: Any, rule: str, place: Any) -> None:
    scanned = scan(text, 0, ANY)
    assert (scanned.value, scanned.is_cut, scanned.open_path) == (value, True, place)
    assert (rule, place) in {(repair.rule, repair.path) for repair in scanned.repairs}


@pytest.mark.parametrize(("text", "place"), [("`f`(q=1)", ()), ("[1, `f`(q=1)]", (1,)), ("f(q=1)", ())])
def test_a_call_is_noted_at_the_place_of_its_value(text: str, place: Any) -> None:
    assert [repair.path for repair in scan(text, 0, ANY).repairs] == [place]


@pytest.mark.parametrize("text", ["", "  ", "}", ", 1", "word"])
def test_what_is_no_value_is_given_up(text: str) -> None:
    with pytest.raises(Abandoned):
        scan(text, 0, ANY)


@pytest.mark.parametrize("text", ["{hello there}", "[see below]", '{"quoted" words}', "{"])
def test_a_bracket_of_prose_is_given_up_where_the_reading_is_strict(text: str) -> None:
    with pytest.raises(Abandoned):
        scan(text, 0, ANY, is_strictly=True)


def test_a_number_beyond_a_float_keeps_its_digits() -> None:
    value, _ = read("{'a': 1e400}")
    assert value["a"].literal == "1e400"


def test_the_digits_of_a_number_are_kept_where_they_are_asked_for() -> None:
    value, _ = read("{'a': 0.1000}", Hints(exact=True))
    assert value["a"].literal == "0.1000"


def test_containers_without_end_are_given_up() -> None:
    with pytest.raises(Abandoned):
        scan("['a'," * 5000, 0, ANY)


def test_many_open_ends_cost_no_more_than_their_length() -> None:
    begun = time.perf_counter()
    scan("{" + '"a": "x\n' * 4000, 0, KNOWN)
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize("hints", [ANY, KNOWN])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[[''] [], 'x']", [[""], [], "x"]),
        ('[[""] [], 1]', [[""], [], 1]),
        ("[['a'] ['b'], 1]", [["a"], ["b"], 1]),
        ("[{'a': ''} 'b']", [{"a": ""}, "b"]),
        ("[{'a': 'x'} {'b': ''}]", [{"a": "x"}, {"b": ""}]),
    ],
)
def test_a_text_before_a_bracket_ends_there_though_the_comma_behind_it_is_missing(
    text: str, value: Any, hints: Hints
) -> None:
    scanned = scan(text, 0, hints)
    assert scanned.value == value
    assert {repair.rule for repair in scanned.repairs} <= {"quotes", "missing_comma"}


@pytest.mark.parametrize("hints", [ANY, KNOWN])
@pytest.mark.parametrize(
    "text",
    ["{'a': 'one ' 'two'}", '{"a": "x" "y"}', "{'a': '' 'two'}", "{'a': 'b' ' two'}", "[''  [], 'y']", "['' {}, 'y']"],
)
def test_a_text_that_may_have_ended_at_its_first_stray_quote_is_a_guess(text: str, hints: Hints) -> None:
    assert "guessed" in {repair.trust for repair in scan(text, 0, hints).repairs}


@pytest.mark.parametrize(
    "text",
    ['he said "x" and "y" [1] so', 'split(" ") parts it', '5" wide', '"a" is first', 'a "word" [sic]'],
)
def test_words_in_quotes_inside_a_text_are_no_guess(text: str) -> None:
    scanned = scan(f'{{"name": "{text}", "age": 1}}', 0, KNOWN)
    assert scanned.value == {"name": text, "age": 1}
    assert {repair.trust for repair in scanned.repairs} == {"lossless"}
