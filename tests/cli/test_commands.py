"""`extract schema`, `repair`, `new`, the help, and how the commands behave as processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from extract import DIALECTS
from extract.cli.codes import INTERRUPTED

from .conftest import Run

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("one", "map", "schema", "repair", "new")
TARGETS = sorted(path.stem for path in (ROOT / "schemas" / "targets").glob("*.py") if path.stem != "__init__")


def process(
    *arguments: str, folder: Path, stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "extract", *arguments], input=stdin, capture_output=True, timeout=60, check=False, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip


# schema


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_the_schema_of_every_dialect_is_json(extract: Run, dialect: str) -> None:
    ended = extract("schema", "models.py:User", "--dialect", dialect)
    assert ended.code == 0
    assert isinstance(json.loads(ended.out), dict)


def test_what_a_dialect_cannot_enforce_is_said_on_stderr(extract: Run, folder: Path) -> None:
    (folder / "set.json").write_text('{"type": "array", "items": {"type": "string"}, "uniqueItems": true}')
    ended = extract("schema", "set.json", "--dialect", "openai")
    assert "uniqueItems" in ended.err
    json.loads(ended.out)


def test_an_explanation_may_be_json(extract: Run) -> None:
    ended = extract("schema", "models.py:User", "--explain", "--json")
    assert json.loads(ended.out)["dialect"] == "openai"


def test_an_explanation_names_the_dialect_and_its_source(extract: Run) -> None:
    ended = extract("schema", "models.py:User", "--explain", "--dialect", "siliconflow")
    assert "siliconflow" in ended.out


def test_an_explanation_shows_brackets_as_they_are(extract: Run, folder: Path) -> None:
    (folder / "code.json").write_text('{"type": "string", "pattern": "(?=x)[a-z]+[/a]"}')
    ended = extract("schema", "code.json", "--explain", "--dialect", "llamacpp")
    assert "(?=x)[a-z]+[/a]" in ended.out


def test_an_explanation_shows_places_as_pointers(extract: Run, folder: Path) -> None:
    (folder / "tags.json").write_text('{"properties": {"a/b": {"type": "array", "uniqueItems": true}}}')
    ended = extract("schema", "tags.json", "--explain", "--dialect", "openai")
    assert "#/properties/a~1b/uniqueItems" in ended.out


# repair


def test_malformed_json_comes_out_as_json(extract: Run) -> None:
    ended = extract("repair", "-", stdin="```json\n{name: 'Zoë', ages: [1, 2,]\n```".encode())
    assert (ended.code, json.loads(ended.out), ended.err) == (0, {"name": "Zoë", "ages": [1, 2]}, "")


def test_a_target_says_what_the_text_means(extract: Run, folder: Path) -> None:
    (folder / "broken.txt").write_text("{name: 'Alice', age: '31 years'}")
    ended = extract("repair", "broken.txt", "--schema", "models.py:User", "--explain")
    assert json.loads(ended.out) == {"name": "Alice", "age": 31}
    assert "coerced" in ended.err


def test_the_limit_of_repairs_holds(extract: Run) -> None:
    assert extract("repair", "-", "--repair", "off", stdin=b"{a: 1}").code == 1


def test_bytes_that_are_no_utf_8_are_replaced(extract: Run) -> None:
    assert json.loads(extract("repair", "-", stdin=b'{"a": "\xff", "b": 1,}').out) == {"a": "\ufffd", "b": 1}


def test_each_line_is_repaired_on_its_own(extract: Run) -> None:
    ended = extract("repair", "-", "--lines", stdin=b"{a: 1}\n\nnothing here\n{'a': 2}\n")
    assert (ended.code, ended.out) == (1, '{"a": 1}\n{"a": 2}\n')
    assert "line 3" in ended.err


def test_a_file_too_large_to_be_held_is_refused_at_once(extract: Run, folder: Path) -> None:
    with (folder / "large.json").open("wb") as large:
        large.truncate(200_000_000)
    ended = extract("repair", "large.json")
    assert ended.code == 2
    assert "--lines" in ended.err


# new


def test_without_a_name_the_ready_made_targets_are_listed(extract: Run) -> None:
    ended = extract("new")
    assert [line.split()[0] for line in ended.err.splitlines()] == TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_a_ready_made_target_can_be_asked_for(extract: Run, folder: Path, name: str) -> None:
    code = extract("new", name).out
    (folder / f"my_{name}.py").write_text(code, "utf-8")
    ended = extract("schema", f"my_{name}.py:{name.capitalize()}", "--dialect", "openai")
    assert (ended.code, json.loads(ended.out)["type"]) == (0, "object")


# help


def test_without_a_command_the_help_is_on_stderr_and_the_code_is_wrong_use(extract: Run) -> None:
    ended = extract()
    assert (ended.code, ended.out) == (2, "")
    assert all(command in ended.err for command in COMMANDS)


def test_the_help_names_every_command_and_exit_code(extract: Run) -> None:
    ended = extract("--help")
    assert (ended.code, ended.err) == (0, "")
    assert all(command in ended.out for command in (*COMMANDS, "Exit codes"))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_explains_each_option(extract: Run, command: str) -> None:
    ended = extract(command, "--help")
    assert (ended.code, ended.err) == (0, "")
    options = [line.strip() for line in ended.out.splitlines() if line.strip().startswith("-")]
    assert all(len(line.split("  ", 1)) == 2 for line in options)


def test_the_help_says_where_the_key_comes_from(extract: Run) -> None:
    assert "EXTRACT_API_KEY" in extract("one", "--help").out


def test_the_version_is_printed(extract: Run) -> None:
    assert extract("--version").out.startswith("typed-extract ")


# processes


def test_a_reader_that_stops_early_leaves_no_trace(folder: Path) -> None:
    command = f"{sys.executable} -m extract new resume | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.stdout.strip(), done.stderr) == ("0", "")


def test_an_output_of_ascii_only_still_gets_json(folder: Path) -> None:
    done = process("repair", folder=folder, stdin='{"a": "Zoë 😀",}'.encode(), PYTHONIOENCODING="ascii")
    assert json.loads(done.stdout) == {"a": "Zoë 😀"}
    assert done.stdout.isascii()


def test_python_m_extract_is_the_same_command(folder: Path) -> None:
    done = process("one", "models.py:User", "letter.txt", "--offline", folder=folder)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"name": "Alice", "age": 31})


def test_the_installed_commands_are_the_same() -> None:
    scripts = (ROOT / "pyproject.toml").read_text("utf-8")
    assert 'extract = "extract.__main__:main"' in scripts
    assert 'typed-extract = "extract.__main__:main"' in scripts


def test_ctrl_c_while_the_command_line_is_loaded_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt\n")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    ended = process("--version", folder=tmp_path, PYTHONPATH=path)
    assert (ended.returncode, ended.stdout) == (INTERRUPTED, b"")
    assert ended.stderr.split() == b"extract: interrupted".split()
