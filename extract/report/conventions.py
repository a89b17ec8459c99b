"""OpenTelemetry's names for generative AI, as rows: they are still in development, and have just moved.

Attributes are the same in both rows. Read 2026-11-25: opentelemetry.io/docs/specs/semconv/gen-ai (gen-ai-spans,
gen-ai-metrics) for `RELEASED`, and docs/gen-ai/client-inference.md with gen-ai-token-metrics.md in
github.com/open-telemetry/semantic-conventions-genai for `LATEST`, which replaces the one token histogram by counters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

OPT_IN = "OTEL_SEMCONV_STABILITY_OPT_IN"
"""Environment variable in which a user asks for the latest names."""
LATEST_WORD = "gen_ai_latest_experimental"
DURATION_BUCKETS_S = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
TOKEN_BUCKETS = tuple(4**power for power in range(14))


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """The names of one version.

    Attributes:
        duration: histogram of the time that one request takes, in seconds.
        tokens: histogram of tokens by `gen_ai.token.type`; None where there are counters.
        input_tokens, output_tokens: counters by `gen_ai.token.modality`; None where there is a histogram.
    """

    duration: str
    tokens: str | None = None
    input_tokens: str | None = None
    output_tokens: str | None = None


RELEASED = Conventions(duration="gen_ai.client.operation.duration", tokens="gen_ai.client.token.usage")
LATEST = Conventions(
    duration="gen_ai.client.inference.duration",
    input_tokens="gen_ai.client.inference.usage.input_tokens",
    output_tokens="gen_ai.client.inference.usage.output_tokens",
)


def conventions_of(environ: Mapping[str, str]) -> Conventions:
    """The row that the environment asks for."""
    words = {word.strip() for word in environ.get(OPT_IN, "").split(",")}
    return LATEST if LATEST_WORD in words else RELEASED
