"""Where papers are looked for, and the table of papers with code: no title leads astray, or breaks it."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from markdown_it import MarkdownIt

from crawler.identifiers import Identifier
from crawler.sighting import Tag
from crawler.text import clean
from digests.paper_table import paper_table
from digests.places import places
from tests.digests.digest_examples import CROSS_DATASET, POSE2SEG, WEFT, repository
from tests.digests.hostile import texts

GFM = MarkdownIt("gfm-like", {"linkify": False})


def test_a_paper_of_arxiv_has_its_pages_there_and_searches_by_its_title() -> None:
    found = dict(places(WEFT))
    assert found["arXiv"] == "https://arxiv.org/abs/2601.09108"
    assert found["HTML"] == "https://arxiv.org/html/2601.09108"
    assert found["Hugging Face"] == "https://huggingface.co/papers/2601.09108"
    assert parse_qs(urlsplit(found["Google Scholar"]).query)["q"] == [WEFT.title]
    assert list(found)[-4:] == ["Google Scholar", "Baidu Scholar", "Bing Academic", "CNKI"]


def test_a_paper_of_another_place_has_its_doi_or_its_own_page() -> None:
    other = replace(WEFT, identifiers=(Identifier("doi", "10.1000/a#b"),), url="https://example.org/x")
    assert places(other)[0] == ("DOI", "https://doi.org/10.1000/a%23b")
    assert places(replace(other, identifiers=()))[0] == ("Page", "https://example.org/x")
    assert places(replace(other, identifiers=(), url="javascript:x"))[0][0] == "Google Scholar"


def test_tex_is_not_searched_for() -> None:
    found = dict(places(replace(WEFT, title="$D^2Prune$: 语义 & more")))
    assert parse_qs(urlsplit(found["CNKI"]).query)["kw"] == ["D²Prune: 语义 & more"]


@given(texts)
def test_whatever_the_title_is_every_address_is_one(title: str) -> None:
    for _, url in places(replace(WEFT, title=clean(title))):
        assert url.startswith("https://")
        assert url.isascii()
        assert url.isprintable()
        assert " " not in url


def test_the_table() -> None:
    full = replace(POSE2SEG, tags=(Tag("venue", "CVPR2026"),))
    head, line, with_code, without = paper_table([full, CROSS_DATASET])
    assert (head, line) == ("| Paper | Code | Stars | Venue |", "|---|---|---:|---|")
    assert with_code == (
        f"| [{POSE2SEG.title}](https://arxiv.org/abs/2601.08982) "
        "| [MiraPurkrabek/BBoxMaskPose](https://github.com/MiraPurkrabek/BBoxMaskPose) | 212 | CVPR2026 |"
    )
    assert without == f"| [{CROSS_DATASET.title}](https://arxiv.org/abs/2601.09497) |  |  |  |"


@given(texts, texts)
def test_no_title_breaks_the_table(title: str, venue: str) -> None:
    paper = replace(
        WEFT, title=clean(title) or "T", tags=(Tag("venue", clean(venue)),), links=(repository("https://github.com/a/b"),)
    )
    tokens = GFM.parse("\n".join(paper_table([paper, CROSS_DATASET])))
    kinds = [token.type for token in tokens]
    assert (kinds[0], kinds[-1]) == ("table_open", "table_close")
    assert (kinds.count("tr_open"), kinds.count("td_open")) == (3, 8)
    links = [child.attrs["href"] for token in tokens for child in token.children or [] if child.type == "link_open"]
    assert set(links) <= {WEFT.url, CROSS_DATASET.url, "https://github.com/a/b"}
