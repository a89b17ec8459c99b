"""Dates, times and durations as people write them: what has one reading is read, what has two is not."""

from datetime import datetime, time, timedelta

import pytest

from extract import InvalidOutputError, parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 hours", timedelta(hours=2)),
        ("1h30m", timedelta(minutes=90)),
        ("5m 30s", timedelta(seconds=330)),
        ("1.5 hours", timedelta(minutes=90)),
        ("3 days, 4 hours", timedelta(days=3, hours=4)),
        ("2 Stunden und 5 Minuten", timedelta(minutes=125)),
        ("2小时30分钟", timedelta(minutes=150)),
        ("0.25 s", timedelta(milliseconds=250)),
    ],
)
def test_amounts_with_units_of_a_fixed_length_are_a_duration(text: str, value: timedelta) -> None:
    assert parse(timedelta, f'"{text}"') == value


@pytest.mark.parametrize(
    "text", ["5m", "1 month", "2 years", "30m 1h", "1h 1h", "1 hour and", "1h30", "about an hour", "90"]
)
def test_a_duration_that_could_be_another_is_refused(text: str) -> None:
    with pytest.raises(InvalidOutputError):
        parse(timedelta, f'"{text}"', repair="guessed")


@pytest.mark.parametrize("text", ["PT2H", "P1DT30M", "2:00:00", "1 day, 02:00:00", "-PT30S"])
def test_a_duration_that_the_type_reads_is_left_to_it(text: str) -> None:
    assert isinstance(parse(timedelta, f'"{text}"', repair="off"), timedelta)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("May 1, 2024", datetime(2024, 5, 1)),
        ("1 May 2024 at 10h30", datetime(2024, 5, 1, 10, 30)),
        ("2024-05-01 10:00 PM", datetime(2024, 5, 1, 22)),
    ],
)
def test_a_moment_as_people_write_it_is_read(text: str, value: datetime) -> None:
    assert parse(datetime, f'"{text}"') == value


def test_the_zone_behind_an_iso_time_is_read() -> None:
    found = parse(datetime, '"2024-05-01T10:00:00 UTC"')
    assert found.isoformat() == "2024-05-01T10:00:00+00:00"


def test_a_zone_with_several_meanings_is_refused() -> None:
    with pytest.raises(InvalidOutputError):
        parse(datetime, '"2024-05-01T10:00:00 CST"', repair="guessed")


def test_hours_and_minutes_around_the_letter_of_the_hour_are_read() -> None:
    assert parse(time, '"14h05"') == time(14, 5)
