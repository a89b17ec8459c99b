"""Doubles for tests, of yours and of ours: scripted replies, and a loopback endpoint that misbehaves on command.

    from extract.testing import FaultyServer, Script

With pytest the fixtures `scripted_endpoint` and `faulty_endpoint` are there without an import. Names are loaded when they are
first used, so that the pytest plugin costs nothing in a suite that does not ask for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..lazy import lazy

if TYPE_CHECKING:
    from .batches import BatchServer
    from .faults import FAULTS, Fault
    from .habits import HABITS
    from .sample import sample
    from .script import Script, refusal, status, text, tool
    from .server import FaultyServer

__all__ = [
    "FAULTS",
    "HABITS",
    "BatchServer",
    "Fault",
    "FaultyServer",
    "Script",
    "refusal",
    "sample",
    "status",
    "text",
    "tool",
]

HOMES: Final = {
    "FAULTS": ".testing.faults",
    "Fault": ".testing.faults",
    "HABITS": ".testing.habits",
    "BatchServer": ".testing.batches",
    "FaultyServer": ".testing.server",
    "Script": ".testing.script",
    "refusal": ".testing.script",
    "sample": ".testing.sample",
    "status": ".testing.script",
    "text": ".testing.script",
    "tool": ".testing.script",
}


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(lazy(HOMES[name]), name)
