"""Two lists of proceedings, read as a whole process: the page of CVPR 2020 and the XML of ACL 2022, or some like them of ours.

The baseline is lxml that parses the same bytes, and no more.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from crawler.samples import acl_anthology, cvf
from tests.benchmarks.measure import Spent, least, of_process

_SAMPLES: Final = Path(__file__).parents[2] / "../shared/samples"
_ROOT: Final = str(Path(__file__).parents[2])
_OURS: Final = """
import sys
from datetime import UTC, datetime
from crawler.source import Fetched
from importlib import import_module
_, path, scope, url, module, name = sys.argv
body = open(path, "rb").read()
fetched = Fetched(source="s", scope=scope, url=url, status=200, headers={}, body=body, at=datetime.now(UTC))
page = getattr(import_module(module), name)(fetched)
assert page.whole and not page.rejects
print(len(page.sightings), sum(1 for one in page.sightings if one.authors))
"""
_BARE: Final = """
import sys
from lxml import etree, html
body = open(sys.argv[1], "rb").read()
etree.fromstring(body) if body.startswith(b"<?xml") else html.fromstring(body)
"""


class Reading(NamedTuple):
    """One list: what it is, how many papers it has, how many of them with authors, and what reading it takes."""

    what: str
    papers: int
    signed: int
    ours: Spent
    bare: Spent


def readings(folder: Path, times: int) -> Iterator[Reading]:
    """Read both lists, each so many times."""
    listing = cvf.render_list([cvf.Listed(title=f"Engine Number {number}") for number in range(1466)])
    papers = tuple(acl_anthology.Paper(number=number, title=f"Engine Number {number}") for number in range(1, 775))
    volume = acl_anthology.Volume(name="long", title="Proceedings", venues=("acl",), year=2022, papers=papers)
    xml = acl_anthology.render_collection("2022.acl", [volume])
    for what, sample, ours, command in (
        (
            "the list of CVPR 2020",
            "cvf/cvpr2020_listing_full_browser_saved.html",
            listing,
            ("CVPR2020", "https://openaccess.thecvf.com/CVPR2020", "crawler.readers.cvf_listing", "read_cvf_listing"),
        ),
        (
            "the XML of ACL 2022",
            "aclanthology/2022.acl.xml",
            xml,
            ("ACL2022", "https://example.org/2022.acl.xml", "crawler.readers.acl_anthology", "read_acl_anthology"),
        ),
    ):
        path = _SAMPLES / sample
        if not path.exists():
            path = folder / Path(sample).name
            path.write_bytes(ours)
        environ = {"PYTHONPATH": _ROOT}
        taken = [
            of_process([sys.executable, "-c", _OURS, str(path.resolve()), *command], environ, folder) for _ in range(times)
        ]
        bare = [of_process([sys.executable, "-c", _BARE, str(path.resolve())], environ, folder)[0] for _ in range(times)]
        counted, signed = map(int, taken[0][1].split())
        yield Reading(what, counted, signed, least([spent for spent, _ in taken]), least(bare))
