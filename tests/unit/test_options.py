"""What cannot work as it is written is a UsageError that names it, before anything is sent."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, ValidationInfo, field_validator

from extract import AsyncExtractor, Budget, Extractor, Image, Parts, TargetError, UsageError, parse, read

PNG = b"\x89PNG\r\n\x1a\n and so on"


class User(BaseModel):
    name: str
    age: int


TEXT = "Name: Alice\nAge: 31"
ALICE = User(name="Alice", age=31)

WRONG_OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "a typo": ({"tempratur": 1}, "tempratur=1"),
    "base_url a path": ({"base_url": Path("x")}, "base_url"),
    "api_key a number": ({"api_key": 5}, "api_key is a int"),
    "endpoint by name": ({"endpoint": "openai"}, "ENDPOINTS"),
    "headers a list": ({"headers": ["a"]}, "headers"),
    "headers of numbers": ({"headers": {"a": 5}}, "headers"),
    "query of nothing": ({"query": {"a": None}}, "query"),
    "timeout a text": ({"timeout": "5"}, "timeout is '5'"),
    "timeout zero": ({"timeout": 0}, "timeout is 0"),
    "timeout no number": ({"timeout": math.nan}, "timeout is nan"),
    "timeout yes": ({"timeout": True}, "timeout is True"),
    "fallbacks one name": ({"fallbacks": "other"}, "fallbacks is 'other'"),
    "fallbacks numbers": ({"fallbacks": [5]}, "fallbacks holds a int"),
    "on_event a number": ({"on_event": 5}, "on_event is 5"),
    "journal a number": ({"journal": 5}, "journal is 5"),
    "memory a folder": ({"memory": "."}, "memory is '.'"),
    "method unknown": ({"method": "json"}, "json_object"),
    "missing unknown": ({"missing": "maybe"}, "strict, allow"),
}


@pytest.mark.parametrize("kind", [Extractor, AsyncExtractor])
@pytest.mark.parametrize(("options", "words"), WRONG_OPTIONS.values(), ids=WRONG_OPTIONS.keys())
def test_a_wrong_option_of_an_extractor_is_named(kind: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as found:
        kind("m", **{"base_url": "http://127.0.0.1:1/v1", **options})
    assert words in str(found.value)


@pytest.mark.parametrize(
    ("kind", "client", "words"),
    [(Extractor, httpx.AsyncClient(), "httpx.Client"), (AsyncExtractor, httpx.Client(), "httpx.AsyncClient")],
)
def test_the_client_of_the_other_kind_is_refused(kind: Any, client: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        kind("m", base_url="http://127.0.0.1:1/v1", http_client=client)


def test_an_endpoint_in_full_is_the_same_endpoint() -> None:
    request = Extractor("m", base_url="http://127.0.0.1:1/v1/chat/completions/").request(User, TEXT)
    assert request.url == "http://127.0.0.1:1/v1/chat/completions"


WRONG_ASKS: dict[str, tuple[dict[str, Any], str]] = {
    "a typo": ({"temprature": 0}, "temprature=0"),
    "budget a number": ({"budget": 3}, "Budget(...)"),
    "instructions none": ({"instructions": None}, "instructions is None"),
    "temperature endless": ({"temperature": math.inf}, "temperature is inf"),
    "temperature a text": ({"temperature": "0"}, "temperature is '0'"),
    "five stops": ({"stop": list("abcde")}, "stop has 5"),
    "no choice": ({"n": 0}, "n is 0"),
    "repair unknown": ({"repair": "all"}, "repair is 'all'"),
    "extra_body none": ({"extra_body": None}, "extra_body is None"),
    "extra_body no JSON": ({"extra_body": {"a": {1}}}, "extra_body['a'] is no JSON"),
    "extra_body not a number": ({"extra_body": {"a": math.nan}}, "extra_body['a'] is no JSON"),
    "extra_body with an own field": ({"extra_body": {"model": "x"}}, "'model'"),
    "extra_body with a bad function": ({"extra_body": {"tools": [{"function": {"name": "a b"}}]}}, "'a b'"),
    "extra_body with too many functions": ({"extra_body": {"tools": [{}] * 129}}, "129 tools"),
    "examples none": ({"examples": None}, "examples is None"),
    "examples a text": ({"examples": "ab"}, "pairs"),
    "examples no pairs": ({"examples": ["ab"]}, "examples[0]"),
    "an example without a field": ({"examples": [("x", ALICE), ("y", {"name": "B"})]}, "examples[1]: $.age"),
    "an example that is a type": ({"examples": [("x", User)]}, "examples[0]"),
    "an example that is not valid": ({"examples": [("x", User.model_construct(name="A", age="old"))]}, "examples[0]"),
}


@pytest.mark.parametrize(("ask", "words"), WRONG_ASKS.values(), ids=WRONG_ASKS.keys())
def test_a_wrong_option_of_a_call_is_named(ask: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as found:
        Extractor(base_url="offline:").extract(User, TEXT, **ask)
    assert words in str(found.value)


def test_an_example_may_be_plain_data_that_the_type_takes() -> None:
    request = Extractor(base_url="offline:").request(User, TEXT, examples=[("Bo, 3", {"name": "Bo", "age": "3"})])
    messages: Any = request.body["messages"]
    assert messages[2]["content"] == '{"name": "Bo", "age": 3}'


def test_an_example_for_a_json_schema_is_checked_against_it() -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    with pytest.raises(TargetError, match=r"examples\[0\].*'name'"):
        Extractor(base_url="offline:").extract(schema, TEXT, examples=[("x", {"nam": "y"})])


class Ranked(BaseModel):
    rank: int

    @field_validator("rank")
    @classmethod
    def is_known(cls, rank: int, info: ValidationInfo) -> int:
        assert info.context is not None
        assert rank in info.context["ranks"]
        return rank


def test_an_example_is_validated_in_the_context_of_the_call() -> None:
    extractor = Extractor(base_url="offline:", examples=[("First", {"rank": 1})], validation_context={"ranks": {1, 2}})
    assert extractor.extract(Ranked, "Rank: 2").rank == 2


NO_SOURCES: dict[str, tuple[Any, str]] = {
    "none": (None, "NoneType"),
    "a number": (5, "int"),
    "bytes": (b"Name: Alice", "decode"),
    "a dict": ({"a": 1}, "dict"),
    "many texts": ([TEXT], "map(target, sources)"),
    "an empty list": ([], "empty list"),
    "an empty text": ("", "empty"),
    "blanks": (" \n\t", "empty"),
    "empty parts": (Parts(), "empty"),
    "blank parts": (Parts("", " "), "empty"),
    "a missing file": (Path("no/such"), "no/such"),
    "a missing picture": (Image(Path("no.png")), "no.png"),
    "a missing part": (Parts("See:", Path("no.png")), "no.png"),
    "a path with a NUL": (Path("a\0b"), "cannot read"),
    "a folder": (Path(), "directory"),
    "no picture": (Image(b"hello"), "media_type="),
    "an unknown role": ([{"role": "usr", "content": "x"}], "'usr'"),
    "a message without content": ([{"role": "user"}], "content is missing"),
}


@pytest.mark.parametrize(("source", "words"), NO_SOURCES.values(), ids=NO_SOURCES.keys())
def test_a_source_that_is_none_says_what_to_give_instead(source: Any, words: str) -> None:
    with pytest.raises(UsageError) as found:
        Extractor(base_url="offline:").extract(User, source)
    assert words in str(found.value)


@pytest.mark.parametrize(
    "wrong",
    [lambda: Image("x.png"), lambda: Image(None), lambda: Image("http://a/b", detail="big"), lambda: Parts(["a"])],
)  # type: ignore[arg-type]
def test_a_picture_or_part_that_is_none_is_refused_where_it_is_made(wrong: Callable[[], object]) -> None:
    with pytest.raises(UsageError, match=r"Image|Parts"):
        wrong()


@pytest.mark.parametrize(
    "wrap", [lambda path: path, Image, lambda path: Parts("See:", path), lambda path: Parts(Image(path, detail="low"))]
)
def test_a_picture_may_be_given_by_its_path_anywhere(wrap: Callable[[Path], Any], tmp_path: Path) -> None:
    path = tmp_path / "scan.dat"
    path.write_bytes(PNG)
    messages: Any = Extractor("m", base_url="http://127.0.0.1:1/v1").request(User, wrap(path)).body["messages"]
    assert messages[-1]["content"][-1]["image_url"]["url"].startswith("data:image/png;base64,")


def test_a_part_that_is_a_text_file_is_read_as_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, "utf-8-sig")
    assert Extractor(base_url="offline:").extract(User, Parts(tmp_path / "a.txt", "The end.")) == ALICE


NO_TARGETS: dict[str, tuple[Any, str]] = {
    "a value": (ALICE, "give the type, User"),
    "a number": (5, "5 cannot be asked for"),
    "a name": ("User", "'User'"),
    "a class that Pydantic does not know": (type("Thing", (), {}), "Thing"),
    "a schema that is none": ({"type": "objekt"}, "$.type"),
    "a remote reference": ({"$ref": "http://127.0.0.1:1/a.json"}, "nothing is fetched"),
}


@pytest.mark.parametrize(("target", "words"), NO_TARGETS.values(), ids=NO_TARGETS.keys())
def test_a_target_that_is_none_is_named_in_one_line(target: Any, words: str) -> None:
    with pytest.raises(TargetError) as found:
        Extractor(base_url="offline:").extract(target, TEXT)
    assert words in str(found.value)
    assert "\n" not in str(found.value)


NO_MAPS: dict[str, tuple[Any, dict[str, Any], str]] = {
    "a text": ("abc", {}, "sources is a str"),
    "none": (None, {}, "sources is a NoneType"),
    "a path": (Path("a"), {}, "sources is a"),
    "a typo": ([TEXT], {"concurency": 1}, "concurency=1"),
    "no requests at all": ([TEXT], {"concurrency": 0}, "concurrency is 0"),
    "a key that is no function": ([TEXT], {"key": 5}, "key is 5"),
}


@pytest.mark.parametrize("kind", [Extractor, AsyncExtractor])
@pytest.mark.parametrize(("sources", "options", "words"), NO_MAPS.values(), ids=NO_MAPS.keys())
def test_a_wrong_option_of_map_is_an_error_of_the_call(
    kind: Any, sources: Any, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError) as found:
        kind(base_url="offline:").map(User, sources, **options)
    assert words in str(found.value)


@pytest.mark.parametrize("text", [None, b"{}", 5])
def test_only_a_text_is_parsed(text: Any) -> None:
    with pytest.raises(UsageError, match="it must be a str"):
        parse(User, text)


def test_a_limit_that_is_none_is_refused_even_where_nothing_needs_repair() -> None:
    with pytest.raises(UsageError, match="repair is 'all'"):
        read(User, '{"name": "A", "age": 1}', repair="all")  # type: ignore[arg-type]


def test_a_budget_that_allows_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match=r"Budget\.attempts is 0"):
        Budget(attempts=0)


def test_examples_beside_a_message_list_are_refused() -> None:
    extractor = Extractor("m", base_url="http://127.0.0.1:1/v1", examples=[("Bo, 3", User(name="Bo", age=3))])
    with pytest.raises(UsageError, match="examples cannot be shown beside a message list"):
        extractor.request(User, [{"role": "user", "content": TEXT}])
