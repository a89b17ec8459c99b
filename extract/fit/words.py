"""Words as people write them: folding of spellings, words inside phrases, negation, words for yes, no and nothing.

Knows no schema and no numbers; `numbers.py` and `dates.py` read those.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_BETWEEN_DIGITS = re.compile(r"(?<=\d)[^\w+#%&$<>=@~^|]+(?=\d)")
_LEADING_MINUS = re.compile(r"(?<!\w)[-−](?=\d)")
# Symbols that make another word of it (C, C#, C++) stay; all other punctuation, blanks and underscores go.
_LIGHT = re.compile(r"[^\w+#%&$<>=@~^|·−]+|_+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

NEGATIONS: Final = frozenset(
    [
        "not",
        "no",
        "never",
        "none",
        "nor",
        "neither",
        "without",
        "cannot",
        "non",
        "hardly",
        "unlikely",
        "except",
        "wrong",
        "instead",
        "nicht",
        "kein",
        "keine",
        "keinen",
        "keiner",
        "keines",
        "nie",
        "niemals",
        "weder",
        "ohne",
        "nein",
        "pas",
        "jamais",
        "ni",
        "sans",
        "aucun",
        "aucune",
        "sin",
        "nunca",
        "jamás",
        "tampoco",
        "ningún",
        "ninguna",
        "não",
        "nem",
        "sem",
        "mai",
        "senza",
        "né",
        "niet",
        "geen",
        "nooit",
        "не",
        "нет",
        "ни",
        "без",
        "никогда",
        "لا",
        "ليس",
        "ليست",
        "لم",
        "لن",
        "غير",
        "بدون",
    ]
)
_NEGATION_SIGNS: Final = ("不", "没", "沒", "非", "无", "無", "未", "别", "ない", "ません", "않", "아니")

TRUE_WORDS: Final = frozenset(
    [
        "true",
        "yes",
        "y",
        "on",
        "1",
        "ja",
        "wahr",
        "oui",
        "vrai",
        "sí",
        "verdadero",
        "sim",
        "да",
        "是",
        "真",
        "对",
        "はい",
        "نعم",
        "예",
        "네",
        "✓",
        "✔",
        "✅",
        "☑",
    ]
)
FALSE_WORDS: Final = frozenset(
    [
        "false",
        "no",
        "n",
        "off",
        "0",
        "nein",
        "falsch",
        "non",
        "faux",
        "falso",
        "não",
        "нет",
        "否",
        "假",
        "いいえ",
        "لا",
        "아니요",
        "아니오",
        "❌",
        "✗",
        "✘",
    ]
)
NULL_WORDS: Final = frozenset(
    [
        "",
        "null",
        "none",
        "nil",
        "n/a",
        "na",
        "n.a.",
        "undefined",
        "unknown",
        "not available",
        "not applicable",
        "not specified",
        "not stated",
        "not provided",
        "not mentioned",
        "not given",
        "unspecified",
        "-",
        "--",
        "—",
        "–",
        "?",
        "tbd",
        "unbekannt",
        "keine angabe",
        "k.a.",
        "k. a.",
        "nicht angegeben",
        "inconnu",
        "non précisé",
        "desconocido",
        "no especificado",
        "未知",
        "无",
        "無",
        "不详",
        "暂无",
        "不明",
        "なし",
        "غير معروف",
        "неизвестно",
    ]
)


def fold(text: str) -> str:
    """A spelling without case, accents, blanks and light punctuation: `Order-ID` and `order_id` become `orderid`.

    What tells numbers or words apart stays: `1.0`, `-1`, `C++`, `C#`.
    """
    text = _LEADING_MINUS.sub("−", unicodedata.normalize("NFKC", text))
    text = _BETWEEN_DIGITS.sub(lambda match: f"·{ord(match.group().strip()[:1] or ' ')}·", text)
    text = _LIGHT.sub("", text)
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(mark for mark in decomposed if not unicodedata.combining(mark))
    return unicodedata.normalize("NFC", bare)


def ascii_digits(text: str) -> str:
    """A text with the digits of every script as ASCII has them."""
    return "".join(str(unicodedata.digit(mark)) if mark.isdigit() and not mark.isascii() else mark for mark in text)


def words(text: str) -> tuple[str, ...]:
    """The words of a text, folded, in order."""
    return tuple(fold(match.group()) for match in _WORD.finditer(unicodedata.normalize("NFKC", text)))


def is_negated(text: str) -> bool:
    """Whether a phrase holds a word or sign that may turn its meaning around."""
    lowered = unicodedata.normalize("NFKC", text).casefold()
    for match in _WORD.finditer(lowered):
        word = match.group().replace("’", "'")
        if word in NEGATIONS or word.endswith(("n't", "nt'")) or fold(word) in _CONTRACTED:
            return True
    return any(sign in lowered for sign in _NEGATION_SIGNS)


_CONTRACTED: Final = frozenset(
    ["isnt", "arent", "wasnt", "werent", "dont", "doesnt", "didnt", "cant", "wont", "couldnt", "shouldnt", "wouldnt"]
)


def spans_of(option: str, phrase: str) -> list[tuple[int, int]]:
    """Where an option stands in a phrase as whole words, case apart; character positions in the normalised phrase."""
    needle = unicodedata.normalize("NFKC", option).casefold().strip()
    if not needle:
        return []
    loose = re.escape(needle).replace("_", r"[\s_-]").replace(r"\-", r"[\s_-]").replace(r"\ ", r"[\s_-]+")
    before, after = ("", "") if _CJK.search(needle) else (r"(?<![\w+#-])", r"(?![\w+#]|-\w|['’]\w)")
    return [match.span() for match in re.finditer(before + loose + after, plain(phrase))]


def plain(text: str) -> str:
    """A text without compatibility forms and case."""
    return unicodedata.normalize("NFKC", text).casefold()
