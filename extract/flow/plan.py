"""What is to be extracted, from what, by whom and within which limits: everything that `next_step` needs to know.

A plan is made once per extraction and never changes. `Way` is how the next request is made; what an endpoint refuses
changes the way, never the plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, Literal, TypeVar

from ..chat.build import build_request
from ..chat.endpoint import Endpoint
from ..chat.message import Message, Parts
from ..chat.method import METHODS, Method, MethodName
from ..chat.prompt import Example, Prompt, lay_out
from ..chat.request import Asked, Request, Tail, Whole
from ..target.compile import Target, compile_schema
from ..target.lower import Lowered, lower
from ..text.strict import dumps
from ..vocabulary import JsonValue, Limit
from .agree import Agree
from .budget import Budget
from .check import Check
from .edit import Part
from .part import Correction
from .way_out import loosened

T = TypeVar("T")
NARROW = "portable"
"""The dialect that every endpoint takes, for a schema that was refused in its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the next request is made.

    Attributes:
        method: key in `METHODS`.
        endpoint: index into the plan's chain.
        dropped: body fields that the endpoint was seen to refuse.
        thinking_off: whether thinking is switched off.
        force: how a tool call is forced, where the row's own way was refused.
        narrow: whether the schema is lowered to what every endpoint takes.
        show_schema: whether the prompt repeats the schema because the endpoint was seen to ignore it.
        way_out: whether missing values are offered a way out.
        max_tokens: a higher limit after a cut answer.
        refused: methods that this endpoint was seen to refuse.
        json_word: whether the word JSON must stand in the messages.
        prefix: the text of a cut answer that the next one goes on with, where the endpoint can.

    """

    method: MethodName
    endpoint: int = 0
    dropped: frozenset[str] = frozenset()
    thinking_off: bool = False
    force: Literal["named", "required", "any", "auto"] | None = None
    narrow: bool = False
    show_schema: bool = False
    way_out: bool = False
    max_tokens: int | None = None
    refused: frozenset[MethodName] = frozenset()
    json_word: bool = False
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One endpoint of the chain, with the model that is asked there and the way to begin."""

    endpoint: Endpoint
    model: str
    base_url: str
    methods: tuple[MethodName, ...]
    way: Way


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan(Generic[T]):
    """One extraction, before it begins.

    Attributes:
        chain: endpoints in the order in which they are tried, never empty.
        examples: source and value (natural JSON) of each worked example.
        repair: how far repairs may go.
        context: Pydantic's validation context.
        missing: `strict` or `allow` (missing required values are offered a way out from the start).
        checks: tests that need more than the type.
        agree: how several answers are compared; None: one is enough.
        part, base: asked for at first instead of the whole, and the natural JSON that it is merged into.
        stream: whether answers are asked for as streams, where the endpoint streams the method.

    """

    target: Target[T]
    chain: tuple[Link, ...]
    prompt: Prompt
    examples: tuple[tuple[str, JsonValue], ...] = ()
    sampling: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    extra_body: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    budget: Budget = field(default_factory=Budget)
    repair: Limit = "coerced"
    context: object = None
    missing: Literal["strict", "allow"] = "strict"
    checks: tuple[Check, ...] = ()
    agree: Agree | None = None
    stream: bool = False
    part: Part | None = None
    base: JsonValue = None

    def lowered(self, way: Way, part: Part | None = None) -> Lowered[T] | Lowered[JsonValue]:
        """What is asked for, in the dialect of a way: the target, or a part of it, or the target with a way out."""
        dialect = self.dialect(way)
        if part is not None:
            return lower(compile_schema(part.schema, is_python=self.target.is_python), dialect)
        if way.way_out and not self.target.is_any:
            return lower(compile_schema(loosened(self.target.schema), is_python=self.target.is_python), dialect)
        return lower(self.target, dialect)

    def dialect(self, way: Way) -> str:
        """The dialect that a way's method is lowered to."""
        method, endpoint = METHODS[way.method], self.chain[way.endpoint].endpoint
        if method.carrier == "prompt":
            return "plain"
        if way.narrow:
            return NARROW
        return endpoint.tool_dialect if method.carrier == "tools" else endpoint.dialect

    def request(
        self, way: Way, *, part: Part | None = None, turns: tuple[Message, ...] = (), samples: int = 0
    ) -> Request:
        """The request that a way makes.

        Args:
            way: how it is made.
            part: asked for instead of the whole.
            turns: put after the source: the last answer and what was wrong with it.
            samples: how many answers are there already, where several are compared.

        """
        link, method = self.chain[way.endpoint], METHODS[way.method]
        lowered = self.lowered(way, part)
        sampling = dict(self.sampling)
        if way.max_tokens is not None:
            sampling["max_tokens"] = way.max_tokens
        sampling |= self._sample(link, sampling, samples=0 if part is not None else samples)
        if part is not None:
            sampling.pop("n", None)
        return build_request(
            link.endpoint,
            method,
            lowered,
            (*self.messages(way, method, lowered, part), *turns),
            model=link.model,
            base_url=link.base_url,
            sampling=sampling,
            extra_body=self.extra_body,
            thinking_off=way.thinking_off,
            force=way.force,
            dropped=way.dropped,
            asked=Tail(()) if way.prefix else _asked(part),
            prefix=way.prefix,
            index=way.endpoint,
            dialect=self.dialect(way),
            stream=self.stream and _streams(link.endpoint, method),
        )

    def _sample(self, link: Link, sampling: Mapping[str, JsonValue], *, samples: int) -> dict[str, JsonValue]:
        """What a request for one more sample has: as many choices as are wanted, and a seed of its own."""
        if self.agree is None:
            return {}
        own: dict[str, JsonValue] = {}
        wanted = self.agree.samples - samples
        if link.endpoint.n and wanted > 1:
            own["n"] = wanted
        if samples and isinstance(seed := sampling.get("seed"), int):
            own["seed"] = seed + samples
        return own

    def messages(
        self, way: Way, method: Method, lowered: Lowered[T] | Lowered[JsonValue], part: Part | None
    ) -> tuple[Message, ...]:
        """What is said: what the request itself does not carry is said in words."""
        endpoint = self.chain[way.endpoint].endpoint
        is_hidden = way.show_schema or (method.carrier == "response_format" and not endpoint.schema_shown)
        shown = () if part is not None else self.examples
        excerpt = part.excerpt if isinstance(part, Correction) else ""
        prompt = replace(
            self.prompt,
            parts=Parts(excerpt) if excerpt else self.prompt.parts,
            is_correction=isinstance(part, Correction),
            examples=tuple(Example(source, dump_wire(lowered, value)) for source, value in shown),
            schema=lowered.prompt() if is_hidden or method.schema_in_prompt else None,
            by_tool=method.carrier == "tools" and (way.force or endpoint.tool_choice) == "auto",
            json_only=method.needs_json_word or way.json_word,
            way_out=way.way_out,
            request=part.words if part is not None else "",
        )
        return lay_out(prompt)


def dump_wire(lowered: Lowered[T] | Lowered[JsonValue], value: JsonValue) -> str:
    """A natural JSON value in the form that is sent, as compact text."""
    return dumps(lowered.encode_json(value))


def _asked(part: Part | None) -> Asked:
    return Whole() if part is None else part.asked


def _streams(endpoint: Endpoint, method: Method) -> bool:
    return endpoint.stream_with_format or method.response_format != "json_schema"
