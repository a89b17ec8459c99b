"""`Extractor` and `AsyncExtractor`: a thin face over the plan, the drivers and the transports.

Environment variables and files are read here, and nowhere else in the house.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Callable,
    Generator,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, cast, get_args, overload

import httpx
from pydantic import TypeAdapter
from typing_extensions import TypeForm, Unpack

from .chat.endpoint import Endpoint
from .chat.message import Image, Parts, text_or_image
from .chat.method import MethodName
from .chat.place import Place, find_place, is_offline
from .chat.prompt import Prompt
from .chat.request import Request
from .drive import AsyncTransport, Transport, records, records_async, run, run_async, stream, stream_async
from .errors import UsageError
from .flow.attempt import Attempt
from .flow.draft import Draft
from .flow.errors import ExtractionError
from .flow.event import Ended, Event, provider_of
from .flow.extraction import Extraction
from .flow.learn import NOTHING, learn, link_for, overlay
from .flow.live import Strings
from .flow.plan import Link, Plan
from .flow.records import Again, RecordReader
from .flow.settings import Ask, Missing, Settings, Source, Task, list_of, make_plan, many, prompt_of, type_of_record
from .http import AsyncHttpTransport, HttpTransport
from .lazy import extra, lazy
from .memory import Facts
from .streams import AsyncRecords, AsyncStream, Record, Records, Stream
from .target.compile import compile_target
from .vocabulary import JsonValue, show_found

if TYPE_CHECKING:
    from .batch.desk import AsyncDesk, Desk, Terms
    from .batch.journal import Journal
    from .batch.progress import Progress
    from .batch.provider.run import AsyncProviderBatch, ProviderBatch, Work
    from .batch.run import AsyncOutcomes, Outcomes
    from .offline import AsyncOfflineTransport, OfflineTransport
    from .openai_client import OpenAIClient

__all__ = ["AsyncExtractor", "Extractor"]

LOG = logging.getLogger("extract")

T = TypeVar("T")
F = TypeVar("F")
DEFAULT_TIMEOUT_S = 600.0


class Options(Ask, total=False):
    """What may be set for an extractor, beside what may be set for one call.

    Attributes:
        base_url: of the endpoint, without `/chat/completions`; `offline:` answers from rules, without a model.
        api_key: sent as bearer token, to this endpoint only.
        endpoint: a row that says what the endpoint takes; found by host and model when not given.
        headers, query: sent with every request.
        method: how the schema is sent; `auto` begins with the strongest that is taken.
        missing: `strict` asks once more for a missing required value, with a way out; `allow` offers it at once.
        timeout: seconds that one request may take in all, by the wall clock; None: no limit.
        fallbacks: models of the same endpoint, or other extractors, tried in order when this one gives no value.
        on_event: called with every `Attempt` when it is over, and with `Ended` after the last one.
        journal: file (or a `Journal`) in which every exchange is kept; a call that is in it already sends nothing.
        memory: file in which learned facts about endpoints are kept; None: they are kept as long as the extractor.

    """

    base_url: str | None
    api_key: str | None
    endpoint: Endpoint | None
    headers: Mapping[str, str]
    query: Mapping[str, str]
    method: MethodName | Literal["auto"]
    missing: Missing
    timeout: float | None
    fallbacks: Sequence[object]
    on_event: Callable[[Event], None] | Sequence[Callable[[Event], None]] | None
    journal: str | Path | Journal | None
    memory: str | Path | None


class Mapped(Ask, total=False):
    """What may be set for `map`, beside what may be set for one call.

    Attributes:
        key: gives the caller's name for a source; its position when not given.
        concurrency: most requests under way at once, exact at the server; None: found out, from 8 up to 256.
        requests_per_minute, tokens_per_minute: limits of the account, where they are known.
        ordered: whether the outcomes come in the order of the sources.
        journal: as in `Options`; with it a run that was cut short is taken up where it ended.
        share: whether equal sources share one paid reply (with a journal); if not, `key` tells them apart.
        text: gives what is read of a source; the source itself when not given. Outcomes hold the source as it came.
        terms: all that may hold for a run, instead of `share` and the limits; see `extract.batch.desk`.
        on_progress: told how the run stands, a few times a second at most.

    """

    key: Callable[[Any], object] | None
    concurrency: int | None
    requests_per_minute: float | None
    tokens_per_minute: float | None
    ordered: bool
    journal: str | Path | Journal | None
    share: bool
    text: Callable[[Any], Source | Path] | None
    terms: Terms | None
    on_progress: Callable[[Progress], None] | None


class Batched(Mapped, total=False):
    """What may be set for `batch`, beside what may be set for `map`.

    Attributes:
        hours: the completion window that is asked for; 24 when not given.

    """

    hours: int


class Streamed(Ask, total=False):
    """What may be set for `stream`, beside what may be set for one call.

    Attributes:
        strings: `growing` shows a text while it grows (unless an enum, format or pattern says what it must be),
            `whole` only when it is complete.

    """

    strings: Strings


class Recorded(Ask, total=False):
    """What may be set for `records`, beside what may be set for one call.

    Attributes:
        key: gives a record's key; a record whose key has come before says so in `duplicate_of`.
        again: `never` tells a bad record at once; `singly` asks for it again by itself when the others are there, so
            that it comes after them.

    """

    key: Callable[[Any], Hashable] | None
    again: Again


RUN_OPTIONS = ("key", "ordered", "on_progress")
LIMIT_OPTIONS = ("concurrency", "requests_per_minute", "tokens_per_minute")
ABOUT_ENDPOINTS = frozenset(
    {
        "base_url",
        "api_key",
        "endpoint",
        "headers",
        "query",
        "timeout",
        "fallbacks",
        "on_event",
        "journal",
        "memory",
        "model",
        "openai",
    }
)
SECRET = frozenset({"api_key", "headers", "query", "openai"})
HELD = ("base_url", "api_key", "headers", "query")
"""Options that an openai client holds itself."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One endpoint of the chain, and what is sent with every request to it."""

    place: Place
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    openai: OpenAIClient | None = field(default=None, repr=False)

    @property
    def wire(self) -> tuple[object, ...]:
        """What tells one connection pool from another."""
        return (self.place.base_url, self.place.key, self.headers, self.query, id(self.openai))


class _Core:
    """What both extractors share: their options, checked, and what was learned."""

    def __init__(self, given: Mapping[str, Any], facts: Facts | None = None) -> None:
        self.given = dict(given)
        asked = {name: value for name, value in given.items() if name not in ABOUT_ENDPOINTS}
        self.settings = Settings().but(asked)
        _check(given)
        self.timeout_s: float | None = given.get("timeout", DEFAULT_TIMEOUT_S)
        self.hooks = _hooks(given.get("on_event"))
        self.on_event = self.tell if self.hooks else None
        memory = given.get("memory")
        self.facts = facts if facts is not None else Facts(None if memory is None else Path(memory))
        self.hops = _hops(given)
        self._links: tuple[object, tuple[Link, ...]] | None = None
        self._journal: Journal | None = None

    def links(self) -> tuple[Link, ...]:
        """The chain as the next extraction begins it: the rows, and what was learned about them."""
        known = self.facts.known()
        links = self._links
        if links is None or links[0] is not known:
            method, places = self.settings.method, [hop.place for hop in self.hops]
            found = [known.get((place.base_url, place.model), NOTHING) for place in places]
            made = tuple(
                link_for(place, method, facts, at) for at, (place, facts) in enumerate(zip(places, found, strict=True))
            )
            links = self._links = (known, made)
        return links[1]

    def plan(
        self, target: object, prompt: Prompt, ask: Mapping[str, Any], record: tuple[object] | None = None
    ) -> Plan[Any]:
        """The plan of one call."""
        return make_plan(target, prompt, self.settings.but(ask), self.links(), record=record)

    def journal(self) -> Journal | None:
        """The journal, opened when it is first needed."""
        named = self.given.get("journal")
        if named is not None and self._journal is None:
            self._journal = lazy(".batch.journal").Journal(named) if isinstance(named, str | Path) else named
        return self._journal

    def tell(self, event: Event) -> None:
        """Call every hook."""
        for hook in self.hooks:
            hook(event)

    def ended(self, plan: Plan[Any], outcome: Extraction[Any] | ExtractionError, began_s: float) -> None:
        """Tell that an extraction is over, and log it where somebody listens."""
        is_logged = LOG.isEnabledFor(logging.INFO)
        if not self.hooks and not is_logged:
            return
        event = Ended(plan.target.name, outcome, tuple(map(provider_of, plan.chain)), began_s, time.monotonic())
        self.tell(event)
        if is_logged:
            lazy(".report.log").write(event, LOG)

    def run(self, options: Mapping[str, Any], desk: str) -> Run:
        """What the options of `map` say, and the desk that its rows are asked at."""
        ask = asked_of(options)
        of_run = {name: options[name] for name in RUN_OPTIONS if name in options}
        module = lazy(".batch.desk")
        terms: Terms | None = options.get("terms")
        if terms is None:
            limits = lazy(".batch.limiter").Limits(**{name: options[name] for name in LIMIT_OPTIONS if name in options})
            terms = module.Terms(limits=limits, is_shared=options.get("share", True))
        counter: Any = getattr(module, desk)(terms, self.journal(), [hop.place.base_url for hop in self.hops])
        limiters = [gate.limiter for gate in counter.gates]
        of_run |= {"room": counter.room, "limiters": limiters, "stop": counter.close}
        return Run(ask, of_run, counter, options.get("text"), options.get("key"))

    def recording(
        self, item: object, prompt: Prompt, options: Mapping[str, Any]
    ) -> tuple[Plan[Any], RecordReader[Any]]:
        """The plan for a list of these items, and what reads them."""
        given = dict(options)
        key, again = given.pop("key", None), given.pop("again", "never")
        if again not in get_args(Again):
            raise UsageError(f"again is {again!r}; it must be one of {', '.join(get_args(Again))}")
        plan = replace(self.plan(list_of(item), prompt, given), stream=True)
        return plan, RecordReader(plan, compile_target(item), key=key, again=again)

    def learned(self) -> tuple[Endpoint, ...]:
        """The rows of the chain with what was learned about each laid over it."""
        known = self.facts.known()
        places = [hop.place for hop in self.hops]
        found = [(place.row, known.get((place.base_url, place.model))) for place in places]
        return tuple(row if facts is None else overlay(row, facts) for row, facts in found)

    def learn(self, plan: Plan[Any], attempts: tuple[Attempt, ...]) -> None:
        """Take what one extraction showed about its endpoints; a pinned method learns nothing."""
        if len(attempts) > 1 and self.settings.method == "auto":
            self.facts.take(learn(plan, attempts))


def _check(given: Mapping[str, Any]) -> None:
    """Raise a UsageError for an option of a wrong type; what `Settings` and `find_place` take is checked there."""
    for name in ("headers", "query"):
        if not (given.get(name) is None or _holds_texts(given[name])):
            raise UsageError(f"{name} must be a dict from str to str")  # its values may be secret
    timeout: object = given.get("timeout")
    if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, int | float) or not timeout > 0):
        raise UsageError(f"timeout is {show_found(timeout)}; it must be above 0 seconds, or None for no limit")
    fallbacks: object = given.get("fallbacks")
    if fallbacks is not None and not isinstance(fallbacks, list | tuple):
        raise UsageError(f"fallbacks is {show_found(fallbacks)}; it must be a list of model names and extractors")
    memory: object = given.get("memory")
    if memory is not None and (not isinstance(memory, str | Path) or Path(memory).is_dir()):
        raise UsageError(f"memory is {show_found(memory)}; it must be the path of a file")
    journal: object = given.get("journal")
    if not isinstance(journal, str | Path | None) and not isinstance(journal, lazy(".batch.journal").Journal):
        raise UsageError(f"journal is {show_found(journal)}; it must be the path of a file, or a Journal")


def _check_client(client: object, kind: type) -> None:
    if client is not None and not isinstance(client, kind):
        hint = "; for an openai client see from_openai" if hasattr(client, "chat") else ""
        raise UsageError(f"http_client is a {type(client).__name__}; it must be an httpx.{kind.__name__}{hint}")


def _holds_texts(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    pairs = cast("Mapping[object, object]", value).items()
    return all(isinstance(name, str) and isinstance(text, str) for name, text in pairs)


def _hooks(given: object) -> tuple[Callable[[Event], None], ...]:
    """The hooks of a caller: none, one, or several."""
    is_several = isinstance(given, list | tuple)
    hooks: tuple[Any, ...] = tuple(cast("Sequence[Any]", given)) if is_several else () if given is None else (given,)
    for hook in hooks:
        if not callable(hook):
            raise UsageError(f"on_event is {show_found(hook)}; it must be callable, or a list of callables")
    return hooks


def asked_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the options of `map` that are about each call, not about the run."""
    of_run = Mapped.__annotations__.keys() - Ask.__annotations__.keys()
    return {name: value for name, value in options.items() if name not in of_run}


@dataclass(frozen=True, slots=True)
class Run:
    """One `map`: what is asked of each row, how the run is driven, and where its rows are asked."""

    ask: Mapping[str, Any]
    course: Mapping[str, Any]
    desk: Any
    text: Callable[[Any], Any] | None
    key: Callable[[Any], object] | None

    def read(self, source: Any) -> Any:
        """What is read of a source."""
        return source if self.text is None else self.text(source)

    def name(self, source: Any) -> str | None:
        """The caller's name for a source; None where none was given."""
        return None if self.key is None else str(self.key(source))


def _hops(given: Mapping[str, Any]) -> tuple[Hop, ...]:
    """The chain of endpoints: the extractor's own, then its fallbacks."""
    if given.get("openai") is not None:
        for name in HELD:
            if given.get(name) is not None:
                raise UsageError(f"{name} is given beside an openai client; set it on the client")
    headers, query = (tuple(dict(given.get(name) or {}).items()) for name in ("headers", "query"))
    named = {"base_url": given.get("base_url"), "api_key": given.get("api_key"), "row": given.get("endpoint")}
    client: OpenAIClient | None = given.get("openai")
    if client is not None:
        named["base_url"] = str(client.base_url)
    hops = [Hop(find_place(os.environ, model=given.get("model"), **named), headers, query, client)]
    for fallback in given.get("fallbacks") or ():
        match fallback:
            case str():
                hops.append(Hop(find_place(os.environ, model=fallback, **named), headers, query, client))
            case Extractor() | AsyncExtractor():
                hops += fallback._core.hops  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # a class of this file
            case _:
                raise UsageError(f"fallbacks holds a {type(fallback).__name__}; it takes model names and extractors")
    return tuple(hops)


def _holds_file(source: object) -> bool:
    """Whether a file must be read before the source can be sent."""
    match source:
        case Path() | Image(source=Path()):
            return True
        case Parts():
            return any(_holds_file(part) for part in source)
        case _:
            return False


def _read(source: object) -> object:
    """A source with its files read: each is text, or a picture."""
    match source:
        case Path():
            return text_or_image(_bytes_of(source), str(source))
        case Image(source=Path() as path):
            return replace(source, source=_bytes_of(path))
        case Parts() if _holds_file(source):
            return Parts(*(_read(part) for part in source))  # type: ignore[arg-type]  # a part stays a part
        case _:
            return source


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error


def _prompt(source: object, task: Task) -> Prompt:
    return prompt_of(source if isinstance(source, str) else _read(source), task)


def _check_map(core: _Core, target: object, sources: object, options: Mapping[str, Any]) -> None:
    """Raise for what is wrong with a call of `map`: it is an error of the call, not of every source."""
    compile_target(target)
    core.settings.but(asked_of(options))
    kind = type(sources).__name__
    if isinstance(sources, str | bytes | Path | Mapping | Parts) or not isinstance(sources, Iterable | AsyncIterable):
        raise UsageError(f"sources is a {kind}; it must be an iterable of sources, such as a list of texts")
    for name, gives in (("key", "its name"), ("text", "what is read of it"), ("on_progress", "nothing")):
        given = options.get(name)
        if given is not None and not callable(given):
            what = "the progress" if name == "on_progress" else "a source"
            raise UsageError(f"{name} is {show_found(given)}; it must be a function from {what} to {gives}")


def _first_request(plan: Plan[Any]) -> Request:
    return plan.request(plan.chain[0].way)


class Extractor:
    """Turns texts and pictures into typed values.

    Usable from many threads at once, with or without `with`. Copies made by `with_options` share its connections.
    A pickled
    extractor loses its key, headers and client; they are found again from the environment.

    Args:
        model: name of the model; `EXTRACT_MODEL` when not given; a server on this machine that holds one model needs none.
        http_client: an `httpx.Client` of your own; it is never closed here.
        options: see `Options`.

    Raises:
        UsageError: an option that cannot work, or no endpoint is named.

    """

    def __init__(
        self, model: str | None = None, *, http_client: httpx.Client | None = None, **options: Unpack[Options]
    ) -> None:
        _check_client(http_client, httpx.Client)
        self._core = _Core({"model": model, **options})
        self._client = http_client
        self._wires: dict[object, HttpTransport | OfflineTransport] = {}

    @classmethod
    def from_openai(cls, client: OpenAIClient, model: str | None = None, **options: Unpack[Options]) -> Self:
        """An extractor that sends through your own `openai.OpenAI` or `AzureOpenAI` client.

        Its key, headers, base URL, proxies, Azure set-up and tracing are used as they are; it is never closed here. It
        sends each request once, for resends are counted here. A pickled extractor of this kind goes without the client.

        Args:
            client: made with openai-python 2 or 3.
            model: name of the model (on Azure of the deployment); `EXTRACT_MODEL` when not given.
            options: see `Options`, but for `base_url`, `api_key`, `headers` and `query`: they are the client's.

        Raises:
            UsageError: no such client, or an option that is the client's.

        """
        check: Callable[..., None] = lazy(".openai_client").check
        check(client, is_async=False)
        made = cls.__new__(cls)
        made._core = _Core({"model": model, **options, "openai": client})  # noqa: SLF001 - an object of this very class
        made._client = None  # noqa: SLF001
        made._wires = {}  # noqa: SLF001
        return made

    @overload
    def extract(self, target: TypeAdapter[T], source: Source | Path, **ask: Unpack[Ask]) -> T: ...
    @overload
    def extract(self, target: TypeForm[T], source: Source | Path, **ask: Unpack[Ask]) -> T: ...
    @overload
    def extract(self, target: Mapping[str, JsonValue], source: Source | Path, **ask: Unpack[Ask]) -> JsonValue: ...
    def extract(self, target: Any, source: Source | Path, **ask: Unpack[Ask]) -> Any:
        """The value of the target's type that the source states.

        Raises:
            UsageError: before anything is sent.
            ExtractionError: no attempt gave a valid value.

        """
        return self._ask(target, _prompt(source, "extract"), ask).value

    @overload
    def run(self, target: TypeAdapter[T], source: Source | Path, **ask: Unpack[Ask]) -> Extraction[T]: ...
    @overload
    def run(self, target: TypeForm[T], source: Source | Path, **ask: Unpack[Ask]) -> Extraction[T]: ...
    @overload
    def run(
        self, target: Mapping[str, JsonValue], source: Source | Path, **ask: Unpack[Ask]
    ) -> Extraction[JsonValue]: ...
    def run(self, target: Any, source: Source | Path, **ask: Unpack[Ask]) -> Extraction[Any]:
        """Like `extract`, with the account of how the value came about."""
        return self._ask(target, _prompt(source, "extract"), ask)

    def update(self, value: T, source: Source | Path, *, target: object = None, **ask: Unpack[Ask]) -> Extraction[T]:
        """A record with what the source changes in it: only that is asked for, the rest stays as it is.

        Args:
            value: the record as it is known; it is not changed. Where nothing has changed, it comes back itself.
            source: the new text.
            target: the record's type where the value does not say it (lists, dicts, JSON); else its own.
            ask: see `Ask`.

        Returns:
            The updated record as `.value`, the differences as `.changes`.

        """
        wanted = type_of_record(value, target)
        found: Extraction[T] = self._ask(wanted, _prompt(source, "update"), ask, record=(value,))
        return found if found.changes else replace(found, value=value)

    @overload
    def generate(
        self, target: TypeAdapter[T], prompt: Source | Path, *, count: None = None, **ask: Unpack[Ask]
    ) -> T: ...
    @overload
    def generate(self, target: TypeForm[T], prompt: Source | Path, *, count: None = None, **ask: Unpack[Ask]) -> T: ...
    @overload
    def generate(
        self, target: Mapping[str, JsonValue], prompt: Source | Path, *, count: None = None, **ask: Unpack[Ask]
    ) -> JsonValue: ...
    @overload
    def generate(self, target: TypeForm[T], prompt: Source | Path, *, count: int, **ask: Unpack[Ask]) -> list[T]: ...
    @overload
    def generate(
        self, target: Mapping[str, JsonValue], prompt: Source | Path, *, count: int, **ask: Unpack[Ask]
    ) -> list[JsonValue]: ...
    def generate(self, target: Any, prompt: Source | Path, *, count: int | None = None, **ask: Unpack[Ask]) -> Any:
        """A value that the prompt asks for: the text is an instruction here, not a document.

        Args:
            target: as in `extract`.
            prompt: what to write.
            count: how many values; a list of so many comes back. None: one value, as itself.
            ask: see `Ask`.

        """
        wanted = target if count is None else many(target, count)
        return self._ask(wanted, _prompt(prompt, "generate"), ask).value

    @overload
    def map(self, target: TypeAdapter[T], sources: Iterable[Any], **options: Unpack[Mapped]) -> Outcomes[T]: ...
    @overload
    def map(self, target: TypeForm[T], sources: Iterable[Any], **options: Unpack[Mapped]) -> Outcomes[T]: ...
    @overload
    def map(
        self, target: Mapping[str, JsonValue], sources: Iterable[Any], **options: Unpack[Mapped]
    ) -> Outcomes[JsonValue]: ...
    def map(self, target: Any, sources: Iterable[Any], **options: Unpack[Mapped]) -> Outcomes[Any]:
        """Extract from many sources, a bounded number at a time; a source that fails is an outcome, not an error.

        Iterate the result; nothing is sent before. Options: see `Mapped`.
        """
        _check_map(self._core, target, sources, options)
        journal = options.get("journal")
        one = self if journal is None else self.with_options(journal=journal)
        made = one._core.run(options, "Desk")  # noqa: SLF001 - an extractor of this class

        def ask(source: Any) -> Extraction[Any]:
            prompt = _prompt(made.read(source), "extract")
            return one._ask(target, prompt, made.ask, made.desk, made.name(source))  # noqa: SLF001

        outcomes: Outcomes[Any] = lazy(".batch.run").Outcomes(ask, sources, **made.course)
        return outcomes

    def add_columns(
        self,
        target: object,
        frame: F,
        *,
        column: str | None = None,
        template: str | None = None,
        prefix: str = "",
        error_column: str | None = "_error",
        **options: Unpack[Mapped],
    ) -> F:
        """The table with a typed column for each field of the target; rows and index stay as they are.

        Args:
            target: as in `extract`; a target that is no object becomes one column, `value`.
            frame: a polars or pandas DataFrame, an Arrow Table or RecordBatch; it is not changed.
            column: the column that holds the text; None: the first of text, content, body, document, source.
            template: a text with `{column}` in it, instead of one column.
            prefix: put before the name of each new column.
            error_column: holds why a row has no value, null where it has one; None: the first failed row raises.
            options: see `Mapped`; the order of the answers does not matter here.

        Raises:
            UsageError: before anything is sent.

        """
        work = extra(".batch.frames", "add_columns", "arrow").Addition(
            target, frame, column=column, template=template, prefix=prefix, error_column=error_column
        )
        asked: dict[str, Any] = {**options, "ordered": False, "key": None}
        wanted: Any = target
        with self.map(wanted, work.sources(), **asked) as outcomes:
            for outcome in outcomes:
                work.take(outcome)
        made: F = work.done()
        return made

    @overload
    def batch(self, target: TypeAdapter[T], sources: Iterable[Any], **options: Unpack[Batched]) -> ProviderBatch[T]: ...
    @overload
    def batch(self, target: TypeForm[T], sources: Iterable[Any], **options: Unpack[Batched]) -> ProviderBatch[T]: ...
    @overload
    def batch(
        self, target: Mapping[str, JsonValue], sources: Iterable[Any], **options: Unpack[Batched]
    ) -> ProviderBatch[JsonValue]: ...
    def batch(self, target: Any, sources: Iterable[Any], **options: Unpack[Batched]) -> ProviderBatch[Any]:
        """Ask through the endpoint's batch API: slower, cheaper, and resumed by the same call.

        Nothing is sent before `.submit()` or `.run()`. Options: see `Batched`.
        """
        work, mapped = _batch_work(self._core, target, sources, options)
        run_module = lazy(".batch.provider.run")
        files = lazy(".http_files").HttpFiles(**_files_options(self._core), http_client=self._client)
        wanted: Any = target
        batch: ProviderBatch[Any] = run_module.ProviderBatch(work, files, lambda: self.map(wanted, sources, **mapped))
        return batch

    @overload
    def stream(self, target: TypeAdapter[T], source: Source | Path, **options: Unpack[Streamed]) -> Stream[T]: ...
    @overload
    def stream(self, target: TypeForm[T], source: Source | Path, **options: Unpack[Streamed]) -> Stream[T]: ...
    @overload
    def stream(
        self, target: Mapping[str, JsonValue], source: Source | Path, **options: Unpack[Streamed]
    ) -> Stream[JsonValue]: ...
    def stream(self, target: Any, source: Source | Path, **options: Unpack[Streamed]) -> Stream[Any]:
        """The value as it arrives: drafts, of which the last is what `extract` returns.

        Iterate the result; nothing is sent before. What `timeout` limits includes the time that the caller takes
        between two drafts. Options: see `Streamed`.

        Raises:
            UsageError: before anything is sent.

        """
        given: dict[str, Any] = {**options}
        strings: Strings = _strings_of(given)
        plan = replace(self._core.plan(target, _prompt(source, "extract"), given), stream=True)
        return Stream(self._drafts(plan, strings))

    def _drafts(self, plan: Plan[Any], strings: Strings) -> Generator[Draft[Any], None, Extraction[Any]]:
        core = self._core
        began_s = time.monotonic()
        try:
            extraction = yield from stream(
                plan, self._taped(plan), timeout_s=core.timeout_s, strings=strings, on_event=core.on_event
            )
        except ExtractionError as error:
            core.learn(plan, error.attempts)
            core.ended(plan, error, began_s)
            raise
        core.learn(plan, extraction.attempts)
        core.ended(plan, extraction, began_s)
        return extraction

    @overload
    def records(self, item: TypeAdapter[T], source: Source | Path, **options: Unpack[Recorded]) -> Records[T]: ...
    @overload
    def records(self, item: TypeForm[T], source: Source | Path, **options: Unpack[Recorded]) -> Records[T]: ...
    @overload
    def records(
        self, item: Mapping[str, JsonValue], source: Source | Path, **options: Unpack[Recorded]
    ) -> Records[JsonValue]: ...
    def records(self, item: Any, source: Source | Path, **options: Unpack[Recorded]) -> Records[Any]:
        """Every record of a kind that the source holds, each as soon as it ends; a bad one stops no other.

        Iterate the result; nothing is sent before. Memory does not grow with the number of records (but for keys,
        where a key is given). What `timeout` limits includes the time that the caller takes between two records.
        Options: see `Recorded`.

        Raises:
            UsageError: before anything is sent.

        """
        plan, reader = self._core.recording(item, _prompt(source, "extract"), options)
        return Records(self._records(plan, reader), reader.result)

    def _records(self, plan: Plan[Any], reader: RecordReader[Any]) -> Generator[Record[Any]]:
        core = self._core
        began_s = time.monotonic()
        try:
            yield from records(reader, plan, self._taped(plan), timeout_s=core.timeout_s, on_event=core.on_event)
        except ExtractionError as error:
            core.ended(plan, error, began_s)
            raise
        finally:
            core.learn(plan, reader.result.attempts)

    def request(self, target: object, source: Source | Path, **ask: Unpack[Ask]) -> Request:
        """What would be sent first; nothing is sent."""
        return _first_request(self._core.plan(target, _prompt(source, "extract"), ask))

    def with_options(self, model: str | None = None, **options: Unpack[Options]) -> Self:
        """A copy with some options changed; it shares the connections and what was learned."""
        copy = type(self).__new__(type(self))
        changed = {**self._core.given, **options, **({} if model is None else {"model": model})}
        copy._core = _Core(changed, self._core.facts)  # noqa: SLF001 - a copy of this very class
        copy._client = self._client  # noqa: SLF001
        copy._wires = self._wires  # noqa: SLF001
        return copy

    def _ask(
        self,
        target: object,
        prompt: Prompt,
        ask: Mapping[str, Any],
        desk: Desk | None = None,
        name: str | None = None,
        record: tuple[object] | None = None,
    ) -> Extraction[Any]:
        core = self._core
        plan = core.plan(target, prompt, ask, record)
        wires: list[Transport] = [self._wire(hop) for hop in core.hops]
        if desk is not None:
            with desk.turn(plan, wires, name) as turn:
                return replace(self._carry_out(turn.plan, turn.wires), job=turn.job)
        return self._carry_out(plan, self._taped(plan))

    def _carry_out(self, plan: Plan[Any], wires: Sequence[Transport]) -> Extraction[Any]:
        core = self._core
        began_s = time.monotonic()
        try:
            extraction = run(plan, wires, timeout_s=core.timeout_s, on_event=core.on_event)
        except ExtractionError as error:
            core.learn(plan, error.attempts)
            core.ended(plan, error, began_s)
            raise
        core.learn(plan, extraction.attempts)
        core.ended(plan, extraction, began_s)
        return extraction

    def _taped(self, plan: Plan[Any]) -> list[Transport]:
        """The transports of the chain, behind the journal where there is one."""
        wires: list[Transport] = [self._wire(hop) for hop in self._core.hops]
        if (journal := self._core.journal()) is not None:
            wires = lazy(".batch.replay").taped(wires, journal, plan)
        return wires

    def _wire(self, hop: Hop) -> HttpTransport | OfflineTransport:
        key = hop.wire
        found = self._wires.get(key)
        return found if found is not None else self._wires.setdefault(key, self._connect(hop))

    def _connect(self, hop: Hop) -> HttpTransport | OfflineTransport:
        if is_offline(hop.place.base_url):
            offline: OfflineTransport = lazy(".offline").OfflineTransport()
            return offline
        place = hop.place
        if hop.openai is not None:
            through: HttpTransport = lazy(".openai_client").transport(hop.openai)
            return through
        return HttpTransport(
            place.base_url, place.key, headers=dict(hop.headers), query=dict(hop.query), http_client=self._client
        )

    def learned(self) -> tuple[Endpoint, ...]:
        """The row of each endpoint of the chain, with what was found out about it by now laid over it.

        Give one as `endpoint=` to begin with it; `to_dict()` shows it.
        """
        return self._core.learned()

    def close(self) -> None:
        """Close all connections; they are opened again when needed."""
        while self._wires:
            self._wires.popitem()[1].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({_shown(self._core)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), _without_secrets(self._core))


class AsyncExtractor:
    """`Extractor` for asyncio: the same names, awaited. One pool of connections per running loop.

    Args:
        model: name of the model; `EXTRACT_MODEL` when not given; a server on this machine that holds one model needs none.
        http_client: an `httpx.AsyncClient` of your own; it is never closed here.
        options: see `Options`.

    """

    def __init__(
        self, model: str | None = None, *, http_client: httpx.AsyncClient | None = None, **options: Unpack[Options]
    ) -> None:
        _check_client(http_client, httpx.AsyncClient)
        self._core = _Core({"model": model, **options})
        self._client = http_client
        self._wires: dict[object, AsyncHttpTransport | AsyncOfflineTransport] = {}

    @classmethod
    def from_openai(cls, client: OpenAIClient, model: str | None = None, **options: Unpack[Options]) -> Self:
        """As `Extractor.from_openai`, over an `openai.AsyncOpenAI` or `AsyncAzureOpenAI` client."""
        check: Callable[..., None] = lazy(".openai_client").check
        check(client, is_async=True)
        made = cls.__new__(cls)
        made._core = _Core({"model": model, **options, "openai": client})  # noqa: SLF001 - an object of this very class
        made._client = None  # noqa: SLF001
        made._wires = {}  # noqa: SLF001
        return made

    @overload
    async def extract(self, target: TypeAdapter[T], source: Source | Path, **ask: Unpack[Ask]) -> T: ...
    @overload
    async def extract(self, target: TypeForm[T], source: Source | Path, **ask: Unpack[Ask]) -> T: ...
    @overload
    async def extract(
        self, target: Mapping[str, JsonValue], source: Source | Path, **ask: Unpack[Ask]
    ) -> JsonValue: ...
    async def extract(self, target: Any, source: Source | Path, **ask: Unpack[Ask]) -> Any:
        """The value of the target's type that the source states."""
        return (await self._ask(target, await _async_prompt(source, "extract"), ask)).value

    @overload
    async def run(self, target: TypeAdapter[T], source: Source | Path, **ask: Unpack[Ask]) -> Extraction[T]: ...
    @overload
    async def run(self, target: TypeForm[T], source: Source | Path, **ask: Unpack[Ask]) -> Extraction[T]: ...
    @overload
    async def run(
        self, target: Mapping[str, JsonValue], source: Source | Path, **ask: Unpack[Ask]
    ) -> Extraction[JsonValue]: ...
    async def run(self, target: Any, source: Source | Path, **ask: Unpack[Ask]) -> Extraction[Any]:
        """Like `extract`, with the account of how the value came about."""
        return await self._ask(target, await _async_prompt(source, "extract"), ask)

    async def update(
        self, value: T, source: Source | Path, *, target: object = None, **ask: Unpack[Ask]
    ) -> Extraction[T]:
        """A record with what the source changes in it; as `Extractor.update`."""
        wanted = type_of_record(value, target)
        found: Extraction[T] = await self._ask(wanted, await _async_prompt(source, "update"), ask, record=(value,))
        return found if found.changes else replace(found, value=value)

    @overload
    async def generate(
        self, target: TypeAdapter[T], prompt: Source | Path, *, count: None = None, **ask: Unpack[Ask]
    ) -> T: ...
    @overload
    async def generate(
        self, target: TypeForm[T], prompt: Source | Path, *, count: None = None, **ask: Unpack[Ask]
    ) -> T: ...
    @overload
    async def generate(
        self, target: Mapping[str, JsonValue], prompt: Source | Path, *, count: None = None, **ask: Unpack[Ask]
    ) -> JsonValue: ...
    @overload
    async def generate(
        self, target: TypeForm[T], prompt: Source | Path, *, count: int, **ask: Unpack[Ask]
    ) -> list[T]: ...
    @overload
    async def generate(
        self, target: Mapping[str, JsonValue], prompt: Source | Path, *, count: int, **ask: Unpack[Ask]
    ) -> list[JsonValue]: ...
    async def generate(
        self, target: Any, prompt: Source | Path, *, count: int | None = None, **ask: Unpack[Ask]
    ) -> Any:
        """A value that the prompt asks for; with `count`, a list of so many."""
        wanted = target if count is None else many(target, count)
        return (await self._ask(wanted, await _async_prompt(prompt, "generate"), ask)).value

    @overload
    def map(
        self, target: TypeAdapter[T], sources: Iterable[Any] | AsyncIterable[Any], **options: Unpack[Mapped]
    ) -> AsyncOutcomes[T]: ...
    @overload
    def map(
        self, target: TypeForm[T], sources: Iterable[Any] | AsyncIterable[Any], **options: Unpack[Mapped]
    ) -> AsyncOutcomes[T]: ...
    @overload
    def map(
        self, target: Mapping[str, JsonValue], sources: Iterable[Any] | AsyncIterable[Any], **options: Unpack[Mapped]
    ) -> AsyncOutcomes[JsonValue]: ...
    def map(
        self, target: Any, sources: Iterable[Any] | AsyncIterable[Any], **options: Unpack[Mapped]
    ) -> AsyncOutcomes[Any]:
        """Extract from many sources, a bounded number at a time; a source that fails is an outcome, not an error.

        Iterate the result with `async for`; nothing is sent before. Options: see `Mapped`.
        """
        _check_map(self._core, target, sources, options)
        journal = options.get("journal")
        one = self if journal is None else self.with_options(journal=journal)
        made = one._core.run(options, "AsyncDesk")  # noqa: SLF001 - an extractor of this class

        async def ask(source: Any) -> Extraction[Any]:
            prompt = await _async_prompt(made.read(source), "extract")
            return await one._ask(target, prompt, made.ask, made.desk, made.name(source))  # noqa: SLF001

        outcomes: AsyncOutcomes[Any] = lazy(".batch.run").AsyncOutcomes(ask, sources, **made.course)
        return outcomes

    async def add_columns(
        self,
        target: object,
        frame: F,
        *,
        column: str | None = None,
        template: str | None = None,
        prefix: str = "",
        error_column: str | None = "_error",
        **options: Unpack[Mapped],
    ) -> F:
        """The table with a typed column for each field of the target; as `Extractor.add_columns`."""
        work = extra(".batch.frames", "add_columns", "arrow").Addition(
            target, frame, column=column, template=template, prefix=prefix, error_column=error_column
        )
        asked: dict[str, Any] = {**options, "ordered": False, "key": None}
        wanted: Any = target
        async with self.map(wanted, work.sources(), **asked) as outcomes:
            async for outcome in outcomes:
                work.take(outcome)
        made: F = work.done()
        return made

    @overload
    def batch(
        self, target: TypeAdapter[T], sources: Iterable[Any], **options: Unpack[Batched]
    ) -> AsyncProviderBatch[T]: ...
    @overload
    def batch(
        self, target: TypeForm[T], sources: Iterable[Any], **options: Unpack[Batched]
    ) -> AsyncProviderBatch[T]: ...
    @overload
    def batch(
        self, target: Mapping[str, JsonValue], sources: Iterable[Any], **options: Unpack[Batched]
    ) -> AsyncProviderBatch[JsonValue]: ...
    def batch(self, target: Any, sources: Iterable[Any], **options: Unpack[Batched]) -> AsyncProviderBatch[Any]:
        """Ask through the endpoint's batch API; as `Extractor.batch`, its steps awaited."""
        work, mapped = _batch_work(self._core, target, sources, options)
        run_module = lazy(".batch.provider.run")
        files = lazy(".http_files").AsyncHttpFiles(**_files_options(self._core), http_client=self._client)
        wanted: Any = target
        batch: AsyncProviderBatch[Any] = run_module.AsyncProviderBatch(
            work, files, lambda: self.map(wanted, sources, **mapped)
        )
        return batch

    @overload
    def stream(self, target: TypeAdapter[T], source: Source | Path, **options: Unpack[Streamed]) -> AsyncStream[T]: ...
    @overload
    def stream(self, target: TypeForm[T], source: Source | Path, **options: Unpack[Streamed]) -> AsyncStream[T]: ...
    @overload
    def stream(
        self, target: Mapping[str, JsonValue], source: Source | Path, **options: Unpack[Streamed]
    ) -> AsyncStream[JsonValue]: ...
    def stream(self, target: Any, source: Source | Path, **options: Unpack[Streamed]) -> AsyncStream[Any]:
        """The value as it arrives: drafts, of which the last is what `extract` returns.

        Iterate the result with `async for`; nothing is sent before. Options: see `Streamed`.
        """
        given: dict[str, Any] = {**options}
        strings: Strings = _strings_of(given)
        compile_target(target)  # a target that is none is an error of the call
        return AsyncStream(self._drafts(target, source, given, strings))

    async def _drafts(
        self, target: object, source: object, ask: Mapping[str, Any], strings: Strings
    ) -> AsyncGenerator[Draft[Any] | Extraction[Any]]:
        core = self._core
        plan = replace(core.plan(target, await _async_prompt(source, "extract"), ask), stream=True)
        wires = self._taped(plan)
        began_s = time.monotonic()
        drafts = stream_async(plan, wires, timeout_s=core.timeout_s, strings=strings, on_event=core.on_event)
        try:
            async with aclosing(drafts):
                async for draft in drafts:
                    if isinstance(draft, Extraction):
                        core.learn(plan, draft.attempts)
                        core.ended(plan, draft, began_s)
                    yield draft
        except ExtractionError as error:
            core.learn(plan, error.attempts)
            core.ended(plan, error, began_s)
            raise

    @overload
    def records(self, item: TypeAdapter[T], source: Source | Path, **options: Unpack[Recorded]) -> AsyncRecords[T]: ...
    @overload
    def records(self, item: TypeForm[T], source: Source | Path, **options: Unpack[Recorded]) -> AsyncRecords[T]: ...
    @overload
    def records(
        self, item: Mapping[str, JsonValue], source: Source | Path, **options: Unpack[Recorded]
    ) -> AsyncRecords[JsonValue]: ...
    def records(self, item: Any, source: Source | Path, **options: Unpack[Recorded]) -> AsyncRecords[Any]:
        """Every record of a kind that the source holds, as `Extractor.records`; iterate with `async for`."""
        # A file is read when the work begins, in a thread; until then its name stands for it.
        prompt = _prompt(str(source) if isinstance(source, Path) else source, "extract")
        plan, reader = self._core.recording(item, prompt, options)
        return AsyncRecords(self._records(plan, reader, source), reader.result)

    async def _records(self, plan: Plan[Any], reader: RecordReader[Any], source: object) -> AsyncGenerator[Record[Any]]:
        core = self._core
        began_s = time.monotonic()
        if isinstance(source, Path):
            read = await _async_prompt(source, "extract")
            plan = replace(plan, prompt=replace(read, instructions=plan.prompt.instructions))
            reader.plan = plan
        wires = self._taped(plan)
        found = records_async(reader, plan, wires, timeout_s=core.timeout_s, on_event=core.on_event)
        try:
            async with aclosing(found):
                async for record in found:
                    yield record
        except ExtractionError as error:
            core.ended(plan, error, began_s)
            raise
        finally:
            core.learn(plan, reader.result.attempts)

    def request(self, target: object, source: Source | Path, **ask: Unpack[Ask]) -> Request:
        """What would be sent first; nothing is sent."""
        return _first_request(self._core.plan(target, _prompt(source, "extract"), ask))

    def with_options(self, model: str | None = None, **options: Unpack[Options]) -> Self:
        """A copy with some options changed; it shares the connections and what was learned."""
        copy = type(self).__new__(type(self))
        changed = {**self._core.given, **options, **({} if model is None else {"model": model})}
        copy._core = _Core(changed, self._core.facts)  # noqa: SLF001 - a copy of this very class
        copy._client = self._client  # noqa: SLF001
        copy._wires = self._wires  # noqa: SLF001
        return copy

    async def _ask(
        self,
        target: object,
        prompt: Prompt,
        ask: Mapping[str, Any],
        desk: AsyncDesk | None = None,
        name: str | None = None,
        record: tuple[object] | None = None,
    ) -> Extraction[Any]:
        core = self._core
        plan = core.plan(target, prompt, ask, record)
        wires: list[AsyncTransport] = [self._wire(hop) for hop in core.hops]
        if desk is not None:
            async with desk.turn(plan, wires, name) as turn:
                return replace(await self._carry_out(turn.plan, turn.wires), job=turn.job)
        return await self._carry_out(plan, self._taped(plan))

    async def _carry_out(self, plan: Plan[Any], wires: Sequence[AsyncTransport]) -> Extraction[Any]:
        core = self._core
        began_s = time.monotonic()
        try:
            extraction = await run_async(plan, wires, timeout_s=core.timeout_s, on_event=core.on_event)
        except ExtractionError as error:
            core.learn(plan, error.attempts)
            core.ended(plan, error, began_s)
            raise
        core.learn(plan, extraction.attempts)
        core.ended(plan, extraction, began_s)
        return extraction

    def _taped(self, plan: Plan[Any]) -> list[AsyncTransport]:
        """The transports of the chain, behind the journal where there is one."""
        wires: list[AsyncTransport] = [self._wire(hop) for hop in self._core.hops]
        if (journal := self._core.journal()) is not None:
            wires = lazy(".batch.replay").taped_async(wires, journal, plan)
        return wires

    def _wire(self, hop: Hop) -> AsyncHttpTransport | AsyncOfflineTransport:
        key = hop.wire
        found = self._wires.get(key)
        return found if found is not None else self._wires.setdefault(key, self._connect(hop))

    def _connect(self, hop: Hop) -> AsyncHttpTransport | AsyncOfflineTransport:
        if is_offline(hop.place.base_url):
            offline: AsyncOfflineTransport = lazy(".offline").AsyncOfflineTransport()
            return offline
        place = hop.place
        if hop.openai is not None:
            through: AsyncHttpTransport = lazy(".openai_client").async_transport(hop.openai)
            return through
        return AsyncHttpTransport(
            place.base_url, place.key, headers=dict(hop.headers), query=dict(hop.query), http_client=self._client
        )

    def learned(self) -> tuple[Endpoint, ...]:
        """As `Extractor.learned`."""
        return self._core.learned()

    async def aclose(self) -> None:
        """Close the connections of this loop; they are opened again when needed."""
        while self._wires:
            await self._wires.popitem()[1].aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({_shown(self._core)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), _without_secrets(self._core))


async def _async_prompt(source: object, task: Task) -> Prompt:
    """Like `_prompt`; files are read in a thread."""
    return _prompt(await asyncio.to_thread(_read, source) if _holds_file(source) else source, task)


def _batch_work(
    core: _Core, target: object, sources: Iterable[Any], options: Mapping[str, Any]
) -> tuple[Work, dict[str, Any]]:
    """What a provider batch works on, and the options of the `map` that reads its replies."""
    module = lazy(".batch.provider.run")
    given = dict(options)
    hop, hours = core.hops[0], given.pop("hours", 24)
    if is_offline(hop.place.base_url):
        raise UsageError("offline: has no batch API; name an endpoint with base_url=")
    if hop.openai is not None:
        raise UsageError("a batch uploads by itself, not through an openai client; give base_url=, model= and the key")
    named = given.get("journal") or core.given.get("journal")
    if named is None:
        raise UsageError("a batch needs journal=: its replies are kept there, and where it stands beside it")
    opened = lazy(".batch.journal").Journal(named) if isinstance(named, str | Path) else named
    asked = asked_of(given)
    compile_target(target)
    kept, text = module.again(sources), given.get("text")

    def plans() -> Iterator[Plan[Any]]:
        for source in kept if text is None else map(text, kept):
            with suppress(UsageError):  # what is no source is an outcome of `map`, not the end of all others
                yield core.plan(target, _prompt(source, "extract"), asked)

    work: Work = module.Work(
        hop.place.base_url,
        hop.place.row,
        plans,
        opened,
        module.checked_hours(hours, hop.place.row),
        is_own=opened is not named,
    )
    return work, {**given, "journal": opened}


def _files_options(core: _Core) -> dict[str, Any]:
    """What says where calls about files go, and with which key."""
    hop = core.hops[0]
    place = {"base_url": hop.place.base_url, "api_key": hop.place.key}
    return {**place, "headers": dict(hop.headers), "query": dict(hop.query), "timeout_s": core.timeout_s}


def _strings_of(given: dict[str, Any]) -> Strings:
    """The option `strings`, taken out of what was given."""
    strings: Strings = given.pop("strings", "growing")
    if strings not in get_args(Strings):
        raise UsageError(f"strings is {strings!r}; it must be one of {', '.join(get_args(Strings))}")
    return strings


def _shown(core: _Core) -> str:
    place = core.hops[0].place
    return f"{place.model!r}, base_url={place.base_url!r}"


def _without_secrets(core: _Core) -> dict[str, Any]:
    """The options as they are pickled."""
    kept = {name: value for name, value in core.given.items() if name not in SECRET}
    return kept if core.given.get("openai") is None else {**kept, "base_url": core.hops[0].place.base_url}


def _rebuild(kind: type[Extractor | AsyncExtractor], given: dict[str, Any]) -> Extractor | AsyncExtractor:
    return kind(given.pop("model"), **given)
