"""Malformed answers: recovered, refused, silently wrong, and microseconds by size, beside other readers in the same run.

Readers whose package is not installed are named and left out: `pip install json-repair baml-py` in an environment of
its own. Documents and damage are made here from a seed, so the truth is known.

    python benchmarks/repair.py                 # print the tables
    python benchmarks/repair.py --write         # and put them into docs/figures.md
    python benchmarks/repair.py --quick         # small sizes only
"""

import argparse
import json
import random
import signal
import sys
import time
import tracemalloc
import types
from collections.abc import Callable
from functools import cache
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from extract.flow.reading import read  # noqa: E402
from extract.target.lower import lower  # noqa: E402
from extract.text import Hints, candidates  # noqa: E402

MARKS = ("<!-- repair:begin -->", "<!-- repair:end -->")
SAMPLES = 40
LIMIT_S = 20.0
SIZES = (2_000, 20_000, 200_000, 2_000_000)
WORDS = [
    "lamp",
    "desk",
    "river",
    "blue",
    "stone",
    "Größe",
    "价格",
    "مدينة",
    "north",
    "paper",
    "quick",
    "seven",
    "garden",
    "winter",
    "漢字",
    "Straße",
]
SENTENCES = (
    "It arrived late, and the box was open",
    "see page 4: two parts (A and B)",
    "Die Lieferung kam am Montag",
    "货物已经发出，请查收",
    "تم تأكيد الطلب",
    "thanks 🎉 all good",
)


class Line(BaseModel):
    sku: str
    count: int
    price: float
    open: bool
    note: str


class Order(BaseModel):
    id: str
    customer: str
    lines: list[Line]


BAML = """
class Line {
  sku string
  count int
  price float
  open bool
  note string
}
class Order {
  id string
  customer string
  lines Line[]
}
client<llm> Nobody {
  provider openai
  options {
    model "none"
    api_key "none"
  }
}
function Read(text: string) -> Order {
  client Nobody
  prompt #"{{ctx.output_format}} {{text}}"#
}
"""


def document(rng: random.Random, size: int) -> dict:
    """An order of about `size` characters."""
    lines: list[dict] = []
    order = {"id": f"A-{rng.randrange(1000)}", "customer": rng.choice(WORDS).title(), "lines": lines}
    length = 60
    while length < size or not lines:
        lines.append(
            {
                "sku": f"{rng.choice(WORDS)}-{rng.randrange(100)}",
                "count": rng.randrange(1, 500),
                "price": rng.randrange(100, 99999) / 100,
                "open": rng.random() < 0.5,
                "note": rng.choice(SENTENCES),
            }
        )
        length += 105
    return order


def text_of(value: dict) -> str:
    return json.dumps(value, ensure_ascii=False)


def single_quotes(text: str) -> str:
    return text.replace('"', "'")


def literals(text: str) -> str:
    return text.replace(": true", ": True").replace(": false", ": False")


def bare_keys(text: str) -> str:
    for key in ("id", "customer", "lines", *Line.model_fields):
        text = text.replace(f'"{key}":', f"{key}:")
    return text


def trailing_commas(text: str) -> str:
    return text.replace("}", ",}").replace("]", ",]")


def missing_commas(text: str) -> str:
    return text.replace('", "', '"\n"').replace("}, {", "}\n{")


def raw_newlines(text: str) -> str:
    return (
        text.replace(", and", ",\nand").replace("kam am", "kam\nam").replace("已经", "已\n经").replace("all", "\tall")
    )


def inner_quotes(text: str) -> str:
    return text.replace("open", "open", 1).replace("the box", 'the "box"').replace("Montag", '"Montag"')


def curly_quotes(text: str) -> str:
    out, is_open = [], False
    for char in text:
        if char == '"':
            is_open = not is_open
            out.append("“" if is_open else "”")
        else:
            out.append(char)
    return "".join(out)


def comments(text: str) -> str:
    return text.replace('"count"', '/* how many */ "count"').replace("}, {", "}, // next\n{")


def full_width(text: str) -> str:
    return text.replace('": ', '"：').replace('", "', '"，"')


def fence(text: str) -> str:
    return f"Here is the order:\n```json\n{text}\n```\nAsk me for more."


def prose(text: str) -> str:
    return f"The document says this: {text} I hope that it helps [1]."


def trailing(text: str) -> str:
    return text + "}}\n\nEnd of answer."


def double_encoded(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def mixture(text: str) -> str:
    return fence(comments(trailing_commas(literals(bare_keys(raw_newlines(text))))))


def decoy_in_thoughts(text: str) -> str:
    return f"<think>Maybe {text.replace('A-', 'Z-', 1)}? No.</think>\n{text}"


def cut(text: str) -> str:
    return text[: len(text) - len(text) // 5]


THROUGHOUT: dict[str, Callable[[str], str]] = {
    "single quotes": single_quotes,
    "Python literals": literals,
    "bare keys": bare_keys,
    "trailing commas": trailing_commas,
    "missing commas": missing_commas,
    "raw newlines": raw_newlines,
    "mixture": mixture,
}
DAMAGE: dict[str, Callable[[str], str]] = {
    **THROUGHOUT,
    "fence": fence,
    "prose": prose,
    "trailing garbage": trailing,
    "unescaped quotes": inner_quotes,
    "curly quotes": curly_quotes,
    "comments": comments,
    "full-width marks": full_width,
    "double-encoded": double_encoded,
    "decoy in thoughts": decoy_in_thoughts,
    "cut in the middle": cut,
}
"""What is done to a text; only the last one must be refused."""

ORDER = TypeAdapter(Order)
LOWERED = lower(Order, "plain")
HINTS = Hints(keys=frozenset(Order.model_fields) | frozenset(Line.model_fields))


def ours(text: str) -> object:
    return read(LOWERED, text).value.model_dump()


def ours_without_schema(text: str) -> object:
    return candidates(text, HINTS)[0].value


def core(text: str) -> object:
    return ORDER.validate_json(text).model_dump()


def partial(text: str) -> object:
    found = import_module("pydantic_core").from_json(text, allow_partial=True)
    return ORDER.validate_python(found).model_dump()


def json_repair(text: str) -> object:
    return ORDER.validate_python(import_module("json_repair").loads(text)).model_dump()


@cache
def baml_runtime() -> object:
    return import_module("baml_py").BamlRuntime.from_files("/baml", {"/baml/main.baml": BAML}, {})


def baml(text: str) -> object:
    runtime = baml_runtime()
    module = types.ModuleType("models")
    module.Order, module.Line = Order, Line
    context = runtime.create_context_manager()
    return runtime.parse_llm_response("Read", text, module, module, module, False, context, None, None, {}).model_dump()


READERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "extract": ("", ours),
    "validate_json": ("pydantic-core", core),
    "from_json, partial": ("pydantic-core", partial),
    "json-repair": ("json-repair", json_repair),
    "baml-py": ("baml-py", baml),
}


def present() -> tuple[dict[str, Callable[[str], object]], list[str]]:
    """The readers that can be run, and the names of those that cannot."""
    absent = [
        name for name, (package, _) in READERS.items() if package and find_spec(package.replace("-", "_")) is None
    ]
    return {name: run for name, (_, run) in READERS.items() if name not in absent}, absent


class TooLongError(Exception):
    """A reader ran beyond the limit."""


def stop(_signal: int, _frame: object) -> None:
    raise TooLongError


def timed(run: Callable[[str], object], text: str) -> float | None:
    """Best time of a few runs in seconds; None beyond the limit or where the reader refuses."""
    best = None
    signal.signal(signal.SIGALRM, stop)
    for _ in range(15 if len(text) < 50_000 else 5 if len(text) < 500_000 else 2):
        signal.setitimer(signal.ITIMER_REAL, LIMIT_S)
        begun = time.process_time()
        try:
            run(text)
        except TooLongError:
            return None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        spent = time.process_time() - begun
        best = spent if best is None else min(best, spent)
    return best


def outcome(run: Callable[[str], object], text: str, truth: object) -> str:
    """`right`, `wrong` or `refused`."""
    try:
        value = run(text)
    except Exception:
        return "refused"
    return "right" if value == truth else "wrong"


def recovery(readers: dict[str, Callable[[str], object]]) -> list[list[str]]:
    """One row per damage: right / silently wrong of all samples, per reader."""
    rows = []
    for name, harm in DAMAGE.items():
        row = [name]
        for run in readers.values():
            rng = random.Random(7)
            told = []
            for _ in range(SAMPLES):
                truth = document(rng, 400)
                told.append(outcome(run, harm(text_of(truth)).replace("�", ""), expected(name, truth)))
            row.append(f"{told.count('right')} / {told.count('wrong')}")
        rows.append(row)
    return rows


def expected(name: str, truth: dict) -> object:
    """The value that a damaged text stands for; a cut text stands for none."""
    if name == "cut in the middle":
        return None
    notes = {"raw newlines": raw_newlines, "mixture": raw_newlines, "unescaped quotes": inner_quotes}.get(name)
    if notes is None:
        return truth
    changed = [{**line, "note": notes(line["note"])} for line in truth["lines"]]
    return {**truth, "lines": changed}


def speed(sizes: tuple[int, ...]) -> list[list[str]]:
    """One row per damage and size: microseconds of json.loads on the intact text, of us and json-repair on the broken one."""
    repairer = import_module("json_repair").loads if find_spec("json_repair") else None
    rows = []
    for name in ("fence", "prose", "trailing garbage", "cut in the middle", *THROUGHOUT):
        for size in sizes:
            intact = text_of(document(random.Random(size), size))
            broken = DAMAGE[name](intact)
            plain = timed(json.loads, intact) or 0.0
            mine = timed(lambda text: candidates(text, HINTS), broken)
            other = timed(repairer, broken) if repairer is not None and len(broken) < 5_000_000 else None
            rows.append(
                [
                    name,
                    f"{len(broken):,}",
                    f"{plain * 1e6:,.0f}",
                    "too long" if mine is None else f"{mine * 1e6:,.0f}",
                    "" if mine is None else f"{mine / plain:.1f}",
                    "-" if repairer is None else f"> {LIMIT_S:.0f} s" if other is None else f"{other * 1e6:,.0f}",
                    "-" if repairer is None or mine is None else f"{(other or LIMIT_S) / mine:.1f}",
                ]
            )
            print(" | ".join(rows[-1]), flush=True)
    return rows


HOSTILE: dict[str, Callable[[int], str]] = {
    "opening brackets": lambda n: "[" * n,
    "opening braces": lambda n: "{" * n,
    "members in braces": lambda n: '{"a":' * n,
    "closing brackets": lambda n: "]" * n,
    "quotes": lambda n: '"' * n,
    "quotes in a string": lambda n: '{"a": "' + '"' * n,
    "alternating quotes": lambda n: "\"'" * (n // 2),
    "single quotes in an object": lambda n: "{'" * (n // 2),
    "backslashes": lambda n: '{"a": "' + "\\" * n,
    "commas": lambda n: "[" + "," * n,
    "colons": lambda n: "{" + ":" * n,
    "digits": lambda n: '{"a": ' + "1" * n,
    "one long line": lambda n: '{"a": "' + "x" * n,
    "letters": lambda n: "a" * n,
    "words": lambda n: "ab " * (n // 3),
    "lines of keys": lambda n: "a: 1\n" * (n // 5),
    "list items": lambda n: "- a\n" * (n // 4),
    "deep items": lambda n: "".join(" " * (i % 50) + "- a\n" for i in range(n // 29)),
    "fences": lambda n: "```json\n" * (n // 8),
    "thoughts": lambda n: "<think>" * (n // 7),
    "closed thoughts": lambda n: "</think>{" * (n // 9),
    "channels": lambda n: "<|channel|>final<|message|>" * (n // 27),
    "calls": lambda n: "f(a=" * (n // 4),
    "parameters": lambda n: "<function=f><parameter=a>" * (n // 25),
    "invocations": lambda n: '<invoke name="f"><parameter name="a">' * (n // 37),
    "elements": lambda n: "<id>" * (n // 4),
    "comments": lambda n: "{/*" * (n // 3),
    "slashes": lambda n: "{" + "/" * n,
    "bare keys": lambda n: "{a:" * (n // 3),
    "keys without values": lambda n: "{" + '"a":' * (n // 4),
    "unclosed strings": lambda n: '{"id": "x\n' * (n // 10),
    "records without commas": lambda n: "[" + '{"id": "a" "b": 1}' * (n // 18),
    "escaped quotes": lambda n: '{\\"a\\": ' * (n // 8),
    "triple quotes": lambda n: '{"a": """' * (n // 9),
    "tables": lambda n: "|a|b|\n|-|-|\n" * (n // 12),
    "spaces": lambda n: '{"a":' + " " * n + "}",
    "newlines": lambda n: '{"a": "x' + "\n" * n,
    "plus signs": lambda n: '{"a": "x"' + '+"x"' * (n // 4),
    "half surrogates": lambda n: '{"a": "' + "\\ud83d" * (n // 6) + '"}',
    "full-width braces": lambda n: "｛" * n,
    "double encoding": lambda n: json.dumps(json.dumps(json.dumps("[" * (n // 2)))),
}


def hostile(sizes: tuple[int, int]) -> list[list[str]]:
    """One row per shape: microseconds at two sizes; linear is a ratio of about the sizes' ratio."""
    rows = []
    for name, make in HOSTILE.items():
        small, large = (timed(lambda text: candidates(text, HINTS), make(size)) for size in sizes)
        ratio = f"{large / small:.0f}" if small and large else "-"
        shown = [f"{spent * 1e6:,.0f}" if spent is not None else f"> {LIMIT_S:.0f} s" for spent in (small, large)]
        rows.append([name, *shown, ratio])
        print(" | ".join(rows[-1]), flush=True)
    return rows


MEMORY_SIZES = (200_000, 5_000_000)


def memory(sizes: tuple[int, ...]) -> list[list[str]]:
    """One row per damage: peak bytes per character of the text, ours at each size, of json-repair at the first."""
    repairer = import_module("json_repair").loads if find_spec("json_repair") else None
    rows = []
    for name in ("fence", "cut in the middle", "Python literals", "missing commas", "mixture", "unescaped quotes"):
        texts = [DAMAGE[name](text_of(document(random.Random(size), size))) for size in sizes]
        mine = [peak_per_char(lambda text: candidates(text, HINTS), text) for text in texts]
        value = peak_per_char(json.loads, text_of(document(random.Random(sizes[0]), sizes[0])))
        other = None if repairer is None else peak_per_char(repairer, texts[0])
        rows.append([name, f"{value:.0f}", *(f"{one:.0f}" for one in mine), "-" if other is None else f"{other:.0f}"])
        print(" | ".join(rows[-1]), flush=True)
    return rows


def peak_per_char(run: Callable[[str], object], text: str) -> float:
    """Most bytes that were held at a time while a text was read, its value among them, per character."""
    tracemalloc.start()
    try:
        run(text)
        return tracemalloc.get_traced_memory()[1] / len(text)
    finally:
        tracemalloc.stop()


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def report(*, quick: bool) -> str:
    readers, absent = present()
    versions = ", ".join(
        f"{name} {metadata.version(name)}"
        for name in ("pydantic-core", "json-repair", "baml-py")
        if not is_absent(name)
    )
    sizes = SIZES[:2] if quick else SIZES
    held = MEMORY_SIZES[:1] if quick else MEMORY_SIZES
    parts = [
        f"Python {sys.version.split()[0]}; {versions}."
        + (f" Not installed here: {', '.join(absent)}." if absent else ""),
        f"Right / silently wrong of {SAMPLES} (the cut ones must be refused, so 0 / 0 is best there):",
        table(["damage", *readers], recovery(readers)),
        "Microseconds. `json.loads` reads the intact text, the others the damaged one, all without a schema:",
        table(["damage", "characters", "json.loads", "extract", "times", "json-repair", "faster by"], speed(sizes)),
        "Memory: peak bytes per character (the text itself, 4 bytes a character here, not counted; json.loads reads the intact one):",
        table(
            ["damage", "json.loads", *(f"extract, {size:,}" for size in held), f"json-repair, {held[0]:,}"],
            memory(held),
        ),
        "Hostile texts, microseconds at two sizes (a ratio of about 10 is linear time):",
        table(["shape", "20,000", "200,000", "ratio"], hostile((20_000, 200_000))),
    ]
    return "\n\n".join(parts)


def is_absent(package: str) -> bool:
    return find_spec(package.replace("-", "_")) is None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--write", action="store_true", help="put the tables into docs/figures.md")
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    chosen = parser.parse_args()
    text = report(quick=chosen.quick)
    print(text)
    if chosen.write:
        page = ROOT / "docs" / "figures.md"
        before, _, rest = page.read_text("utf-8").partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        page.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
