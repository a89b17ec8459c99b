"""Fixtures for pytest, found by its entry point; a suite that does not ask for them is not changed, nor slowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from ..lazy import lazy

if TYPE_CHECKING:
    from .script import Script
    from .server import FaultyServer


@pytest.fixture
def scripted_endpoint() -> Callable[..., Script]:
    """Makes a `Script` from its answers, e.g. `scripted_endpoint({"n": 1})`; then `http_client=script.client()`."""
    made: type[Script] = lazy(".testing.script").Script
    return lambda *answers: made(answers)


@pytest.fixture
def faulty_endpoint() -> Iterator[Callable[..., FaultyServer]]:
    """Make running `FaultyServer`s; they are stopped after the test."""
    made: type[FaultyServer] = lazy(".testing.server").FaultyServer
    running: list[FaultyServer] = []

    def start(*args: Any, **options: Any) -> FaultyServer:
        running.append(made(*args, **options).start())
        return running[-1]

    yield start
    for server in running:
        server.stop()
