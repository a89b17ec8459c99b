"""Single values: numbers, texts, times, enums, addresses, paths, bytes, constraints."""

import enum
import re
import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Len, Lt, MaxLen, MinLen, MultipleOf
from pydantic import (
    UUID4,
    AnyHttpUrl,
    AnyUrl,
    AwareDatetime,
    Base64Bytes,
    Base64Str,
    Base64UrlBytes,
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    FiniteFloat,
    FutureDate,
    HttpUrl,
    IPvAnyAddress,
    Json,
    NaiveDatetime,
    NegativeInt,
    NonNegativeFloat,
    NonPositiveInt,
    PastDatetime,
    PositiveInt,
    PostgresDsn,
    Secret,
    SecretBytes,
    SecretStr,
    StrictBool,
    StrictInt,
    StrictStr,
    StringConstraints,
    WebsocketUrl,
)

from .case import Group

CHINA = timezone(timedelta(hours=8))
INDIA = timezone(timedelta(hours=5, minutes=30))

scalar = Group("scalar")
scalar("int", int, 0, -7, 2**31)
scalar("big_int", int, 2**53 + 1, -(10**25))
scalar("float", float, 0.0, -1.5, 1e-9, 1e300)
scalar("bool", bool, True, False)
scalar("str", str, "", "a", 'Zürich 東京 \u202e\u0000\n"\\', "null", "😀" * 3)
scalar("none", None, None)
scalar("bytes", bytes, b"", b"abc")
scalar("bytes_short", Annotated[bytes, Field(max_length=50)], b"abc")
scalar("base64_bytes", Base64Bytes, b"\x00\xff\x80", b"")
scalar("base64_str", Base64Str, "hello", "")
scalar("base64_url", Base64UrlBytes, b"\xfb\xff\xfe")
scalar("uuid", uuid.UUID, uuid.UUID(int=5), uuid.uuid5(uuid.NAMESPACE_DNS, "a.b"))
scalar("uuid4", UUID4, uuid.UUID("0e64cbc4-6d18-4b08-a5ef-3a5f2b9c2a11"))
scalar("path", Path, Path("a/b.txt"), Path("/"))
scalar("pure_path", PurePosixPath, PurePosixPath("x/y"))
scalar("pattern", re.Pattern[str], re.compile(r"^\d+(?=x)$"))
scalar("url", AnyUrl, AnyUrl("ftp://example.org/a?b=c#d"))
scalar("http_url", HttpUrl, HttpUrl("https://example.org/ä"))
scalar("any_http_url", AnyHttpUrl, AnyHttpUrl("http://a.b:81/"))
scalar("websocket_url", WebsocketUrl, WebsocketUrl("wss://a.b/c"))
scalar("postgres_dsn", PostgresDsn, PostgresDsn("postgres://u:p@h:5432/d"))
scalar("ipv4", IPv4Address, IPv4Address("10.0.0.1"))
scalar("ipv6", IPv6Address, IPv6Address("fe80::1"))
scalar("ipv4_network", IPv4Network, IPv4Network("10.0.0.0/8"))
scalar("ipv6_network", IPv6Network, IPv6Network("2001:db8::/32"))
scalar("ipv4_interface", IPv4Interface, IPv4Interface("10.1.2.3/24"))
scalar("ipv6_interface", IPv6Interface, IPv6Interface("fe80::1/64"))
scalar("ip_any", IPvAnyAddress, IPv4Address("1.2.3.4"), IPv6Address("::1"))
scalar("secret_str", SecretStr, SecretStr("tell no one"))
scalar("secret_bytes", SecretBytes, SecretBytes(b"tell no one"))
scalar("secret_int", Secret[int], Secret[int](5))
scalar("byte_size", ByteSize, ByteSize(1024), ByteSize(0))
scalar("fraction", Fraction, Fraction(1, 3), Fraction(-7, 2))
scalar("complex", complex, 1 + 2j, 0j)
scalar("json_any", Json, {"a": [1]}, None)
scalar("json_list", Json[list[int]], [1, 2])
scalar("strict_int", StrictInt, 4)
scalar("strict_str", StrictStr, "4")
scalar("strict_bool", StrictBool, True)
scalar("finite_float", FiniteFloat, 1.25)
scalar("literal_one", Literal["only"], "only")

enums = Group("enum")


class Colour(enum.Enum):
    """A colour."""

    RED = "red"
    GREEN = "green"
    DARK_BLUE = "dark blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 10


class Word(enum.StrEnum):
    NULL = "null"
    EMPTY = ""
    ACCENT = "é"


class Mixed(enum.Enum):
    TEXT = "a"
    NUMBER = 1
    REAL = 2.5
    NONE = None


class Pair(enum.Enum):
    NORTH = (0, 1)
    EAST = (1, 0)


class Rights(enum.IntFlag):
    READ = 1
    WRITE = 2
    RUN = 4


class Rigid(enum.Flag):
    A = 1
    B = 2


class Ratio(float, enum.Enum):
    HALF = 0.5
    WHOLE = 1.0


class Switch(enum.Enum):
    ON = True
    OFF = False


class Lonely(enum.Enum):
    ONE = "one"


Long = enum.Enum("Long", {f"V{i}": f"value number {i} of the list" for i in range(600)})
Huge = enum.Enum("Huge", {f"V{i}": f"code-{i:05d}" for i in range(1500)})
HugeInt = enum.IntEnum("HugeInt", {f"N{i}": i for i in range(1, 1200)})

enums("str", Colour, *Colour)
enums("int", Level, *Level)
enums("str_enum", Word, *Word)
enums("mixed", Mixed, *Mixed)
enums("int_flag", Rights, Rights.READ, Rights.READ | Rights.RUN, Rights(0))
enums("flag", Rigid, Rigid.A, Rigid.B)
enums("float", Ratio, *Ratio)
enums("bool", Switch, *Switch)
enums("one", Lonely, Lonely.ONE)
enums("long", Long, *list(Long)[::200])
enums("huge", Huge, *list(Huge)[::500])
enums("huge_int", HugeInt, *list(HugeInt)[::500])
enums("literal_str", Literal["a", "b c", ""], "a", "b c", "")
enums("literal_int", Literal[1, 2, -3], 1, -3)
enums("literal_mixed", Literal["a", 1, None, True], "a", 1, None, True)  # noqa: PYI061
enums("literal_bool", Literal[True], True)
enums("literal_none", Literal[None], None)  # noqa: PYI061
enums("literal_lookalikes", Literal["1", 1, "true", "null"], "1", 1, "true", "null")
enums("list_of", list[Colour], [], [Colour.RED, Colour.RED])
enums("literal_huge", Literal[tuple(f"item {i}" for i in range(1100))], "item 1099")

constraint = Group("constraint")
constraint("range", Annotated[int, Field(ge=1, le=10)], 1, 10)
constraint("exclusive", Annotated[int, Gt(0), Lt(5)], 1, 4)
constraint("float_range", Annotated[float, Ge(0), Le(1)], 0.0, 0.5, 1.0)
constraint("float_exclusive", Annotated[float, Gt(0), Lt(1)], 0.001)
constraint("multiple", Annotated[int, MultipleOf(5)], 0, 35, -5)
constraint("multiple_float", Annotated[float, Field(multiple_of=0.25)], 1.75)
constraint("positive", PositiveInt, 1)
constraint("negative", NegativeInt, -1)
constraint("non_positive", NonPositiveInt, 0)
constraint("non_negative_float", NonNegativeFloat, 0.0, 2.5)
constraint("length", Annotated[str, Field(min_length=2, max_length=4)], "ab", "東京都民")
constraint("pattern", Annotated[str, Field(pattern=r"^\d{3}-[A-Z]+$")], "123-AB")
constraint("pattern_unanchored", Annotated[str, Field(pattern=r"\d")], "a1b")
constraint("pattern_words", Annotated[str, Field(pattern=r"^\w+\s\w+$")], "ab cd")
constraint("pattern_alternatives", Annotated[str, Field(pattern=r"^(cat|dog)s?$")], "cats")
constraint("pattern_unicode", Annotated[str, Field(pattern=r"^\p{Lu}\p{Ll}*$")], "Ünder")
constraint(
    "pattern_and_length",
    Annotated[str, Field(pattern=r"^[a-z]*$", min_length=1, max_length=3)],
    "abc",
)
constraint("strip", Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True)], "ab")
constraint("long_text", Annotated[str, Field(max_length=100_000)], "x" * 3000)
constraint("list_length", Annotated[list[int], Len(1, 3)], [1], [1, 2, 3])
constraint("list_min", Annotated[list[str], MinLen(2)], ["a", "b"])
constraint("list_max", Annotated[list[str], MaxLen(1)], [], ["a"])
constraint("list_long", Annotated[list[int], Len(0, 5000)], list(range(3000)))
constraint("dict_length", Annotated[dict[str, int], Len(1, 2)], {"a": 1})
constraint("set_length", Annotated[set[int], MinLen(1)], {1, 2})
constraint("items", list[Annotated[int, Ge(0)]], [0, 5])
constraint("huge_bounds", Annotated[int, Ge(-(10**30)), Le(10**30)], 10**29)

temporal = Group("temporal")
temporal("date", date, date(2024, 2, 29), date(1, 1, 1))
temporal("datetime", datetime, datetime(2024, 1, 2, 3, 4, 5), datetime(2024, 1, 2, 3, 4, 5, 6, UTC))
temporal("aware", AwareDatetime, datetime(2024, 1, 2, tzinfo=INDIA))
temporal("naive", NaiveDatetime, datetime(2024, 1, 2, 3, 4, 5, 678_900))
temporal("past", PastDatetime, datetime(2001, 1, 1, tzinfo=CHINA))
temporal("future", FutureDate, date(2999, 1, 1))
temporal("time", time, time(12, 30), time(0, 0, 0, 5))
temporal("time_aware", time, time(12, 30, tzinfo=CHINA))
temporal("duration", timedelta, timedelta(days=1, seconds=5), timedelta(microseconds=1), timedelta(days=-1, seconds=3))
temporal("duration_weeks", timedelta, timedelta(weeks=200, milliseconds=1))
temporal("date_after", Annotated[date, Ge(date(2000, 1, 1))], date(2000, 1, 1))
temporal("datetime_range", Annotated[datetime, Lt(datetime(2030, 1, 1))], datetime(2020, 1, 1))
temporal("duration_max", Annotated[timedelta, Le(timedelta(hours=1))], timedelta(minutes=3))
temporal("date_list", list[date], [date(2024, 1, 1)], [])
temporal("date_or_none", date | None, None, date(2024, 1, 1))
temporal("date_or_datetime", datetime | date, date(2024, 1, 1), datetime(2024, 1, 1, 5))
temporal("date_keys", dict[date, float], {date(2024, 1, 1): 1.5})
temporal("time_keys", dict[time, str], {time(9): "start"})


class Unix(BaseModel):
    model_config = ConfigDict(ser_json_timedelta="float", ser_json_bytes="base64", val_json_bytes="base64")
    lasts: timedelta
    raw: bytes = b""


temporal("float_duration", Unix, Unix(lasts=timedelta(seconds=1.5), raw=b"\xff"))

decimals = Group("decimal")
decimals("plain", Decimal, Decimal("0.10"), Decimal("-5"), Decimal("1E+3"))
decimals("long", Decimal, Decimal("3.14159265358979323846264338327950288419"))
decimals("places", Annotated[Decimal, Field(max_digits=6, decimal_places=2)], Decimal("1234.50"))
decimals("bounds", Annotated[Decimal, Field(gt=0, le=100)], Decimal("99.99"))
decimals("list", list[Decimal], [Decimal("1.10"), Decimal("2")])
decimals("keys", dict[str, Decimal], {"a": Decimal("0.30")})
decimals("odd", Annotated[Decimal, Field(allow_inf_nan=True)], Decimal("Infinity"))

GROUPS = (scalar, enums, constraint, temporal, decimals)
