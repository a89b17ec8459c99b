"""Where lines and elements stand for a value, and where they only look as if they did."""

from __future__ import annotations

from extract.text import Hints
from extract.text.lines import outline
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
