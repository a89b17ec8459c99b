"""What a failure costs: a scripted set of failing answers, ours beside instructor, pydantic-ai and trustcall on the same endpoint.

A scripted model stands behind a loopback endpoint. It knows the right record, answers what it is asked (the whole, single values, the
rest of a cut answer, a JSON patch), and fails as the case says: wrong values, damaged syntax, cuts, refusals of the server. All
libraries get the same type, text, endpoint and number of attempts; each asks in its own way. A case is solved if the right record
comes back. Tokens are those of all requests and answers, schemas and tools included, counted by o200k_base.

    python benchmarks/tokens.py                            ours, and those peers that are installed
    python benchmarks/tokens.py --write docs/figures.md    and writes the tables there

Peers, in an environment of their own: pip install instructor "pydantic-ai-slim[openai]" trustcall langchain-openai tiktoken, and
pip install --no-deps litellm for a vocabulary that is there without a network.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import os
import re
import sys
import threading
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, model_validator

from extract import ENDPOINTS, Budget, Extractor

SOURCE = "Delivery note of ACME Stationery. The lines of the note follow in the order in which they were packed."
ATTEMPTS = 3
LIMIT = 4096
"""Most tokens that the endpoint writes in one answer where a case has no other limit of its own."""


class Line(BaseModel):
    name: str
    count: int = Field(ge=0)
    price: float = Field(ge=0)
    total: float

    @model_validator(mode="after")
    def _adds_up(self) -> Line:
        if abs(self.count * self.price - self.total) > 0.01:
            raise ValueError("total is not count times price")
        return self


class Note(BaseModel):
    seller: str
    city: str
    lines: list[Line]


class Total(BaseModel):
    total: int = Field(ge=0)


def truth_of(size: int) -> Any:
    """The right record; size 0 is a record of one field."""
    if size == 0:
        return {"total": 1250}
    lines = [
        {"name": f"article {i} of {size}", "count": i % 7 + 1, "price": i + 0.5, "total": (i % 7 + 1) * (i + 0.5)}
        for i in range(size)
    ]
    return {"seller": "ACME Stationery", "city": "Leeds", "lines": lines}


# --- tokens


def _vocabulary() -> Callable[[str], int] | None:
    """o200k_base, from a folder of vocabularies that litellm ships: no network."""
    found = importlib.util.find_spec("litellm")
    if found is None or not found.submodule_search_locations or importlib.util.find_spec("tiktoken") is None:
        return None
    os.environ["TIKTOKEN_CACHE_DIR"] = str(
        Path(found.submodule_search_locations[0], "litellm_core_utils", "tokenizers")
    )
    import tiktoken

    encoding = tiktoken.get_encoding("o200k_base")
    return lambda text: len(encoding.encode_ordinary(text))


COUNT = _vocabulary()
COUNTER = "o200k_base" if COUNT is not None else "UTF-8 bytes / 4 (no tokenizer is installed)"


@lru_cache(maxsize=4096)
def tokens_of(text: str) -> int:
    return COUNT(text) if COUNT is not None else (len(text.encode()) + 3) // 4


def prompt_tokens(body: Mapping[str, Any]) -> int:
    """What the model is given: messages, schemas and tools, as compact JSON where they are no text."""
    total = 0
    for message in body["messages"]:
        content = message.get("content")
        total += 4 + tokens_of(content if isinstance(content, str) else json.dumps(content or ""))
        if message.get("tool_calls"):
            total += tokens_of(json.dumps(message["tool_calls"], separators=(",", ":")))
    for name in ("tools", "functions", "response_format"):
        if body.get(name):
            total += tokens_of(json.dumps(body[name], separators=(",", ":")))
    return total


def cut_text(text: str, limit: int) -> tuple[str, bool]:
    """The text as far as so many tokens go, and whether it was cut."""
    if tokens_of(text) <= limit:
        return text, False
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if tokens_of(text[:middle]) <= limit else (low, middle - 1)
    return text[:low], True


# --- the cases

Damage = Callable[[str], str]
Refuse = Callable[[Mapping[str, Any]], tuple[int, str] | None]


@dataclass(frozen=True)
class Case:
    """One failure.

    wrong: paths that hold wrong values, with what stands there; None: the member is left out.
    tries: how many answers in a row fail.
    """

    kind: str
    size: int
    wrong: tuple[tuple[tuple[str | int, ...], Any], ...] = ()
    damage: Damage | None = None
    tries: int = 1
    limit: int | None = None
    refuse: Refuse | None = None
    refusals: int = 10**6
    silent: bool = False

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.size}"

    @property
    def target(self) -> Any:
        return Total if self.size == 0 else Note


SIZES = (1, 5, 40, 200, 1000)
LARGE = 5000


def error(status: int, message: str, **more: Any) -> tuple[int, str]:
    return status, json.dumps({"error": {"message": message, "type": "invalid_request_error", **more}})


def _format(kind: str) -> Refuse:
    def refuse(body: Mapping[str, Any]) -> tuple[int, str] | None:
        found = body.get("response_format") or {}
        return (
            error(400, "This response_format type is unavailable now", param="response_format")
            if found.get("type") == kind
            else None
        )

    return refuse


def _field(name: str, message: str) -> Refuse:
    return lambda body: error(400, message) if name in body else None


def _strict(body: Mapping[str, Any]) -> tuple[int, str] | None:
    return error(400, "strict is not supported by this model", param="strict") if '"strict": true' in json.dumps(body) else None  # fmt: skip


def _forced(body: Mapping[str, Any]) -> tuple[int, str] | None:
    return error(400, "Thinking mode does not support this tool_choice") if body.get("tool_choice") not in (None, "auto") else None  # fmt: skip


def _always(status: int, message: str) -> Refuse:
    return lambda _body: error(status, message)


def damages() -> dict[str, Damage]:
    return {
        "fence": lambda text: f"```json\n{text}\n```",
        "prose around": lambda text: f"Here is the record:\n\n{text}\n\nIs there anything else?",
        "trailing commas": lambda text: re.sub(r"([}\]])(?=[}\]]|$)", r"\1,", text)[:-1],
        "single quotes": lambda text: repr(json.loads(text)),
        "unquoted keys": lambda text: re.sub(r'"(\w+)":', r"\1:", text),
        "missing comma": lambda text: text.replace('","', '" "', 1),
        "comment": lambda text: text.replace("{", "{ // as asked\n", 1),
        "no JSON at all": lambda _text: "The note is from ACME Stationery, and I have read all of its lines.",
        "thoughts first": lambda text: f"<think>Maybe {{'seller': 'Acme'}}? Let me look again.</think>{text}",
        "wrapped": lambda text: f'{{"result":{text}}}',
        "a list around": lambda text: f"[{text}]",
        "text twice encoded": json.dumps,
    }


def cases(*, large: bool = True) -> Iterator[Case]:
    yield Case("one bad value", 0, wrong=((("total",), -5),))
    yield Case("missing value", 0, wrong=((("total",), None),))
    yield Case("bad twice", 0, wrong=((("total",), -5),), tries=2)
    yield Case("wrong type", 0, wrong=((("total",), "a few hundred"),))
    for size in SIZES:
        last, middle = size - 1, size // 2
        record = truth_of(size)
        whole = tokens_of(json.dumps(record, separators=(",", ":")))
        yield Case("one bad value", size, wrong=((("lines", last, "count"), -3),))
        yield Case("wrong type", size, wrong=((("lines", middle, "price"), "a few pounds"),))
        yield Case("missing value", size, wrong=((("lines", last, "name"), None),))
        yield Case("fields at odds", size, wrong=((("lines", middle, "total"), 99999.0),))
        yield Case("bad twice", size, wrong=((("lines", 0, "count"), -1),), tries=2)
        many = tuple((("lines", at, "count"), -1) for at in range(0, size, max(1, size // 10)))
        yield Case("ten bad values", size, wrong=many)
        yield Case("missing at the top", size, wrong=((("city",), None),))
        for share in (0.3, 0.7, 0.95):
            yield Case(f"cut at {share:.0%}", size, limit=max(12, int(whole * share)))
        yield Case("small limit", size, limit=max(40, whole // 6))
    for kind, damage in damages().items():
        for size in (1, 5, 40, 200):
            yield Case(kind, size, damage=damage)
    refusals: dict[str, dict[str, Any]] = {
        "no json_schema": {"refuse": _format("json_schema")},
        "no strict": {"refuse": _strict},
        "no tools": {"refuse": _field("tools", "Function call is not supported for this model.")},
        "no forced call": {"refuse": _forced},
        "unknown parameter": {"refuse": _field("parallel_tool_calls", "Unsupported parameter: 'parallel_tool_calls'")},
        "busy once": {"refuse": _always(503, "overloaded"), "refusals": 1},
        "rate limit once": {"refuse": _always(429, "rate limit"), "refusals": 1},
        "failing twice": {"refuse": _always(500, "internal error"), "refusals": 2},
        "empty answer": {"silent": True},
    }
    for kind, more in refusals.items():
        for size in (5, 200):
            yield Case(kind, size, **more)
    if large:
        yield Case("one bad value", LARGE, wrong=((("lines", 4321, "count"), -3),))
        yield Case("fields at odds", LARGE, wrong=((("lines", 777, "total"), 1.0),))
        yield Case("ten bad values", LARGE, wrong=tuple((("lines", at, "count"), -1) for at in range(0, LARGE, 500)))
        yield Case("small limit", LARGE, limit=16_384)


# --- the scripted model


def changed(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    """A copy with another value at a path; None: without it."""
    if len(path) == 1 and new is None:
        return {key: part for key, part in value.items() if key != path[0]}
    if not path:
        return new
    inner = changed(value[path[0]], path[1:], new)
    return {**value, path[0]: inner} if isinstance(value, dict) else [*value[: path[0]], inner, *value[path[0] + 1 :]]


def held(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        if isinstance(value, dict) and step not in value:
            return None
        value = value[step]
    return value


def path_of(shown: str) -> tuple[str | int, ...]:
    return tuple(int(index) if index else name for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", shown))


@dataclass
class Model:
    """The scripted model behind one case, for one library."""

    case: Case
    answers: int = 0
    refused: int = 0
    requests: int = 0
    prompt: int = 0
    first: int = 0
    completion: int = 0
    lock: Any = field(default_factory=threading.Lock)

    def reply(self, body: Mapping[str, Any]) -> tuple[int, str]:
        """Status and body of one answer."""
        with self.lock:
            self.requests += 1
            self.prompt += prompt_tokens(body)
            self.first = self.first or self.prompt
            refusal = self.case.refuse(body) if self.case.refuse and self.refused < self.case.refusals else None
            if refusal is not None:
                self.refused += 1
                return refusal
            self.answers += 1
            return 200, json.dumps(self.completed(body))

    def completed(self, body: Mapping[str, Any]) -> dict[str, Any]:
        is_failing = self.answers <= self.case.tries
        record = truth_of(self.case.size)
        said = record
        if is_failing:
            for path, wrong in self.case.wrong:
                said = changed(said, path, wrong)
        tools = [tool["function"] for tool in body.get("tools") or []]
        patch = next((tool["name"] for tool in tools if tool["name"].startswith("Patch")), None)
        if patch is not None:
            value = self.patched(body, record, said)
            name = patch
        else:
            value = self.asked(body, said)
            name = tools[0]["name"] if tools else None
        text = json.dumps(value, separators=(",", ":"))
        if is_failing and self.case.damage is not None:
            text = self.case.damage(text)
        limit = self.case.limit or body.get("max_tokens") or body.get("max_completion_tokens") or 10**6
        # A limit of the endpoint holds for every answer; a plain cut for the first only.
        if not self.case.kind.startswith("cut") or is_failing:
            text, is_cut = cut_text(text, limit)
        else:
            is_cut = False
        if self.case.silent and is_failing:
            text = ""
        self.completion += tokens_of(text)
        message: dict[str, Any] = {"role": "assistant", "content": text}
        is_call = name is not None and bool(text) and not (is_failing and self.case.kind == "no JSON at all")
        if is_call:
            call = {"id": f"call_{self.answers}", "type": "function", "function": {"name": name, "arguments": text}}
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
        usage = {
            "prompt_tokens": prompt_tokens(body),
            "completion_tokens": tokens_of(text),
            "total_tokens": prompt_tokens(body) + tokens_of(text),
        }
        finish = "length" if is_cut else "tool_calls" if is_call else "stop"
        choice = {"index": 0, "message": message, "finish_reason": finish}
        return {
            "id": "c",
            "object": "chat.completion",
            "created": 1,
            "model": "scripted",
            "choices": [choice],
            "usage": usage,
        }

    def asked(self, body: Mapping[str, Any], said: Any) -> Any:
        """What the last message asks for: single values, the rest of a cut answer, or the whole."""
        words = body["messages"][-1].get("content")
        words = words if isinstance(words, str) else json.dumps(words)
        places = re.findall(r"^(value_\d+) = (\$\S*?):? (?:was|is missing)", words, re.MULTILINE)
        if places:
            return {name: held(said, path_of(place)) for name, place in places}
        if "The answer was cut off" in words:
            return self.rest(words, said)
        return said

    def rest(self, words: str, said: Any) -> Any:
        done = re.search(r"(\d+) items of \$\.lines are done", words)
        if done:
            return {"lines": said["lines"][int(done[1]) :]}
        within = re.search(r"Of \$\.lines\[0\] these are done: ([^.]*)\.", words)
        if within:
            names = [name.strip() for name in within[1].split(",")]
            first = {key: value for key, value in said["lines"][0].items() if key not in names}
            return {"lines": {"rest_of_item": first, "following_items": said["lines"][1:]}}
        top = re.search(r"Of \$ these are done: ([^.]*)\.", words)
        names = [name.strip() for name in top[1].split(",")] if top else []
        return {key: value for key, value in said.items() if key not in names}

    def patched(self, body: Mapping[str, Any], record: Any, said: Any) -> Any:
        """A JSON patch, as trustcall asks for one."""
        ids = re.findall(r"json_doc_id=\[?([\w-]+)\]?", json.dumps(body["messages"]))
        edits = [
            {
                "op": "add" if wrong is None else "replace",
                "path": "/" + "/".join(map(str, path)),
                "value": held(said, path) if held(said, path) is not None else held(record, path),
            }
            for path, wrong in self.case.wrong
        ]
        return {"json_doc_id": ids[-1] if ids else "", "planned_edits": "- correct the values", "patches": edits}


class Endpoint:
    """The loopback endpoint: the first part of the path names the library and the case."""

    def __init__(self) -> None:
        self.models: dict[str, Model] = {}
        models = self.models

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers["content-length"]))
                status, text = models[self.path.split("/")[1]].reply(json.loads(data))
                raw = text.encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, key: str, case: Case) -> tuple[str, Model]:
        self.models[key] = model = Model(case)
        return f"http://127.0.0.1:{self.server.server_address[1]}/{key}/v1", model


# --- the libraries

Ask = Callable[[str, Case], Any]


def stating(record: Any) -> str:
    """A document that states the record, a line of text for each of its items."""
    lines = (
        f"{line['count']} x {line['name']} at {line['price']} each, {line['total']} in all" for line in record["lines"]
    )
    return "\n".join((f"Delivery note of {record['seller']}, {record['city']}.", "", *lines, "", "Thank you."))


def ours(url: str, case: Case, source: str = SOURCE) -> Any:
    with Extractor(
        "scripted",
        base_url=url,
        api_key="k",
        endpoint=ENDPOINTS["openai"],
        max_tokens=200_000,
        budget=Budget(attempts=ATTEMPTS),
    ) as ask:
        return ask.extract(case.target, source)


def ours_of_all(url: str, case: Case) -> Any:
    """The same with a document that states all of the record."""
    return ours(url, case, stating(truth_of(case.size)))


def ours_in_words(url: str, case: Case) -> Any:
    """Where the endpoint does not show the schema to the model, or knows no schemas."""
    with Extractor("scripted", base_url=url, api_key="k", endpoint=ENDPOINTS["openai"], method="prompt") as ask:
        return ask.extract(case.target, SOURCE)


def instructor() -> Ask:
    import instructor as library
    import openai

    def ask(url: str, case: Case) -> Any:
        client = library.from_openai(openai.OpenAI(base_url=url, api_key="k"))
        return client.chat.completions.create(
            model="scripted",
            response_model=case.target,
            max_retries=ATTEMPTS,
            messages=[{"role": "user", "content": SOURCE}],
        )

    return ask


def pydantic_ai() -> Ask:
    from pydantic_ai import Agent
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    def ask(url: str, case: Case) -> Any:
        model = OpenAIChatModel("gpt-4o", provider=OpenAIProvider(base_url=url, api_key="k"))
        return Agent(model, output_type=case.target, retries=ATTEMPTS - 1).run_sync(SOURCE).output

    return ask


def trustcall() -> Ask:
    from langchain_openai import ChatOpenAI
    from trustcall import create_extractor

    def ask(url: str, case: Case) -> Any:
        model = ChatOpenAI(model="gpt-4o", base_url=url, api_key="k")  # type: ignore[arg-type]
        extractor = create_extractor(model, tools=[case.target], tool_choice=case.target.__name__)
        found = extractor.invoke(SOURCE, config={"configurable": {"max_attempts": ATTEMPTS}})
        return found["responses"][0]

    return ask


PEERS: dict[str, tuple[str, Callable[[], Ask]]] = {
    "instructor": ("instructor", instructor),
    "pydantic-ai": ("pydantic_ai", pydantic_ai),
    "trustcall": ("trustcall", trustcall),
}


@dataclass(frozen=True)
class Row:
    """What one library did with one case."""

    case: Case
    is_solved: bool
    requests: int
    prompt: int
    completion: int
    first: int = 0
    why: str = ""

    @property
    def tokens(self) -> int:
        return self.prompt + self.completion


def tried(endpoint: Endpoint, library: str, ask: Ask, case: Case, number: int) -> Row:
    url, model = endpoint.url(f"{library}-{number}", case)
    why = ""
    try:
        value = ask(url, case)
        is_solved = json.loads(value.model_dump_json()) == truth_of(case.size)
        why = "" if is_solved else "another value"
    except Exception as problem:
        is_solved, why = False, f"{type(problem).__name__}: {str(problem)[:80]!r}"
    return Row(case, is_solved, model.requests, model.prompt, model.completion, model.first, why)


def compared(wanted: list[Case], *, verbose: bool) -> tuple[dict[str, list[Row]], list[str]]:
    """Every library on every case; names of peers that are not there."""
    endpoint = Endpoint()
    libraries: dict[str, Ask] = {"extract": ours}
    absent: list[str] = []
    for name, (module, make) in PEERS.items():
        if importlib.util.find_spec(module) is None:
            absent.append(name)
        else:
            libraries[name] = make()
    rows: dict[str, list[Row]] = defaultdict(list)
    for number, case in enumerate(wanted):
        for name, ask in libraries.items():
            began = time.monotonic()
            row = tried(endpoint, name, ask, case, number)
            rows[name].append(row)
            if verbose:
                print(
                    f"{case.name:24} {name:12} {'ok ' if row.is_solved else 'NO '} {row.requests:3} requests {row.tokens:8} tokens {time.monotonic() - began:6.2f} s {row.why}"
                )
    return rows, absent


def tables(rows: Mapping[str, list[Row]], absent: list[str]) -> str:
    """The result as Markdown."""
    mine = rows["extract"]
    lines = [
        f"{len(mine)} scripted failures, from one field to {max(row.case.size for row in mine)} items, {ATTEMPTS} attempts each; tokens by {COUNTER}."
        " `python benchmarks/tokens.py` measures it."
        + (f" Not installed here: {', '.join(absent)}." if absent else ""),
        "",
        "| library | solved | requests | prompt tokens | completion tokens | all tokens | tokens per solved case |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, found in rows.items():
        solved = sum(row.is_solved for row in found)
        total = sum(row.tokens for row in found)
        lines.append(
            f"| {name} | {solved} of {len(found)} | {sum(row.requests for row in found)} | {sum(row.prompt for row in found)}"
            f" | {sum(row.completion for row in found)} | {total} | {total // max(1, solved)} |"
        )
    spent, floor = sum(row.tokens for row in mine), least(mine)
    lines += [
        "",
        (
            f"The first prompt of each case and one right answer, without which no library can do, are {floor} tokens; ours takes {spent / floor:.2f} times as much."
            " A library that generates the answer anew after one failure takes two to three times as much (the second prompt holds the first answer), so a third of it is the"
            " least that can be reached where one retry is enough."
        ),
    ]
    for name, found in list(rows.items())[1:]:
        both = [(own, other) for own, other in zip(mine, found, strict=True) if own.is_solved and other.is_solved]
        own, other = sum(pair[0].tokens for pair in both), sum(pair[1].tokens for pair in both)
        if both:
            lines += [
                "",
                f"Where both solve it ({len(both)} cases), ours takes {own} tokens, {name} {other}: {own / other:.0%}.",
            ]
    lines += ["", "| failure | cases | " + " | ".join(rows) + " |", "|---|---|" + "---|" * len(rows)]
    kinds = Counter(row.case.kind for row in mine)
    for kind, many in kinds.items():
        cells = []
        for found in rows.values():
            of_kind = [row for row in found if row.case.kind == kind]
            cells.append(f"{sum(row.is_solved for row in of_kind)} solved, {sum(row.tokens for row in of_kind)} tokens")
        lines.append(f"| {kind} | {many} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


DEARER = 4
"""How much more an answered token costs than one that is read; usual price lists say 4 to 5 times."""


def mended_share(endpoint: Endpoint, ask: Ask) -> tuple[float, float]:
    """What mending one bad field of 200 items costs beside generating the record anew: in tokens, and in money."""
    case = Case("one bad value", 200, wrong=((("lines", 120, "count"), -3),))
    bad = tried(endpoint, ask.__name__, ask, case, 0)
    good = tried(endpoint, ask.__name__, ask, Case("none", 200), 1)
    paid, anew = ((row.prompt, row.completion * DEARER) for row in (bad, good))
    return (bad.tokens - good.tokens) / good.tokens, (sum(paid) - sum(anew)) / sum(anew)


def least(rows: list[Row]) -> int:
    """What no library can do without: the first prompt of each case, and the right answer once."""
    return sum(row.first + tokens_of(json.dumps(truth_of(row.case.size), separators=(",", ":"))) for row in rows)


# --- the call that succeeds

WHY = (
    "Where the endpoint enforces a strict schema, ours is longer than the leanest by what makes it enforceable (every member required, unions with null, closed"
    " objects, exact patterns; a plain scalar that may be null is a list of types, one with a format, a pattern or bounds stays a union, since no page"
    " shows such a list to be taken) and by the task, which the others leave to the user. The same schema in words is shorter than all others. BAML is not among them:"
    " it takes no Pydantic type, so each target would have to be written once more in its own language, and what is counted would be that translation."
)

TARGETS = (
    "address",
    "contact",
    "event",
    "invoice",
    "meeting",
    "news",
    "order",
    "paper",
    "product",
    "receipt",
    "resume",
    "ticket",
)


def ready_made(name: str) -> Any:
    """A model of `schemas/targets`."""
    path = Path(__file__).parent.parent / "schemas" / "targets" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"target_{name}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return getattr(module, name.capitalize())


@dataclass(frozen=True)
class Asked(Case):
    """A case whose target is given; only what the first request holds counts."""

    shape: Any = None

    @property
    def target(self) -> Any:
        return self.shape


def added(endpoint: Endpoint) -> str:
    """Prompt tokens of the first request without the user's text, as a table: what each library adds."""
    asks: dict[str, Ask] = {"extract": ours, "extract, schema in words": ours_in_words}
    asks |= {name: make() for name, (module, make) in PEERS.items() if importlib.util.find_spec(module) is not None}
    totals: Counter[str] = Counter()
    lines = ["| target | " + " | ".join(asks) + " |", "|---|" + "---|" * len(asks)]
    for name in TARGETS:
        cells = []
        for library, ask in asks.items():
            case = Asked("asked once", 0, shape=ready_made(name))
            url, model = endpoint.url(f"added-{name}-{library.replace(' ', '')}", case)
            try:
                ask(url, case)
            except Exception:
                if not model.requests:
                    raise
            tokens = model.first - tokens_of(SOURCE)
            totals[library] += tokens
            cells.append(str(tokens))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines.append("| all | " + " | ".join(str(totals[library]) for library in asks) + " |")
    return "\n".join(lines)


def written(path: Path, name: str, text: str) -> None:
    """Put a section between its markers in a page; it is added where there is none."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    page = path.read_text(encoding="utf-8") if path.exists() else ""
    section = f"{begin}\n{text}\n{end}"
    page = (
        page[: page.index(begin)] + section + page[page.index(end) + len(end) :]
        if begin in page
        else f"{page.rstrip()}\n\n{section}\n".lstrip()
    )
    path.write_text(page, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, help="page that takes the tables")
    parser.add_argument("--small", action="store_true", help="without the records of 5,000 items")
    parser.add_argument("--only", default="", help="only cases whose name holds this")
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    wanted = [case for case in cases(large=not given.small) if given.only in case.name]
    rows, absent = compared(wanted, verbose=given.verbose)
    text = tables(rows, absent)
    if not given.only:
        bare, stated = mended_share(Endpoint(), ours), mended_share(Endpoint(), ours_of_all)
        text += (
            f"\n\nOne bad field in an answer of 200 items, from a document that states all of them, costs {stated[0]:.1%} of generating it anew in tokens"
            f" and {stated[1]:.1%} in money (an answered token at {DEARER} times one that is read): only the lines of the document in which the item"
            f" stands are read again. From a document of two sentences, as in the set above, it is {bare[0]:.1%} in tokens and {bare[1]:.1%} in money:"
            " about 130 tokens, most of them the envelope of a strict schema and the sentence that says what is wrong."
        )
        text += f"\n\n### What a call that succeeds adds to the text\n\nPrompt tokens of the first request, schema and tools included, without the user's text.\n\n{added(Endpoint())}\n\n{WHY}"
    print(text)
    if given.write:
        written(given.write, "tokens", f"## What failures cost\n\n{text}")
    sys.exit(0 if all(row.is_solved for row in rows["extract"]) else 1)


if __name__ == "__main__":
    main()
