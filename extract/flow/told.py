"""What the answer to a part says, where it does not have the shape that was asked for.

A model that is asked for two values, or for the rest of a list, may send the whole record, a bare list, the text from the
cut on, or nothing of the kind. Fitting would make something of each; here is told what can be known:

    sure      the place of every value is known, and what stands beside it agrees with what is there already
    doubted   it is taken with a `guessed` entry, so that by default just these places are asked for
    refused   nothing is taken, and the issue says why

Nothing that was valid already is changed by it.
"""

from __future__ import annotations

from dataclasses import replace

from ..vocabulary import JsonValue, Repair
from .continued import continued, repeated
from .corrected import corrected
from .edit import CHANGES, Edit, Part
from .part import Correction, Merged, Rest
from .said import Said, refused


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
            taken = corrected(part, base, said)
        case Rest():
            taken = continued(part, base, said)
        case Edit():
            taken = _edited(base, repairs)
    if taken is not None:
        return taken
    made = part.merge(base, answer)
    moved = tuple(replace(one, path=part.path_in_whole(base, one.path)) for one in repairs)
    again = tuple(repeated(base, said.value, part.open_path, ())) if isinstance(part, Rest) else ()
    return replace(made, repairs=(*moved, *made.repairs, *again))


def _edited(base: JsonValue, repairs: tuple[Repair, ...]) -> Merged | None:
    """What a fitting would leave out of a patch is a change that is lost; None where nothing is."""
    lost = [one for one in repairs if one.rule == "extra_key_dropped" and one.path[:1] == (CHANGES,)]
    return refused("names something that the record does not have", lost[0].before, base) if lost else None
