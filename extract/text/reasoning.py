"""What a model thought aloud, told apart from what it answered."""

from __future__ import annotations

import re
from typing import Final

NAMES: Final = "think|thinking|reasoning|thought|thoughts|reflection|scratchpad|analysis|seed:think"
OPENS: Final = rf"<(?:{NAMES})\b[^<>\n]{{0,80}}>|\[THINK\]|◁think▷|<\|(?:begin_of_thought|start_thinking)\|>|<\|channel>\s{{0,9}}thought\b"
CLOSES: Final = (
    rf"</(?:{NAMES})\b[^<>\n]{{0,80}}>|\[/THINK\]|◁/think▷|<\|(?:end_of_thought|end_thinking)\|>|<channel\|>"
)
TAG: Final = re.compile(rf"(?P<closes>{CLOSES})|{OPENS}", re.IGNORECASE)
CLOSING: Final = re.compile(CLOSES, re.IGNORECASE)
THOUGHT: Final = re.compile(r"\s*Here(?:'s| is) my thought process:", re.IGNORECASE)
RESPONSE: Final = re.compile(r"\bHere(?:'s| is) my response:", re.IGNORECASE)
"""How IBM Granite 3 tells them apart (docs.vllm.ai, granite_reasoning_parser, read 2026-11-25)."""
CHANNEL: Final = re.compile(r"<\|channel\|>\s*(\w+)[^<]{0,200}(?:<\|constrain\|>[^<]{0,40})?<\|message\|>")
BARE_CHANNEL: Final = re.compile(r"\Aanalysis(?![a-z])[\s\S]*?assistant\s{0,4}final(?:\s{0,4}json)?(?![a-z])")
"""Harmony with its special tokens stripped by a server: `analysis...assistantfinal...`."""
CHANNEL_END: Final = re.compile(r"<\|(?:end|return|call|start|channel)\|>")

# The same for a text that grows: what begins thoughts before an answer, and what ends those that began so. Harmony
# without its special tokens is told by the whole text alone.
THOUGHTS: Final = (
    (OPENS, CLOSING),
    (r"Here(?:'s| is) my thought process:", RESPONSE),
    (r"<\|channel\|>\s{0,9}analysis", re.compile(rf"(?!<\|channel\|>\s{{0,9}}analysis){CHANNEL.pattern}")),
)
OPENING: Final = re.compile("|".join(f"({opens})" for opens, _ in THOUGHTS), re.IGNORECASE)
BRACKETED: Final = "[THINK]"
"""The mark that begins as a list does."""
MARK_CHARS: Final = 320
"""Characters of the longest mark."""


def opens_at(text: str, at: int) -> bool:
    """Whether a bracket may turn out to begin thoughts when more has come."""
    return len(text) - at < len(BRACKETED) and BRACKETED.startswith(text[at:].upper())


def closing_of(opened: re.Match[str]) -> re.Pattern[str]:
    """What ends the thoughts that began so."""
    return next(closes for place, (_, closes) in enumerate(THOUGHTS, start=1) if opened[place] is not None)


Span = tuple[int, int]


def answer_spans(text: str) -> tuple[Span, ...]:
    """The parts of a text that are answer, in order; empty where all is reasoning."""
    is_tagged = "<" in text
    if is_tagged and "<|channel|>" in text:
        return channel_spans(text)
    if text.startswith("analysis") and (bare := BARE_CHANNEL.match(text)) is not None:
        return ((bare.end(), len(text)),) if text[bare.end() :].strip() else ()
    if THOUGHT.match(text) is not None:
        response = RESPONSE.search(text)
        return ((response.end(), len(text)),) if response is not None and text[response.end() :].strip() else ()
    if not (is_tagged or "THINK]" in text or "◁" in text):
        return ((0, len(text)),) if text.strip() else ()
    spans: list[Span] = []
    start, depth = 0, 0
    for found in TAG.finditer(text):
        if is_quoted(text, found):
            continue
        if found["closes"]:
            if depth == 0:
                spans = []  # only closed: all before it was reasoning
            depth = max(0, depth - 1)
            start = found.end() if depth == 0 else start
        else:
            if depth == 0:
                spans.append((start, found.start()))
            depth += 1
    if depth == 0:
        spans.append((start, len(text)))
    return tuple(span for span in spans if text[span[0] : span[1]].strip())


def is_quoted(text: str, found: re.Match[str]) -> bool:
    """Whether a tag is talked about, or stands inside a JSON string, rather than used."""
    before, after = text[max(0, found.start() - 1) : found.start()], text[found.end() : found.end() + 1]
    if (before, after) in {("`", "`"), ('"', '"'), ("'", "'")}:
        return True
    begin = max(0, found.start() - 2000)
    head = text[max(text.rfind("\n", begin, found.start()) + 1, begin) : found.start()]
    return head.lstrip().startswith(("{", "[", '"')) and head.replace('\\"', "").count('"') % 2 == 1


def channel_spans(text: str) -> tuple[Span, ...]:
    """The final channel of OpenAI's harmony format, and calls on the commentary channel."""
    spans: list[Span] = []
    for found in CHANNEL.finditer(text):
        if found[1] == "analysis":
            continue
        end = CHANNEL_END.search(text, found.end())
        spans.append((found.end(), end.start() if end else len(text)))
    return tuple(spans)


def split_reasoning(text: str) -> tuple[str, str | None]:
    """The answer in a text, and the reasoning beside it (None where there is none)."""
    spans = answer_spans(text)
    if spans == ((0, len(text)),) or (not spans and not text.strip()):
        return text, None
    answer = "".join(text[start:end] for start, end in spans)
    gaps: list[str] = []
    at = 0
    for start, end in (*spans, (len(text), len(text))):
        gaps.append(text[at:start])
        at = end
    reasoning = CHANNEL_MARK.sub("", TAG.sub("", "".join(gaps))).strip()
    return answer.strip(), reasoning


CHANNEL_MARK: Final = re.compile(r"<\|(?:channel|start|end|return|call)\|>(?:\s*\w+)?|<\|message\|>")
