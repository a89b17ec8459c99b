"""Valid documents cut at every character: no limit gives a wrong scalar, and a guess keeps all that was closed.

python -m tests.property.cuts 200
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator

from pydantic import BaseModel
from pydantic_core import from_json

from extract.flow.reading import Reading, examine
from extract.target.lower import lower
from extract.vocabulary import JsonValue, Path

WORDS = (
    "garden",
    "Größe 5",
    '"quoted" word',
    "a, b: c",
    "{brace] ",
    "价格，高",
    "مدينة",
    "🎉",
    "back\\slash",
    "line\nbreak",
    "",
    "31",
    "true",
)


class Line(BaseModel):
    sku: str = ""
    count: int = 0
    price: float | None = None
    open: bool | None = None


class Order(BaseModel):
    id: str = ""
    total: float = 0.0
    lines: list[Line] = []
    tags: list[str] = []
    ratings: dict[str, int] = {}


TARGET = lower(Order, "plain")


def document(rng: random.Random) -> dict[str, JsonValue]:
    """An order, its members in any order, some left out."""
    lines: list[JsonValue] = [
        {
            "sku": rng.choice(WORDS),
            "count": rng.randrange(-9, 9999),
            "price": rng.choice((None, 12.5, 0.125)),
            "open": rng.random() < 0.5,
        }
        for _ in range(rng.randrange(4))
    ]
    members: list[tuple[str, JsonValue]] = [
        ("id", rng.choice(WORDS)),
        ("total", rng.choice((12.5, 1250.0, 7, -0.5))),
        ("lines", lines),
        ("tags", [rng.choice(WORDS) for _ in range(rng.randrange(4))]),
        ("ratings", {rng.choice("abc") + rng.choice(WORDS): rng.randrange(100) for _ in range(rng.randrange(3))}),
    ]
    rng.shuffle(members)
    return dict(members[: rng.randrange(2, 6)])


def leaves(value: JsonValue, path: Path = ()) -> Iterator[tuple[Path, JsonValue]]:
    """All scalars with their places."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from leaves(member, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path, value


def check(value: dict[str, JsonValue], text: str, end: int) -> None:
    """The laws on one document that ends at `end`."""
    cut = text[:end]
    for limit in ("off", "lossless", "coerced"):
        assert not isinstance(examine(TARGET, cut, repair=limit), Reading), f"a cut text was read at {limit}"  # type: ignore[arg-type]
    found = examine(TARGET, cut, repair="guessed")
    if not isinstance(found, Reading):
        return
    truth = dict(leaves(value))
    read = dict(leaves(found.json))
    opened = {repair.path for repair in found.repairs if repair.rule in ("cut_string", "missing_end")}
    for path, leaf in read.items():
        if path in opened:
            assert str(truth[path]).startswith(str(leaf)) or "\ufffd" in str(leaf), (
                f"{path} is no beginning of the text"
            )
        else:
            assert path in truth, f"{path} was made up"
            assert leaf == truth[path], f"{path} is {leaf!r}, not {truth[path]!r}"
    closed = list(leaves(from_json(cut, allow_partial=True)))[:-1]  # the last one may be the begin of a number
    for path, leaf in closed:
        assert path in read, f"{path} was closed, and is lost"
        assert read[path] == leaf, f"{path} was closed, and is changed"


def check_all(documents: int, seed: int) -> int:
    """All cuts of so many documents; how many there were."""
    rng = random.Random(seed)
    count = 0
    for _ in range(documents):
        value = document(rng)
        text = json.dumps(value, ensure_ascii=rng.random() < 0.3, indent=rng.choice((None, 2)))
        for end in range(1, len(text)):
            try:
                check(value, text, end)
            except AssertionError as error:
                raise AssertionError(f"{error}\n{text[:end]!r}") from error
            count += 1
    return count


if __name__ == "__main__":
    print(
        f"{check_all(int(sys.argv[1]) if len(sys.argv) > 1 else 200, 11):,} cuts, no wrong scalar, nothing closed lost"
    )
