"""Validators that trip over a value: a fault of the value, on record with the function's name; other errors pass."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, BeforeValidator, field_validator

from extract import InvalidOutputError, parse
from extract.target.compile import compile_target
from extract.target.invalid import Invalid


class Priced(BaseModel):
    price: Any

    @field_validator("price", mode="plain")
    @classmethod
    def be_decimal(cls, value: Any) -> Decimal:
        return Decimal(value)


def issue_of(target: object, value: Any) -> Any:
    with pytest.raises(Invalid) as caught:
        compile_target(target).validate(value, strict=True)
    (issue,) = caught.value.issues
    return issue


@pytest.mark.parametrize("value", ["dear", None, {}], ids=repr)
def test_a_validator_that_trips_over_a_value_refuses_it(value: Any) -> None:
    issue = issue_of(Priced, {"price": value})
    assert issue.kind == "validator_tripped"
    assert "be_decimal (test_invalid.py:" in issue.message


def shared(value: Any) -> Any:
    return value["a"]


def be_member(value: Any) -> Any:
    return shared(value)


def test_a_validator_is_named_though_what_it_calls_has_tripped() -> None:
    issue = issue_of(Annotated[Any, BeforeValidator(be_member)], {})
    assert issue.message.startswith("be_member (test_invalid.py:")


def test_the_message_says_what_was_raised() -> None:
    issue = issue_of(Annotated[Any, BeforeValidator(lambda value: value["a"])], {})
    assert "<lambda>" in issue.message
    assert "raised KeyError: 'a'" in issue.message


def test_text_is_refused_alike() -> None:
    with pytest.raises(Invalid, match="be_decimal"):
        compile_target(Priced).validate_text('{"price": null}', strict=True)


def test_parse_raises_our_own_error() -> None:
    with pytest.raises(InvalidOutputError, match="be_decimal"):
        parse(Priced, '{"price": null}')


def fail(value: str) -> str:
    raise ConnectionError(value)


def test_what_no_value_causes_passes_through() -> None:
    with pytest.raises(ConnectionError):
        compile_target(Annotated[str, AfterValidator(fail)]).validate("a", strict=True)
