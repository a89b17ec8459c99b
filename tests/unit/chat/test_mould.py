"""Chunks that differ in their text alone are read without being parsed whole, and say the same as parsed ones."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.chat import reader as reader_module
from extract.chat.assemble import Delta
from extract.chat.mould import mould_of
from extract.chat.reader import Reader
from extract.chat.request import Request

REQUEST = Request(url="http://h/v1/chat/completions", body={}, method="prompt")
PIECES = st.lists(st.text(st.sampled_from('ab "\\\n{}é😀\ud83d\ude00') | st.characters(), max_size=6), max_size=12)


def event(text: str) -> bytes:
    return json.dumps(text).join(('data: {"delta": {"content": ', "}}\n\n")).encode()


def chunk(text: str, *, field: str = "content", **more: Any) -> dict[str, Any]:
    delta = {field: text} if field == "content" else {"tool_calls": [{"index": 0, "function": {"arguments": text}}]}
    return {"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": None}], **more}


def stream(*chunks: dict[str, Any], line: str = "\n", raw: bool = False) -> bytes:
    lines = [f"data: {json.dumps(one, ensure_ascii=not raw)}{line}{line}" for one in chunks]
    return "".join(lines).encode("utf-8", "replace")


def deltas(data: bytes, size: int) -> list[Delta]:
    reader = Reader(REQUEST)
    return [delta for at in range(0, len(data), size) for delta in reader.feed(data[at : at + size])]


# One event ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "b", 'a "quoted" \\ word', "line\nbreak", "é😀", '"}}\n\n', '"}}'])
def test_an_event_with_another_text_gives_the_text_and_its_end(text: str) -> None:
    mould = mould_of(event("first"))
    assert mould is not None
    data = event("first") + event(text) + b"rest"
    begin = len(event("first"))
    assert mould.text_at(data, begin) == (text, len(data) - len(b"rest"))


@pytest.mark.parametrize(
    "other",
    [
        b'data: {"delta": {"content": "b", "role": "x"}}\n\n',
        b'data: {"delta": {"content": null}}\n\n',
        b'data: {"delta": {"content": "b"}}\r\n\r\n',
        b'data: {"delta": {"content": "b',
        b": ping\n\n" + event("b"),
        b'data: {"delta": {"content": "\\ud83d"}}\n\n',
        b'data: {"delta": {"content": "\xff"}}\n\n',
        b'data: {"delta": {"content": "a\tb"}}\n\n',
    ],
)
def test_any_other_event_is_left_to_the_parser(other: bytes) -> None:
    mould = mould_of(event("first"))
    assert mould is not None
    assert mould.text_at(other, 0) is None


def test_an_event_whose_text_may_be_one_of_two_has_no_mould() -> None:
    assert mould_of(b'data: {"delta": {"content": "a"}, "was": {"content": "b"}}\n\n') is None


def test_an_event_without_a_text_has_no_mould() -> None:
    assert mould_of(b'data: {"delta": {"role": "assistant"}}\n\n') is None


# Streams --------------------------------------------------------------------------------------------------------------


@given(PIECES, st.sampled_from([1, 7, 100, 10**9]), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_stream_gives_the_deltas_that_parsing_each_chunk_gives(
    pieces: list[str], size: int, line: str, raw: bool
) -> None:
    data = stream(*map(chunk, pieces), line=line, raw=raw)
    quick = deltas(data, size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader_module, "mould_of", lambda _: None)
        assert quick == deltas(data, size)


def test_most_chunks_of_a_stream_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes | str] = []
    whole = reader_module.from_json

    def counted(data: bytes | str) -> Any:
        parsed.append(data)
        return whole(data)

    monkeypatch.setattr(reader_module, "from_json", counted)
    assert len(deltas(stream(*(chunk(f'{at}": "') for at in range(1000))), 20_000)) == 1000
    assert len(parsed) < 20


def test_calls_are_read_so_too() -> None:
    found = deltas(stream(*(chunk(str(at), field="arguments") for at in range(5))), 11)
    assert [(one.channel, one.text) for one in found] == [("tool", str(at)) for at in range(5)]


def test_a_chunk_that_names_another_model_is_not_of_the_mould() -> None:
    reader = Reader(REQUEST)
    reader.feed(
        stream(*(chunk("a", model="m") for _ in range(4)), chunk("b", model="other"), chunk("c", model="other"))
    )
    assert (reader.close().model, reader.close().choices[0].text) == ("other", "aaaabc")


def test_choices_that_take_turns_are_told_apart() -> None:
    data = stream(*({"choices": [{"index": at % 2, "delta": {"content": str(at)}}]} for at in range(9)))
    assert [(one.choice, one.text) for one in deltas(data, 50)] == [(at % 2, str(at)) for at in range(9)]


def test_a_flood_of_blanks_is_cut_off_whatever_the_frame() -> None:
    reader = Reader(REQUEST)
    reader.feed(stream(*(chunk("  \n ") for _ in range(300))))
    assert (reader.is_done, reader.close().end) == (True, "runaway")


def test_random_padding_in_every_chunk_changes_nothing() -> None:
    data = stream(*(chunk(str(at), obfuscation="x" * (at % 9)) for at in range(60)))
    assert "".join(one.text for one in deltas(data, 97)) == "".join(map(str, range(60)))


def test_an_event_that_is_no_chunk_gives_no_mould() -> None:
    broken = b'data: {"choices": [{"index": 0, "delta": {"content": "x"}}\n\n'
    reader = Reader(REQUEST)
    reader.feed(stream(chunk("a"), chunk("b")) + broken * 3 + stream(chunk("c")))
    assert reader.close().choices[0].text == "abc"
