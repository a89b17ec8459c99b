"""Running the command line in this process: what it prints, and its exit code."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from extract.cli import main

MODELS = '''
from pydantic import BaseModel

print("imported")


class User(BaseModel):
    """A person."""

    name: str
    age: int


NUMBER = 5
'''


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    def has_one_line(self, code: int, *words: str) -> None:
        """It failed with this code and said so in one line that holds these words, and nothing else."""
        assert (self.code, self.out) == (code, "")
        assert self.err.startswith("extract: ")
        assert self.err.count("\n") == 1, self.err
        for word in words:
            assert word in self.err, self.err


Run = Callable[..., Ended]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a module of targets and a letter; no endpoint is set."""
    (tmp_path / "models.py").write_text(MODELS, "utf-8")
    (tmp_path / "letter.txt").write_text("Name: Alice\nAge: 31\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("EXTRACT_BASE_URL", "EXTRACT_API_KEY", "EXTRACT_MODEL", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def extract(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def run(*arguments: str, stdin: bytes | None = None) -> Ended:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        else:
            monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        err = err.replace("imported\n", "")
        return Ended(int(end.value.code or 0), out, err)

    return run
