"""What others see of an extraction: a log line, traces and metrics. Each is a plain callable for `on_event`.

Names are loaded when they are first used; who asks for none of them pays nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..lazy import extra, lazy

if TYPE_CHECKING:
    from .log import line_of
    from .otel import Telemetry

__all__ = ["Telemetry", "line_of"]

OPENTELEMETRY: Final = "Telemetry"


def __getattr__(name: str) -> object:
    if name == OPENTELEMETRY:
        return extra(".report.otel", "Telemetry", "otel").Telemetry
    if name == "line_of":
        return lazy(".report.log").line_of
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
