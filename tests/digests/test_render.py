import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib  # type: ignore[import-untyped]  # it has no types
import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from crawler.text import TITLE_LIMIT
from digests import render
from digests.digest import Digest
from digests.escape import columns, plain, said
from tests.digests.digest_examples import CHINESE_MORNING, MORNING, NOTHING_MATCHED, WEEKEND
from tests.digests.hostile import HARMLESS, PAYLOADS, hostile_digest, hostile_paper, many, texts

HOSTILE = Path(__file__).parents[3] / "shared" / "samples" / "hostile"
DIALECTS = {
    "commonmark": MarkdownIt("commonmark"),
    # What GitHub adds and this parser knows; its bare addresses are the business of the escapes tested below.
    "gfm": MarkdownIt("commonmark").enable(["table", "strikethrough"]),
}
ELEMENTS = {"html", "head", "meta", "title", "style", "body", "div", "p", "h1", "h2", "h3", "span", "b", "a"}
ATTRIBUTES = {"lang", "charset", "name", "content", "class", "style", "id", "href", "aria-hidden"}
Shape = list[tuple[str, ...]]
often = settings(deadline=None, max_examples=60)


@lru_cache(16)
def elements(document: str) -> list[Element]:
    """Return the elements of a page, in order, as a browser's parser sees them."""
    parsed: Element = html5lib.parse(document, namespaceHTMLElements=False)
    # A comment's tag is a function: `ELEMENTS` has none, so that a comment is as foreign as a script.
    return list(parsed.iter())


def html_shape(document: str) -> Shape:
    return [(element.tag, *sorted(element.attrib), element.get("href", "")) for element in elements(document)]


def assert_harmless_html(document: str) -> None:
    for element in elements(document):
        assert element.tag in ELEMENTS, element
        assert set(element.attrib) <= ATTRIBUTES
        if "href" in element.attrib:
            assert urlsplit(element.attrib["href"]).scheme in {"http", "https", "mailto"}


def body(markdown: str) -> str:
    """Return the Markdown after its front matter."""
    return markdown.split("\n---\n", 1)[1]


def front_matter(markdown: str) -> dict[str, object]:
    matter: dict[str, object] = yaml.safe_load(markdown.split("---\n", 2)[1])
    return matter


@lru_cache(16)
def tokens_of(markdown: str, dialect: str) -> list[Token]:
    """Return the blocks of a page in Markdown, as a reader's program sees them."""
    return DIALECTS[dialect].parse(body(markdown))


def markdown_shape(markdown: str, dialect: str) -> Shape:
    """Return every block and every inline thing but plain text, with where its links lead."""
    shape: Shape = []
    for token in tokens_of(markdown, dialect):
        shape.append((token.type, token.tag))
        for child in token.children or []:
            if child.type == "html_inline":
                shape.append((child.type, child.content))
            elif child.type != "text":
                shape.append((child.type, child.tag, str(child.attrs.get("href", ""))))
    return shape


def headings(markdown: str, dialect: str) -> list[str]:
    """Return the text of the headings as a reader sees it."""
    tokens = tokens_of(markdown, dialect)
    return [
        "".join(child.content for child in tokens[index + 1].children or [])
        for index, token in enumerate(tokens)
        if token.type == "heading_open"
    ]


def without_unsubscribe(shape: Shape) -> Shape:
    """Leave out the one link that says the name of the subscription."""
    return [part for part in shape if not any(value.startswith("mailto:") for value in part)]


@often
@given(texts, st.sampled_from(["en", "zh"]))
def test_nothing_a_stranger_writes_changes_the_html(text: str, language: str) -> None:
    assume(said(text) and plain(text))
    document = render.html(hostile_digest(text, language))
    assert_harmless_html(document)
    harmless = render.html(hostile_digest("word", language))
    assert without_unsubscribe(html_shape(document)) == without_unsubscribe(html_shape(harmless))
    titles = ["".join(element.itertext()) for element in elements(document) if element.tag == "h3"]
    assert titles == [said(text, TITLE_LIMIT)]


@often
@given(texts, st.sampled_from(sorted(DIALECTS)))
def test_nothing_a_stranger_writes_changes_the_markdown(text: str, dialect: str) -> None:
    assume(said(text) and plain(text))
    markdown = render.markdown(hostile_digest(text))
    shape, harmless = markdown_shape(markdown, dialect), markdown_shape(render.markdown(HARMLESS), dialect)
    assert without_unsubscribe(shape) == without_unsubscribe(harmless)
    assert headings(markdown, dialect)[1:3] == [plain(text, 200), said(text, TITLE_LIMIT)]


@often
@given(texts)
def test_front_matter_is_yaml_whatever_the_names(text: str) -> None:
    assume(plain(text))
    matter = front_matter(render.markdown(hostile_digest(text)))
    assert (matter["subscription"], matter["topics"]) == (plain(text), [plain(text, 200)])
    assert (matter["papers"], matter["updates"]) == (2, 2)


@often
@given(texts)
def test_nothing_a_stranger_writes_changes_the_text(text: str) -> None:
    assume(said(text) and plain(text))
    page = render.text(hostile_digest(text))
    # Controls, surrogates, and what Unicode calls the end of a line or a paragraph.
    assert {unicodedata.category(character) for character in page.replace("\n", "")}.isdisjoint({"Cc", "Cs", "Zl", "Zp"})
    assert page.count("\nwhy") == render.text(HARMLESS).count("\nwhy")
    assert "\n\n\n\n" not in page


@pytest.mark.parametrize("text", PAYLOADS)
def test_known_payloads_show_as_they_are(text: str) -> None:
    digest = hostile_digest(text)
    assert_harmless_html(render.html(digest))
    markdown = render.markdown(digest)
    assert headings(markdown, "gfm")[2] == said(text, TITLE_LIMIT)
    assert "\ud800" not in markdown + render.html(digest) + render.text(digest) + render.subject(digest)
    assert "\n" not in render.subject(digest)


@pytest.mark.real
@pytest.mark.parametrize("corpus", ["blns/blns.json", "dompurify/expect.json"])
def test_hostile_corpora_break_nothing(corpus: str) -> None:
    path = HOSTILE / corpus
    if not path.exists():
        pytest.skip(f"the hostile samples are not beside the project: {path}")
    entries = json.loads(path.read_text(encoding="utf-8"))
    payloads = [entry if isinstance(entry, str) else entry["payload"] for entry in entries]
    payloads = [text for text in payloads if said(text) and plain(text)]
    assert len(payloads) > 200
    hostile, harmless = many(payloads), many(["word"] * len(payloads))
    document = render.html(hostile)
    assert_harmless_html(document)
    assert html_shape(document) == html_shape(render.html(harmless))
    markdown = render.markdown(hostile)
    for dialect in DIALECTS:
        assert markdown_shape(markdown, dialect) == markdown_shape(render.markdown(harmless), dialect)
        assert headings(markdown, dialect)[2:-1] == [said(text, TITLE_LIMIT) for text in payloads]


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example", "/etc/passwd", "https://", "http://[", "java\nscript:x", ""],
)
def test_an_address_that_leads_nowhere_is_no_link(url: str) -> None:
    paper = replace(hostile_paper("Title"), url=url, identifiers=())
    digest = hostile_digest("word")
    section = digest.sections[0]
    match = replace(section.matches[0], paper=paper)
    digest = replace(digest, sections=(replace(section, matches=(match,)),), updates=(), unsubscribe=None)
    assert [element for element in elements(render.html(digest)) if element.tag == "a"] == []
    assert "\n### Title\n" in render.markdown(digest)
    assert "://" not in render.text(digest)


@pytest.mark.parametrize("digest", [MORNING, CHINESE_MORNING, WEEKEND, NOTHING_MATCHED], ids=lambda d: d.language)
def test_the_three_forms_say_the_same_in_the_same_order(digest: Digest) -> None:
    def words(text: str) -> str:
        return re.sub(r"[\W_]+", "", text)

    document = elements(render.html(digest))
    # The text writes addresses out; the name stands only on the pages with a head of their own.
    blocks = [
        words("".join(element.itertext()))
        for element in document
        if element.tag in {"h1", "h2", "h3", "p"} and element.get("class") not in {"name", "links"}
    ]
    markdown = tokens_of(render.markdown(digest), "gfm")
    read = "".join(child.content for token in markdown for child in token.children or [])
    for form in (words(read), words(render.text(digest))):
        place = 0
        for block in blocks:
            place = form.find(block, place)
            assert place >= 0, block


def test_a_mail_program_finds_the_language_and_the_colour_schemes() -> None:
    for digest, tag in ((MORNING, "en"), (CHINESE_MORNING, "zh-CN")):
        document = render.html(digest)
        root = elements(document)[0]
        assert root.get("lang") == tag
        meta = {element.get("name"): element.get("content") for element in elements(document) if element.tag == "meta"}
        assert meta["color-scheme"] == meta["supported-color-schemes"] == "light dark"
        assert "prefers-color-scheme" in document
        assert "max-width" in document


def test_the_encoding_stands_where_browsers_look_for_it() -> None:
    """HTML Standard §4.2.5.4: within the first 1,024 bytes."""
    assert render.html(CHINESE_MORNING).encode().index(b'charset="utf-8"') < 1024


def test_css_is_inlined() -> None:
    styled = [element for element in elements(render.html(MORNING)) if element.tag in {"body", "h1", "h2", "h3", "a", "p"}]
    assert all(element.get("style") for element in styled)


def test_anchors_are_stable_and_unique() -> None:
    anchors = re.findall(r'<a id="([^"]+)"></a>\n\n### ', render.markdown(MORNING))
    ids = [element.attrib["id"] for element in elements(render.html(MORNING)) if "id" in element.attrib]
    assert anchors == ids
    assert anchors[0] == "arxiv-2601.09108"
    twice = replace(MORNING, sections=(MORNING.sections[0], MORNING.sections[0]))
    for form in (render.markdown(twice), render.html(twice)):
        assert form.count('id="arxiv-2601.09108"') == 1


def test_text_keeps_to_its_columns() -> None:
    for digest in (MORNING, CHINESE_MORNING):
        for line in render.text(digest).splitlines():
            assert columns(line) <= 72 or "://" in line or "mailto:" in line


def test_subject_counts() -> None:
    assert render.subject(MORNING) == "Paperlark, 15 January: 9 new papers, 3 updates"
    assert render.subject(CHINESE_MORNING) == "Paperlark 1月15日：9 篇新论文，3 条更新"
    assert render.subject(replace(MORNING, updates=())) == "Paperlark, 15 January: 9 new papers"
    assert render.subject(replace(MORNING, sections=())) == "Paperlark, 15 January: no new papers, 3 updates"
    assert render.subject(WEEKEND) == "Paperlark, 17 January: nothing new"


def test_arxiv_is_thanked_in_its_own_words() -> None:
    thanks = "Thank you to arXiv for use of its open access interoperability."
    for digest in (MORNING, CHINESE_MORNING, WEEKEND):
        assert all(thanks in form(digest) for form in (render.markdown, render.html, render.text))


def test_the_way_out_is_printed_only_if_there_is_one() -> None:
    kept = replace(MORNING, unsubscribe=None)
    for form in (render.markdown, render.html, render.text):
        assert "mailto:owner@example.org?subject=unsubscribe%20vision" in form(MORNING)
        assert "mailto:" not in form(kept)


def declarations(style: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in style.split(";") if ":" in part)
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs}


def dark_rules(document: str) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Yield the selectors and declarations that hold in the dark, in order."""
    style = next(element.text or "" for element in elements(document) if element.tag == "style")
    dark = style[style.index("prefers-color-scheme") : style.index("@media", style.index("prefers-color-scheme"))]
    for selectors, block in re.findall(r"([^{}]+)\{([^{}]*)\}", dark[dark.index("{") + 1 :]):
        yield [selector.strip() for selector in selectors.split(",")], declarations(block)


def selects(selector: str, path: list[Element]) -> bool:
    """Tell whether a selector of tags and classes selects the last element of the path."""

    def fits(part: str, element: Element) -> bool:
        return part[1:] in element.get("class", "").split() if part.startswith(".") else part == element.tag

    *above, last = selector.split()
    return fits(last, path[-1]) and all(any(fits(part, element) for element in path[:-1]) for part in above)


def luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the ratio of WCAG 2.1."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(scheme: str) -> None:
    document = render.html(MORNING)
    rules = list(dark_rules(document)) if scheme == "dark" else []
    assert scheme == "light" or len(rules) > 10
    seen: dict[tuple[str, str], float] = {}

    def look(path: list[Element], colour: str, behind: str) -> None:
        own = declarations(path[-1].get("style", ""))
        for selectors, values in rules:
            own |= values if any(selects(selector, path) for selector in selectors) else {}
        if own.get("display") == "none":
            return
        colour, behind = own.get("color", colour), own.get("background", behind)
        if (path[-1].text or "").strip() or any((child.tail or "").strip() for child in path[-1]):
            seen[colour, behind] = contrast(colour, behind)
        for child in path[-1]:
            look([*path, child], colour, behind)

    page = next(element for element in elements(document) if element.tag == "body")
    look([page], "#000000", "#ffffff")
    assert len(seen) >= 7
    assert {pair: ratio for pair, ratio in seen.items() if ratio < 4.5} == {}
    assert "#ffffff" not in {behind for _, behind in seen}
