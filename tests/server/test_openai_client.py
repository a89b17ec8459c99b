"""Extractors over a real openai client, sync and async, against a loopback endpoint."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from extract import AsyncExtractor, EndpointError, Extractor, UnreachableError, UsageError
from extract.chat.endpoint import Endpoint
from extract.chat.reply import Lost, Reply
from extract.chat.request import Request
from extract.openai_client import async_transport, transport
from extract.testing import FaultyServer

openai = pytest.importorskip("openai", reason="openai is not installed: extractors over its client are not tested")


class Person(BaseModel):
    name: str
    age: int


ADA = Person(name="Ada", age=36)
Run = Callable[..., Any]


def run_sync(server: FaultyServer, *, client: dict[str, Any] | None = None, **options: Any) -> Any:
    with openai.OpenAI(api_key="k-0123456789", base_url=server.base_url, **(client or {})) as own:
        return Extractor.from_openai(own, "m", **options).run(Person, "Ada is 36")


def run_async(server: FaultyServer, *, client: dict[str, Any] | None = None, **options: Any) -> Any:
    async def run() -> Any:
        async with openai.AsyncOpenAI(api_key="k-0123456789", base_url=server.base_url, **(client or {})) as own:
            return await AsyncExtractor.from_openai(own, "m", **options).run(Person, "Ada is 36")

    return asyncio.run(run())


@pytest.fixture(params=[run_sync, run_async], ids=["sync", "async"])
def run(request: pytest.FixtureRequest) -> Run:
    chosen: Run = request.param
    return chosen


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    with FaultyServer(lambda _: ADA.model_dump()) as running:
        yield running


def test_a_value_comes_through_the_client(run: Run, server: FaultyServer) -> None:
    found = run(server)
    assert (found.value, found.usage.prompt_tokens, server.requests[-1]["model"]) == (ADA, 100, "m")


def test_the_clients_key_and_headers_are_sent(run: Run, server: FaultyServer) -> None:
    run(server, client={"default_headers": {"x-team": "blue"}})
    assert server.headers[-1]["authorization"] == "Bearer k-0123456789"
    assert server.headers[-1]["x-team"] == "blue"


def test_a_busy_server_is_asked_again_by_the_extractor_alone(run: Run, server: FaultyServer) -> None:
    server.then("status_503", "status_503")
    assert len(run(server).attempts) == server.total == 3


def test_an_error_of_the_server_keeps_its_kind(run: Run, server: FaultyServer) -> None:
    server.then("status_401")
    with pytest.raises(EndpointError) as caught:
        run(server)
    assert caught.value.kind == "auth"


def test_a_server_that_wants_patience_is_understood(run: Run) -> None:
    with FaultyServer(lambda _: ADA.model_dump(), retry_after_s=0.1) as server:
        server.then("status_429")
        first = run(server).attempts[0].reply
    assert (first.error.kind, first.error.retry_after_s) == ("rate", 0.1)


def test_nobody_listening_is_unreachable(run: Run) -> None:
    gone = FaultyServer().start()
    gone.stop()
    with pytest.raises(UnreachableError):
        run(gone, budget=no_resends())


def test_a_slow_server_does_not_outlive_the_timeout(run: Run) -> None:
    with FaultyServer(lambda _: ADA.model_dump(), delay_s=2) as server:
        with pytest.raises(UnreachableError):
            run(server, timeout=0.3)
        assert server.paths and server.total == 0  # it has begun to wait, and has said nothing yet


def test_the_clients_own_shorter_timeout_stays(run: Run) -> None:
    with FaultyServer(lambda _: ADA.model_dump(), delay_s=2) as server:
        with pytest.raises(UnreachableError):
            run(server, client={"timeout": 0.3}, budget=no_resends())
        assert server.paths and server.total == 0


@pytest.mark.parametrize(
    "fault", ["gzip", "wrong_content_type", "stream_for_json", "empty_body", "html", "list_error", "fence", "two_calls"]
)
def test_a_fault_of_the_answer_is_overcome(run: Run, server: FaultyServer, fault: str) -> None:
    server.then(fault)
    assert run(server).value == ADA


def test_fields_that_the_client_has_no_argument_for_are_sent(run: Run, server: FaultyServer) -> None:
    row = Endpoint(name="own", source="a test", body=(("enable_thinking", False),), methods=("json_object",))
    run(server, endpoint=row, extra_body={"top_k": 3})
    assert (server.requests[-1]["enable_thinking"], server.requests[-1]["top_k"]) == (False, 3)


def test_tracing_set_on_the_client_sees_the_calls_and_the_answers(server: FaultyServer) -> None:
    tokens: list[int] = []
    with openai.OpenAI(api_key="k", base_url=server.base_url) as client:
        create = client.chat.completions.create

        def traced(*args: Any, **given: Any) -> Any:
            answer = create(*args, **given)
            tokens.append(answer.usage.total_tokens)
            return answer

        client.chat.completions.create = traced
        assert Extractor.from_openai(client, "m").extract(Person, "Ada is 36") == ADA
    assert len(tokens) == 1


def test_tracing_set_on_the_class_sees_the_calls(server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    kind = type(openai.OpenAI(api_key="k").chat.completions)
    create = kind.create
    monkeypatch.setattr(kind, "create", lambda self, **given: seen.append(given["model"]) or create(self, **given))
    with openai.OpenAI(api_key="k", base_url=server.base_url) as client:
        assert Extractor.from_openai(client, "m").extract(Person, "Ada is 36") == ADA
    assert seen == ["m"]


def test_azures_path_version_and_key_are_kept(server: FaultyServer) -> None:
    root = server.base_url.removesuffix("/v1")
    with openai.AzureOpenAI(api_key="azure-key", azure_endpoint=root, api_version="2024-10-21") as client:
        assert Extractor.from_openai(client, "gpt").extract(Person, "Ada is 36") == ADA
    assert server.paths[-1] == "/openai/deployments/gpt/chat/completions?api-version=2024-10-21"
    assert server.headers[-1]["api-key"] == "azure-key"


def test_azures_token_provider_is_asked(server: FaultyServer) -> None:
    root = server.base_url.removesuffix("/v1")
    with openai.AzureOpenAI(
        azure_ad_token_provider=lambda: "fresh", azure_endpoint=root, api_version="2024-10-21"
    ) as client:
        assert Extractor.from_openai(client, "gpt").extract(Person, "Ada is 36") == ADA
    assert server.headers[-1]["authorization"] == "Bearer fresh"


def test_strict_tools_that_live_elsewhere_are_asked_there(server: FaultyServer) -> None:
    root = server.base_url.removesuffix("/v1")
    row = Endpoint(name="own", source="a test", strict_tool_url=f"{root}/beta", methods=("tool_strict",))
    with openai.OpenAI(api_key="k", base_url=server.base_url) as client:
        assert Extractor.from_openai(client, "m", endpoint=row).extract(Person, "Ada is 36") == ADA
    assert server.paths[-1] == "/beta/chat/completions"


def test_an_extractor_over_a_client_is_a_fallback(server: FaultyServer) -> None:
    server.then("status_401")
    with openai.OpenAI(api_key="second-key", base_url=server.base_url) as client:
        second = Extractor.from_openai(client, "second")
        assert Extractor("first", base_url=server.base_url, fallbacks=[second]).extract(Person, "Ada is 36") == ADA
    assert [body["model"] for body in server.requests] == ["first", "second"]
    assert server.headers[-1]["authorization"] == "Bearer second-key"


# --- streams


def streamed(server: FaultyServer, *, is_async: bool) -> tuple[int, Reply | Lost]:
    """How many pieces came before the reply, and the reply."""
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], "stream": True}
    request = Request(url=f"{server.base_url}/chat/completions", body=body, method="prompt", stream=True)

    async def run() -> list[Any]:
        async with openai.AsyncOpenAI(api_key="k", base_url=server.base_url) as client:
            return [piece async for piece in async_transport(client).stream(request, deadline_s=5.0)]

    if is_async:
        found = asyncio.run(run())
    else:
        with openai.OpenAI(api_key="k", base_url=server.base_url) as client:
            found = list(transport(client).stream(request, deadline_s=5.0))
    return len(found) - 1, found[-1]


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
class TestStreams:
    def test_a_stream_comes_piece_by_piece(self, server: FaultyServer, *, is_async: bool) -> None:
        pieces, reply = streamed(server, is_async=is_async)
        assert isinstance(reply, Reply)
        assert (pieces > 1, Person.model_validate_json(reply.choices[0].text)) == (True, ADA)

    def test_an_error_amid_a_stream_keeps_what_came(self, server: FaultyServer, *, is_async: bool) -> None:
        server.then("error_in_stream")
        _, reply = streamed(server, is_async=is_async)
        assert isinstance(reply, Reply)
        assert reply.error is not None
        assert reply.choices

    @pytest.mark.parametrize("fault", ["json_for_stream", "crlf", "comments", "usage_everywhere", "no_done"])
    def test_a_streams_quirk_is_overcome(self, server: FaultyServer, fault: str, *, is_async: bool) -> None:
        server.then(fault)
        _, reply = streamed(server, is_async=is_async)
        assert isinstance(reply, Reply)
        assert Person.model_validate_json(reply.choices[0].text) == ADA


# --- wrong use


def test_an_async_client_for_the_sync_extractor_is_refused() -> None:
    with pytest.raises(UsageError, match=r"AsyncExtractor\.from_openai"):
        Extractor.from_openai(openai.AsyncOpenAI(api_key="k"), "m")


def test_something_else_than_a_client_is_refused() -> None:
    with pytest.raises(UsageError, match="got a str"):
        Extractor.from_openai("sk-...", "m")  # type: ignore[arg-type]


@pytest.mark.parametrize("option", ["base_url", "api_key", "headers", "query"])
def test_an_option_that_is_the_clients_is_refused(option: str) -> None:
    with pytest.raises(UsageError, match=option):
        Extractor.from_openai(openai.OpenAI(api_key="k"), "m", **{option: "x"})  # type: ignore[arg-type]


def test_a_pickled_extractor_keeps_the_place_and_no_client(server: FaultyServer) -> None:
    client = openai.OpenAI(api_key="secret-key-1", base_url=server.base_url)
    data = pickle.dumps(Extractor.from_openai(client, "m"))
    assert b"secret-key-1" not in data
    assert pickle.loads(data).extract(Person, "Ada is 36") == ADA


def no_resends() -> Any:
    from extract import Budget

    return Budget(resends=0)
