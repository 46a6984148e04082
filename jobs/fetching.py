"""Fetching one paper that the store does not know, or not well enough: `show --fetch`."""

from typing import TYPE_CHECKING

from crawler.identifiers import Identifier, arxiv_id
from crawler.report import Errand, Look
from crawler.sources import find, place
from crawler.text import clean
from jobs.asking import known_of
from jobs.crawling import crawl_source
from jobs.planning import Order

if TYPE_CHECKING:
    from jobs.steps import Office


def fetch_missing(office: "Office", text: str) -> Look | None:
    """Ask arXiv for the paper of that name, unless the store has its abstract and the moments of its versions.

    None when there is nothing to ask for: all is known, or the name is none of arXiv's.
    """
    name = Identifier.parse(clean(text))
    if name is None or name.scheme != "arxiv":
        return None
    known = known_of(office.database, str(name))
    wanted = arxiv_id(clean(text))
    version = wanted[1] if wanted else None
    has_all = known and known.paper.abstract and any(one.submitted_at for one in known.versions)
    if known and has_all and (version is None or any(one.version == version for one in known.versions)):
        return None
    (look,) = crawl_source(
        office.database,
        office.settings.database_url,
        Order(
            source=find("arxiv"),
            place=place("arxiv"),
            scopes=(name.value,),
            contact=office.settings.contact,
            mirror=office.mirror,
            errand=Errand(keys=(name.value,)),
        ),
        office.clock,
        lambda _progress: None,
    )
    return look
