"""The words of a text as venues are looked for in it: sentences and clauses. Pure."""

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Final, Self


def word_set(words: str) -> frozenset[str]:
    """Return the words of a list that is written as a line."""
    return frozenset(words.split())


# Letters and digits are words apart, so that CVPR2026, CVPR 2026 and CVPR-26 have the same ones.
WORD: Final = re.compile(r"[^\W\d_]+|\d+|&")
_ABBREVIATIONS: Final = word_set(
    "proc conf int intl symp trans lett mag adv comput vis pattern anal mach intell sci syst appl technol commun inf natl assoc"
    " eng graph netw learn res med imag image process multim robot autom knowl vol no pp vs al eg ie dr prof st inc dept"
)
_SENTENCE_MARK: Final = re.compile(r"[.;!?|•\n]")
_CLAUSE: Final = re.compile(r"[,:;.!?()\[\]{}|•\n–—]|\s-|-\s")


@dataclass(slots=True)
class Words:
    """The words of a text and where they stand; `sentence[i]` numbers the sentence of word `i`, `all` has each once."""

    text: str
    words: list[str]
    lows: list[str]
    spans: list[tuple[int, int]]
    sentence: list[int]
    all: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Self:
        """Part a text into words and sentences."""
        spans = [match.span() for match in WORD.finditer(text)]
        words = [text[start:end] for start, end in spans]
        lows = list(map(str.lower, words))
        if "&" in text:
            lows = ["and" if word == "&" else word for word in lows]
        sentence = [0] * len(spans)
        if _SENTENCE_MARK.search(text):
            number = last = 0
            for place, (start, end) in enumerate(spans):
                if start - last > 1 and place and _parts(text[last:start], lows[place - 1]):
                    number += 1
                sentence[place], last = number, end
        return cls(text, words, lows, spans, sentence, frozenset(lows))

    def gap(self, place: int) -> str:
        """Return what stands before the word at a place; behind the last one, the rest of the text."""
        start = self.spans[place - 1][1] if place else 0
        return self.text[start : self.spans[place][0]] if place < len(self.spans) else self.text[start : start + 9]

    def is_opened(self, place: int) -> bool:
        """Tell whether a parenthesis opens right before the word at a place."""
        start = self.spans[place][0]
        return start > 0 and self.text[start - 1] == "("

    def said(self, start: int, end: int) -> str:
        """Return the text from one word up to another."""
        return self.text[self.spans[start][0] : self.spans[end - 1][1]]

    def ends_clause(self, place: int) -> bool:
        """Tell whether a clause ends before the word at a place."""
        return not 0 < place < len(self.spans) or _CLAUSE.search(self.gap(place)) is not None

    def behind_brackets(self, place: int) -> int:
        """Return the place behind the brackets that open right before a place; that place where none do."""
        if not self.gap(place).strip().startswith("("):
            return place
        ends = (end for end in range(place + 1, len(self.words)) if ")" in self.gap(end))
        return next(ends, place)

    def beginning(self, place: int) -> int:
        """Return the place of the first word of the sentence of a word."""
        return bisect_left(self.sentence, self.sentence[place], 0, place + 1)

    def until(self, place: int, limit: int) -> int:
        """Return the place where the sentence of the word before a place ends, at most `limit` words away."""
        number, end = self.sentence[place - 1], place
        last = min(len(self.words), place + limit)
        while end < last and self.sentence[end] == number:
            end += 1
        return end


def _parts(gap: str, before: str) -> bool:
    """Tell whether a gap between two words parts sentences."""
    if not _SENTENCE_MARK.search(gap):
        return False
    return gap.strip() != "." or (len(before) > 1 and before not in _ABBREVIATIONS)
