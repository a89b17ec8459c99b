"""Learned facts about endpoints: in memory, and in a small file where asked, each for a while only.

Endpoints change, so a fact is forgotten after its lifetime and the stronger form is tried again.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from .flow.learn import Key, Learned, from_json, to_json

LIFETIME_S = 3600.0
"""How long a fact is believed in memory."""
FILE_LIFETIME_S = 7 * 24 * 3600.0
"""How long a fact is believed from a file."""


class Facts:
    """What is known by now; safe over threads. A file is read once and rewritten whole; a broken one does no harm.

    Args:
        path: file that keeps the facts between processes; None: memory only.
        lifetime_s: how long a fact is believed.
        now_s: seconds since the epoch.

    """

    def __init__(
        self, path: Path | None = None, *, lifetime_s: float | None = None, now_s: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._lifetime_s = lifetime_s if lifetime_s is not None else LIFETIME_S if path is None else FILE_LIFETIME_S
        self._now_s = now_s
        self._lock = threading.Lock()
        self._seen_s: dict[Key, float] = {}
        self._known: Mapping[Key, Learned] = MappingProxyType({})
        if path is not None:
            self._load(path)

    def __reduce__(self) -> tuple[type[Facts], tuple[Path | None]]:
        return Facts, (self._path,)

    def known(self) -> Mapping[Key, Learned]:
        """What is believed now; the same mapping as before while nothing has changed."""
        known = self._known
        if known and min(self._seen_s.values()) + self._lifetime_s < self._now_s():
            self._forget()
        return self._known

    def take(self, found: Mapping[Key, Learned]) -> None:
        """Join new facts to those that are known, and keep them."""
        if not found:
            return
        with self._lock:
            joined = dict(self._known)
            for key, learned in found.items():
                joined[key] = joined[key].joined(learned) if key in joined else learned
                self._seen_s[key] = self._now_s()
            self._known = MappingProxyType(joined)
            if self._path is not None:
                self._save(self._path)

    def _forget(self) -> None:
        with self._lock:
            oldest_s = self._now_s() - self._lifetime_s
            self._seen_s = {key: seen_s for key, seen_s in self._seen_s.items() if seen_s >= oldest_s}
            self._known = MappingProxyType({key: facts for key, facts in self._known.items() if key in self._seen_s})

    def _load(self, path: Path) -> None:
        """Read the file; what cannot be read is not known."""
        try:
            rows = json.loads(path.read_text(encoding="utf-8"))
            read = {from_json(row)[0]: (from_json(row)[1], float(row["seen_s"])) for row in rows}
        except (OSError, ValueError, KeyError, TypeError):
            return
        self._seen_s = {key: seen_s for key, (_, seen_s) in read.items()}
        self._known = MappingProxyType({key: learned for key, (learned, _) in read.items()})
        self._forget()

    def _save(self, path: Path) -> None:
        """Write the file anew, so that no reader sees half of it; a full or read-only disk costs the facts only."""
        rows = [
            {**row, "seen_s": self._seen_s[str(row["base_url"]), str(row["model"])]} for row in to_json(self._known)
        ]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
                json.dump(rows, file, indent=1)
            Path(file.name).replace(path)
        except OSError:
            return


def cache_file() -> Path:
    """Where the command line keeps learned facts: `extract/endpoints.json` in the user's cache folder."""
    if sys.platform == "win32":
        folder = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        folder = str(Path.home() / "Library" / "Caches")
    else:
        folder = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(folder) / "extract" / "endpoints.json"
