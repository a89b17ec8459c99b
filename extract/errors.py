"""What the programmer can fix, raised before any I/O. Errors of an extraction under way: `flow/errors.py`.

UsageError(ValueError)      a call that cannot work as written
  TargetError               a target that cannot be asked for
"""

from __future__ import annotations


class UsageError(ValueError):
    """The call cannot work as it is written; nothing was sent."""


class TargetError(UsageError):
    """The target cannot be expressed or is no valid schema; the message says where and what to do."""
