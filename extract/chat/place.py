"""Where to ask: arguments first, then environment variables. The environment itself is an argument here.

A key goes only to the host that it belongs to:

    api_key=                wherever the caller asks
    EXTRACT_API_KEY         the host of EXTRACT_BASE_URL; where that is unset, wherever the caller asks
    the row's variable      the hosts of the row (SILICONFLOW_API_KEY, DEEPSEEK_API_KEY, ...)
    OPENAI_API_KEY          the host of OPENAI_BASE_URL, or OpenAI's own
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

from ..errors import UsageError
from ..vocabulary import show_found
from .endpoint import Endpoint
from .endpoints import ENDPOINTS, find_endpoint, holds_one_model

OFFLINE = "offline:"
"""The base URL that is answered from rules, without network, key or model."""
OFFLINE_ROW = Endpoint(
    name="offline",
    source="offline.py of this library",
    base_url=OFFLINE,
    methods=("json_schema",),
    dialect="plain",
    stream_usage=False,
)
OPENAI_BASE_URL = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One model at one endpoint, and the key that belongs there."""

    base_url: str
    model: str
    row: Endpoint
    key: str | None = field(default=None, repr=False)


def find_place(
    environ: Mapping[str, str],
    *,
    model: str | None = None,
    base_url: str | None = None,
    api_key: str | None = None,
    row: Endpoint | None = None,
) -> Place:
    """The place that the arguments and the environment name.

    Raises:
        UsageError: no endpoint or no model is named, or a URL that is none.

    """
    _check_texts(base_url=base_url, model=model, api_key=api_key)
    if row is not None and not isinstance(cast("object", row), Endpoint):
        raise UsageError(f"endpoint is {show_found(row)}; it must be an Endpoint, such as ENDPOINTS['vllm']")
    url = (
        base_url or (row.base_url if row is not None else None) or environ.get("EXTRACT_BASE_URL") or _of_a_key(environ)
    )
    if url is None:
        raise UsageError(
            "no endpoint is set: give base_url= and model=, or set EXTRACT_BASE_URL, EXTRACT_API_KEY and EXTRACT_MODEL;"
            " base_url='offline:' (--offline) answers from rules, without a model"
        )
    check_url(url)
    url = url.rstrip("/").removesuffix("/chat/completions")
    name = model or environ.get("EXTRACT_MODEL")
    if name is None and is_offline(url):
        name = "rules"
    if name is None and holds_one_model(url):
        name = "default"
    if name is None:
        raise UsageError(f"no model is named for {url}: give model= or set EXTRACT_MODEL")
    found = row or (OFFLINE_ROW if is_offline(url) else find_endpoint(url, name))
    return Place(base_url=url, model=name, row=found, key=api_key or _key(environ, url, found))


def is_offline(base_url: str) -> bool:
    """Whether a base URL names the offline rules."""
    return base_url.startswith(OFFLINE)


def check_url(url: str) -> None:
    """Raise a UsageError for a base URL that cannot be asked."""
    if is_offline(url):
        return
    try:
        parts = urlsplit(url)
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError as error:  # an open [ of an IPv6 address, a port above 65535
        raise UsageError(f"base_url {url[:80]!r} is no URL: {error}") from error
    if not is_url or not url.isprintable() or " " in url:
        raise UsageError(
            f"base_url {url[:80]!r} is no http or https URL, e.g. 'http://127.0.0.1:8080/v1' or 'offline:'"
        )
    if parts.username or parts.password:
        raise UsageError("base_url holds a user name or password; give the key as api_key= instead")
    if parts.query or parts.fragment:
        raise UsageError("base_url holds a ? or #; give what follows as query={...}, a key as api_key=")


def _check_texts(**given: object) -> None:
    for name, value in given.items():
        if value is not None and not isinstance(value, str):
            what = f"a {type(value).__name__}" if name == "api_key" else show_found(value)
            raise UsageError(f"{name} is {what}; it must be a str")


def _of_a_key(environ: Mapping[str, str]) -> str | None:
    """The base URL of the only provider whose own variable is set; OpenAI's pair comes last."""
    rows: Iterable[Endpoint] = ENDPOINTS.values()
    urls = {row.base_url: row.key_env for row in rows if row.base_url and row.key_env and environ.get(row.key_env)}
    openai = urls.pop(OPENAI_BASE_URL, None)
    variables = sorted({str(variable) for variable in urls.values()})
    if len(variables) > 1:
        raise UsageError(f"{' and '.join(variables)} are all set: say which one with base_url= or EXTRACT_BASE_URL")
    if urls:
        return next(iter(urls))
    return environ.get("OPENAI_BASE_URL") or (OPENAI_BASE_URL if openai else None)


def _key(environ: Mapping[str, str], url: str, row: Endpoint) -> str | None:
    own = environ.get("EXTRACT_BASE_URL")
    if (key := environ.get("EXTRACT_API_KEY")) and (own is None or _host(own) == _host(url)):
        return key
    if row.key_env is not None and environ.get(row.key_env) and _is_of(row, url):
        return environ[row.key_env]
    if _host(environ.get("OPENAI_BASE_URL") or OPENAI_BASE_URL) == _host(url):
        return environ.get("OPENAI_API_KEY")
    return None


def _is_of(row: Endpoint, url: str) -> bool:
    host = _host(url)
    hosts = (*row.hosts, _host(row.base_url) if row.base_url else "")
    return any(host == known or (known.startswith(".") and host.endswith(known)) for known in hosts)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()
