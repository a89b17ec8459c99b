"""Doubles for tests, of yours and of ours: scripted replies, and a loopback endpoint that misbehaves on command.

    from extract.testing import FaultyServer, Script

With pytest the fixtures `scripted_endpoint` and `faulty_endpoint` are there without an import.
"""

from .faults import FAULTS
from .sample import sample
from .script import Script, refusal, status, text, tool
from .server import FaultyServer

__all__ = ["FAULTS", "FaultyServer", "Script", "refusal", "sample", "status", "text", "tool"]
