"""The one place where a module is loaded only when it is first used.

What only some users need (jsonschema, json_repair, the command line) lives in modules of its own, so that
`import extract` stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .errors import UsageError

if TYPE_CHECKING:
    from types import ModuleType

PACKAGE = __name__.rpartition(".")[0]


def lazy(name: str) -> ModuleType:
    """The module `name`, loaded now if it was not yet; `.target.json_schema` is relative to this package."""
    return import_module(name, PACKAGE)


def extra(name: str, what: str, extras: str) -> ModuleType:
    """A module of ours that needs optional packages; a UsageError says which extra brings the one that is missing."""
    try:
        return lazy(name)
    except ModuleNotFoundError as error:
        raise UsageError(f"{what} needs {error.name}: install typed-extract[{extras}]") from error
