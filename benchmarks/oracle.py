"""Random texts under every lowered schema of the zoo, decoded and validated: `make oracle`.

For each dialect: how many lowered schemas llguidance compiles without its lenient mode; of the texts drawn under them,
how many validate, how many are refused for a constraint that `losses` names, and how many for none: those are bugs.
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
    print("\n".join(details))
    return any(" refused " in line or " crashed " in line for line in details)


if __name__ == "__main__":
    sys.exit(main())
