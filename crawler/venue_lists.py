"""Where whole lists of venues and their ranks are published. They announce no papers, and are asked for on demand."""

from datetime import timedelta
from typing import Final

from crawler.programmes import Programmes
from crawler.readers.venue_list import CCF, CCFDDL, read_venue_list
from crawler.source import Route, Source, Wanted

PLACE: Final = f"{__name__}:SOURCE"
"""Where it is found by import."""

LISTS: Final = (CCF, CCFDDL)
"""The scopes: the catalogue of the China Computer Federation, and the conferences of ccfddl."""

_ADDRESSES: Final = {
    CCF: "https://raw.githubusercontent.com/WenyanLiu/CCFrank4dblp/HEAD/data/dataGen.js",
    CCFDDL: "https://ccfddl.github.io/conference/allconf.yml",
}


def list_address(wanted: Wanted) -> str:
    """Return the address of the list that the scope names."""
    return _ADDRESSES.get(wanted.scope, _ADDRESSES[CCF])


def _route(name: str) -> Route:
    return Route(
        name=name,
        start=_ADDRESSES.get(name, list_address),
        read=read_venue_list,
        calendar=Programmes(),
        kind="catalogue",
        accept="text/plain,*/*;q=0.1",
        max_bytes=8 * 1024 * 1024,
    )


SOURCE: Final = Source(
    name="venue-lists",
    title="Lists of venues",
    routes=(_route(CCF), _route(CCFDDL)),  # so that the sites of both are known to be theirs
    delay=timedelta(seconds=2),
    lookup=_route("list"),
)
