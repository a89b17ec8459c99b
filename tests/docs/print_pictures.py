"""Print the pictures of the guide from a true run on a terminal: `python -m tests.docs.print_pictures`.

`extract map` runs on a pseudo-terminal against a loopback endpoint that is in trouble now and then. What it shows halfway and
what it says at the end is what is drawn. Needs a system with pseudo-terminals.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from extract.testing import FaultyServer

from .print_pages import DOCS

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT = 92, 30
ROWS = 1200
FAULTS = {
    "fence": 0.03,
    "status_429": 0.01,
    "status_500": 0.01,
    "refusal": 0.003,
    "prose_only": 0.01,
    "trailing_comma": 0.01,
}
MODELS = """
from pydantic import BaseModel


class Line(BaseModel):
    what: str
    price: float


class Order(BaseModel):
    number: int
    customer: str
    lines: list[Line]
"""
COMMAND = ("map", "models.py:Order", "mails.jsonl", "-o", "records.jsonl", "--price", "0.4,1.6")
FRAME = re.compile(r"(?:\x1b\[\d*[AK]|\r)+")
"""What is written between two states of the live block: back to its first line."""


def answer(body: Any) -> Any:
    """The order of a mail, but for some that the model gets wrong every time."""
    number = int(re.findall(r"order (\d+)", json.dumps(body["messages"]))[-1])
    lines: list[Any] = [{"what": f"part {at}", "price": 2.5 + at} for at in range(number % 5)]
    wrong = number % 97 == 13
    return {"number": "unknown" if wrong else number, "customer": f"Customer {number}", "lines": lines}


def ran(folder: Path, base_url: str) -> str:
    """All that the run writes to its terminal."""
    (folder / "models.py").write_text(MODELS, "utf-8")
    lines = [json.dumps({"id": number, "text": f"This is order {number} by mail."}) for number in range(ROWS)]
    (folder / "mails.jsonl").write_text("\n".join([*lines, '{"text": ', "[]"]) + "\n", "utf-8")
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    run = subprocess.Popen(
        [sys.executable, "-m", "extract", *COMMAND, "--base-url", base_url, "-m", "m"], cwd=folder, stderr=theirs,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": str(WIDTH)},
    )  # fmt: skip
    os.close(theirs)
    pieces: list[bytes] = []
    while piece := _read(ours):
        pieces.append(piece)
    if run.wait() != 0:
        raise SystemExit(b"".join(pieces).decode("utf-8", "replace"))
    return b"".join(pieces).decode("utf-8").replace("\r\n", "\n")


def _read(place: int) -> bytes:
    try:
        return os.read(place, 1 << 16)
    except OSError:  # the other end is closed
        return b""


def states(said: str) -> tuple[str, str]:
    """The live block when half of the rows were done, and what stands there at the end."""
    frames = [frame for frame in FRAME.split(said) if " rows" in frame]
    done = [int(found[1].replace(",", "")) if (found := re.search(r"([\d,]+) of ", frame)) else -1 for frame in frames]
    halfway = min(range(len(frames)), key=lambda at: abs(done[at] - ROWS // 2))
    return frames[halfway].strip("\n"), frames[-1].strip("\n")


def picture(halfway: str, end: str) -> str:
    """Both as SVG."""
    console = Console(width=WIDTH, record=True, file=io.StringIO(), force_terminal=True)
    console.print(f"$ extract {' '.join(COMMAND)}", highlight=False)
    for part in (halfway, "", end):
        console.print(Text.from_ansi(part))
    drawn = console.export_svg(title="extract map", unique_id="extract-map")
    return re.sub(
        r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL
    )  # no page of the guide fetches a font from elsewhere


def main() -> None:
    """Write the picture."""
    with (
        tempfile.TemporaryDirectory() as folder,
        FaultyServer(answer, faults=FAULTS, delay_s=0.1, retry_after_s=0.2, seed=4) as server,
    ):
        said = ran(Path(folder), server.base_url)
    (DOCS / "map.svg").write_text(picture(*states(said)), "utf-8")


if __name__ == "__main__":
    main()
