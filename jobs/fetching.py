"""Fetching one paper that the store does not know, or not well enough: `show --fetch`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from crawler import open_access
from crawler.identifiers import Identifier, arxiv_id
from crawler.report import Errand, Look
from crawler.source import Source
from crawler.sources import find, place
from crawler.text import clean
from jobs.asking import known_of
from jobs.crawling import crawl_source
from jobs.planning import Order

if TYPE_CHECKING:
    from jobs.steps import Office

_ARXIV: Final = "arxiv"


def fetch_missing(office: "Office", text: str) -> list[Look]:
    """Ask for the paper of that name: arXiv, unless the store has its abstract and the moments of its versions.

    Then the lists of the settings that know papers by their arXiv ids, unless it has its code. For a DOI, Unpaywall is asked
    for a copy that anybody may read, if the settings have a contact. That one of these does not know the paper is no error.
    Empty when there is nothing to ask for.
    """
    name = Identifier.parse(clean(text))
    if name is None or name.scheme != "arxiv":
        return _copies(office, name) if name and name.scheme == "doi" and office.settings.contact else []
    looks = [] if _is_known(office, text, name) else [_look_up(office, find(_ARXIV), place(_ARXIV), name)]
    known = known_of(office.database, str(name))
    if known is not None and not known.paper.code:
        looks += _of_lists(office, name)
    return looks


def _copies(office: "Office", name: Identifier) -> list[Look]:
    known = known_of(office.database, str(name))
    if known is not None and (known.paper.identifier("arxiv") or known.paper.open_access):
        return []
    return [_look_up(office, open_access.SOURCE, open_access.PLACE, name)]


def _is_known(office: "Office", text: str, name: Identifier) -> bool:
    known = known_of(office.database, str(name))
    wanted = arxiv_id(clean(text))
    version = wanted[1] if wanted else None
    if known is None or not known.paper.abstract or not any(one.submitted_at for one in known.versions):
        return False
    return version is None or any(one.version == version for one in known.versions)


def _of_lists(office: "Office", name: Identifier) -> Iterator[Look]:
    for source in office.settings.sources:
        if source != _ARXIV and find(source).lookup is not None:
            yield _look_up(office, find(source), place(source), name)


def _look_up(office: "Office", source: Source, where: str, name: Identifier) -> Look:
    (look,) = crawl_source(
        office.database,
        office.settings.database_url,
        Order(
            source=source,
            place=where,
            scopes=(name.value,),
            contact=office.settings.contact,
            mirror=office.mirror,
            errand=Errand(keys=(name.value,)),
        ),
        office.clock,
        lambda _progress: None,
    )
    return look
