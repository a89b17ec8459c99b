"""Eighteen nasty answers for one small model: seventeen can be read, the cut one must not be."""

import pytest
from pydantic import BaseModel

from extract.flow.errors import InvalidOutputError
from extract.flow.reading import parse


class User(BaseModel):
    name: str
    age: int


RIGHT = '{"name": "Alice", "age": 31}'
READABLE = {
    "clean": RIGHT,
    "fenced": f"```json\n{RIGHT}\n```",
    "prose around": f"Here is the record you asked for:\n{RIGHT}\nTell me if you need more.",
    "trailing comma": '{"name": "Alice", "age": 31,}',
    "single quotes": "{'name': 'Alice', 'age': 31}",
    "bare keys": '{name: "Alice", age: 31}',
    "Python None": '{"name": "Alice", "age": 31, "note": None}',
    "decoy in reasoning": f'<think>Perhaps {{"name": "Bob", "age": 99}}? No.</think>{RIGHT}',
    "decoy in reasoning, fence, comma": '<think>{"name": "Bob", "age": 99}</think>\n```json\n{"name": "Alice", "age": 31,}\n```',
    "only a closing tag": f'First I thought of {{"name": "Bob", "age": 99}}.</think>{RIGHT}',
    "echoed schema": '{"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}\n'
    + RIGHT,
    "wrapped in its name": f'{{"User": {RIGHT}}}',
    "wrapped in a list": f"[{RIGHT}]",
    "number as text": '{"name": "Alice", "age": "31"}',
    "number with a unit": '{"name": "Alice", "age": "31 years"}',
    "double-encoded": '"{\\"name\\": \\"Alice\\", \\"age\\": 31}"',
    "raw newline": '{"name": "Alice\n", "age": 31}',
}


@pytest.mark.parametrize("text", READABLE.values(), ids=READABLE.keys())
def test_a_readable_answer_gives_its_value(text):
    read = parse(User, text)
    assert (read.name.strip(), read.age) == ("Alice", 31)


@pytest.mark.parametrize("repair", ["off", "lossless", "coerced", "guessed"])
def test_a_cut_number_is_never_taken(repair):
    with pytest.raises(InvalidOutputError):
        parse(User, '{"name": "Alice", "age": 3', repair=repair)
