"""Every row builds, by every method that it lists, a request that the reference takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from extract.chat.build import build_request
from extract.chat.endpoints import ENDPOINTS, find_endpoint
from extract.chat.message import Image, Parts, content_of, system, user
from extract.chat.method import METHODS
from extract.chat.sampling import check_sampling
from extract.errors import UsageError

WIRE = Path(__file__).parents[3] / "schemas" / "wire"
CHECK = jsonschema.Draft202012Validator(json.loads((WIRE / "request.json").read_text("utf-8")))


class Sent:
    """What a lowered schema gives to a request."""

    name = "Person"

    def response_format(self, *, strict: bool) -> dict[str, Any]:
        return {
            "type": "json_schema",
            "json_schema": {"name": self.name, "schema": {"type": "object"}, "strict": strict},
        }

    def tool(self, *, strict: bool) -> dict[str, Any]:
        return {"type": "function", "function": {"name": self.name, "parameters": {"type": "object"}, "strict": strict}}


def body(
    row: str, method: str, *, stream: bool = False, extra: dict[str, Any] | None = None, **sampling: Any
) -> dict[str, Any]:
    messages = [system("Fill the schema."), user(content_of(Parts("a", Image(b"\x89PNG\r\n\x1a\n"))))]
    url = ENDPOINTS[row].base_url or "http://127.0.0.1/v1"
    built = build_request(
        ENDPOINTS[row],
        METHODS[method],
        Sent(),
        messages,
        model="m",
        base_url=url,
        sampling=sampling,
        extra_body=extra,
        stream=stream,
    )
    return dict(built.body)


@pytest.mark.parametrize(
    ("row", "method"), [(row.name, method) for row in ENDPOINTS.values() for method in row.methods]
)
@pytest.mark.parametrize("stream", [False, True])
def test_every_request_is_valid_by_the_reference(row: str, method: str, stream: bool) -> None:
    CHECK.validate(body(row, method, stream=stream))


@pytest.mark.parametrize("row", list(ENDPOINTS))
def test_a_limit_is_always_sent(row: str) -> None:
    sent = body(row, ENDPOINTS[row].methods[0])
    assert sent[ENDPOINTS[row].max_tokens_field] == ENDPOINTS[row].max_tokens


def test_siliconflow_is_told_not_to_penalise_repeated_keys() -> None:
    assert body("siliconflow", "json_schema")["frequency_penalty"] == 0


def test_a_callers_parameter_beats_the_rows() -> None:
    assert body("siliconflow", "json_schema", frequency_penalty=0.3)["frequency_penalty"] == 0.3


def test_a_model_without_system_messages_gets_the_words_in_the_users() -> None:
    messages = body("siliconflow-gemma-2", "json_schema")["messages"]
    assert [message["role"] for message in messages] == ["user"]


@pytest.mark.parametrize(
    ("row", "choice"), [("llamacpp", "required"), ("mistral", "any"), ("siliconflow", "auto"), ("ollama", "auto")]
)
def test_a_call_is_forced_by_the_word_that_the_row_knows(row: str, choice: str) -> None:
    assert body(row, "tool")["tool_choice"] == choice


def test_a_call_is_forced_by_name_where_that_works() -> None:
    assert body("openai", "tool")["tool_choice"] == {"type": "function", "function": {"name": "Person"}}


def test_strict_tools_go_to_the_url_that_takes_them() -> None:
    built = build_request(
        ENDPOINTS["deepseek"],
        METHODS["tool_strict"],
        Sent(),
        [user("a")],
        model="m",
        base_url="https://api.deepseek.com",
        sampling={},
    )
    assert built.url == "https://api.deepseek.com/beta/chat/completions"


def test_extra_fields_are_merged_last() -> None:
    assert body("openai", "tool", extra={"store": True, "max_tokens": 5})["max_tokens"] == 5


@pytest.mark.parametrize("field", ["messages", "model", "stream"])
def test_extra_fields_never_replace_what_has_an_argument(field: str) -> None:
    with pytest.raises(UsageError, match=field):
        body("openai", "tool", extra={field: "x"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"stop": ["a", "b", "c", "d", "e"]},
        {"stop": []},
        {"n": 0},
        {"max_tokens": 0},
        {"temperature": "hot"},
        {"temperature": True},
        {"top_p": 1.5},
        {"tempreature": 1},
    ],
)
def test_what_the_reference_forbids_is_an_error_that_names_it(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        check_sampling(wrong)


def test_what_an_endpoint_refuses_is_an_error_before_any_request() -> None:
    with pytest.raises(UsageError, match="logprobs"):
        body("mistral", "tool", logprobs=True)


@pytest.mark.parametrize(
    ("url", "model", "name"),
    [
        ("https://api.siliconflow.cn/v1", "Pro/Qwen/Qwen2-VL-7B-Instruct", "siliconflow-qwen2-vl"),
        ("https://api.siliconflow.com/v1", "Qwen/Qwen2.5-72B-Instruct-128K", "siliconflow-qwen2.5-128k"),
        ("https://api.siliconflow.cn/v1", "a/new-model", "siliconflow"),
        ("https://my.openai.azure.com/openai/v1", "gpt-4o", "azure"),
        ("https://api.openai.com/v1", "o3-mini", "openai-reasoning"),
        ("http://localhost:11434/v1", "llama3", "ollama"),
        ("http://127.0.0.1:9/v1", "m", "generic"),
        ("https://api.openai.com.evil.example/v1", "m", "generic"),
    ],
)
def test_the_row_is_found_by_host_and_model(url: str, model: str, name: str) -> None:
    assert find_endpoint(url, model).name == name
