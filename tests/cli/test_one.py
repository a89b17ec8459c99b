"""`extract one`: one record from one text, JSON on stdout, everything else on stderr."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from extract.testing import FaultyServer

from .conftest import Run

USER = {"name": "Alice", "age": 31}


def test_a_record_is_json_on_stdout_and_nothing_else(extract: Run) -> None:
    ended = extract("one", "models.py:User", "letter.txt", "--offline")
    assert (ended.code, json.loads(ended.out), ended.err) == (0, USER, "")


def test_what_a_targets_module_prints_does_not_join_the_json(extract: Run) -> None:
    assert "imported" not in extract("one", "models.py:User", "letter.txt", "--offline").out


def test_the_text_may_be_an_option(extract: Run) -> None:
    assert json.loads(extract("one", "models.py:User", "--text", "Name: Bo\nAge: 4", "--offline").out)["name"] == "Bo"


@pytest.mark.parametrize("file", [["-"], []])
def test_the_text_may_come_from_stdin(extract: Run, file: list[str]) -> None:
    ended = extract("one", "models.py:User", *file, "--offline", stdin=b"Name: Alice\nAge: 31")
    assert json.loads(ended.out) == USER


def test_a_pipe_is_a_file(extract: Run, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with subprocess.Popen([sys.executable, "-c", "open('pipe', 'w').write('Name: Alice\\nAge: 31')"]):
        assert json.loads(extract("one", "models.py:User", "pipe", "--offline").out) == USER


def test_a_path_may_hold_any_character(extract: Run, folder: Path) -> None:
    (folder / "Größe 发票 😀").mkdir()
    (folder / "Größe 发票 😀" / "schéma.json").write_text(
        '{"type": "object", "properties": {"name": {"type": "string"}}}'
    )
    (folder / "Größe 发票 😀" / "Brief ä.txt").write_text("Name: Zoë", "utf-8")
    ended = extract("one", "Größe 发票 😀/schéma.json", "Größe 发票 😀/Brief ä.txt", "--offline")
    assert json.loads(ended.out) == {"name": "Zoë"}


def test_a_module_of_a_package_is_a_target(extract: Run, folder: Path) -> None:
    (folder / "shop_pkg").mkdir()
    (folder / "shop_pkg" / "__init__.py").touch()
    (folder / "shop_pkg" / "types.py").write_text("class Out:\n    Item = dict[str, int]\nNames = list[str]\n")
    assert extract("schema", "shop_pkg.types:Names", "--dialect", "plain").code == 0
    assert extract("schema", "shop_pkg.types:Out.Item", "--dialect", "plain").code == 0


def test_verbose_says_on_stderr_who_answered_and_what_was_repaired(extract: Run) -> None:
    with FaultyServer(lambda _: {"name": "Alice", "age": "31"}) as server:
        ended = extract("one", "models.py:User", "letter.txt", "--base-url", server.base_url, "-m", "tiny", "-v")
    assert json.loads(ended.out) == USER
    assert "answered by" in ended.err
    assert "coerced" in ended.err


def test_verbose_shows_the_answer_that_could_not_be_read(extract: Run) -> None:
    with FaultyServer(lambda _: "I cannot tell.") as server:
        ended = extract("one", "models.py:User", "letter.txt", "--base-url", server.base_url, "-m", "tiny", "-v")
    assert (ended.code, ended.out) == (1, "")
    assert "the last answer: I cannot tell." in ended.err


def test_a_dry_run_prints_the_request_and_sends_nothing(extract: Run) -> None:
    with FaultyServer() as server:
        ended = extract("one", "models.py:User", "letter.txt", "--base-url", server.base_url, "-m", "tiny", "--dry-run")
        assert server.total == 0
    body = json.loads(ended.out)
    assert body["model"] == "tiny"
    assert "Name: Alice" in body["messages"][-1]["content"]


def test_a_kept_reply_is_used_again(extract: Run) -> None:
    with FaultyServer(lambda _: USER) as server:
        call = ("one", "models.py:User", "letter.txt", "--base-url", server.base_url, "-m", "tiny", "--journal", "kept")
        first, second = extract(*call), extract(*call)
        assert server.total == 1
    assert first.out == second.out


def test_a_picture_is_sent_as_a_picture(extract: Run, folder: Path) -> None:
    (folder / "scan").write_bytes(b"\x89PNG\r\n\x1a\n rest")
    ended = extract("one", "models.py:User", "scan", "--base-url", "http://127.0.0.1:1/v1", "-m", "tiny", "--dry-run")
    assert json.loads(ended.out)["messages"][-1]["content"][0]["image_url"]["url"].startswith("data:image/png;base64,")


def test_a_text_of_five_megabytes_is_taken(extract: Run, folder: Path) -> None:
    (folder / "long.txt").write_text("Name: Alice\nAge: 31\n" + "Nothing to see here.\n" * 250_000)
    assert json.loads(extract("one", "models.py:User", "long.txt", "--offline").out) == USER
