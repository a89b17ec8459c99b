"""Messages as plain JSON: pictures, parts, and models that take no system message."""

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

from extract.chat.message import (
    Image,
    Parts,
    content_of,
    content_part,
    media_type_of,
    system,
    text_or_image,
    user,
    without_system,
)
from extract.errors import UsageError

PNG = b"\x89PNG\r\n\x1a\n"


def test_a_text_that_is_no_url_is_no_image() -> None:
    with pytest.raises(UsageError, match="for a file give its Path"):
        Image("receipt.png")


def test_an_image_of_another_type_is_refused() -> None:
    with pytest.raises(UsageError, match="not int"):
        Image(5)  # type: ignore[arg-type]


def test_a_detail_that_is_none_of_three_is_refused() -> None:
    with pytest.raises(UsageError, match="'auto', 'low' or 'high'"):
        Image(PNG, detail="best")  # type: ignore[arg-type]


def test_a_url_is_sent_as_it_is() -> None:
    part = content_part(Image("https://x.test/a.png", detail="low"))
    assert part == {"type": "image_url", "image_url": {"url": "https://x.test/a.png", "detail": "low"}}


def test_bytes_are_sent_as_a_data_url_of_their_own_type() -> None:
    assert Image(b"GIF89a").url() == "data:image/gif;base64,R0lGODlh"


def test_a_given_media_type_wins_over_the_first_bytes() -> None:
    assert Image(b"GIF89a", media_type="image/x-own").url().startswith("data:image/x-own;")


def test_bytes_of_no_known_type_need_one_given() -> None:
    with pytest.raises(UsageError, match="give media_type="):
        Image(b"????").url()


@pytest.mark.parametrize("part", [Path("a.png"), Image(Path("a.png"))])
def test_a_file_that_nobody_read_is_not_sent(part: Any) -> None:
    with pytest.raises(UsageError, match=r"a\.png was not read"):
        content_part(part)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"%PDF-1.7", "application/pdf"),
        (b"", None),
    ],
)
def test_the_first_bytes_tell_the_media_type(data: bytes, found: str | None) -> None:
    assert media_type_of(data) == found


def test_the_bytes_of_a_picture_are_an_image() -> None:
    assert text_or_image(PNG, "a") == Image(PNG, media_type="image/png")


def test_the_bytes_of_a_text_are_read_without_their_mark() -> None:
    assert text_or_image(b"\xef\xbb\xbfcaf\xc3\xa9", "a") == "caf\u00e9"


@pytest.mark.parametrize(
    ("data", "said"), [(b"%PDF-\xff", "b is application/pdf"), (b"\xff\xfe", "b is neither UTF-8")]
)
def test_a_file_that_is_neither_text_nor_picture_is_named(data: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        text_or_image(data, "b")


def test_a_list_is_no_part() -> None:
    with pytest.raises(UsageError, match=r"not list: Parts\(a, b\), no list"):
        Parts(["a"])  # type: ignore[arg-type]


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda parts: pickle.loads(pickle.dumps(parts))])
def test_parts_survive_copying(again: Any) -> None:
    parts = Parts("a", Image(PNG))
    assert again(parts) == parts
    assert type(again(parts)) is Parts


def test_parts_of_text_alone_are_one_text() -> None:
    assert content_of(Parts("a", "b")) == "a\n\nb"


def test_a_picture_among_the_parts_makes_a_list() -> None:
    content: Any = content_of(Parts("a", Image(PNG)))
    assert [part["type"] for part in content] == ["text", "image_url"]


def test_the_words_of_the_system_go_before_the_first_user_turn() -> None:
    turns = [system("do"), {"role": "assistant", "content": "yes"}, user("a"), user("b")]
    assert without_system(turns) == (turns[1], user("do\n\na"), user("b"))


def test_several_system_messages_are_joined() -> None:
    assert without_system([system("do"), user("a"), system("more")]) == (user("do\n\nmore\n\na"),)


def test_the_words_of_the_system_are_a_part_of_their_own_before_a_picture() -> None:
    picture = content_part(Image(PNG))
    assert without_system([system("do"), user([picture])]) == (user([{"type": "text", "text": "do"}, picture]),)


def test_the_words_of_the_system_stand_alone_where_no_user_speaks() -> None:
    said = {"role": "assistant", "content": "yes"}
    assert without_system([system("do"), said]) == (user("do"), said)


def test_a_conversation_without_a_system_message_stays() -> None:
    assert without_system([user("a")]) == (user("a"),)


def test_moving_the_words_changes_no_message_that_was_given() -> None:
    turns = [system("do"), user("a")]
    without_system(turns)
    assert turns == [system("do"), user("a")]
