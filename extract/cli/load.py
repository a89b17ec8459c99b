"""What the arguments of a command name: a target, a text. A name that is none is an error, never taken for a text."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from ..chat.message import Image, text_or_image
from ..errors import TargetError, UsageError
from ..vocabulary import JsonObject, JsonValue

SHOWN_CHARS = 80
TARGET_HELP = "What to extract: path.py:Model, package.module:Model, or a .json file with a JSON Schema."


def load_target(named: str) -> Any:
    """The target that an argument names.

    Raises:
        TargetError: no such file, module or name, or a file that is no schema; the message says what there is instead.
    """
    if named.endswith(".json"):
        return _schema(Path(named))
    place, colon, name = named.rpartition(":")
    if not colon or not place or not name:
        raise TargetError(f"{_short(named)!r} names no target; {_what_instead(named.rstrip(':'))}")
    module = _module(place)
    found: Any = module
    for step in name.split("."):
        found = getattr(found, step, None)
        if found is None:
            raise TargetError(f"{place} has no {name!r}; it has {', '.join(_models(module)) or 'no models'}")
    return found


def _short(named: str) -> str:
    return named if len(named) <= SHOWN_CHARS else f"{named[:SHOWN_CHARS]}..."


def _what_instead(named: str) -> str:
    """What to write for a name without a model: its own models where it is a Python file."""
    if named.endswith(".py"):
        names = [f"{named}:{model}" for model in _models(_from_file(Path(named)))]
        return f"give {' or '.join(names) or 'a file that has models'}"
    return "give path.py:Model, package.module:Model or schema.json"


def _schema(path: Path) -> JsonObject:
    try:
        schema: JsonValue = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise TargetError(f"cannot read {_short(str(path))}: {error.strerror or error}") from error
    except ValueError as error:
        raise TargetError(f"{path} is no JSON: {error}") from error
    except RecursionError as error:
        raise TargetError(f"{path} is nested too deep for a JSON Schema") from error
    if not isinstance(schema, dict):
        raise TargetError(f"{path} holds a {type(schema).__name__}; a JSON Schema is an object")
    return schema


def _module(place: str) -> ModuleType:
    if place.endswith(".py"):
        return _from_file(Path(place))
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        with redirect_stdout(sys.stderr):  # what a module prints must not join the JSON
            return importlib.import_module(place)
    except (Exception, SystemExit) as error:
        raise TargetError(f"cannot import {_short(place)}: {_told(error)}") from error


def _from_file(path: Path) -> ModuleType:
    check_file(path)
    name = f"_target_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise TargetError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.resolve().parent))
    try:
        with redirect_stdout(sys.stderr):
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise TargetError(f"cannot import {path}: {_told(error)}") from error
    finally:
        sys.path.pop(0)
    return module


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}".rstrip(": ")


def _models(module: ModuleType) -> list[str]:
    return [
        name for name, value in vars(module).items() if isinstance(value, type) and value.__module__ == module.__name__
    ]


def load_source(file: str | None, text: str | None) -> str | Path | Image:
    """The source that a command is given: `--text`, a file, or stdin for `-` or nothing.

    Raises:
        UsageError: both or none, or a file that is not there.
    """
    if text is not None and file is not None:
        raise UsageError("give a file or --text, not both")
    if text is not None:
        return text
    if file is None or file == "-":
        return text_or_image(read_stdin("a file, - for stdin, or --text '...'", is_named=file == "-"), "stdin")
    return check_file(Path(file), "; for a text use --text")


MAX_REPAIR_BYTES: Final = 32 * 1024 * 1024
"""Largest text that is repaired as one value: it is held whole, with its value up to 30 times its size."""


def too_large(what: str) -> UsageError:
    """Why a text is not read, and what to do."""
    return UsageError(
        f"{what} is larger than {MAX_REPAIR_BYTES >> 20} MB; one value is repaired in memory, at up to 30 times its size. "
        "If each line holds a value of its own, use --lines, which reads line by line; else split the file"
    )


def load_text(file: str | None) -> str:
    """Text that may be damaged, from a file or stdin: bytes that are no UTF-8 become U+FFFD.

    Raises:
        UsageError: the file is not there, is too large, or cannot be read.
    """
    if file is None or file == "-":
        data = read_stdin("a file, or - for stdin", is_named=file == "-", max_bytes=MAX_REPAIR_BYTES + 1)
        if len(data) > MAX_REPAIR_BYTES:
            raise too_large("stdin")
    else:
        path = check_file(Path(file))
        try:
            if path.stat().st_size > MAX_REPAIR_BYTES:
                raise too_large(str(path))
            data = path.read_bytes()
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    return data.decode("utf-8-sig", errors="replace")


def load_lines(file: str | None) -> Iterator[str]:
    """The lines of a text that may be damaged, one after another, so that memory holds one.

    Raises:
        UsageError: the file is not there, cannot be read, or has a line that is too large.
    """
    try:
        source = sys.stdin.buffer if file is None or file == "-" else check_file(Path(file)).open("rb")
        with source:
            number = 0
            while line := source.readline(MAX_REPAIR_BYTES + 1):
                number += 1
                if len(line) > MAX_REPAIR_BYTES:
                    raise too_large(f"line {number}")
                yield line.decode("utf-8-sig" if number == 1 else "utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from error


def read_stdin(instead: str, *, is_named: bool, max_bytes: int = -1) -> bytes:
    """All of stdin, or no more than `max_bytes`; a `UsageError` where nobody would write to it."""
    if sys.stdin.isatty() and not is_named:
        raise UsageError(f"nothing to read: give {instead}")
    return sys.stdin.buffer.read(max_bytes)


def check_file(path: Path, hint: str = "") -> Path:
    """The path, if something can be read there; a pipe can be, a folder cannot."""
    try:
        is_there, is_folder = path.exists(), path.is_dir()
    except (OSError, ValueError) as error:  # such as a name of 10,000 characters: a text, given as a file
        raise UsageError(f"{_short(str(path))!r} is no file name{hint}") from error
    if is_folder:
        raise UsageError(f"{path} is a folder; name one file, or take many with `extract map`")
    if not is_there:
        raise UsageError(f"there is no file {_short(str(path))}{hint}")
    return path


def documents() -> Path:
    """The folder of the schema documents: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_schemas"
    return inside if inside.is_dir() else package.parent / "schemas"


def ready_made() -> dict[str, Path]:
    """The ready-made targets by name."""
    return {path.stem: path for path in sorted((documents() / "targets").glob("*.py")) if path.stem != "__init__"}
