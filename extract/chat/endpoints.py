"""The endpoint rows, and the only place that compares the name of a host or a model.

A row for a host states what holds for all its models; rows for model families behind a host are `replace`d from it
and stand before it, since the first match wins. Facts are from the pages that each row names, all read 2026-11-23;
where a page is silent, from recorded exchanges and the clients' sources (pydantic-ai-slim 2.68, litellm 1.109), and
where those are silent too the row is cautious.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from types import MappingProxyType
from urllib.parse import urlsplit

from .endpoint import Endpoint
from .method import MethodName

READ = "read 2026-11-23"
TOOL_ONLY: tuple[MethodName, ...] = ("tool", "prompt")
LOOSE: tuple[MethodName, ...] = ("json_schema", "tool", "json_object", "prompt")
LOCAL: tuple[MethodName, ...] = ("json_schema", "tool", "prompt")
STRICT: tuple[MethodName, ...] = ("json_schema_strict", "tool_strict", "tool", "json_object", "prompt")
NOT_THINKING = (("enable_thinking", False),)

GENERIC = Endpoint(
    name="generic",
    source="what every OpenAI-compatible endpoint should take; what it does not is found out at run time",
    dialect="portable",
    tool_dialect="portable",
    schema_shown=False,
    stream_usage=False,
    max_tokens=4096,
)

OPENAI = Endpoint(
    name="openai",
    provider="openai",
    source=f"platform.openai.com/docs/guides/structured-outputs and /docs/api-reference/chat, {READ}",
    hosts=("api.openai.com", ".api.openai.com"),
    base_url="https://api.openai.com/v1",
    key_env="OPENAI_API_KEY",
    methods=STRICT,
    parallel_off=True,
    max_tokens=8192,
    unsupported=frozenset({"top_k", "min_p", "repetition_penalty", "enable_thinking", "thinking_budget"}),
    batch_lines=50_000,  # the API reference of POST /batches, read 2026-11-25
    batch_bytes=200_000_000,
)
OPENAI_REASONING = replace(
    OPENAI,
    name="openai-reasoning",
    models=("o1*", "o3*", "o4*", "gpt-5*"),
    max_tokens=32_768,
    max_tokens_field="max_completion_tokens",
    unsupported=OPENAI.unsupported
    | {"temperature", "top_p", "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs", "stop"},
)
OPENAI_JSON_MODE = replace(
    OPENAI,
    name="openai-json-mode",
    models=("gpt-3.5*", "gpt-4-*", "gpt-4", "gpt-4o-2024-05-13"),
    methods=("tool", "json_object", "prompt"),
    max_tokens=4096,
    images=False,
)

AZURE = replace(
    OPENAI,
    name="azure",
    provider="azure.ai.openai",
    source=f"learn.microsoft.com/azure/ai-services/openai/how-to/structured-outputs, {READ}",
    hosts=(".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com"),
    base_url=None,
    key_env="AZURE_OPENAI_API_KEY",
    dialect="azure",
    tool_dialect="azure",
    max_tokens=4096,
    trace_headers=("apim-request-id", "x-request-id"),
)

SILICONFLOW = Endpoint(
    name="siliconflow",
    provider="siliconflow",
    source=f"docs.siliconflow.cn/cn/api-reference/chat-completions/chat-completions, /guides/json-mode_struct, {READ}",
    hosts=("api.siliconflow.cn", "api.siliconflow.com", "api-st.siliconflow.cn"),
    base_url="https://api.siliconflow.cn/v1",
    key_env="SILICONFLOW_API_KEY",
    methods=LOOSE,
    dialect="siliconflow",
    tool_dialect="siliconflow",
    tool_choice="auto",  # in no schema of the reference, only "auto" in its samples
    schema_shown=False,
    max_tokens=4096,  # the documented default of 512 cuts JSON off; the reference's upper bound is 4096
    body=(("frequency_penalty", 0),),  # the documented default of 0.5 penalises the keys of JSON that repeat
    stream_usage=False,  # every chunk carries usage unasked
    images=False,
    prefill="prefix_body",
    min_rate_delay_s=5.0,  # docs.siliconflow.cn/faqs/error-code: waits of 1-2 s do not help against TPM
    trace_headers=("x-siliconcloud-trace-id",),
    batch_bytes=1_000_000_000,  # docs.siliconflow.cn/cn/userguide/guides/batch, read 2026-11-25
    batch_hours=336,
)


UNTOOLED: tuple[MethodName, ...] = ("json_schema", "json_object", "prompt")


def _silicon(name: str, *models: str) -> Endpoint:
    """A text family at SiliconFlow, with and without the prefixes of paid and third-party twins."""
    return replace(SILICONFLOW, name=f"siliconflow-{name}", models=_twins(*models))


def _twins(*models: str) -> tuple[str, ...]:
    return tuple(prefix + model for model in models for prefix in ("", "pro/", "lora/", "vendor-a/"))


def _vision(name: str, *models: str, context_tokens: int | None = None) -> Endpoint:
    """A family that reads images: the reference documents response_format for it, and no tools."""
    return replace(
        _silicon(name, *models),
        images=True,
        methods=UNTOOLED,
        context_tokens=context_tokens,
    )


SILICONFLOW_FAMILIES = (
    # --- vision
    _vision("qwen2-vl", "qwen/qwen2-vl-*", context_tokens=32_768),
    _vision("internvl2", "opengvlab/internvl2-*", context_tokens=32_768),
    replace(_vision("telemm", "teleai/telemm"), context_tokens=32_768),
    _vision("qwen2.5-vl", "qwen/qwen2.5-vl-*", "qwen/qvq-*"),
    replace(_vision("qwen3-vl", "qwen/qwen3-vl-*", "qwen/qwen3-omni-*"), thinking_off=()),
    replace(_vision("glm-vision", "*/glm-4.5v", "*/glm-4.6v*", "*/glm-4.1v-*"), thinking_off=NOT_THINKING),
    replace(
        _vision("deepseek-vision", "deepseek-ai/deepseek-vl2", "deepseek-ai/deepseek-ocr*", "paddlepaddle/*"),
        methods=("prompt",),
    ),
    # --- reasoning
    replace(
        _silicon("deepseek-r1", "deepseek-ai/deepseek-r1*"),
        methods=("tool", "json_schema", "prompt"),  # 20024: no JSON mode
        system=False,  # the model card: no system prompt
        max_tokens=16_384,
        prefill=None,
        body=(("frequency_penalty", 0), ("temperature", 0.6), ("top_p", 0.95)),
    ),
    replace(_silicon("qwq", "qwen/qwq-*", "thudm/glm-z1-*", "minimaxai/*"), max_tokens=16_384, prefill=None),
    replace(
        _silicon(
            "qwen3",
            "qwen/qwen3-8b",
            "qwen/qwen3-14b",
            "qwen/qwen3-32b",
            "qwen/qwen3-30b-a3b",
            "qwen/qwen3-235b-a22b",
            "qwen/qwen3.5-*",
        ),
        thinking_off=NOT_THINKING,
        body=(("frequency_penalty", 0), ("enable_thinking", False)),
        max_tokens=8192,
    ),
    replace(
        _silicon(
            "switched",
            "zai-org/glm-4.6",
            "zai-org/glm-4.7",
            "zai-org/glm-5*",
            "deepseek-ai/deepseek-v3.1*",
            "deepseek-ai/deepseek-v3.2*",
            "tencent/hunyuan-a13b*",
        ),
        thinking_off=NOT_THINKING,
        body=(("frequency_penalty", 0), ("enable_thinking", False)),
        max_tokens=8192,
    ),
    replace(_silicon("deepseek-v4", "deepseek-ai/deepseek-v4*"), max_tokens=16_384),
    replace(_silicon("qwen3-thinking", "qwen/qwen3-*thinking*"), max_tokens=16_384, prefill=None),
    replace(_silicon("qwen3-instruct", "qwen/qwen3-*"), max_tokens=8192),
    replace(
        _silicon("gpt-oss", "openai/gpt-oss-*"), methods=("tool", "prompt"), stream_with_format=False, max_tokens=8192
    ),
    replace(_silicon("kimi", "moonshotai/kimi-*"), max_tokens=8192, replay_reasoning=True),
    # --- coder and math
    replace(_silicon("deepseek-coder", "deepseek-ai/deepseek-coder-v2*"), context_tokens=32_768),
    replace(_silicon("qwen2.5-coder", "qwen/qwen2.5-coder-*"), context_tokens=32_768),
    replace(_silicon("qwen2.5-math", "qwen/qwen2.5-math-*"), context_tokens=4096, max_tokens=2048, methods=UNTOOLED),
    # --- long context
    replace(_silicon("qwen2.5-128k", "qwen/qwen2.5-*-128k"), context_tokens=131_072),
    # --- text
    replace(_silicon("deepseek-v2", "deepseek-ai/deepseek-v2*"), context_tokens=32_768),
    replace(
        _silicon("deepseek-v3", "deepseek-ai/deepseek-v3"), methods=("json_schema", "tool", "prompt"), max_tokens=8192
    ),
    replace(_silicon("qwen2.5", "qwen/qwen2.5-*"), context_tokens=32_768),
    replace(_silicon("qwen2", "qwen/qwen2-*"), context_tokens=32_768, methods=UNTOOLED),
    replace(_silicon("hunyuan", "tencent/hunyuan-a52b*"), context_tokens=32_768),
    replace(_silicon("telechat", "teleai/telechat2"), context_tokens=8192, methods=UNTOOLED, max_tokens=2048),
    replace(_silicon("yi-1.5-16k", "01-ai/yi-1.5-*-16k"), context_tokens=16_384, methods=UNTOOLED),
    replace(_silicon("yi-1.5", "01-ai/yi-1.5-*"), context_tokens=4096, max_tokens=2048, methods=UNTOOLED),
    replace(_silicon("chatglm3", "thudm/chatglm3-*"), context_tokens=32_768, methods=UNTOOLED),
    replace(_silicon("glm-4", "thudm/glm-4-*"), context_tokens=131_072),
    replace(_silicon("internlm2.5", "internlm/internlm2_5-*"), context_tokens=32_768),
    replace(_silicon("nemotron", "nvidia/llama-3.1-nemotron-*"), context_tokens=32_768),
    replace(_silicon("llama-3.1", "meta-llama/meta-llama-3.1-*", "meta-llama/llama-3.3-*"), context_tokens=32_768),
    replace(_silicon("llama-3", "meta-llama/meta-llama-3-*"), context_tokens=8192, max_tokens=2048, methods=UNTOOLED),
    replace(
        _silicon("gemma-2", "google/gemma-2-*"),
        context_tokens=8192,
        max_tokens=2048,
        system=False,  # its chat template refuses the role
        methods=UNTOOLED,
    ),
)
"""Every family of the reference's list of models (November 2024, most of them retired since) and of the newer pages."""

DEEPSEEK = Endpoint(
    name="deepseek",
    provider="deepseek",
    source=f"api-docs.deepseek.com/guides/tool_calls and /guides/json_mode, {READ}",
    hosts=("api.deepseek.com",),
    base_url="https://api.deepseek.com",
    key_env="DEEPSEEK_API_KEY",
    methods=(
        "tool_strict",
        "tool",
        "json_object",
        "prompt",
    ),  # json_schema: 400 "This response_format type is unavailable now"
    dialect="portable",
    tool_dialect="deepseek",
    strict_tool_url="https://api.deepseek.com/beta",
    forced_needs_thinking_off=True,
    thinking_off=(("thinking", (("type", "disabled"),)),),
    schema_shown=False,
    max_tokens=8192,
    images=False,
    replay_reasoning=True,
    prefill="prefix_message",
    unsupported=frozenset({"top_k", "min_p", "repetition_penalty", "enable_thinking", "thinking_budget"}),
    trace_headers=("x-ds-trace-id", "x-request-id"),
)

DASHSCOPE = Endpoint(
    name="dashscope",
    provider="dashscope",
    source=f"help.aliyun.com/zh/model-studio/qwen-structured-output, {READ}",
    hosts=("dashscope.aliyuncs.com", "dashscope-intl.aliyuncs.com", "dashscope-us.aliyuncs.com", ".maas.aliyuncs.com"),
    base_url="https://dashscope.aliyuncs.com/compatible-mode/v1",
    key_env="DASHSCOPE_API_KEY",
    methods=("tool", "json_object", "prompt"),
    dialect="qwen",
    tool_dialect="qwen",
    thinking_off=NOT_THINKING,
    schema_shown=False,
    max_tokens=8192,
    prefill="partial_message",
    images=False,
)
DASHSCOPE_FAMILIES = (
    replace(
        DASHSCOPE,
        name="dashscope-vision",
        models=("qwen*-vl*", "qvq*", "qwen*-omni*"),
        methods=("json_object", "prompt"),
        images=True,
    ),
    replace(
        DASHSCOPE,
        name="dashscope-coder",
        models=("qwen3-coder*",),
        methods=("tool", "json_object", "prompt"),
        tool_choice="auto",
        thinking_off=(),
    ),
    replace(
        DASHSCOPE,
        name="dashscope-thinking",
        models=("qwq*", "*thinking*"),
        methods=("tool", "prompt"),
        tool_choice="auto",
        thinking_off=(),
        max_tokens=16_384,
    ),
    replace(
        DASHSCOPE,
        name="dashscope-schema",
        models=(
            "qwen3-max*",
            "qwen-plus*",
            "qwen-flash*",
            "qwen3.5*",
            "qwen3.6*",
            "qwen3.7*",
            "qwen3.8*",
            "deepseek-v3.2*",
        ),
        methods=("json_schema_strict", "tool", "json_object", "prompt"),
        body=NOT_THINKING,  # structured output works in non-thinking mode only
    ),
)

MISTRAL = Endpoint(
    name="mistral",
    provider="mistral_ai",
    source=f"docs.mistral.ai/capabilities/structured_output and recorded exchanges, {READ}",
    hosts=("api.mistral.ai", "codestral.mistral.ai"),
    base_url="https://api.mistral.ai/v1",
    key_env="MISTRAL_API_KEY",
    methods=("json_schema_strict", "tool", "json_object", "prompt"),
    dialect="mistral",
    tool_dialect="mistral",
    tool_choice="any",
    parallel_off=True,
    stream_usage=False,  # usage comes unasked, with the last chunk
    tool_id_regex=r"[a-zA-Z0-9]{9}",
    prefill="prefix_message",
    unsupported=frozenset(
        {
            "logprobs",
            "top_logprobs",
            "top_k",
            "min_p",
            "seed",
            "repetition_penalty",
            "enable_thinking",
            "thinking_budget",
            "user",
        }
    ),
    trace_headers=("mistral-correlation-id", "x-request-id"),
)

GROQ = Endpoint(
    name="groq",
    provider="groq",
    source=f"console.groq.com/docs/structured-outputs, {READ}",
    hosts=("api.groq.com",),
    base_url="https://api.groq.com/openai/v1",
    key_env="GROQ_API_KEY",
    methods=LOOSE,
    dialect="groq",
    tool_dialect="groq",
    parallel_off=True,
    stream_with_format=False,
    n=False,
    unsupported=frozenset(
        {"logprobs", "top_logprobs", "top_k", "min_p", "repetition_penalty", "enable_thinking", "thinking_budget"}
    ),
    trace_headers=("x-request-id", "x-groq-request-id"),
)
GROQ_FAMILIES = (
    replace(
        GROQ,
        name="groq-gpt-oss",
        models=("openai/gpt-oss-*",),
        methods=("json_schema_strict", "json_schema", "tool", "json_object", "prompt"),
        tool_choice="auto",
        max_tokens=8192,
    ),
)

TOGETHER = Endpoint(
    name="together",
    provider="together",
    source=f"docs.together.ai/docs/inference/chat/structured-outputs, {READ}",
    hosts=("api.together.xyz", "api.together.ai"),
    base_url="https://api.together.xyz/v1",
    key_env="TOGETHER_API_KEY",
    methods=LOOSE,
    dialect="together",
    tool_dialect="together",
    schema_shown=False,
)

FIREWORKS = Endpoint(
    name="fireworks",
    provider="fireworks",
    source=f"docs.fireworks.ai/structured-responses/structured-response-formatting, {READ}",
    hosts=("api.fireworks.ai",),
    base_url="https://api.fireworks.ai/inference/v1",
    key_env="FIREWORKS_API_KEY",
    methods=LOOSE,
    dialect="fireworks",
    tool_dialect="fireworks",
    schema_shown=False,  # "the model does not see the schema"
)

XAI = Endpoint(
    name="xai",
    provider="x_ai",
    source=f"docs.x.ai/developers/model-capabilities/text/structured-outputs, {READ}",
    hosts=("api.x.ai", ".api.x.ai"),
    base_url="https://api.x.ai/v1",
    key_env="XAI_API_KEY",
    methods=STRICT,
    dialect="xai",
    tool_dialect="xai",
    parallel_off=True,
    max_tokens=8192,
    unsupported=frozenset({"top_k", "min_p", "repetition_penalty", "enable_thinking", "thinking_budget"}),
)

GEMINI = Endpoint(
    name="gemini",
    provider="gcp.gemini",
    source=f"ai.google.dev/gemini-api/docs/openai and /structured-output, {READ}",
    hosts=("generativelanguage.googleapis.com",),
    base_url="https://generativelanguage.googleapis.com/v1beta/openai",
    key_env="GEMINI_API_KEY",
    methods=LOOSE,
    dialect="gemini",
    tool_dialect="gemini",
    max_tokens=8192,
    unsupported=frozenset(
        {
            "top_k",
            "min_p",
            "frequency_penalty",
            "presence_penalty",
            "repetition_penalty",
            "enable_thinking",
            "thinking_budget",
        }
    ),  # unknown body fields are 400s there
)

ANTHROPIC = Endpoint(
    name="anthropic",
    provider="anthropic",
    source=f"docs.anthropic.com/en/api/openai-sdk, {READ}",
    hosts=("api.anthropic.com",),
    base_url="https://api.anthropic.com/v1",
    key_env="ANTHROPIC_API_KEY",
    methods=TOOL_ONLY,  # response_format is ignored
    dialect="anthropic",
    tool_dialect="anthropic",
    parallel_off=True,
    max_tokens=8192,
    n=False,
    dropped=frozenset({"logprobs", "top_logprobs", "seed", "frequency_penalty", "presence_penalty"}),
    trace_headers=("request-id", "x-request-id"),
)

OPENROUTER = Endpoint(
    name="openrouter",
    provider="openrouter",
    source=f"openrouter.ai/docs/features/structured-outputs and /docs/api-reference/errors, {READ}",
    hosts=("openrouter.ai", ".openrouter.ai"),
    base_url="https://openrouter.ai/api/v1",
    key_env="OPENROUTER_API_KEY",
    methods=STRICT,
    tool_choice="required",
    body=(("provider", (("require_parameters", True),)),),  # else unsupported fields are dropped in silence
    trace_headers=("x-request-id", "cf-ray"),
)

VLLM = Endpoint(
    name="vllm",
    provider="vllm",
    source=f"docs.vllm.ai/en/latest/features/structured_outputs.html and /tool_calling.html, {READ}",
    methods=LOCAL,
    dialect="vllm",
    tool_dialect="vllm",
    schema_shown=False,
    prefill="continue_final",
)
SGLANG = replace(
    VLLM,
    name="sglang",
    provider="sglang",
    source=f"docs.sglang.io/advanced_features/structured_outputs.html, {READ}",
    dialect="sglang",
    tool_dialect="sglang",
)
LLAMACPP = Endpoint(
    name="llamacpp",
    provider="llamacpp",
    source=f"github.com/ggml-org/llama.cpp tools/server/README.md and a running llama-server, {READ}",
    methods=LOCAL,  # json_object without a schema does nothing
    dialect="llamacpp",
    tool_dialect="llamacpp",
    tool_choice="required",  # a named choice is taken for auto in silence
    parallel_off=True,
    schema_shown=False,
    prefill="trailing",
)
OLLAMA = Endpoint(
    name="ollama",
    provider="ollama",
    source=f"github.com/ollama/ollama docs/api/openai-compatibility.mdx, {READ}",
    hosts=("ollama.com",),
    base_url="http://127.0.0.1:11434/v1",
    key_env="OLLAMA_API_KEY",
    methods=LOOSE,
    dialect="ollama",
    tool_dialect="ollama",
    tool_choice="auto",
    schema_shown=False,
    n=False,
    silent_truncation=True,
    dropped=frozenset({"user"}),
)
LM_STUDIO = Endpoint(
    name="lmstudio",
    provider="lmstudio",
    source=f"lmstudio.ai/docs/app/api/structured-output and lmstudio-bug-tracker issues 189 and 307, {READ}",
    base_url="http://127.0.0.1:1234/v1",
    methods=LOCAL,  # json_object: 400, must be 'json_schema'
    dialect="lmstudio",
    tool_dialect="lmstudio",
    tool_choice="auto",
    schema_shown=False,
)

MOONSHOT = Endpoint(
    name="moonshot",
    provider="moonshot_ai",
    source=f"platform.moonshot.ai/docs/api/chat and pydantic-ai-slim 2.68, {READ}",
    hosts=("api.moonshot.ai", "api.moonshot.cn"),
    base_url="https://api.moonshot.ai/v1",
    key_env="MOONSHOT_API_KEY",
    methods=("tool", "json_object", "prompt"),
    dialect="portable",
    tool_dialect="portable",
    tool_choice="auto",  # no `required`
    replay_reasoning=True,
    max_tokens=8192,
    prefill="partial_message",
    images=False,
)
ZAI = Endpoint(
    name="zai",
    provider="zai",
    source=f"docs.z.ai/api-reference/llm/chat-completion and pydantic-ai-slim 2.68, {READ}",
    hosts=("api.z.ai", "open.bigmodel.cn"),
    base_url="https://api.z.ai/api/paas/v4",
    key_env="ZAI_API_KEY",
    methods=("tool", "json_object", "prompt"),
    dialect="portable",
    tool_dialect="portable",
    tool_choice="auto",
    thinking_off=(("thinking", (("type", "disabled"),)),),
    max_tokens=8192,
    n=False,
    images=False,
)

ROWS = (
    *SILICONFLOW_FAMILIES, SILICONFLOW,
    OPENAI_REASONING, OPENAI_JSON_MODE, OPENAI, AZURE,
    DEEPSEEK, *DASHSCOPE_FAMILIES, DASHSCOPE, MISTRAL, *GROQ_FAMILIES, GROQ, TOGETHER, FIREWORKS, XAI, GEMINI,
    ANTHROPIC, OPENROUTER,
    MOONSHOT, ZAI, OLLAMA, LM_STUDIO, VLLM, SGLANG, LLAMACPP, GENERIC,
)  # fmt: skip
ENDPOINTS: Mapping[str, Endpoint] = MappingProxyType({row.name: row for row in ROWS})
"""All rows by name, in the order in which they are tried."""


def find_endpoint(base_url: str, model: str) -> Endpoint:
    """The first row whose host and model pattern match; `generic` where none does.

    Rows without hosts (servers that run anywhere) are found by the port of their usual base URL on this machine, or
    given by the caller.
    """
    host, local = _host_of(base_url), _local_port(base_url)
    name = model.lower()
    for row in ROWS:
        is_here = _serves(row.hosts, host) or (
            local is not None and row.base_url is not None and _local_port(row.base_url) == local
        )
        if is_here and any(fnmatchcase(name, pattern) for pattern in row.models):
            return row
    return GENERIC


def holds_one_model(base_url: str) -> bool:
    """Whether a URL is on this machine and of no row's usual port, as llama-server's, which answers to any name."""
    local = _local_port(base_url)
    return local is not None and all(row.base_url is None or _local_port(row.base_url) != local for row in ROWS)


def _host_of(base_url: str) -> str:
    return (urlsplit(base_url).hostname or "").lower()


def _local_port(base_url: str) -> int | None:
    """The port of a URL on this machine."""
    parts = urlsplit(base_url)
    return parts.port if (parts.hostname or "").lower() in ("127.0.0.1", "localhost", "::1") else None


def _serves(hosts: tuple[str, ...], host: str) -> bool:
    return any(host == known or (known.startswith(".") and host.endswith(known)) for known in hosts)
