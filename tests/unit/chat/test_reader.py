"""The reader survives what servers do to streams and bodies."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from extract.chat.assemble import finish_of
from extract.chat.reader import Reader
from extract.chat.reply import Choice, Reply
from extract.chat.request import Request

REQUEST = Request(url="http://h/v1/chat/completions", body={"max_tokens": 10_000}, method="prompt")


def frames(*chunks: Any, done: bool = True) -> bytes:
    lines = [chunk if isinstance(chunk, str) else "data: " + json.dumps(chunk) for chunk in chunks]
    return "".join(line + "\n\n" for line in (*lines, *(["data: [DONE]"] if done else []))).encode()


def delta(finish: str | None = None, *, index: int = 0, **fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": index, "delta": fields, "finish_reason": finish}]}


def call(arguments: Any, **fields: Any) -> dict[str, Any]:
    name = {"name": fields.pop("name")} if "name" in fields else {}
    return delta(tool_calls=[{**fields, "function": {**name, "arguments": arguments}}])


def read(data: bytes, status: int = 200, **headers: str) -> Reply:
    reader = Reader(REQUEST, status, headers)
    for at in range(0, len(data), 5):
        reader.feed(data[at : at + 5])
    return reader.close()


def choice(*chunks: Any) -> Choice:
    return read(frames(*chunks, delta("stop"))).choices[0]


def calls(*chunks: Any) -> list[tuple[str, str, str]]:
    return [(made.id, made.name, made.arguments) for made in choice(*chunks).tool_calls]


def test_comments_and_pings_are_ignored() -> None:
    assert choice(": PROCESSING", "data: ping", delta(content="a"), ":", delta(content="b")).text == "ab"


def test_chunks_without_choices_or_deltas_are_skipped() -> None:
    assert (
        choice({"choices": []}, {"choices": None}, {"choices": [{"index": 0, "delta": None}]}, delta(content="a")).text
        == "a"
    )


def test_the_last_usage_counts() -> None:
    first, last = {"prompt_tokens": 5, "completion_tokens": 0}, {"prompt_tokens": 5, "completion_tokens": 7}
    reply = read(
        frames(
            {**delta(content="a"), "usage": first},
            delta("stop"),
            {"choices": [], "usage": last},
            {"choices": [], "usage": None},
        )
    )
    assert reply.usage is not None
    assert reply.usage.completion_tokens == 7


def test_no_done_after_a_finish_is_a_whole_answer() -> None:
    assert read(frames(delta(content="a"), delta("stop"), done=False)).end == "eof"


def test_done_without_a_finish_is_a_cut_answer() -> None:
    assert read(frames(delta(content="a"))).end == "dropped"


def test_bytes_after_done_are_ignored() -> None:
    assert read(frames(delta("stop", content="a")) + frames(delta(content="b"))).choices[0].text == "a"


def test_the_last_event_counts_without_its_blank_line() -> None:
    assert (
        read(
            frames(delta(content="a"), done=False)
            + b'data: {"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"stop"}]}'
        )
        .choices[0]
        .text
        == "ab"
    )


def test_an_error_amid_a_stream_keeps_what_came() -> None:
    reply = read(frames(delta(content="a"), {"error": {"message": "overloaded", "code": 503}}))
    assert reply.error is not None
    assert (reply.error.kind, reply.error.status, reply.choices[0].text) == ("overloaded", 503, "a")


FAILED: dict[str, Any] = {"error": {"message": "logging failed", "code": 500}}


@pytest.mark.parametrize("reason", ["stop", "length"])
def test_an_error_behind_a_finished_answer_leaves_the_answer(reason: str) -> None:
    reply = read(frames(delta(content="a"), delta(reason), FAILED))
    assert (reply.error, reply.end, reply.choices[0].text, reply.choices[0].finish) == (None, "done", "a", reason)


def test_an_error_beside_a_finished_answer_in_one_body_leaves_the_answer() -> None:
    reply = read(json.dumps({**json.loads(WHOLE), **FAILED}).encode())
    assert (reply.error, reply.choices[0].text) == (None, "né")


@pytest.mark.parametrize(
    "chunks",
    [
        (delta("stop"),),
        (delta(content="a"), delta("error")),
        (delta(content="a"), delta("stop"), delta(index=1, content="b")),
    ],
    ids=["nothing said", "finished by an error", "another choice is open"],
)
def test_an_error_behind_no_whole_answer_is_an_error(chunks: tuple[Any, ...]) -> None:
    assert read(frames(*chunks, FAILED)).error is not None


@pytest.mark.parametrize("zeros", [{"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, {"cost": 0.1}])
def test_a_last_usage_that_counts_nothing_takes_no_count_away(zeros: Any) -> None:
    told = {"prompt_tokens": 5, "completion_tokens": 7}
    reply = read(frames({**delta("stop", content="a"), "usage": told}, {"choices": [], "usage": zeros}))
    assert reply.usage is not None
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (5, 7)


def test_zeros_alone_are_said() -> None:
    reply = read(frames(delta("stop", content="a"), {"choices": [], "usage": {"prompt_tokens": 0}}))
    assert reply.usage is not None
    assert reply.usage.prompt_tokens == 0


@pytest.mark.parametrize("stream", [True, False])
def test_a_redirect_is_no_answer_whatever_its_body_says(stream: bool) -> None:
    body = frames(delta(content="a"), delta("stop")) if stream else WHOLE.encode()
    reply = read(body, 307, location="http://other/v1")
    assert reply.error is not None
    assert (reply.choices, reply.error.kind) == ((), "broken")
    assert "redirects to 'http://other/v1'" in reply.error.message


def test_a_key_in_a_redirects_place_is_not_shown() -> None:
    error = read(b"", 302, location="https://user:pass-word@h/v1?key=abcdefgh12345678").error
    assert error is not None
    assert "abcdefgh" not in error.message
    assert "pass-word" not in error.message


def test_an_error_with_raw_line_breaks_is_an_error() -> None:
    reply = read(b'data: {"error": "json parser could not parse region.\nContent: x"}\n\n')
    assert reply.error is not None
    assert "Content: x" in reply.error.message


def test_an_empty_stream_is_an_error() -> None:
    reply = read(b"", **{"content-type": "text/event-stream"})
    assert reply.error is not None
    assert reply.error.kind == "broken"


def test_json_in_place_of_a_stream_is_read() -> None:
    body = {"choices": [{"message": {"content": "a"}, "finish_reason": "stop"}]}
    assert read(json.dumps(body).encode(), **{"content-type": "text/event-stream"}).choices[0].text == "a"


def test_a_stream_in_place_of_json_is_read() -> None:
    assert read(frames(delta("stop", content="a")), **{"content-type": "application/json"}).choices[0].text == "a"


def test_blank_lines_before_json_are_ignored() -> None:
    body = json.dumps({"choices": [{"message": {"content": "a"}, "finish_reason": "stop"}]})
    assert read(b"\n\n   \n" + body.encode()).choices[0].text == "a"


def test_a_body_that_is_no_completion_is_an_error() -> None:
    reply = read(b"<html>hello</html>")
    assert reply.error is not None
    assert reply.error.kind == "broken"


def test_arguments_in_fragments_are_joined() -> None:
    assert calls(call("", index=0, id="a", name="f"), call('{"x":', index=0), call("1}", index=0)) == [
        ("a", "f", '{"x":1}')
    ]


def test_a_name_repeated_in_every_delta_counts_once() -> None:
    assert calls(*(call(piece, index=0, id="a", name="f") for piece in ("{", "}"))) == [("a", "f", "{}")]


def test_calls_without_an_index_are_told_apart_by_id() -> None:
    assert calls(call("{}", id="a", name="f"), call('{"x":1}', id="b", name="f")) == [
        ("a", "f", "{}"),
        ("b", "f", '{"x":1}'),
    ]


def test_whole_calls_without_index_and_id_are_told_apart() -> None:
    assert [made[2] for made in calls(call("{}", name="f"), call('{"x":1}', name="f"))] == ["{}", '{"x":1}']


def test_parallel_calls_that_all_carry_index_0_are_told_apart() -> None:
    assert calls(call("{}", index=0, id="a", name="f"), call("{}", index=0, id="b", name="g")) == [
        ("a", "f", "{}"),
        ("b", "g", "{}"),
    ]


def test_arguments_as_an_object_become_text() -> None:
    assert calls(call({"x": 1}, index=0, name="f")) == [("call_0", "f", '{"x": 1}')]


def test_two_calls_in_one_delta_are_two() -> None:
    both = [{"index": at, "id": str(at), "function": {"name": "f", "arguments": "{}"}} for at in range(2)]
    assert len(choice(delta(tool_calls=both)).tool_calls) == 2


def test_a_legacy_function_call_counts_where_there_is_no_other() -> None:
    assert calls(delta(function_call={"name": "f", "arguments": "{}"})) == [("call_0", "f", "{}")]


def test_the_same_thoughts_in_two_fields_count_once() -> None:
    thought = {
        "reasoning": "t",
        "reasoning_content": "t",
        "reasoning_details": [{"type": "reasoning.text", "text": "t"}],
    }
    assert choice(delta(**thought), delta(**thought)).reasoning == "tt"


def test_content_as_parts_is_joined_and_thoughts_are_parted() -> None:
    parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "t"}]}, {"type": "text", "text": "a"}]
    made = choice(delta(content=parts), delta(content="b"))
    assert (made.text, made.reasoning) == ("ab", "t")


def test_interleaved_choices_are_kept_apart() -> None:
    reply = read(
        frames(
            delta(index=1, content="b"),
            delta(content="a"),
            delta("stop", index=1, content="d"),
            delta("stop", content="c"),
        )
    )
    assert [made.text for made in reply.choices] == ["ac", "bd"]


def test_a_surrogate_pair_split_over_two_deltas_is_one_character() -> None:
    assert choice(delta(content="\ud83d"), delta(content="\ude00")).text == "😀"


def test_endless_whitespace_is_cut_off() -> None:
    reader = Reader(REQUEST)
    while not reader.is_done:
        reader.feed(frames(delta(content=" \n" * 20), done=False))
    assert reader.close().end == "runaway"


def test_output_far_beyond_the_limit_is_cut_off() -> None:
    reader = Reader(Request(url="", body={"max_tokens": 1}, method="prompt"))
    while not reader.is_done:
        reader.feed(frames(delta(content="word " * 1000), done=False))
    assert reader.close().end == "runaway"


ENDLESS = {
    "blanks": (b"", b" " * 9_999 + b"\n"),
    "blanks in JSON": (b'{"choices":', b" " * 10_000),
    "a text in JSON": (b'{"choices":[{"message":{"content":"', b"a" * 10_000),
    "one line of a stream": (b'data: {"choices":[{"delta":{"content":"', b"a" * 100_000),
    "comments": (b": x\n", b": " + b"ping " * 20_000 + b"\n\n"),
    "empty chunks": (b"", b'data: {"choices":[{"delta":{}}],"p":"' + b"p" * 100_000 + b'"}\n\n'),
    "no JSON": (b"", b"data: ping\n\n" * 1_000),
    "thoughts": (b"", b'data: {"choices":[{"delta":{"reasoning_content":"' + b"hm, " * 20_000 + b'"}}]}\n\n'),
    "plain text": (b"Please wait", b"." * 10_000),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_nothing_without_end_outlives_the_watchdog(name: str) -> None:
    first, again = ENDLESS[name]
    reader = Reader(Request(url="", body={"max_tokens": 1}, method="prompt"))
    reader.feed(first)
    fed = 0
    while not reader.is_done and fed < 50_000_000:
        reader.feed(again)
        fed += len(again)
    assert reader.is_done


def test_an_error_page_without_end_outlives_no_watchdog() -> None:
    reader = Reader(Request(url="", body={"max_tokens": 1}, method="prompt"), 502)
    for _ in range(400):
        reader.feed(b"<p>" * 5_000)
    reply = reader.close("deadline")
    assert reply.error is not None
    assert (reader.is_done, reply.error.status) == (True, 502)


def test_blanks_before_a_body_cost_no_more_than_themselves() -> None:
    def cpu_s(count: int) -> float:
        reader = Reader(REQUEST)
        began = time.process_time()
        for _ in range(count):
            reader.feed(b" " * 50)
        return time.process_time() - began

    assert cpu_s(16_000) < 30 * max(cpu_s(2_000), 0.001)


@pytest.mark.parametrize(
    ("reason", "native", "finish"),
    [
        ("eos", None, "stop"),
        ("", None, "stop"),
        ("max_tokens", None, "length"),
        ("tool_calls", "max_output_tokens", "length"),
        ("tool_calls", "length", "length"),
        ("function_call", None, "tool"),
        ("stop", "refusal", "filter"),
        ("insufficient_system_resource", None, "error"),
        (None, None, "unknown"),
        ("whatever", None, "unknown"),
    ],
)
def test_finish_reasons_are_normalised(reason: str | None, native: str | None, finish: str) -> None:
    assert finish_of(reason, native) == finish


def test_deltas_tell_their_channel() -> None:
    reader = Reader(REQUEST)
    events = reader.feed(frames(delta(reasoning_content="t"), delta(content="a"), call("{", index=0, name="f")))
    assert [(event.channel, event.text) for event in events] == [("reasoning", "t"), ("content", "a"), ("tool", "{")]


def test_headers_that_carry_credentials_are_not_kept() -> None:
    reply = read(b"{}", 401, **{"Set-Cookie": "x", "X-Request-Id": "r"})
    assert (reply.headers, reply.trace_id) == ({"x-request-id": "r"}, "r")


# --- what cannot be read ---------------------------------------------------------------------------------------------


def test_lines_that_are_no_json_between_good_ones_are_passed_over() -> None:
    assert choice(delta(content="a"), "data: {broken", delta(content="b")).text == "ab"


def test_a_stream_of_nothing_but_broken_lines_is_an_error() -> None:
    reply = read(frames("data: {broken", "data: [also"))
    assert reply.error is not None
    assert "only '{broken'" in reply.error.message


def test_broken_lines_without_end_are_cut_off() -> None:
    reader = Reader(REQUEST, 200, {})
    reader.feed(b"data: {broken\n\n" * 10_000)
    assert reader.is_done


def test_many_broken_lines_in_an_answer_that_does_not_finish_are_an_error() -> None:
    reply = read(frames(delta(content="a"), *["data: {broken"] * 50, done=False))
    assert reply.error is not None
    assert "data lines are no JSON" in reply.error.message


def test_an_event_named_error_is_an_error_whatever_it_holds() -> None:
    for data in ("the model is gone", '{"detail": "the model is gone"}'):
        reply = read(f"event: error\ndata: {data}\n\n".encode())
        assert reply.error is not None
        assert "the model is gone" in reply.error.message


def test_events_that_no_blank_line_parts_are_told_apart() -> None:
    lines = [f"data: {json.dumps(one)}" for one in (delta(content="a"), delta("stop", content="b"))]
    assert read(("\n".join([*lines, "data: [DONE]"]) + "\n\n").encode()).choices[0].text == "ab"


def test_text_that_is_neither_is_told_by_its_type() -> None:
    reader = Reader(REQUEST, 200, {"content-type": "text/event-stream"})
    reader.feed(b"hello there\n\n" + frames(delta("stop", content="a")))
    assert reader.close().choices[0].text == "a"


def test_a_short_stream_that_ends_within_its_first_line_is_read() -> None:
    reader = Reader(REQUEST, 200, {})
    reader.feed(b"dat")
    assert reader.close().error is not None


WHOLE = json.dumps({"choices": [{"index": 0, "message": {"content": "né"}, "finish_reason": "stop"}], "x": "y"})
LINES = "\n".join(json.dumps(chunk) for chunk in (delta(content="n"), delta(content="é"), delta("stop")))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (WHOLE.encode() + b"\0\0", "application/json"),
        (b"\0" + WHOLE.encode(), "application/json"),
        (WHOLE.encode() + b"\n-- by a proxy", "application/json"),
        (WHOLE.encode() * 2, "application/json"),
        (WHOLE.replace('"y"', '"raw\nbreak"').encode(), "application/json"),
        (WHOLE.replace("\\u00e9", "é").encode("latin-1"), "application/json; charset=ISO-8859-1"),
        (WHOLE.replace("\\u00e9", "é").encode("cp1252"), 'application/json; charset="windows-1252"'),
        (WHOLE.encode("utf-16"), "application/json"),
        (LINES.encode(), "application/x-ndjson"),
        (frames(delta(content="né"), delta("stop")).replace(b"data: ", b"data: data: "), "text/event-stream"),
        (frames(delta(content="né"), delta("stop")).replace(b"data: ", b" data: "), "text/event-stream"),
        (frames(delta(content="né"), delta("stop")).replace(b"data: ", b"Data : "), "text/event-stream"),
        (frames(delta(content="né"), delta("stop")).replace(b"data: ", b"\xef\xbb\xbfdata: "), "text/event-stream"),
    ],
    ids=[
        "nul_after", "nul_before", "words_after", "twice", "raw_break", "latin", "windows", "utf_16", "bare_lines",
        "framed_twice", "blank_before", "capital", "marked_lines",
    ],
)  # fmt: skip
def test_what_stands_around_an_answer_does_not_hide_it(body: bytes, content_type: str) -> None:
    reply = read(body, **{"content-type": content_type})
    assert (reply.error, reply.choices[0].text, reply.choices[0].finish) == (None, "né", "stop")
    assert reply.end in ("done", "eof")


def test_a_stream_framed_without_end_costs_no_more_than_itself() -> None:
    data = b"data: " * 100_000 + b'{"choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}]}\n\n'
    assert read(data).choices[0].text == "a"


def test_bare_lines_that_do_not_finish_are_a_cut_answer() -> None:
    reply = read(LINES.rpartition("\n")[0].encode())
    assert (reply.end, reply.choices[0].text) == ("dropped", "né")


@pytest.mark.parametrize("charset", ["no-such", "idna", "hex", "undefined"])
def test_a_charset_that_is_none_is_passed_over(charset: str) -> None:
    reply = read(b"\0" + WHOLE.encode(), **{"content-type": f"application/json; charset={charset}"})
    assert reply.choices[0].text == "né"


def test_bytes_that_are_no_text_are_shown_as_unreadable() -> None:
    assert read(WHOLE.encode().replace(b"n\\u00e9", b"n\xff")).choices[0].text == "n\ufffd"


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (301, b"", "it redirects to 'http://other/v1'; no key follows there: set base_url"),
        (200, b"", "the answer is empty"),
        (200, WHOLE[:60].encode(), "the answer's JSON is broken or cut, after 60 bytes"),
        (200, b"<html>Login</html>", "the answer is no chat completion: '<html>Login</html>'"),
    ],
)
def test_what_is_no_answer_is_told(status: int, body: bytes, words: str) -> None:
    error = read(body, status, location="http://other/v1").error
    assert error is not None
    assert error.message.startswith(words)
    assert error.kind == "broken"
