"""Bad input ends in one line that says what and what to do, with an exit code, without a traceback or a key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extract.testing import FaultyServer

from .conftest import Run

KEY = "sk-secret-0123456789abcdef"
USAGE, ENDPOINT = 2, 3

WRONG_CALLS = {
    "unknown model class": (["models.py:Usr", "letter.txt"], ("no 'Usr'", "it has User")),
    "a name that is no type": (["models.py:NUMBER", "letter.txt"], ("5 cannot be asked for",)),
    "no such module": (["nomodule:User", "letter.txt"], ("nomodule", "ModuleNotFoundError")),
    "no such target file": (["nofile.py:User", "letter.txt"], ("there is no file nofile.py",)),
    "a target without a class": (["models.py", "letter.txt"], ("give models.py:User",)),
    "a word for a target": (["User", "letter.txt"], ("'User' names no target", "path.py:Model")),
    "a module that fails": (["broken.py:User", "letter.txt"], ("cannot import broken.py", "ZeroDivisionError")),
    "a module that exits": (["exits.py:User", "letter.txt"], ("cannot import exits.py", "SystemExit")),
    "no such schema": (["missing.json", "letter.txt"], ("cannot read missing.json",)),
    "a schema that is no schema": (["wrong.json", "letter.txt"], ("not a valid JSON Schema", "$.type", "'objekt'")),
    "a schema that is no JSON": (["nojson.json", "letter.txt"], ("nojson.json is no JSON",)),
    "a schema that is a list": (["list.json", "letter.txt"], ("list.json holds a list",)),
    "a schema without a bottom": (["deep.json", "letter.txt"], ("deep.json is nested too deep",)),
    "a schema that refers away": (["remote.json", "letter.txt"], ("http://127.0.0.1:1/x.json", "nothing is fetched")),
    "a schema that is binary": (["binary.json", "letter.txt"], ("binary.json is no JSON",)),
    "a mistyped file": (["models.py:User", "lettr.txt"], ("no file lettr.txt", "--text")),
    "a text for a file": (["models.py:User", "Name: Bob\nAge: 3"], ("no file Name: Bob", "--text")),
    "a long text for a file": (["models.py:User", "Name: Bob. " * 1000], ("is no file name", "--text")),
    "a folder": (["models.py:User", "."], ("is a folder", "extract map")),
    "a binary file": (["models.py:User", "binary.json"], ("neither UTF-8 text nor a picture",)),
    "a PDF": (["models.py:User", "paper.pdf"], ("application/pdf", "give its text")),
    "a file and a text": (["models.py:User", "letter.txt", "--text", "x"], ("not both",)),
    "an empty text": (["models.py:User", "--text", " \n"], ("the source is empty",)),
    "nothing to read": (["models.py:User"], ("nothing to read", "--text")),
    "a limit that is none": (["models.py:User", "letter.txt", "--repair", "all"], ("repair is 'all'", "coerced")),
    "a method that is none": (
        ["models.py:User", "letter.txt", "--method", "magic"],
        ("method is 'magic'", "json_object"),
    ),
    "no tokens": (["models.py:User", "letter.txt", "--max-tokens", "0"], ("max_tokens is 0", "1 or more")),
    "words for a number": (["models.py:User", "letter.txt", "--max-tokens", "many"], ("--max-tokens", "--help")),
    "an unknown option": (["models.py:User", "--fast"], ("--fast", "--help")),
    "a journal in a folder": (["models.py:User", "letter.txt", "--journal", "."], ("as a journal",)),
}


@pytest.fixture(autouse=True)
def files(folder: Path) -> None:
    (folder / "broken.py").write_text("User = 1 / 0\n")
    (folder / "exits.py").write_text("raise SystemExit(0)\n")
    (folder / "wrong.json").write_text('{"type": "objekt"}')
    (folder / "nojson.json").write_text("{nope")
    (folder / "list.json").write_text("[1]")
    (folder / "deep.json").write_text("[" * 100_000)
    (folder / "remote.json").write_text('{"$ref": "http://127.0.0.1:1/x.json"}')
    (folder / "binary.json").write_bytes(b"\x7fELF\xff\xfe\x00")
    (folder / "paper.pdf").write_bytes(b"%PDF-1.7\n\xff\xfe")


@pytest.mark.parametrize(("arguments", "words"), WRONG_CALLS.values(), ids=WRONG_CALLS.keys())
def test_a_wrong_call_is_one_line(extract: Run, arguments: list[str], words: tuple[str, ...]) -> None:
    extract("one", *arguments, "--offline").has_one_line(USAGE, *words)


@pytest.mark.parametrize("command", ["one", "schema", "map"])
def test_a_missing_argument_is_one_line(extract: Run, command: str) -> None:
    extract(command).has_one_line(USAGE, "Missing", f"extract {command} --help".removeprefix("extract "))


def test_an_unknown_command_is_one_line(extract: Run) -> None:
    extract("extrat").has_one_line(USAGE, "extrat", "--help")


def test_without_an_endpoint_the_variables_and_offline_are_named(extract: Run) -> None:
    ended = extract("one", "models.py:User", "letter.txt")
    ended.has_one_line(USAGE, "EXTRACT_BASE_URL", "EXTRACT_API_KEY", "EXTRACT_MODEL", "--offline")


def test_two_places_to_ask_are_one_too_many(extract: Run) -> None:
    ended = extract("one", "models.py:User", "letter.txt", "--offline", "--base-url", "http://127.0.0.1:1/v1")
    ended.has_one_line(USAGE, "not both")


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8080/v1",
        "ftp://127.0.0.1/v1",
        "http://",
        "http://[::1/v1",
        "http://127.0.0.1:99999/v1",
        "http://a b/",
    ],
)
def test_a_url_that_is_none_is_one_line(extract: Run, url: str) -> None:
    extract("one", "models.py:User", "letter.txt", "--base-url", url, "-m", "x").has_one_line(USAGE, "base_url")


@pytest.mark.parametrize(
    "place", ["http://me:{}@127.0.0.1:1/v1", "http://127.0.0.1:1/v1?key={}", "http://127.0.0.1:1/#{}"]
)
def test_a_key_in_the_url_is_refused_and_not_shown(extract: Run, place: str) -> None:
    ended = extract("one", "models.py:User", "letter.txt", "--base-url", place.format(KEY), "-m", "x")
    ended.has_one_line(USAGE, "api_key")
    assert KEY not in ended.err


def test_a_key_that_no_header_takes_is_not_shown(extract: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXTRACT_API_KEY", f"{KEY}\n")
    ended = extract("one", "models.py:User", "letter.txt", "--base-url", "http://127.0.0.1:1/v1", "-m", "x")
    ended.has_one_line(USAGE, "the key")
    assert KEY not in ended.err


def test_an_endpoint_that_is_down_is_one_line(extract: Run) -> None:
    ended = extract("one", "models.py:User", "letter.txt", "--base-url", "http://127.0.0.1:9/v1", "-m", "x")
    ended.has_one_line(ENDPOINT, "http://127.0.0.1:9/v1/chat/completions did not answer", "--base-url")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("status_401", ("401", "Invalid token", "API key")),
        ("status_404", ("404", "does not exist", "model")),
        ("status_400", ("400",)),
        ("html", ("502",)),
        ("empty_body", ("base_url",)),
    ],
)
def test_an_endpoint_that_refuses_is_one_line_without_the_key(
    extract: Run, monkeypatch: pytest.MonkeyPatch, fault: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("EXTRACT_API_KEY", KEY)
    with FaultyServer(faults={fault: 1.0}) as server:
        ended = extract("one", "models.py:User", "letter.txt", "--base-url", server.base_url, "-m", "x")
    ended.has_one_line(ENDPOINT, server.base_url, *words)
    assert KEY not in ended.err


def test_an_answer_without_a_value_is_one_line(extract: Run) -> None:
    with FaultyServer(lambda _: {"name": "Alice"}) as server:
        ended = extract("one", "models.py:User", "letter.txt", "--base-url", server.base_url, "-m", "x")
    ended.has_one_line(1, "$.age", "-v shows the answer")


def test_a_dialect_that_is_none_lists_those_that_are(extract: Run) -> None:
    extract("schema", "models.py:User", "--dialect", "opneai").has_one_line(USAGE, "opneai", "openai", "siliconflow")


def test_a_ready_made_target_that_is_none_lists_those_that_are(extract: Run) -> None:
    extract("new", "invocie").has_one_line(USAGE, "invocie", "invoice", "receipt")


def test_a_file_to_repair_that_is_not_there_is_one_line(extract: Run) -> None:
    extract("repair", "nofile").has_one_line(USAGE, "no file nofile")


def test_a_text_without_json_is_one_line(extract: Run) -> None:
    extract("repair", "-", stdin=b"nothing here").has_one_line(1, "no JSON")


def test_what_does_not_fit_the_target_is_one_line(extract: Run) -> None:
    ended = extract("repair", "-", "--schema", "models.py:User", stdin=json.dumps({"name": "A"}).encode())
    ended.has_one_line(1, "$.age")
