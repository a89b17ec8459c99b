"""What an endpoint supports, found out by asking it a few small questions. Pure: sending is the caller's.

Each question asks for one thing and, where it can, for something that the prompt forbids: a schema is enforced only if
the answer follows it although the model was told to say something else. A status of 200 proves nothing by itself, for
many servers take what they do not know without a word.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Final, Literal

from pydantic_core import from_json

from .chat.endpoint import Endpoint
from .chat.endpoints import ENDPOINTS
from .chat.method import MethodName
from .chat.reply import Choice, Lost, Reply
from .chat.request import Request
from .vocabulary import JsonObject, JsonValue

Verdict = Literal["yes", "hint", "ignored", "no", "unclear", "failed"]
"""Works; has an effect but is not enforced; taken without effect; refused with an error; cannot be told; no answer."""
WORD: Final = "teal-417"
TRAP: Final[JsonObject] = {
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": [WORD]}},
    "required": ["colour"],
    "additionalProperties": False,
}
"""A schema with one value, which no model would write unasked."""
HELLO: Final = "Reply with the single word hello."
TOKENS: Final = 256
FATAL: Final = frozenset({"auth", "quota", "model"})
"""Errors after which no other question is worth its price."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer to a question.

    Attributes:
        reply: what came.
        pieces: how many pieces of it added something.
    """

    reply: Reply | Lost
    pieces: int = 0

    @property
    def is_stream(self) -> bool:
        """Whether it came as server-sent events."""
        body = "" if isinstance(self.reply, Lost) else self.reply.body
        return body.lstrip("\ufeff \r\n").startswith(("data:", "event:", "id:", ":"))


@dataclass(frozen=True, slots=True)
class Finding:
    """What one question showed.

    Attributes:
        name: key in `PROBES`.
        verdict: see `Verdict`.
        detail: what was seen, at most 160 characters.
    """

    name: str
    verdict: Verdict
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One question.

    Attributes:
        name: shown in the table.
        asks: what it finds out, in words.
        fields: body fields beside model, messages and the limit.
        prompt: what the user says; a str or content parts.
        judge: what an answer without an error shows.
        system: a system message before it.
    """

    name: str
    asks: str
    judge: Callable[[Heard, Reply, Choice], tuple[Verdict, str]]
    fields: tuple[tuple[str, JsonValue], ...] = ()
    prompt: JsonValue = HELLO
    system: str | None = None

    def request(self, base_url: str, model: str, row: Endpoint) -> Request:
        """The question as it is sent."""
        messages: list[JsonValue] = [] if self.system is None else [{"role": "system", "content": self.system}]
        body: JsonObject = {
            "model": model, "messages": [*messages, {"role": "user", "content": self.prompt}],
            row.max_tokens_field: TOKENS, **dict(self.fields),
        }  # fmt: skip
        url = f"{base_url.rstrip('/')}/chat/completions"
        return Request(url=url, body=body, method="prompt", stream=body.get("stream") is True, tool_name="report")


# --- judging


def _shown(text: str) -> str:
    return f"answered {text[:60]!r}" if text.strip() else "answered nothing"


def _answers(_: Heard, reply: Reply, choice: Choice) -> tuple[Verdict, str]:
    words = choice.text or choice.reasoning or ""
    usage = reply.usage
    tokens = "" if usage is None else f", {usage.prompt_tokens} + {usage.completion_tokens} tokens"
    seconds = f"{reply.ended_s - reply.started_s:.2f} s"
    return ("yes" if words.strip() else "unclear"), f"{_shown(words)} as {reply.model}, {seconds}{tokens}"


def _follows(_: Heard, __: Reply, choice: Choice) -> tuple[Verdict, str]:
    return _of_text(choice.text)


def _of_text(text: str) -> tuple[Verdict, str]:
    found = _value(text)
    if found == {"colour": WORD}:
        return "yes", "enforced: the answer follows the schema against the prompt"
    if isinstance(found, dict):
        return "hint", f"not enforced: JSON, but not by the schema, {text[:60]!r}"
    return "ignored", f"taken without effect: {_shown(text)}"


def _is_object(_: Heard, __: Reply, choice: Choice) -> tuple[Verdict, str]:
    if isinstance(_value(choice.text), dict):
        return "yes", "enforced: JSON against the prompt"
    if not choice.text.strip():
        return "unclear", "answered nothing but blanks"
    return "ignored", f"taken without effect: {_shown(choice.text)}"


def _calls(_: Heard, __: Reply, choice: Choice) -> tuple[Verdict, str]:
    if not choice.tool_calls:
        return "ignored", f"no call came: {_shown(choice.text)}"
    call = choice.tool_calls[0]
    return "yes", f"{len(choice.tool_calls)} call(s), arguments {call.arguments[:60]!r}"


def _calls_strictly(heard: Heard, reply: Reply, choice: Choice) -> tuple[Verdict, str]:
    return _of_text(choice.tool_calls[0].arguments) if choice.tool_calls else _calls(heard, reply, choice)


def _calls_once(_: Heard, __: Reply, choice: Choice) -> tuple[Verdict, str]:
    count = len(choice.tool_calls)
    if count == 0:
        return "unclear", f"no call came: {_shown(choice.text)}"
    return ("yes" if count == 1 else "ignored"), f"{count} call(s)"


def _streams(heard: Heard, reply: Reply, _: Choice) -> tuple[Verdict, str]:
    if not heard.is_stream:
        return "ignored", "the answer came as one body"
    end = "with [DONE]" if reply.end == "done" else "without [DONE]"
    return "yes", f"{heard.pieces} piece(s), {end}"


def _streams_usage(heard: Heard, reply: Reply, choice: Choice) -> tuple[Verdict, str]:
    if not heard.is_stream:
        return _streams(heard, reply, choice)
    return ("yes", f"{reply.usage.completion_tokens} tokens written") if reply.usage else ("ignored", "no usage came")


def _streams_schema(heard: Heard, reply: Reply, choice: Choice) -> tuple[Verdict, str]:
    return _of_text(choice.text) if heard.is_stream else _streams(heard, reply, choice)


def _two(_: Heard, reply: Reply, __: Choice) -> tuple[Verdict, str]:
    count = len(reply.choices)
    return ("yes" if count == 2 else "ignored"), f"{count} choice(s)"


def _sees(_: Heard, __: Reply, choice: Choice) -> tuple[Verdict, str]:
    is_seen = "red" in choice.text.lower()
    return ("yes" if is_seen else "unclear"), f"a red square was sent: {_shown(choice.text)}"


def _obeys(_: Heard, __: Reply, choice: Choice) -> tuple[Verdict, str]:
    is_obeyed = "crane" in choice.text.lower()
    return ("yes" if is_obeyed else "unclear"), f"told to say crane: {_shown(choice.text)}"


def _value(text: str) -> JsonValue:
    try:
        value: JsonValue = from_json(text.strip())
    except ValueError:
        return None
    return value


# --- questions


def _schema(*, strict: bool | None = None) -> JsonValue:
    held: JsonObject = {"name": "report", "schema": TRAP}
    return {"type": "json_schema", "json_schema": held if strict is None else {**held, "strict": strict}}


def _tool(*, strict: bool | None = None) -> JsonValue:
    function: JsonObject = {"name": "report", "description": "Reports a colour.", "parameters": TRAP}
    return [{"type": "function", "function": function if strict is None else {**function, "strict": strict}}]


def _red_square(side: int = 32) -> str:
    """A red picture as a data URL."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = (b"\x00" + b"\xff\x00\x00" * side) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(lines)) + part(b"IEND", b"")
    return f"data:image/png;base64,{base64.b64encode(data).decode('ascii')}"


NAMED: Final[JsonValue] = {"type": "function", "function": {"name": "report"}}
CALL: Final = "Call the function report with the colour teal-417."
STREAM: Final[tuple[str, JsonValue]] = ("stream", True)
PROBES: Mapping[str, Probe] = MappingProxyType(
    {
        probe.name: probe
        for probe in (
            Probe(name="answers", asks="a plain question", judge=_answers),
            Probe(
                name="system",
                asks="a system message is followed",
                judge=_obeys,
                system="Whatever you are asked, reply with the single word crane.",
                prompt="Reply.",
            ),
            Probe(
                name="json_schema_strict",
                asks="response_format json_schema, strict",
                judge=_follows,
                fields=(("response_format", _schema(strict=True)),),
            ),
            Probe(
                name="json_schema",
                asks="response_format json_schema",
                judge=_follows,
                fields=(("response_format", _schema()),),
            ),
            Probe(
                name="json_object",
                asks="response_format json_object",
                judge=_is_object,
                fields=(("response_format", {"type": "json_object"}),),
                prompt="Reply with the single word hello, not with JSON.",
            ),
            Probe(
                name="tool_named",
                asks="a call forced by name",
                judge=_calls,
                fields=(("tools", _tool()), ("tool_choice", NAMED)),
            ),
            Probe(
                name="tool_required",
                asks="a call forced by required",
                judge=_calls,
                fields=(("tools", _tool()), ("tool_choice", "required")),
            ),
            Probe(
                name="tool_any",
                asks="a call forced by any",
                judge=_calls,
                fields=(("tools", _tool()), ("tool_choice", "any")),
            ),
            Probe(
                name="tool_auto",
                asks="a call asked for in words",
                judge=_calls,
                fields=(("tools", _tool()), ("tool_choice", "auto")),
                prompt=CALL,
            ),
            Probe(
                name="tool_strict",
                asks="a strict function schema",
                judge=_calls_strictly,
                fields=(("tools", _tool(strict=True)),),
                prompt="Call the function report with the colour red.",
            ),
            Probe(
                name="parallel_off",
                asks="parallel_tool_calls false",
                judge=_calls_once,
                fields=(("tools", _tool()), ("parallel_tool_calls", False)),
                prompt=CALL,
            ),
            Probe(name="stream", asks="streaming", judge=_streams, fields=(STREAM,)),
            Probe(
                name="stream_usage",
                asks="usage in streams",
                judge=_streams_usage,
                fields=(STREAM, ("stream_options", {"include_usage": True})),
            ),
            Probe(
                name="stream_schema",
                asks="json_schema in streams",
                judge=_streams_schema,
                fields=(STREAM, ("response_format", _schema())),
            ),
            Probe(name="n", asks="two choices at once", judge=_two, fields=(("n", 2),)),
            Probe(
                name="images",
                asks="pictures",
                judge=_sees,
                prompt=[
                    {"type": "text", "text": "Which colour is this picture? One word."},
                    {"type": "image_url", "image_url": {"url": _red_square()}},
                ],
            ),
        )
    }
)
"""All questions by name, in the order in which they are asked."""
FORCES: Final = ("named", "required", "any", "auto")
STRICT: Final = "tool_strict"


# --- the report


@dataclass(frozen=True, slots=True)
class Report:
    """What was found out about one model at one endpoint.

    Attributes:
        base_url, model: where was asked.
        base: the row that the library would take by itself.
        findings: one per question that was asked, in order.
    """

    base_url: str
    model: str
    base: Endpoint
    findings: tuple[Finding, ...]

    @property
    def answers(self) -> bool:
        """Whether the endpoint answered any question."""
        return any(finding.verdict not in ("no", "failed") for finding in self.findings if finding.name in PROBES)

    def verdict(self, name: str) -> Verdict | None:
        """The verdict of a question; None where it was not asked."""
        return next((finding.verdict for finding in self.findings if finding.name == name), None)

    def row(self) -> Endpoint:
        """The row with what was found laid over it; what could not be told stays as it was."""
        if not self.answers:
            return self.base
        forces = [word for word in FORCES if self.verdict(f"tool_{word}") == "yes"]
        force = self.base.tool_choice if self.base.tool_choice in forces or not forces else forces[0]
        return replace(
            self.base,
            name=f"{self.base.name}-asked",
            source=f"extract doctor, asked of {self.model}",
            methods=self._methods(is_callable=bool(forces)),
            tool_choice=force,  # type: ignore[arg-type]  # one of FORCES
            system=self._held("system", otherwise=self.base.system),
            parallel_off=self._held("parallel_off", otherwise=self.base.parallel_off),
            stream_usage=self._held("stream_usage", otherwise=self.base.stream_usage),
            stream_with_format=self._held("stream_schema", otherwise=self.base.stream_with_format),
            n=self._held("n", otherwise=self.base.n),
            images=self._held("images", otherwise=self.base.images),
        )

    def _methods(self, *, is_callable: bool) -> tuple[MethodName, ...]:
        works: dict[MethodName, bool] = {
            "json_schema_strict": self.verdict("json_schema_strict") == "yes",
            "json_schema": self.verdict("json_schema") in ("yes", "hint"),
            "tool_strict": is_callable and self.verdict(STRICT) == "yes",
            "tool": is_callable,
            "json_object": self.verdict("json_object") == "yes",
            "prompt": self.verdict("answers") not in ("no", "failed"),
        }
        return tuple(name for name, does_work in works.items() if does_work) or self.base.methods

    def _held(self, name: str, *, otherwise: bool) -> bool:
        verdict = self.verdict(name)
        if verdict in ("yes", "hint", "no", "ignored"):
            return verdict in ("yes", "hint")
        return otherwise

    def paste(self) -> str:
        """The row as Python, to be given as `endpoint=`: what differs from the row that it starts from."""
        row, lines = self.row(), list[str]()
        for name in (field.name for field in fields(Endpoint)):
            if (value := getattr(row, name)) != getattr(self.base, name):
                lines.append(f"    {name}={value!r},")
        start = f'ENDPOINTS["{self.base.name}"]' if self.base.name in ENDPOINTS else _written(self.base)
        return "\n".join((f"dataclasses.replace(\n    {start},", *lines, ")"))

    def to_dict(self) -> JsonObject:
        """The report as JSON."""
        found: list[JsonValue] = [
            {"name": one.name, "asks": asks_of(one.name), "verdict": one.verdict, "detail": one.detail}
            for one in self.findings
        ]
        return {
            "base_url": self.base_url,
            "model": self.model,
            "answers": self.answers,
            "findings": found,
            "row": self.row().to_dict(),
            "python": self.paste(),
        }


def _written(row: Endpoint) -> str:
    """A row as Python, without what it has by default."""
    plain = Endpoint(name="", source="")
    given = ((field.name, getattr(row, field.name)) for field in fields(Endpoint))
    return f"Endpoint({', '.join(f'{name}={value!r}' for name, value in given if value != getattr(plain, name))})"


def asks_of(name: str) -> str:
    """What a finding is about, in words."""
    return PROBES[name].asks if name in PROBES else "thoughts in a field of their own"


def examine(ask: Callable[[Request], Heard], *, base_url: str, model: str, row: Endpoint) -> Report:
    """Ask every question, or the first alone where its answer makes the others useless.

    Args:
        ask: sends one question; called once for each, in order.
        base_url: without `/chat/completions`.
        model: asked for.
        row: the row that the library would take by itself.
    """
    findings: list[Finding] = []
    thoughts: list[str] = []
    for probe in PROBES.values():
        heard = ask(probe.request(base_url, model, row))
        findings.append(_beside_plain(judge(probe, heard), findings))
        thoughts += _thoughts(heard)
        if probe.name == "answers" and (findings[0].verdict == "failed" or _is_fatal(heard)):
            return Report(base_url, model, row, tuple(findings))
    findings.append(_of_thoughts(thoughts, len(findings)))
    return Report(base_url, model, row, tuple(findings))


def judge(probe: Probe, heard: Heard) -> Finding:
    """What the answer to a question shows."""
    reply = heard.reply
    if isinstance(reply, Lost):
        return Finding(probe.name, "failed", reply.message[:160])
    if reply.error is not None:
        is_refused = reply.error.kind not in ("rate", "overloaded", "broken", "server") or reply.status == 500
        what = f"{reply.error.status} {reply.error.kind}: {reply.error.message}"
        return Finding(probe.name, "no" if is_refused else "failed", what[:160])
    if not reply.choices:
        return Finding(probe.name, "unclear", "the answer holds no choices")
    verdict, detail = probe.judge(heard, reply, reply.choices[0])
    return Finding(probe.name, verdict, detail[:160])


def _beside_plain(found: Finding, before: list[Finding]) -> Finding:
    """A finding as it is; but an error that the plain question met word for word says nothing of what is asked here."""
    if before and found.verdict == before[0].verdict == "no" and found.detail == before[0].detail:
        return replace(found, verdict="unclear", detail="refused as the plain question is")
    return found


def _is_fatal(heard: Heard) -> bool:
    return isinstance(heard.reply, Reply) and heard.reply.error is not None and heard.reply.error.kind in FATAL


def _thoughts(heard: Heard) -> list[str]:
    reply = heard.reply
    return [] if isinstance(reply, Lost) else [choice.reasoning for choice in reply.choices if choice.reasoning]


def _of_thoughts(thoughts: list[str], asked: int) -> Finding:
    if not thoughts:
        return Finding("reasoning", "no", "none came")
    return Finding("reasoning", "yes", f"in {len(thoughts)} of {asked} answers, e.g. {thoughts[0][:60]!r}")
