"""Mentions: which posts speak of which papers, kept by the papers' identifiers, known or not; and the events they make."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from crawler.identifiers import Identifier
from crawler.sighting import Mention
from storage.announcing import EventKey, Happening
from storage.chunks import chunks
from storage.events import record_happenings
from storage.models import IdentifierRow
from storage.upsert import upsert
from storage.work_models import MentionRow


class Post(NamedTuple):
    """A post that speaks of a paper: where it is, who posts there, and the day of it by its own word."""

    url: str
    title: str
    by: str
    posted_on: date | None
    seen_at: datetime

    @property
    def on(self) -> date:
        """The day of it, or that on which it was seen first; none lies after that."""
        return min(self.posted_on or date.max, self.seen_at.date())


def record_mentions(connection: Connection, mentions: Sequence[Mention], announced: Collection[int] = ()) -> None:
    """Keep what posts link to. Of a known paper a new post is an event, unless the paper has just been `announced` as well."""
    rows = {
        (one.source, one.key, name): {
            "source": one.source,
            "key": one.key,
            "scheme": name.scheme,
            "value": name.value,
            "url": one.url,
            "title": one.title,
            "by": one.by,
            "posted_on": one.posted_on,
            "seen_at": one.seen_at,
        }
        for one in mentions
        for name in one.identifiers
    }
    if not rows:
        return
    connection.execute(upsert(connection, MentionRow, set_=("url", "title", "by", "posted_on")), list(rows.values()))
    news = [one for one in mentions if one.is_news]
    papers = _papers(connection, {name for one in news for name in one.identifiers})
    wanted: dict[EventKey, Happening] = {}
    for one in news:
        for paper_id in {papers[name] for name in one.identifiers if name in papers} - set(announced):
            happening = _happening(paper_id, one)
            wanted.setdefault((paper_id, happening.kind, happening.key), happening)
    record_happenings(connection, wanted, max(one.seen_at for one in mentions))


def mentions_of(connection: Connection, identifiers: Iterable[Identifier]) -> list[Post]:
    """Return the posts that link to the paper of these names, the newest first, each once."""
    row = MentionRow
    found: dict[tuple[str, str], Post] = {}
    for scheme, values in _by_scheme(identifiers):
        asked = select(row.__table__).where(row.scheme == scheme, row.value.in_(values))
        for one in connection.execute(asked):
            found[one.source, one.key] = Post(one.url, one.title, one.by, one.posted_on, one.seen_at)
    return sorted(found.values(), key=lambda post: (post.on, post.title), reverse=True)


def _papers(connection: Connection, names: Collection[Identifier]) -> dict[Identifier, int]:
    """Return the papers of those of the names that the store knows."""
    row = IdentifierRow
    return {
        Identifier(scheme, value): paper_id
        for scheme, values in _by_scheme(names)
        for value, paper_id in connection.execute(
            select(row.value, row.paper_id).where(row.scheme == scheme, row.value.in_(values))
        )
    }


def _by_scheme(names: Iterable[Identifier]) -> Iterator[tuple[str, Sequence[str]]]:
    by_scheme: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        by_scheme.setdefault(name.scheme, []).append(name.value)
    for scheme, values in by_scheme.items():
        yield from ((scheme, some) for some in chunks(values))


def _happening(paper_id: int, post: Mention) -> Happening:
    seen_on = post.seen_at.date()
    return Happening(
        paper_id=paper_id,
        kind="mentioned",
        key=f"{post.source}:{post.key}",
        source=post.source,
        on=min(post.posted_on or seen_on, seen_on),
        detail={"title": post.title, "url": post.url, "by": post.by},
    )
