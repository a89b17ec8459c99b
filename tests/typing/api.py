"""What a user's editor infers. Never run; checked by mypy and pyright."""

from __future__ import annotations

from typing import Annotated, Any, Literal, assert_type

from pydantic import BaseModel, Field, TypeAdapter

from extract import (
    AsyncExtractor,
    AsyncRecords,
    AsyncStream,
    Draft,
    Extraction,
    Extractor,
    Issue,
    JsonValue,
    Records,
    Stream,
)
from extract.streams import Ok


class Person(BaseModel):
    name: str
    age: int


class Company(BaseModel):
    name: str


SCHEMA: dict[str, JsonValue] = {"type": "object"}


def sync(ex: Extractor, text: str) -> None:
    assert_type(ex.extract(Person, text), Person)
    assert_type(ex.extract(int, text), int)
    assert_type(ex.extract(list[Person], text), list[Person])
    assert_type(ex.extract(dict[str, int], text), dict[str, int])
    assert_type(ex.extract(Person | Company, text), Person | Company)
    assert_type(ex.extract(Person | None, text), Person | None)
    assert_type(ex.extract(Literal["a", "b"], text), Literal["a", "b"])
    assert_type(ex.extract(Annotated[int, Field(ge=0)], text), int)
    assert_type(ex.extract(TypeAdapter(list[int]), text), list[int])
    assert_type(ex.extract(SCHEMA, text), JsonValue)
    assert_type(ex.run(Person, text, temperature=0.0, instructions="briefly"), Extraction[Person])
    assert_type(ex.run(Person, text).value, Person)
    assert_type(ex.generate(Person, text), Person)
    assert_type(ex.generate(Person, text, count=3), list[Person])
    assert_type(ex.with_options("other", repair="off"), Extractor)
    for outcome in ex.map(Person, [text], concurrency=4):
        assert_type(outcome.index, int)


async def asynchronous(ex: AsyncExtractor, text: str) -> None:
    assert_type(await ex.extract(Person, text), Person)
    assert_type(await ex.extract(Person | Company, text), Person | Company)
    assert_type(await ex.extract(SCHEMA, text), JsonValue)
    assert_type((await ex.run(list[int], text)).value, list[int])
    assert_type(await ex.generate(Person, text, count=2), list[Person])
    async for outcome in ex.map(Person, [text]):
        assert_type(outcome.index, int)


def wrong(ex: Extractor, text: str) -> Any:
    ex.extract(Person, text, temprature=1.0)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    return ex.extract(Person, text, stop=4)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]


def streams(ex: Extractor, asynchronous: AsyncExtractor, text: str) -> None:
    assert_type(ex.stream(Person, text), Stream[Person])
    assert_type(ex.stream(list[Person], text, strings="whole").result().value, list[Person])
    assert_type(ex.stream(SCHEMA, text), Stream[JsonValue])
    assert_type(asynchronous.stream(Person, text), AsyncStream[Person])
    assert_type(ex.records(Person, text, again="singly", key=lambda person: person.name), Records[Person])
    assert_type(asynchronous.records(int, text), AsyncRecords[int])
    for record in ex.records(Person, text):
        if isinstance(record, Ok):
            assert_type(record.value, Person)
        else:
            assert_type(record.issues, tuple[Issue, ...])
    for draft in ex.stream(Person, text):
        assert_type(draft, Draft[Person])
        assert_type(draft.value, Person)
