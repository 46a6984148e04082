"""What strangers might write to break a page, and a digest that has it in every place a stranger or a reader writes."""

from dataclasses import replace
from typing import Final

from hypothesis import strategies as st

from crawler.identifiers import Identifier
from crawler.sighting import Author
from digests.digest import Digest, Section, Update
from digests.topic import Match, Reason
from storage.paper import Paper
from tests.digests.digest_examples import MORNING, STALE, THURSDAY, complete, event, source

PAYLOADS: Final = (
    "](http://evil.example)",
    "[text](http://evil.example)",
    "![image](http://evil.example/i.png)",
    "<script>alert(1)</script>",
    "<img src=http://evil.example/x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "'><a href=javascript:alert(1)>x</a>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "<!-- comment -->",
    "]]><![CDATA[",
    "&lt;script&gt; &#60;b&#62; &copy;",
    "a | b | c",
    "|---|---|",
    "`code` ``two`` ```three",
    "```\ncode\n```",
    "~~~",
    "~~struck~~ ~x~",
    "==marked==",
    "%%hidden%%",
    "[[page]]",
    "#tag and #1",
    "# heading",
    "a\n=====",
    "=====",
    "a\n---\nb",
    "---",
    "* * *",
    "- item",
    "+ item",
    "1. item",
    "123456789) item",
    "- [ ] task",
    "> quotation",
    "    indented",
    "$x^2$ and $$y$$ for $5",
    "[^1]: note [^1]",
    "[ref]: http://evil.example",
    "[!NOTE] note",
    "^block",
    "**bold** _it_ __b__ *i*",
    "snake_case_name",
    "http://evil.example and www.evil.example",
    "<http://evil.example>",
    "me@evil.example @mention",
    "{{ 7 * 7 }} {% raw %} {# x #}",
    "%(count)s %s %",
    "trailing \\",
    "\\[escaped\\]",
    "line one\r\nSubject: injected",
    "nul \x00 and bell \x07",
    "lone \ud800 surrogate",
    "bidi \u202eevil\u202c \u2066x\u2069",
    "line \u2028 and \u2029 and \x85 ends",
    "zero\u200bwidth \ufeff",
    "key: value # comment",
    "- [a, {b: c}]",
    "'single' \"double\" !tag &anchor *alias",
    "语义分割：“中文”，。",
    "word " * 1000,
    "x" * 5000,
)

texts: Final = st.lists(
    st.sampled_from(PAYLOADS[:-2])
    | st.text(st.characters(exclude_categories=()), max_size=8)
    | st.text("\\`*_[]()<>#+-.!|~=^$:@&%{}\"' \n\tw1", max_size=12),
    min_size=1,
    max_size=4,
).map("".join)
"""Text of fragments that mean something to some reader of the page; surrogates and control characters included."""


def hostile_paper(text: str, number: int = 1) -> Paper:
    """Return a paper that says `text` wherever it can, but leads to a sound address."""
    return Paper(
        id=number,
        title=text,
        url=f"https://papers.example/{number}",
        authors=(Author(text), Author("Sixten Plain")),
        abstract=text,
        identifiers=(Identifier("arxiv", f"2601.{number:05}"),),
        categories=(text,),
        journal_ref=text,
        version=3,
    )


def hostile_digest(text: str, language: str = "en") -> Digest:
    """Return a digest of one paper and two updates that says `text` in every place."""
    paper = hostile_paper(text)
    why = (Reason("title", text), Reason("category", text))
    section = Section(
        topic=text,
        matches=(Match(event=event(paper), paper=paper, topic=text, why=why),),
        history=(1, 2),
        more=1,
    )
    updates = (
        Update(event=event(paper, "revised", {"version": 2, "comment": text}), paper=paper, shown_on=THURSDAY),
        Update(event=event(paper, "cross-listed", {"category": text}), paper=paper, shown_on=THURSDAY),
    )
    return replace(
        MORNING,
        subscription=text,
        language=language,
        sources=(source(text, complete(9)), source("", STALE, fresh=False, title=text)),
        sections=(section,),
        updates=updates,
    )


def many(payloads: list[str]) -> Digest:
    """Return a digest with a paper for each payload."""
    papers = [hostile_paper(text, number) for number, text in enumerate(payloads)]
    why = (Reason("title", "segmentation"),)
    matches = tuple(Match(event=event(paper), paper=paper, topic="all", why=why) for paper in papers)
    return replace(MORNING, sections=(Section(topic="all", matches=matches),))


HARMLESS: Final = hostile_digest("word")
