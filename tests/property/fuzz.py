"""Fuzz the readers of text: no crash, no foreign error, no hang, for as many seconds as asked.

    python -m tests.property.fuzz 600

Half of the texts are noise drawn from the marks of JSON and of its relatives, half are valid documents with one to
six random edits. Each is read without a schema and for four targets, at every limit. What breaks a law is printed
with the seed, and the run ends with status 1.
"""

from __future__ import annotations

import json
import random
import sys
import time
from contextlib import suppress
from typing import Any

from pydantic import BaseModel

from extract.flow.reading import Reading, examine
from extract.target.lower import lower
from extract.text import Hints, candidates, dumps, repair
from extract.text.candidate import NothingFound

SLOW_S = 3.0
"""Longest time that one text of a few thousand characters may take on a busy machine."""
PIECES = (
    *"{}[]()\"'`,:;\\\n\t /#<>=|-+.*_~%$0123456789abtfnuxe{}{}[][]\"\"\"\":::,,,,",
    "true", "false", "null", "None", "NaN", "...", "```json\n", "```\n", "~~~", "<think>", "</think>", "<tool_call>", "</tool_call>",
    "[TOOL_CALLS]", "<|channel|>final<|message|>", "<|channel|>analysis<|message|>", "<function=f>", "<parameter=a>", "</parameter>",
    '<invoke name="f">', "<arg_key>", "f(", "functions.f(", "a=", '"name": ', '"lines": [', '{"sku": "a", ', '"count": 3', "name: x\n",
    "- a\n", "| a | b |\n|---|---|\n| 1 | 2 |\n", "“", "”", "「", "」", "，", "：", "｛", "｝", "、", "\\u00e9", "\\ud83d", "\\n", "//", "/*", "*/",
    '"""', "'''", "1,234", "31 years", "C:\\new", "\\frac{1}{2}", "é", "漢", "😀", "\u200b", "\ufeff", '<a href="x">', "&amp;", "x" * 50, "9" * 400,
)  # fmt: skip


class Line(BaseModel):
    sku: str
    count: int = 0
    open: bool | None = None


class Order(BaseModel):
    name: str
    lines: list[Line] = []
    notes: dict[str, float] = {}


TARGETS: tuple[Any, ...] = tuple(lower(target, "plain") for target in (Order, list[Line], int, dict[str, Any]))
HINTS = Hints(keys=frozenset({"name", "lines", "notes", "sku", "count", "open"}))


def noise(rng: random.Random) -> str:
    """A text of pieces."""
    return "".join(rng.choice(PIECES) for _ in range(rng.randrange(1, 60)))


def document(rng: random.Random) -> str:
    """A valid document."""
    lines = [
        {
            "sku": noise(rng)[:20],
            "count": rng.randrange(-5, 10 ** rng.randrange(1, 20)),
            "open": rng.choice((True, False, None)),
        }
        for _ in range(rng.randrange(5))
    ]
    value = {"name": noise(rng)[:30], "lines": lines, "notes": {rng.choice("abc"): rng.random()}}
    return json.dumps(value, ensure_ascii=rng.random() < 0.3, indent=rng.choice((None, 2)))


def edited(rng: random.Random, text: str) -> str:
    """A text with a few edits: cut out, doubled, put in, swapped, or ended early."""
    for _ in range(rng.randrange(1, 7)):
        at = rng.randrange(len(text) + 1)
        end = min(len(text), at + rng.randrange(1, 12))
        match rng.randrange(5):
            case 0:
                text = text[:at] + text[end:]
            case 1:
                text = text[:end] + text[at:]
            case 2:
                text = text[:at] + rng.choice(PIECES) + text[at:]
            case 3:
                text = text[:at] + rng.choice(PIECES) + text[end:]
            case _:
                text = text[: max(1, at)] if rng.random() < 0.3 else text
        text = text or "{"
    return text


def check(text: str) -> None:
    """All laws on one text."""
    for hints in (Hints(), HINTS, Hints(exact=True)):
        for one in candidates(text, hints):
            assert 0 <= one.start <= one.end <= len(text), "a candidate outside the text"
            json.loads(dumps(one.value))
    with suppress(NothingFound):
        json.loads(repair(text))
    for target in TARGETS:
        values: list[str] = []
        for limit in ("off", "lossless", "coerced", "guessed"):
            found = examine(target, text, repair=limit)  # type: ignore[arg-type]  # the four limits
            if isinstance(found, Reading):
                if all(entry.rule != "key_spelling" for entry in found.repairs):  # what else was lost may come back
                    values.append(dumps(found.json))
                assert all(entry.trust != "guessed" for entry in found.repairs) or limit == "guessed", (
                    "a guess below its limit"
                )
            else:
                assert not values, "read at a lower limit, refused at a higher one"
        assert len(set(values)) <= 1, "a higher limit changed the value"


def main(seconds: float) -> int:
    """Fuzz for a time; 1 where a law was broken."""
    seed = int(time.time())
    rng = random.Random(seed)
    end, count, slowest = time.monotonic() + seconds, 0, 0.0
    while time.monotonic() < end:
        text = noise(rng) if rng.random() < 0.5 else edited(rng, document(rng))
        begun = time.process_time()
        try:
            check(text)
        except Exception as error:  # noqa: BLE001 - any error is what is looked for
            print(f"seed {seed}, text {count}: {type(error).__name__}: {error}\n{text!r}")
            return 1
        spent = time.process_time() - begun
        slowest = max(slowest, spent)
        if spent > SLOW_S:
            print(f"seed {seed}, text {count}: took {spent:.1f} s\n{text!r}")
            return 1
        count += 1
    print(
        f"{count:,} texts in {seconds:.0f} s, none broke a law; the slowest took {slowest * 1000:.0f} ms of processor time"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0))
