"""How much of the zoo is carried, by dialect; and beside it what other libraries send, judged by the same rules.

Carried: sent strict where the dialect has strict, within its rules and limits, a legal name, and every example value
expressible under the schema that is sent. Others are asked through the schema that they would send to OpenAI; a value
is what Pydantic's own JSON mode makes of it, since they have no other. They are left out where they are not installed.
"""

import argparse
import importlib
import importlib.util
import json
import time
import warnings
from dataclasses import replace

from jsonschema import Draft202012Validator
from pydantic import BaseModel, TypeAdapter, create_model

from extract.target.dialects import ANNOTATIONS, DIALECTS
from extract.target.judge import violations
from extract.target.lower import lower
from tests.zoo import CASES
from tests.zoo.carry import problems


def ours():
    """One row for each dialect."""
    print(f"{'dialect':12}{'types':>7}{'carried':>9}{'rules':>7}{'wire':>6}{'values':>8}{'raised':>8}{'s':>7}")
    failures = []
    for name, row in DIALECTS.items():
        started = time.perf_counter()
        counts = dict.fromkeys(("carried", "rules", "wire", "values", "raised"), 0)
        for case in CASES:
            try:
                found = problems(case, row)
            except Exception as error:
                counts["raised"] += 1
                failures.append(f"{name:11} {case.name:26} raised: {error!r:.150}")
                continue
            kinds = {line.split(":")[0] for line in found}
            counts["carried"] += not found
            counts["rules"] += bool(kinds & {"violation", "name", "not strict"})
            counts["wire"] += "wire" in kinds
            counts["values"] += bool(kinds & {"value", "encode"})
            failures += [f"{name:11} {case.name:26} {line}" for line in found]
        print(
            f"{name:12}{len(CASES):>7}"
            + "".join(f"{counts[key]:>{width}}" for key, width in zip(counts, (9, 7, 6, 8, 8), strict=True))
            + f"{time.perf_counter() - started:>7.1f}"
        )
    return failures


def held(target):
    """The type as a model: itself, or the one field of one."""
    if isinstance(target, type) and issubclass(target, BaseModel):
        return target, lambda value: value
    model = create_model("Held", value=(target, ...))
    return model, lambda value: model.model_construct(value=value)


def openai_schema(model):
    pydantic_format = importlib.import_module("openai.lib._parsing._completions").type_to_response_format_param
    sent = pydantic_format(model)["json_schema"]
    return sent["name"], sent["schema"], sent.get("strict", False)


def pydantic_ai_schema(model):
    profiles = importlib.import_module("pydantic_ai.profiles.openai")
    transformer = profiles.OpenAIJsonSchemaTransformer(model.model_json_schema(), strict=True)
    return model.__name__, transformer.walk(), True


def instructor_schema(model):
    sent = importlib.import_module("instructor").openai_schema(model).openai_schema
    return sent["name"], sent["parameters"], bool(sent.get("strict", False))


LENIENT = replace(DIALECTS["openai"], annotations=ANNOTATIONS)
"""OpenAI's rules without those that are uncertain: titles, defaults and other annotations pass. Ours are held to both."""
PEERS = {
    "openai": ("openai", openai_schema),
    "pydantic-ai": ("pydantic_ai", pydantic_ai_schema),
    "instructor": ("instructor", instructor_schema),
}


def why_not(sent, hold, values):
    """Why a peer does not carry a type; empty: it does."""
    name, schema, strict = sent
    if not strict:
        return "not strict"
    if violations(schema, LENIENT):
        return "refused"
    if (
        not name.replace("_", "a").replace("-", "a").isascii()
        or not name.replace("_", "a").replace("-", "a").isalnum()
        or len(name) > 64
    ):
        return "name"
    accepts = Draft202012Validator(schema)
    for value in values:
        if not accepts.is_valid(json.loads(hold(value).model_dump_json(by_alias=True))):
            return "value lost"
    return ""


def peers():
    """One row for each library that is installed."""
    for label, (package, schema_of) in PEERS.items():
        if importlib.util.find_spec(package) is None:
            print(f"{label:12} is not installed")
            continue
        counts = {}
        for case in CASES:
            try:
                model, hold = held(case.target.annotation if isinstance(case.target, TypeAdapter) else case.target)
                why = why_not(schema_of(model), hold, case.values) or "carried"
            except Exception:
                why = "raised"
            counts[why] = counts.get(why, 0) + 1
        print(f"{label:12}{len(CASES):>7}  " + ", ".join(f"{why} {count}" for why, count in sorted(counts.items())))


def speed():
    """Lowering of wide models, first time and from the cache."""
    for fields in (20, 200, 2000):
        model = create_model(f"Wide{fields}", **{f"field_{i}": (str | None, None) for i in range(fields)})
        started = time.perf_counter()
        lower(model, "openai")
        first_ms = (time.perf_counter() - started) * 1000
        started = time.perf_counter()
        lower(model, "openai")
        print(f"{fields:>5} fields: {first_ms:8.1f} ms, again {(time.perf_counter() - started) * 1e6:6.1f} µs")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("-v", "--verbose", action="store_true", help="tell every failure, not the first 20")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    failures = ours()
    print()
    peers()
    print()
    speed()
    print("\n".join(failures if given.verbose else failures[:20]))


if __name__ == "__main__":
    main()
