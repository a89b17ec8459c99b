"""What a new text changes in a record: a patch, validated and merged; what it does not name stays."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from extract import AsyncExtractor, Extractor, InvalidOutputError, UsageError
from extract.flow.edit import changes_between, edit_for
from extract.target.compile import compile_target
from extract.testing import Script

URL = "http://script/v1"


class Address(BaseModel):
    street: str
    city: str


class Job(BaseModel):
    company: str
    title: str | None = None
    salary: float = Field(default=0, ge=0)


class Person(BaseModel):
    name: str
    email: str | None = None
    home: Address | None = None
    office: Address
    jobs: list[Job] = []
    tags: list[str] = []
    scores: dict[str, int] = {}
    mentor: Person | None = None


ADA = Person(
    name="Ada",
    email="ada@x.org",
    office=Address(street="Mill Lane 1", city="Leeds"),
    jobs=[Job(company="ACME", title="clerk", salary=10), Job(company="Zeta")],
    scores={"math": 1, "art": 2},
)


def updated(patch: Any, *more: Any, value: Any = ADA, script: list[Any] | None = None, **options: Any) -> Any:
    scripted = Script([{"changes": patch}, *more])
    found = Extractor("m", base_url=URL, http_client=scripted.client()).update(value, "news", **options)
    if script is not None:
        script += scripted.requests
    return found


def test_only_what_the_patch_names_changes() -> None:
    found = updated({"office": {"city": "York"}})
    assert found.value == ADA.model_copy(update={"office": Address(street="Mill Lane 1", city="York")})
    assert [(change.path, change.before, change.after) for change in found.changes] == [
        (("office", "city"), "Leeds", "York")
    ]


def test_nothing_changed_gives_the_record_itself() -> None:
    found = updated({})
    assert found.value is ADA
    assert found.changes == ()


def test_a_nullable_value_is_set_and_cleared() -> None:
    assert updated({"email": {"to": None}}).value.email is None
    assert updated({"email": {"to": "a@b.org"}}).value.email == "a@b.org"


def test_an_object_that_was_absent_is_set() -> None:
    home = {"street": "High St", "city": "Hull"}
    assert updated({"home": {"set": home}}).value.home == Address(**home)


def test_one_item_changes_by_its_index_and_the_others_stay() -> None:
    found = updated({"jobs": {"change": [{"index": 1, "change": {"salary": 99.0}}]}})
    assert found.value.jobs == [ADA.jobs[0], Job(company="Zeta", salary=99)]


def test_items_are_added_and_removed() -> None:
    found = updated({"jobs": {"add": [{"company": "New"}], "remove": [0]}})
    assert [job.company for job in found.value.jobs] == ["Zeta", "New"]
    assert sorted(change.kind for change in found.changes) == ["added", "removed"]


def test_map_entries_are_set_and_removed() -> None:
    assert updated({"scores": {"set": {"math": 5}, "remove": ["art"]}}).value.scores == {"math": 5}


def test_a_list_of_scalars_is_replaced() -> None:
    assert updated({"tags": ["a"]}).value.tags == ["a"]


def test_a_recursive_record_is_patched_at_depth() -> None:
    value = ADA.model_copy(update={"mentor": ADA})
    found = updated({"mentor": {"change": {"name": "Grace"}}}, value=value)
    assert (found.value.name, found.value.mentor.name) == ("Ada", "Grace")


def test_an_index_that_does_not_exist_is_asked_again_not_dropped() -> None:
    requests: list[Any] = []
    good = {"changes": {"jobs": {"change": [{"index": 1, "change": {"salary": 5}}]}}}
    found = updated({"jobs": {"change": [{"index": 7, "change": {"salary": 5}}]}}, good, script=requests)
    assert found.value.jobs[1].salary == 5
    assert "there is no item 7" in str(requests[1])


def test_a_patched_value_that_is_invalid_is_asked_for_alone() -> None:
    requests: list[Any] = []
    bad = {"jobs": {"change": [{"index": 0, "change": {"salary": -5}}]}}
    found = updated(bad, {"value_1": 7}, script=requests)
    assert found.value.jobs[0].salary == 7
    assert "$.jobs[0].salary" in str(requests[1])


def test_a_patch_that_stays_wrong_is_an_error() -> None:
    bad = {"changes": {"jobs": {"remove": [9]}}}
    with pytest.raises(InvalidOutputError):
        updated(bad["changes"], bad, bad)


def test_the_record_is_shown_with_the_indices_of_its_items() -> None:
    requests: list[Any] = []
    updated({}, script=requests)
    assert '#1 {\\"company\\":\\"Zeta\\"' in json.dumps(requests[0])


def test_a_list_needs_its_type_and_is_patched_with_it() -> None:
    jobs = [Job(company="ACME")]
    with pytest.raises(UsageError, match="target="):
        updated({}, value=jobs)
    found = updated({"add": [{"company": "Zeta"}]}, value=jobs, target=list[Job])
    assert [job.company for job in found.value] == ["ACME", "Zeta"]


def test_a_json_schema_record_is_patched() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a"]}
    assert updated({"a": 2}, value={"a": 1, "b": "x"}, target=schema).value == {"a": 2, "b": "x"}


def test_both_extractors_update_alike() -> None:
    async def ask() -> Any:
        script = Script([{"changes": {"name": "Eve"}}])
        return await AsyncExtractor("m", base_url=URL, http_client=script.async_client()).update(ADA, "news")

    assert asyncio.run(ask()).value == updated({"name": "Eve"}).value


def test_hundreds_of_items_cost_what_changes() -> None:
    value = Person(name="A", office=ADA.office, jobs=[Job(company=f"c{at}", salary=at) for at in range(500)])
    found = updated({"jobs": {"change": [{"index": 499, "change": {"salary": 1}}]}}, value=value)
    assert len(found.changes) == 1
    assert found.value.jobs[:499] == value.jobs[:499]


records = st.builds(
    lambda names, salary: {
        "name": "A",
        "office": {"street": "s", "city": "c"},
        "jobs": [{"company": name, "salary": salary} for name in names],
    },
    st.lists(st.text("abc", max_size=3), max_size=5),
    st.integers(0, 5),
)
numbers = st.lists(st.integers(0, 6), max_size=3)


@given(records, numbers, numbers)
@settings(max_examples=60, deadline=None)
def test_a_patch_is_put_in_whole_or_complained_of(record: Any, changed: list[int], removed: list[int]) -> None:
    edit = edit_for(compile_target(Person).schema, record)
    change = [{"index": at, "change": {"salary": 9}} for at in changed]
    before = json.dumps(record)
    merged = edit.merge(record, {"changes": {"jobs": {"change": change, "remove": removed}}})
    assert json.dumps(record) == before
    many = len(record["jobs"])
    assert bool(merged.issues) == any(at >= many for at in (*changed, *removed))
    if not merged.issues:
        kept = [at for at in range(many) if at not in removed]
        assert [job["salary"] == 9 for job in merged.value["jobs"]] == [  # type: ignore[index, call-overload]
            at in changed or record["jobs"][at]["salary"] == 9 for at in kept
        ]


@given(records, records)
@settings(max_examples=60, deadline=None)
def test_no_change_means_equal_records(before: Any, after: Any) -> None:
    assert (changes_between(before, after) == ()) == (before == after)


def test_members_that_a_strict_endpoint_fills_with_null_stay_unchanged() -> None:
    nulls: dict[str, Any] = dict.fromkeys(Person.model_fields)
    assert updated(nulls).value is ADA
    jobs = {
        "change": [{"index": 0, "change": {"company": None, "title": None, "salary": 3}}],
        "add": None,
        "remove": [],
    }
    found = updated({**nulls, "jobs": jobs})
    assert found.value.jobs[0] == Job(company="ACME", title="clerk", salary=3)
    assert found.value.scores == ADA.scores


TREE: Any = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "kids": {"type": "array", "items": {"$ref": "#"}}},
    "required": ["name", "kids"],
}


def test_a_schema_that_refers_to_its_own_root_is_patched() -> None:
    value = {"name": "a", "kids": [{"name": "b", "kids": []}]}
    patch = {"kids": {"change": [{"index": 0, "change": {"kids": {"add": [{"name": "c", "kids": []}]}}}]}}
    found = updated(patch, value=value, target=TREE)
    assert found.value == {"name": "a", "kids": [{"name": "b", "kids": [{"name": "c", "kids": []}]}]}


def test_a_part_of_a_schema_that_refers_to_its_own_root_means_the_same() -> None:
    script = Script([{"name": "a", "kids": [{"name": "b", "kids": 5}]}, {"value_1": [{"name": "c", "kids": []}]}])
    found = Extractor("m", base_url=URL, http_client=script.client()).extract(TREE, "news")
    assert found == {"name": "a", "kids": [{"name": "b", "kids": [{"name": "c", "kids": []}]}]}
