"""A journal as a folder: each process writes its own segment, and finds what all others have written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from extract import Extractor, UsageError
from extract.batch.segments import SUFFIX, Segments
from extract.testing import FaultyServer


def asked(server: FaultyServer, journal: Segments, source: str = "one") -> Any:
    return Extractor("any", base_url=server.base_url, method="prompt", journal=journal).extract(int, source)


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"))


def test_a_reply_is_found_by_the_process_that_paid_for_it(tmp_path: Path) -> None:
    with FaultyServer(lambda _: 7) as server, Segments(tmp_path) as journal:
        assert [asked(server, journal), asked(server, journal)] == [7, 7]
        assert server.total == 1


def test_a_reply_is_found_by_those_that_come_later(tmp_path: Path) -> None:
    with FaultyServer(lambda _: 7) as server:
        with Segments(tmp_path) as first:
            asked(server, first)
        with Segments(tmp_path) as second:
            assert asked(server, second) == 7
        assert server.total == 1


def test_a_reply_is_found_by_those_that_are_there_already_once_they_look(tmp_path: Path) -> None:
    with FaultyServer(lambda _: 7) as server, Segments(tmp_path) as first, Segments(tmp_path) as second:
        asked(server, first)
        assert second.refresh() > 0
        assert second.refresh() == 0
        asked(server, second)
        assert server.total == 1


def test_a_line_that_was_cut_off_is_not_read_until_it_is_whole(tmp_path: Path) -> None:
    with FaultyServer(lambda _: 7) as server, Segments(tmp_path) as first:
        asked(server, first)
        (path,) = segments(tmp_path)
        whole = path.read_bytes()
        path.write_bytes(whole[:-5])
        with Segments(tmp_path) as second:
            path.write_bytes(whole)
            assert second.refresh() == 1


@pytest.mark.parametrize("line", [b"{\n", b'["job"]\n', b'["x", 1]\n', b"[]\n", b"\xff\xfe\n", b"\n"])
def test_a_damaged_line_costs_only_itself(tmp_path: Path, line: bytes) -> None:
    with FaultyServer(lambda _: 7) as server:
        with Segments(tmp_path) as first:
            asked(server, first)
        (path,) = segments(tmp_path)
        path.write_bytes(line + path.read_bytes())
        with Segments(tmp_path) as second:
            asked(server, second)
        assert server.total == 1


def test_each_writes_a_file_of_its_own(tmp_path: Path) -> None:
    with FaultyServer(lambda _: 7) as server, Segments(tmp_path) as first, Segments(tmp_path) as second:
        asked(server, first, "one")
        asked(server, second, "two")
    assert len(segments(tmp_path)) == 2


def test_a_disk_that_is_full_is_an_error_and_costs_nothing_that_is_there(tmp_path: Path) -> None:
    with FaultyServer(lambda _: 7) as server, Segments(tmp_path) as journal:
        asked(server, journal, "one")
        full = Path("/dev/full").open("ab", buffering=0)  # noqa: SIM115 - closed by the journal
        journal._own, kept = full, journal._own
        assert kept is not None
        kept.close()
        with pytest.raises(OSError, match="cannot be written"):
            asked(server, journal, "two")
        assert asked(server, journal, "two") == 7
        with Segments(tmp_path) as other:
            assert other.count() == 2


def test_a_folder_that_cannot_be_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="folder of journals"):
        Segments(tmp_path / "file")
