"""What the arguments of a command name: a target, a text. A name that is none is an error, never taken for a text."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import TargetError, UsageError
from ..vocabulary import JsonObject, JsonValue

TARGET_HELP = "What to extract: path.py:Model, package.module:Model, or a .json file with a JSON Schema."


def load_target(named: str) -> Any:
    """The target that an argument names.

    Raises:
        TargetError: no such file, module or name, or a file that is no schema; the message says what there is instead.
    """
    if named.endswith(".json"):
        return _schema(Path(named))
    place, colon, name = named.rpartition(":")
    if not colon or not place:
        raise TargetError(f"{named!r} names no target; give path.py:Model, package.module:Model or schema.json")
    module = _module(place)
    found: Any = module
    for step in name.split("."):
        found = getattr(found, step, None)
        if found is None:
            raise TargetError(f"{place} has no {name!r}; it has {', '.join(_models(module)) or 'no models'}")
    return found


def _schema(path: Path) -> JsonObject:
    try:
        schema: JsonValue = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise TargetError(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise TargetError(f"{path} is no JSON: {error}") from error
    if not isinstance(schema, dict):
        raise TargetError(f"{path} holds a {type(schema).__name__}; a JSON Schema is an object")
    return schema


def _module(place: str) -> ModuleType:
    if place.endswith(".py"):
        return _from_file(Path(place))
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        return importlib.import_module(place)
    except Exception as error:
        raise TargetError(f"cannot import {place}: {_told(error)}") from error


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise TargetError(f"there is no file {path}")
    name = f"_target_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise TargetError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise TargetError(f"cannot import {path}: {_told(error)}") from error
    finally:
        sys.path.pop(0)
    return module


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}".rstrip(": ")


def _models(module: ModuleType) -> list[str]:
    return [
        name for name, value in vars(module).items() if isinstance(value, type) and value.__module__ == module.__name__
    ]


def load_source(file: str | None, text: str | None) -> str | Path:
    """The source that a command is given: `--text`, a file, or stdin for `-` or nothing.

    Raises:
        UsageError: both or none, or a file that is not there.
    """
    if text is not None and file is not None:
        raise UsageError("give a file or --text, not both")
    if text is not None:
        return text
    if file is None and sys.stdin.isatty():
        raise UsageError("nothing to read: give a file, - for stdin, or --text '...'")
    if file in (None, "-"):
        return sys.stdin.read()
    path = Path(str(file))
    if not path.is_file():
        raise UsageError(f"there is no file {path}; for a text use --text")
    return path


def documents() -> Path:
    """The folder of the schema documents: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_schemas"
    return inside if inside.is_dir() else package.parent / "schemas"


def ready_made() -> dict[str, Path]:
    """The ready-made targets by name."""
    return {path.stem: path for path in sorted((documents() / "targets").glob("*.py")) if path.stem != "__init__"}
