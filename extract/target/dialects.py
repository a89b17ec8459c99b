"""The dialects that we know, one row each, and how to find one.

A row is a value: a dialect of your own is `dataclasses.replace(DIALECTS["vllm"], name="ours", ...)`, passed as it is.
What the fields mean is in `dialect.py`; which server speaks which dialect is in `chat/endpoints.py`.

Pages were read on 2026-11-23 unless a row says otherwise; nothing here was tried on a live endpoint except `llamacpp`.
Where a page is silent the row refuses: a keyword that is left out costs a sentence in the description, a keyword that
is refused costs the request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Final

from ..errors import UsageError
from .dialect import Dialect, Limits
from .patterns import PATTERN_KINDS

NUMBER_KEYWORDS: Final = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
LENGTH_KEYWORDS: Final = frozenset({"minLength", "maxLength"})
ITEM_KEYWORDS: Final = frozenset({"minItems", "maxItems"})
ASSERTIONS: Final = (
    NUMBER_KEYWORDS
    | LENGTH_KEYWORDS
    | ITEM_KEYWORDS
    | frozenset(
        {
            "multipleOf",
            "pattern",
            "format",
            "uniqueItems",
            "contains",
            "minContains",
            "maxContains",
            "minProperties",
            "maxProperties",
            "patternProperties",
            "propertyNames",
            "dependentRequired",
            "dependentSchemas",
            "dependencies",
            "unevaluatedItems",
            "unevaluatedProperties",
            "additionalItems",
            "not",
            "if",
            "then",
            "else",
        }
    )
)
"""Assertion keywords of 2020-12 and draft-07 beyond the structure (type, properties, items, anyOf, ...)."""

ANNOTATIONS: Final = frozenset(
    {
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "$comment",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "discriminator",
    }
)
"""Annotation keywords of 2020-12, and OpenAPI's `discriminator`, which Pydantic writes."""

_OPENAI_FORMATS: Final = frozenset(
    {
        "date-time",
        "time",
        "date",
        "duration",
        "email",
        "hostname",
        "ipv4",
        "ipv6",
        "uuid",
    }
)
_LIMITS_2024: Final = Limits(properties=100, depth=5, enum_values=500, enum_chars=7500, name_chars=15_000)

PLAIN: Final = Dialect(
    name="plain",
    source="json-schema.org/draft/2020-12/json-schema-core, unchanged; read 2026-11-23",
    strict=False,
    root="any",
    optional="omit",
    maps="keep",
    one_of="keep",
    all_of="keep",
    ref_siblings=True,
    tuples="prefix",
    untyped="keep",
    type_lists=True,
    keywords=ASSERTIONS,
    annotations=ANNOTATIONS | {"format"},
    pattern="ecma",
    strict_objects=False,
    any_keyword=True,
    meta_schema="plain.json",
)

# minLength/maxLength are not in the guide; api.openai.com takes them (pydantic-ai#7400, its OpenAI profile of 2.68).
# `default` is left out: refused in 2024 (outlines#1254), taken in August 2026 (openai-agents-python#4390).
# Null: "You can denote optional fields by adding `null` as a `type` option" (function calling guide, read 2026-11-25 in
# a copy of 2026-03-31); only scalars without bounds are written so, as in its example.
# Depth: pydantic-ai observed that each definition is counted on its own and `$ref` is not followed.
OPENAI: Final = Dialect(
    name="openai",
    source="platform.openai.com/docs/guides/structured-outputs, Supported schemas; read 2026-11-23",
    type_lists=True,
    null_types=True,
    formats=_OPENAI_FORMATS,
    keywords=NUMBER_KEYWORDS | LENGTH_KEYWORDS | ITEM_KEYWORDS | {"multipleOf", "pattern", "format"},
    pattern="no_lookaround",
    limits=Limits(
        properties=5000,
        depth=10,
        enum_values=1000,
        enum_chars=15_000,
        name_chars=120_000,
    ),
    meta_schema="openai.json",
    engine="llguidance",
)

# The guide's list of unsupported keywords names all bounds, pattern and format; the sizes are those of 2024.
# First keys: "Objects provided via 'anyOf' must not share identical first keys" (openai-python#2193).
AZURE: Final = Dialect(
    name="azure",
    source="learn.microsoft.com/azure/ai-foundry/openai/how-to/structured-outputs; read 2026-11-23",
    type_lists=True,
    distinct_first_keys=True,
    limits=_LIMITS_2024,
    meta_schema="azure.json",
    engine="llguidance",
)

# Strict tools of the beta base URL; `$def` is how the page writes it. Type lists are split as rig-core 0.46 does.
DEEPSEEK: Final = Dialect(
    name="deepseek",
    source="api-docs.deepseek.com/guides/tool_calls, strict mode (beta); read 2026-11-23 in a copy of 2026-09-10",
    defs_key="$def",
    const="enum",
    formats=frozenset({"email", "hostname", "ipv4", "ipv6", "uuid"}),
    keywords=NUMBER_KEYWORDS | {"multipleOf", "pattern", "format"},
    pattern="no_lookaround",
    meta_schema="deepseek.json",
)

# The page names structure only (required, additionalProperties, anyOf, $defs, recursion); bounds are not mentioned.
GROQ: Final = Dialect(
    name="groq",
    source="console.groq.com/docs/structured-outputs; read 2026-11-23",
    type_lists=True,
    meta_schema="groq.json",
)

# 64 properties, length 2048, 256 items are guaranteed, beyond is best effort. oneOf is read as anyOf.
# `true` as a property's schema is refused. Patterns match the whole string: no lookaround, `\b`, `\p`.
XAI: Final = Dialect(
    name="xai",
    source="docs.x.ai/developers/model-capabilities/text/structured-outputs; read 2026-11-23",
    optional="omit",
    recursion=False,
    tuples="prefix",
    type_lists=True,
    formats=frozenset({"date", "time", "date-time", "email", "uuid", "ipv4", "ipv6", "uri"}),
    keywords=NUMBER_KEYWORDS | LENGTH_KEYWORDS | ITEM_KEYWORDS | {"pattern", "format"},
    ignored=frozenset(
        {
            "multipleOf",
            "not",
            "if",
            "then",
            "else",
            "uniqueItems",
            "patternProperties",
            "propertyNames",
        }
    ),
    pattern="anchored",
    length_beside_pattern=False,
    limits=Limits(string_length=2048, array_items=256),
    meta_schema="xai.json",
)

# Lengths, item counts and pattern are listed as unsupported; allOf is taken, merged all the same.
FIREWORKS: Final = Dialect(
    name="fireworks",
    source="docs.fireworks.ai/structured-responses/structured-response-formatting; read 2026-11-23",
    optional="omit",
    maps="keep",
    type_lists=True,
    ignored=ASSERTIONS - LENGTH_KEYWORDS - ITEM_KEYWORDS - {"pattern", "patternProperties", "propertyNames"},
    strict_objects=False,
    meta_schema="fireworks.json",
)

# No subset is published; the structure of the page's own examples.
TOGETHER: Final = Dialect(
    name="together",
    source="docs.together.ai/docs/inference/chat/structured-outputs; read 2026-11-23",
    strict=False,
    optional="omit",
    maps="keep",
    ignored=ASSERTIONS,
    strict_objects=False,
    meta_schema="together.json",
)

# The texts of the limits are in rig's recorded exchanges: "Too many strict tools", "Schema is too complex for
# compilation", "Circular reference detected in schema definitions", "Property keys should match pattern".
# The key pattern was seen at the top level of tools; kept everywhere here.
ANTHROPIC: Final = Dialect(
    name="anthropic",
    source="platform.claude.com/docs/en/build-with-claude/structured-outputs; read 2026-11-23 in quoted copies",
    optional="omit",
    recursion=False,
    type_lists=True,
    formats=_OPENAI_FORMATS | {"uri"},
    keywords=frozenset({"minItems", "format"}),
    key_regex=r"^[a-zA-Z0-9_.-]{1,64}$",
    limits=Limits(optional=24, unions=16, min_items=1),
    meta_schema="anthropic.json",
)

# The older function-declaration path refuses additionalProperties by name. Real enums of identifiers failed between
# 90 and 93 values ("too many states for serving"): 40 is the width that passed everywhere.
GEMINI: Final = Dialect(
    name="gemini",
    source="ai.google.dev/gemini-api/docs/structured-output, JSON Schema support; read 2026-11-23",
    optional="omit",
    const="enum",
    keywords=frozenset({"minimum", "maximum"}) | ITEM_KEYWORDS,
    ignored=ASSERTIONS - ITEM_KEYWORDS - {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    strict_objects=False,
    limits=Limits(enum_each=40),
    meta_schema="gemini.json",
)

# No published list: OpenAI's structure, which its own client writes, and no bounds.
MISTRAL: Final = Dialect(
    name="mistral",
    source="docs.mistral.ai/capabilities/structured-output/custom_structured_output; read 2026-11-23",
    ignored=ASSERTIONS,
    meta_schema="mistral.json",
)

# The page shows plain nested objects only; pydantic-ai 2.68 inlines `$defs` for every Qwen model.
QWEN: Final = Dialect(
    name="qwen",
    source="alibabacloud.com/help/en/model-studio/qwen-structured-output; read 2026-11-23",
    refs="inline",
    recursion=False,
    ignored=ASSERTIONS,
    meta_schema="qwen.json",
)

_XGRAMMAR_FORMATS: Final = frozenset(
    {
        "email",
        "date",
        "time",
        "date-time",
        "duration",
        "ipv4",
        "ipv6",
        "hostname",
        "uuid",
        "uri",
    }
)
"""What xgrammar knows and llguidance too, which both servers may run in its place."""

# The rows of local servers serve tools too, whose arguments are always an object (llama-server answers `{}` to a tool
# with an integer as its parameters; tried on 2026-11-25): their root is an object for answers and tools alike.

# The refusals are those of `has_xgrammar_unsupported_json_features`. Patterns match the whole string in xgrammar, a
# length beside a pattern or format would be dropped, and under its strict mode an untyped value takes no objects.
VLLM: Final = Dialect(
    name="vllm",
    source="github.com/vllm-project/vllm, v1/structured_output/backend_xgrammar.py; read 2026-11-23",
    optional="omit",
    maps="keep",
    tuples="prefix",
    type_lists=True,
    formats=_XGRAMMAR_FORMATS,
    keywords=NUMBER_KEYWORDS | LENGTH_KEYWORDS | ITEM_KEYWORDS | {"pattern", "format"},
    ignored=frozenset({"not", "if", "then", "else", "dependentRequired", "dependentSchemas"}),
    pattern="anchored",
    length_beside_pattern=False,
    strict_objects=False,
    meta_schema="vllm.json",
    engine="xgrammar",
)
SGLANG: Final = Dialect(
    name="sglang",
    source="docs.sglang.io/advanced_features/structured_outputs, xgrammar back end; read 2026-11-23",
    optional="omit",
    maps="keep",
    tuples="prefix",
    type_lists=True,
    formats=_XGRAMMAR_FORMATS,
    keywords=VLLM.keywords,
    ignored=VLLM.ignored | {"multipleOf", "uniqueItems", "contains"},
    pattern="anchored",
    length_beside_pattern=False,
    strict_objects=False,
    meta_schema="sglang.json",
    engine="xgrammar",
)

# The page documents a raw Pydantic schema with `$defs` and no `strict`; whether anything is enforced is unproven
# (gpt-oss-20b broke a strict schema), so the schema is a hint, of a shape that its likely engines take.
SILICONFLOW: Final = Dialect(
    name="siliconflow",
    source="docs.siliconflow.cn guides json-mode and json-mode_struct; read 2026-11-23",
    strict=False,
    optional="omit",
    maps="keep",
    type_lists=True,
    formats=_OPENAI_FORMATS,
    keywords=VLLM.keywords,
    ignored=ASSERTIONS - VLLM.keywords,
    pattern="anchored",
    length_beside_pattern=False,
    strict_objects=False,
    meta_schema="siliconflow.json",
)

# Limits of json-schema-to-grammar: bounds on integers only, patterns within `^...$`, no prefixItems beyond the simple
# case, formats date, time, date-time and uuid, of which the times demand an offset and three digits or no fraction,
# so that they cannot say every Python value. Tried on a server on 2026-11-24: `$ref: "#"` is refused, maxItems of
# 1999 and more too ("failed to parse grammar"); maps, untyped nodes, type lists and recursion are taken.
LLAMACPP: Final = Dialect(
    name="llamacpp",
    source="github.com/ggml-org/llama.cpp, grammars/README.md and common/json-schema-to-grammar.cpp; read 2026-11-23",
    optional="omit",
    maps="keep",
    root_ref=False,
    untyped="keep",
    type_lists=True,
    formats=frozenset({"date", "uuid"}),
    keywords=NUMBER_KEYWORDS | LENGTH_KEYWORDS | ITEM_KEYWORDS | {"pattern", "format"},
    ignored=ASSERTIONS - NUMBER_KEYWORDS - LENGTH_KEYWORDS - ITEM_KEYWORDS - {"pattern", "format"},
    pattern="anchored",
    length_beside_pattern=False,
    number_bounds=False,
    strict_objects=False,
    limits=Limits(string_length=2000, array_items=1900),
    meta_schema="llamacpp.json",
    engine="gbnf",
)

# The same converter as llama.cpp behind both.
OLLAMA: Final = Dialect(
    name="ollama",
    source="github.com/ollama/ollama, docs/api/openai-compatibility.mdx and llama/llama.go; read 2026-11-23",
    optional="omit",
    maps="keep",
    root_ref=False,
    untyped="keep",
    type_lists=True,
    formats=LLAMACPP.formats,
    keywords=LLAMACPP.keywords,
    ignored=LLAMACPP.ignored,
    pattern="anchored",
    length_beside_pattern=False,
    number_bounds=False,
    strict_objects=False,
    limits=LLAMACPP.limits,
    meta_schema="ollama.json",
    engine="gbnf",
)
# GGUF models go through llama.cpp, MLX models through outlines, which has no lookaround and unrolls recursion.
LMSTUDIO: Final = Dialect(
    name="lmstudio",
    source="lmstudio.ai/docs/developer/openai-compat/structured-output; read 2026-11-23",
    optional="omit",
    maps="keep",
    root_ref=False,
    formats=LLAMACPP.formats,
    keywords=LLAMACPP.keywords,
    ignored=LLAMACPP.ignored,
    pattern="anchored",
    length_beside_pattern=False,
    number_bounds=False,
    strict_objects=False,
    limits=LLAMACPP.limits,
    meta_schema="lmstudio.json",
    engine="gbnf",
)

_CLOUDS: Final = (
    OPENAI,
    AZURE,
    DEEPSEEK,
    GROQ,
    XAI,
    FIREWORKS,
    TOGETHER,
    ANTHROPIC,
    GEMINI,
    MISTRAL,
    QWEN,
    SILICONFLOW,
    VLLM,
    SGLANG,
    LLAMACPP,
    OLLAMA,
    LMSTUDIO,
)


def intersect(dialects: Iterable[Dialect], *, name: str, source: str) -> Dialect:
    """The dialect whose schemas every one of `dialects` takes.

    Where rows differ, the one that takes less wins: the first value that `Dialect` lists is the stricter one, except
    for `refs` and `const`. `$def` instead of `$defs` cannot be met together with it, so references are then inlined.
    """
    rows = tuple(dialects)

    def pick(field: str, strict: str) -> bool:
        return any(getattr(row, field) == strict for row in rows)

    return Dialect(
        name=name,
        source=source,
        strict=any(row.strict for row in rows),
        root="object" if pick("root", "object") else "any",
        optional="required" if pick("optional", "required") else "omit",
        maps="entries" if pick("maps", "entries") else "keep",
        one_of="any_of" if pick("one_of", "any_of") else "keep",
        all_of="merge" if pick("all_of", "merge") else "keep",
        refs="inline" if pick("refs", "inline") or len({row.defs_key for row in rows}) > 1 else "defs",
        recursion=all(row.recursion for row in rows),
        root_ref=all(row.root_ref for row in rows),
        ref_siblings=all(row.ref_siblings for row in rows),
        const="enum" if pick("const", "enum") else "keep",
        tuples="object" if pick("tuples", "object") else "prefix",
        untyped="union" if pick("untyped", "union") else "keep",
        type_lists=all(row.type_lists for row in rows),
        formats=_shared(row.formats for row in rows),
        keywords=_shared(row.keywords for row in rows),
        ignored=_shared(row.ignored for row in rows),
        annotations=_shared(row.annotations for row in rows),
        pattern=PATTERN_KINDS[max(PATTERN_KINDS.index(row.pattern) for row in rows)],
        length_beside_pattern=all(row.length_beside_pattern for row in rows),
        number_bounds=all(row.number_bounds for row in rows),
        key_regex=next((row.key_regex for row in rows if row.key_regex), None),
        distinct_first_keys=any(row.distinct_first_keys for row in rows),
        strict_objects=any(row.strict_objects for row in rows),
        any_keyword=all(row.any_keyword for row in rows),
        limits=_least(row.limits for row in rows),
        meta_schema=f"{name}.json",
    )


def _shared(words: Iterable[frozenset[str]]) -> frozenset[str]:
    """The words that are in each set."""
    first, *others = words
    return first.intersection(*others)


def _least(limits: Iterable[Limits]) -> Limits:
    """The smallest of each limit."""
    rows = tuple(limits)
    least: dict[str, int] = {}
    for field in fields(Limits):
        known = [value for row in rows if (value := getattr(row, field.name)) is not None]
        if known:
            least[field.name] = min(known)
    return Limits(**least)


# Support is per upstream, and it moves: what all of them take.
OPENROUTER: Final = intersect(
    (OPENAI, DEEPSEEK, GROQ, XAI, FIREWORKS, ANTHROPIC, GEMINI, MISTRAL, QWEN),
    name="openrouter",
    source="openrouter.ai/docs/features/structured-outputs (per upstream: their rows); read 2026-11-23",
)
PORTABLE: Final = intersect(_CLOUDS, name="portable", source="the intersection of all other rows; 2026-11-23")

DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(
    {row.name: row for row in (*_CLOUDS, OPENROUTER, PLAIN, PORTABLE)}
)
"""Every dialect by name."""


def find_dialect(dialect: str | Dialect) -> Dialect:
    """The row of that name; a row of your own is passed through.

    Raises:
        UsageError: no row has that name; the message lists those that exist.

    """
    if isinstance(dialect, Dialect):
        return dialect
    if dialect in DIALECTS:
        return DIALECTS[dialect]
    known = ", ".join(sorted(DIALECTS))
    message = f"there is no dialect {dialect!r}; take one of {known}, or pass a Dialect of your own"
    raise UsageError(message)
