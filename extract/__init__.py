"""Text in, typed records out: any type, any chat-completions endpoint.

    from extract import Extractor
    invoice = Extractor("a-model", base_url="http://127.0.0.1:8080/v1").extract(Invoice, text)

Every name is loaded when it is first used, so that `import extract` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .lazy import lazy

if TYPE_CHECKING:
    from .chat.endpoint import Endpoint
    from .chat.endpoints import ENDPOINTS
    from .chat.message import Image, Parts
    from .chat.method import METHODS
    from .chat.reply import Usage
    from .chat.request import Request
    from .client import AsyncExtractor, Extractor
    from .errors import TargetError, UsageError
    from .flow.agree import Agree, Agreement
    from .flow.attempt import Attempt, Verdict
    from .flow.budget import Budget, Price
    from .flow.check import Check
    from .flow.draft import Draft
    from .flow.edit import Change
    from .flow.errors import (
        BudgetSpentError,
        EndpointError,
        ExtractionError,
        InputTruncatedError,
        InvalidOutputError,
        RefusalError,
        TruncatedError,
        UnreachableError,
    )
    from .flow.event import Ended
    from .flow.extraction import Extraction
    from .flow.opinion import model_check
    from .flow.reading import Reading, parse, read
    from .streams import AsyncRecords, AsyncStream, Records, RecordsResult, Stream
    from .target.dialect import Dialect
    from .target.dialects import DIALECTS
    from .target.lower import Lowered, lower
    from .text import repair
    from .vocabulary import Bad, Issue, JsonValue, Ok, Repair

__all__ = [
    "DIALECTS",
    "ENDPOINTS",
    "METHODS",
    "Agree",
    "Agreement",
    "AsyncExtractor",
    "AsyncRecords",
    "AsyncStream",
    "Attempt",
    "Bad",
    "Budget",
    "BudgetSpentError",
    "Change",
    "Check",
    "Dialect",
    "Draft",
    "Ended",
    "Endpoint",
    "EndpointError",
    "Extraction",
    "ExtractionError",
    "Extractor",
    "Image",
    "InputTruncatedError",
    "InvalidOutputError",
    "Issue",
    "JsonValue",
    "Lowered",
    "Ok",
    "Parts",
    "Price",
    "Reading",
    "Records",
    "RecordsResult",
    "RefusalError",
    "Repair",
    "Request",
    "Stream",
    "TargetError",
    "TruncatedError",
    "UnreachableError",
    "Usage",
    "UsageError",
    "Verdict",
    "lower",
    "model_check",
    "parse",
    "read",
    "repair",
]

HOMES: Final = {
    ".chat.endpoint": ("Endpoint",),
    ".chat.endpoints": ("ENDPOINTS",),
    ".chat.message": ("Image", "Parts"),
    ".chat.method": ("METHODS",),
    ".chat.reply": ("Usage",),
    ".chat.request": ("Request",),
    ".client": ("AsyncExtractor", "Extractor"),
    ".errors": ("TargetError", "UsageError"),
    ".flow.agree": ("Agree", "Agreement"),
    ".flow.attempt": ("Attempt", "Verdict"),
    ".flow.budget": ("Budget", "Price"),
    ".flow.check": ("Check",),
    ".flow.draft": ("Draft",),
    ".flow.edit": ("Change",),
    ".flow.errors": (
        "BudgetSpentError",
        "EndpointError",
        "ExtractionError",
        "InputTruncatedError",
        "InvalidOutputError",
        "RefusalError",
        "TruncatedError",
        "UnreachableError",
    ),
    ".flow.event": ("Ended",),
    ".flow.extraction": ("Extraction",),
    ".flow.opinion": ("model_check",),
    ".flow.reading": ("Reading", "parse", "read"),
    ".streams": ("AsyncRecords", "AsyncStream", "Records", "RecordsResult", "Stream"),
    ".target.dialect": ("Dialect",),
    ".target.dialects": ("DIALECTS",),
    ".target.lower": ("Lowered", "lower"),
    ".text": ("repair",),
    ".vocabulary": ("Bad", "Issue", "JsonValue", "Ok", "Repair"),
}
HOME_OF: Final = {name: home for home, names in HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(lazy(HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
