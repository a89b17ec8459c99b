"""The public names are what `__all__` says, sorted, and all there."""

from __future__ import annotations

import subprocess
import sys

import pytest

import extract


def test_all_is_sorted() -> None:
    assert extract.__all__ == sorted(extract.__all__, key=lambda name: (not name.isupper(), name[0].islower(), name))


def test_all_equals_the_table_of_homes() -> None:
    assert set(extract.__all__) == set(extract.HOME_OF)


@pytest.mark.parametrize("name", extract.__all__)
def test_a_public_name_is_there(name: str) -> None:
    assert getattr(extract, name) is not None


def test_dir_shows_the_public_names() -> None:
    assert dir(extract) == sorted(extract.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = extract.nothing_of_the_kind


@pytest.mark.parametrize("module", ["jsonschema", "json_repair", "typer", "pyarrow", "sqlite3"])
def test_what_only_some_users_need_is_not_loaded(module: str) -> None:
    code = f"import sys, extract; extract.Extractor; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
