"""Answers from rules, with no model and no network: for set-up, dry runs, examples and tests. Only ever asked for by name.

It reads the request as a real endpoint would: the schema from `response_format` or `tools`, the document from the last user
turn. A field that it cannot find is null or absent; nothing is invented and nothing is canned.
"""

from .transport import MODEL, AsyncOfflineTransport, OfflineTransport

__all__ = ["MODEL", "AsyncOfflineTransport", "OfflineTransport"]
