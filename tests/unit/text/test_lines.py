"""Where lines and elements stand for a value, and where they only look as if they did."""

from __future__ import annotations

import pytest

from extract.text import Hints
from extract.text.lines import outline, scalar
from extract.text.markup import read_elements

KNOWN = Hints(keys=frozenset(["name", "age", "tag"]))


def value(text: str) -> object:
    found = outline(text, KNOWN)
    return None if found is None else found.value


def test_each_row_of_a_table_is_an_object() -> None:
    table = "| name | age |\n|---|---|\n| Ada | 3 |\n| Bo | 4 |\n"
    assert value(table) == [{"name": "Ada", "age": 3}, {"name": "Bo", "age": 4}]


def test_a_table_with_a_row_that_lacks_a_cell_is_not_read() -> None:
    assert value("| name | age |\n|---|---|\n| Ada | 3 |\n| Bo |\n") is None


def test_the_first_name_again_begins_the_next_record() -> None:
    assert value("name: Ada\nage: 3\nname: Bo\nage: 4\n") == [{"name": "Ada", "age": 3}, {"name": "Bo", "age": 4}]


def test_another_name_twice_in_a_record_is_not_read() -> None:
    assert value("name: Ada\nage: 3\nage: 4\n") is None


def test_elements_with_known_names_are_a_record() -> None:
    assert read_elements("<name>Ada</name><age>3</age>", KNOWN) == {"name": "Ada", "age": 3}


def test_an_element_that_another_one_closes_is_not_read() -> None:
    assert read_elements("<name>Ada</age>", KNOWN) is None


def test_an_element_that_comes_again_beside_others_is_a_list() -> None:
    assert read_elements("<name>Ada</name><tag>a</tag><tag>b</tag>", KNOWN) == {"name": "Ada", "tag": ["a", "b"]}


# --- lines ----------------------------------------------------------------------------------------------------------

ANY = Hints()


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("name: |\n  a\n  b\nage: 3", {"name": "a\nb", "age": 3}),
        ("name: >\n  a\n  b\nage: 3", {"name": "a b", "age": 3}),
        ("tag:\n  - a\n  - b\nname: x", {"tag": ["a", "b"], "name": "x"}),
        ("tag:\n- a\n- b\nname: x", {"tag": ["a", "b"], "name": "x"}),
        ("tag:\n  x: 1\n  y: 2\nname: a", {"tag": {"x": 1, "y": 2}, "name": "a"}),
        ("name:\n  first line\n  second line\nage: 3", {"name": "first line\nsecond line", "age": 3}),
        ("name: Ada\n  goes on\nage: 3", {"name": "Ada\ngoes on", "age": 3}),
        ("name:\nage: 3", {"name": None, "age": 3}),
        ("- name: Ada\n- age: 3", {"name": "Ada", "age": 3}),
        ("- name: Ada\n  age: 3\n- name: Bo\n  age: 4", [{"name": "Ada", "age": 3}, {"name": "Bo", "age": 4}]),
        ("- name: Ada\n  note: x\n- age: 3", [{"name": "Ada", "note": "x"}, {"age": 3}]),
        ("1. name: a\n2. name: b", [{"name": "a"}, {"name": "b"}]),
        ("- a\n  more\n- b", ["a\nmore", "b"]),
        ("**Name:** Ada\n**Age:** 3", {"Name": "Ada", "Age": 3}),
        ("```yaml\nname: Ada\n```", {"name": "Ada"}),
        ("```yaml\n# a person\nname: Ada # her name\nage: 3\n```", {"name": "Ada", "age": 3}),
        ("name -> Ada\nage => 3", {"name": "Ada", "age": 3}),
        ("## Name\nAda\n\n### 2. **Age**\n3", {"Name": "Ada", "Age": 3}),
        ("name | age\n--- | ---\nAda | 3", [{"name": "Ada", "age": 3}]),
        ('name,age\nAda,3\n"Bo, junior",4', [{"name": "Ada", "age": 3}, {"name": "Bo, junior", "age": 4}]),
        ("```csv\nname;age\nAda;3\n```", [{"name": "Ada", "age": 3}]),
        ("name\tage\nAda\t3", [{"name": "Ada", "age": 3}]),
        ('name = "Ada"\n\n[tag]\nx = 1\n[tag.y]\nz = 2', {"name": "Ada", "tag": {"x": 1, "y": {"z": 2}}}),
        ("[[tag]]\nx = 1\n[[tag]]\nx = 2", {"tag": [{"x": 1}, {"x": 2}]}),
        ("[Person]\nname=Ada\nage=3", {"name": "Ada", "age": 3}),
    ],
)
def test_lines_stand_for_a_value(text: str, read: object) -> None:
    assert value(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name: a\n" * 6000,
        "|---|---|\n| a | b |",
        "| name | age |\n|---|---|\n",
        "| name | name |\n|---|---|\n| a | b |",
        "- a\n  - b\n- c",
        "tag:\n  x: 1\n  x: 2\nname: a",
        "name:\n" + "".join(" " * depth + "k:\n" for depth in range(1, 40)),
        "Nothing of this is known: at all.",
        "name,age\nAda,3,4",
        "name,age",
        "one,two\n1,2",
        "[tag]\nx = 1\n[tag]\nx = 2",
        "[other]\nx = 1\n[more]\ny = 2",
        "name = 1\n[name.x]\ny = 2",
    ],
)
def test_lines_that_stand_for_nothing_are_not_read(text: str) -> None:
    assert value(text) is None


def test_prose_around_a_table_is_told_apart() -> None:
    found = outline("intro\n| name | age |\n|---|---|\n| Ada | 3 |\nend", KNOWN)
    assert found is not None
    assert (found.value, found.aside) == ([{"name": "Ada", "age": 3}], "intro\nend")


def test_prose_behind_known_members_is_told_apart() -> None:
    found = outline("name: Ada\nage: 3\n\nGood bye", KNOWN)
    assert found is not None
    assert (found.value, found.aside) == ({"name": "Ada", "age": 3}, "Good bye")


@pytest.mark.parametrize("text", ["name: Ada\nage: 3\n\nGood bye", "only: one", "hello\nname: Ada\nage: 3"])
def test_prose_beside_names_that_nobody_knows_is_no_record(text: str) -> None:
    assert outline(text, ANY) is None


def test_what_follows_a_hash_in_a_plain_line_is_left_out_and_told() -> None:
    found = outline("name: Ada # the first\nage: 3", KNOWN)
    assert found is not None
    assert (found.value, found.dropped) == ({"name": "Ada", "age": 3}, "# the first")


def test_a_hash_inside_quotes_or_words_stays() -> None:
    assert value('name: "Ada # 1"\ntag: C# and F#') == {"name": "Ada # 1", "tag": "C# and F#"}


def test_attributes_with_known_names_are_members() -> None:
    assert read_elements('<person name="Ada &amp; Bo" age="3" id="x"/>', KNOWN) == {"name": "Ada & Bo", "age": 3}
    assert read_elements('<p><person name="Ada"/><person name="Bo"/></p>', KNOWN) == [{"name": "Ada"}, {"name": "Bo"}]


def test_an_empty_element_without_known_attributes_is_not_read() -> None:
    assert read_elements('<name>Ada</name><br class="x"/>', KNOWN) is None


def test_a_lead_in_is_no_member() -> None:
    found = outline("The steps are:\n- one\n- two", ANY)
    assert found is not None
    assert (found.value, found.aside) == (["one", "two"], "The steps are:")


def test_lines_are_not_read_where_a_text_is_wanted() -> None:
    assert outline("name: Ada\nage: 3", Hints(kinds=frozenset(["string"]))) is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("'it''s'", "it's"),
        ('"a"', "a"),
        ("`a`", "a"),
        ("12", 12),
        ("12,", 12),
        ("null", None),
        ("True", True),
        ("''", ""),
        ("'a' or 'b'", "'a' or 'b'"),
        ("9" * 4001, "9" * 4001),
    ],
)
def test_a_scalar_is_read_as_it_stands(written: str, read: object) -> None:
    assert scalar(written) == read


# --- elements -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("<record><name>Ada</name><age>3</age></record>", {"name": "Ada", "age": 3}),
        (
            "<people><person><name>Ada</name></person><person><name>Bo</name></person></people>",
            [{"name": "Ada"}, {"name": "Bo"}],
        ),
        ("<tag>a</tag><tag>b</tag>", ["a", "b"]),
        ("<name>A &amp; B</name><age>3</age>", {"name": "A & B", "age": 3}),
        ("<name>two\nlines</name><age>3</age>", {"name": "two\nlines", "age": 3}),
        ("<name/><age>3</age>", None),
        ("<name>Ada", None),
        ("<name>Ada<age>3</age>", None),
        ("</name><age>3</age>", None),
        ("<other>Ada</other>", None),
        ("<other>Ada</other><more>3</more>", None),
        ("<a>" * 50 + "</a>" * 50, None),
    ],
)
def test_elements_stand_for_a_record_or_for_nothing(text: str, read: object) -> None:
    assert read_elements(text, KNOWN) == read


def test_elements_are_not_read_where_no_name_is_known() -> None:
    assert read_elements("<name>Ada</name>", ANY) is None
