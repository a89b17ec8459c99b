"""What models and servers do wrong, by name: one row each. The same fault strikes in the same way for the same seed.

A row turns a good answer into a bad one at one stage:

    reply    answers without a completion: errors, dropped connections
    text     damages the text of the value
    answer   changes the completion's body
    chunks   changes the chunks of a stream
    events   changes how the chunks are written as server-sent events
    wire     changes the HTTP answer

Where each was seen: recorded exchanges of eleven providers, captures of llama-server, llama-cpp-python, transformers
serve and the LiteLLM proxy, and the providers' own pages, read 2026-11-23.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from types import MappingProxyType

from ..vocabulary import JsonObject, JsonValue
from .say import SSE_TYPE, Say

DRIP_S = 0.05
SLOW_S = 0.3
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        name: key in `FAULTS`.
        meaning: one line.
        is_told: whether the value can be told from the struck answer alone; if not, only another request helps.
        in_streams: strikes only where a stream was asked for.
        swaps_form: JSON comes where a stream was asked for, and the reverse.
        reply, text, answer, chunks, events, wire: what it does at its stage.
    """

    name: str
    meaning: str
    is_told: bool = False
    in_streams: bool = False
    swaps_form: bool = False
    reply: Callable[[], Say] | None = None
    text: Callable[[str, random.Random], str] | None = None
    answer: Callable[[JsonObject], JsonObject] | None = None
    chunks: Callable[[list[JsonObject]], list[JsonObject]] | None = None
    events: Callable[[list[str]], bytes] | None = None
    wire: Callable[[Say, random.Random], Say] | None = None


def sse(texts: list[str], *, end: str = "\n", space: str = " ", before: str = "") -> bytes:
    """JSON texts as server-sent events; `before` is a line written before each."""
    lines = (f"{before}data:{space}{text}{end}{end}" for text in texts)
    return "".join(lines).encode("utf-8", "surrogatepass")


# --- replies without a completion


def _status(code: int, kind: str, words: str) -> Callable[[], Say]:
    error: JsonObject = {"error": {"message": words, "type": kind, "param": None, "code": None}}
    return lambda: Say(code, body=json.dumps(error).encode())


def _body(code: int, content_type: str, body: bytes, **more: str) -> Callable[[], Say]:
    return lambda: Say(code, content_type, body, tuple(more.items()))


REPLIES: tuple[tuple[str, str, Callable[[], Say]], ...] = (
    (
        "status_400",
        "400, nothing named",
        _status(400, "invalid_request_error", "The parameter is invalid. Please check again."),
    ),
    ("status_401", "401, wrong key", _status(401, "authentication_error", "Invalid token")),
    ("status_402", "402, no money left", _status(402, "insufficient_quota", "Insufficient Balance")),
    ("status_404", "404, no such model", _status(404, "not_found_error", "The model does not exist.")),
    (
        "status_429",
        "429, too many requests",
        _status(429, "rate_limit_error", "Request was rejected due to rate limiting."),
    ),
    ("status_500", "500", _status(500, "server_error", "Internal server error")),
    (
        "status_503",
        "503, overloaded",
        _status(503, "overloaded_error", "System is too busy now. Please try again later."),
    ),
    (
        "loading",
        "503 while llama-server loads its model",
        _body(
            503,
            "application/json",
            b'{"error":{"message":"Loading model","type":"unavailable_error","code":503}}',
            connection="close",
        ),
    ),
    ("html", "502 with a page of HTML", _body(502, "text/html", b"<html><body><h1>502 Bad Gateway</h1></body></html>")),
    ("empty_body", "200 with an empty body", _body(200, "application/json", b"")),
    ("empty_stream", "200 and an event stream of no bytes", _body(200, SSE_TYPE, b"")),
    (
        "list_error",
        "the error in a list (Gemini)",
        _body(
            400,
            "application/json",
            b'[{"error": {"code": 400, "message": "Invalid value", "status": "INVALID_ARGUMENT"}}]',
        ),
    ),
    ("string_error", "the error as a bare JSON string (SiliconFlow)", _body(403, "application/json", b'"Forbidden"')),
    (
        "detail_error",
        "the error as FastAPI writes it",
        _body(
            422, "application/json", b'{"detail":[{"loc":["body"],"msg":"value is not valid","type":"value_error"}]}'
        ),
    ),
    ("text_error", "500 in plain text", _body(500, "text/plain", b"Internal Server Error")),
    (
        "error_in_200",
        "an error with status 200 (OpenRouter)",
        _body(200, "application/json", b'{"error":{"message":"Provider returned error","code":502}}'),
    ),
    (
        "redirect",
        "307 to another host",
        _body(307, "text/html", b"", location="http://127.0.0.1:9/v1/chat/completions"),
    ),
    ("drop_before", "the connection is cut before the first byte", lambda: Say(is_dropped=True)),
    ("not_http", "bytes that are no HTTP", lambda: Say(raw=b"\x00\x01 220 smtp.example.org ESMTP\r\n\r\n")),
)


# --- the text of the value


def _python(text: str) -> str:
    return repr(json.loads(text))


def _unquoted_keys(text: str) -> str:
    return re.sub(r'"([A-Za-z_]\w*)"\s*:', r"\1:", text)


def _decoy(text: str) -> str:
    """Another value of the same keys, as a model writes it while it thinks."""
    value: JsonValue = json.loads(text)
    if isinstance(value, dict):
        value = {key: "draft" if isinstance(part, str) else part for key, part in value.items()}
    return json.dumps(value)


Damage = Callable[[str, random.Random], str]
TEXTS: tuple[tuple[str, str, Damage], ...] = (
    ("fence", "a Markdown fence around it", lambda text, _: f"```json\n{text}\n```"),
    ("unclosed_fence", "a fence that is not closed", lambda text, _: f"```json\n{text}"),
    (
        "prose",
        "words before and after it",
        lambda text, _: f"Here is the answer:\n\n{text}\n\nLet me know if you need anything else!",
    ),
    (
        "think",
        "thoughts with a draft before it",
        lambda text, _: f"<think>Maybe {_decoy(text)}? Let me check.</think>{text}",
    ),
    (
        "think_end",
        "thoughts of which only the end is marked",
        lambda text, _: f"Let me see, perhaps {_decoy(text)}.\n</think>\n\n{text}",
    ),
    ("trailing_comma", "a comma before the last bracket", lambda text, _: re.sub(r"(\s*[}\]])\s*$", r",\1", text)),
    ("python", "Python's literals", lambda text, _: _python(text)),
    ("unquoted_keys", "keys without quotes", lambda text, _: _unquoted_keys(text)),
    ("comment", "a comment inside", lambda text, _: re.sub(r"^(\s*[{\[])", r"\1 // as asked\n", text)),
    ("double_encoded", "JSON in a JSON string", lambda text, _: json.dumps(text)),
    ("wrapped", "a key around it that was not asked for", lambda text, _: f'{{"answer": {text}}}'),
    ("in_list", "a list around it", lambda text, _: f"[{text}]"),
    ("full_width", "full-width punctuation", lambda text, _: text.replace('": ', '"：').replace('", ', '"，')),
)
UNTOLD_TEXTS: tuple[tuple[str, str, Damage], ...] = (
    (
        "prose_only",
        "words instead of it",
        lambda _text, _: "I am sorry, but I could not find anything like that in the text.",
    ),
    ("empty", "nothing at all", lambda _text, _: ""),
    (
        "number_cut",
        "cut at any place, with finish_reason stop",
        lambda text, dice: text[: dice.randint(1, max(1, len(text) - 1))],
    ),
)


# --- the completion


def _choice(answer: JsonObject) -> JsonObject:
    choices = answer.get("choices")
    choice = choices[0] if isinstance(choices, list) else None
    return choice if isinstance(choice, dict) else {}


def _message(answer: JsonObject) -> JsonObject:
    message = _choice(answer).get("message")
    return message if isinstance(message, dict) else {}


def _functions(message: JsonObject) -> Iterator[JsonObject]:
    """The functions that a message or a delta calls."""
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        if isinstance(call, dict) and isinstance(function := call.get("function"), dict):
            yield function


def _changed(change: Callable[[JsonObject], None]) -> Callable[[JsonObject], JsonObject]:
    """An answer stage that changes a copy."""

    def changed(answer: JsonObject) -> JsonObject:
        copy = deepcopy(answer)
        change(copy)
        return copy

    return changed


def _each_text(answer: JsonObject, change: Callable[[str], JsonValue]) -> None:
    message = _message(answer)
    for function in _functions(message):
        function["arguments"] = change(str(function["arguments"]))
    if isinstance(message.get("content"), str):
        message["content"] = change(str(message["content"]))


def _cut(answer: JsonObject) -> None:
    _each_text(answer, lambda text: text[: max(1, len(text) * 2 // 3)])


def _cut_and_say_so(answer: JsonObject) -> None:
    _cut(answer)
    _choice(answer)["finish_reason"] = "length"


def _cut_and_tell_upstream(answer: JsonObject) -> None:
    _cut(answer)
    _choice(answer)["native_finish_reason"] = "max_output_tokens"


def _say(**fields: JsonValue) -> Callable[[JsonObject], JsonObject]:
    """An answer stage that replaces the message; `finish` is its finish_reason."""

    def change(answer: JsonObject) -> None:
        choice = _choice(answer)
        if "finish" in fields:
            choice["finish_reason"] = fields["finish"]
        said = {name: value for name, value in fields.items() if name != "finish"}
        choice["message"] = {"role": "assistant", "content": None, **said}
        if fields.get("finish") == "length":
            answer["usage"] = None  # a server that counts less than the limit would say that the window was full

    return _changed(change)


def _finish(reason: str | None) -> Callable[[JsonObject], JsonObject]:
    return _changed(lambda answer: _choice(answer).update(finish_reason=reason))


def _call_in_content(answer: JsonObject) -> None:
    message = _message(answer)
    function = next(_functions(message), {"name": "answer", "arguments": message.get("content") or ""})
    words = f'<tool_call>\n{{"name": "{function["name"]}", "arguments": {function["arguments"]}}}\n</tool_call>'
    _choice(answer).update(message={"role": "assistant", "content": words}, finish_reason="stop")


def _two_calls(answer: JsonObject) -> None:
    message = _message(answer)
    calls = message.get("tool_calls")
    if isinstance(calls, list) and isinstance(first := calls[0] if calls else None, dict):
        message["tool_calls"] = [first, {**deepcopy(first), "id": "call_1"}]


def _flood(answer: JsonObject) -> None:
    _each_text(answer, lambda text: text[:1] + " " * 4000)
    _choice(answer)["finish_reason"] = "length"
    answer["usage"] = None


def _think(*fields: str) -> Callable[[JsonObject], JsonObject]:
    return _changed(lambda answer: _message(answer).update(dict.fromkeys(fields, "Maybe {}? Let me check.")))


def _parts(answer: JsonObject) -> None:
    message = _message(answer)
    if isinstance(text := message.get("content"), str):
        half = len(text) // 2
        message["content"] = [{"type": "text", "text": part} for part in (text[:half], text[half:])]


def _object_arguments(answer: JsonObject) -> None:
    for function in _functions(_message(answer)):
        function["arguments"] = json.loads(str(function["arguments"]))


def _encoded_arguments(answer: JsonObject) -> None:
    for function in _functions(_message(answer)):
        function["arguments"] = json.dumps(function["arguments"])


def _beside_call(answer: JsonObject) -> None:
    if next(_functions(message := _message(answer)), None) is not None:
        message["content"] = "I will note that down."


def _with_error(answer: JsonObject) -> None:
    answer["error"] = {"message": "Provider returned error", "code": 502}
    _cut(answer)
    _choice(answer)["finish_reason"] = "error"


Change = Callable[[JsonObject], JsonObject]
ANSWERS: tuple[tuple[str, str, bool, Change], ...] = (
    ("cut", "cut, with finish_reason length", False, _changed(_cut_and_say_so)),
    ("cut_quietly", "cut, with the finish_reason of a whole answer", False, _changed(_cut)),
    (
        "cut_upstream",
        "cut, and only native_finish_reason says so (OpenRouter)",
        False,
        _changed(_cut_and_tell_upstream),
    ),
    ("refusal", "a refusal in its own field", False, _say(refusal="I cannot help with that.", finish="stop")),
    ("filter", "stopped by a content filter", False, _say(content="", finish="content_filter")),
    ("no_content", "content is null", False, _say(finish="stop")),
    (
        "thinking_only",
        "the limit was spent on thinking",
        False,
        _say(content="", reasoning_content="Let me think about this at length.", finish="length"),
    ),
    ("whitespace", "blanks up to the limit", False, _changed(_flood)),
    ("error_with_choice", "an error beside a cut choice, status 200 (OpenRouter)", False, _changed(_with_error)),
    ("call_in_content", "the function call written into the text", True, _changed(_call_in_content)),
    ("text_beside_call", "words beside the function call", True, _changed(_beside_call)),
    ("two_calls", "the same function called twice", True, _changed(_two_calls)),
    ("arguments_object", "arguments as an object (SGLang, Ollama)", True, _changed(_object_arguments)),
    ("arguments_encoded", "arguments encoded twice", True, _changed(_encoded_arguments)),
    ("content_parts", "content as a list of parts", True, _changed(_parts)),
    ("reasoning", "thoughts in a field of their own", True, _think("reasoning_content")),
    ("reasoning_twice", "the same thoughts in two fields (OpenRouter)", True, _think("reasoning", "reasoning_content")),
    ("finish_eos", "finish_reason eos (SiliconFlow)", True, _finish("eos")),
    ("finish_null", "no finish_reason at all", True, _finish(None)),
    ("finish_stop", "finish_reason stop also for a call", True, _finish("stop")),
    ("no_usage", "usage is not said", True, _changed(lambda answer: answer.update(usage=None))),
)


# --- the chunks of a stream


def _choices(chunk: JsonObject) -> list[JsonObject]:
    choices = chunk.get("choices")
    return [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []


def _delta(choice: JsonObject) -> JsonObject:
    delta = choice.get("delta")
    return delta if isinstance(delta, dict) else {}


def _each_delta(change: Callable[[JsonObject], None]) -> Callable[[list[JsonObject]], list[JsonObject]]:
    def changed(chunks: list[JsonObject]) -> list[JsonObject]:
        copies = deepcopy(chunks)
        for chunk in copies:
            for choice in _choices(chunk):
                change(_delta(choice))
        return copies

    return changed


def _usage(chunks: list[JsonObject]) -> JsonValue:
    return chunks[-1].get("usage") if chunks else None


def _each_call(change: Callable[[JsonObject], None]) -> Callable[[list[JsonObject]], list[JsonObject]]:
    def of_delta(delta: JsonObject) -> None:
        calls = delta.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            if isinstance(call, dict):
                change(call)

    return _each_delta(of_delta)


def _forget_index(call: JsonObject) -> None:
    call.pop("index", None)


def _repeat_name(chunks: list[JsonObject]) -> list[JsonObject]:
    known: JsonObject = {}

    def change(call: JsonObject) -> None:
        function = call.get("function")
        if isinstance(function, dict):
            known.setdefault("name", function.get("name"))
            function["name"] = known["name"]
            call["id"] = known.setdefault("id", call.get("id"))

    return _each_call(change)(chunks)


def _whole_call(chunks: list[JsonObject]) -> list[JsonObject]:
    """All fragments of a call in its first chunk (Groq, Mistral, Gemini)."""
    kept: list[JsonObject] = []
    first: JsonObject | None = None
    for chunk in deepcopy(chunks):
        functions = [function for choice in _choices(chunk) for function in _functions(_delta(choice))]
        if functions and first is not None:
            first["arguments"] = str(first["arguments"]) + str(functions[0]["arguments"])
            continue
        first = functions[0] if functions else first
        kept.append(chunk)
    return kept


def _interleave(chunks: list[JsonObject]) -> list[JsonObject]:
    """A second choice, whose chunks come between those of the first, each before its twin."""
    mixed: list[JsonObject] = []
    for chunk in chunks:
        twin = deepcopy(chunk)
        for choice in _choices(twin):
            choice["index"] = 1
        mixed += [twin, chunk] if _choices(chunk) else [chunk]
    return mixed


def _finish_twice(chunks: list[JsonObject]) -> list[JsonObject]:
    """The finish once more, with the usage beside it."""
    return [*chunks[:-1], {**deepcopy(chunks[-2]), "usage": _usage(chunks)}] if len(chunks) > 1 else chunks


def _usage_in_choice(chunks: list[JsonObject]) -> list[JsonObject]:
    copies = deepcopy(chunks[:-1])
    for choice in _choices(copies[-1]):
        choice["usage"] = _usage(chunks)
    return copies


def _growing_usage(chunks: list[JsonObject]) -> list[JsonObject]:
    last = _usage(chunks)
    total = last if isinstance(last, dict) else {}
    return [
        {**chunk, "usage": {**total, "completion_tokens": number} if number < len(chunks) - 1 else last}
        for number, chunk in enumerate(chunks)
    ]


def _died(chunks: list[JsonObject]) -> list[JsonObject]:
    return [
        *chunks[: len(chunks) // 2],
        {"error": {"message": "upstream died", "type": "server_error", "code": 500}},
    ]


Rewrite = Callable[[list[JsonObject]], list[JsonObject]]
CHUNKS: tuple[tuple[str, str, bool, Rewrite], ...] = (
    ("usage_everywhere", "usage in every chunk, growing (SiliconFlow, Perplexity)", True, _growing_usage),
    (
        "usage_with_finish",
        "usage in the chunk of the finish (DeepSeek, Mistral)",
        True,
        lambda chunks: [*chunks[:-2], {**chunks[-2], "usage": _usage(chunks)}],
    ),
    ("usage_in_choice", "usage inside the choice (Moonshot)", True, _usage_in_choice),
    ("finish_twice", "the finish comes twice, the second time with usage (OpenRouter)", True, _finish_twice),
    ("no_index", "calls without an index (Gemini)", True, _each_call(_forget_index)),
    ("index_zero", "every call has index 0", True, _each_call(lambda call: call.update(index=0))),
    ("name_repeated", "id and name in every fragment of a call (llama-cpp-python)", True, _repeat_name),
    ("whole_call", "a call in one chunk (Groq, Mistral)", True, _whole_call),
    ("role_everywhere", "the role in every chunk", True, _each_delta(lambda delta: delta.update(role="assistant"))),
    (
        "empty_choices",
        "chunks without choices, with null and without deltas before the first (Azure)",
        True,
        lambda chunks: [
            {"choices": [], "prompt_filter_results": []},
            {"choices": None},
            {"choices": [{"index": 0, "delta": None}]},
            *chunks,
        ],
    ),
    ("interleaved", "a second choice between the chunks of the first (Mistral)", True, _interleave),
    ("error_in_stream", "an error amid the stream, and then nothing", False, _died),
    ("done_without_finish", "ends with [DONE] halfway", False, lambda chunks: chunks[: max(1, len(chunks) // 2)]),
)


# --- how chunks are written


def _garbled_error(texts: list[str]) -> bytes:
    """An error whose raw line breaks tear its own frame (transformers serve)."""
    words = b'data: {"error": "json parser could not parse region as JSON.\nContent: \'\'\nError: line 1"}\n\n'
    return sse(texts[: len(texts) // 2]) + words


def _escaped(texts: list[str]) -> bytes:
    """Everything beyond ASCII as escapes, as servers in C++ and Python write it; a pair may be split over two chunks."""
    written: list[str] = []
    for text in texts:
        written += [text] if text == "[DONE]" else map(json.dumps, _split_pairs(json.loads(text)))
    return sse(written)


def _split_pairs(chunk: JsonObject) -> Iterator[JsonObject]:
    """A chunk as two where its content holds a character beyond the basic plane: the cut goes through its pair."""
    for choice in _choices(chunk):
        content = _delta(choice).get("content")
        place = (
            next((at for at, sign in enumerate(content) if sign > "\uffff"), None) if isinstance(content, str) else None
        )
        if isinstance(content, str) and place is not None:
            high, low = content[place].encode("utf-16-be")[:2], content[place].encode("utf-16-be")[2:]
            halves = (content[:place] + chr(int.from_bytes(high)), chr(int.from_bytes(low)) + content[place + 1 :])
            for half in halves:
                part: JsonObject = {**choice, "delta": {"content": half}}
                yield {**chunk, "choices": [part]}
            return
    yield chunk


Writing = Callable[[list[str]], bytes]
EVENTS: tuple[tuple[str, str, bool, Writing], ...] = (
    ("no_done", "no [DONE] at the end (Perplexity, transformers serve)", True, lambda texts: sse(texts[:-1])),
    (
        "bytes_after_done",
        "more bytes after [DONE]",
        True,
        lambda texts: sse([*texts, '{"choices":[{"index":0,"delta":{"content":"!"}}]}']),
    ),
    ("crlf", "lines end in CRLF", True, lambda texts: sse(texts, end="\r\n")),
    ("lone_cr", "lines end in CR", True, lambda texts: sse(texts, end="\r")),
    ("no_space", "no space after data:", True, lambda texts: sse(texts, space="")),
    ("comments", "comments between the events (OpenRouter)", True, lambda texts: sse(texts, before=": PROCESSING\n\n")),
    (
        "event_lines",
        "event, id and retry fields in every event",
        True,
        lambda texts: sse(texts, before="event: message\nid: 1\nretry: 100\n"),
    ),
    ("pings", "data lines that are no JSON", True, lambda texts: sse(["ping", *texts])),
    (
        "no_blank_lines",
        "no blank line between events",
        True,
        lambda texts: "".join(f"data: {text}\n" for text in texts).encode(),
    ),
    ("no_last_blank", "the last event without its blank line", True, lambda texts: sse(texts[:-1]).rstrip(b"\n")),
    ("escaped", "everything beyond ASCII escaped, pairs split over chunks", True, _escaped),
    ("error_garbled", "an error amid the stream whose line breaks tear its frame", False, _garbled_error),
)


# --- the bytes on the wire


def _change(say: Say, **fields: object) -> Say:
    for name, value in fields.items():
        setattr(say, name, value)
    return say


def _cut_pieces(say: Say, size: int) -> tuple[bytes, ...]:
    return tuple(say.body[at : at + size] for at in range(0, len(say.body), size))


def _half(say: Say) -> bytes:
    return say.body[: len(say.body) // 2]


def _without_end(say: Say, blanks: bytes, text: bytes) -> Say:
    """The first half, then the same for ever: as a JSON body, or as chunks of a stream."""
    if say.content_type == SSE_TYPE:
        chunk = b'data: {"choices":[{"index":0,"delta":{"content":"%s"}}]}\n\n'
        return _change(say, body=b"", again=chunk % (blanks or text) * 20)
    return _change(say, body=b'{"choices":[{"index":0,"message":{"content":"', again=(blanks or text) * 20)


def _random_pieces(say: Say, dice: random.Random) -> tuple[bytes, ...]:
    cuts = sorted(dice.sample(range(len(say.body)), min(7, len(say.body))))
    return tuple(say.body[low:high] for low, high in zip((0, *cuts), (*cuts, len(say.body)), strict=True) if low < high)


Bytes = Callable[[Say, random.Random], Say]
WIRES: tuple[tuple[str, str, bool, Bytes], ...] = (
    (
        "wrong_content_type",
        "text/plain in Latin-1, it says",
        True,
        lambda say, _: _change(say, content_type="text/plain; charset=iso-8859-1"),
    ),
    (
        "gzip",
        "packed",
        True,
        lambda say, _: _change(say, body=gzip.compress(say.body), headers=(*say.headers, ("content-encoding", "gzip"))),
    ),
    ("bom", "a byte order mark before it", True, lambda say, _: _change(say, body=BOM + say.body)),
    (
        "blank_lines",
        "blank lines before it, to keep the connection alive (DeepSeek)",
        True,
        lambda say, _: _change(say, body=b"\n\n\n" + say.body),
    ),
    ("slow", "0.3 s before the first byte", True, lambda say, _: _change(say, pause_s=SLOW_S)),
    ("one_byte", "a byte at a time", True, lambda say, _: _change(say, pieces=_cut_pieces(say, 1))),
    ("random_pieces", "in pieces of any size", True, lambda say, dice: _change(say, pieces=_random_pieces(say, dice))),
    ("chunked", "without a length, in chunks", True, lambda say, _: _change(say, is_chunked=True)),
    (
        "closes_after",
        "announces to keep the connection, and closes it (llama-server)",
        True,
        lambda say, _: _change(
            say, is_closed=True, headers=(*say.headers, ("keep-alive", "timeout=5, max=100")), is_chunked=True
        ),
    ),
    (
        "drop_reused",
        "a reused connection is cut before the first byte (uvicorn after an error)",
        False,
        lambda say, _: _change(say, is_dropped_if_reused=True),
    ),
    (
        "drop_amid",
        "the connection is cut amid the body",
        False,
        lambda say, _: _change(say, body=_half(say), is_dropped=True),
    ),
    ("stall", "nothing more comes amid the body", False, lambda say, _: _change(say, body=_half(say), is_stalled=True)),
    (
        "drip",
        "8 bytes every 0.05 s",
        False,
        lambda say, _: _change(say, pieces=_cut_pieces(say, 8), pause_s=DRIP_S),
    ),
    ("endless_blanks", "blanks in the text without end", False, lambda say, _: _without_end(say, b" " * 100, b"")),
    ("endless_text", "text without end", False, lambda say, _: _without_end(say, b"", b"and so on, " * 40)),
    ("endless_keep_alive", "blank lines without end", False, lambda say, _: _change(say, body=b"", again=b"\n" * 8192)),
    (
        "bad_chunks",
        "a chunk whose size is no number",
        False,
        lambda say, _: _change(say, raw=b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n" + say.body[:20]),
    ),
)


# --- all of them


def _rows() -> Iterator[Fault]:
    for name, meaning, reply in REPLIES:
        yield Fault(name=name, meaning=meaning, reply=reply)
    for name, meaning, text in TEXTS:
        yield Fault(name=name, meaning=meaning, text=text, is_told=True)
    for name, meaning, text in UNTOLD_TEXTS:
        yield Fault(name=name, meaning=meaning, text=text)
    for name, meaning, is_told, answer in ANSWERS:
        yield Fault(name=name, meaning=meaning, answer=answer, is_told=is_told)
    for name, meaning, is_told, chunks in CHUNKS:
        yield Fault(name=name, meaning=meaning, chunks=chunks, is_told=is_told, in_streams=True)
    for name, meaning, is_told, events in EVENTS:
        yield Fault(name=name, meaning=meaning, events=events, is_told=is_told, in_streams=True)
    for name, meaning, is_told, wire in WIRES:
        yield Fault(name=name, meaning=meaning, wire=wire, is_told=is_told)
    yield Fault(name="json_for_stream", meaning="JSON where a stream was asked for", is_told=True, swaps_form=True)
    yield Fault(name="stream_for_json", meaning="a stream where JSON was asked for", is_told=True, swaps_form=True)


FAULTS: Mapping[str, Fault] = MappingProxyType({fault.name: fault for fault in _rows()})
"""All faults by name."""
