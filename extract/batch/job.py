"""What makes a piece of work the same as before: the job key, stored by component.

A job is what the user asked for, not how we asked: the wording of our prompt, the method and the repair rules are not in
it, so a new release pays for nothing again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ..chat.message import content_part
from ..flow.edit import Edit
from ..flow.plan import Plan
from ..target.natural import CHECKS, UNSAID_FIELDS
from ..vocabulary import JsonObject, JsonValue

DIGEST_BYTES = 16
NAMED = frozenset({"properties", "$defs", "definitions", "patternProperties"})
"""Keywords whose keys are names of the user's, among which `title` may be one."""


ONLY_CHECKS = frozenset(
    {
        CHECKS, UNSAID_FIELDS,
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern",
        "minItems", "maxItems", "uniqueItems", "minContains", "maxContains", "minProperties", "maxProperties", "default",
        "examples", "title",
    }
)  # fmt: skip
"""Keywords that check a value but do not shape it: what they accept of a reply that is here already is not asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The components of a job key, each a digest of 32 hex digits (but for the plain words).

    Attributes:
        endpoint: base URL.
        model: name of the model.
        source: the text, pictures or messages.
        instructions: the user's words, examples included.
        schema: structure of the user's schema.
        sampling: sampling parameters and extra body fields.
        sample: number of the sample, 0 for the first; different samples are different jobs.
        key_bytes: 16 bytes over all components.
    """

    endpoint: str
    model: str
    source: str
    instructions: str
    schema: str
    sampling: str
    sample: int = 0
    key_bytes: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        text = "\n".join(str(getattr(self, name)) for name in COMPONENTS)
        key = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()
        object.__setattr__(self, "key_bytes", key)

    @property
    def key(self) -> str:
        """The same as 32 hex digits."""
        return self.key_bytes.hex()

    def to_dict(self) -> JsonObject:
        """The components, as `Job(**...)` takes them."""
        return {name: getattr(self, name) for name in COMPONENTS}

    def differences(self, other: Job) -> tuple[str, ...]:
        """Names of the components that differ from another job's."""
        return tuple(name for name in COMPONENTS if getattr(self, name) != getattr(other, name))


COMPONENTS = tuple(one.name for one in fields(Job) if one.init)


class JobMaker:
    """The jobs of many plans of one run: what they share is digested once."""

    def __init__(self) -> None:
        self._known: tuple[tuple[Any, ...], Job] | None = None

    def of(self, plan: Plan[Any], *, sample: int = 0) -> Job:
        """The job that a plan carries out."""
        link, prompt = plan.chain[0], plan.prompt
        same = (
            plan.target,
            link.base_url,
            link.model,
            prompt.instructions,
            plan.examples,
            plan.sampling,
            plan.extra_body,
        )
        known = self._known
        if known is None or not all(one is other for one, other in zip(known[0], same, strict=True)):
            shared = Job(
                endpoint=link.base_url.rstrip("/"),
                model=link.model,
                source="",
                instructions=digest([prompt.instructions, [list(pair) for pair in plan.examples]]),
                schema=digest(structure(plan.target.schema)),
                sampling=digest([dict(plan.sampling), dict(plan.extra_body)]),
            )
            known = self._known = (same, shared)
        return replace(known[1], source=_source(plan), sample=sample)


def _source(plan: Plan[Any]) -> str:
    prompt = plan.prompt
    record: list[JsonValue] = [plan.base] if isinstance(plan.part, Edit) else []
    content: list[JsonValue] = [part if isinstance(part, str) else content_part(part) for part in prompt.parts]
    return digest([prompt.task, content, [dict(message) for message in prompt.messages], *record])


def source_of(text: str) -> str:
    """The source component of a job that reads a text."""
    nothing: list[JsonValue] = []
    return digest(["extract", [text], nothing])


def job_of(plan: Plan[Any], *, sample: int = 0) -> Job:
    """The job that a plan carries out."""
    return JobMaker().of(plan, sample=sample)


def digest(value: object) -> str:
    """32 hex digits of a JSON value, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).hexdigest()


def structure(schema: JsonValue) -> JsonValue:
    """A schema without titles, which Pydantic makes from the names, and without what only checks a value."""
    if isinstance(schema, list):
        return [structure(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept: JsonObject = {}
    for key, part in schema.items():
        if key in ONLY_CHECKS:
            continue
        if key in NAMED and isinstance(part, dict):
            kept[key] = {name: structure(sub) for name, sub in part.items()}
        else:
            kept[key] = structure(part)
    return kept
