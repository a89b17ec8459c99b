"""Laws of reading: what a target's own value is written as reads back as it, with nothing changed."""

import json

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from extract.flow.reading import Reading, examine, read
from extract.target.lower import lower


class Line(BaseModel):
    sku: str
    count: int
    price: float | None = None
    tags: list[str] = []


class Order(BaseModel):
    id: str
    lines: list[Line]
    notes: dict[str, str] = {}


LINES = st.builds(Line, sku=st.text(), count=st.integers(-(2**70), 2**70), tags=st.lists(st.text(), max_size=3))
ORDERS = st.builds(
    Order, id=st.text(), lines=st.lists(LINES, max_size=3), notes=st.dictionaries(st.text(), st.text(), max_size=3)
)
LOWERED = lower(Order, "plain")


@given(ORDERS)
def test_a_written_value_reads_as_itself_without_repairs(order):
    found = read(LOWERED, order.model_dump_json())
    assert (found.value, found.repairs) == (order, ())


@given(ORDERS, st.sampled_from(["{}", "```json\n{}\n```", "Here it is:\n{}", "[{}]", '{{"Order": {}}}']))
def test_what_stands_around_a_value_does_not_change_it(order, frame):
    found = examine(LOWERED, frame.format(json.dumps(order.model_dump(mode="json"))))
    assert isinstance(found, Reading)
    assert found.value == order


@given(st.text())
def test_no_text_raises(text):
    examine(LOWERED, text, repair="guessed")
