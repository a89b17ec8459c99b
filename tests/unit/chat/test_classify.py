"""Every shape and wording of an error that was seen ends in the right kind."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extract.chat.classify import classify, mask, retry_after_s

KINDS: list[tuple[str, int, Any]] = [
    # response_format
    ("format_unsupported", 400, {"error": {"message": "This response_format type is unavailable now", "type": "invalid_request_error", "param": None, "code": "invalid_request_error"}}),
    ("format_unsupported", 400, {"error": {"message": "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", "param": "response_format"}}),
    ("format_unsupported", 400, {"code": 20024, "message": "Json mode is not supported for this model.", "data": None}),
    ("format_unsupported", 405, {"detail": {"error": "json_object response format is not supported for model: X"}}),
    ("format_unsupported", 400, {"error": {"message": "The parameter `response_format.type` specified in the request are not valid: `json_object` is not supported by this model."}}),
    ("format_unsupported", 400, {"error": {"code": 400, "message": 'response_format type must be one of "text" or "json_object", but got: yaml'}}),
    ("format_unsupported", 400, {"error": {"message": "response_format is not supported"}}),
    ("format_unsupported", 400, {"error": {"message": "'response_format.type' must be 'json_object' or 'text'"}}),
    ("format_unsupported", 404, {"error": {"message": "No endpoints found that can handle the requested parameters.", "code": 404}}),
    ("format_required", 400, {"error": "'response_format.type' must be 'json_schema'"}),
    ("format_required", 400, {"error": "'response_format.type' must be 'json_schema' or 'text'"}),
    # tools
    ("tools_unsupported", 400, {"code": 20037, "message": "Function call is not supported for this model."}),
    ("tools_unsupported", 400, {"error": {"message": "registry.ollama.ai/library/gemma does not support tools", "type": "api_error", "param": None, "code": None}}),
    ("tools_unsupported", 500, {"error": {"code": 500, "message": "tools param requires --jinja flag", "type": "server_error"}}),
    ("tools_unsupported", 404, {"error": {"message": "No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs", "code": 404}}),
    ("tool_choice_unsupported", 400, {"error": {"message": "Thinking mode does not support this tool_choice", "code": "invalid_request_error"}}),
    ("tool_choice_unsupported", 404, {"error": {"message": "No endpoints found that support the provided 'tool_choice' value.", "code": 404}}),
    ("strict_unsupported", 400, {"error": {"message": "Unknown parameter: 'tools[0].function.strict'."}}),
    # schema
    ("schema_invalid", 400, {"error": {"message": "Invalid schema for response_format 'X': In context=('properties','y'), 'additionalProperties' is required to be supplied and to be false.", "param": "response_format", "type": "invalid_request_error"}}),
    ("schema_invalid", 400, {"error": {"message": "Invalid schema for function 'f': ...", "param": "tools[0].function.parameters"}}),
    ("schema_invalid", 400, {"object": "error", "message": "The provided JSON schema contains features not supported by xgrammar.", "type": "BadRequestError", "param": None, "code": 400}),
    ("schema_invalid", 400, [{"error": {"code": 400, "message": 'Invalid JSON payload received. Unknown name "additionalProperties" at \'tools[0].function_declarations[0].parameters\': Cannot find field.', "status": "INVALID_ARGUMENT"}}]),
    ("schema_invalid", 400, {"type": "error", "error": {"type": "invalid_request_error", "message": "Schema is too complex for compilation."}}),
    ("schema_invalid", 400, {"type": "error", "error": {"type": "invalid_request_error", "message": "Circular reference detected in schema definitions: Node -> Node"}}),
    ("need_json_word", 400, {"error": {"message": "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.", "param": "messages"}}),
    ("combination", 400, [{"error": {"code": 400, "message": "Function calling with a response mime type: 'application/json' is unsupported", "status": "INVALID_ARGUMENT"}}]),
    ("combination", 400, {"error": {"message": "json_schema response format is not supported when tools are provided"}}),
    ("combination", 500, {"error": {"code": 500, "message": "Cannot use custom grammar constraints with tools."}}),
    # context
    ("context", 400, {"error": {"message": "This model's maximum context length is 8192 tokens.", "code": "context_length_exceeded"}}),
    ("context", 400, {"code": 20015, "message": "length of prompt_tokens (68957) must be less than max_seq_len (65536).", "data": None}),
    ("context", 400, {"error": {"code": 400, "message": "request exceeds the available context size", "type": "exceed_context_size_error"}}),
    ("context", 400, {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 210000 tokens > 200000 maximum"}}),
    ("context", 400, {"object": "error", "message": "max_tokens must be at least 1, got -5.", "code": 400}),
    ("context", 400, [{"error": {"code": 400, "message": "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).", "status": "INVALID_ARGUMENT"}}]),
    # parameters
    ("parameter_unknown", 400, {"error": {"message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "param": "max_tokens", "code": "unsupported_parameter"}}),
    ("parameter_unknown", 400, {"error": {"message": "Unsupported value: 'temperature' does not support 0 with this model.", "param": "temperature", "code": "unsupported_value"}}),
    ("parameter_unknown", 422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "top_k"], "msg": "Extra inputs are not permitted", "input": 5}]}),
    ("parameter_unknown", 400, {"error": {"message": "Unrecognized request argument supplied: foo", "type": "invalid_request_error"}}),
    # output
    ("output_invalid", 400, {"error": {"message": "Failed to generate JSON. Please adjust your prompt.", "type": "invalid_request_error", "code": "json_validate_failed", "failed_generation": "{"}}),
    ("output_invalid", 400, {"error": {"message": "Failed to call a function.", "code": "tool_use_failed", "failed_generation": "x"}}),
    ("output_invalid", 500, {"error": {"code": 500, "message": "The model produced output that does not match the expected peg-native format"}}),
    # account
    ("rate", 429, {"message": "Request was rejected due to rate limiting. Details:TPM limit reached.", "data": None}),
    ("quota", 429, {"message": "Request was rejected due to rate limiting. Details:RPD limit reached.", "data": None}),
    ("rate", 429, {"message": "System is really busy, please try again later", "code": 20015}),
    ("quota", 429, {"error": {"message": "You exceeded your current quota, please check your plan and billing details.", "type": "insufficient_quota", "code": "insufficient_quota"}}),
    ("rate", 429, [{"error": {"code": 429, "message": "You exceeded your current quota, please check your plan and billing details. Please retry in 14.2s.", "status": "RESOURCE_EXHAUSTED", "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "14s"}]}}]),
    ("quota", 429, {"error": {"message": "Your account has insufficient balance", "type": "exceeded_current_quota_error"}}),
    ("quota", 402, {"error": {"message": "Insufficient Balance", "code": "invalid_request_error"}}),
    ("rate", 429, {"error": {"message": "Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000. Please try again in 1.5s.", "code": "rate_limit_exceeded"}}),
    ("auth", 401, "Invalid token"),
    ("auth", 403, "Forbidden"),
    ("auth", 400, {"error": {"message": "No connected db.", "type": "no_db_connection", "code": "400"}}),
    ("auth", 400, [{"error": {"code": 400, "message": "API key not valid. Please pass a valid API key.", "status": "INVALID_ARGUMENT"}}]),
    ("overloaded", 503, {"code": 50505, "message": "Model service overloaded. Please try again later.", "data": None}),
    ("overloaded", 503, {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}),
    ("overloaded", 529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
    ("overloaded", 504, "<html><head><title>504 Gateway Time-out</title></head></html>"),
    # model
    ("model", 400, {"code": 20012, "message": "Model does not exist. Please check it carefully.", "data": None}),
    ("model", 404, {"error": {"message": "The model `gpt-9` does not exist or you do not have access to it.", "code": "model_not_found"}}),
    ("model", 400, {"error": {"message": "x/y is not a valid model ID", "code": 400}}),
    ("model", 404, "404 page not found"),
    # the rest
    ("bad_request", 400, {"code": 20015, "message": "The parameter is invalid. Please check again.", "data": None}),
    ("bad_request", 400, {"error": {"message": "Invalid 'temperature': decimal above maximum value.", "param": "temperature", "code": "decimal_above_max_value"}}),
    ("server", 500, "Internal Server Error"),
    ("server", 500, ""),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "status", "body"), KINDS)
def test_a_wording_ends_in_its_kind(kind: str, status: int, body: Any) -> None:
    data = body if isinstance(body, str) else json.dumps(body)
    assert classify(status, {}, data.encode()).kind == kind


NEGATIVES = [
    {
        "error": {
            "message": "Invalid schema for response_format 'X': 'required' is required to be supplied",
            "param": "response_format",
        }
    },
    {
        "error": {
            "message": "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
        }
    },
    {
        "error": {
            "message": "Invalid schema for response_format 'X': 'uri' is not a valid format.",
            "param": "response_format",
        }
    },
    {"error": {"message": "Function calling with a response mime type: 'application/json' is unsupported"}},
    {"error": {"message": "json_schema response format is not supported when tools are provided"}},
]


@pytest.mark.parametrize("body", NEGATIVES)
def test_a_complaint_beside_the_format_never_says_that_the_format_is_unsupported(body: Any) -> None:
    assert classify(400, {}, json.dumps(body).encode()).kind != "format_unsupported"


SHAPES: list[tuple[Any, str, str | None]] = [
    ({"error": {"message": "m", "type": "t", "param": "p", "code": "c"}}, "m", "c"),
    ({"error": {"message": "m", "code": 400}, "user_id": "u"}, "m", "400"),
    ([{"error": {"message": "m", "code": 400, "status": "S"}}], "m", "400"),
    ({"error": "m"}, "m", None),
    ({"error": "m", "code": "c"}, "m", "c"),
    ({"code": 20015, "message": "m", "data": None}, "m", "20015"),
    (
        {"object": "error", "message": "m", "type": "t", "param": None, "code": "3051", "raw_status_code": 400},
        "m",
        "3051",
    ),
    ({"detail": "m"}, "m", None),
    ({"detail": [{"loc": ["body"], "msg": "m", "type": "value_error"}]}, "m", None),
    ({"message": "m"}, "m", None),
    ({"type": "error", "error": {"type": "t", "message": "m"}, "request_id": "r"}, "m", None),
    ("m", "m", None),
]


@pytest.mark.parametrize(("body", "message", "code"), SHAPES)
def test_every_shape_gives_its_message_and_code(body: Any, message: str, code: str | None) -> None:
    found = classify(400, {}, json.dumps(body).encode())
    assert (found.message, found.code) == (message, code)


def test_an_error_wrapped_into_text_is_followed() -> None:
    raw = json.dumps({"error": {"message": "maximum context length is 8192"}})
    body = {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": raw}}}
    found = classify(400, {}, json.dumps(body).encode())
    assert (found.kind, found.message) == ("context", "Provider returned error")


def test_a_html_page_gives_its_title() -> None:
    assert (
        classify(502, {}, b"<!DOCTYPE html><html><head><title>502 Bad\nGateway</title></head>x</html>").message
        == "502 Bad Gateway"
    )


def test_the_dropped_parameter_is_named() -> None:
    body = b'{"error": {"message": "Unrecognized request argument supplied: foo"}}'
    assert classify(400, {}, body).parameter == "foo"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:30 GMT", "date": "Mon, 23 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Mon, 23 Nov 2026 09:00:00 GMT", "date": "Mon, 23 Nov 2026 10:00:00 GMT"}, 0.0),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers) == seconds


def test_a_wait_named_only_in_words_is_read() -> None:
    assert retry_after_s({}, words="please try again in 1m2.5s.") == 62.5


def test_the_retry_delay_of_gemini_is_read() -> None:
    body = [{"error": {"code": 429, "message": "slow down", "details": [{"retryDelay": "14s"}]}}]
    assert classify(429, {}, json.dumps(body).encode()).retry_after_s == 14.0


def test_credentials_are_masked() -> None:
    assert "abcdefghijkl" not in mask("Incorrect API key provided: sk-abcdefghijklmnop; Bearer abcdefghijkl")
