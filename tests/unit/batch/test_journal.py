"""A journal that nobody closes leaves no open file behind."""

from __future__ import annotations

import gc
import sqlite3
from pathlib import Path

import pytest

from extract import UsageError
from extract.batch.journal import Journal


def is_open(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return False
    return True


def test_a_journal_that_is_forgotten_is_closed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    (connection,) = journal._connections
    del journal
    gc.collect()
    assert not is_open(connection)


def test_a_file_that_is_no_journal_is_left_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def kept(*args: object, **options: object) -> sqlite3.Connection:
        made.append(connect(*args, **options))  # type: ignore[call-overload]
        return made[-1]

    monkeypatch.setattr(sqlite3, "connect", kept)
    path = tmp_path / "notes.txt"
    path.write_text("no database at all " * 100)
    with pytest.raises(UsageError, match="cannot use"):
        Journal(path)
    assert [is_open(connection) for connection in made] == [False]
