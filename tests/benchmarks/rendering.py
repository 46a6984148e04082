"""A digest of a hundred papers as Markdown, HTML and plain text, beside the same papers in three f-strings."""

from datetime import UTC, date, datetime, time
from functools import partial
from typing import Final

from crawler.identifiers import Identifier
from crawler.samples.arxiv import Entry
from crawler.sighting import Author
from crawler.verdict import Verdict
from digests.digest import Digest, Section, SourceLine
from digests.render import html, markdown, text
from digests.topic import Match, Reason
from jobs.starter import TOPICS
from storage.event import Event
from storage.paper import Paper
from tests.benchmarks import bare, measure
from tests.benchmarks.corpus import FIRST_DAY, SCOPE, Corpus

PAPERS: Final = 100
_NOW: Final = datetime.combine(FIRST_DAY, time(3), UTC)


def rendered(corpus: Corpus, times: int) -> tuple[float, float]:
    """Return the least CPU seconds for a digest, and for the bare script's; each is of papers never seen before."""
    ours, bares = [], []
    for number in range(times):
        entries = [corpus.papers[(number * PAPERS + place) % len(corpus.papers)] for place in range(PAPERS)]
        digest = digest_of(entries, FIRST_DAY)
        topics = {section.topic: [entries[match.paper.id] for match in section.matches] for section in digest.sections}
        ours.append(measure.of(partial(_forms, digest))[0])
        bares.append(measure.of(partial(bare.write, topics))[0])
    return min(ours), min(bares)


def _forms(digest: Digest) -> tuple[str, str, str]:
    return markdown(digest), html(digest), text(digest)


def digest_of(entries: list[Entry], on: date) -> Digest:
    """Compose a digest of these papers, so many for each topic; their ids are their places in the list."""
    sections = [
        Section(
            topic=topic.name,
            matches=tuple(_match(place, entries[place], topic.name, on) for place in range(first, len(entries), len(TOPICS))),
            history=tuple(range(10, 24)),
        )
        for first, topic in enumerate(TOPICS)
    ]
    verdict = Verdict(kind="complete", announced_on=on, expected=len(entries), seen=len(entries))
    source = SourceLine(source="arxiv", title="arXiv", scope=SCOPE, verdict=verdict, fresh=True, looked_at=_NOW)
    return Digest(
        subscription="morning",
        period=on,
        language="en",
        timezone="UTC",
        sources=(source,),
        sections=tuple(sections),
    )


def _match(place: int, entry: Entry, topic: str, on: date) -> Match:
    paper = Paper(
        id=place,
        title=entry.title,
        url=f"https://arxiv.org/abs/{entry.id}",
        authors=tuple(Author(name) for name in entry.authors),
        abstract=entry.abstract,
        identifiers=(Identifier("arxiv", entry.id),),
        categories=entry.categories,
        comment=entry.comment,
        version=1,
        announced_on=on,
    )
    event = Event(id=place, sequence=place, paper_id=place, kind="announced", source="arxiv", at=_NOW, on=on)
    why = (Reason("title", "semantic segmentation"), Reason("abstract", "segment anything"))
    return Match(event=event, paper=paper, topic=topic, why=why)
