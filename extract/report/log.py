"""One structured line per extraction, on the logger `extract` at level INFO: JSON, without source, answer or key."""

from __future__ import annotations

import json
import logging

from ..flow.event import Ended
from ..flow.extraction import Extraction
from ..vocabulary import JsonObject

PROBLEM_CHARS = 300


def line_of(ended: Ended) -> JsonObject:
    """What the line says, as JSON; what is not known is left out."""
    outcome, usage = ended.outcome, ended.usage
    is_ok = isinstance(outcome, Extraction)
    last = ended.attempts[-1] if ended.attempts else None
    said: JsonObject = {
        "event": "extraction",
        "target": ended.target,
        "ok": is_ok,
        "error": ended.error,
        "problem": None if isinstance(outcome, Extraction) else " ".join(outcome.problem().split())[:PROBLEM_CHARS],
        "duration_s": round(ended.ended_s - ended.began_s, 4),
        "attempts": len(ended.attempts),
        "replayed": ended.replayed or None,
        "method": last.method if last else None,
        "model": last.request.body.get("model") if last else None,
        "provider": ended.providers[last.request.endpoint] if last else None,
        "repairs": sum(repair.count for repair in outcome.repairs) or None if isinstance(outcome, Extraction) else None,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cost": outcome.cost if isinstance(outcome, Extraction) else None,
        "trace_id": getattr(last.reply, "trace_id", None) if last else None,
    }
    return {name: value for name, value in said.items() if value is not None}


def write(ended: Ended, log: logging.Logger) -> None:
    """Log the line; a handler that speaks JSON finds the fields in the record's `extraction`."""
    line = line_of(ended)
    log.info("%s", json.dumps(line, ensure_ascii=False), extra={"extraction": line})
