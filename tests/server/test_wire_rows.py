"""Each request parameter, response field and model of the reference, seen on a real connection, sync and async alike."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from extract import ENDPOINTS, AsyncExtractor, EndpointError, Extraction, Extractor, Image
from extract.chat.endpoints import find_endpoint

from .recorder import SSE, Said, as_stream, completion, recording
from .wire_rows import ALICE, ERRORS, KEY, MODELS, REQUEST, RESPONSE, TEXT, Came, Refused, Sent, User

ROW = ENDPOINTS["siliconflow"]
WIRE = Path(__file__).parents[2] / "schemas" / "wire"
SCHEMA = Draft202012Validator(json.loads((WIRE / "request.json").read_text("utf-8")))
Ask = Callable[[dict[str, Any], Any, dict[str, Any], str], Extraction[User]]


def ask_sync(options: dict[str, Any], source: Any, ask: dict[str, Any], by: str) -> Extraction[User]:
    with Extractor("tiny", api_key=KEY, **options) as extractor:
        if by == "stream":
            return extractor.stream(User, source, **ask).result()
        return extractor.run(User, source, **ask)


def ask_async(options: dict[str, Any], source: Any, ask: dict[str, Any], by: str) -> Extraction[User]:
    async def main() -> Extraction[User]:
        async with AsyncExtractor("tiny", api_key=KEY, **options) as extractor:
            if by == "stream":
                return await extractor.stream(User, source, **ask).result()
            return await extractor.run(User, source, **ask)

    return asyncio.run(main())


both = pytest.mark.parametrize("run", [ask_sync, ask_async], ids=["sync", "async"])


def found(body: Any, at: tuple[str | int, ...]) -> Any:
    for step in at:
        body = body.get(step) if isinstance(body, dict) else body[step]
    return body


@both
@pytest.mark.parametrize("row", REQUEST, ids=lambda row: row.id)
def test_a_request_parameter_is_sent(row: Sent, run: Ask, tmp_path: Path) -> None:
    with recording(*row.answers) as endpoint:
        options = {"base_url": endpoint.base_url, "endpoint": ROW, **row.options}
        value = run(options, row.source(tmp_path), dict(row.ask), row.by).value
    assert value == User(name="Alice", age=31)
    assert endpoint.paths[-1] == "/v1/chat/completions"
    for body in endpoint.bodies:
        SCHEMA.validate(body)
    if row.header is not None:
        assert endpoint.headers[-1][row.header] == row.value
    else:
        assert found(endpoint.bodies[-1], row.at) == row.value


@both
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("row", RESPONSE, ids=lambda row: row.id)
def test_a_response_field_is_seen(row: Came, run: Ask, streamed: bool) -> None:
    said = Said(as_stream(row.answer.body), 200, SSE, row.answer.headers) if streamed else row.answer
    with recording(said) as endpoint:
        options = {"base_url": endpoint.base_url, "endpoint": ROW, **row.options}
        if row.error is None:
            assert row.of(run(options, TEXT, {}, "run")) == row.value
            return
        with pytest.raises(row.error) as error:
            run(options, TEXT, {}, "run")
    assert type(error.value) is row.error
    assert row.of(error.value) == row.value


@pytest.mark.parametrize("row", ERRORS, ids=lambda row: row.id)
def test_an_error_of_the_reference_ends_in_its_kind(row: Refused) -> None:
    said = Said(row.body, row.status, headers=(("x-siliconcloud-trace-id", "ti_9"), ("retry-after", "0")))
    with recording(said) as endpoint, pytest.raises(EndpointError) as error:
        Extractor("tiny", base_url=endpoint.base_url, endpoint=ROW, api_key=KEY, method="prompt").extract(User, TEXT)
    assert (error.value.kind, error.value.request_id) == (row.kind, "ti_9")
    assert KEY not in str(error.value)


LISTED = [(use, model) for use, models in MODELS.items() for model in models]


@pytest.mark.parametrize(("use", "model"), LISTED, ids=[model for _, model in LISTED])
def test_a_model_of_the_reference_is_asked_as_its_row_says(use: str, model: str) -> None:
    row = find_endpoint(str(ROW.base_url), model)
    assert row.name != ROW.name
    assert row.images == (use == "vision")
    source = Image("https://example.org/a.png") if use == "vision" else TEXT
    with recording(Said(completion(ALICE))) as endpoint:
        Extractor(model, base_url=endpoint.base_url, endpoint=row, api_key=KEY).extract(User, source)
    body = endpoint.bodies[-1]
    assert (body["model"], body["max_tokens"]) == (model, row.max_tokens)
    assert body["response_format"]["type"] == "json_schema"
    assert row.methods[0] == "json_schema"
    assert ("system" in [message["role"] for message in body["messages"]]) == row.system
    assert not row.methods.count("tool") or use != "vision"


def test_every_family_for_this_host_but_the_newer_ones_has_a_model_in_the_reference() -> None:
    assert len(LISTED) == 51
    assert len(set(LISTED)) == 51
