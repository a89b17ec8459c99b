"""Random texts under every lowered schema of the zoo, decoded and validated: `make oracle`.

For each dialect: how many lowered schemas llguidance compiles without its lenient mode; of the texts drawn under them,
how many validate, how many are refused for a constraint that `losses` names, and how many for none: those are bugs.
Then, for the dialects whose servers use xgrammar, how many lowered schemas its own compiler takes. Its wheel needs
torch, which is too large to be a development dependency: without it that part says so by name and is left out.
Arguments: texts for each type (default 4), then names of dialects (default all).
"""

import json
import sys
import time
import warnings

from extract.target.dialects import DIALECTS
from extract.target.invalid import Invalid
from extract.target.lower import lower
from tests.zoo import CASES
from tests.zoo.sampler import Sampler, compile_error

try:
    import xgrammar
except ImportError as error:
    xgrammar, MISSING = None, str(error)


def is_lost(lowered, invalid):
    """Whether every issue lies where a loss is on record: above or below it, whatever the index."""
    losses = [keys(loss.path) for loss in lowered.losses]
    return all(any(near(tail, loss) for loss in losses for tail in tails(keys(issue.loc))) for issue in invalid.issues)


def keys(path):
    return tuple(step for step in path if isinstance(step, str))


def tails(path):
    """The path from each of its places on: losses inside a definition are told from there."""
    return [path[start:] for start in range(len(path) + 1)]


def near(one, other):
    """Whether a place lies on a loss's path, above or below it; `*` is any key."""
    return all(step == lost or "*" in (step, lost) for step, lost in zip(one, other, strict=False))


def judge(case, dialect, count):
    """(what happened, text or message) for each text drawn."""
    lowered = lower(case.target, dialect)
    error = compile_error(lowered.schema)
    if error:
        yield "uncompiled", error.replace("\n", " ")[:150]
        return
    sampler = Sampler(lowered.schema, seed=len(case.name))
    for _ in range(count):
        text = sampler.draw()
        if text is None:
            yield "endless", ""
            continue
        try:
            lowered.target.validate(lowered.decode(json.loads(text)).value, strict=True)
        except Invalid as invalid:
            yield (
                ("lost" if is_lost(lowered, invalid) else "refused"),
                f"{text[:150]} {'; '.join(map(str, invalid.issues[:2]))[:200]}",
            )
        except Exception as error:
            yield "crashed", f"{text[:150]} {error!r:.200}"
        else:
            yield "valid", text


def xgrammar_refusals(names):
    """Prints how many types xgrammar compiles in each dialect whose servers use it; one line for each refused."""
    names = [name for name in names if DIALECTS[name].engine == "xgrammar"]
    if not names:
        return []
    if xgrammar is None:
        print(
            f"SKIPPED: xgrammar for {', '.join(names)}: {MISSING}. To run it: {sys.executable} -m pip install torch xgrammar"
        )
        return []
    refused = []
    for name in names:
        found = []
        for case in CASES:
            try:
                xgrammar.Grammar.from_json_schema(json.dumps(lower(case.target, name).schema))
            except Exception as error:
                found.append(f"{name:11} {case.name:24} xgrammar   {error!r:.200}")
        print(f"xgrammar compiles {len(CASES) - len(found)} of {len(CASES)} types in {name}")
        refused += found
    return refused


def main():
    warnings.simplefilter("ignore")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    names = sys.argv[2:] or [name for name in DIALECTS if name != "plain"]
    words = ("valid", "lost", "refused", "crashed", "endless", "uncompiled")
    print(f"{'':12}" + "".join(f"{word:>11}" for word in words) + f"{'s':>8}")
    details = []
    for name in names:
        started = time.perf_counter()
        counts = dict.fromkeys(words, 0)
        for case in CASES:
            for word, detail in judge(case, DIALECTS[name], count):
                counts[word] += 1
                if word in ("refused", "crashed", "uncompiled"):
                    details.append(f"{name:11} {case.name:24} {word:10} {detail}")
        print(
            f"{name:12}" + "".join(f"{counts[word]:>11}" for word in words) + f"{time.perf_counter() - started:>8.1f}"
        )
    by_xgrammar = xgrammar_refusals(names)
    print("\n".join([*details, *by_xgrammar]))
    return bool(by_xgrammar) or any(" refused " in line or " crashed " in line for line in details)


if __name__ == "__main__":
    sys.exit(main())
