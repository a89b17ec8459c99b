"""Text that is valid JSON up to its end, which came too soon: read by pydantic-core's partial mode, in C."""

from __future__ import annotations

import json
import re
from string import ascii_letters, digits
from typing import Final

from pydantic_core import from_json

from ..vocabulary import CONTAINERS, JsonValue, Path, Repair
from .candidate import Candidate, Hints
from .decode import Ended
from .record import repair_of
from .strict import DECODERS

HALF_ESCAPE: Final = re.compile(r"\\(?:u[0-9a-fA-F]{0,4})?\Z")
ATOM_CHARS: Final = ascii_letters + digits + "+-."
NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
FLOAT: Final = re.compile(r"-?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)")
WHOLE_ATOM: Final = re.compile(NUMBER.pattern + "|true|false|null")
LAST_STRING: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"\s*\Z', re.DOTALL)
LAST_KEY: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"\s*:?\s*\Z', re.DOTALL)


def read_cut(text: str, start: int, hints: Hints, error: json.JSONDecodeError) -> Candidate | None:
    """The cut value that begins at `start`; None where `error`, a strict decoder's, shows that it is broken otherwise."""
    if not fails_at_end(text, error):
        return None
    part = text[start:] if start else text
    if isinstance(error, Ended):
        value, is_same = error.value, error.is_same
    else:
        is_same = False
        try:
            value = from_json(part, allow_partial="trailing-strings")
        except ValueError:
            return None
    opened, is_key_last = string_start(part, error, start)
    is_in_string = opened >= 0
    head = part[:opened] if is_in_string else part
    is_kept = is_in_string and (
        head.rstrip().endswith(":") or from_json(part, allow_partial=True) != value
    )  # the cut string is in the value, as no key is
    levels = count_open(value, "" if is_kept else head, is_key_last=is_key_last)
    if levels < 1:
        return None
    if not is_same and may_differ(part, value, exact=hints.exact):
        whole = completed(value, levels, part, head, is_in_string=is_kept)
        if whole is None:
            return None
        value = whole
    return finish(value, levels, head.rstrip(), part, start, len(text), is_in_string=is_in_string)


def may_differ(part: str, value: JsonValue, *, exact: bool) -> bool:
    """Whether a key may have been written twice or, where it must be exact, a number otherwise than Python writes it."""
    return has_repeated_keys(part, value) or (
        exact and any(repr(float(number)) != number for number in FLOAT.findall(part))
    )


def completed(value: JsonValue, levels: int, part: str, head: str, *, is_in_string: bool) -> JsonValue:
    """A cut value with its numbers as they were written, from the text that its end would make whole.

    None where no such end is found, or a key was written twice.
    """
    closers, holder = "", value
    for _ in range(levels):
        closers = ("}" if isinstance(holder, dict) else "]") + closers
        holder = last_of(holder)[1]
    decoders = DECODERS
    in_string = (f'{part}"', HALF_ESCAPE.sub("", part) + '"')
    for body in in_string if is_in_string else (*shortened(head), *shortened(head.rstrip(ATOM_CHARS))):
        decoders.repeated.clear()
        try:
            whole: JsonValue = decoders.exact.decode(body + closers)
        except (ValueError, RecursionError):
            continue
        if whole == value:
            return None if decoders.repeated else whole
    return None


def shortened(text: str) -> tuple[str, str]:
    """A text without the comma at its end; and without the key at its end either."""
    key = LAST_KEY.search(text, max(0, len(text) - 4_000))
    return text.rstrip().removesuffix(","), ("" if key is None else text[: key.start()]).rstrip().removesuffix(",")


def string_start(part: str, error: json.JSONDecodeError, start: int) -> tuple[int, bool]:
    """Where the string begins in which the text was cut, -1 where it was not; and whether a key without its colon is last."""
    if isinstance(error, Ended):
        if ends_in_string(part):
            return last_quote(part), False
        ended = LAST_STRING.search(part, max(0, len(part) - 4_000)) if part.rstrip().endswith('"') else None
        if ended is None or part[: ended.start()].rstrip()[-1:] not in ("{", ","):
            return -1, False
        return -1, "an object" in why_ended(part)
    place = error.pos - start
    half = HALF_ESCAPE.search(part, max(0, len(part) - 7))
    if half is not None and not error.msg.startswith("Unterminated"):
        try:
            json.loads(part[: half.start()] + "x")
        except json.JSONDecodeError as shorter:
            error, place = shorter, shorter.pos
    return (place if error.msg.startswith("Unterminated") else -1), error.msg.startswith("Expecting ':'")


def ends_in_string(part: str) -> bool:
    """Whether a text that is valid up to its end ends inside a string."""
    if "\\" in part:
        part = part.replace("\\\\", "").replace('\\"', "")
    return part.count('"') % 2 == 1


def why_ended(part: str) -> str:
    """What pydantic-core was reading when the text ended."""
    try:
        from_json(part)
    except ValueError as error:
        return str(error)
    return ""


def last_quote(part: str) -> int:
    """Where the last quote stands that no backslash escapes."""
    at = len(part)
    while (at := part.rfind('"', 0, at)) >= 0:
        before = part[max(0, at - 400) : at]
        if (len(before) - len(before.rstrip("\\"))) % 2 == 0:
            return at
    return -1


def count_open(value: JsonValue, head: str, *, is_key_last: bool) -> int:
    """How many containers are open: those on the way to the last value, less those that were closed behind it.

    `head` is the text before a cut string; 0 where it cannot be told.
    """
    way: list[JsonValue] = []
    last = value
    while isinstance(last, (dict, list)):
        way.append(last)
        last = last_of(last)[1]
    end = len(head)
    bare = head.rstrip(ATOM_CHARS)
    if bare != head and not WHOLE_ATOM.fullmatch(head, len(bare)):  # the begin of a number or word, which was left out
        end = len(bare)
        head = bare
    if is_key_last or head.rstrip().endswith(":"):
        key = LAST_KEY.search(head, max(0, end - 4_000))
        if key is None:
            return 0
        end = key.start()
    closed = 0
    while end and (char := head[end - 1]) in " \t\r\n,}]":
        closed += char in "}]"
        end -= 1
    return len(way) - closed


def fails_at_end(text: str, error: json.JSONDecodeError) -> bool:
    """Whether a strict decoder was stopped by nothing but the end of the text (partial mode forgives more)."""
    if isinstance(error, Ended) or error.msg.startswith("Unterminated"):
        return True
    rest = text[error.pos : error.pos + 400].strip()
    return len(rest) < 9 and re.fullmatch(r"-|[a-zA-Z]{0,8}|[\\u0-9a-fA-F]{0,5}", rest) is not None


def has_repeated_keys(part: str, value: JsonValue) -> bool:
    """Whether fewer keys were kept than written, so that a repetition must be looked for."""
    written = part.count('":') + part.count('" :')
    return written > count_keys(value) + 1


def count_keys(value: JsonValue) -> int:
    """Members at all depths."""
    total, todo = 0, [value]
    while todo:
        item = todo.pop()
        if isinstance(item, dict):
            total += len(item)
            members = item.values()
            if not CONTAINERS.isdisjoint(map(type, members)):
                todo += [member for member in members if type(member) in CONTAINERS]
        elif isinstance(item, list) and not CONTAINERS.isdisjoint(map(type, item)):
            todo += [member for member in item if type(member) in CONTAINERS]
    return total


def finish(
    value: JsonValue, levels: int, head: str, part: str, start: int, end: int, *, is_in_string: bool
) -> Candidate | None:
    """Mark what was open when the text ended."""
    repairs: list[Repair] = []
    path: Path = ()
    holder = value
    open_paths: list[Path] = [()]
    for _ in range(levels - 1):
        step, holder = last_of(holder)
        if step is None:
            return None
        path = (*path, step)
        open_paths.append(path)
    step, last = last_of(holder)
    is_value = head.endswith(":") or (isinstance(holder, list) and not head.endswith(":"))
    open_path = path
    if is_in_string and is_value and step is not None and isinstance(last, str):
        open_path = (*path, step)
        repairs.append(repair_of(open_path, "cut_string", part[-40:], last))
    elif is_in_string and not is_value:
        pass
    elif atom := part[len(part.rstrip(ATOM_CHARS)) :]:
        is_word = atom in ("true", "false", "null")
        is_number = NUMBER.fullmatch(atom) is not None and type(last) in (int, float)
        is_there = step is not None and (is_word or is_number)  # else the begin of a value that was left out
        open_path = (*path, step if is_there and step is not None else missing_step(holder, head))
        if atom[0] not in ascii_letters:
            repairs.append(repair_of(open_path, "cut_number", atom, last if is_number else None))
        elif not is_word:
            repairs.append(repair_of(open_path, "cut_literal", atom, None))
    repairs.extend(repair_of(place, "cut_container", None, None) for place in reversed(open_paths))
    return Candidate(value, tuple(repairs), start, end, is_cut=True, open_path=open_path, origin="prose")


def missing_step(holder: JsonValue, head: str) -> str | int:
    """The step to a value that is not there any more."""
    if isinstance(holder, list):
        return len(holder)
    head = head.rstrip(ATOM_CHARS)
    key = LAST_KEY.search(head, max(0, len(head) - 4_000))
    try:
        return "" if key is None else str(json.loads(key[0].rstrip().removesuffix(":").rstrip()))
    except ValueError:
        return ""


def last_of(value: JsonValue) -> tuple[str | int | None, JsonValue]:
    """The last member or item of a container, with its step."""
    if isinstance(value, dict) and value:
        key = next(reversed(value))
        return key, value[key]
    if isinstance(value, list) and value:
        return len(value) - 1, value[-1]
    return None, None
