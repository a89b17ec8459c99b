import json
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import pytest
from pydantic import BaseModel, Field, ValidationInfo, field_validator

from extract.flow.errors import InvalidOutputError
from extract.flow.reading import Reading, Unread, examine, is_template, parse, read
from extract.target.lower import lower


class User(BaseModel):
    name: str
    age: int


class Hollow(BaseModel):
    name: str | None = None
    age: int | None = None


PLAIN = lower(User, "plain")


def refused(target, text, **options):
    found = examine(lower(target, "plain"), text, **options)
    assert isinstance(found, Unread)
    return found


def test_valid_json_has_no_repairs():
    assert read(User, '{"name": "A", "age": 1}').repairs == ()


def test_json_behind_a_quick_reading_is_made_when_asked_for():
    assert read(User, '{"name": "A", "age": 1}').json == {"name": "A", "age": 1}


def test_a_coercion_is_on_record():
    repairs = read(User, '{"name": "A", "age": "31 years"}').repairs
    assert [(repair.path, repair.rule, repair.before, repair.after, repair.trust) for repair in repairs] == [
        (("age",), "unit_removed", "31 years", 31, "coerced")
    ]


@pytest.mark.parametrize("repair", ["off", "lossless"])
def test_a_coercion_is_refused_below_its_limit(repair):
    assert refused(User, '{"name": "A", "age": "31"}', repair=repair).issues[0].loc == ("age",)


def test_a_repair_beyond_the_limit_says_what_it_would_take():
    found = refused(User, '{"name": "A", "age": "5k"}')
    assert (found.kind, found.issues[0].kind, found.json) == ("limit", "repair_limit", {"name": "A", "age": 5000})


def test_a_guess_is_taken_on_request():
    assert parse(User, '{"name": "A", "age": "5k"}', repair="guessed").age == 5000


def test_two_equal_values_are_one():
    assert parse(User, '{"name": "A", "age": 1} and again {"name": "A", "age": 1}').age == 1


def test_two_differing_values_are_ambiguous():
    assert refused(User, '{"name": "A", "age": 1} or {"name": "B", "age": 2}').kind == "ambiguous"


def test_a_guess_among_values_is_the_last_and_names_its_rivals():
    found = read(User, '{"name": "A", "age": 1} or {"name": "B", "age": 2}', repair="guessed")
    assert (found.value.name, found.rivals) == ("B", ({"name": "A", "age": 1},))


def test_a_draft_in_reasoning_never_wins():
    found = examine(PLAIN, '<think>{"name": "A", "age": 1}</think>none', repair="guessed")
    assert isinstance(found, Unread)


def test_an_echoed_schema_is_no_value_of_a_type_that_requires_nothing():
    text = '{"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}'
    assert refused(Hollow, text, repair="guessed").json is None


def test_a_wrapper_is_seen_where_nothing_is_required():
    assert parse(Hollow, '{"Hollow": {"name": "A"}}').name == "A"


def test_a_refusal_is_no_empty_record():
    refused(Hollow, "I am sorry, I cannot do that.", repair="guessed")


def test_true_is_never_one():
    refused(User, '{"name": "A", "age": true}')


def test_seconds_are_no_date_without_an_entry():
    assert refused(datetime, "1700000000").kind in ("limit", "invalid")


@pytest.mark.parametrize("written", ["20241304", "2024", "99990304"])
def test_a_number_in_quotes_is_no_date(written):
    class Event(BaseModel):
        day: date

    with pytest.raises(InvalidOutputError):
        parse(Event, json.dumps({"day": written}))


def test_eight_digits_that_can_be_a_day_are_one():
    class Event(BaseModel):
        day: date

    found = read(Event, '{"day": "20240304"}')
    assert (found.value.day, found.repairs[0].rule) == (date(2024, 3, 4), "date_as_written")


def test_a_date_is_read_as_written():
    class Event(BaseModel):
        day: date

    assert parse(Event, '{"day": "4. März 2024"}').day == date(2024, 3, 4)


def test_a_decimal_keeps_its_digits():
    class Price(BaseModel):
        amount: Decimal

    assert parse(Price, '{"amount": 0.10000000000000000000000001,}').amount == Decimal("0.10000000000000000000000001")


def test_a_field_that_wants_strictness_gets_it():
    class Careful(BaseModel):
        age: int = Field(strict=True)

    with pytest.raises(InvalidOutputError):
        parse(Careful, '{"age": "31"}')


def test_differing_repeated_keys_are_no_silent_choice():
    assert refused(User, '{"name": "A", "age": 1, "age": 2}').kind == "limit"


def test_equal_repeated_keys_are_one():
    assert parse(User, '{"name": "A", "age": 1, "age": 1}').age == 1


def test_the_context_reaches_validators():
    class Seen(BaseModel):
        n: int

        @field_validator("n")
        @classmethod
        def add(cls, n: int, info: ValidationInfo) -> int:
            return n + info.context["more"]

    assert parse(Seen, '{"n": "1"}', validation_context={"more": 2}).n == 3


def test_text_is_taken_as_it_is():
    assert parse(str, "```\nany text\n```") == "```\nany text\n```"


def test_a_json_string_is_read_for_text():
    assert parse(str, '"any"') == "any"


def test_a_word_in_prose_is_a_guess():
    assert refused(Literal["low", "high"], "It is high.").kind == "limit"


def test_a_negated_word_is_never_taken():
    refused(Literal["low", "high"], "It is not high.", repair="guessed")


def test_a_cut_list_is_refused_with_its_closed_part():
    found = refused(list[User], '[{"name": "A", "age": 1}, {"name": "B", ')
    assert (found.kind, found.json) == ("cut", [{"name": "A", "age": 1}, {"name": "B"}])


def test_a_cut_list_is_closed_on_request():
    found = examine(lower(list[User], "plain"), '[{"name": "A", "age": 1}, {"name": "B", "age": 2}, ', repair="guessed")
    assert isinstance(found, Reading)
    assert (len(found.value), found.is_cut) == (2, True)


@pytest.mark.parametrize("repair", ["coerced", "guessed"])
def test_a_number_that_may_be_cut_is_refused(repair):
    assert refused(int, "12", repair=repair, cut=True).kind == "cut"


@pytest.mark.parametrize("end", range(2, 40))
def test_a_cut_anywhere_never_gives_a_wrong_scalar(end):
    whole = '{"name": "Alice", "age": 3141592, "x": 1}'
    found = examine(PLAIN, whole[:end], repair="guessed")
    assert isinstance(found, Unread) or found.value.age == 3141592


def test_calls_one_after_another_are_a_list():
    text = '<tool_call>{"name": "A", "age": 1}</tool_call>\n<tool_call>{"name": "B", "age": 2}</tool_call>'
    assert [user.name for user in parse(list[User], text)] == ["A", "B"]


def test_nothing_is_said_to_be_nothing():
    assert refused(User, "  ").kind == "nothing"


def test_an_error_carries_what_could_be_read():
    with pytest.raises(InvalidOutputError) as caught:
        parse(User, '{"name": "A"}')
    assert caught.value.partial == {"name": "A"}
    assert caught.value.issues[0].loc == ("age",)


class Person(BaseModel):
    name: str
    age: int


DRAFT, LAST = '{"name": "Tom", "age": 1}', '{"name": "Ada", "age": 3}'


@pytest.mark.parametrize(
    "text",
    [
        f"First try: {DRAFT}\n\nFinal answer: {LAST}",
        f"```json\n{DRAFT}\n```\nAfter a look, the **final JSON**:\n```json\n{LAST}\n```",
        f"{DRAFT}\nWait, that is off. Corrected:\n{LAST}",
        f"{DRAFT}\n\n修正后：\n{LAST}",
    ],
)
def test_a_value_that_is_called_final_or_corrected_takes_the_place_of_those_before_it(text):
    found = read(Person, text)
    assert (found.value.name, found.rivals[0]) == ("Ada", {"name": "Tom", "age": 1})
    assert "superseded coerced" in {f"{one.rule} {one.trust}" for one in found.repairs}


@pytest.mark.parametrize(
    "text",
    [
        f"{DRAFT}\n{LAST}",
        f"Final answer: {DRAFT}\nFinal answer: {LAST}",
        f"{DRAFT}\nThis is not the final answer: {LAST}",
        f"Final answer: {DRAFT}\nAnother: {LAST}",
        f"{DRAFT}\nThat was final. Next: {LAST}",
    ],
)
def test_nothing_else_settles_which_of_two_values_is_meant(text):
    assert isinstance(found := examine(lower(Person, "plain"), text), Unread)
    assert found.kind == "ambiguous"


def test_the_form_of_an_answer_is_no_rival_of_the_answer():
    found = read(Person, f'The form is {{"name": "string", "age": 0}}. Here it is: {LAST}')
    assert (found.value.age, found.rivals) == (3, ())


def test_a_form_is_no_item_of_the_list():
    assert [one.name for one in parse(list[Person], f'{{"name": "<name>", "age": 0}}\n{LAST}\n{DRAFT}')] == [
        "Ada",
        "Tom",
    ]


def test_two_whole_lists_are_not_joined_without_a_sign_that_they_are_parts_of_one():
    assert isinstance(found := examine(lower(list[int], "plain"), "[1, 2]\n\n[1, 2, 3]"), Unread)
    assert found.kind == "ambiguous"
    assert parse(list[int], "[1, 2],\n[3, 4]") == [1, 2, 3, 4]


def test_numbered_objects_are_a_list():
    assert [one.name for one in parse(list[Person], f"1. {DRAFT}\n2. {LAST}")] == ["Tom", "Ada"]


@pytest.mark.parametrize(
    "text", ["The answer is $\\boxed{42}$.", "The final answer is 42.", "**Answer:** 42", "Output: 42"]
)
def test_a_labelled_scalar_is_read(text):
    assert parse(int, text) == 42


@pytest.mark.parametrize("text", ["The answer is 42 or 43.", "The answer is not 42.", "\\boxed{1} or \\boxed{2}"])
def test_a_label_does_not_make_one_of_two(text):
    assert isinstance(examine(lower(int, "plain"), text), Unread)


def test_members_quoted_by_html_are_read():
    found = read(Person, "<pre>{&quot;name&quot;: &quot;A &amp; B&quot;, &quot;age&quot;: 3}</pre>")
    assert (found.value.name, found.repairs[0].rule) == ("A & B", "html_entities")


def test_marks_of_html_inside_a_text_stay():
    assert parse(Person, "{'name': '&quot;A&quot; &amp; B', 'age': 3}").name == "&quot;A&quot; &amp; B"


def test_a_schema_that_holds_the_values_is_no_echo():
    text = '{"type": "object", "properties": {"name": {"type": "string", "value": "Ada"}, "age": {"type": "integer", "value": 3}}}'
    assert parse(Person, text) == Person(name="Ada", age=3)


def test_words_inside_the_value_before_do_not_take_back_that_the_next_is_final():
    assert parse(Person, '{"name": "No one", "age": 1}\nFinal: {"name": "Ada", "age": 3}').name == "Ada"


def test_a_guess_that_is_called_final_is_still_one_of_several():
    texts = ['{"name": "Tom", "age": "I need 12 of these"}', '{"name": "Ada", "age": "I need 13 of these"}']
    found = read(Person, "\nFinal: ".join(texts), repair="guessed")
    assert "one_of_several" in {one.rule for one in found.repairs}


@pytest.mark.parametrize("value", [{}, {"age": 0}, {"name": "string", "age": 3}, {"name": "Ada", "age": 0}, ["string"]])
def test_what_holds_more_than_the_form_of_an_answer_is_no_template(value):
    assert not is_template(value)


def test_a_template_is_the_answer_where_nothing_else_is():
    assert parse(
        {"type": "object", "properties": {"kind": {"type": "string"}}}, '{"kind": "date"}\n{"kind": "date"}'
    ) == {"kind": "date"}


def test_marks_of_html_stay_where_members_are_quoted_plainly():
    text = """{"name": 'x, {&quot;a&quot;: 1}', "age": 3,}"""
    assert parse(Person, text).name == "x, {&quot;a&quot;: 1}"


def test_lists_of_one_item_each_are_parts_of_one():
    assert [one.name for one in parse(list[Person], f"[{DRAFT}]\n[{LAST}]")] == ["Tom", "Ada"]
