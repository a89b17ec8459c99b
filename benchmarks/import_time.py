"""What importing the library costs beside `import pydantic, httpx`: wall time in fresh processes, alternating; medians.

The aim is at most 1.6, also for the names that every user needs.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

BASE = "import pydantic, httpx; from pydantic import BaseModel, TypeAdapter; httpx.Client"
STATEMENTS = {
    "import extract": "import extract",
    "from extract import Extractor": "import pydantic; from pydantic import BaseModel; from extract import Extractor",
}


CACHE = tempfile.mkdtemp()
ENVIRONMENT = {**os.environ, "PYTHONPYCACHEPREFIX": CACHE, "PYTHONDONTWRITEBYTECODE": ""}


def wall_s(statement: str) -> float:
    """Bytecode is cached, as in any installed package: the first runs, which write it, are not counted."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True, env=ENVIRONMENT)
    return time.perf_counter() - began


def main() -> None:
    for statement in (BASE, *STATEMENTS.values()):
        wall_s(statement)
    empty = statistics.median(wall_s("pass") for _ in range(5))
    for name, statement in STATEMENTS.items():
        pairs = [(wall_s(statement) - empty, wall_s(BASE) - empty) for _ in range(9)]
        mine, theirs = (statistics.median(column) * 1e3 for column in zip(*pairs, strict=True))
        print(
            f"{name}: {mine:.0f} ms; pydantic and httpx: {theirs:.0f} ms; ratio {mine / theirs:.2f} (aim: at most 1.6)"
        )


if __name__ == "__main__":
    main()
