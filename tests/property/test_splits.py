"""A law of the wire: however the bytes of a stream are split, the value, what closed on the way and the reply are the same.

The streams are those of the misbehaving endpoint: random documents under random types, by every method, in every shape
that its faults give an answer, its chunks and its events.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract import ExtractionError
from extract.chat.request import Request
from extract.chat.written import chunks_of
from extract.testing import FAULTS
from extract.testing.faults import Fault
from extract.testing.script import completion
from extract.vocabulary import JsonValue
from tests.pieces import AsyncPieces, Pieces, Said, watch, watch_async
from tests.property.test_streaming import CUTS, EXAMPLES, METHODS, documents, wire_text
from tests.unit.flow.script import plan_of


def at(stage: str) -> list[Fault]:
    return [fault for fault in FAULTS.values() if getattr(fault, stage) is not None and fault.name != "two_calls"]


def shapes(*stages: str) -> st.SearchStrategy[Fault | None]:
    return st.none() | st.sampled_from([fault for stage in stages for fault in at(stage)])


SHAPES = st.tuples(shapes("text", "answer"), shapes("chunks"), shapes("events"))


@dataclass(frozen=True)
class Shaped(Said):
    """An answer in the shape that faults give it."""

    shapes: tuple[Fault | None, ...] = ()
    is_thought: bool = False

    def events(self, request: Request, piece_chars: int) -> bytes:
        answer, chunks, events = self.shapes
        written = self.text if answer is None or answer.text is None else answer.text(self.text, random.Random(1))
        more: dict[str, Any] = {"reasoning_content": "{not this one}"} if self.is_thought else {}
        if "tools" in request.body:
            function = {"name": request.tool_name, "arguments": written}
            body = completion(None, tool_calls=[{"id": "a", "type": "function", "function": function}], **more)
        else:
            body = completion(written, **more)
        body["usage"] = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
        made: Any = body if answer is None or answer.answer is None else answer.answer(body)
        pieces = list(chunks_of(made, piece_chars=piece_chars))
        if chunks is not None and chunks.chunks is not None:
            pieces = chunks.chunks(pieces)
        texts = [*(json.dumps(chunk, ensure_ascii=False) for chunk in pieces), "[DONE]"]
        if events is not None and events.events is not None:
            return events.events(texts)
        return "".join(f"data: {one}\n\n" for one in texts).encode("utf-8", "surrogatepass")


def outcome(watching: Any, plan: Any, pieces: Any) -> tuple[Any, ...]:
    """What a stream comes to: the value and its account, or the error; no lie on the way."""
    try:
        watched = watching(plan, pieces)
    except ExtractionError as error:
        return type(error), str(error), error.text, error.usage
    assert watched.lies() == []
    assert watched.replayed == watched.last.partial
    extraction = watched.extraction
    return (
        watched.last.partial,
        Counter(watched.closed_paths),
        watched.last.epoch,
        extraction.json,
        extraction.usage,
        extraction.finish_reason,
        extraction.repairs,
    )


@settings(deadline=None, max_examples=EXAMPLES // 2, suppress_health_check=list(HealthCheck))
@given(documents(), st.sampled_from(METHODS), SHAPES, st.booleans(), CUTS, CUTS, st.integers(1, 9))
def test_no_split_of_the_bytes_changes_what_comes_of_them(
    document: tuple[Any, JsonValue],
    method: str,
    shapes: tuple[Fault | None, ...],
    is_thought: bool,
    cuts: tuple[int, ...],
    others: tuple[int, ...],
    chars: int,
) -> None:
    target, natural = document
    plan = plan_of(target, method=method)
    said = Shaped(wire_text(plan, natural), shapes=shapes, is_thought=is_thought)
    whole = outcome(watch, plan, Pieces(lambda _: said, (10**9,), chars))
    assert outcome(watch, plan, Pieces(lambda _: said, (1,), chars)) == whole
    assert outcome(watch, plan, Pieces(lambda _: said, cuts, chars)) == whole
    assert outcome(watch_async, plan, AsyncPieces(lambda _: said, others, chars)) == whole
