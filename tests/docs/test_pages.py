"""What the README and the guide show is true: their Python runs, their generated pages are the code's own."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from . import print_pages

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
BLOCKS = [
    pytest.param(code, id=f"{page.name}-{number}")
    for page in PAGES
    for number, code in enumerate(BLOCK.findall(page.read_text("utf-8")))
]


@pytest.mark.parametrize("code", BLOCKS)
def test_the_block_runs(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "from openai" in code:
        pytest.importorskip("openai", reason="openai is not installed: its block in the guide is not run")
    monkeypatch.chdir(tmp_path)
    for name in ("EXTRACT_BASE_URL", "EXTRACT_API_KEY", "EXTRACT_MODEL"):
        monkeypatch.delenv(name, raising=False)
    block = ModuleType("block")
    monkeypatch.setitem(sys.modules, "block", block)  # dataclasses look their module up
    exec(compile(code, "block", "exec", dont_inherit=True), vars(block))


@pytest.mark.parametrize("name", sorted(print_pages.PAGES))
def test_the_page_is_what_the_code_prints(name: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == print_pages.PAGES[name]()


def test_every_page_is_in_the_navigation() -> None:
    named = set(re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE))
    assert named == {page.name for page in (ROOT / "docs").glob("*.md")}
