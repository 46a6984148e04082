"""Random sightings, and random worlds: papers with a history, and the pages on which several routes would tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from hypothesis import strategies as st

from crawler.identifiers import Identifier
from crawler.sighting import Action, Author, Sighting
from crawler.source import Page
from crawler.text import clean
from tests.storage.factories import MONDAY, page, sighting

#: Clean text as the readers give it: no control characters, no surrogates, no blanks in a row.
texts = st.text(max_size=60).map(clean)
titles = texts.filter(bool)
authors = st.lists(st.builds(Author, titles, st.none() | titles), max_size=3).map(tuple)


@st.composite
def sightings(draw: st.DrawFn) -> Sighting:
    """Draw one sighting with whatever text it may hold."""
    key = draw(st.sampled_from(("2608.00001", "2608.00002", "hep-th/9901001")))
    return sighting(
        key,
        title=draw(titles),
        authors=draw(authors),
        abstract=draw(texts),
        categories=tuple(draw(st.lists(st.sampled_from(("cs.CV", "cs.LG", "stat.ML")), max_size=3, unique=True))),
        comment=draw(st.none() | titles),
        journal_ref=draw(st.none() | titles),
        version=draw(st.none() | st.integers(1, 9999)),
        action=draw(st.sampled_from(("new", "cross", "replace"))),
    )


@dataclass(frozen=True)
class Story:
    """What is true of one paper: its number, the days of its versions (Monday is 0), and who else tells of it.

    `doi`: the feed gives its DOI. `elsewhere`: a publisher announces it under the DOI alone, on that day.
    `listed`: a catalogue knows both names.
    """

    number: int
    days: tuple[int, ...]
    doi: bool
    elsewhere: int | None
    listed: bool

    @property
    def key(self) -> str:
        return f"2608.{self.number:05}"

    @property
    def names(self) -> tuple[Identifier, Identifier]:
        return Identifier("arxiv", self.key), Identifier("doi", f"10.1000/{self.number}")


stories = st.builds(
    Story,
    number=st.integers(1, 4),
    days=st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True).map(sorted).map(tuple),
    doi=st.booleans(),
    elsewhere=st.none() | st.integers(0, 4),
    listed=st.booleans(),
)


def worlds() -> st.SearchStrategy[list[Story]]:
    """Draw papers that differ in number."""
    return st.lists(stories, min_size=1, max_size=3, unique_by=lambda story: story.number)


def pages(world: Sequence[Story]) -> list[Page]:
    """Tell the world on pages: a listing and a feed a day, the publisher's list a day, and a catalogue."""
    told = [(day, route, seen) for story in world for day, route, seen in _told(story)]
    told.sort(key=lambda one: (one[0], one[1], one[2].key))
    announced = [page(*(seen for _, _, seen in some)) for _, some in groupby(told, key=lambda one: one[:2])]
    known = [_catalogued(story) for story in world if story.listed]
    return [*announced, page(*known, kind="catalogue")] if known else announced


def _told(story: Story) -> list[tuple[int, str, Sighting]]:
    told = []
    for version, day in enumerate(story.days, 1):
        action: Action = "new" if version == 1 else "replace"
        told.append((day, "listing", _listed(story, version, day, action)))
        told.append((day, "feed", _fed(story, version, day, action)))
        if version == 1 and story.elsewhere is None:
            told.append((day, "listing of cs.LG", _listed(story, version, day, "cross")))
    if story.elsewhere is not None:
        told.append((story.elsewhere, "publisher", _published(story, story.elsewhere)))
    return told


def _listed(story: Story, version: int, day: int, action: Action) -> Sighting:
    """A listing gives the comment, and the version of new papers alone."""
    return sighting(
        story.key,
        title=f"Paper {story.number}, version {version}",
        comment=f"{version} pages",
        version=1 if action == "new" else None,
        scope="cs.LG" if action == "cross" else "cs.CV",
        action=action,
        announced_on=MONDAY + timedelta(day),
    )


def _fed(story: Story, version: int, day: int, action: Action) -> Sighting:
    """A feed gives the version and the DOI, and no comment."""
    return sighting(
        story.key,
        title=f"Paper {story.number}, version {version}",
        identifiers=story.names if story.doi else story.names[:1],
        version=version,
        action=action,
        announced_on=MONDAY + timedelta(day),
    )


def _published(story: Story, day: int) -> Sighting:
    return sighting(
        f"p{story.number}",
        source="publisher",
        title=f"Paper {story.number} in print",
        url=f"https://doi.org/10.1000/{story.number}",
        identifiers=story.names[1:],
        categories=(),
        scope="",
        announced_on=MONDAY + timedelta(day),
    )


def _catalogued(story: Story) -> Sighting:
    return sighting(
        f"c{story.number}",
        source="catalogue",
        title=f"Paper {story.number}",
        identifiers=story.names,
        version=len(story.days),
        scope="",
        action=None,
        announced_on=None,
    )
