"""What importing the library costs beside `import pydantic, httpx`: CPU time of fresh processes, alternating; medians.

The aim is at most 1.6, also for the names that every user needs.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

BASE = "import pydantic, httpx; from pydantic import BaseModel, TypeAdapter; httpx.Client"
STATEMENTS = {
    "import extract": "import extract",
    "from extract import Extractor": "import pydantic; from pydantic import BaseModel; from extract import Extractor",
}


CACHE = tempfile.mkdtemp()
ENVIRONMENT = {**os.environ, "PYTHONPYCACHEPREFIX": CACHE, "PYTHONDONTWRITEBYTECODE": ""}


def cpu_s(statement: str) -> float:
    """Bytecode is cached, as in any installed package: the first runs, which write it, are not counted."""
    _, status, used = os.wait4(subprocess.Popen([sys.executable, "-c", statement], env=ENVIRONMENT).pid, 0)
    assert status == 0, statement
    return used.ru_utime + used.ru_stime


def main() -> None:
    for statement in (BASE, *STATEMENTS.values()):
        cpu_s(statement)
    empty = statistics.median(cpu_s("pass") for _ in range(5))
    for name, statement in STATEMENTS.items():
        pairs = [(cpu_s(statement) - empty, cpu_s(BASE) - empty) for _ in range(9)]
        mine, theirs = (statistics.median(column) * 1e3 for column in zip(*pairs, strict=True))
        print(
            f"{name}: {mine:.0f} ms; pydantic and httpx: {theirs:.0f} ms; ratio {mine / theirs:.2f} (aim: at most 1.6)"
        )


if __name__ == "__main__":
    main()
