"""How servers refuse, in their own words, and what an extraction does about it: a value by the documented way, and the next
call on the same endpoint goes straight to the method that worked.

The bodies are those of the pages and recorded exchanges that the rows in `extract/chat/endpoints.py` name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from extract import ENDPOINTS, EndpointError, Extractor, InputTruncatedError, RefusalError
from extract.testing.script import completion


class City(BaseModel):
    name: str
    people: int
    twin: str | None = None


GOOD = {"name": "Rome", "people": 2_800_000, "twin": None}
Body = Mapping[str, Any]


def openai(message: str, **more: Any) -> str:
    return json.dumps(
        {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None, **more}}
    )


def has(kind: str) -> Callable[[Body], bool]:
    return lambda body: (body.get("response_format") or {}).get("type") == kind


def has_format(body: Body) -> bool:
    return "response_format" in body


def has_tools(body: Body) -> bool:
    return "tools" in body


def is_strict(body: Body) -> bool:
    return '"strict": true' in json.dumps(body)


def is_forced(body: Body) -> bool:
    return body.get("tool_choice") not in (None, "auto")


def thinks(body: Body) -> bool:
    return is_forced(body) and body.get("thinking") != {"type": "disabled"} and body.get("enable_thinking") is not False


def sends(name: str) -> Callable[[Body], bool]:
    return lambda body: name in body


@dataclass(frozen=True)
class Refusal:
    """One way to refuse.

    Attributes:
        name: of the case.
        row: key of the endpoint's row.
        when: which requests are refused.
        status, body: the answer to those.
        method: the method that gets the value.
        requests: how many the first call takes.
        changes: fields by which the row differs here.
        second: how many requests the second call takes.

    """

    name: str
    row: str
    when: Callable[[Body], bool]
    status: int
    body: str
    method: str
    requests: int = 2
    changes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    second: int = 1


SILICON = '{"code":%d,"message":"%s","data":null}'
LEARNED = (
    Refusal("siliconflow-20024", "siliconflow", has_format, 400, SILICON % (20024, "Json mode is not supported for this model."), "tool"),
    Refusal("siliconflow-20037", "siliconflow-deepseek-r1", has_tools, 400, SILICON % (20037, "Function call is not supported for this model."), "json_schema"),
    Refusal("deepseek-behind-an-unknown-host", "generic", has("json_schema"), 400, openai("This response_format type is unavailable now", code="invalid_request_error"), "tool"),
    Refusal("deepseek-thinking", "deepseek", thinks, 400, openai("Thinking mode does not support this tool_choice"), "tool_strict", changes={"body": ()}),
    Refusal("openai-older-model", "openai", has("json_schema"), 400, openai("Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", param="response_format"), "tool_strict"),
    Refusal("openai-max-tokens", "openai", sends("max_tokens"), 400, openai("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", param="max_tokens", code="unsupported_parameter"), "json_schema_strict"),
    Refusal("azure-json-schema", "azure", has("json_schema"), 400, openai("response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later: this response_format is not supported", code="BadRequest"), "tool_strict"),
    Refusal("lmstudio-json-object", "lmstudio", has("json_object"), 400, '{"error":"\'response_format.type\' must be \'json_schema\'"}', "json_schema_strict", changes={"methods": ("json_object", "prompt")}, second=1),
    Refusal("volcengine-json-object", "generic", has("json_object"), 400, openai("The parameter `response_format.type` specified in the request are not valid: `json_object` is not supported by this model."), "prompt", changes={"methods": ("json_object", "prompt")}),
    Refusal("deepinfra-405", "generic", has("json_object"), 405, openai("json_object response format is not supported for model: X"), "prompt", changes={"methods": ("json_object", "prompt")}),
    Refusal("llamacpp-without-jinja", "llamacpp", has_tools, 500, '{"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}}', "json_schema", changes={"methods": ("tool", "json_schema", "prompt")}),
    Refusal("vllm-auto-tools", "vllm", has_tools, 400, '{"object":"error","message":"\\"auto\\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set","type":"BadRequestError","param":null,"code":400}', "json_schema", changes={"methods": ("tool", "json_schema", "prompt")}),
    Refusal("anthropic-forced", "anthropic", is_forced, 400, '{"type":"error","error":{"type":"invalid_request_error","message":"tool_choice forces tool use is not supported when thinking is enabled"}}', "tool", 3),
    Refusal("moonshot-required", "moonshot", lambda body: body.get("tool_choice") == "required", 400, openai("tool_choice 'required' is not supported"), "tool", changes={"tool_choice": "required"}),
    Refusal("gemini-unknown-field", "gemini", sends("parallel_tool_calls"), 400, '[{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \\"parallel_tool_calls\\": Cannot find field.","status":"INVALID_ARGUMENT"}}]', "tool", changes={"methods": ("tool",), "parallel_off": True}),
    Refusal("strict-refused", "xai", is_strict, 422, '{"code":"invalid-argument","error":"strict is not supported by this model"}', "tool", 2, changes={"methods": ("tool_strict", "tool", "prompt")}, second=1),
)  # fmt: skip
UNLEARNED = (
    Refusal("openai-schema", "openai", lambda body: "minLength" in json.dumps(body) or (has_format(body) and is_strict(body)), 400, openai("Invalid schema for response_format 'City': In context=('properties', 'twin'), 'default' is not permitted.", param="response_format"), "json_schema", 3, second=3),
    Refusal("gemini-states", "gemini", has("json_schema"), 400, '[{"error":{"code":400,"message":"The specified schema produces a constraint that has too many states for serving.","status":"INVALID_ARGUMENT"}}]', "tool", 3, second=3),
    Refusal("xgrammar", "vllm", has("json_schema"), 400, '{"object":"error","message":"The provided JSON schema contains features not supported by xgrammar.","type":"BadRequestError","code":400}', "tool", 3, second=3),
    Refusal("anthropic-complexity", "anthropic", lambda body: is_strict(body) and has_tools(body), 400, '{"type":"error","error":{"type":"invalid_request_error","message":"Schema is too complex for compilation."}}', "tool", 3, changes={"methods": ("tool_strict", "tool", "prompt")}, second=3),
    Refusal("tools-beside-format", "groq", has("json_schema"), 400, openai("json_schema response format is not supported when tools are provided"), "tool", 2, second=2),
)  # fmt: skip


class Server:
    """A double that refuses as a case says, and answers well by whatever method is left."""

    def __init__(self, case: Refusal) -> None:
        self.case = case
        self.bodies: list[Body] = []

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.bodies.append(body)
        if self.case.when(body):
            return httpx.Response(self.case.status, content=self.case.body.encode())
        return httpx.Response(200, content=json.dumps(good(body)).encode())


def good(body: Body) -> Any:
    text = json.dumps(GOOD)
    if not has_tools(body):
        return completion(text)
    call: Any = {
        "id": "c1",
        "type": "function",
        "function": {"name": body["tools"][0]["function"]["name"], "arguments": text},
    }
    return completion(None, tool_calls=[call], finish_reason="tool_calls")


def extractor_of(case: Refusal, server: Server) -> Extractor:
    row = replace(ENDPOINTS[case.row], **case.changes)
    return Extractor("m", base_url="http://server.test/v1", endpoint=row, http_client=server.client())


@pytest.mark.parametrize("case", [*LEARNED, *UNLEARNED], ids=lambda case: case.name)
def test_a_refusal_ends_in_the_value_by_the_documented_way(case: Refusal) -> None:
    server = Server(case)
    found = extractor_of(case, server).run(City, "Rome has 2.8 million people")
    assert found.value == City.model_validate(GOOD)
    assert (found.method, len(server.bodies)) == (case.method, case.requests)


@pytest.mark.parametrize("case", [*LEARNED, *UNLEARNED], ids=lambda case: case.name)
def test_the_second_call_wastes_nothing_where_the_refusal_says_something_about_the_endpoint(case: Refusal) -> None:
    server = Server(case)
    extractor = extractor_of(case, server)
    extractor.extract(City, "Rome")
    first = len(server.bodies)
    assert extractor.run(City, "Rome").method == case.method
    assert len(server.bodies) - first == case.second


@pytest.mark.parametrize("case", LEARNED, ids=lambda case: case.name)
def test_what_was_learned_is_there_after_a_restart(case: Refusal, tmp_path: Any) -> None:
    server = Server(case)
    row = replace(ENDPOINTS[case.row], **case.changes)
    for expected in (case.requests, 1):
        before = len(server.bodies)
        options: Any = {"endpoint": row, "http_client": server.client(), "memory": tmp_path / "facts.json"}
        Extractor("m", base_url="http://server.test/v1", **options).extract(City, "Rome")
        assert len(server.bodies) - before == expected


def answered(row: str, *bodies: tuple[int, str], **options: Any) -> tuple[Extractor, list[Body]]:
    seen: list[Body] = []
    left = iter(bodies)

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        status, body = next(left)
        return httpx.Response(status, content=body.encode())

    client = httpx.Client(transport=httpx.MockTransport(answer))
    return Extractor(
        "m", base_url="http://server.test/v1", endpoint=ENDPOINTS[row], http_client=client, **options
    ), seen


def test_groq_s_refused_generation_is_read_without_another_request() -> None:
    failed = openai("Failed to generate JSON.", code="json_validate_failed", failed_generation=json.dumps(GOOD) + ",")
    extractor, seen = answered("groq", (400, failed))
    assert extractor.extract(City, "Rome").name == "Rome"
    assert len(seen) == 1


def test_a_schema_that_is_ignored_twice_is_said_in_words_from_the_start() -> None:
    prose, value = json.dumps(completion("It is Rome.")), json.dumps(completion(json.dumps(GOOD)))
    extractor, seen = answered("openai", *[(200, prose), (200, value)] * 2, (200, value))
    for _ in range(3):
        extractor.extract(City, "Rome")
    assert "Schema of the answer" in str(seen[-1]["messages"])


def test_one_answer_in_prose_teaches_nothing() -> None:
    prose, value = json.dumps(completion("It is Rome.")), json.dumps(completion(json.dumps(GOOD)))
    extractor, seen = answered("openai", (200, prose), (200, value), (200, value))
    for _ in range(2):
        extractor.extract(City, "Rome")
    assert "Schema of the answer" not in str(seen[-1]["messages"])


@pytest.mark.parametrize(
    "row, body",
    [
        ("moonshot", openai("Your account is suspended", type="exceeded_current_quota_error")),
        ("openai", openai("You exceeded your current quota", code="insufficient_quota")),
        ("siliconflow", '{"message":"Request was rejected due to rate limiting. Details:RPD limit reached.","data":null}'),
    ],
)  # fmt: skip
def test_a_quota_is_not_waited_for(row: str, body: str) -> None:
    extractor, seen = answered(row, (429, body))
    with pytest.raises(EndpointError) as failed:
        extractor.extract(City, "Rome")
    assert (failed.value.kind, len(seen)) == ("quota", 1)


@pytest.mark.parametrize(
    "row, status, body",
    [
        ("siliconflow", 400, SILICON % (20015, "length of prompt_tokens (68957) must be less than max_seq_len (65536).")),
        ("openai", 400, openai("This model's maximum context length is 128000 tokens.", code="context_length_exceeded")),
        ("llamacpp", 400, '{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}'),
        ("vllm", 400, '{"object":"error","message":"max_tokens must be at least 1, got -3","code":400}'),
    ],
)  # fmt: skip
def test_a_prompt_that_fills_the_window_ends_at_once_with_what_to_do(row: str, status: int, body: str) -> None:
    extractor, seen = answered(row, (status, body))
    with pytest.raises(EndpointError, match="does not fit") as failed:
        extractor.extract(City, "Rome")
    assert (failed.value.kind, len(seen)) == ("context", 1)


def test_ollama_s_silent_cut_of_the_prompt_is_noticed() -> None:
    cut = completion(json.dumps(GOOD))
    cut["usage"] = {"prompt_tokens": 4096, "completion_tokens": 20, "total_tokens": 4116}
    extractor, _ = answered("ollama", (200, json.dumps(cut)))
    with pytest.raises(InputTruncatedError, match="OLLAMA_CONTEXT_LENGTH"):
        extractor.extract(City, "many different words of a long report " * 3000)


def test_a_refusal_in_its_own_field_ends_it() -> None:
    extractor, seen = answered("openai", (200, json.dumps(completion(None, refusal="I cannot help with that."))))
    with pytest.raises(RefusalError):
        extractor.extract(City, "Rome")
    assert len(seen) == 1


def test_openrouter_s_cut_call_behind_tool_calls_is_continued() -> None:
    text = json.dumps(GOOD)
    call: Any = {"id": "c", "type": "function", "function": {"name": "City", "arguments": text[:30]}}
    cut: Any = completion(None, tool_calls=[call], finish_reason="tool_calls")
    cut["choices"][0]["native_finish_reason"] = "length"
    rest = json.dumps(completion(json.dumps({"people": 2_800_000, "twin": None})))
    extractor, seen = answered("openrouter", (200, json.dumps(cut)), (200, rest))
    assert extractor.extract(City, "Rome") == City.model_validate(GOOD)
    assert "cut off" in str(seen[1]["messages"])
