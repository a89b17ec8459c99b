"""What importing the library costs beside `import pydantic, httpx`: CPU time of fresh processes, alternating; medians.

The aim is at most 1.6 for `import extract`, and for all that a first request needs: pydantic builds its model machinery and
httpx its connections only then, so by hand both are paid for as well.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

BASE = "import pydantic, httpx"
MODEL = "import pydantic\nclass M(pydantic.BaseModel): x: int\n"
PAIRS = {
    "import extract": (BASE, "import extract"),
    "ready for a first request": (
        f"{MODEL}import httpx\nM.model_json_schema(); httpx.Client(verify=False)",
        f"{MODEL}from extract import Extractor\nExtractor('m', base_url='http://127.0.0.1:1/v1').request(M, 'x')",
    ),
}


CACHE = tempfile.mkdtemp()
ENVIRONMENT = {**os.environ, "PYTHONPYCACHEPREFIX": CACHE, "PYTHONDONTWRITEBYTECODE": ""}


def cpu_s(statement: str) -> float:
    """Bytecode is cached, as in any installed package: the first runs, which write it, are not counted."""
    _, status, used = os.wait4(subprocess.Popen([sys.executable, "-c", statement], env=ENVIRONMENT).pid, 0)
    assert status == 0, statement
    return used.ru_utime + used.ru_stime


def main() -> None:
    for statement in (part for pair in PAIRS.values() for part in pair):
        cpu_s(statement)
    empty = statistics.median(cpu_s("pass") for _ in range(5))
    for name, (by_hand, ours) in PAIRS.items():
        pairs = [(cpu_s(ours) - empty, cpu_s(by_hand) - empty) for _ in range(9)]
        mine, theirs = (statistics.median(column) * 1e3 for column in zip(*pairs, strict=True))
        print(f"{name}: {mine:.0f} ms; by hand: {theirs:.0f} ms; ratio {mine / theirs:.2f} (aim: at most 1.6)")


if __name__ == "__main__":
    main()
