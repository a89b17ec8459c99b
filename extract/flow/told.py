"""What the answer to a part says, where it does not have the shape that was asked for.

A model that is asked for two values, or for the rest of a list, may send the whole record, a bare list, the text from the
cut on, or nothing of the kind. Fitting would make something of each; here is told what can be known:

    sure      the place of every value is known, and what stands beside it agrees with what is there already
    doubted   it is taken with a `guessed` entry, so that by default just these places are asked for
    refused   nothing is taken, and the issue says why

Nothing that was valid already is changed by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from ..target.compile import compile_target
from ..target.lower import Lowered, lower
from ..text.reasoning import split_reasoning
from ..text.strict import loads
from ..vocabulary import Issue, JsonObject, JsonValue, Path, Repair, Trust, show_found, show_path
from .consensus import likeness
from .edit import CHANGES, Edit, Part
from .part import FOLLOWING, ITEM, Correction, Merged, Rest, overlap
from .place import branches, has, look, look_for, put
from .reading import Reading, examine

MOST_DOUBTS: Final = 20
"""Most places of a whole that was sent again which may differ from what is there; with more of them it is another record."""
COMPARED: Final = 20
"""How many items tell whether a list was begun anew."""
GOES_ON: Final = re.compile(
    r"""\s*(?:
        [,:\]}]                              # what stands between values, or closes them
        | [^{}\[\]]*"\s*[,:]\s*[\[{"\d\-tfn]  # the end of a string, then the next value
        | [^{}\[\]"]*[\]}]                    # the end of a number or a word, then the end of what held it
    )""",
    re.VERBOSE,
)
"""How a text begins that goes on inside a JSON value."""
LIKE: Final = 0.5
"""How alike a value must be that is said once more."""
SEAM_CHARS: Final = 400
LEAST_SEAM_CHARS: Final = 8
"""How much of the end of a cut text is looked for at the beginning of the next; less may be chance."""
OPENING: Final = re.compile(r"[\[{]")
MARK: Final = re.compile(r'[\[\]{}]|"(?:[^"\\]|\\.)*+"?', re.DOTALL)
FENCE: Final = re.compile(r"```\w*")


@dataclass(frozen=True, slots=True)
class Said:
    """The JSON of an answer before it was fitted to the part.

    Attributes:
        value: in natural form, as the part's schema has it.
        whole: in natural form, as the schema of the whole has it.
        text: what was written.
        repairs: of its syntax.
        is_one: whether it is one value; else it could not be told from others beside it.

    """

    value: JsonValue
    whole: JsonValue
    text: str = ""
    repairs: tuple[Repair, ...] = ()
    is_one: bool = True


def said_in(text: str, part: Lowered[Any], whole: Lowered[Any]) -> Said:
    """The JSON of a text, whatever its shape."""
    read = examine(lower(compile_target(Any), "plain"), text, repair="coerced")
    if not isinstance(read, Reading):
        return Said(None, None, text, is_one=False)
    return Said(part.decode(read.json).value, whole.decode(read.json).value, text, read.repairs)


def merged(part: Part, base: JsonValue, answer: JsonValue, said: Said, repairs: tuple[Repair, ...]) -> Merged:
    """The base with what an answer says of a part; the repairs are in the paths of the whole.

    Args:
        part: what was asked for.
        base: the value as far as it goes.
        answer: the answer, fitted to the part.
        said: the answer as it was.
        repairs: what fitting changed; paths as in the part.

    """
    taken: Merged | None
    match part:
        case Correction():
            taken = _corrected(part, base, said)
        case Rest():
            taken = _continued(part, base, said)
        case Edit():
            taken = _edited(base, repairs)
    if taken is not None:
        return taken
    made = part.merge(base, answer)
    moved = tuple(replace(one, path=part.path_in_whole(base, one.path)) for one in repairs)
    again = tuple(_repeated(base, said.value, part.open_path, ())) if isinstance(part, Rest) else ()
    return replace(made, repairs=(*moved, *made.repairs, *again))


def _taken(value: JsonValue, said: Said, entries: tuple[Repair, ...]) -> Merged:
    """What was taken from an answer of another shape."""
    return Merged(value, (*said.repairs, *entries))


# --- single values


def _corrected(part: Correction, base: JsonValue, said: Said) -> Merged | None:
    """What is taken of an answer that does not name what was asked for; None: it is taken as fitting has made it."""
    if not said.is_one or _has_names(part, said.value) or not isinstance(said.value, dict | list):
        return None
    found = _elsewhere(part, base, said)
    if found is not None:
        return found
    if len(part.places) == 1 and not _is_other(part, said.value):
        return None
    return _refused("holds none of the values that were asked for", said.value, base)


def _is_other(part: Correction, value: JsonValue) -> bool:
    """Whether an object cannot be the one value that was asked for: it has no member of it."""
    known = part.schema["properties"]
    wanted = known.get(part.places[0][0]) if isinstance(known, dict) else None
    if not isinstance(value, dict) or len(value) <= 1 or not isinstance(wanted, dict):
        return False
    names = [_names(branch) for branch in branches(part.schema, wanted)]
    is_map = any(branch.get("additionalProperties") for branch in branches(part.schema, wanted))
    return not is_map and not any(value.keys() & one for one in names)


def _has_names(part: Correction, value: JsonValue) -> bool:
    """Whether an answer, or the only thing in it, names what was asked for."""
    names = {name for name, _ in part.places}
    for _ in range(3):
        if isinstance(value, dict) and names & value.keys():
            return True
        inner = list(value.values()) if isinstance(value, dict) else value
        if not isinstance(inner, list) or len(inner) != 1:
            return False
        value = inner[0]
    return False


def _elsewhere(part: Correction, base: JsonValue, said: Said) -> Merged | None:
    """The values in an answer that has them where they belong: in the whole, in what holds them, or under their paths."""
    whole = said.whole
    paths = [path for _, path in part.places]
    if isinstance(whole, dict) and all(show_path(path) in whole for path in paths):
        return _placed(base, said, [(path, whole[show_path(path)]) for path in paths], is_sure=True)
    for depth in range(min(map(len, paths))):
        head = paths[0][:depth]
        inner = [path[depth:] for path in paths]
        if any(path[:depth] != head for path in paths) or not all(has(whole, path) for path in inner):
            continue
        is_alone = len(paths) == len(inner[0]) == 1 and isinstance(whole, dict) and len(whole) == 1
        is_item = bool(head) and isinstance(head[-1], int)
        is_sure = is_alone or _agrees(look_for(base, head), whole, frozenset(inner), is_item=is_item)
        return _placed(base, said, [(path, look(whole, path[depth:])) for path in paths], is_sure=is_sure)
    return None


def _placed(base: JsonValue, said: Said, values: list[tuple[Path, JsonValue]], *, is_sure: bool) -> Merged:
    entries: list[Repair] = []
    for path, value in values:
        trust: Trust = "coerced" if is_sure else "guessed"
        entries.append(Repair(path, "taken_from_whole", show_found(look_for(base, path)), show_found(value), trust))
        base = put(base, path, value)
    return _taken(base, said, tuple(entries))


def _agrees(base: JsonValue, whole: JsonValue, asked: frozenset[Path], *, is_item: bool = False) -> bool:
    """Whether list items on the way to the asked places are those of the base: as many, with the same beside them."""
    if () in asked:
        return not is_item
    steps = {path[0] for path in asked}
    if isinstance(base, list) and isinstance(whole, list):
        pairs = enumerate(zip(base, whole, strict=False))
        beside = len(base) > 1 and all(one == other for at, (one, other) in pairs if at not in steps)
        inner = [at for at in steps if isinstance(at, int)]
        return len(base) == len(whole) and all(
            _agrees(base[at], whole[at], _below(asked, at), is_item=not beside) for at in inner
        )
    if isinstance(base, dict) and isinstance(whole, dict):
        known = [key for key in base if key not in steps]
        beside = not is_item or (bool(known) and all(base[key] == whole.get(key) for key in known))
        return beside and all(_agrees(base.get(str(key)), whole.get(str(key)), _below(asked, key)) for key in steps)
    return False


def _below(paths: frozenset[Path], step: str | int) -> frozenset[Path]:
    return frozenset(path[1:] for path in paths if path[0] == step)


# --- the rest of a cut answer


def _continued(part: Rest, base: JsonValue, said: Said) -> Merged | None:
    """What is taken of an answer that does not go on as it was asked; None: it does, and is joined."""
    if _goes_on(part, said):
        joined = _text_joined(part, base, said)
        return joined or _refused("goes on inside the last one; send a JSON value of its own", said.text, base)
    if not said.is_one:
        return _refused("holds no value, or several; exactly one is asked for", said.text, base)
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
    doubts = (*(one for one in seen if one is not None), *_repeated(base, value, part.open_path, ()))
    return _taken(made.value, said, (*made.repairs, *doubts))


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
    return _refused(f"lacks the member {part.begun_key!r} in which the last one was cut", value, base)


def _text_joined(part: Rest, base: JsonValue, said: Said) -> Merged | None:
    """The cut text and the one that goes on with it, where both are one JSON value; a value across the seam is in doubt."""
    text = _bare(said.text)
    most = min(len(text), len(part.cut), SEAM_CHARS)
    length = next((size for size in range(most, LEAST_SEAM_CHARS - 1, -1) if part.cut.endswith(text[:size])), 0)
    whole = _strict(part.cut + text[length:])
    if not part.cut or whole is None:
        return None
    entries = [Repair((), "text_continued", show_found(said.text), None, "coerced")]
    other = None if length else _strict(f"{part.cut}9{text}")
    if other is not None and (path := _difference(whole, other)):
        entries.append(Repair(path, "text_continued", show_found(look_for(whole, path)), None, "guessed"))
    made = _sent_again(base, replace(said, whole=whole))
    return None if made is None else replace(made, repairs=(*entries, *made.repairs))


def _strict(text: str) -> JsonValue:
    try:
        return loads(text)
    except ValueError:
        return None


def _difference(one: JsonValue, other: JsonValue) -> Path:
    """Where two values first differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [key for key in one if key not in other or one[key] != other[key]]
        return () if not keys else (keys[0], *(_difference(one[keys[0]], other[keys[0]]) if keys[0] in other else ()))
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        at = next((at for at in range(len(one)) if one[at] != other[at]), None)
        return () if at is None else (at, *_difference(one[at], other[at]))
    return ()


def _goes_on(part: Rest, said: Said) -> bool:
    """Whether a text goes on inside the JSON of another, or ends something that it has not begun."""
    text = _bare(said.text)
    if GOES_ON.match(text):
        return True
    after = text[_end_of_root(text) :].lstrip()
    is_closed_twice = (
        after[:1] == "}" and isinstance(said.value, dict) and bool(said.value.keys() & _names(part.schema))
    )
    return after[:1] in (",", ":", "]", "}") and not is_closed_twice


def _bare(text: str) -> str:
    """A text without thoughts and without the fence around it."""
    text = split_reasoning(text)[0].strip()
    opened = FENCE.match(text)
    return text if opened is None else text[opened.end() :].removesuffix("```").strip()


def _end_of_root(text: str) -> int:
    """Where the first object or list of a text ends; the end of the text where it does not."""
    opened = OPENING.search(text)
    depth, at = 0, len(text) if opened is None else opened.start()
    while at < len(text):
        found = MARK.search(text, at)
        if found is None:
            break
        at = found.end()
        if found[0] in ("{", "["):
            depth += 1
        elif found[0] in ("}", "]"):
            depth -= 1
            if depth == 0:
                return at
    return len(text)


def _names(schema: JsonObject) -> frozenset[str]:
    known = schema.get("properties")
    return frozenset(known) if isinstance(known, dict) else frozenset()


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
        return is_own or not value or bool(value.keys() & _names(part.schema))
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
        return _refused("lacks the item in which the last one was cut", new, base)
    if held and first and part.begun and not _holds(first[0], part.begun):
        return _refused(f"does not begin with the item that was cut, {show_found(part.begun)}", first[0], base)
    if not part.is_told and not repeated and _begins_anew(held, new):
        return _refused("begins the list anew; only what comes after its last item is asked for", new[0], base)
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


def _repeated(base: JsonValue, value: JsonValue, open_path: Path, at: Path) -> Iterator[Repair]:
    """Members that are there already and are said otherwise; those that are there stay."""
    if isinstance(base, list) and open_path and isinstance(value, dict):
        yield from _repeated(base[0], value.get(ITEM), open_path[1:], (*at, 0))
    if not isinstance(base, dict) or not isinstance(value, dict):
        return
    for key in base:
        if key not in value:
            continue
        if open_path[:1] == (key,):
            yield from _repeated(base[key], value[key], open_path[1:], (*at, key))
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
    return _taken(value, said, doubts) if is_same else None


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
        return _refused("does not go on with the one that was cut", value, base)
    if (problem := _broken(part, base, held, value)) is not None:
        return problem
    if _has_map(part.schema, path):
        return _refused("says nothing of the entries that follow", value, base)
    made = Rest(part.schema, part.asked, "", held, ()).merge(held, value)
    entries = (*(one.under(path) for one in made.repairs), *_unsaid(part.schema, path, ()))
    return _taken(put(base, path, made.value), said, entries)


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


# --- the patch of a record


def _edited(base: JsonValue, repairs: tuple[Repair, ...]) -> Merged | None:
    """What a fitting would leave out of a patch is a change that is lost; None where nothing is."""
    lost = [one for one in repairs if one.rule == "extra_key_dropped" and one.path[:1] == (CHANGES,)]
    return _refused("names something that the record does not have", lost[0].before, base) if lost else None


def _refused(problem: str, found: JsonValue, base: JsonValue) -> Merged:
    return Merged(base, issues=(Issue((), "nothing", f"the answer {problem}", show_found(found)),))
