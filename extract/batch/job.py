"""What makes a piece of work the same as before: the job key, stored by component.

A job is what the user asked for, not how we asked: the wording of our prompt, the method and the repair rules are not in
it, so a new release pays for nothing again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..chat.message import content_part
from ..flow.plan import Plan
from ..vocabulary import JsonObject, JsonValue

DIGEST_BYTES = 16
NAMED = frozenset({"properties", "$defs", "definitions", "patternProperties"})
"""Keywords whose keys are names of the user's, among which `title` may be one."""


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
    """

    endpoint: str
    model: str
    source: str
    instructions: str
    schema: str
    sampling: str
    sample: int = 0

    @property
    def key(self) -> str:
        """32 hex digits over all components."""
        return digest(asdict(self))

    def differences(self, other: Mapping[str, object]) -> tuple[str, ...]:
        """Names of the components that differ from a stored job's."""
        return tuple(name for name, value in asdict(self).items() if other.get(name) != value)


def job_of(plan: Plan[Any], *, sample: int = 0) -> Job:
    """The job that a plan carries out."""
    link, prompt = plan.chain[0], plan.prompt
    content: list[JsonValue] = [part if isinstance(part, str) else content_part(part) for part in prompt.parts]
    return Job(
        endpoint=link.base_url.rstrip("/"),
        model=link.model,
        source=digest([prompt.task, content, [dict(message) for message in prompt.messages]]),
        instructions=digest([prompt.instructions, [list(pair) for pair in plan.examples]]),
        schema=digest(structure(plan.target.schema)),
        sampling=digest([dict(plan.sampling), dict(plan.extra_body)]),
        sample=sample,
    )


def digest(value: object) -> str:
    """32 hex digits of a JSON value, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).hexdigest()


def structure(schema: JsonValue) -> JsonValue:
    """A schema without what no model reads: titles, which Pydantic makes from the names."""
    if isinstance(schema, list):
        return [structure(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept: JsonObject = {}
    for key, part in schema.items():
        if key == "title" and isinstance(part, str):
            continue
        if key in NAMED and isinstance(part, dict):
            kept[key] = {name: structure(sub) for name, sub in part.items()}
        else:
            kept[key] = structure(part)
    return kept
