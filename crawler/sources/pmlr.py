"""PMLR (https://proceedings.mlr.press): ICML, AISTATS, COLT and some thirty more, and workshops; a volume to each edition.

The routes to a volume, in the order in which they are tried, and why:

1. `citeproc`: all papers with abstracts in one file. After it the page of the volume, for the papers' places at OpenReview and
   their software, and for how many papers there should be.
2. `volume`: that page alone, where the file is not there or is no list of papers. It has all but the abstracts.

The feed of a volume would be a third, at the same host, of the same papers without their authors: it adds nothing.

Of an edition the number of its volume has to be looked up by name. Each route begins with the list of volumes in its own form,
as YAML for the first, as the page for people for the second, so that they have nothing in common but the host. A volume may
also be asked for by its number, v235. There is no robots.txt; the papers are CC BY 4.0.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from crawler.programmes import Programmes
from crawler.readers.citation_meta import article_route, read_citation_meta
from crawler.readers.citeproc import read_pmlr_citeproc
from crawler.readers.pmlr_index import citeproc_address, volume_address
from crawler.readers.pmlr_volume import key_of, read_pmlr_pages
from crawler.source import Route, Source

_CITEPROC: Final = Route(
    name="citeproc",
    start=citeproc_address,
    read=read_pmlr_citeproc,
    calendar=Programmes(),
    accept="*/*",  # a page follows the files
    max_bytes=64 * 1024 * 1024,  # six thousand papers with their abstracts take 25
    lasting=True,
)

SOURCE = Source(
    name="pmlr",
    title="PMLR",
    routes=(_CITEPROC, replace(_CITEPROC, name="volume", start=volume_address, read=read_pmlr_pages)),
    delay=timedelta(seconds=2),
    article=article_route(
        "https://proceedings.mlr.press/", read_citation_meta(key_of, scheme="pmlr", abstract="//*[@id='abstract']")
    ),
    venues=(
        *("ICML", "AISTATS", "COLT", "UAI", "CoRL", "ALT", "ACML", "L4DC", "CLeaR", "MIDL", "CHIL", "AutoML", "LoG", "CoLLAs"),
        *("CPAL", "MLHC"),
    ),
    volumes=True,
)
