# pyright: basic, reportMissingTypeStubs=false, reportMissingImports=false
# an optional package, which the checker may not see
"""Ray Data: an async actor for `map_batches`, and one limit over all actors, lent by a named actor.

    ds = add_columns_ray(ray.data.read_parquet("invoices"), work, workers=8)

Ray starts an actor that died anew and gives it its batches again; what was paid for is in the journal, so only what was
in flight is asked twice. Ray's own checkpoint is not needed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pyarrow as pa
import ray

from .gate import Lender
from .lease import Claim, Lease, LeaseBook, Limits
from .work import Work

BATCH_ROWS = 256
AT_ONCE = 4
"""Batches that one actor works on at once, so that the end of one does not wait for the next."""
WAIT_S = 30.0


class _Book:
    """A lease book as a Ray actor."""

    def __init__(self, limits: Limits) -> None:
        self._book = LeaseBook(limits)

    def renew(self, claim: Claim) -> Lease:
        """What a worker may do from now on."""
        return self._book.renew(claim, time.monotonic())


class RayLender:
    """Makes a worker's lender: asks the named actor. Pickles as its handle."""

    def __init__(self, limits: Limits) -> None:
        # the actor lives as long as a handle to it does: with the dataset, or while a worker works
        self._book: Any = ray.remote(num_cpus=0, max_restarts=-1)(_Book).remote(limits)

    def __call__(self) -> Lender:
        """The lender of a worker."""

        async def lend(claim: Claim) -> Lease:
            try:
                lease: Lease = await asyncio.wait_for(self._book.renew.remote(claim), WAIT_S)
            except ray.exceptions.RayActorError as error:
                raise OSError(str(error)) from error
            return lease

        return lend


class RayWorker:
    """What `map_batches` makes an actor of; takes and gives Arrow tables.

    Args:
        work: what is to be done, with a lender where there is more than one worker.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._extractor = work.extractor()

    async def __call__(self, batch: pa.Table) -> AsyncIterator[pa.Table]:
        """A batch with its new columns."""
        yield await self._work.filled(self._extractor, batch)


def add_columns_ray(
    dataset: Any, work: Work, *, workers: int = 1, batch_rows: int = BATCH_ROWS, **ray_options: Any
) -> Any:
    """The dataset with the work's columns; nothing runs before it is read.

    Args:
        dataset: a `ray.data.Dataset`.
        work: what is to be done; its limits are over all workers together.
        workers: actors.
        batch_rows: rows in one batch: what is begun again when an actor dies.
        ray_options: for `map_batches`, e.g. `num_cpus`; an actor mostly waits, so a fraction of a core is enough.
    """
    return dataset.map_batches(
        RayWorker,
        fn_constructor_args=(work.lent_by(RayLender(work.limits)),),
        batch_format="pyarrow",
        batch_size=batch_rows,
        **{"compute": ray.data.ActorPoolStrategy(size=workers), "num_cpus": 0.5, "max_concurrency": AT_ONCE}
        | ray_options,
    )
