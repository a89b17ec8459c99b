"""The rest of a cut answer, where it does not go on as it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ..vocabulary import JsonValue, Path, Repair, show_found
from .consensus import likeness
from .part import FOLLOWING, ITEM, Merged, Rest, overlap
from .place import look_for, put
from .said import Said, names_of, refused, taken
from .seam import goes_on, joined

MOST_DOUBTS: Final = 20
"""Most places of a whole that was sent again which may differ from what is there; with more of them it is another record."""
COMPARED: Final = 20
"""How many items tell whether a list was begun anew."""
LIKE: Final = 0.5
"""How alike a value must be that is said once more."""


def continued(part: Rest, base: JsonValue, said: Said) -> Merged | None:
    """What is taken of an answer that does not go on as it was asked; None: it does, and is joined."""
    if goes_on(part, said):
        return _joined(part, base, said) or refused(
            "goes on inside the last one; send a JSON value of its own", said.text, base
        )
    if not said.is_one:
        return refused("holds no value, or several; exactly one is asked for", said.text, base)
    if _has_closed(base, said.value, part.open_path) and (again := _sent_again(base, said)) is not None:
        return again
    seen: list[Repair | None] = []
    value = _as_asked(base, said.value, part.open_path, (), seen)
    if not _is_shaped(part, base, value, part.open_path):
        return _sent_again(base, said) or _lengthened(part, base, replace(said, value=value))
    held, new = _lists(base, value, part.open_path)
    problem = _broken(part, base, held, new) or _lacking(part, base, value)
    is_doubtful = part.is_told and not overlap(held, new) and _begins_anew(held, new)
    if problem is not None or (value is said.value and not is_doubtful):
        return problem
    if is_doubtful:
        seen.append(Repair(_items_at(part.open_path), "repeated_items", show_found(new), None, "guessed"))
    made = part.merge(base, value)
    doubts = (*(one for one in seen if one is not None), *repeated(base, value, part.open_path, ()))
    return taken(made.value, said, (*made.repairs, *doubts))


def _joined(part: Rest, base: JsonValue, said: Said) -> Merged | None:
    """The whole that the cut text and the one that goes on with it are; None where they are no such value."""
    whole = joined(part, said)
    made = None if whole is None else _sent_again(base, replace(said, whole=whole[0]))
    return None if whole is None or made is None else replace(made, repairs=(*whole[1], *made.repairs))


def _has_closed(base: JsonValue, value: JsonValue, open_path: Path) -> bool:
    """Whether an answer has all the members that nobody asked for, since they are there."""
    if not isinstance(base, dict) or not isinstance(value, dict):
        return False
    closed = base.keys() - set(open_path[:1])
    return bool(closed) and closed <= value.keys()


def _as_asked(base: JsonValue, value: JsonValue, open_path: Path, at: Path, seen: list[Repair | None]) -> JsonValue:
    """A list that begins with the item that is there in part, as what that item lacks and the items that follow."""
    if not open_path:
        return value
    if isinstance(base, list):
        if isinstance(value, list) and value and _is_like(base[0], value[0]):
            _laid_over(base[0], value[0], (*at, 0), seen)
            return {ITEM: _rest_of(base[0], value[0], open_path[1:]), FOLLOWING: value[1:]}
        return value
    key = str(open_path[0])
    if not isinstance(base, dict) or not isinstance(value, dict) or key not in value:
        return value
    inner = _as_asked(base.get(key), value[key], open_path[1:], (*at, key), seen)
    return value if inner is value[key] else {**value, key: inner}


def _is_like(base: JsonValue, value: JsonValue) -> bool:
    """Whether a value has most of what another has."""
    seen: list[Repair | None] = []
    _laid_over(base, value, (), seen)
    return sum(one is not None for one in seen) * 2 <= len(seen)


def _rest_of(base: JsonValue, value: JsonValue, open_path: Path) -> JsonValue:
    """What a value has beyond what is there of it, in the shape in which a rest is asked for."""
    if isinstance(base, list) and isinstance(value, list):
        if open_path and value:
            return {ITEM: _rest_of(base[0], value[0], open_path[1:]), FOLLOWING: value[1:]}
        return value[len(base) :]
    if not isinstance(base, dict) or not isinstance(value, dict):
        return None
    inner = {
        key: _rest_of(base[key], value[key], open_path[1:]) for key in base if open_path[:1] == (key,) and key in value
    }
    return {**inner, **{key: part for key, part in value.items() if key not in base}}


def _items_at(open_path: Path) -> Path:
    """The list that goes on, without the item that is open in it."""
    ends = next((at for at, step in enumerate(open_path) if isinstance(step, int)), len(open_path))
    return open_path[:ends]


def _lacking(part: Rest, base: JsonValue, value: JsonValue) -> Merged | None:
    """The member in which the answer was cut is there, or this says that it is not."""
    if part.begun_key is None:
        return None
    for step in part.open_path:
        inner = value.get(ITEM if isinstance(step, int) else step) if isinstance(value, dict) else None
        value = inner
    if isinstance(value, dict) and part.begun_key in value:
        return None
    return refused(f"lacks the member {part.begun_key!r} in which the last one was cut", value, base)


def _is_shaped(part: Rest, base: JsonValue, value: JsonValue, open_path: Path) -> bool:
    """Whether an answer has every position at which the base goes on."""
    if isinstance(base, list) and not open_path:
        return isinstance(value, list)
    if isinstance(base, list):
        is_both = isinstance(value, dict) and isinstance(value.get(FOLLOWING), list)
        return is_both and isinstance(value, dict) and _is_shaped(part, base[0], value.get(ITEM), open_path[1:])
    if not isinstance(base, dict) or not isinstance(value, dict):
        return False
    if not open_path:
        is_own = base is not part.kept or bool(part.schema.get("additionalProperties"))
        return is_own or not value or bool(value.keys() & names_of(part.schema))
    key = str(open_path[0])
    return key in value and _is_shaped(part, base.get(key), value[key], open_path[1:])


def _lists(base: JsonValue, value: JsonValue, open_path: Path) -> tuple[list[JsonValue], list[JsonValue]]:
    """The list that goes on and the items that it goes on with; nothing where it is an object that goes on."""
    for step in open_path:
        if isinstance(base, list):
            base, value = base[0], value.get(ITEM) if isinstance(value, dict) else None
        else:
            base = base.get(str(step)) if isinstance(base, dict) else None
            value = value.get(str(step)) if isinstance(value, dict) else None
    return (base, value) if isinstance(base, list) and isinstance(value, list) else ([], [])


def _broken(part: Rest, base: JsonValue, held: list[JsonValue], new: list[JsonValue]) -> Merged | None:
    """What is wrong with items that do not go on where a list was cut; None where they do."""
    repeated = overlap(held, new)
    first = new[repeated : repeated + 1]
    if held and part.is_begun and not first:
        return refused("lacks the item in which the last one was cut", new, base)
    if held and first and part.begun and not _holds(first[0], part.begun):
        return refused(f"does not begin with the item that was cut, {show_found(part.begun)}", first[0], base)
    if not part.is_told and not repeated and _begins_anew(held, new):
        return refused("begins the list anew; only what comes after its last item is asked for", new[0], base)
    return None


def _holds(item: JsonValue, begun: JsonValue) -> bool:
    """Whether an item has the closed members of the one that was cut."""
    if not isinstance(begun, dict):
        return True
    closed = {key: value for key, value in begun.items() if not isinstance(value, dict | list)}
    return isinstance(item, dict) and all(
        key in item and likeness(item[key], value) >= LIKE for key, value in closed.items()
    )


def _is_same(one: JsonValue, other: JsonValue) -> bool:
    return likeness(one, other) == 1.0


def _begins_anew(held: list[JsonValue], new: list[JsonValue]) -> bool:
    """Whether most of the first items are like those with which the list begins; what all of them have tells nothing."""
    pairs = list(zip(held[:COMPARED], new[:COMPARED], strict=False))
    constant = _constant(held[:COMPARED])
    alike = sum(_is_same_item(one, other, constant) for one, other in pairs)
    return alike * 2 > len(pairs)


def _constant(items: list[JsonValue]) -> frozenset[str]:
    """The members that are the same in all of several objects."""
    objects = [item for item in items if isinstance(item, dict)]
    if len(objects) < 2:
        return frozenset()
    return frozenset(key for key in objects[0] if all(item.get(key) == objects[0][key] for item in objects))


def _is_same_item(one: JsonValue, other: JsonValue, constant: frozenset[str]) -> bool:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return _is_same(one, other)
    keys = [key for key in one if key not in constant]
    return sum(key in other and _is_same(one[key], other[key]) for key in keys) * 2 > len(keys)


def repeated(base: JsonValue, value: JsonValue, open_path: Path, at: Path) -> Iterator[Repair]:
    """Members that are there already and are said otherwise; those that are there stay."""
    if isinstance(base, list) and open_path and isinstance(value, dict):
        yield from repeated(base[0], value.get(ITEM), open_path[1:], (*at, 0))
    if not isinstance(base, dict) or not isinstance(value, dict):
        return
    for key in base:
        if key not in value:
            continue
        if open_path[:1] == (key,):
            yield from repeated(base[key], value[key], open_path[1:], (*at, key))
        elif not _is_same(base[key], value[key]):
            yield _differing((*at, key), value[key], base[key])


def _differing(at: Path, said: JsonValue, kept: JsonValue) -> Repair:
    return Repair(at, "repeated_member", show_found(said), show_found(kept), "guessed")


def _sent_again(base: JsonValue, said: Said) -> Merged | None:
    """The whole value sent again: what is missing is taken from it, what is there stays; None where it is another value."""
    whole = said.whole
    if not isinstance(base, dict) or not isinstance(whole, dict) or not base.keys() <= whole.keys():
        return None
    seen: list[Repair | None] = []
    value = _laid_over(base, whole, (), seen)
    doubts = tuple(one for one in seen if one is not None)
    is_same = len(doubts) <= MOST_DOUBTS and len(doubts) * 2 <= len(seen)
    return taken(value, said, doubts) if is_same else None


def _laid_over(base: JsonValue, whole: JsonValue, at: Path, seen: list[Repair | None]) -> JsonValue:
    """The base with what only the whole has; for each place that both have, None where they agree, else the doubt."""
    if isinstance(base, dict) and isinstance(whole, dict):
        both = {key: _laid_over(base[key], whole[key], (*at, key), seen) for key in base if key in whole}
        return {**base, **both, **{key: value for key, value in whole.items() if key not in base}}
    if isinstance(base, list) and isinstance(whole, list) and len(base) <= len(whole):
        items = [_laid_over(one, whole[index], (*at, index), seen) for index, one in enumerate(base)]
        return [*items, *whole[len(base) :]]
    seen.append(None if _is_same(base, whole) else _differing(at, whole, base))
    return base


def _lengthened(part: Rest, base: JsonValue, said: Said) -> Merged:
    """A bare list for the list that was cut; what else was asked for stays unsaid, and so in doubt."""
    value, path = said.value, part.open_path
    held = look_for(base, path)
    if not isinstance(value, list) or not isinstance(held, list) or not path or not _is_alike_in_kind(held, value):
        return refused("does not go on with the one that was cut", value, base)
    if (problem := _broken(part, base, held, value)) is not None:
        return problem
    if _has_map(part.schema, path):
        return refused("says nothing of the entries that follow", value, base)
    made = Rest(part.schema, part.asked, "", held, ()).merge(held, value)
    entries = (*(one.under(path) for one in made.repairs), *_unsaid(part.schema, path, ()))
    return taken(put(base, path, made.value), said, entries)


def _is_alike_in_kind(held: list[JsonValue], new: list[JsonValue]) -> bool:
    """Whether the items of two lists are objects, or lists, or neither, in both."""
    kinds = {dict if isinstance(item, dict) else list if isinstance(item, list) else str for item in (*held, *new)}
    return len(kinds) < 2


def _has_map(schema: JsonValue, path: Path) -> bool:
    """Whether an object on the way to a list may have entries of any name."""
    if not path or not isinstance(schema, dict):
        return False
    known = schema.get("properties")
    inner = known.get(str(path[0])) if isinstance(known, dict) else None
    return bool(schema.get("additionalProperties")) or _has_map(inner, path[1:])


def _unsaid(schema: JsonValue, path: Path, at: Path) -> Iterator[Repair]:
    """Members that were asked for beside a list, of which only the list was said."""
    known = schema.get("properties") if isinstance(schema, dict) else None
    if not path or not isinstance(known, dict):
        return
    for key, inner in known.items():
        if key == path[0]:
            yield from _unsaid(inner, path[1:], (*at, key))
        else:
            yield Repair((*at, key), "unsaid_member", None, None, "guessed")
