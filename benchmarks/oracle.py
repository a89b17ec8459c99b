"""Random texts under every lowered schema, decoded and validated: `make oracle`.

For each dialect every type of the zoo and every JSON Schema of the corpus is lowered. llguidance must compile it without
its lenient mode; then texts are drawn under it, decoded and validated. What validation refuses must be a constraint that
`losses` names, at that place and of that kind; anything else is a bug, and so is any other exception. For the dialects
whose servers use xgrammar the same is done once more under xgrammar: its wheel needs torch, which is too large to be a
development dependency, so that part says by name that it is left out where the wheel is missing.

Ends with 1 where there was a bug.
"""

import argparse
import json
import sys
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from extract.target.dialects import DIALECTS
from extract.target.invalid import Invalid
from extract.target.lower import lower
from tests.zoo import CASES
from tests.zoo.on_record import unrecorded
from tests.zoo.sampler import LLGuidance, Sampler, Uncompiled

try:
    from benchmarks.xgrammar_engine import XGrammar
except ImportError as error:
    XGrammar, MISSING = None, str(error)

CORPUS = Path(__file__).parents[1] / "tests" / "corpus" / "schemas.jsonl"
WORDS = ("valid", "lost", "endless", "refused", "crashed", "uncompiled")
"""What can become of a text: valid; refused for a constraint on record; not ended in time; and three kinds of bugs."""
BUGS = frozenset({"refused", "crashed", "uncompiled"})


@dataclass(frozen=True)
class Subject:
    """What is lowered: a type of the zoo, or a JSON Schema of the corpus."""

    name: str
    target: object


def subjects():
    corpus = (json.loads(line) for line in CORPUS.read_text("utf-8").splitlines())
    return [
        *(Subject(case.name, case.target) for case in CASES),
        *(Subject(f"corpus.{one['name']}", one["schema"]) for one in corpus),
    ]


def judge(subject, dialect, engine, count):
    """(what happened, text or message) for each text drawn."""
    lowered = lower(subject.target, dialect)
    try:
        sampler = Sampler(engine(lowered.schema), seed=len(subject.name))
    except Uncompiled as error:
        yield "uncompiled", str(error).replace("\n", " ")[:200]
        return
    for _ in range(count):
        text = sampler.draw()
        if text is None:
            yield "endless", ""
            continue
        try:
            lowered.target.validate(lowered.decode(json.loads(text)).value, strict=True)
        except Invalid as invalid:
            issues = unrecorded(lowered, invalid)
            said = "; ".join(f"{issue} [{issue.kind}]" for issue in issues[:2])
            yield "refused" if issues else "lost", f"{text[:150]} {said[:300]}"
        except Exception as error:
            yield "crashed", f"{text[:150]} {error!r:.200}"
        else:
            yield "valid", text


def main():
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("count", type=int, nargs="?", default=4, help="texts for each schema [default: 4]")
    parser.add_argument(
        "dialects", nargs="*", metavar="dialect", help=f"of {', '.join(DIALECTS)} [default: all but plain]"
    )
    given = parser.parse_args()
    if unknown := [name for name in given.dialects if name not in DIALECTS]:
        parser.error(f"no dialect {', '.join(unknown)}; there are {', '.join(DIALECTS)}")
    count, names = given.count, given.dialects or [name for name in DIALECTS if name != "plain"]
    runs = [(name, LLGuidance) for name in names]
    by_xgrammar = [name for name in names if DIALECTS[name].engine == "xgrammar"]
    if XGrammar is not None:
        runs += [(name, XGrammar) for name in by_xgrammar]
    total = Counter()
    chosen = subjects()
    print(f"{len(chosen)} schemas in each dialect, {count} texts for each")
    print(f"{'':24}" + "".join(f"{word:>11}" for word in WORDS) + f"{'s':>8}", flush=True)
    for name, engine in runs:
        started, counts, details = time.perf_counter(), Counter(), []
        for subject in chosen:
            for word, detail in judge(subject, DIALECTS[name], engine, count):
                counts[word] += 1
                if word in BUGS or word == "endless":
                    details.append(f"{name:11} {engine.__name__:10} {subject.name:24} {word:10} {detail}")
        shown = f"{name} {engine.__name__}"
        spent = time.perf_counter() - started
        print(f"{shown:24}" + "".join(f"{counts[word]:>11}" for word in WORDS) + f"{spent:>8.1f}", flush=True)
        print("".join(f"{detail}\n" for detail in details), end="", flush=True)
        total += counts
    print(f"{'all':24}" + "".join(f"{total[word]:>11}" for word in WORDS))
    if by_xgrammar and XGrammar is None:
        advice = f"{sys.executable} -m pip install xgrammar"
        print(f"SKIPPED: xgrammar for {', '.join(by_xgrammar)}: {MISSING}. To run it: {advice}")
    return any(total[word] for word in BUGS)


if __name__ == "__main__":
    sys.exit(main())
