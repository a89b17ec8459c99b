import json

from hypothesis import given, settings
from hypothesis import strategies as st

from extract.text import Hints, candidates, dumps

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
LEAVES = (
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False) | TEXT
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)
WORDS = st.text("abcdef ghij kéü漢字😀", min_size=1, max_size=12).map(str.strip).filter(bool)
RECORDS = st.lists(
    st.fixed_dictionaries(
        {"name": WORDS, "n": st.integers(0, 999), "ok": st.booleans(), "tags": st.lists(WORDS, max_size=3)}
    ),
    min_size=1,
    max_size=4,
)
HINTS = Hints(keys=frozenset({"name", "n", "ok", "tags"}))
BROKEN = {
    "single quotes": lambda text: text.replace('"', "'"),
    "Python words": lambda text: text.replace("true", "True").replace("false", "False"),
    "bare keys": lambda text: text.replace('"name":', "name:").replace('"n":', "n:"),
    "trailing commas": lambda text: text.replace("]", ",]").replace("[,]", "[]"),
    "fence": lambda text: f"Here:\n```json\n{text}\n```\nDone.",
    "comments": lambda text: text.replace("{", "{ /* a */ "),
    "curly quotes": lambda text: text.replace('"name"', "“name”"),
    "full width": lambda text: text.replace('"n": ', '"n"：'),
    "double encoded": json.dumps,
    "tildes": lambda text: f"~~~\n{text}\n~~~",
    "fence without an end": lambda text: f"```json\n{text}",
    "prose": lambda text: f"It says: {text} That is all [2].",
    "thoughts": lambda text: f'<think>[{{"name": "no"}}]</think>{text}',
    "harmony": lambda text: f"<|channel|>analysis<|message|>[1]<|end|><|channel|>final<|message|>{text}<|return|>",
    "tool call": lambda text: f"<tool_call>{text}</tool_call>",
    "doubled commas": lambda text: text.replace(', "n"', ',, "n"'),
    "missing commas": lambda text: text.replace(', "n"', ' "n"').replace("}, {", "} {"),
    "equal signs": lambda text: text.replace('"n": ', '"n" = '),
    "doubled colons": lambda text: text.replace('"n": ', '"n":: '),
    "plus signs": lambda text: text.replace('"n": ', '"n": +'),
    "stray bracket": lambda text: text + "]",
    "backticks": lambda text: text.replace('"name"', "`name`"),
    "half a key": lambda text: text.replace(', "n":', ', n":'),
    "escaped": lambda text: text.replace('"', '\\"'),
    "odd blanks": lambda text: text.replace(": ", ":\u00a0"),
    "comment at a line end": lambda text: text.replace("}, {", "}, // next\n{").replace("}, {", "},\n{"),
}


@given(VALUES)
def test_what_is_dumped_is_read_without_repairs(value):
    if isinstance(value, (dict, list)):
        found = candidates(dumps(value))
        assert (found[0].value, found[0].repairs) == (value, ())


@given(RECORDS, st.sampled_from(sorted(BROKEN)), st.booleans())
def test_one_lossless_corruption_leaves_the_value(value, kind, is_hinted):
    text = BROKEN[kind](json.dumps(value, ensure_ascii=False))
    found = candidates(text, HINTS if is_hinted else Hints())
    assert value in [one.value for one in found]
    assert {repair.trust for one in found if one.value == value for repair in one.repairs} <= {"lossless"}
    assert text == json.dumps(value, ensure_ascii=False) or any(one.repairs for one in found)


@given(st.text(max_size=200) | st.text("{}[]\"'`,:\\\n<>/#-() ab1tf", max_size=120))
@settings(max_examples=400)
def test_reading_never_raises(text):
    candidates(text)
    candidates(text, HINTS)


@given(RECORDS, st.booleans())
@settings(max_examples=40)
def test_a_cut_never_leaves_a_wrong_scalar_unmarked(value, is_exact):
    text = json.dumps(value, ensure_ascii=False)
    for end in range(1, len(text)):
        found = candidates(text[:end], Hints(keys=HINTS.keys, exact=is_exact))[0]
        assert found.is_cut
        marked = {
            repair.path for repair in found.repairs if repair.trust == "guessed" and repair.rule != "cut_container"
        }
        for path, leaf in leaves(found.value):
            assert path in marked or leaf == at(value, path), (text[:end], path)


MARKS = st.text('ab"\\{}[],: é', max_size=6)
OTHER_FORMS = st.sampled_from(["12.50", "1e3", "1E-05", "0.10", "-0.0", "7"])


@st.composite
def documents_in_other_forms(draw):
    """Valid JSON whose numbers Python would write otherwise and whose strings hold JSON's own marks."""
    items = draw(st.lists(st.tuples(MARKS, OTHER_FORMS, st.lists(MARKS, max_size=3)), min_size=1, max_size=4))
    ascii_only = draw(st.booleans())
    written = (
        f'{{"name": {json.dumps(name, ensure_ascii=ascii_only)}, "price": {price}, "tags": {json.dumps(tags)}}}'
        for name, price, tags in items
    )
    return f'{{"items": [{", ".join(written)}], "note": {json.dumps(items[0][0])}, "total": {items[0][1]}}}'


@given(documents_in_other_forms())
@settings(max_examples=40)
def test_the_begin_of_a_valid_text_is_never_read_otherwise(text):
    value = json.loads(text)
    for end in range(1, len(text)):
        found = candidates(text[:end], Hints(keys=HINTS.keys, exact=True))[0]
        told = {repair.rule for repair in found.repairs}
        assert told <= {"cut_container", "cut_string", "cut_number", "cut_literal"}, (text[:end], told)
        for path, leaf in leaves(found.value):
            assert path == found.open_path or leaf == at(value, path), (text[:end], path)


def leaves(value, path=()):
    if isinstance(value, dict):
        for key, member in value.items():
            yield from leaves(member, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from leaves(item, (*path, place))
    else:
        yield path, value


def at(value, path):
    for step in path:
        value = value[step]
    return value
