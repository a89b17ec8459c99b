"""A server's error, read from any of the shapes that servers use, and what to make of it.

The kind follows from the status, the code and the words together: a status alone says little (llama.cpp answers 500
to a wrong request, OpenRouter 404 to a model without tools). Nothing here compares the name of a provider. Shapes and
wordings were collected from recorded exchanges and issue threads of some twenty providers, 2026-11-23.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache

from ..vocabulary import JsonObject, JsonValue
from .reply import ErrorKind, ErrorReport, field_of

MAX_MESSAGE_CHARS = 500
MAX_BODY_BYTES = 65_536
NESTED = 3
"""How deep errors wrapped into errors are followed (OpenRouter's `metadata.raw`, LiteLLM's JSON in a message)."""


def classify(status: int, headers: Mapping[str, str], body: bytes, *, wall_s: float | None = None) -> ErrorReport:
    """What an error response says.

    Args:
        status: HTTP status.
        headers: lower-cased names.
        body: the body as it came, any shape.
        wall_s: seconds since 1970 at which it came, for a Retry-After that is a date; else the `date` header counts.
    """
    text = body[:MAX_BODY_BYTES].decode("utf-8", "replace").strip()
    found = read_error(_json(text, text))
    return report(found, status, headers, wall_s=wall_s)


@dataclass(slots=True)
class Found:
    """The fields of an error body, whatever its shape; filled while walking it."""

    messages: list[str]
    code: str | None = None
    type: str | None = None
    parameter: str | None = None
    failed_generation: str | None = None
    retry_delay: str | None = None
    more: str = ""

    @property
    def message(self) -> str:
        """The server's words, the innermost last."""
        return next(iter(self.messages), "")


def read_error(value: JsonValue) -> Found:
    """The fields of an error, from any shape of body."""
    found = Found(messages=[])
    _walk(value, found, NESTED)
    found.messages = [message for message in dict.fromkeys(found.messages) if message]
    return found


def is_error(value: JsonValue) -> bool:
    """Whether a JSON body that came with status 200 is an error: it says so, or has such fields and no choices."""
    if not isinstance(value, dict):
        return False
    if value.get("error"):
        return True
    if isinstance(value.get("choices"), list):
        return False
    is_named = value.get("object") == "error" or value.get("type") == "error" or bool(value.get("detail"))
    return is_named or (isinstance(value.get("message"), str) and "code" in value)


def status_of(found: Found, status: int) -> int:
    """The status to judge by: an error inside a 200 answer often carries its own as its code."""
    if status < 400 and found.code is not None and re.fullmatch(r"[45]\d\d", found.code):
        return int(found.code)
    return status


def report(found: Found, status: int, headers: Mapping[str, str], *, wall_s: float | None = None) -> ErrorReport:
    """The report for the fields of an error."""
    own = status_of(found, status)
    message = mask(found.message)
    words = " ".join((*found.messages, found.more)).lower()
    kind = kind_of(own, words, found)
    return ErrorReport(
        kind=kind,
        message=_cut(message or f"status {own} without a message"),
        status=own,
        code=found.code,
        type=found.type,
        parameter=found.parameter or (_named_parameter(words) if kind == "parameter_unknown" else None),
        failed_generation=found.failed_generation,
        retry_after_s=retry_after_s(headers, wall_s=wall_s, delay=found.retry_delay, words=words),
    )


# --- shapes


def _json(text: str, default: JsonValue) -> JsonValue:
    try:
        value: JsonValue = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return default
    return value


def _walk(value: JsonValue, found: Found, depth: int) -> None:
    if isinstance(value, str):
        _walk_text(value, found, depth)
    elif isinstance(value, list):
        for item in value[:20]:
            _walk(item, found, depth)
    elif isinstance(value, dict):
        _walk_object(value, found, depth)


def _walk_text(text: str, found: Found, depth: int) -> None:
    inner = _json(text, None) if depth and text.lstrip()[:1] in ("{", "[") else None
    if isinstance(inner, dict | list):
        _walk(inner, found, depth - 1)
    if not isinstance(inner, dict | list) or not found.messages:
        found.messages.append(_plain(text))


def _walk_object(value: JsonObject, found: Found, depth: int) -> None:
    found.code = found.code or _word(value.get("code")) or _word(value.get("error_code"))
    found.type = found.type or _word(value.get("type")) or _word(value.get("status"))
    found.parameter = found.parameter or _word(value.get("param")) or _location(value.get("loc"))
    for key in ("failed_generation", "retryDelay"):
        if isinstance(text := value.get(key), str) and text:
            if key == "retryDelay":
                found.retry_delay = text
            else:
                found.failed_generation = text
    found.more += " " + " ".join(_words(value))
    for key in (
        "message",
        "msg",
        "error",
        "detail",
        "errors",
        "error_msg",
        "error_description",
        "errorMessage",
        "title",
    ):
        _walk(value.get(key), found, depth)
    for key in ("details", "metadata", "raw", "cause", "inner_error", "innererror"):
        inner = value.get(key)
        if isinstance(inner, dict | list) or (isinstance(inner, str) and key in ("details", "raw")):
            _walk(inner, found, max(0, depth - 1))


def _words(value: JsonObject) -> Iterator[str]:
    for key in ("code", "type", "status", "quotaId", "reason", "@type", "error_type", "raw_status_code"):
        word = _word(value.get(key))
        if word:
            yield word


def _word(value: JsonValue) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return None
    return str(value)


def _location(value: JsonValue) -> str | None:
    """The body field that a FastAPI `loc` names."""
    if not isinstance(value, list):
        return None
    names = [step for step in value if isinstance(step, str) and step != "body"]
    return names[0] if names else None


def _plain(text: str) -> str:
    """A message without the tags of an HTML page."""
    if "<html" not in text[:500].lower() and "<!doctype" not in text[:500].lower():
        return text.strip()
    title = re.search(r"<title>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    return " ".join((title[1] if title else re.sub(r"<[^>]*>", " ", text)).split())


def _cut(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE_CHARS else message[: MAX_MESSAGE_CHARS - 1] + "…"


SECRETS = re.compile(
    r"(?i)\b(?:bearer\s+|sk-|gsk_|xai-|hf_|pplx-|nvapi-|fw_|AIza|AKIA|eyJ)[A-Za-z0-9_\-.=/+]{8,}"
    r"|(?<=api key: )[A-Za-z0-9_\-]{16,}|(?<=api_key=)[A-Za-z0-9_\-]{8,}|(?<=[?&]key=)[A-Za-z0-9_\-]{8,}"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)


def mask(text: str) -> str:
    """A text with whatever looks like a credential replaced."""
    return SECRETS.sub("***", text)


# --- waits


def retry_after_s(
    headers: Mapping[str, str], *, wall_s: float | None = None, delay: str | None = None, words: str = ""
) -> float | None:
    """Seconds that the server asks to wait: milliseconds first, then seconds, then a date, then what its words say.

    None where it says nothing that makes sense; 0 for a date that is past.
    """
    milliseconds = _seconds(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    given = headers.get("retry-after")
    seconds = _seconds(given)
    if seconds is None and given:
        seconds = _until(given, headers.get("date"), wall_s)
    if seconds is None and delay:
        seconds = _duration(delay)
    return seconds if seconds is not None else _asked_for(words)


def _seconds(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return max(0.0, value) if math.isfinite(value) else None


def _until(text: str, now: str | None, wall_s: float | None) -> float | None:
    try:
        then_s = parsedate_to_datetime(text).timestamp()
        now_s = wall_s if wall_s is not None else parsedate_to_datetime(now or "").timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, then_s - now_s)


UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
DURATION = (
    r"(?:\d+(?:\.\d+)?\s*(?:ms|s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?"
    r"|d(?:ays?)?)\b\s*)+|(?:\d+(?:\.\d+)?(?:ms|[smhd]))+"
)
ASKED = re.compile(rf"(?:try again|retry|wait|available)\w*\s*(?:in|after|for|:)?\s*(?:at least\s*)?({DURATION})")
PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|[smhd])")


def _duration(text: str) -> float | None:
    parts = PART.findall(text.lower())
    return sum(float(number) * UNITS[unit] for number, unit in parts) if parts else _seconds(text)


def _asked_for(words: str) -> float | None:
    match = ASKED.search(words)
    return _duration(match[1]) if match else None


# --- kinds


@dataclass(frozen=True, slots=True)
class Wording:
    """Words that tell a kind of error; each pattern is searched in the lower-cased message, code and type."""

    kind: ErrorKind
    patterns: tuple[str, ...]

    def search(self, words: str) -> re.Match[str] | None:
        """The first place where one of the patterns fits."""
        return _compiled(self.patterns).search(words)


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for all, made at the first error: most processes never see one."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.DOTALL)


def _wording(kind: ErrorKind, *patterns: str) -> Wording:
    return Wording(kind, patterns)


NO = (
    r"(?:not (?:\w+ )?(?:support\w*|permitted|allowed|available|enabled|implemented)|(?:does"
    r"|do)(?:n't| not) (?:\w+ )?support|unsupported|unavailable|is invalid|unknown|unrecognized)"
)
FORMATS = (
    r"(?:response_format|response format|json[_ ]?schema|json[_ ]?object|json mode|structured outputs?|guided decoding)"
)

OUTPUT = _wording(
    "output_invalid",
    r"json_validate_failed",
    r"tool_use_failed",
    r"output_parse_failed",
    r"failed to (?:generate|validate) json",
    r"failed to call a function",
    r"tool call validation failed",
    r"model produced output that does not match",
    r"failed to parse (?:tool|model)",
    r"json parser could not parse",
    r"malformed_function_call",
)
CONTEXT = _wording(
    "context",
    r"context_length_exceeded",
    r"exceed_context_size",
    r"context_window_exceeded|contextwindowexceeded",
    r"max(?:imum)? context",
    r"reduce the length of (?:the|your) (?:messages|prompt|input)",
    r"max_seq_len|max_model_len",
    r"exceed\w* (?:the )?(?:available |model's )?context",
    r"context (?:size|length|window|limit)\b.{0,40}exceed",
    r"input token count.{0,40}exceed",
    r"(?:prompt|input|request) (?:is )?too (?:long|large)\b",
    r"request too large",
    r"max_tokens must be at least 1, got -",
    r"exceeded model token limit",
    r"range of input length should be",
    r"input (?:length|tokens?).{0,60}exceed",
    r"prompt (?:contains|has|length|tokens).{0,80}(?:exceed|larger|longer|maximum|limit)",
    r"(?:longer|larger) than the (?:model's |maximum )?context",
    r"too many (?:input )?tokens in",
    r"tokens?.{0,20}(?:exceed|greater than).{0,40}(?:context|sequence)",
    r"string_above_max_length",
    r"requested tokens.{0,40}exceed",
)
QUOTA = _wording(
    "quota",
    r"insufficient[_ ](?:\w+[_ ])?(?:quota|balance|funds|credits?)",
    r"billing_(?:hard_limit_reached|not_active)",
    r"credit_balance|credit balance",
    r"exceeded_current_quota|exceeded your (?:current|monthly) quota",
    r"not enough (?:credits?|balance|funds)",
    r"(?:out of|no|used all|more|purchase|add|requires?|insufficient)\W+(?:\w+\W+){0,3}credits?\b",
    r"payment required",
    r"\b(?:rpd|tpd|ipd)\b",
    r"per[ _-]?day\b|perday|daily (?:limit|quota)|tokens per day|requests per day",
    r"arrearage|overdue|in arrears",
    r"(?:spend(?:ing)?|monthly|usage|budget) (?:limit|cap|quota)\w*.{0,30}(?:reached|exceed|hit)",
    r"(?:reached|exceeded|hit).{0,30}(?:spend(?:ing)?|monthly|usage|budget) (?:limit|cap|quota)",
    r"recharge|top up",
    r"余额|欠费|账户",
    r"\b1113\b",
    r"\b30001\b",
    r"account (?:is )?(?:deactivated|suspended)",
)
AUTH = _wording(
    "auth",
    r"invalid[_ ]api[_ ]?key|incorrect api key|api[_ ]key (?:not valid|is invalid|is missing|provided)|api_key_invalid",
    r"invalid (?:token|authentication|credentials)|authentication[_ ](?:error|fails?|failed)",
    r"\bunauthori[sz]ed\b|unauthenticated",
    r"no auth credentials|missing (?:api key|authentication|bearer)|no api[- ]key",
    r"no connected db",
    r"permission[_ ]denied",
)
FEATURES = (
    _wording(
        "need_json_word",
        r"must contain the word ['\"`]?json",
        r"(?:prompt|messages?) (?:must|should) (?:contain|include|mention).{0,20}\bjson\b",
    ),
    _wording(
        "combination",
        r"response mime type: 'application/json' is unsupported",
        r"response format is not supported when tools",
        r"cannot use custom grammar constraints with tools",
        r"(?:json mode|response_format|response format|json_schema|structured outputs?).{0,60}(?:with"
        r"|and|combined|together|alongside).{0,20}(?:\btools?\b|tool calling|tool use|function call"
        r"|stream)",
        r"(?:\btools?\b|tool calling|function calling|stream\w*).{0,60}(?:with|and|combined|together"
        r"|alongside).{0,20}(?:json mode|response_format|response format|json_schema|structured outputs?)",
        r"cannot use both json_schema and grammar",
        r"(?:either|cannot specify|only one of).{0,60}\b(?:grammar|json_schema|response_format)\b.{0,30}\b(?:or|and)\b",
    ),
    _wording(
        "schema_invalid",
        r"invalid schema",
        r"invalid json ?schema",
        r"not supported by xgrammar",
        r"failed to (?:transform|convert|compile|parse|process) (?:the )?(?:json )?(?:schema|grammar)",
        r"(?:json )?schema (?:error|to grammar)",
        r"grammar error|grammar_error|invalid grammar|failed to parse grammar|compile.{0,20}grammar",
        r"too many states",
        r"schema is too (?:complex|large|deep)",
        r"too many (?:optional parameters|parameters with union|strict tools|properties|enum)",
        r"circular reference detected",
        r"propert(?:y|ies) keys? should match pattern",
        r"\bat \\?['\"].{0,300}cannot find field",  # a member of the schema; without a place it is a body field
        r"unable to generate parser",
        r"not a valid json schema|valid json schema|json_schema_invalid|invalid_json_schema",
        r"\$ref.{0,40}(?:not supported|unsupported|cannot|unresolved|recursi)",
        r"['\"`\\](?:keyword|format|pattern|additionalproperties|anyof|oneof|allof|minlength|maxlength|minitems|maxitems"
        r"|uniqueitems|const|default|propertynames|patternproperties|multipleof|title|\$ref)['\"`\\].{0,40}"
        r"(?:is|are) not (?:supported|permitted|allowed)",
        r"(?<!json )\bschema\b.{0,80}(?:unsupported|not support\w*|not allowed|not permitted|is invalid"
        r"|invalid|must (?:be|have|contain))",
        r"unsupported (?:json )?schema",
        r"levels of nesting exceeds|nesting depth",
        r"response_format\.json_schema\.schema",
        r"(?:input_schema|parameters).{0,40}(?:json schema|must be of type|must have)",
    ),
    _wording(
        "format_required",
        r"response_format\.type'? must be '?json_schema",
        r"only '?json_schema'? is supported",
    ),
    _wording(
        "strict_unsupported",
        rf"\bstrict\b.{{0,60}}(?:{NO}|unexpected|extra|cannot find)",
        rf"(?:{NO}|unexpected|extra).{{0,60}}\bstrict\b",
    ),
    _wording(
        "tool_choice_unsupported",
        rf"tool_choice.{{0,80}}(?:{NO}|invalid|must be|incompatible|only)",
        rf"{NO}.{{0,60}}tool_choice",
        r"does not support forced tool|forced tool (?:use|calls?|choice)",
        r"no endpoints found that support the provided 'tool_choice'",
        r"tool choice (?:required|must|is not)",
        r"(?:required|named|any|forcing).{0,30}tool(?:_| )choice",
    ),
    _wording(
        "tools_unsupported",
        r"\b20037\b",
        rf"(?:function|tool)s?[_ ]?(?:call(?:ing|s)?|use|usage)? (?:is |are )?{NO}",
        rf"{NO}.{{0,30}}(?:\btools?\b|tool use|tool calling|function[_ -]?call\w*|\bfunctions\b)",
        r"tools param requires --jinja",
        r"requires --enable-auto-tool-choice",
        r"support tool use",
        r"cannot use tools|tools are disabled|tools? not supported",
    ),
    _wording(
        "format_unsupported",
        r"\b20024\b",
        rf"{FORMATS}.{{0,120}}(?:{NO}|is not a valid|not one of)",
        rf"{NO}.{{0,60}}{FORMATS}",
        r"response_format type is unavailable",
        r"must be ['\"\\`]*json_object['\"\\`]* or ['\"\\`]*text|one of ['\"\\`]*text['\"\\`]*(?:,"
        r"| or) ['\"\\`]*json_object",
        r"unknown response_format|unknown format type|invalid response_format"
        r"|response_format.{0,40}(?:must be|should be|expected|got)",
        r"no endpoints found that can handle the requested parameters",
    ),
)
MODEL = _wording(
    "model",
    r"model_not_found|model_decommissioned|model_not_available|invalid_model\b|no_such_model|unknown_model",
    r"\b20012\b",
    r"models?\b.{0,120}(?:does not exist|doesn't exist|not found|not exist|could not be found"
    r"|is not available|not supported by|is deprecated|was deprecated|decommissioned"
    r"|has been (?:removed|retired|deprecated|shut)|no longer (?:available|supported)|unavailable)",
    r"(?:is )?not a valid model|invalid model|no such model|unknown model|unknown provider for model"
    r"|model id .{0,60}invalid|not a chat model",
    r"supported api model names|supported models? (?:are|is|names)",
    r"server is pinned",
    r"no endpoints found",
    r"no allowed providers|no available (?:model|channel)",
    r"unable to (?:access|find) (?:the )?model|access to (?:the )?model|no access to model|cannot find model",
)
UNKNOWN = _wording(
    "parameter_unknown",
    r"unsupported[_ ](?:parameter|value|field|argument)",
    r"unknown[_ ](?:parameter|field|name|argument)",
    r"unrecognized (?:request )?(?:argument|parameter|field|key)",
    r"extra[_ ](?:inputs? (?:are|is) not permitted|forbidden)|extra fields not permitted",
    r"unexpected (?:keyword|field|parameter|property|argument)",
    r"(?:parameter|argument|property|field)s?:? ['\"`]?[\w.]+['\"`]? (?:is |are )?(?:not supported"
    r"|unsupported|not allowed|not permitted|not recognized)",
    r"(?:argument|parameter)s? not supported",
    r"(?:does not|doesn't|not) support (?:the )?(?:parameter|argument|setting)",
    r"['\"`][a-z_]+['\"`] (?:is |are )?(?:not supported|unsupported|not permitted)",
    r"additional properties are not allowed",
    r"is not enabled for this model|(?:logprobs|seed|logit_bias|penalt\w+|parallel_tool_calls"
    r"|stream_options|enable_thinking|reasoning_effort|reasoning\w*)\b.{0,40}(?:not supported"
    r"|unsupported|not allowed|disallowed)",
    r"multiple (?:choices|candidates|completions).{0,30}not (?:supported|enabled)",
)
RATE = _wording(
    "rate",
    r"rate[_ ]?limit",
    r"too many requests",
    r"\b(?:rpm|tpm|rph|ipm)\b",
    r"limit reached",
    r"throttl",
    r"resource_exhausted",
)
BUSY = _wording(
    "overloaded",
    r"overload",
    r"(?:too|really|system is) busy",
    r"at capacity|over capacity|no capacity",
    r"\b50505\b",
    r"temporarily unavailable",
    r"loading model|model is (?:currently )?loading",
    r"unavailable_error",
    r"service unavailable|try again later",
)
WAITING = frozenset({408, 425, 502, 503, 504, 520, 521, 522, 523, 524, 529, 598, 599})


def kind_of(status: int, words: str, found: Found) -> ErrorKind:
    """The kind of an error, from its status and its lower-cased words."""
    if found.failed_generation or OUTPUT.search(words):
        return "output_invalid"
    if status in (401, 402, 403, 407, 429):
        return _of_account(status, words, found)
    if CONTEXT.search(words):
        return "context"
    if status in WAITING:
        return "overloaded"
    if status != 404 or "model" in words or "endpoints" in words:
        for wording in _by_field(found, (*FEATURES, MODEL, UNKNOWN)):
            if wording.search(words):
                return wording.kind
    return _by_status(status, words)


def _of_account(status: int, words: str, found: Found) -> ErrorKind:
    """Kinds of the statuses that speak of the caller's account."""
    is_brief = found.retry_delay is not None and "perday" not in words and "per day" not in words
    if status == 402 or (QUOTA.search(words) and not is_brief):
        return "quota"
    if status == 429:
        if re.search(r"request too large", words):
            return "context"
        return "overloaded" if "overload" in words else "rate"
    if status == 403 and (wording := next((row for row in (*FEATURES, MODEL) if row.search(words)), None)):
        return wording.kind
    return "rate" if status == 403 and RATE.search(words) else "auth"


def _by_field(found: Found, rows: tuple[Wording, ...]) -> Iterable[Wording]:
    """The rows; where the server names a parameter of its own, what it says of unknown parameters counts first."""
    field = field_of(found.parameter)
    is_own = field in (
        "",
        "messages",
        "model",
        "response_format",
        "tools",
        "tool_choice",
        "strict",
        "functions",
        "json_schema",
    )
    return rows if is_own else (UNKNOWN, *rows)


def _by_status(status: int, words: str) -> ErrorKind:
    if status == 404:
        return "model"
    if AUTH.search(words) and status < 500:
        return "auth"
    if QUOTA.search(words) and 400 <= status < 500:
        return "quota"
    if status in WAITING or BUSY.search(words):
        return "overloaded"
    if RATE.search(words):
        return "rate"
    return "bad_request" if 400 <= status < 500 else "server"


NAMED = re.compile(
    r"unknown name \\?['\"](?P<a>\w+)"
    r"|(?:unsupported|unknown|unrecognized)[\w ]*(?:parameter|value|argument|field"
    r"|key)\w*(?: supplied)?:? ?['\"`\\]*(?P<b>[a-z]\w*)"
    r"|(?:not supported on this model|unexpected keyword(?: argument)?|unexpected field|parameter"
    r"|argument|property|field)s?:? ['\"`\\]*(?P<c>[a-z]\w*)"
    r"|['\"`](?P<d>[a-z]\w*)['\"`]:? (?:is |are |was |were )?(?:not supported|unsupported"
    r"|not permitted|extra inputs|unexpected|does not support)"
    r"|(?P<e>logprobs|top_logprobs|seed|logit_bias|frequency_penalty|presence_penalty"
    r"|parallel_tool_calls|stream_options|enable_thinking"
    r"|thinking_budget|reasoning_effort|temperature|top_p|top_k|min_p|max_tokens|max_completion_tokens|stop)\b"
)


def _named_parameter(words: str) -> str | None:
    match = NAMED.search(words)
    return next((name for name in match.groups() if name), None) if match else None
