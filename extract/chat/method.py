"""The ways to state a schema to an endpoint, strongest first. Which of them an endpoint takes: `endpoints.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

MethodName = Literal["json_schema_strict", "json_schema", "tool_strict", "tool", "json_object", "prompt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One way to ask for a value of a schema.

    Attributes:
        name: key in `METHODS`.
        carrier: where the request carries the schema: `response_format`, `tools`, or nowhere but the prompt.
        response_format: the `type` that is sent in `response_format`; None: the field is not sent.
        strict: whether strict adherence is asked for.
        answer_in: where the answer is expected; the other place is read all the same.
        schema_in_prompt: whether the prompt must show the schema because the request does not carry it.
        needs_json_word: whether servers want the word JSON in the messages.
        family: methods of one family fail together when an endpoint refuses the form.
    """

    name: MethodName
    carrier: Literal["response_format", "tools", "prompt"]
    response_format: Literal["json_schema", "json_object"] | None = None
    strict: bool = False
    answer_in: Literal["content", "tool"] = "content"
    schema_in_prompt: bool = False
    needs_json_word: bool = False
    family: Literal["json_schema", "tool", "json_object", "prompt"]


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        method.name: method
        for method in (
            Method(
                name="json_schema_strict",
                carrier="response_format",
                response_format="json_schema",
                strict=True,
                family="json_schema",
            ),
            Method(name="json_schema", carrier="response_format", response_format="json_schema", family="json_schema"),
            Method(name="tool_strict", carrier="tools", strict=True, answer_in="tool", family="tool"),
            Method(name="tool", carrier="tools", answer_in="tool", family="tool"),
            Method(
                name="json_object",
                carrier="prompt",
                response_format="json_object",
                schema_in_prompt=True,
                needs_json_word=True,
                family="json_object",
            ),
            Method(name="prompt", carrier="prompt", schema_in_prompt=True, needs_json_word=True, family="prompt"),
        )
    }
)
"""All methods by name, strongest first."""
