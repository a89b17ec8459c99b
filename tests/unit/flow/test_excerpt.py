"""Of a long source only the lines are shown again in which the item stands whose value was wrong."""

import json

import pytest

from extract import Budget, Parts
from extract.flow.excerpt import GAP, excerpt_of
from tests.unit.flow.script import plan_of, play, said, text_of

ITEMS = [{"name": f"article no. {at}", "price": float(1000 + at)} for at in range(100)]
TEXT = "ACME, prices in euro\n\n" + "\n".join(f"{item['name']:20} {item['price']:.0f}" for item in ITEMS)


def test_the_line_of_an_item_is_found_by_what_stands_beside_the_value() -> None:
    assert (
        excerpt_of(TEXT, {"items": ITEMS}, [("items", 50, "count")])
        == f"ACME, prices in euro{GAP}{TEXT.splitlines()[52]}"
    )


def test_a_wrong_value_is_no_guide() -> None:
    items = [*ITEMS[:50], {"name": "article no. 50", "price": 1007.0}, *ITEMS[51:]]
    shown = excerpt_of(TEXT, {"items": items}, [("items", 50, "price")])
    assert "article no. 50 " in shown
    assert "1007" not in shown


NOT_PLAIN = {
    "a short text": (TEXT[:1500], [("items", 5, "price")]),
    "a value at the top": (TEXT, [("seller",)]),
    "one place of two": (TEXT, [("items", 5, "price"), ("seller",)]),
    "an item that stands twice": (f"{TEXT}\n{TEXT}", [("items", 5, "price")]),
    "an item that stands nowhere": (TEXT.replace("article", "product"), [("items", 5, "price")]),
    "an item without other members": (TEXT, [("items", 5)]),
    "too many places": (TEXT, [("items", at, "price") for at in range(30)]),
}


@pytest.mark.parametrize("text, paths", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_where_it_is_not_plain_there_is_none(text: str, paths: list[tuple[str | int, ...]]) -> None:
    items = [{"name": item["name"], "price": -1} for item in ITEMS]
    assert excerpt_of(text, {"seller": "x", "items": items}, paths) == ""


def test_a_single_word_that_stands_twice_is_no_guide() -> None:
    lines = TEXT.splitlines()
    text = "\n".join([*lines[:52], "see also article no. 50", *lines[52:]])
    assert excerpt_of(text, {"items": [{"name": "article no. 50"}]}, [("items", 0, "price")]) == ""


def test_a_word_that_stands_everywhere_is_no_guide() -> None:
    text = TEXT.replace("\n", " piece\n")
    shown = excerpt_of(text, {"items": [{"name": "article no. 50", "unit": "piece"}]}, [("items", 0, "price")])
    assert "article no. 50" in shown
    assert "article no. 44" not in shown


def test_where_most_would_be_shown_all_is() -> None:
    text = "\n".join(f"{item['name']} {item['price']:.0f} {'-' * 40}" for item in ITEMS[:38])
    few, many = ([("items", at, "count") for at in range(0, last, 2)] for last in (10, 38))
    assert excerpt_of(text, {"items": ITEMS}, few)
    assert excerpt_of(text, {"items": ITEMS}, many) == ""


def test_a_part_of_a_longer_word_is_no_guide() -> None:
    text = TEXT.replace("article no. 50 ", "pen          ").replace("article no. 70 ", "pencil       ")
    assert "pen  " in excerpt_of(text, {"items": [{"name": "pen"}]}, [("items", 0, "price")])


BAD = json.dumps({"seller": "ACME", "items": [*ITEMS[:50], {"name": "article no. 50", "price": -1}, *ITEMS[51:]]})
LAST = "article no. 99"
TWO = Budget(attempts=2)


def test_a_re_ask_shows_the_lines_and_the_next_one_everything() -> None:
    plan = plan_of(source=TEXT)
    first = play(plan, said(BAD)).next
    assert "article no. 50" in text_of(first)
    assert LAST not in text_of(first)
    assert LAST in text_of(play(plan, said(BAD), said('{"value_1": -2}')).next)


def test_of_a_source_in_several_parts_all_is_shown() -> None:
    assert LAST in text_of(play(plan_of(source=Parts(TEXT, "The end.")), said(BAD)).next)


def test_the_last_try_shows_everything() -> None:
    assert LAST in text_of(play(plan_of(source=TEXT, budget=TWO), said(BAD)).next)


def test_what_the_lines_do_not_state_is_looked_for_in_everything() -> None:
    lacking = json.dumps({"seller": "ACME", "items": [*ITEMS[:50], {"name": "article no. 50"}, *ITEMS[51:]]})
    plan = plan_of(source=TEXT)
    assert LAST not in text_of(play(plan, said(lacking)).next)
    assert LAST in text_of(play(plan, said(lacking), said('{"value_1": null}')).next)
