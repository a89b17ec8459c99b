"""A JSON value and the schema that it was meant for -> the value that the schema takes.

Every change is on record.

Best fit, in this order: fewest issues, then the most trusted worst repair, then fewest members left over, then fewest
repairs, then the order of declaration. A value that fits as it came is never changed. Nothing is invented: a missing
member is an issue. Nothing is dropped without an entry. The work grows with the value, not with the number of
alternatives: what was found for a value at a place is kept.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from ..vocabulary import CONTAINERS, Issue, JsonObject, JsonValue, Limit, Path, Repair, Trust, is_within
from . import shapes
from .labels import CALL_ARGUMENTS, CALL_NAMES, call_of, labelled
from .outcome import Fault, Note, Outcome, best, fault, flatten, shown
from .scalars import JSON_WORDS, Literals, fit_boolean, fit_choice, fit_null, fit_number, fit_string, is_null_word, same
from .stringified import looks_like_json, read_stringified
from .units import is_other_unit
from .words import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH: Final = 60
"""Levels of a value that are fitted; what lies deeper stays as it is."""

WRAPPERS: Final = frozenset(
    [
        "result",
        "results",
        "data",
        "response",
        "output",
        "answer",
        "json",
        "value",
        "values",
        "item",
        "items",
        "object",
        "record",
        "records",
        "entity",
        "entities",
        "extracted",
        "extraction",
        "content",
        "payload",
        "list",
        "array",
        "root",
        "final",
        "finalanswer",
        "finalresponse",
        "structuredoutput",
        "structuredresponse",
        "properties",
        "arguments",
        "parameters",
        "args",
        "params",
        "input",
        "kwargs",
    ]
)
ENVELOPE: Final = frozenset(
    [
        "status",
        "success",
        "ok",
        "error",
        "errors",
        "message",
        "code",
        "count",
        "total",
        "type",
        "title",
        "description",
        "schema",
        "$schema",
        "version",
        "required",
        "additionalproperties",
    ]
)
"""Members of an answer that speak about the object or list beside them (in `WRAPPERS`), not about its parts."""
ANNOTATIONS: Final = frozenset(
    [
        "type",
        "title",
        "description",
        "confidence",
        "confidencescore",
        "score",
        "probability",
        "source",
        "evidence",
        "citation",
        "page",
        "reason",
        "reasoning",
        "explanation",
    ]
)
"""Members that speak about the single `value` beside them: how sure it is, where it was found."""
FAILURES: Final = frozenset(["error", "errors"])


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted value.

    Attributes:
        value: the value that the type should take.
        repairs: every change, with its path in `value`.
        issues: what is still wrong; empty where the schema takes the value, as far as fitting can tell.
        left_over: members that no property of the schema names.

    """

    value: JsonValue
    repairs: tuple[Repair, ...] = ()
    issues: tuple[Issue, ...] = ()
    left_over: int = 0


@dataclass(slots=True)
class Plan:
    """One plain schema, ready for use; its parts are made when first needed."""

    schema: JsonObject
    kind: str
    members: tuple[Plan, ...] = ()
    choices: tuple[JsonValue, ...] = ()
    properties: dict[str, Plan] = field(default_factory=dict["str", "Plan"])
    required: frozenset[str] = frozenset()
    spellings: dict[str, str | None] = field(default_factory=dict["str", "str | None"])
    extra: Plan | None = None
    is_closed: bool = False
    keeps_unknown: bool = False
    items: Plan | None = None
    prefix: tuple[Plan, ...] = ()
    selector: str | None = None
    is_ready: bool = False


class Compiler:
    """Makes the plans of one schema; equal parts share one, so recursion ends."""

    def __init__(self, root: JsonObject, *, keeps_unknown: bool) -> None:
        self.root = root
        self._keeps_unknown = keeps_unknown
        self._plans: dict[int, tuple[JsonValue, Plan]] = {}

    def plan(self, schema: JsonValue) -> Plan:
        """The plan of a schema, its parts not yet made."""
        known = self._plans.get(id(schema))
        if known is not None:
            return known[1]
        if (
            isinstance(schema, dict)
            and set(schema) <= {"$ref", "description", "title", "default"}
            and isinstance(schema.get("$ref"), str)
        ):
            target = shapes.resolve(str(schema["$ref"]), self.root)
            if target is not None and target is not schema and "$ref" not in target:
                return self.plan(target)
        plan = _outline(shapes.plain(schema, self.root))
        self._plans[id(schema)] = (schema, plan)  # holds the schema, so that its id stays its own
        return plan

    def ready(self, plan: Plan) -> Plan:
        """The plan with its parts made."""
        if plan.is_ready:
            return plan
        plan.is_ready = True
        schema = plan.schema
        if plan.kind == "union":
            plan.members = tuple(self.plan(member) for member in shapes.members(schema, self.root) or [])
            plan.selector = self._selector(schema, plan.members)
        elif plan.kind == "object":
            self._object(plan)
        elif plan.kind == "array":
            self._array(plan)
        return plan

    def _object(self, plan: Plan) -> None:
        schema = plan.schema
        properties = shapes.property_schemas(schema)
        plan.properties = {name: self.plan(part) for name, part in properties.items()}
        plan.required = shapes.required_names(schema)
        plan.spellings = _spellings(properties)
        extra = schema.get("additionalProperties", True)
        patterns = schema.get("patternProperties")
        plan.is_closed = (extra is False or schema.get("unevaluatedProperties") is False) and not patterns
        plan.keeps_unknown = not plan.is_closed and bool(
            schema.get("additionalProperties", self._keeps_unknown) is not False or patterns
        )
        if isinstance(extra, dict) and extra:
            plan.extra = self.plan(extra)
        elif isinstance(patterns, dict) and len(patterns) == 1:
            plan.extra = self.plan(next(iter(patterns.values())))

    def _array(self, plan: Plan) -> None:
        schema = plan.schema
        items, prefix = schema.get("items"), schema.get("prefixItems")
        if isinstance(items, list):  # draft-07 tuples
            prefix, items = items, schema.get("additionalItems")
        if isinstance(prefix, list):
            plan.prefix = tuple(self.plan(part) for part in prefix)
        if isinstance(items, dict):
            plan.items = self.plan(items)

    def _selector(self, schema: JsonObject, members: tuple[Plan, ...]) -> str | None:
        """The property whose value tells the members apart, stated or found."""
        stated = schema.get("discriminator")
        if isinstance(stated, dict) and isinstance(stated.get("propertyName"), str):
            return str(stated["propertyName"])
        objects = [member for member in members if member.kind == "object"]
        if len(objects) < 2:
            return None
        for name in shapes.property_schemas(objects[0].schema):
            seen: list[JsonValue] = []
            for member in objects:
                part = shapes.property_schemas(member.schema).get(name)
                seen += shapes.options(shapes.plain(part, self.root)) or [None] if part is not None else [None]
            if None not in seen and len(seen) == len({repr(value) for value in seen}):
                return name
        return None


def _outline(schema: JsonObject) -> Plan:
    """A plan without its parts: only its kind."""
    choices = shapes.options(schema)
    if choices is not None and not any(isinstance(choice, (dict, list)) for choice in choices):
        return Plan(schema, "choice", choices=tuple(choices))
    union = schema.get("anyOf", schema.get("oneOf"))
    kinds = shapes.types(schema)
    if (isinstance(union, list) and union) or len(kinds) > 1:
        return Plan(schema, "union")
    if schema.get("not") == {}:
        return Plan(schema, "never")
    return Plan(schema, kinds[0] if kinds else "any")


def _spellings(properties: dict[str, JsonValue]) -> dict[str, str | None]:
    """Folded spellings of each property's name and title; None where two share one."""
    found: dict[str, str | None] = {}
    for name in properties:
        key = fold(name)
        found[key] = None if key in found else name
    for name, part in properties.items():
        title = part.get("title") if isinstance(part, dict) else None
        if isinstance(title, str) and (key := fold(title)) and key not in found:
            found[key] = name
    found.pop("", None)
    return found


class Fitter:
    """Fits values to one schema; safe to share."""

    def __init__(self, schema: JsonObject, names: frozenset[str] = frozenset(), *, keeps_unknown: bool = False) -> None:
        self._compiler = Compiler(schema, keeps_unknown=keeps_unknown)
        self._root = self._compiler.plan(schema)
        self._names = frozenset(fold(name) for name in names)

    def __call__(
        self, value: JsonValue, limit: Limit = "guessed", *, words: Literals = JSON_WORDS, is_call: bool = False
    ) -> Fitted:
        """The value fitted with repairs within the limit; what needs more is left as it was, with an issue.

        `words` are how the text wrote true and false, for places that want a text. `is_call` says that the text was a
        call, so that what looks like one was no object with a name.
        """
        outcome = _Run(self._compiler, self._names, limit, words, is_call=is_call).fit(self._root, value)
        repairs, issues = flatten(outcome)
        return Fitted(outcome.value, repairs, issues, outcome.cost[2])

    def left_over(self, value: JsonValue) -> int:
        """The members that no property names, of a value that the type takes as it is."""
        return 0 if self._knows_all(value) else self(value).left_over

    def _knows_all(self, value: JsonValue) -> bool:
        """Whether properties name all members, as far as a quick look can tell."""
        todo: list[tuple[Plan | None, JsonValue]] = [(self._root, value)]
        while todo:
            plan, part = todo.pop()
            plan = None if plan is None else _only_nest(self._compiler, plan)
            if plan is None:
                return False
            if isinstance(part, dict) and plan.kind == "object":
                if not part.keys() <= plan.properties.keys():
                    return False
                todo += [(plan.properties[key], member) for key, member in part.items() if type(member) in CONTAINERS]
            elif isinstance(part, list) and plan.kind == "array" and not plan.prefix:
                todo += [(plan.items, item) for item in part if type(item) in CONTAINERS]
            elif isinstance(part, (dict, list)) and plan.kind != "any":
                return False
        return True

    @property
    def item(self) -> Fitter | None:
        """The fitter of a list's items; None where the schema is no plain list."""
        root = self._compiler.ready(self._root)
        if root.kind != "array" or root.items is None or root.prefix:
            return None
        part = object.__new__(Fitter)
        part._compiler, part._root, part._names = self._compiler, root.items, self._names
        return part

    @property
    def known_names(self) -> frozenset[str]:
        """The property names at the root, of every member of a union."""
        root = self._compiler.ready(self._root)
        plans = [self._compiler.ready(member) for member in root.members] or [root]
        return frozenset(name for plan in plans for name in plan.properties)

    @property
    def is_hollow(self) -> bool:
        """Whether the root is an object with properties, none of them required: any object would do for its type."""
        root = self._compiler.ready(self._root)
        return root.kind == "object" and bool(root.properties) and not root.required

    def is_free_text(self, path: Path) -> bool:
        """Whether the place takes any text: no enum, format or pattern, so that a cut text can be no other value."""
        plan = self._compiler.ready(self._root)
        for step in path:
            plan = self._compiler.ready(_text_member(self._compiler, plan, step))
            part = (
                plan.properties.get(step, plan.extra)
                if isinstance(step, str)
                else (plan.items if step >= len(plan.prefix) else plan.prefix[step])
            )
            if part is None:
                return plan.kind in ("any", "object", "array") and not plan.is_closed
            plan = self._compiler.ready(part)
        ends = plan.members if plan.kind == "union" else (plan,)
        return all(
            end.kind in ("any", "null") or (end.kind == "string" and not _FORMS & end.schema.keys()) for end in ends
        )

    @property
    def kinds(self) -> frozenset[str]:
        """The JSON types that the root takes; empty where it takes any."""
        return _kinds(self._compiler, self._root, 0)


_FORMS: Final = frozenset(["format", "pattern", "minLength"])


def _text_member(compiler: Compiler, plan: Plan, step: str | int) -> Plan:
    """The only member of a union that has this step; the union itself where there is none."""
    if plan.kind != "union":
        return plan
    kind = "object" if isinstance(step, str) else "array"
    fitting = [member for member in plan.members if compiler.ready(member).kind == kind]
    return fitting[0] if len(fitting) == 1 else Plan({}, "never", is_closed=True)


def _only_nest(compiler: Compiler, plan: Plan) -> Plan | None:
    """A plan, of a union its only member that holds members or items; None where several do."""
    plan = compiler.ready(plan)
    if plan.kind != "union":
        return plan
    nests = [member for member in plan.members if member.kind in ("union", "object", "array", "any")]
    return compiler.ready(nests[0]) if len(nests) == 1 and nests[0].kind != "union" else None


def _kinds(compiler: Compiler, plan: Plan, depth: int) -> frozenset[str]:
    plan = compiler.ready(plan)
    if plan.kind == "union" and depth < 8:
        found = [_kinds(compiler, member, depth + 1) for member in plan.members]
        return frozenset[str]().union(*found) if all(found) else frozenset()
    if plan.kind == "choice":
        return frozenset(_kind_of(choice) for choice in plan.choices)
    return frozenset() if plan.kind in ("any", "never", "union") else frozenset([plan.kind])


def fitter(schema: JsonObject, *, names: frozenset[str] = frozenset(), keeps_unknown: bool = False) -> Fitter:
    """Compile a natural JSON Schema; `names` are those of the target or its tool, which may stand as wrapper keys.

    `keeps_unknown` says that an object keeps members that it does not name unless its schema bars them, as for a JSON
    Schema of the user's own; a Python type keeps them only where its schema says so.
    """
    return Fitter(schema, names, keeps_unknown=keeps_unknown)


Way: TypeAlias = "tuple[Note, JsonValue]"


class _Run:
    """One value being fitted."""

    def __init__(
        self, compiler: Compiler, names: frozenset[str], limit: Limit, words: Literals, *, is_call: bool
    ) -> None:
        self._words = words
        self._is_call = is_call
        self._compiler = compiler
        self._names = names
        self._limit: Limit = limit
        self._depth = 0
        self._known: dict[tuple[int, int], tuple[JsonValue, Outcome]] = {}

    def fit(self, plan: Plan, value: JsonValue) -> Outcome:
        """The best outcome for a value; found once for each place and value."""
        plan = self._compiler.ready(plan)
        if not isinstance(value, (dict, list)) and plan.kind not in ("union", "object", "array"):
            return self._within(self._fit(plan, value), value)
        key = (id(plan), id(value))
        known = self._known.get(key)
        if known is not None:
            return known[1]
        if self._depth >= MAX_DEPTH:
            return fault("too_deep", "is nested too deeply to be fitted", None)
        self._known[key] = (value, fault("recursion", "leads back to itself", None))
        self._depth += 1
        outcome = self._within(self._fit(plan, value), value)
        self._depth -= 1
        self._known[key] = (value, outcome)
        return outcome

    def _within(self, outcome: Outcome, value: JsonValue) -> Outcome:
        """The outcome, unless a change made here goes beyond the limit; changes further in have had their say."""
        for note in outcome.notes:
            if not is_within(note.trust, self._limit):
                message = f"would need the repair {note.rule} ({note.trust}), beyond repair={self._limit!r}"
                return Outcome(value, faults=(Fault("repair_limit", message, _found(note)),))
        return outcome

    def _fit(self, plan: Plan, value: JsonValue) -> Outcome:
        match plan.kind:
            case "any":
                return Outcome(value)
            case "union":
                return self._union(plan, value)
            case "object":
                return self._object(plan, value)
            case "array":
                return self._array(plan, value)
            case "never":
                return fault("never", "should not be there", value)
            case _:
                return self._scalar(plan, value)

    # --- scalars

    def _scalar(self, plan: Plan, value: JsonValue) -> Outcome:
        direct = _scalar(plan, value, self._words)
        if direct.is_clean or not isinstance(value, (dict, list)):
            return direct
        if isinstance(value, list) and len(value) == 1:
            return self._via(plan, Note("list_unwrapped", value, value[0], "coerced"), value[0]) or direct
        if isinstance(value, dict) and len(value) == 1:
            key, inner = next(iter(value.items()))
            trust: Trust = "coerced" if self._is_wrapper(key) else "guessed"
            if not isinstance(inner, (dict, list)):
                return self._via(plan, Note("wrapper_removed", value, inner, trust), inner) or direct
        if isinstance(value, dict) and (inner := _annotated(value)) is not None:
            return self._via(plan, Note("wrapper_removed", value, inner, "coerced"), inner) or direct
        return direct

    def _via(self, plan: Plan, note: Note, inner: JsonValue) -> Outcome | None:
        """The outcome of another value at this place, if nothing is wrong with it and the limit allows the step."""
        if not is_within(note.trust, self._limit):
            return None
        outcome = self.fit(plan, inner)
        return outcome.noted(note) if outcome.is_clean else None

    def _is_wrapper(self, key: str) -> bool:
        folded = fold(key)
        return folded in WRAPPERS or folded in self._names

    def _enveloped(self, value: dict[str, JsonValue]) -> JsonValue:
        """The one object or list of an answer whose other members only speak about it; None where there is none, or an error."""
        inside = [key for key, part in value.items() if isinstance(part, (dict, list)) and fold(key) not in ENVELOPE]
        if len(inside) != 1 or not self._is_wrapper(inside[0]):
            return None
        rest = [key for key in value if key != inside[0]]
        if not rest or not all(fold(key) in ENVELOPE for key in rest):
            return None
        return None if any(value[key] for key in rest if fold(key) in FAILURES) else value[inside[0]]

    # --- unions

    def _union(self, plan: Plan, value: JsonValue) -> Outcome:
        if value is None and any(_takes_null(member) for member in plan.members):
            return Outcome(None)
        chosen = self._selected(plan, value)
        if chosen is not None:
            outcome = self.fit(chosen, value)
            return outcome if outcome.is_clean else self._beside_tag(plan, chosen, value) or outcome
        if isinstance(value, dict) and (named := self._named(plan, value)) is not None:
            return named
        outcomes: list[Outcome] = []
        ordered = sorted(plan.members, key=lambda member: _kind_rank(member, value))
        for member in ordered:
            outcome = self.fit(member, value)
            if outcome.is_untouched and outcome.cost[2] == 0:
                return outcome
            outcomes.append(outcome)
        return best(outcomes) if outcomes else Outcome(value)

    def _selected(self, plan: Plan, value: JsonValue) -> Plan | None:
        """The member that the discriminating property names, also spelled otherwise."""
        if plan.selector is None or not isinstance(value, dict):
            return None
        named = value.get(plan.selector)
        if named is None:
            wanted = fold(plan.selector)
            alike = [part for key, part in value.items() if fold(key) == wanted]
            named = alike[0] if len(alike) == 1 else None
        if not isinstance(named, (str, int)):
            return None
        members: list[Plan] = []
        choices: list[JsonValue] = []
        for member in plan.members:
            for choice in _choices(self._compiler, member, plan.selector):
                members.append(member)
                choices.append(choice)
        outcome = fit_choice(named, tuple(choices))
        if not outcome.is_clean or outcome.cost[1] > 2:
            return None
        return next(member for member, choice in zip(members, choices, strict=True) if same(choice, outcome.value))

    def _beside_tag(self, plan: Plan, chosen: Plan, value: JsonValue) -> Outcome | None:
        """The member whose parts stand together beside its tag: `{"kind": "cat", "data": {...}}`."""
        if not isinstance(value, dict) or len(value) != 2 or plan.selector not in value:
            return None
        key, inner = next((key, part) for key, part in value.items() if key != plan.selector)
        if not isinstance(inner, dict) or key in self._compiler.ready(chosen).properties:
            return None
        whole: JsonValue = {plan.selector: value[plan.selector], **inner}
        return self._via(chosen, Note("wrapper_removed", value, whole, "coerced"), whole)

    def _named(self, plan: Plan, value: dict[str, JsonValue]) -> Outcome | None:
        """The one member whose tag or title stands around a value, as its call, or as a kind beside it; None where none does."""
        members = [self._compiler.ready(member) for member in plan.members]
        objects = [member for member in members if member.kind == "object"]
        if len(objects) < 2:
            return None
        keeps = any(member.keeps_unknown for member in objects)  # then what names a value may be part of it
        known = {name for member in objects for name in member.properties}
        for label, inner in labelled(value, known):
            tagged = [
                (member, {plan.selector: choice, **inner})
                for member in objects
                if plan.selector is not None and plan.selector not in inner
                if not keeps or plan.selector in member.required
                for choice in _choices(self._compiler, member, plan.selector)
                if isinstance(choice, str) and fold(choice) == fold(label)
            ]
            alike = () if keeps else objects
            titled = [(member, inner) for member in alike if fold(str(member.schema.get("title", ""))) == fold(label)]
            for rule, found in (("tag_moved", tagged), ("member_named", titled)):
                outcome = self.fit(*found[0]) if len(found) == 1 else None
                if outcome is not None and outcome.is_clean:
                    after = label if rule == "tag_moved" else found[0][0].schema["title"]
                    return outcome.noted(Note(rule, value, after, "coerced"))
        return None

    # --- objects

    def _object(self, plan: Plan, value: JsonValue) -> Outcome:
        direct = self._members(plan, value) if isinstance(value, dict) else None
        if direct is not None and direct.is_clean and not self._is_empty_match(plan, direct, value):
            return (self._called(plan, value) if direct.cost[2] else None) or direct
        found = [direct] if direct is not None else []
        for note, inner in self._ways_to_object(plan, value):
            if isinstance(inner, _Ready):
                outcome = (
                    inner.outcome.noted(note) if inner.outcome.is_clean and is_within(note.trust, self._limit) else None
                )
            else:
                outcome = self._via(plan, note, inner)
            if outcome is not None:
                found.append(outcome)
        if not found:
            return fault("model_type", "should be an object", value)
        if direct is not None and direct.is_clean and len(found) > 1:
            found = found[1:]  # an object of unknown members only: what lies inside it says more
        return best(found)

    def _called(self, plan: Plan, value: JsonValue) -> Outcome | None:
        """The arguments of a call of the type, which may have a `name` of its own; None where it is no such call."""
        call = call_of(value) if isinstance(value, dict) else None
        if call is None or call.key in plan.properties:
            return None
        if not self._is_call and (plan.keeps_unknown or fold(call.name) not in self._names):
            return None
        return self._via(plan, Note("call_unwrapped", value, call.arguments, "coerced"), call.arguments)

    def _is_empty_match(self, plan: Plan, direct: Outcome, value: JsonValue) -> bool:
        """Whether an object fits only because none of its members is known and none is required."""
        return (
            bool(value)
            and bool(plan.properties)
            and isinstance(direct.value, dict)
            and not any(name in plan.properties for name in direct.value)
            and plan.extra is None
        )

    def _members(self, plan: Plan, value: dict[str, JsonValue]) -> Outcome:
        """An object's members, each at its property."""
        if not plan.properties and plan.extra is None and not plan.required and not plan.is_closed:
            return Outcome(value)
        renamed = self._renamed(plan, value)
        out: dict[str, JsonValue] = {}
        below: list[tuple[str | int | None, Outcome]] = []
        notes: list[Note] = []
        left_over = 0
        for key, part in value.items():
            name = renamed.get(key, key)
            if name != key:
                notes.append(Note("key_spelling", key, name, "coerced"))
            inner = plan.properties.get(name, plan.extra)
            if inner is None:
                left_over += 1
                if plan.is_closed:
                    notes.append(Note("extra_key_dropped", {key: shown(part)}, None, "coerced"))
                else:
                    out[name] = part
                continue
            outcome = self.fit(inner, part)
            if not outcome.is_clean and self._is_absent(plan, name, part):
                notes.append(Note("null_removed", {key: part}, None, "coerced"))
                continue
            if isinstance(part, str) and _states_other_unit(name, inner, outcome):
                outcome = fault("other_unit", "is stated in another unit than this place asks for", part)
            out[name] = outcome.value
            below.append((name, outcome))
        faults = tuple(Fault("missing", "is required", None, name) for name in sorted(plan.required - out.keys()))
        return Outcome(out, notes=tuple(notes), faults=faults, below=tuple(below), left_over=left_over)

    def _is_absent(self, plan: Plan, name: str, part: JsonValue) -> bool:
        """Whether a member says that there is no value, where there need be none."""
        return (
            name not in plan.required
            and name in plan.properties
            and (part is None or (isinstance(part, str) and is_null_word(part)))
        )

    def _renamed(self, plan: Plan, value: dict[str, JsonValue]) -> dict[str, str]:
        """Keys that spell a property otherwise; only where one key alone can mean it."""
        unknown = [key for key in value if key not in plan.properties]
        if not unknown or not plan.properties:
            return {}
        found = {
            key: name
            for key in unknown
            if (name := plan.spellings.get(fold(key)) or plan.spellings.get(fold(_NUMBERED.sub("", key)))) is not None
            and name not in value
        }
        claims = Counter(found.values())
        return {key: name for key, name in found.items() if claims[name] == 1}

    def _ways_to_object(self, plan: Plan, value: JsonValue) -> Iterator[tuple[Note, JsonValue | _Ready]]:
        if isinstance(value, str):
            for inner, rule, trust in read_stringified(value):
                if isinstance(inner, (dict, list)):
                    yield Note(rule, value, inner, trust), inner
        if isinstance(value, dict):
            yield from self._wrappers(plan, value)
        if isinstance(value, list):
            yield from self._lists_for_object(plan, value)
        field_name = _only_field(plan)
        if field_name is not None and self._may_be_only(plan, field_name, value):
            held = self.fit(plan.properties[field_name], value)
            taken: JsonValue = {field_name: held.value}
            sure = _is_telling(self._compiler.ready(plan.properties[field_name]), value) and held.cost[1] <= 2
            note = Note("only_field", value, taken, "coerced" if sure else "guessed")
            yield note, _Ready(Outcome(taken, below=((field_name, held),)))

    def _may_be_only(self, plan: Plan, name: str, value: JsonValue) -> bool:
        """Whether a value may stand for an object with one member; an object only where that member may be one."""
        if not isinstance(value, dict):
            return value is not None
        return not plan.properties.keys() & value.keys() and plan.properties[name].kind in ("object", "array", "union")

    def _wrappers(self, plan: Plan, value: dict[str, JsonValue]) -> Iterator[Way]:
        for name in CALL_ARGUMENTS:
            inner = next((part for key, part in value.items() if fold(key) == name), None)
            rest = [fold(key) for key in value if fold(key) != name]
            if (
                name in plan.properties
                or not isinstance(inner, (dict, str, list))
                or not all(key in CALL_NAMES for key in rest)
            ):
                continue
            if isinstance(inner, list) and (named := _positional(plan, inner)) is not None:
                yield Note("positional_arguments", value, named, "guessed"), named
            if rest:
                yield Note("call_unwrapped", value, inner, "coerced"), inner
        function = value.get("function")
        if isinstance(function, dict) and "function" not in plan.properties and len(value) <= 3:
            yield Note("call_unwrapped", value, function, "coerced"), function
        if len(value) == 1:
            key, inner = next(iter(value.items()))
            if key not in plan.properties and (isinstance(inner, (dict, list, str)) or self._is_wrapper(key)):
                yield Note("wrapper_removed", value, inner, "coerced"), inner
        elif (within := self._enveloped(value)) is not None and not plan.properties.keys() & value.keys():
            yield Note("wrapper_removed", value, within, "coerced"), within
        elif plan.required and not plan.properties.keys() & value.keys():
            inside = [part for part in value.values() if isinstance(part, dict) and plan.required <= part.keys()]
            if len(inside) == 1:
                yield Note("wrapper_removed", value, inside[0], "guessed"), inside[0]

    def _lists_for_object(self, plan: Plan, value: list[JsonValue]) -> Iterator[Way]:
        if (len(value) == 1 and isinstance(value[0], (dict, list, str))) or _are_equal(value):
            yield Note("list_unwrapped", value, value[0], "coerced"), value[0]
        if len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], dict):
            yield Note("call_unwrapped", value, value[1], "coerced"), value[1]
        joined = _joined(value) if plan.properties else None
        if joined is not None:
            yield Note("members_joined", value, joined, "coerced"), joined
        entries = _entries_as_object(value)
        if plan.properties and plan.extra is None and entries is not None:
            entries = entries if all(fold(name) in plan.spellings for name in entries) else None
        if entries is not None:
            yield Note("entries_to_map", value, entries, "coerced"), entries

    # --- arrays

    def _array(self, plan: Plan, value: JsonValue) -> Outcome:
        direct = self._items(plan, value) if isinstance(value, list) else None
        if direct is not None and direct.is_clean:
            return self._sure_of_levels(plan, value, direct)
        found = [direct] if direct is not None else []
        found += [
            outcome
            for note, inner in self._ways_to_array(plan, value)
            if (outcome := self._via(plan, note, inner)) is not None
        ]
        if value is not None and not plan.prefix and not found:
            single = self._single(plan, value)
            found += [single] if single is not None else []
        elif (
            isinstance(value, list)
            and not plan.prefix
            and plan.items is not None
            and direct is not None
            and not direct.is_clean
        ):
            whole = self.fit(plan.items, value)  # [1, 2] for a list of lists
            if whole.is_clean and value:
                found.append(
                    Outcome(
                        [whole.value],
                        notes=(Note("value_to_list", value, [whole.value], "coerced"),),
                        below=((0, whole),),
                    )
                )
        return best(found) if found else fault("list_type", "should be a list", value)

    def _sure_of_levels(self, plan: Plan, value: JsonValue, direct: Outcome) -> Outcome:
        """A plain list for a list of lists may be one inner list as well as several of one item: a guess."""
        inner = plan.items
        if (
            inner is None
            or not isinstance(value, list)
            or len(value) < 2
            or self._compiler.ready(inner).kind != "array"
            or any(isinstance(part, (list, dict)) for part in value)
        ):
            return direct
        return Outcome(
            direct.value,
            notes=(Note("value_to_list", value, direct.value, "guessed"),),
            below=((None, direct),),
        )

    def _single(self, plan: Plan, value: JsonValue) -> Outcome | None:
        inner = self.fit(plan.items, value) if plan.items is not None else Outcome(value)
        if not inner.is_clean or (isinstance(value, str) and (is_null_word(value) or looks_like_json(value))):
            return None
        # "1,234" may be two items as well as one number
        is_sure = not isinstance(value, str) or (
            ("," not in value or inner.value == value) and not _NAMES.fullmatch(value)
        )
        trust: Trust = "coerced" if is_sure else "guessed"
        return Outcome([inner.value], notes=(Note("value_to_list", value, [inner.value], trust),), below=((0, inner),))

    def _items(self, plan: Plan, value: list[JsonValue]) -> Outcome:
        out: list[JsonValue] = []
        below: list[tuple[str | int | None, Outcome]] = []
        faults: list[Fault] = []
        for index, part in enumerate(value):
            inner = plan.prefix[index] if index < len(plan.prefix) else plan.items
            if inner is None:
                out.append(part)
                continue
            outcome = self.fit(inner, part)
            out.append(outcome.value)
            below.append((index, outcome))
        if plan.prefix and len(value) < _least(plan):
            faults.append(Fault("too_short", f"should have at least {_least(plan)} items", None))
        if plan.prefix and plan.items is None and len(value) > len(plan.prefix):
            faults.append(Fault("too_long", f"should have at most {len(plan.prefix)} items", None))
        return Outcome(out, faults=tuple(faults), below=tuple(below))

    def _ways_to_array(self, plan: Plan, value: JsonValue) -> Iterator[Way]:
        if isinstance(value, str):
            for inner, rule, trust in read_stringified(value):
                if isinstance(inner, (dict, list)):
                    yield Note(rule, value, inner, trust), inner
            parts = None if looks_like_json(value) else _delimited(value)
            if parts is not None:
                texts = (plan.items is not None and plan.items.kind in ("string", "any", "union")) or plan.items is None
                yield Note("text_split", value, parts, "guessed" if texts else "coerced"), parts
        if isinstance(value, dict):
            if len(value) == 1:
                key, inner = next(iter(value.items()))
                names_item = plan.items is not None and key in self._compiler.ready(plan.items).properties
                if isinstance(inner, list) and not names_item:
                    yield Note("wrapper_removed", value, inner, "coerced"), inner
            elif isinstance(within := self._enveloped(value), list):
                yield Note("wrapper_removed", value, within, "coerced"), within
            entries = self._map_as_entries(plan, value)
            if entries is not None:
                yield Note("map_to_entries", value, entries, "coerced"), entries
            if value and list(value) in ([str(n) for n in range(len(value))], [str(n + 1) for n in range(len(value))]):
                yield Note("numbered_keys", value, list(value.values()), "coerced"), list(value.values())

    def _map_as_entries(self, plan: Plan, value: dict[str, JsonValue]) -> list[JsonValue] | None:
        """A map as a list of entries, where an entry has two required members, a key and a value."""
        if plan.items is None:
            return None
        item = self._compiler.ready(plan.items)
        names = list(item.properties)
        if (
            item.kind != "object"
            or len(names) != 2
            or item.required != frozenset(names)
            or item.properties.keys() & value.keys()
        ):
            return None
        if fold(names[0]) not in _KEY_NAMES or fold(names[1]) not in _VALUE_NAMES:
            return None
        return [{names[0]: key, names[1]: part} for key, part in value.items()]


@dataclass(frozen=True, slots=True)
class _Ready:
    """An outcome that needs no further fitting."""

    outcome: Outcome


_KEY_NAMES: Final = frozenset(["key", "name", "id", "k", "label", "field", "property", "attribute"])
_VALUE_NAMES: Final = frozenset(["value", "v", "val", "amount", "content", "count", "score"])


def _states_other_unit(name: str, plan: Plan, outcome: Outcome) -> bool:
    """Whether a number was read from a text whose unit its place does not ask for."""
    while not outcome.notes and len(outcome.below) == 1 and outcome.below[0][0] is None:
        outcome = outcome.below[0][1]
    if not outcome.notes or outcome.notes[0].rule not in ("unit_removed", "magnitude_word", "number_in_phrase"):
        return False
    return is_other_unit(name, plan.schema.get("description"), str(outcome.notes[0].before))


_NAMES: Final = re.compile(
    r"[^\W\d_a-z][\w.'-]{0,30}(?:\s[^\W\d_a-z][\w.'-]{0,30}){0,3}\s(?:and|&|und|et|y|e|och|en|і|и|和|と|و)\s[^\W\d_a-z][\w.'-]{0,30}(?:\s[^\W\d_a-z][\w.'-]{0,30}){0,3}"
)
"""Two names with an `and` between: two items, or the name of one firm."""
_NUMBERED: Final = re.compile(r"^\s{0,9}\d{1,3}[.)]\s{0,9}")
"""The number of a list's item before a key."""


def _annotated(value: dict[str, JsonValue]) -> JsonValue:
    """What `{"value": 5, "confidence": 0.9}` says; None where other members stand beside it."""
    if len(value) < 2 or not all(fold(key) in ANNOTATIONS for key in value if key != "value"):
        return None
    inner = value.get("value")
    return None if isinstance(inner, (dict, list)) else inner


def _scalar(plan: Plan, value: JsonValue, literals: Literals) -> Outcome:
    match plan.kind:
        case "choice":
            return fit_choice(value, plan.choices)
        case "string":
            return fit_string(value, plan.schema, literals)
        case "integer":
            return fit_number(value, plan.schema, whole=True)
        case "number":
            return fit_number(value, plan.schema, whole=False)
        case "boolean":
            return fit_boolean(value)
        case "null":
            return fit_null(value)
        case _:
            return Outcome(value)


def _choices(compiler: Compiler, plan: Plan, name: str) -> tuple[JsonValue, ...]:
    """The values that a member of an object may have; none where it is not told."""
    part = compiler.ready(plan).properties.get(name)
    return () if part is None else part.choices


def _takes_null(plan: Plan) -> bool:
    return plan.kind in ("null", "any") or (plan.kind == "choice" and None in plan.choices)


def _kind_of(value: JsonValue) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"


def _kind_rank(plan: Plan, value: JsonValue) -> int:
    """Members of the value's own kind first; within a kind the order of declaration holds."""
    kind = _kind_of(value)
    if plan.kind in (kind, "choice", "union") or (plan.kind == "number" and kind == "integer"):
        return 0
    return 1


def _only_field(plan: Plan) -> str | None:
    """The one required property of an object, or its one property."""
    if len(plan.required) == 1:
        return next((name for name in plan.required if name in plan.properties), None)
    if len(plan.properties) == 1 and not plan.required:
        return next(iter(plan.properties))
    return None


def _positional(plan: Plan, arguments: list[JsonValue]) -> dict[str, JsonValue] | None:
    """Arguments without names, in the order in which the properties are declared; None where their number does not fit."""
    names = list(plan.properties)
    if (
        not arguments
        or not len(plan.required) <= len(arguments) <= len(names)
        or not plan.required <= set(names[: len(arguments)])
    ):
        return None
    return dict(zip(names, arguments, strict=False))


def _is_telling(plan: Plan, value: JsonValue) -> bool:
    """Whether a value that fits this only field can hardly be meant otherwise: free text and open objects take anything."""
    if plan.kind in ("any", "never") or (plan.kind == "object" and not plan.required):
        return False
    return not (isinstance(value, str) and plan.kind in ("string", "union", "array"))


def _entries_as_object(value: list[JsonValue]) -> dict[str, JsonValue] | None:
    """A list of entries as a map: `{"key", "value"}`, pairs, or one-member objects; None where two keys are equal."""
    out: dict[str, JsonValue] = {}
    for entry in value:
        pair = _pair(entry)
        if pair is None or pair[0] in out:
            return None
        out[pair[0]] = pair[1]
    return out if value else None


def _are_equal(value: list[JsonValue]) -> bool:
    """Whether a list holds one object several times."""
    return len(value) > 1 and isinstance(value[0], dict) and all(part == value[0] for part in value)


def _pair(entry: JsonValue) -> tuple[str, JsonValue] | None:
    if isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str):
        return entry[0], entry[1]
    if not isinstance(entry, dict):
        return None
    if len(entry) == 1:
        return next(iter(entry.items()))
    if len(entry) == 2:
        (first, key), (second, part) = entry.items()
        if fold(second) in _KEY_NAMES and fold(first) in _VALUE_NAMES:
            (first, key), (second, part) = (second, part), (first, key)
        if fold(first) in _KEY_NAMES and fold(second) in _VALUE_NAMES and isinstance(key, str):
            return key, part
    return None


def _joined(value: list[JsonValue]) -> dict[str, JsonValue] | None:
    """Several objects as one, where no key stands twice."""
    out: dict[str, JsonValue] = {}
    if len(value) < 2:
        return None
    for part in value:
        if not isinstance(part, dict) or not part or part.keys() & out.keys():
            return None
        out.update(part)
    return out


def _delimited(text: str) -> list[JsonValue] | None:
    """The parts of a text list; None where there is only one."""
    if re.fullmatch(r"\s*[0-9]{1,3}(?:,[0-9]{3})+\s*", text):
        return None
    for mark in ("\n", ";", "；", "、", ", ", "，", "|", ","):
        if mark in text.strip():
            parts = [
                part.strip().removeprefix("- ").removeprefix("* ").removeprefix("• ").strip()
                for part in text.strip().split(mark)
            ]
            return [*parts] if all(parts) else None
    return None


def _least(plan: Plan) -> int:
    least = plan.schema.get("minItems")
    return least if isinstance(least, int) and not isinstance(least, bool) else 0


def _found(note: Note) -> str:
    return f"{shown(note.before)!r}"[:80]
