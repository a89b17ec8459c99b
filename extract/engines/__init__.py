"""The same work on the machines of others: record batches in, record batches out; Ray Data and Spark as thin adapters.

Names are loaded when they are first used. There is no scheduler here, and no engine's checkpoint is relied on: what was
paid for is in the journal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..lazy import extra

if TYPE_CHECKING:
    from .on_ray import RayWorker, add_columns_ray
    from .on_spark import add_columns_spark
    from .work import Work

__all__ = ["RayWorker", "Work", "add_columns_ray", "add_columns_spark"]

HOMES: Final = {
    "RayWorker": (".engines.on_ray", "ray"),
    "Work": (".engines.work", "arrow"),
    "add_columns_ray": (".engines.on_ray", "ray"),
    "add_columns_spark": (".engines.on_spark", "spark"),
}


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home, extras = HOMES[name]
    return getattr(extra(home, name, extras), name)
