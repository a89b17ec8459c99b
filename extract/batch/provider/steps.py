"""How a part of a provider batch goes on, as generators: they yield a `Call` or a `Pause` and are sent the `Answer`.

Written once; the drivers in `run.py` do the calls, sync and async. Where a part stands is saved after each step,
so that a stop at any moment loses none: a batch whose creation was not answered is found again by its label.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from ...chat.classify import read_error
from ...flow.errors import ExtractionError
from ...http_files import Answer, Call
from ..journal import Journal
from .folder import Folder, Part, kept_in
from .protocol import State, creation, label_of, listed, state_of, unwrapped

T = TypeVar("T")
TRIES: Final = 6
FIRST_PAUSE_S: Final = 1.0
LAST_PAUSE_S: Final = 30.0
PAGES: Final = 10
CREATING: Final = "creating"
CROWDED: Final = "waiting for room"
GONE: Final = frozenset({403, 404, 410})
"""Statuses of a result file that has expired."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait before going on."""

    seconds: float


Steps: TypeAlias = Generator["Call | Pause", "Answer | None", T]


class ProviderBatchError(ExtractionError):
    """The provider refused a batch, or a call about one."""

    advice = "mend what it names and run the same command again; what is under way or kept is not asked twice"

    def problem(self) -> str:
        """The provider's reason."""
        return self.text or "the provider refused the batch"


def _asked(call: Call) -> Steps[Answer]:
    """The answer to a call that may be repeated: trouble that passes is waited out."""
    answer = Answer(0, problem="not sent")
    for attempt in range(TRIES):
        if attempt:
            yield Pause(_pause_s(answer, attempt))
        answer = yield from _once(call)
        if not _passes(answer):
            break
    return answer


def _once(call: Call) -> Steps[Answer]:
    answer = yield call
    return answer if isinstance(answer, Answer) else Answer(0, problem="not sent")


def _passes(answer: Answer) -> bool:
    return answer.status in (0, 408, 429) or answer.status >= 500


def _pause_s(answer: Answer, attempt: int) -> float:
    said = answer.headers.get("retry-after", "")
    backoff = min(FIRST_PAUSE_S * 2.0 ** (attempt - 1), LAST_PAUSE_S)
    return max(backoff, min(float(said), LAST_PAUSE_S)) if said.replace(".", "", 1).isdigit() else backoff


def _refusal(what: str, answer: Answer) -> ProviderBatchError:
    if answer.problem:
        return ProviderBatchError(text=f"{what}: {answer.problem}")
    words = " ".join((read_error(answer.json()).message if answer.json() else answer.text).split())[:300]
    return ProviderBatchError(text=f"{what}: status {answer.status}: {words or 'no reason given'}")


def submitted(folder: Folder, part: Part, *, hours: int) -> Steps[Part]:
    """The part with a batch of it under way; raises ProviderBatchError."""
    if part.stage == "written":
        part = yield from _uploaded(folder, part)
    if part.stage == "uploaded":
        part = yield from _created(folder, part, hours)
    return part


def _uploaded(folder: Folder, part: Part) -> Steps[Part]:
    path = folder.input(part)
    call = Call("POST", f"{part.base_url}/files", upload=path, form=(("purpose", "batch"),))
    answer = yield from _asked(call)
    name = unwrapped(answer.json()).get("id")
    if not answer.is_good or not isinstance(name, str):
        raise _refusal(f"{path.name} was not uploaded", answer)
    return folder.save(replace(part, stage="uploaded", file_id=name))


def _created(folder: Folder, part: Part, hours: int) -> Steps[Part]:
    """Create the batch once: before it is tried again, the provider's list is searched for it."""
    body = creation(str(part.file_id), hours=hours, label=part.digest)
    answer = Answer(0)
    for attempt in range(TRIES):
        if part.word == CREATING:
            found = yield from _found(part)
            if found is not None:
                return folder.save(_with_state(part, found))
        if attempt:
            yield Pause(_pause_s(answer, attempt))
        part = folder.save(replace(part, word=CREATING))
        answer = yield from _once(Call("POST", f"{part.base_url}/batches", body=body))
        state = state_of(answer.json()) if answer.is_good else None
        if state is not None:
            return folder.save(_with_state(part, state))
        if not _passes(answer):
            break
    raise _refusal(f"no batch was made of {folder.input(part).name}", answer)


def _found(part: Part) -> Steps[State | None]:
    """The batch of this part in the provider's list, newest first; a list that cannot be had is as good as none."""
    after = ""
    for _ in range(PAGES):
        answer = yield from _asked(Call("GET", f"{part.base_url}/batches?limit=100{after}"))
        batches = listed(answer.json())
        for batch in batches:
            if label_of(batch) == part.digest and batch.get("input_file_id") in (part.file_id, None):
                return state_of(batch)
        last = answer.json().get("last_id")
        if not batches or not answer.json().get("has_more") or not isinstance(last, str):
            break
        after = f"&after={last}"
    return None


def _with_state(part: Part, state: State) -> Part:
    """The part as the provider sees it now."""
    now = replace(part, batch_id=state.id, word=state.word, completed=state.completed, failed=state.failed)
    if state.is_crowded_out:
        return replace(now, stage="uploaded", batch_id=None, word=CROWDED, problem=state.problem)
    if state.is_refused:
        return replace(now, stage="refused", problem=state.problem or "the provider gave no reason")
    return replace(now, stage="over" if state.is_over else "created", outputs=state.outputs)


def looked_at(folder: Folder, part: Part, *, patient: bool = False) -> Steps[Part]:
    """The part as the provider sees it now; one that is not under way there stays as it is.

    Trouble that passes raises, unless patient: then the part stays as it is, to be looked at again later.
    """
    if part.stage != "created":
        return part
    answer = yield from _asked(Call("GET", f"{part.base_url}/batches/{part.batch_id}"))
    state = state_of(answer.json()) if answer.is_good else None
    if state is None:
        if answer.status in GONE:
            return folder.save(replace(part, stage="refused", word="gone", problem="the provider does not know it"))
        if patient and _passes(answer):
            return part
        raise _refusal(f"the state of batch {part.batch_id} is not to be had", answer)
    now = _with_state(part, state)
    return part if now == part else folder.save(now)


def fetched(folder: Folder, part: Part, journal: Journal, *, patient: bool = False) -> Steps[Part]:
    """The part with its replies in the journal, once its batch is over; patient as in `looked_at`."""
    if part.stage != "over":
        return part
    paths: list[Path] = []
    for at, output in enumerate(part.outputs):
        url = output if output.startswith(("http://", "https://")) else f"{part.base_url}/files/{output}/content"
        path = folder.result(part, at)
        if not path.exists():
            answer = yield from _asked(Call("GET", url, into=path))
            if answer.status in GONE:
                continue
            if patient and _passes(answer):
                return part
            if not answer.is_good:
                raise _refusal(f"the results of batch {part.batch_id} are not to be had", answer)
        paths.append(path)
    return kept_in(journal, folder, part, paths)


def cancelled(folder: Folder, part: Part) -> Steps[Part]:
    """Ask the provider to end a batch; what it has done by then is fetched as usual."""
    if part.stage in ("written", "uploaded"):
        return folder.save(replace(part, stage="refused", word="cancelled", problem="cancelled before it began"))
    if part.stage != "created":
        return part
    answer = yield from _asked(Call("POST", f"{part.base_url}/batches/{part.batch_id}/cancel"))
    state = state_of(answer.json()) if answer.is_good else None
    if state is None:
        raise _refusal(f"batch {part.batch_id} was not cancelled", answer)
    return folder.save(_with_state(part, state))
