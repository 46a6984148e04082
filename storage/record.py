"""record(page): the only writer of sightings, papers and events. Set-based: a few statements a page, never one a paper."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Connection, select

from crawler.identifiers import Identifier
from crawler.sighting import Sighting
from crawler.source import Checkpoint, Page, Recorded, Sink
from storage.checkpoints import save_checkpoint
from storage.chunks import chunks
from storage.database import open_database
from storage.events import record_events, renew_announcements
from storage.ledger import save_claims
from storage.links import record_links
from storage.mentions import record_mentions
from storage.merge import cluster
from storage.models import IdentifierRow, SightingRow, TitleRow
from storage.namesakes import Titled, own_name
from storage.search import put
from storage.settle import Name, Said, settle
from storage.tags import record_counts, record_tags
from storage.titles import MOST_NAMESAKES, keys_of
from storage.venues import bring_in
from storage.versions import record_versions


@contextmanager
def open_sink(url: str) -> Iterator[Sink]:
    """Open the store for a crawl: what it yields writes a page and its checkpoint in one transaction."""
    database = open_database(url)

    def sink(page: Page, checkpoint: Checkpoint) -> Recorded:
        with database.writing() as connection:
            recorded = record(connection, page)
            save_claims(connection, checkpoint.source, page.claims)
            if page.venues:
                recorded = bring_in(connection, checkpoint.scope, page.venues)
            if checkpoint != Checkpoint(source=checkpoint.source, scope=checkpoint.scope):
                save_checkpoint(connection, checkpoint)
        return recorded

    try:
        yield sink
    finally:
        database.close()


def record(connection: Connection, page: Page) -> Recorded:
    """Write what the page says into the store, in the transaction of `connection`."""
    if not page.sightings:
        record_mentions(connection, page.mentions)
        return Recorded()
    said = [Said.of(sighting) for sighting in page.sightings]
    stored, owners = _stored(connection, [one.name for one in said])
    fresh = {one.name: one for one in said if one.name not in stored}
    titled = _titled(connection, keys_of(one.sighting.title for one in fresh.values()))
    known = _known(connection, fresh.values(), owners, titled)
    clusters = cluster([one.sighting for one in fresh.values()], known, titled)
    homes = settle(connection, clusters, fresh.values())
    papers = {name: homes.moved.get(paper_id, paper_id) for name, paper_id in stored.items()} | homes.papers
    seen = [(papers[one.name], one.sighting) for one in said]
    said_first = [(papers[name], one.sighting) for name, one in fresh.items()]
    # What is kept of the sightings is not to lie about, eight megabytes, while their words are indexed.
    del said, fresh, clusters
    put(connection, homes.made)
    put(connection, homes.changed, again=True)
    made = {paper.id for paper in homes.made}
    record_versions(connection, seen, made)
    accepted = record_tags(connection, said_first, made)
    record_counts(connection, seen)
    appeared = record_links(connection, said_first, made)
    if page.kind != "archive":
        renew_announcements(connection, homes.described, max(one.seen_at for _, one in seen))
        record_events(connection, _news(page, seen), appeared, accepted)
    record_mentions(connection, page.mentions, {paper_id for paper_id, one in seen if one.action})
    changed = {*(paper.id for paper in homes.changed), *(one.paper_id for one in appeared)}
    return Recorded(new=len(homes.made), updated=len(changed))


def _news(page: Page, seen: Sequence[tuple[int, Sighting]]) -> Sequence[tuple[int, Sighting]]:
    """Return what the sightings of a page make happen: what a catalogue announces is nothing, whatever its sightings say."""
    if page.kind == "announcement":
        return seen
    return [(paper, replace(one, action=None)) for paper, one in seen if one.withdrawn]


def _stored(connection: Connection, names: Iterable[Name]) -> tuple[dict[Name, int], dict[tuple[str, str], int]]:
    """Return the papers of those sightings that are stored, and of every (source, key) that is."""
    by_source: dict[str, set[str]] = {}
    for name in names:
        by_source.setdefault(name.source, set()).add(name.key)
    stored: dict[Name, int] = {}
    for source, keys in by_source.items():
        for some in chunks(keys):
            rows = connection.execute(
                select(SightingRow.key, SightingRow.content_hash, SightingRow.paper_id).where(
                    SightingRow.source == source, SightingRow.key.in_(some)
                )
            )
            stored.update({Name(source, row.key, row.content_hash): row.paper_id for row in rows})
    return stored, {(name.source, name.key): paper_id for name, paper_id in stored.items()}


def _titled(connection: Connection, keys: Iterable[int]) -> dict[int, tuple[Titled, ...]]:
    """Return the stored papers that have, or had, one of these titles, by their ids, each with what its sightings say."""
    row = TitleRow
    papers: dict[int, list[int]] = {}
    for some in chunks(sorted(set(keys))):
        for key, paper_id in connection.execute(select(row.key, row.paper_id).where(row.key.in_(some))):
            papers.setdefault(key, []).append(paper_id)
    wanted = {paper_id for theirs in papers.values() if len(theirs) <= MOST_NAMESAKES for paper_id in theirs}
    found: dict[int, tuple[Titled, ...]] = {}
    for some in chunks(sorted(wanted)):
        said = select(SightingRow.paper_id, SightingRow.content, SightingRow.seen_at).where(SightingRow.paper_id.in_(some))
        for paper_id, content, seen_at in connection.execute(said):
            found[paper_id] = (*found.get(paper_id, ()), Titled.of(Sighting.from_content(content, seen_at)))
    return found


def _known(
    connection: Connection, fresh: Iterable[Said], owners: Mapping[tuple[str, str], int], titled: Iterable[int]
) -> dict[int, frozenset[Identifier]]:
    """Return every name of every stored paper that one of the fresh sightings may be, those of the same title among them."""
    by_scheme: dict[str, set[str]] = {}
    known: dict[int, set[Identifier]] = {paper_id: set() for paper_id in titled}
    for sighting in (one.sighting for one in fresh):
        for name in sighting.identifiers:
            by_scheme.setdefault(name.scheme, set()).add(name.value)
        if paper_id := owners.get((sighting.source, sighting.key)):
            known.setdefault(paper_id, set()).add(own_name(sighting.source, sighting.key))
    row = IdentifierRow
    for scheme, values in by_scheme.items():
        for some in chunks(values):
            found = select(row.paper_id).where(row.scheme == scheme, row.value.in_(some))
            known.update({paper_id: known.get(paper_id, set()) for paper_id in connection.scalars(found)})
    for some_ids in chunks(known):
        of_papers = select(row.paper_id, row.scheme, row.value).where(row.paper_id.in_(some_ids))
        for paper_id, scheme, value in connection.execute(of_papers):
            known[paper_id].add(Identifier(scheme, value))
    return {paper_id: frozenset(names) for paper_id, names in known.items()}
