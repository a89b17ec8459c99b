"""`extract map`, `extract retry`, `extract journal explain`: every row ends once, nothing is paid twice, every stop is clean."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from extract.batch.sinks import sweep
from extract.batch.table import Layout, count_rows
from extract.batch.table import rows as table_rows
from extract.cli.codes import ENDPOINT, INTERRUPTED, NO_VALUE, OK, STOPPED, USAGE
from extract.testing import FaultyServer

from .conftest import Run

ROOT = Path(__file__).resolve().parents[2]
ORDERS = """
from datetime import date
from decimal import Decimal
from pydantic import BaseModel


class Line(BaseModel):
    what: str
    price: Decimal


class Order(BaseModel):
    number: int
    day: date
    lines: list[Line]
    note: str | None = None
"""


def answers(body: Any) -> Any:
    """Told from the text alone, so that every run gives the same."""
    number = int(str(body["messages"]).split("row ")[1].split()[0])
    return {
        "number": number,
        "day": "2024-02-29",
        "lines": [{"what": "tea", "price": "1.50"}] * (number % 3),
        "note": None,
    }


@pytest.fixture
def orders(folder: Path) -> Path:
    (folder / "orders.py").write_text(ORDERS, "utf-8")
    rows(folder, 12)
    return folder


def rows(folder: Path, count: int, name: str = "in.jsonl") -> None:
    lines = (json.dumps({"id": f"r{number}", "text": f"row {number} of a table"}) for number in range(count))
    (folder / name).write_text("\n".join(lines) + "\n", "utf-8")


def arguments(server: FaultyServer, output: str = "out.jsonl", *more: str) -> list[str]:
    return ["map", "orders.py:Order", "in.jsonl", "-o", output, "--base-url", server.base_url, "-m", "m", "-q", *more]


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _ids(path: Path) -> list[str]:
    return [record.key for record in table_rows([str(path)], Layout())]


# inputs and outputs


def test_records_stand_in_the_order_of_the_rows_with_their_companions(orders: Path, extract: Run) -> None:
    with FaultyServer(answers) as server:
        assert extract(*arguments(server)).code == OK
    written = read(orders / "out.jsonl")
    assert [record["_id"] for record in written] == [f"r{number}" for number in range(12)]
    assert written[2]["lines"] == [{"what": "tea", "price": "1.50"}] * 2
    assert {record["_status"] for record in written} == {"ok"}
    assert all(len(record["_request_key"]) == 32 and record["_attempts"] == 1 for record in written)
    assert not (orders / "out.jsonl.dead.jsonl").read_text()


def test_parquet_keeps_the_types_of_the_model(orders: Path, extract: Run) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    with FaultyServer(answers) as server:
        assert extract(*arguments(server, "out.parquet")).code == OK
    table = parquet.read_table(orders / "out.parquet")
    assert str(table.schema.field("day").type) == "date32[day]"
    assert "decimal128" in str(table.schema.field("lines").type)
    assert table.to_pylist()[1]["lines"] == [{"what": "tea", "price": Decimal("1.5")}]
    assert parquet.read_table(orders / "out.parquet.dead.parquet").schema.names[:4] == [
        "number",
        "day",
        "lines",
        "note",
    ]


def test_parquet_opens_in_polars_pandas_and_duckdb(orders: Path, extract: Run) -> None:
    with FaultyServer(answers) as server:
        assert extract(*arguments(server, "out.parquet")).code == OK
    polars, pandas = pytest.importorskip("polars"), pytest.importorskip("pandas")
    frame = polars.read_parquet(orders / "out.parquet")
    assert frame.schema["day"] == polars.Date
    assert frame.schema["number"] == polars.Int64
    assert isinstance(frame.schema["lines"], polars.List)
    assert (
        str(pandas.read_parquet(orders / "out.parquet", dtype_backend="pyarrow").dtypes["day"])
        == "date32[day][pyarrow]"
    )
    duckdb = pytest.importorskip("duckdb")
    kinds = dict(
        duckdb.sql(f"select column_name, column_type from (describe from '{orders / 'out.parquet'}')").fetchall()
    )
    assert kinds["day"] == "DATE"
    assert kinds["lines"].startswith("STRUCT(what VARCHAR, price DECIMAL")


def test_csv_is_flat_with_lists_as_json(orders: Path, extract: Run) -> None:
    (orders / "nested.py").write_text(
        "from pydantic import BaseModel\nclass Place(BaseModel):\n    city: str\n    zip: str | None = None\n"
        "class Shop(BaseModel):\n    number: int\n    place: Place\n    tags: list[str]\n"
    )
    with FaultyServer(lambda _: {"number": 7, "place": {"city": "Ulm", "zip": None}, "tags": ["a", "b"]}) as server:
        given = arguments(server, "out.csv")
        given[1] = "nested.py:Shop"
        assert extract(*given).code == OK
    first = next(csv.DictReader((orders / "out.csv").read_text().splitlines()))
    assert (first["number"], first["place.city"], first["place.zip"], first["tags"]) == ("7", "Ulm", "", '["a", "b"]')


def test_sqlite_has_a_table_of_records(orders: Path, extract: Run) -> None:
    with FaultyServer(answers) as server:
        assert extract(*arguments(server, "out.sqlite")).code == OK
    with closing(sqlite3.connect(orders / "out.sqlite")) as opened:
        assert opened.execute("select count(*), max(number), min(day) from records").fetchone() == (
            12,
            11,
            "2024-02-29",
        )
    opened.close()


def test_csv_a_folder_and_stdin_are_read_alike(orders: Path, extract: Run) -> None:
    (orders / "in.csv").write_text("name,age\nAnn,3\nBob,4\n")
    (orders / "texts").mkdir()
    (orders / "texts" / "a.txt").write_text("row 5 of a folder")
    with FaultyServer(answers) as server:
        given = arguments(server, "a.jsonl", "--template", "row {age} of {name}")
        given[2] = "in.csv"
        assert extract(*given).code == OK
        given = arguments(server, "b.jsonl")
        given[2] = "texts"
        assert extract(*given).code == OK
        given = arguments(server, "c.jsonl")
        given[2] = "-"
        assert extract(*given, stdin=b'{"text": "row 9 x"}\n"row 8 y"\n').code == OK
    assert [record["number"] for name in "abc" for record in read(orders / f"{name}.jsonl")] == [3, 4, 5, 9, 8]


def test_a_limit_and_no_companions(orders: Path, extract: Run) -> None:
    with FaultyServer(answers) as server:
        assert extract(*arguments(server, "out.jsonl", "--limit", "3", "--no-companions")).code == OK
    assert [list(record) for record in read(orders / "out.jsonl")] == [["number", "day", "lines", "note"]] * 3


# every row ends once


def test_bad_rows_are_exact_dead_letters_and_the_account_adds_up(orders: Path, extract: Run) -> None:
    rows(orders, 60)
    with (orders / "in.jsonl").open("a") as lines:
        lines.write('{"broken": \n{"id": "lost", "other": 1}\n[1]\n')

    def mixed(body: Any) -> Any:
        number = answers(body)["number"]
        if number % 20 == 3:
            return "I am sorry, but I could not find anything like that."
        return answers(body) if number % 20 != 7 else {"number": "many", "day": "soon"}

    with FaultyServer(
        mixed, faults={"status_429": 0.1, "fence": 0.1, "prose": 0.1}, requests_per_minute=6000
    ) as server:
        ended = extract(*arguments(server, "out.jsonl", "-c", "8"))
        assert ended.code == OK
        dead = read(orders / "out.jsonl.dead.jsonl")
        assert Counter(record["_error"] for record in dead) == {"InvalidOutput": 6, "unreadable": 3}
        assert all(record["_status"] == "failed" and record["_reason"] and record["number"] is None for record in dead)
        assert dead[0]["_row"] == {"id": "r3", "text": "row 3 of a table"}
        assert dead[0]["_log"]
        good = read(orders / "out.jsonl")
        assert len(good) == 54
        assert "63 rows in" in ended.err
        assert "54 kept" in ended.err
        assert "9 failed" in ended.err
        assert "3 unreadable, such as: in.jsonl:61 is no JSON" in ended.err
        assert f"{sum(len(record['lines']) for record in good)} list items kept" in ended.err
        assert extract(*arguments(server, "out.jsonl", "--strict", "--again")).code == NO_VALUE


def test_a_finished_run_sends_nothing_and_leaves_its_files(orders: Path, extract: Run) -> None:
    with FaultyServer(answers) as server:
        server.then(*[None] * 4, "status_400")
        pinned = ("--method", "json_schema")
        extract(*arguments(server, "out.jsonl", *pinned))
        before, sent = (orders / "out.jsonl").read_bytes(), server.total
        assert [record["_error"] for record in read(orders / "out.jsonl.dead.jsonl")] == ["bad_request"]
        ended = extract(*arguments(server, "out.jsonl", *pinned))
        assert ended.code == OK
        assert "nothing has changed" in ended.err
        again = extract(*arguments(server, "out.jsonl", "--again", *pinned))
        assert again.code == OK
        assert server.total == sent
        assert (orders / "out.jsonl").read_bytes() == before


def test_retry_asks_the_failed_rows_alone(orders: Path, extract: Run) -> None:
    is_bad = [True]

    def moody(body: Any) -> Any:
        return {"number": "x"} if is_bad[0] and answers(body)["number"] in (3, 5) else answers(body)

    with FaultyServer(moody) as server:
        extract(*arguments(server))
        assert [record["_id"] for record in read(orders / "out.jsonl.dead.jsonl")] == ["r3", "r5"]
        is_bad[0] = False
        sent = server.total
        assert extract("retry", "out.jsonl", "-q").code == OK
        assert server.total == sent + 2
        assert len(read(orders / "out.jsonl")) == 12
        assert not read(orders / "out.jsonl.dead.jsonl")
        assert "no row of out.jsonl has failed" in extract("retry", "out.jsonl").err


@pytest.mark.parametrize("output", ["out.jsonl", "out.csv", "out.sqlite", "out.parquet"])
def test_dead_letters_of_every_format_can_be_mapped_and_retried(orders: Path, extract: Run, output: str) -> None:
    is_bad = [True]

    def moody(body: Any) -> Any:
        return {"number": "x"} if is_bad[0] and answers(body)["number"] == 3 else answers(body)

    with FaultyServer(moody) as server:
        extract(*arguments(server, output))
        is_bad[0] = False
        given = arguments(server, "late.jsonl")
        given[2] = f"{output}.dead{Path(output).suffix}"
        assert extract(*given).code == OK
        assert [(record["_id"], record["number"]) for record in read(orders / "late.jsonl")] == [("r3", 3)]
        assert extract("retry", output, "-q").code == OK
        assert server.total == 12 + 3 + 2 - 1
        assert not _ids(orders / f"{output}.dead{Path(output).suffix}")


def test_added_rows_alone_are_asked(orders: Path, extract: Run) -> None:
    with FaultyServer(answers) as server:
        extract(*arguments(server))
        rows(orders, 15)
        assert extract(*arguments(server)).code == OK
        assert server.total == 15
        assert len(read(orders / "out.jsonl")) == 15


def test_an_added_field_alone_is_asked_with_incremental(orders: Path, extract: Run) -> None:
    with FaultyServer(answers) as server:
        extract(*arguments(server))
        (orders / "orders.py").write_text(ORDERS + "    buyer: str | None = None\n")
        server.answers = lambda _: {"value_1": "Ada"}
        server.requests.clear()
        assert extract(*arguments(server, "out.jsonl", "--incremental")).code == OK
        assert len(server.requests) == 12
        asked = server.requests[0]["response_format"]["json_schema"]["schema"]["properties"]  # type: ignore[index,call-overload]
        assert list(asked) == ["value_1"]
        written = read(orders / "out.jsonl")
        assert {record["buyer"] for record in written} == {"Ada"}
        assert [record["number"] for record in written] == list(range(12))
        assert extract(*arguments(server, "out.jsonl", "--incremental", "--again")).code == OK
        assert len(server.requests) == 12


def test_no_ask_makes_dead_letters_of_what_does_not_validate_any_more(orders: Path, extract: Run) -> None:
    with FaultyServer(answers) as server:
        extract(*arguments(server))
        checked = (
            "from pydantic import field_validator\n"
            + ORDERS
            + (
                "    @field_validator('number')\n    @classmethod\n    def _big(cls, n: int) -> int:\n"
                "        if n < 4: raise ValueError('below 4')\n        return n\n"
            )
        )
        (orders / "orders.py").write_text(checked)
        ended = extract(*arguments(server, "out.jsonl", "--no-ask"))
        assert ended.code == OK
        assert server.total == 12
        assert [record["_id"] for record in read(orders / "out.jsonl.dead.jsonl")] == ["r0", "r1", "r2", "r3"]


def test_explain_says_why_a_row_was_asked_again(orders: Path, extract: Run) -> None:
    with FaultyServer(answers) as server:
        extract(*arguments(server))
        extract(*arguments(server, "out.jsonl", "-i", "Numbers only."))
    ended = extract("journal", "explain", "out.jsonl.journal", "r3")
    assert ended.code == OK
    assert "it was not in the journal" in ended.err
    assert "the instructions or examples had changed" in ended.err
    assert "the whole record" in ended.err


# stops


def test_the_budget_is_never_passed_and_more_of_it_goes_on(orders: Path, extract: Run) -> None:
    rows(orders, 40)
    price = ["--price", "1000000,1000000"]
    with FaultyServer(answers, delay_s=0.01) as server:
        first = extract(*arguments(server, "one.jsonl", "--limit", "1", *price))
        assert first.code == OK
        one = read(orders / "one.jsonl")[0]["_cost"]
        ended = extract(*arguments(server, "out.jsonl", *price, "--budget", str(one * 10.5)))
        assert ended.code == STOPPED
        assert "raise --budget" in ended.err
        spent = sum(record["_cost"] for record in read(orders / "out.jsonl"))
        assert one * 7 <= spent <= one * 10.5
        assert extract(*arguments(server, "out.jsonl", *price, "--budget", str(one * 100))).code == OK
        assert len(read(orders / "out.jsonl")) == 40
        assert server.total == 41


def test_max_errors_stops_the_run(orders: Path, extract: Run) -> None:
    rows(orders, 100)
    with FaultyServer(lambda _: "no", delay_s=0.01) as server:
        ended = extract(*arguments(server, "out.jsonl", "--max-errors", "3", "-c", "2"))
        assert ended.code == STOPPED
        assert server.total < 60
    assert "pending" in ended.err


def test_a_wrong_key_stops_the_run_before_every_row_has_failed(orders: Path, extract: Run) -> None:
    rows(orders, 500)
    with FaultyServer(answers, faults={"status_401": 1.0}) as server:
        ended = extract(*arguments(server, "out.jsonl", "-c", "4"))
        assert ended.code == ENDPOINT
        assert server.total < 60
        assert "Invalid token" in ended.err
        server.faults.clear()
        assert extract(*arguments(server)).code == OK
        assert len(read(orders / "out.jsonl")) == 500


def test_a_full_disk_is_one_line_and_loses_nothing(orders: Path, extract: Run) -> None:
    with FaultyServer(answers) as server:
        resource = pytest.importorskip("resource")
        rows(orders, 400)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
            ended = extract(*arguments(server))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, ignored)
        assert ended.code == STOPPED
        assert ended.err.count("\n") == 1
        assert "run the same command again" in ended.err
        assert not (orders / "out.jsonl").exists()
        assert not list(orders.glob(".out*"))
        assert extract(*arguments(server)).code == OK
        assert len(read(orders / "out.jsonl")) == 400
        assert server.total <= 400 + 256


def process(orders: Path, server: FaultyServer, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "extract", *arguments(server, "out.jsonl", *more)], cwd=orders,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_killed_at_random_moments_the_output_is_that_of_an_undisturbed_run(orders: Path, extract: Run) -> None:
    rows(orders, 600)
    dice, limit, kills = random.Random(4), 8, 0
    with FaultyServer(answers, delay_s=0.01) as server:
        while kills < 4:
            run = process(orders, server, "-c", str(limit))
            goal = server.total + dice.randrange(60, 160)
            while run.poll() is None and server.total < goal:
                time.sleep(0.005)
            if run.poll() is not None:
                run.communicate()
                break
            run.kill()
            run.communicate()
            kills += 1
        assert kills >= 3
        assert extract(*arguments(server, "out.jsonl", "-c", str(limit))).code == OK
        asked = Counter(str(body["messages"]) for body in server.requests)
        assert len(asked) == 600
        assert server.total - 600 <= kills * limit
        assert not list(orders.glob(".out*"))
        killed = (orders / "out.jsonl").read_bytes()
        assert extract(*arguments(server, "calm.jsonl")).code == OK
    assert (orders / "calm.jsonl").read_bytes() == killed


def test_ctrl_c_stops_cleanly_and_the_same_command_goes_on(orders: Path, extract: Run) -> None:
    rows(orders, 300)
    with FaultyServer(answers, delay_s=0.05) as server:
        run = process(orders, server, "-c", "4")
        while server.total < 20:
            time.sleep(0.02)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=30)
        assert run.returncode == INTERRUPTED
        assert b"pending" in said
        assert b"Traceback" not in said
        done = len(read(orders / "out.jsonl"))
        assert done == server.total
        assert extract(*arguments(server)).code == OK
        assert server.total == 300


def test_only_what_a_killed_run_left_is_swept(orders: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, ours, dead = (
        orders / f".{name}.part"
        for name in (f"out.jsonl.{ended.pid}", f"out.jsonl.{os.getpid()}", f"out.jsonl.dead.jsonl.{os.getpid()}")
    )
    for part in (left, ours, dead):
        part.touch()
    sweep(orders / "out.jsonl")
    assert [part.exists() for part in (left, ours, dead)] == [False, True, True]


# wrong calls


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (["-o", "out.xyz"], ("out.xyz", ".parquet")),
        (["-o", "nowhere/out.jsonl"], ("no folder nowhere",)),
        (["--column", "body"], ("no column body", "id, text", "--column")),
        (["--template", "{subject}"], ("subject", "id, text")),
        (["--template", "{text"], ("template",)),
        (["--column", "text", "--template", "{text}"], ("not both",)),
        (["--id-column", "nope"], ("no column nope", "id, text")),
        (["-o", "in.jsonl"], ("the input in.jsonl and the output", "one file")),
        (["--journal", "out.jsonl"], ("the output out.jsonl and the journal", "one file")),
        (["--journal", "in.jsonl"], ("the input in.jsonl and the journal", "one file")),
        (["--price", "-1,2"], ("--price is -1,2",)),
        (["--price", "nan,2"], ("--price is nan,2",)),
        (["--budget", "3"], ("--price",)),
        (["--price", "3"], ("PROMPT,COMPLETION",)),
        (["--limit", "0"], ("--limit is 0",)),
        (["-c", "0"], ("concurrency is 0",)),
        (["--no-share"], ("--id-column",)),
        (["--schema-change", "maybe"], ("add, widen, fail, replace",)),
        (["--repair", "all"], ("repair is 'all'",)),
        (["--journal", "."], ("journal", "give another name")),
        (["--journal", "orders.py"], ("orders.py as a journal", "move it away, or give another name")),
        (["--batch", "--no-share", "--id-column", "id"], ("--batch", "--no-share", "asks equal rows once")),
        (["--batch", "--incremental"], ("--batch", "--incremental")),
        (["--batch", "--budget", "3", "--price", "1,2"], ("--batch", "--budget", "--limit")),
        (["--batch", "--every", "0"], ("--every is 0",)),
        (["--batch", "--rounds", "0"], ("--rounds is 0",)),
        (["--batch", "--hours", "0"], ("--hours is 0",)),
        (["--batch", "--hours", "900"], ("hours is 900",)),
    ],
)
def test_a_wrong_option_is_one_line_and_nothing_is_sent(
    orders: Path, extract: Run, change: list[str], words: tuple[str, ...]
) -> None:
    with FaultyServer(answers) as server:
        extract(*arguments(server, "out.jsonl", *change)).has_one_line(USAGE, *words)
        assert list(server.paths) == []


def test_a_journal_that_is_damaged_amid_says_what_to_do_and_no_row_is_lost_to_it(orders: Path, extract: Run) -> None:
    with FaultyServer(answers) as server:
        assert extract(*arguments(server)).code == OK
        before = (orders / "out.jsonl").read_bytes()
        journal = bytearray((orders / "out.jsonl.journal").read_bytes())
        for page in range(2 * 4096, len(journal), 4096):
            journal[page : page + 64] = b"\xff" * 64
        (orders / "out.jsonl.journal").write_bytes(journal)
        asked = server.total
        extract(*arguments(server, "out.jsonl", "--again")).has_one_line(
            STOPPED, "out.jsonl.journal is damaged", "move it away, or give another name"
        )
        assert server.total == asked
    assert (orders / "out.jsonl").read_bytes() == before


def test_dead_letters_are_not_written_over_while_they_are_read(orders: Path, extract: Run) -> None:
    (orders / "in.jsonl").rename(orders / "out.jsonl.dead.jsonl")
    before = (orders / "out.jsonl.dead.jsonl").read_bytes()
    extract("map", "orders.py:Order", "out.jsonl.dead.jsonl", "-o", "out.jsonl", "--offline").has_one_line(
        USAGE, "the failed rows", "one file"
    )
    assert (orders / "out.jsonl.dead.jsonl").read_bytes() == before


def test_a_table_in_another_encoding_is_one_line(orders: Path, extract: Run) -> None:
    (orders / "in.csv").write_text("id,text\n1,row 1 of a table\n", "utf-16")
    extract("map", "orders.py:Order", "in.csv", "-o", "out.jsonl", "--offline").has_one_line(
        USAGE, "in.csv is no UTF-8"
    )


@pytest.mark.parametrize("text", ["one", "two\nlines", 'a "quote"\nand\nmore', "é" * 1_200_000 + "\n!"])
def test_rows_of_a_table_are_counted_as_they_are_read(orders: Path, text: str) -> None:
    with (orders / "in.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("id", "text"), (1, text), (2, "more"), (3, text)])
    with closing(sqlite3.connect(orders / "in.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE records (text TEXT)")
        connection.executemany("INSERT INTO records VALUES (?)", [(text,)] * 5)
    for path, count in (("in.csv", 3), ("in.sqlite", 5)):
        assert count_rows([str(orders / path)]) == count == len(list(table_rows([str(orders / path)], Layout())))


def test_columns_change_only_as_far_as_the_policy_lets_them(orders: Path, extract: Run) -> None:
    with FaultyServer(answers) as server:
        extract(*arguments(server))
        (orders / "orders.py").write_text(ORDERS.replace("number: int", "number: float"))
        extract(*arguments(server)).has_one_line(USAGE, "number was integer and is number", "--schema-change")
        assert extract(*arguments(server, "out.jsonl", "--schema-change", "widen")).code == OK


def test_a_dry_run_sends_nothing_and_says_what_it_would_need(orders: Path, extract: Run) -> None:
    with FaultyServer(answers) as server:
        ended = extract(*arguments(server, "out.jsonl", "--dry-run", "--price", "1,2"))
        assert ended.code == OK
        assert server.total == 0
        assert "12 requests" in ended.err
        assert "prompt tokens" in ended.err
        assert "cost" in ended.err
        extract(*arguments(server))
        assert "0 requests" in extract(*arguments(server, "out.jsonl", "--dry-run")).err
