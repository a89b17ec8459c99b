"""A schema under xgrammar, as `tests/zoo/sampler.py` draws texts: one token for each byte, and one that ends.

xgrammar is compiled as vLLM does it (strict mode), but without free white space, which says nothing of a schema. It lets
raw control characters and bytes that are no UTF-8 into strings: the first are never chosen, the second read as U+FFFD.
"""

import json

import xgrammar

from tests.zoo.sampler import Uncompiled

END = 256
FIRST = 32


class XGrammar:
    """A compiled schema; `Uncompiled` where xgrammar does not take it."""

    _tokens = xgrammar.TokenizerInfo([*(bytes([one]) for one in range(256)), b"<end>"], stop_token_ids=[END])
    _compiler = xgrammar.GrammarCompiler(_tokens, max_threads=1)

    def __init__(self, schema):
        try:
            self._grammar = self._compiler.compile_json_schema(json.dumps(schema), any_whitespace=False)
        except Exception as error:
            raise Uncompiled(str(error)) from error

    def start(self):
        return Walk(self._grammar)


class Walk:
    def __init__(self, grammar):
        self._matcher = xgrammar.GrammarMatcher(grammar)
        self._mask = xgrammar.allocate_token_bitmask(1, END + 1)
        self._next = None

    def forced(self):
        text = self._matcher.find_jump_forward_string()
        if text and not self._matcher.accept_string(text):
            return b""
        return text.encode()

    def allowed(self):
        if self._matcher.is_terminated():
            self._next = {END}
            return []
        self._matcher.fill_next_token_bitmask(self._mask)
        words = self._mask[0].tolist()
        self._next = {start * 32 + bit for start, word in enumerate(words) for bit in range(32) if word >> bit & 1}
        return [token for token in self._next if FIRST <= token < END]

    def take(self, byte):
        return self._matcher.accept_token(byte)

    def may_end(self):
        return END in self._next
