"""What a user's editor infers. Never run; checked by mypy and pyright."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, assert_type

from pydantic import BaseModel, Field, TypeAdapter

from extract import (
    DIALECTS,
    ENDPOINTS,
    AsyncExtractor,
    AsyncRecords,
    AsyncStream,
    Attempt,
    Dialect,
    Draft,
    Ended,
    Endpoint,
    EndpointError,
    Extraction,
    ExtractionError,
    Extractor,
    Image,
    InvalidOutputError,
    Issue,
    JsonValue,
    Lowered,
    Ok,
    Parts,
    Reading,
    Records,
    Repair,
    Request,
    Stream,
    Usage,
    UsageError,
    lower,
    parse,
    read,
    repair,
)
from extract.batch.provider.run import AsyncProviderBatch, ProviderBatch


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
        if isinstance(outcome, Ok):
            assert_type(outcome.value, Person)
            assert_type(outcome.extraction, Extraction[Person])
        else:
            assert_type(outcome.error, ExtractionError | UsageError)


async def asynchronous(ex: AsyncExtractor, text: str) -> None:
    assert_type(await ex.extract(Person, text), Person)
    assert_type(await ex.extract(Person | Company, text), Person | Company)
    assert_type(await ex.extract(SCHEMA, text), JsonValue)
    assert_type((await ex.run(list[int], text)).value, list[int])
    assert_type(await ex.generate(Person, text, count=2), list[Person])
    async for outcome in ex.map(Person, [text]):
        assert_type(outcome.index, int)


def pure(text: str) -> None:
    assert_type(parse(Person, text), Person)
    assert_type(parse(list[Person], text, repair="guessed"), list[Person])
    assert_type(parse(Person | None, text), Person | None)
    assert_type(parse(Literal["a", "b"], text), Literal["a", "b"])
    assert_type(parse(TypeAdapter(list[int]), text), list[int])
    assert_type(parse(SCHEMA, text), JsonValue)
    assert_type(parse(lower(Person), text), Person)
    assert_type(read(Person, text), Reading[Person])
    assert_type(read(SCHEMA, text).value, JsonValue)
    assert_type(read(lower(list[int]), text), Reading[list[int]])
    assert_type(read(Person, text).repairs, tuple[Repair, ...])
    assert_type(lower(Person), Lowered[Person])
    assert_type(lower(TypeAdapter(int), "siliconflow"), Lowered[int])
    assert_type(lower(SCHEMA), Lowered[JsonValue])
    assert_type(lower(Person).schema, dict[str, JsonValue])
    assert_type(lower(Person).encode(Person(name="A", age=1)), JsonValue)
    assert_type(repair(text), str)


def account(extraction: Extraction[Person], error: ExtractionError) -> None:
    assert_type(extraction.value, Person)
    assert_type(extraction.attempts, tuple[Attempt, ...])
    assert_type(extraction.repairs, tuple[Repair, ...])
    assert_type(extraction.usage, Usage)
    assert_type(extraction.usage.total_tokens, int | None)
    assert_type(extraction.cost, float | None)
    assert_type(extraction.finish_reason, str | None)
    assert_type(extraction.answered_by, str)
    assert_type(extraction.reasoning, str | None)
    assert_type(error.attempts, tuple[Attempt, ...])
    assert_type(error.to_dict(), dict[str, JsonValue])
    if isinstance(error, EndpointError):
        assert_type(error.retry_after_s, float | None)
    if isinstance(error, InvalidOutputError):
        assert_type(error.issues, tuple[Issue, ...])


def rows() -> None:
    assert_type(DIALECTS["openai"], Dialect)
    assert_type(ENDPOINTS["openai"], Endpoint)


def sources(ex: Extractor, path: Path) -> None:
    assert_type(ex.extract(Person, path), Person)
    assert_type(ex.extract(Person, Image(path, detail="low")), Person)
    assert_type(ex.extract(Person, Parts("See:", path, Image(b""))), Person)
    assert_type(ex.extract(Person, [{"role": "user", "content": "Hello"}]), Person)
    assert_type(ex.request(Person, path), Request)


def wrong(ex: Extractor, text: str) -> Any:
    parse(Person, text, repair="all")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    Image("https://example.org/a.png", detail="big")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Extractor("m", base_urll="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
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


class Frame:
    """Stands for a table of any kind."""


async def tables(ex: Extractor, asynchronous: AsyncExtractor, frame: Frame, texts: list[str]) -> None:
    assert_type(ex.add_columns(Person, frame, column="text"), Frame)
    assert_type(await asynchronous.add_columns(Person, frame), Frame)
    assert_type(ex.batch(Person, texts, journal="j"), ProviderBatch[Person])
    assert_type(asynchronous.batch(SCHEMA, texts, journal="j"), AsyncProviderBatch[JsonValue])
    for ended in ex.batch(Person, texts).run(every_s=60, rounds=2):
        if isinstance(ended, Ok):
            assert_type(ended.value, Person)


def watch(event: Attempt | Ended) -> None:
    if isinstance(event, Ended):
        assert_type(event.error, str | None)


def watched() -> Extractor:
    return Extractor("m", on_event=[watch, print])
