"""The zoo: Python types with values, in every dialect out and back."""

from __future__ import annotations

from . import containers, corners, fresh, models, odd, scalars, unread
from .case import Case
from .refused import NO_VALUE, ONE_WAY, REFUSED
from .same import same

CASES: tuple[Case, ...] = tuple(
    case
    for module in (scalars, containers, models, odd, corners, unread, fresh)
    for group in module.GROUPS
    for case in group
)

__all__ = ["CASES", "NO_VALUE", "ONE_WAY", "REFUSED", "Case", "same"]
