"""Rows, a target and an endpoint for the engines' tests."""

from __future__ import annotations

import json
import re
from typing import Any

import pyarrow as pa
from pydantic import BaseModel

from extract import Extractor
from extract.engines import Work
from extract.testing import FaultyServer

ITEMS = 400


class Item(BaseModel):
    number: int
    name: str


def answer(body: Any) -> Any:
    found = re.search(r"item (\d+)", json.dumps(body["messages"]))
    assert found is not None
    return {"number": int(found[1]), "name": f"item {found[1]}"}


def endpoint(**options: Any) -> FaultyServer:
    return FaultyServer(answer, **options)


def table() -> pa.Table:
    return pa.table({"id": list(range(ITEMS)), "text": [f"item {number}" for number in range(ITEMS)]})


def work_over(server: FaultyServer, **options: Any) -> Work:
    return Work(Extractor("any", base_url=server.base_url, method="json_schema"), Item, column="text", **options)
