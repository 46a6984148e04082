"""A web of every place of proceedings on loopback, with papers of our own in the markup of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from crawler.samples import acl_anthology, cvf, ecva, openreview, pmlr, proceedings_app, virtual_site

HTML: Final = "text/html; charset=utf-8"
JSON: Final = "application/json"
_FIELD: Final = "Segmentation"


def title(place: str, number: int) -> str:
    """Return the title of a paper that is listed at one place alone."""
    return f"{_FIELD} of Engines Number {number} as Seen from {place}"


SHARED: Final = "Segmentation of Looms without Any Labels"
"""A paper that CVF and the virtual site list, and that is a preprint as well."""

CVF: Final = (
    cvf.Listed(title=SHARED, authors=("Ada Lovelace", "Charles Babbage"), arxiv="2601.00001v2"),
    cvf.Listed(title="Segmentation of Jacquard Cards by Their Holes", authors=("Mary Somerville",)),
    *(cvf.Listed(title=title("CVF", number)) for number in range(1, 6)),
)
WORKSHOP: Final = (
    *(cvf.Listed(title=title("NTIRE", number), part="W", workshop="NTIRE") for number in range(1, 4)),
    *(cvf.Listed(title=title("EarthVision", number), part="W", workshop="EarthVision") for number in range(1, 3)),
)
FINDINGS: Final = tuple(cvf.Listed(title=title("Findings", number), part="F") for number in range(1, 3))
ECVA: Final = tuple(ecva.Listed(number=number, title=title("ECVA", number), year=2026) for number in range(1, 5))
NEURIPS: Final = proceedings_app.Book(
    title="Advances 38",
    year=2025,
    papers=tuple(proceedings_app.Paper(number=number, title=title("NeurIPS", number)) for number in range(1, 7)),
)
ICLR: Final = proceedings_app.Book(
    title="ICLR 2026",
    year=2026,
    papers=tuple(proceedings_app.Paper(number=90 + number, title=title("ICLR", number)) for number in range(1, 4)),
    markup="old",
)
VIRTUAL: Final = (
    virtual_site.Event(id=1, title=SHARED, year=2026, decision="Accept (oral)", kind="Oral", related=(2,), group=""),
    virtual_site.Event(id=2, title=SHARED, year=2026, related=(1,), group=""),
    virtual_site.Event(id=3, title=title("the hall", 3), year=2026, group=""),
)
PMLR: Final = pmlr.Volume(
    number=300,
    title="Proceedings of ICML 2026",
    conference="International Conference on Machine Learning, 6-11 July 2026, Seoul, South Korea",
    booktitle="Proceedings of the 43rd International Conference on Machine Learning",
    published="2026-07-06",
    papers=tuple(pmlr.Paper(name=f"lovelace26{letter}", title=title("PMLR", ord(letter))) for letter in "abcd"),
)
NOTES: Final = (
    *(
        openreview.Submitted(
            id=f"forum{number:05}", title=title("ICLR", number), venueid="ICLR.cc/2026/Conference", venue="ICLR 2026 Oral"
        )
        for number in range(1, 4)
    ),
    *(
        openreview.Submitted(id=f"tmlr{number:06}", title=title("TMLR", number), venueid="TMLR", venue="Accepted by TMLR")
        for number in range(1, 3)
    ),
)
ACL: Final = acl_anthology.Volume(
    name="long",
    title="Proceedings of the 64th Annual Meeting",
    venues=("acl",),
    year=2026,
    papers=tuple(acl_anthology.Paper(number=number, title=title("ACL", number)) for number in range(1, 4)),
)
_OPENREVIEW: Final = "api2.openreview.net/notes?content.venueid="
TMLR: Final = f"{_OPENREVIEW}TMLR&sort=tmdate:desc&limit=1000&offset=0"


@dataclass
class World:
    """The pages by address, without the scheme; what a test does to them is seen by the next request."""

    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def list_cvf(self, papers: Iterable[cvf.Listed]) -> None:
        """Put up the list of CVPR 2026."""
        self.pages["openaccess.thecvf.com/CVPR2026?day=all"] = (HTML, cvf.render_list(papers))

    def served(self) -> Mapping[str, tuple[str, bytes]]:
        """Return the pages as the server wants them."""
        return self.pages


def everything() -> World:
    """Return the web with every list out, and the page of each paper of CVF."""
    world = World(
        {
            "openaccess.thecvf.com/CVPR2026_workshops/menu": (HTML, cvf.render_workshops("CVPR2026", ["NTIRE", "EarthVision"])),
            "openaccess.thecvf.com/CVPR2026_workshops/NTIRE": (HTML, cvf.render_list(WORKSHOP[:3])),
            "openaccess.thecvf.com/CVPR2026_workshops/EarthVision": (HTML, cvf.render_list(WORKSHOP[3:])),
            "openaccess.thecvf.com/CVPR2026_findings?day=all": (HTML, cvf.render_list(FINDINGS)),
            "www.ecva.net/papers.php": (HTML, ecva.render_list(ECVA)),
            "proceedings.neurips.cc/paper_files/paper/2025": (HTML, proceedings_app.render_book(NEURIPS)),
            "proceedings.iclr.cc/paper_files/paper/2026": (HTML, proceedings_app.render_book(ICLR)),
            "cvpr.thecvf.com/static/virtual/data/cvpr-2026-orals-posters.json": (JSON, virtual_site.render_events(VIRTUAL)),
            "proceedings.mlr.press/proceedings.yaml": ("text/yaml", pmlr.render_list([PMLR])),
            "proceedings.mlr.press/": (HTML, pmlr.render_index([PMLR])),
            "proceedings.mlr.press/v300/": (HTML, pmlr.render_volume(PMLR)),
            "proceedings.mlr.press/v300/assets/bib/citeproc.yaml": ("text/yaml", pmlr.render_citeproc(PMLR)),
            "raw.githubusercontent.com/acl-org/acl-anthology/master/data/xml/2026.acl.xml": (
                "text/plain",
                acl_anthology.render_collection("2026.acl", [ACL]),
            ),
        }
    )
    world.list_cvf(CVF)
    for paper in (*CVF, *WORKSHOP, *FINDINGS):
        world.pages[paper.url.removeprefix("https://")] = (HTML, cvf.render_article(paper))
    for one in ECVA:
        world.pages[one.url.removeprefix("https://")] = (HTML, ecva.render_article(one))
    for address in (f"{_OPENREVIEW}ICLR.cc/2026/Conference&limit=1000&offset=0", TMLR):
        world.pages[address] = (JSON, openreview.answer_notes(f"https://{address}", NOTES))
    return world
