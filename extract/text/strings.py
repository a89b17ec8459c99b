"""The inside of a string: escapes as JSON has them, escapes as models write them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..vocabulary import Path
    from .record import Record

LAX: Final = json.JSONDecoder(strict=False)
CONTROL: Final = re.compile(r"[\x00-\x1f]")
ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]{1,6}\}|x[0-9a-fA-F]{2}|\r\n|[\s\S]|\Z)")
BAD_ESCAPE: Final = re.compile(r'\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
SURROGATE: Final = re.compile("[\ud800-\udfff]")
SIMPLE: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
WINDOWS_PATH: Final = re.compile(r"\s*(?:[A-Za-z]:|\\\\[\w.-]+)\\(?!\\)(?=\S)")

# LaTeX commands that begin with a letter which is also an escape in JSON, from the command index of
# "LaTeX: A Document Preparation System" (Lamport) and amsmath's user guide.
LATEX_TAILS: Final = (
    "b(?:egin|eta|ar|inom|oxed|ig|igl|igr|igg|Big|ot|f|ullet|mod|oldsymbol|mathbf|ecause|etween|ackslash|lacksquare|igcup|igcap|reve)"
    "|f(?:rac|orall|lat|rown|box|ootnotesize)"
    "|n(?:eq|abla|u|e|ot|otin|i|mid|eg|earrow|warrow|leq|geq|less|gtr|ewline|subseteq|parallel|exists|atural|cong)"
    "|r(?:ight|ightarrow|angle|ho|ceil|floor|m|brace|brack|vert|aisebox)"
    "|t(?:imes|ext|extbf|extit|extrm|herefore|heta|au|an|anh|frac|o|riangle|riangleq|op|ilde|binom|ag)"
)
LATEX_ESCAPE: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\(" + LATEX_TAILS + r")(?![A-Za-z])")
SURE_LATEX: Final = re.compile(r"\\(?:[\[\](){},;!%&#]|[ac-eg-mo-qsv-zA-Z][A-Za-z]+)")
"""Marks of LaTeX that JSON has no escape for: brackets of formulas and commands with other first letters."""


def unescape(raw: str, quote: str, path: Path, record: Record, *, is_latex: bool = False) -> str:
    """The text that the inside of a string stands for; what is no proper JSON is noted in `record`."""
    if CONTROL.search(raw) and record.is_new("raw_control"):
        record.add("raw_control", path, raw, None)
    if "\\" not in raw:
        return raw
    if WINDOWS_PATH.match(raw) and BAD_ESCAPE.search(raw):
        return unescape_path(raw, path, record)
    mended = mend_latex(raw, path, record, is_latex=is_latex)
    if quote == '"' and not BAD_ESCAPE.search(mended):
        try:
            return whole(str(LAX.decode(f'"{mended}"')), path, record)
        except ValueError:  # an unescaped quote inside
            pass
    return whole(unescape_loosely(mended, quote, path, record), path, record)


def mend_latex(raw: str, path: Path, record: Record, *, is_latex: bool) -> str:
    """Double the backslash of LaTeX commands that would be read as escapes, where the text is surely LaTeX."""
    found = LATEX_ESCAPE.search(raw)
    if found is None or not (is_latex or is_surely_latex(raw)):
        return raw
    mended = LATEX_ESCAPE.sub(r"\1\\\\\2", raw)
    record.add("latex_escape", path, found[0], mended[found.start() : found.end() + 1])
    return mended


def is_surely_latex(raw: str) -> bool:
    """Whether commands stand in the text that can be nothing but LaTeX."""
    return (
        SURE_LATEX.search(raw) is not None
        or re.search(r"(?<!\\)\\(?:frac|text|times|right|neq|theta|begin)(?=[\s{(]|\\)", raw) is not None
    )


def unescape_path(raw: str, path: Path, record: Record) -> str:
    """A Windows path whose single backslashes are meant as they stand."""
    head = 2 if raw.startswith("\\\\") else 0  # of \\server
    text = raw[:head] + re.sub(r'\\(["\\])', r"\1", raw[head:])
    record.add("path_escape", path, raw, text)
    return text


def unescape_loosely(raw: str, quote: str, path: Path, record: Record) -> str:
    """Escapes of JSON, Python and JavaScript; any other backslash is kept."""
    is_plain = not SURE_LATEX.search(raw.replace("\\_", "").replace("\\*", ""))

    def one(found: re.Match[str]) -> str:
        code = found[1]
        if code in SIMPLE:
            return SIMPLE[code]
        if len(code) > 2 and (code[0] == "u" or quote != '"'):
            char = decode_code(code)
            if quote == '"' and len(code) != 5 and record.is_new("bad_escape"):
                record.add("bad_escape", path, found[0], char)
            return char
        if record.is_new("bad_escape"):
            record.add("bad_escape", path, found[0], code if code in (quote, "'", "`") else found[0])
        if code in (quote, "'", "`") or (is_plain and code in ("_", "*")):
            return code
        return "" if code in ("\n", "\r\n") else "\\" + code

    return ESCAPE.sub(one, raw)


def decode_code(code: str) -> str:
    """The character of `u00e9`, `u{1F600}` or `x41`."""
    if code == "\r\n":
        return ""
    number = int(code[1:].strip("{}"), 16)
    return chr(number) if number <= 0x10FFFF else "\\" + code


def whole(text: str, path: Path, record: Record) -> str:
    """The text with surrogate pairs joined; a lone half becomes U+FFFD, and that is noted."""
    if not SURROGATE.search(text):
        return text
    joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if "\ufffd" in joined and "\ufffd" not in text:
        record.add("lone_surrogate", path, ascii(text), joined)
    return joined
