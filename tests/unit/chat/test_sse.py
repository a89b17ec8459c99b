"""Events come out the same however the bytes are split."""

from __future__ import annotations

import pytest

from extract.chat.sse import SseDecoder

STREAM = '\ufeff: hello\r\n\r\ndata:{"a":"x\u2028y\u0085ü😀"}\r\n\r\nevent: e\rid: 1\rdata: one\rdata: two\r\rdata: last'.encode()


def events(data: bytes, *cuts: int) -> list[tuple[str, str]]:
    decoder = SseDecoder()
    found = []
    for start, end in zip((0, *cuts), (*cuts, len(data)), strict=True):
        found += decoder.feed(data[start:end])
    return [(event.name, event.data) for event in (*found, *decoder.close())]


WHOLE = [("", '{"a":"x\u2028y\u0085ü😀"}'), ("e", "one\ntwo"), ("", "last")]


def test_line_ends_of_every_kind_and_an_open_end_are_read() -> None:
    assert events(STREAM) == WHOLE


@pytest.mark.parametrize("cut", range(len(STREAM)))
def test_a_cut_anywhere_changes_nothing(cut: int) -> None:
    assert events(STREAM, cut) == WHOLE


def test_single_bytes_change_nothing() -> None:
    assert events(STREAM, *range(1, len(STREAM))) == WHOLE


def test_only_one_space_is_taken_off() -> None:
    assert events(b"data:  x\n\n") == [("", " x")]


def test_lines_that_are_no_field_are_kept_beside_the_data() -> None:
    event = SseDecoder().feed(b'data: {"error": "a\nb: c"}\n\n')[0]
    assert (event.data, event.stray) == ('{"error": "a', ('b: c"}',))
