"""A value that a JSON Schema allows: small, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from ..target.loss import phrase
from ..vocabulary import JsonObject, JsonValue

MAX_DEPTH = 6
FORMATS: Mapping[str, str] = {
    "date": "2024-02-29",
    "date-time": "2024-02-29T12:30:00Z",
    "time": "12:30:00Z",
    "duration": "PT1H",
    "email": "ada@example.org",
    "uri": "https://example.org/a",
    "uuid": "12345678-1234-4234-8234-123456789abc",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "hostname": "example.org",
    "decimal": "12.50",
}
SAID: Mapping[str, str] = {phrase("format", name): name for name in FORMATS}
"""What lowering writes into a description where an endpoint takes no `format`."""
WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "haven")


def sample(schema: JsonObject, *, seed: int = 0) -> JsonValue:
    """A value of the schema's structure; patterns and combined constraints are not looked at."""
    return _Sampler(schema, random.Random(seed)).value(schema, 0)  # noqa: S311 - test data


class _Sampler:
    def __init__(self, root: JsonObject, dice: random.Random) -> None:
        self.root = root
        self.dice = dice

    def value(self, schema: JsonObject, depth: int) -> JsonValue:
        schema = self.resolved(schema)
        if "const" in schema:
            return schema["const"]
        if isinstance(enum := schema.get("enum"), list) and enum:
            return self.dice.choice(enum)
        for key in ("anyOf", "oneOf"):
            if isinstance(choices := schema.get(key), list):
                return self.choice([choice for choice in choices if isinstance(choice, dict)], depth)
        kind = schema.get("type")
        if isinstance(kind, list):
            return self.choice([{**schema, "type": name} for name in kind], depth)
        if kind is None:
            kind = "object" if "properties" in schema else "string"
        return self.MAKERS.get(str(kind), _Sampler.string)(self, schema, depth)

    def resolved(self, schema: JsonObject) -> JsonObject:
        for _ in range(MAX_DEPTH):
            ref = schema.get("$ref")
            if not isinstance(ref, str):
                break
            found: JsonValue = self.root
            for step in ref.removeprefix("#").split("/")[1:]:
                found = found.get(step, {}) if isinstance(found, dict) else {}
            schema = found if isinstance(found, dict) else {}
        return schema

    def choice(self, choices: list[JsonObject], depth: int) -> JsonValue:
        """One of a union; deep down the null among them, so that recursion ends."""
        nulls = [choice for choice in choices if choice.get("type") == "null"]
        if depth >= MAX_DEPTH and nulls:
            return None
        others = [choice for choice in choices if choice.get("type") != "null"]
        return self.value(self.dice.choice(others or choices), depth + 1)

    def an_object(self, schema: JsonObject, depth: int) -> JsonValue:
        properties = schema.get("properties")
        if not isinstance(properties, dict):
            return {}
        required = schema.get("required")
        wanted = required if isinstance(required, list) else []
        return {
            name: self.value(sub, depth + 1)
            for name, sub in properties.items()
            if isinstance(sub, dict) and (name in wanted or depth < 2)
        }

    def array(self, schema: JsonObject, depth: int) -> JsonValue:
        prefix = schema.get("prefixItems")
        if isinstance(prefix, list):
            return [self.value(part, depth + 1) for part in prefix if isinstance(part, dict)]
        items, least, most = schema.get("items"), schema.get("minItems", 0), schema.get("maxItems", 3)
        low = least if isinstance(least, int) else 0
        high = max(low, min(most, 3) if isinstance(most, int) else 3)
        count = low if depth >= MAX_DEPTH - 1 else self.dice.randint(max(low, min(1, high)), high)
        return [self.value(items, depth + 1) if isinstance(items, dict) else None for _ in range(count)]

    def string(self, schema: JsonObject, depth: int) -> JsonValue:
        del depth
        if (form := _format(schema)) is not None:
            return FORMATS[form]
        text = " ".join(self.dice.sample(WORDS, 2))
        low, high = schema.get("minLength", 0), schema.get("maxLength")
        if isinstance(low, int) and len(text) < low:
            text = text.ljust(low, "x")
        return text[:high] if isinstance(high, int) else text

    def integer(self, schema: JsonObject, depth: int) -> JsonValue:
        del depth
        low, high = self.bounds(schema)
        return self.dice.randint(int(low), int(high))

    def number(self, schema: JsonObject, depth: int) -> JsonValue:
        del depth
        low, high = self.bounds(schema)
        return round(self.dice.uniform(low, high), 2)

    @staticmethod
    def bounds(schema: JsonObject) -> tuple[float, float]:
        low, above = schema.get("minimum"), schema.get("exclusiveMinimum")
        high, below = schema.get("maximum"), schema.get("exclusiveMaximum")
        least = low if isinstance(low, int | float) else above + 1 if isinstance(above, int | float) else 0
        most = high if isinstance(high, int | float) else below - 1 if isinstance(below, int | float) else least + 100
        return float(least), float(max(least, most))

    def boolean(self, schema: JsonObject, depth: int) -> JsonValue:
        del schema, depth
        return self.dice.random() < 0.5

    def null(self, schema: JsonObject, depth: int) -> JsonValue:
        del schema, depth
        return None  # the JSON null

    MAKERS: Mapping[str, Callable[..., JsonValue]] = {
        "object": an_object,
        "array": array,
        "string": string,
        "integer": integer,
        "number": number,
        "boolean": boolean,
        "null": null,
    }


def _format(schema: JsonObject) -> str | None:
    """The format that the schema names, or says in its description."""
    if (form := schema.get("format")) in FORMATS:
        return str(form)
    said = str(schema.get("description", ""))
    return next((name for words, name in SAID.items() if words in said), None)
