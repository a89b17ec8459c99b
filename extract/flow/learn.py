"""What a history shows about its endpoints: pure. Keeping it is `memory.py`'s business.

Learned at once: a form that the endpoint says it does not take, a field that it does not know, a word that it wants.
Learned when seen twice (a suspicion): a method that fails for no stated reason while another works, a schema ignored.
Never learned: what one schema, one value or one bad moment explains (a schema refused as too complex, two fields that
do not go together, rate limits, overload, lost connections, output that breaks a rule about values, refusals).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from ..chat.endpoint import Endpoint
from ..chat.method import METHODS, Method, MethodName
from ..chat.place import Place
from ..chat.reply import ErrorReport, Reply
from .attempt import Attempt, History
from .fold import advance, start
from .plan import Link, Plan, Way
from .reactions import names_strict
from .situation import family

Key = tuple[str, str]
"""Base URL and model."""
SUSPECTED: Final = 2
"""How many extractions must show the same before a suspicion is believed."""
IGNORED = "schema_ignored"
UNFORCED = "named_choice_ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What was learned about one model at one endpoint.

    Attributes:
        refused: methods that it does not take.
        dropped: body fields that it does not know.
        thinking_off: whether thinking must be switched off.
        force: how a tool call can be forced, where the row's own way was refused.
        json_word: whether it wants the word JSON in the messages.
        wanted: a method that its row does not list, but that it asked for, or that it took where it refused strict.
        suspicions: method names, `schema_ignored` or `named_choice_ignored`, with how many extractions showed it.

    """

    refused: frozenset[MethodName] = frozenset()
    dropped: frozenset[str] = frozenset()
    thinking_off: bool = False
    force: Literal["named", "required", "any", "auto"] | None = None
    json_word: bool = False
    wanted: MethodName | None = None
    suspicions: tuple[tuple[str, int], ...] = ()

    def joined(self, other: Learned) -> Learned:
        """Both together; the other is the newer."""
        counts = Counter(dict(self.suspicions)) + Counter(dict(other.suspicions))
        return Learned(
            refused=self.refused | other.refused,
            dropped=self.dropped | other.dropped,
            thinking_off=self.thinking_off or other.thinking_off,
            force=other.force or self.force,
            json_word=self.json_word or other.json_word,
            wanted=other.wanted or self.wanted,
            suspicions=tuple(sorted(counts.items())),
        )

    def believed(self, what: str) -> bool:
        """Whether a suspicion was seen often enough."""
        return dict(self.suspicions).get(what, 0) >= SUSPECTED

    def forced(self) -> Literal["named", "required", "any", "auto"] | None:
        """How a tool call is forced, where the row's own way is not taken, or was ignored twice."""
        return self.force or ("required" if self.believed(UNFORCED) else None)

    def untaken(self) -> frozenset[MethodName]:
        """The methods that are not tried any more."""
        doubted: frozenset[MethodName] = frozenset(row.name for row in METHODS.values() if self.believed(row.name))
        return self.refused | doubted


NOTHING: Final = Learned()


def learn(plan: Plan[Any], history: History) -> dict[Key, Learned]:
    """What one extraction showed, by endpoint; endpoints that showed nothing are left out."""
    found: dict[Key, Learned] = {}
    situation = start(plan)
    ways: list[Way] = []
    for attempt in history:
        ways.append(situation.way)
        situation = advance(plan, situation, attempt)
    for index, link in enumerate(plan.chain):
        tried = [
            (attempt, way) for attempt, way in zip(history, ways, strict=True) if attempt.request.endpoint == index
        ]
        learned = _learned(link, tried)
        if learned != NOTHING:
            key = (link.base_url, link.model)
            found[key] = found.get(key, NOTHING).joined(learned)
    return found


def _learned(link: Link, tried: list[tuple[Attempt, Way]]) -> Learned:
    learned = NOTHING
    for attempt, way in tried:
        if isinstance(attempt.reply, Reply) and attempt.reply.error is not None:
            learned = learned.joined(_from_error(attempt.reply.error, way))
    worked = next((way for attempt, way in reversed(tried) if _answered(attempt)), None)
    if worked is None:
        return learned
    return learned.joined(_from_success(link, worked, tried, learned.refused))


def _answered(attempt: Attempt) -> bool:
    return isinstance(attempt.reply, Reply) and attempt.reply.error is None and bool(attempt.reply.choices)


def _from_error(error: ErrorReport, way: Way) -> Learned:
    """What an error says outright, if the request really held what it complains of."""
    method = METHODS[way.method]
    match error.kind:
        case "format_unsupported" if method.response_format is not None:
            return Learned(refused=family(method))
        case "tools_unsupported" if method.carrier == "tools":
            return Learned(refused=family(method))
        case "format_required" if method.response_format == "json_object":
            return Learned(refused=family(method))
        case "strict_unsupported" if method.strict:
            return Learned(refused=frozenset({method.name}))
        case "need_json_word":
            return Learned(json_word=True)
        case "parameter_unknown":
            return _from_unknown(error, method)
        case _:
            return NOTHING


def _from_unknown(error: ErrorReport, method: Method) -> Learned:
    """What an unknown body field says about the method that it belongs to."""
    if names_strict(error.parameter or ""):
        return Learned(refused=frozenset({method.name})) if method.strict else NOTHING
    is_carrier = {"response_format": method.response_format is not None, "tools": method.carrier == "tools"}
    return Learned(refused=family(method)) if is_carrier.get(error.field) else NOTHING


def _from_success(link: Link, worked: Way, tried: list[tuple[Attempt, Way]], refused: frozenset[MethodName]) -> Learned:
    """What the way that got an answer had to change, and what failed before it without a stated reason."""
    began, listed = link.way, link.methods
    doubtful = {way.method for attempt, way in tried if _is_doubtful(attempt)} - {worked.method} - refused
    force = worked.force if worked.force != began.force else None
    is_told = any(_complains_of_force(attempt) for attempt, _ in tried)
    seen = {*doubtful, *({IGNORED} if worked.show_schema and not began.show_schema else ())}
    if force is not None and not is_told:  # a call did not come once: that may have been chance
        seen.add(UNFORCED)
    return Learned(
        dropped=worked.dropped - began.dropped,
        thinking_off=worked.thinking_off and not began.thinking_off,
        force=force if is_told else None,
        wanted=worked.method if worked.method not in listed and any(map(_wants_another, tried)) else None,
        suspicions=tuple((name, 1) for name in sorted(seen)),
    )


def _wants_another(tried: tuple[Attempt, Way]) -> bool:
    """Whether the endpoint said that it takes only a schema, or none that is strict: that is about it, unlike a way found after a bad schema."""
    reply = tried[0].reply
    if not isinstance(reply, Reply) or reply.error is None:
        return False
    is_strict = reply.error.kind == "parameter_unknown" and names_strict(reply.error.parameter or "")
    return is_strict or reply.error.kind in ("format_required", "strict_unsupported")


def _complains_of_force(attempt: Attempt) -> bool:
    reply = attempt.reply
    error = reply.error if isinstance(reply, Reply) else None
    is_field = error is not None and error.kind == "parameter_unknown" and error.field == "tool_choice"
    return is_field or (error is not None and error.kind == "tool_choice_unsupported")


def _is_doubtful(attempt: Attempt) -> bool:
    reply = attempt.reply
    if not isinstance(reply, Reply):
        return False
    silent = reply.error is None and not any(choice.text.strip() or choice.tool_calls for choice in reply.choices)
    return silent or (reply.error is not None and reply.error.kind in ("server", "bad_request"))


def _left(methods: tuple[MethodName, ...], learned: Learned) -> tuple[MethodName, ...]:
    """The methods that are still tried, one that the endpoint asked for first; the last where none is left."""
    if learned.wanted is not None:
        methods = tuple(dict.fromkeys((learned.wanted, *methods)))
    left: list[MethodName] = [name for name in methods if name not in learned.untaken()]
    return tuple(left) or methods[-1:]


def link_for(place: Place, method: MethodName | Literal["auto"], learned: Learned, index: int) -> Link:
    """The link of a chain as the next extraction begins it: the row, and what was learned over it."""
    methods: tuple[MethodName, ...] = place.row.methods if method == "auto" else (method,)
    left = _left(methods, learned if method == "auto" else replace(learned, wanted=None))
    way = Way(
        method=left[0],
        endpoint=index,
        dropped=learned.dropped,
        thinking_off=learned.thinking_off,
        force=learned.forced(),
        json_word=learned.json_word,
        show_schema=learned.believed(IGNORED),
    )
    return Link(endpoint=place.row, model=place.model, base_url=place.base_url, methods=left, way=way)


def overlay(row: Endpoint, learned: Learned) -> Endpoint:
    """The row with what was learned laid over it, for printing and for pasting into one's own code."""
    return replace(
        row,
        name=f"{row.name}-learned",
        methods=_left(row.methods, learned),
        schema_shown=row.schema_shown and not learned.believed(IGNORED),
        tool_choice=learned.forced() or row.tool_choice,
        body=(*(row.body), *(row.thinking_off if learned.thinking_off else ())),
        unsupported=row.unsupported | learned.dropped,
    )


def to_json(learned: Mapping[Key, Learned]) -> list[dict[str, Any]]:
    """The facts as JSON, one object per endpoint and model."""
    return [
        {
            "base_url": base_url,
            "model": model,
            "refused": sorted(facts.refused),
            "dropped": sorted(facts.dropped),
            "thinking_off": facts.thinking_off,
            "force": facts.force,
            "json_word": facts.json_word,
            "wanted": facts.wanted,
            "suspicions": dict(facts.suspicions),
        }
        for (base_url, model), facts in sorted(learned.items())
    ]


def from_json(row: Mapping[str, Any]) -> tuple[Key, Learned]:
    """One object of `to_json`, read back; words that are not known any more are left out."""
    key = (str(row["base_url"]), str(row["model"]))
    refused: frozenset[MethodName] = frozenset(
        method.name for method in METHODS.values() if method.name in row["refused"]
    )
    return key, Learned(
        refused=refused,
        dropped=frozenset(map(str, row["dropped"])),
        thinking_off=bool(row["thinking_off"]),
        force=row["force"] if row["force"] in ("named", "required", "any", "auto") else None,
        json_word=bool(row["json_word"]),
        wanted=next((method.name for method in METHODS.values() if method.name == row.get("wanted")), None),
        suspicions=tuple((str(name), int(count)) for name, count in dict(row["suspicions"]).items()),
    )
