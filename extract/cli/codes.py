"""Exit codes that scripts can use."""

from __future__ import annotations

from ..batch.provider.steps import ProviderBatchError
from ..flow.errors import EndpointError, ExtractionError, UnreachableError

OK = 0
NO_VALUE = 1
"""The model gave no valid value, or some rows of a map failed under `--strict`."""
USAGE = 2
"""The call cannot work as written: target, file, option, or no endpoint named."""
ENDPOINT = 3
"""The endpoint is not there, or answered with an error."""
STOPPED = 4
"""A run ended before its input did, by its budget, by `--max-errors` or by a full disk; the same command goes on."""
INTERRUPTED = 130

MEANING = (
    "Exit codes: 0 a value; 1 no valid value; 2 the call is wrong; 3 the endpoint failed;"
    " 4 stopped before the end, to go on later; 130 interrupted."
)


def code_of(error: ExtractionError) -> int:
    """The exit code of an extraction that failed."""
    return ENDPOINT if isinstance(error, EndpointError | UnreachableError | ProviderBatchError) else NO_VALUE
