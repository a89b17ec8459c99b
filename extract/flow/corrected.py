"""Single values that were asked for, in an answer that does not name them."""

from __future__ import annotations

from ..vocabulary import JsonValue, Path, Repair, Trust, show_found, show_path
from .part import Correction, Merged
from .place import branches, has, look, look_for, put
from .said import Said, names_of, refused, taken


def corrected(part: Correction, base: JsonValue, said: Said) -> Merged | None:
    """What is taken of an answer that does not name what was asked for; None: it is taken as fitting has made it."""
    if not said.is_one or _has_names(part, said.value) or not isinstance(said.value, dict | list):
        return None
    found = _elsewhere(part, base, said)
    if found is not None:
        return found
    if len(part.places) == 1 and not _is_other(part, said.value):
        return None
    return refused("holds none of the values that were asked for", said.value, base)


def _is_other(part: Correction, value: JsonValue) -> bool:
    """Whether an object cannot be the one value that was asked for: it has no member of it."""
    known = part.schema["properties"]
    wanted = known.get(part.places[0][0]) if isinstance(known, dict) else None
    if not isinstance(value, dict) or len(value) <= 1 or not isinstance(wanted, dict):
        return False
    names = [names_of(branch) for branch in branches(part.schema, wanted)]
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
    return taken(base, said, tuple(entries))


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
