"""Fixtures for pytest, found by its entry point; a suite that does not ask for them is not changed, nor slowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from . import FaultyServer, Script


@pytest.fixture
def scripted_endpoint() -> Callable[..., Script]:
    """Make a `Script` from its answers: `script = scripted_endpoint({"n": 1})`, then `http_client=script.client()`."""
    from . import Script  # noqa: PLC0415 - only suites that ask for it pay for the import

    return lambda *answers: Script(answers)


@pytest.fixture
def faulty_endpoint() -> Iterator[Callable[..., FaultyServer]]:
    """Make running `FaultyServer`s; they are stopped after the test."""
    from . import FaultyServer  # noqa: PLC0415 - only suites that ask for it pay for the import

    running: list[FaultyServer] = []

    def start(*args: Any, **options: Any) -> FaultyServer:
        running.append(FaultyServer(*args, **options).start())
        return running[-1]

    yield start
    for server in running:
        server.stop()
