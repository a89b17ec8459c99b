"""What `stream` and `records` give: iterators over an answer as it arrives, closed with their connection.

The work is in `drive.py`; here is the face of it, sync and async.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from types import TracebackType
from typing import Generic, Self, TypeVar

from .errors import UsageError
from .flow.draft import Draft
from .flow.errors import ExtractionError
from .flow.extraction import Extraction
from .flow.records import Bad, Ok, Record, RecordsResult

__all__ = ["AsyncRecords", "AsyncStream", "Bad", "Ok", "Record", "Records", "RecordsResult", "Stream"]

T = TypeVar("T")
CLOSED_EARLY = (
    "the stream was closed before its end, so there is no result; read it to its end, or call result() instead"
)


class Stream(Generic[T]):
    """The drafts of one extraction; nothing is sent before the first is asked for.

    Iterate it, or call `result` for the end alone. Leaving it early (`close`, `with`, Ctrl-C) closes the connection.
    """

    def __init__(self, drafts: Generator[Draft[T], None, Extraction[T]]) -> None:
        self._drafts = drafts
        self._extraction: Extraction[T] | None = None
        self._error: ExtractionError | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Draft[T]:
        try:
            return next(self._drafts)
        except StopIteration as end:
            if end.value is not None:
                self._extraction = end.value
            raise
        except ExtractionError as error:
            self._error = error
            raise

    def result(self) -> Extraction[T]:
        """The validated value with its account; reads what is still to come.

        Raises:
            ExtractionError: no attempt gave a valid value.
            UsageError: the stream was closed before its end.

        """
        if self._error is not None:
            raise self._error
        for _ in self:
            pass
        if self._extraction is None:
            raise UsageError(CLOSED_EARLY)
        return self._extraction

    def close(self) -> None:
        """Close the connection; nothing more comes."""
        self._drafts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncStream(Generic[T]):
    """`Stream` for asyncio: iterate with `async for`, `await` the result."""

    def __init__(self, drafts: AsyncGenerator[Draft[T] | Extraction[T]]) -> None:
        self._drafts = drafts
        self._extraction: Extraction[T] | None = None
        self._error: ExtractionError | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Draft[T]:
        try:
            found = await anext(self._drafts)
        except ExtractionError as error:
            self._error = error
            raise
        if isinstance(found, Draft):
            return found
        self._extraction = found
        await self._drafts.aclose()
        raise StopAsyncIteration

    async def result(self) -> Extraction[T]:
        """As `Stream.result`."""
        if self._error is not None:
            raise self._error
        async for _ in self:
            pass
        if self._extraction is None:
            raise UsageError(CLOSED_EARLY)
        return self._extraction

    async def aclose(self) -> None:
        """Close the connection; nothing more comes."""
        await self._drafts.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class Records(Generic[T]):
    """The records of a list, `Ok` or `Bad`, each as soon as it ends; nothing is sent before the first is asked for.

    An error that ends the list early is raised where the next record would be; those that came stay good. Leaving it
    early (`close`, `with`, Ctrl-C) closes the connection.
    """

    def __init__(self, found: Generator[Record[T]], account: RecordsResult) -> None:
        self._found = found
        self._account = account

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Record[T]:
        return next(self._found)

    def result(self) -> RecordsResult:
        """The account: counts, usage, attempts. Records that nobody has asked for yet are read, counted and passed over.

        Raises:
            ExtractionError: the list ended before it was complete, and no further attempt helped.

        """
        for _ in self:
            pass
        return self._account

    def close(self) -> None:
        """Close the connection; nothing more comes."""
        self._found.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncRecords(Generic[T]):
    """`Records` for asyncio: iterate with `async for`, `await` the result."""

    def __init__(self, found: AsyncGenerator[Record[T]], account: RecordsResult) -> None:
        self._found = found
        self._account = account

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Record[T]:
        return await anext(self._found)

    async def result(self) -> RecordsResult:
        """As `Records.result`."""
        async for _ in self:
            pass
        return self._account

    async def aclose(self) -> None:
        """Close the connection; nothing more comes."""
        await self._found.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
