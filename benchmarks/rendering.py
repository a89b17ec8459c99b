"""How long a schema is in a prompt: our rendering beside JSON Schema, on the zoo and the corpus.

Characters, and tokens as a byte-pair tokenizer would roughly cut them: words, numbers by three digits, runs of spaces,
single signs. The estimate is the same for all columns; only the ratios are of interest.
"""

import json
import re
import statistics
import time
import warnings
from pathlib import Path

from pydantic import TypeAdapter

from extract.target.render import render
from tests.zoo import CASES

_TOKEN = re.compile(r"[^\W\d_]+|\d{1,3}|\n *| +(?=\S)|[^\w\s]|_")


def tokens(text):
    """Rough tokens: a space joins the word behind it."""
    return len(_TOKEN.findall(re.sub(r" (?=\w)", "", text)))


def schemas():
    """Every natural schema that we have, by collection."""
    warnings.simplefilter("ignore")
    zoo = []
    for case in CASES:
        adapter = case.target if isinstance(case.target, TypeAdapter) else TypeAdapter(case.target)
        zoo.append(adapter.json_schema())
    lines = (Path(__file__).parents[1] / "tests/corpus/schemas.jsonl").read_text("utf-8").splitlines()
    return {"zoo": zoo, "corpus": [json.loads(line)["schema"] for line in lines]}


def main():
    print(
        f"{'':10}{'n':>5}{'indent=2':>12}{'compact':>12}{'rendered':>12}{'of compact':>12}{'median':>9}{'µs each':>9}"
    )
    for name, found in schemas().items():
        started = time.perf_counter()
        rendered = [render(schema) for schema in found]
        each_us = (time.perf_counter() - started) / len(found) * 1e6
        compact = [json.dumps(schema, ensure_ascii=False, separators=(",", ":")) for schema in found]
        indented = [json.dumps(schema, ensure_ascii=False, indent=2) for schema in found]
        for unit, count in (("chars", len), ("tokens", tokens)):
            sums = [sum(map(count, texts)) for texts in (indented, compact, rendered)]
            median = statistics.median(
                count(ours) / count(theirs) for ours, theirs in zip(rendered, compact, strict=True)
            )
            print(
                f"{name + ' ' + unit:10}{len(found):>5}{sums[0]:>12}{sums[1]:>12}{sums[2]:>12}{sums[2] / sums[1]:>11.0%}{median:>9.0%}{each_us:>9.0f}"
            )


if __name__ == "__main__":
    main()
