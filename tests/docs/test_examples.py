"""Every example runs offline, says who answered, and prints what its docstring promises."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PRINTS = {
    "email_thread": ("K-88213", '"priority": "urgent"', "tokens in 1 attempt"),
    "generate": ("offline:", "Old Tram Depot"),
    "live": ("lines.1.price = 4.75", "Gasthof Adler: 3 lines", "2: 12 bread baskets", "3 records, 0 bad"),
    "invoice": ("MH-2024/0317", '"issued_on": "2024-03-14"', '"total": "405.32"', "offline-rules"),
    "many": ("Gasthof Adler, 2024-06-03, 2 lines", "绿茵餐厅", "no order", "'ok': 3"),
    "meeting": ("周敏、林浩、陈佳怡、王磊", "王磊：准备测试环境", "offline-rules"),
    "news": ("2024-10-07", "Storm keeps the coast busy", "characters, method"),
    "picture": ("Corner Bakery", '"currency": "GBP"', "offline-rules"),
    "product_schema": ("NS-4012-G", "sent strict: True", "offline-rules"),
    "resume": ("Marta Oyelaran", "Northgate Rail", "Python, SQL, Airflow, dbt", "offline-rules"),
    "validator": ("attempt 2: Paths", "datetime.date(2024, 6, 12)", "offline-rules"),
}


def run(path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EXTRACT_", "OPENAI_"))}
    return subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, timeout=60, check=False,
        env={**kept, "PYTHONPATH": str(EXAMPLES.parent), "PYTHONUTF8": "1", **environment},
    )  # fmt: skip


def test_every_example_is_listed() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(PRINTS)


@pytest.mark.parametrize("name", sorted(PRINTS))
def test_it_prints_what_it_promises(name: str) -> None:
    done = run(EXAMPLES / f"{name}.py")
    assert done.returncode == 0, done.stderr[-2000:]
    assert not done.stderr
    for words in PRINTS[name]:
        assert words in done.stdout


def test_the_same_command_asks_a_named_endpoint() -> None:
    from extract.testing import FaultyServer

    with FaultyServer() as server:
        done = run(EXAMPLES / "invoice.py", EXTRACT_BASE_URL=server.base_url, EXTRACT_MODEL="any")
        assert server.total >= 1
    assert "offline" not in done.stdout
