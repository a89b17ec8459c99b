"""The command line: `extract`, the same as `typed-extract` and `python -m extract`.

Results are JSON on stdout; everything else goes to stderr, one line an error. Exit codes: see `codes.py`.
"""

from .app import main

__all__ = ["main"]
