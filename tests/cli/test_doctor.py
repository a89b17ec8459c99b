"""`extract doctor` finds out what an endpoint takes, refuses and ignores."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from extract import ENDPOINTS, Endpoint, Extractor
from extract.cli.app import app
from extract.doctor import PROBES, TRAP, WORD
from extract.testing import HABITS, FaultyServer
from extract.testing.server import schema_of


def obedient(body: Any) -> Any:
    """What a good model answers: by the schema where it hears one, else as it is told."""
    if schema_of(body) == TRAP:
        return {"colour": WORD}
    if body.get("response_format"):
        return {}
    said = json.dumps(body["messages"])
    return "crane" if "crane" in said else "red" if "image_url" in said else "hello"


def run(*args: str) -> Result:
    return CliRunner().invoke(app, ["doctor", *args], env={"COLUMNS": "200"})


def report(server: FaultyServer) -> Any:
    result = run(server.base_url, "m", "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def verdicts(server: FaultyServer) -> dict[str, str]:
    return {finding["name"]: finding["verdict"] for finding in report(server)["findings"]}


def test_a_good_endpoint_takes_everything() -> None:
    with FaultyServer(obedient) as server:
        found = verdicts(server)
    assert {name: verdict for name, verdict in found.items() if verdict != "yes"} == {"reasoning": "no"}


SHOWS = {
    "json_schema": ["json_schema", "json_schema_strict", "stream_schema"],
    "json_object": ["json_object"],
    "tools": ["tool_named", "tool_required", "tool_any", "tool_auto", "tool_strict"],
    "named": ["tool_named"],
    "required": ["tool_required"],
    "any": ["tool_any"],
    "auto": ["tool_auto", "tool_strict"],
    "strict": ["json_schema_strict", "tool_strict"],
    "stream": ["stream", "stream_usage", "stream_schema"],
    "stream_options": ["stream_usage"],
    "n": ["n"],
    "images": ["images"],
}


@pytest.mark.parametrize("word", HABITS)
def test_what_is_refused_is_found_and_nothing_else(word: str) -> None:
    with FaultyServer(obedient, refuses=[word]) as server:
        found = verdicts(server)
    assert sorted(
        name for name, verdict in found.items() if verdict == "no" and name not in ("reasoning", "parallel_off")
    ) == sorted(SHOWS[word])


@pytest.mark.parametrize("word", sorted(set(HABITS) - {"strict", "images"}))
def test_what_is_ignored_is_found_and_nothing_else(word: str) -> None:
    with FaultyServer(obedient, ignores=[word]) as server:
        found = verdicts(server)
    assert sorted(name for name, verdict in found.items() if verdict == "ignored") == sorted(SHOWS[word])


def test_a_schema_that_is_only_shown_is_a_hint() -> None:
    with FaultyServer(lambda body: {"color": "teal"}) as server:
        assert verdicts(server)["json_schema"] == "hint"


def test_thoughts_are_found() -> None:
    with FaultyServer(obedient, faults={"reasoning": 1.0}) as server:
        assert verdicts(server)["reasoning"] == "yes"


def test_the_row_can_be_pasted_and_works() -> None:
    with FaultyServer(obedient, refuses=["json_schema", "strict", "named"], ignores=["n", "json_object"]) as server:
        pasted = run(server.base_url, "m", "--row").stdout
        row: Endpoint = eval(pasted, {"dataclasses": dataclasses, "ENDPOINTS": ENDPOINTS})
        assert (row.methods, row.tool_choice, row.n) == (("tool", "prompt"), "required", False)
        server.answers = lambda body: {"n": 1}
        server.requests.clear()
        with Extractor("m", base_url=server.base_url, endpoint=row) as extractor:
            assert extractor.extract(dict[str, int], "one") == {"n": 1}
        assert len(server.requests) == 1


def test_the_row_says_only_what_differs() -> None:
    with FaultyServer(obedient) as server:
        found = report(server)
    changed = {line.split("=")[0].strip() for line in found["python"].splitlines() if "=" in line}
    assert changed == {"name", "source", "methods", "parallel_off", "stream_usage"}


def test_the_table_is_for_people() -> None:
    with FaultyServer(obedient, refuses=["images"]) as server:
        result = run(server.base_url, "m")
    assert result.exit_code == 0
    for words in ("a call forced by name", "pictures", "Vision Language Model", "dataclasses.replace("):
        assert words in result.stdout


def test_the_offline_rules_are_asked_like_any_endpoint() -> None:
    result = run("offline:", "--json")
    found = json.loads(result.stdout)
    names = {finding["name"]: finding["verdict"] for finding in found["findings"]}
    assert (result.exit_code, found["answers"], names["tool_auto"]) == (0, True, "yes")


def test_what_is_refused_as_the_plain_question_is_tells_nothing_more() -> None:
    found = json.loads(run("offline:", "--json").stdout)
    verdicts = {finding["name"]: finding["verdict"] for finding in found["findings"]}
    assert (verdicts["answers"], verdicts["system"], verdicts["n"], verdicts["stream"]) == ("no", *["unclear"] * 3)
    assert found["row"]["system"] is True


@pytest.mark.parametrize(("fault", "asked"), [("status_401", 1), ("status_404", 1), ("status_402", 1)])
def test_a_wrong_key_or_model_ends_it_after_one_question(fault: str, asked: int) -> None:
    with FaultyServer(obedient, faults={fault: 1.0}) as server:
        result = run(server.base_url, "m")
    assert (result.exit_code, server.total) == (3, asked)
    assert "does not answer" in result.stderr


def test_nobody_listening_is_an_endpoint_that_failed() -> None:
    server = FaultyServer().start()
    server.stop()
    result = run(server.base_url, "m")
    assert (result.exit_code, "cannot connect" in result.stderr) == (3, True)


def test_a_busy_endpoint_is_given_time() -> None:
    with FaultyServer(obedient, retry_after_s=0.01) as server:
        server.then("drop_before", None, "status_429")
        found = verdicts(server)
    assert (found["answers"], found["system"], server.total) == ("yes", "yes", len(PROBES) + 2)


@pytest.mark.parametrize(
    "args",
    [["not-a-url", "m"], ["https://example.org/v1"], ["offline:", "--json", "--row"], ["offline:", "--timeout", "0"]],
)
def test_a_wrong_call_is_told_before_anything_is_sent(args: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXTRACT_MODEL", raising=False)
    assert run(*args).exit_code == 2


def test_every_question_is_small() -> None:
    for probe in PROBES.values():
        assert len(json.dumps(dict(probe.request("http://h/v1", "m", ENDPOINTS["generic"]).body))) < 1500
