"""How much of real model output is read, at each limit, and how much of it wrongly.

The outputs are not part of this repository: they are looked for in the folder that EXTRACT_CASES names, else in `../shared/cases` beside
the checkout. `read_guessed` and `read_coerced` are readers for the scorer that comes with them: (text, JSON Schema) -> value.

    python benchmarks/real_outputs.py
"""

import os
import subprocess
import sys
from functools import lru_cache
from json import dumps, loads
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from extract.flow.reading import read  # noqa: E402
from extract.target.lower import lower  # noqa: E402

CASES = Path(os.environ.get("EXTRACT_CASES", ROOT.parent / "shared" / "cases"))
FILES = ("bfcl_dev.jsonl", "zeroeval_dev.jsonl", "structured_rag_dev.jsonl")


@lru_cache(maxsize=4096)
def lowered(schema: str):
    return lower(loads(schema), "plain")


def read_guessed(text, schema):
    return read(lowered(dumps(schema)), text, repair="guessed").value


def read_coerced(text, schema):
    return read(lowered(dumps(schema)), text, repair="coerced").value


def main() -> int:
    scorer = CASES.parent / "tools" / "score" / "score_outputs.py"
    found = [CASES / name for name in FILES if (CASES / name).exists()]
    if not scorer.exists() or not found:
        print(f"skipped: no cases in {CASES}; set EXTRACT_CASES")
        return 0
    for path in found:
        print(f"\n#### {path.name}", flush=True)
        command = [
            sys.executable,
            str(scorer),
            "--cases",
            str(path),
            "real_outputs:read_guessed",
            "real_outputs:read_coerced",
        ]
        subprocess.run([*command, *sys.argv[1:]], check=True, cwd=Path(__file__).parent)
    return 0


if __name__ == "__main__":
    sys.exit(main())
