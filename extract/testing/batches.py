"""A loopback endpoint with a batch API: files, batches, results; with expiry, losses and refusals on command.

    with BatchServer(answer, polls=2, expire_after=3) as server:
        Extractor("any", base_url=server.base_url).batch(Person, texts, journal="p.journal").run(every_s=0.01)

It holds its clients to the documented rules (unique ids, one model a file, so many lines, a last message of the user's)
as they are told in `extract/batch/provider.py`. Chat completions are answered as by `FaultyServer`, whose faults strike
the lines of a batch as well.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..vocabulary import JsonObject, JsonValue
from .say import Say, json_say
from .server import Answers, FaultyServer

DISPOSITION = re.compile(rb'name="([^"]+)"')


@dataclass(slots=True)
class _Batch:
    """One batch as the server has it."""

    id: str
    file_id: str
    metadata: JsonValue
    polls: int
    lines: list[JsonObject]
    errors: list[JsonObject] = field(default_factory=list[JsonObject])
    is_cancelled: bool = False
    outputs: dict[str, str] = field(default_factory=dict[str, str])


class BatchServer(FaultyServer):
    """The endpoint; it takes the arguments of `FaultyServer`, and these.

    Args:
        polls: how often a batch is looked at before it is over.
        expire_after: lines that are done before a batch expires; None: all are.
        skip: of every so many lines one is missing from both result files; 0: none.
        most_lines: a file with more is refused.
        nests_ids: whether an upload's id is nested under `data`, as SiliconFlow does.
        result_urls: whether results are named by URL instead of by id.
        room: how many batches may be under way; one more is refused for lack of it.

    Attributes:
        uploads, batches: what there is, by id.
        calls: how often each kind of call was made.
    """

    def __init__(
        self,
        answers: Answers | None = None,
        *,
        polls: int = 1,
        expire_after: int | None = None,
        skip: int = 0,
        most_lines: int = 5000,
        nests_ids: bool = False,
        result_urls: bool = False,
        room: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(answers, **options)
        self.polls, self.expire_after, self.skip, self.room = polls, expire_after, skip, room
        self.most_lines, self.nests_ids, self.result_urls = most_lines, nests_ids, result_urls
        self.uploads: dict[str, bytes] = {}
        self.batches: dict[str, _Batch] = {}
        self.calls: Counter[str] = Counter()
        self._unanswered: list[str] = []

    def drop_answer(self, path: str) -> None:
        """Do what the next call to this path asks for, but break the connection instead of answering."""
        self._unanswered.append(path)

    def forget_results(self) -> None:
        """Let every result file expire."""
        for batch in self.batches.values():
            for name in batch.outputs.values():
                self.uploads.pop(name, None)

    def _reply(self, verb: str, path: str, data: bytes) -> Say:
        place = path.split("?", 1)[0].removeprefix("/v1")
        parts = place.strip("/").split("/")
        if parts[0] not in ("files", "batches"):
            return super()._reply(verb, path, data)
        self.calls[f"{verb} {parts[0]}"] += 1
        say = self._file(verb, parts, data) if parts[0] == "files" else self._batch(verb, parts, data)
        if place in self._unanswered:
            self._unanswered.remove(place)
            return Say(is_dropped=True)
        return say

    # --- files

    def _file(self, verb: str, parts: list[str], data: bytes) -> Say:
        match verb, parts:
            case "POST", ["files"]:
                fields = dict(_form(data))
                if fields.get("purpose") != b"batch" or "file" not in fields:
                    return _error(400, "purpose must be batch, and a file must be there")
                name = f"file-{len(self.uploads)}"
                self.uploads[name] = fields["file"]
                made: JsonObject = {"id": name, "object": "file", "purpose": "batch"}
                return json_say(200, {"code": 20000, "status": True, "data": made} if self.nests_ids else made)
            case "GET", ["files", name, "content"] if name in self.uploads:
                return Say(200, "application/jsonl", self.uploads[name])
            case _:
                return _error(404, "no such file")

    # --- batches

    def _batch(self, verb: str, parts: list[str], data: bytes) -> Say:
        match verb, parts:
            case "POST", ["batches"]:
                return self._create(json.loads(data))
            case "GET", ["batches"]:
                held: list[JsonValue] = [self._shown(batch) for batch in reversed(self.batches.values())]
                return json_say(200, {"object": "list", "data": held, "has_more": False})
            case "GET", ["batches", name] if name in self.batches:
                self._go_on(self.batches[name])
                return json_say(200, self._shown(self.batches[name]))
            case "POST", ["batches", name, "cancel"] if name in self.batches:
                batch = self.batches[name]
                batch.is_cancelled, batch.polls = True, 0
                self._go_on(batch)
                return json_say(200, self._shown(batch))
            case _:
                return _error(404, "no such batch")

    def _create(self, asked: JsonObject) -> Say:
        file_id = str(asked.get("input_file_id"))
        if file_id not in self.uploads:
            return _error(400, f"no such file {file_id}")
        if asked.get("endpoint") != "/v1/chat/completions" or not str(asked.get("completion_window")).endswith("h"):
            return _error(400, "endpoint or completion_window is wrong")
        lines = [json.loads(line) for line in self.uploads[file_id].splitlines()]
        name = f"batch_{len(self.batches)}"
        batch = self.batches[name] = _Batch(name, file_id, asked.get("metadata"), self.polls, lines)
        busy = sum(not other.outputs and not other.errors for other in self.batches.values())
        batch.errors = list(self._problems(lines))
        if self.room is not None and busy > self.room:
            batch.errors = [{"code": "token_limit_exceeded", "message": "Enqueued token limit reached", "line": None}]
        return json_say(200, self._shown(batch))

    def _problems(self, lines: list[JsonObject]) -> Iterator[JsonObject]:
        if len(lines) > self.most_lines:
            yield {"code": "too_many_lines", "message": f"{len(lines)} lines", "line": None}
        if len({str(_body(line).get("model")) for line in lines}) > 1:
            yield {"code": "mismatched_model", "message": "one model a file", "line": None}
        seen: set[object] = set()
        for number, line in enumerate(lines, start=1):
            messages = _body(line).get("messages")
            last = messages[-1] if isinstance(messages, list) and messages else None
            if not isinstance(last, dict) or last.get("role") != "user":
                yield {"code": "invalid_messages", "message": "must end with the user's", "line": number}
            if not line.get("custom_id") or line["custom_id"] in seen:
                yield {"code": "duplicate_custom_id", "message": "custom_id must be unique", "line": number}
            seen.add(line.get("custom_id"))

    def _go_on(self, batch: _Batch) -> None:
        batch.polls -= 1
        if batch.polls >= 0 or batch.outputs or batch.errors:
            return
        most = 0 if batch.is_cancelled else self.expire_after
        good: list[JsonObject] = []
        bad: list[JsonObject] = []
        for number, line in enumerate(batch.lines):
            if self.skip and number % self.skip == 0:
                continue
            result = self._result(line, is_done=most is None or number < most)
            (good if result["error"] is None and _status(result) < 400 else bad).append(result)
        for kind, results in (("output_file_id", good[::-1]), ("error_file_id", bad)):
            if results:
                name = f"file-{len(self.uploads)}"
                self.uploads[name] = b"".join(json.dumps(result).encode() + b"\n" for result in results)
                batch.outputs[kind] = name

    def _result(self, line: JsonObject, *, is_done: bool) -> JsonObject:
        base: JsonObject = {"id": f"batch_req_{line['custom_id']}", "custom_id": line["custom_id"]}
        if not is_done:
            return {**base, "response": None, "error": {"code": "batch_expired", "message": "not done in time"}}
        say = self.say(_body(line))
        response: JsonObject = {"status_code": say.status, "request_id": "r", "body": json.loads(say.body or b"null")}
        return {**base, "response": response, "error": None}

    def _shown(self, batch: _Batch) -> JsonObject:
        is_over = bool(batch.outputs)
        expired = is_over and self.expire_after is not None and self.expire_after < len(batch.lines)
        ended = "cancelled" if batch.is_cancelled else "expired" if expired else "completed"
        word = "failed" if batch.errors else ended if is_over else "in_progress"
        prefix = f"{self.base_url}/files/" if self.result_urls else ""
        named: dict[str, JsonValue] = {
            kind: f"{prefix}{name}{'/content' if prefix else ''}" for kind, name in batch.outputs.items()
        }
        return {
            "id": batch.id,
            "object": "batch",
            "status": word,
            "input_file_id": batch.file_id,
            "output_file_id": None,
            "error_file_id": None,
            **named,
            "errors": {"object": "list", "data": list[JsonValue](batch.errors)} if batch.errors else None,
            "metadata": batch.metadata,
            "request_counts": {"total": len(batch.lines), "completed": len(batch.lines) if is_over else 0, "failed": 0},
        }


def _body(line: Mapping[str, JsonValue]) -> JsonObject:
    body = line.get("body")
    return body if isinstance(body, dict) else {}


def _status(result: JsonObject) -> int:
    response = result["response"]
    status = response.get("status_code") if isinstance(response, dict) else 500
    return status if isinstance(status, int) else 500


def _error(status: int, words: str) -> Say:
    return json_say(status, {"error": {"message": words, "type": "invalid_request_error"}})


def _form(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The fields of a multipart form."""
    boundary = data.split(b"\r\n", 1)[0]
    for part in data.split(boundary)[1:-1]:
        head, _, body = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        found = DISPOSITION.search(head)
        if found is not None:
            yield found[1].decode(), body.removesuffix(b"\r\n")
