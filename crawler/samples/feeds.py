"""Feeds of our own, as blogs and journals write them: RSS 2.0, Atom, RSS 1.0 with PRISM, JSON Feed."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from html import unescape
from xml.sax.saxutils import escape, quoteattr

BLOG = "https://lovelace.example.org"
JOURNAL = "https://www.engines.example.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post of a blog; `body` is HTML. What is empty is left out."""

    title: str
    body: str = ""
    id: str = ""
    url: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article in the feed of a journal."""

    title: str
    doi: str
    url: str
    authors: tuple[str, ...] = ("Ada Lovelace",)
    abstract: str = "We describe an engine."
    on: date = date(2026, 8, 12)


POSTS = (
    Post(
        title="What I read about engines &amp; looms",
        body='<p>Start with <a href="https://arxiv.org/abs/2608.00001v2">this one</a>, then <b>doi:10.5555/engine.2</b>.</p>',
        id="tag:lovelace.example.org,2026:reading",
        url=f"{BLOG}/reading/",
        on=date(2026, 8, 11),
    ),
    Post(title="My garden", body="<p>Nothing but roses.</p>", url=f"{BLOG}/garden/", on=date(2026, 8, 10)),
    Post(
        title="A look at one paper",
        body='<p>See <a href="https://openreview.net/forum?id=aBcDeF1234">the reviews</a>.</p>',
        url=f"{BLOG}/look/",
        on=date(2026, 8, 9),
    ),
)
"""A blog: two posts that link to papers, and one that does not."""

ARTICLES = (
    Article(title="Weaving &lt;i&gt;n&lt;/i&gt;-grams", doi="10.5555/loom-026-1", url=f"{JOURNAL}/articles/loom-026-1"),
    Article(
        title="Notes on notes",
        doi="10.5555/loom-026-2",
        url=f"{JOURNAL}/articles/loom-026-2",
        authors=("Charles Babbage", "Luigi Menabrea"),
    ),
)
"""A journal."""


def render_rss(posts: Iterable[Post], title: str = "Notes by Ada", site: str = BLOG) -> bytes:
    """Write a blog as RSS 2.0; titles are HTML, as most are."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>{escape(title)}</title>'
        f"<link>{escape(site)}</link><description>Notes</description>{''.join(map(_rss_item, posts))}</channel></rss>\n"
    ).encode()


def render_atom(posts: Iterable[Post], title: str = "Notes by Ada", site: str = BLOG) -> bytes:
    """Write a blog as Atom (RFC 4287)."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>{escape(title)}</title>'
        f"<id>{escape(site)}</id><link href={quoteattr(site)}/>{''.join(map(_atom_entry, posts))}</feed>\n"
    ).encode()


def render_json(posts: Iterable[Post], title: str = "Notes by Ada", site: str = BLOG, version: str = "1.1") -> bytes:
    """Write a blog as JSON Feed."""
    feed = {
        "version": f"https://jsonfeed.org/version/{version}",
        "title": title,
        "home_page_url": site,
        "items": [_json_item(post) for post in posts],
    }
    return json.dumps(feed).encode()


def render_journal(articles: Iterable[Article], title: str = "Journal of Engines") -> bytes:
    """Write a journal as RSS 1.0 with Dublin Core and PRISM; its items stand beside the channel, and dates are days."""
    known = list(articles)
    listed = "".join(f"<rdf:li rdf:resource={quoteattr(one.url)}/>" for one in known)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/">\n'
        f'<channel rdf:about="{JOURNAL}/feed"><title>{escape(title)}</title><link>{JOURNAL}/</link>'
        f"<description>Articles</description><items><rdf:Seq>{listed}</rdf:Seq></items></channel>\n"
        f"{''.join(_article(one, title) for one in known)}</rdf:RDF>\n"
    ).encode()


def _rss_item(post: Post) -> str:
    parts = [f"<title>{escape(post.title)}</title>" if post.title else ""]
    parts += [f"<link>{escape(post.url)}</link>" if post.url else ""]
    parts += [f'<guid isPermaLink="false">{escape(post.id)}</guid>' if post.id else ""]
    parts += [f"<pubDate>{format_datetime(_noon(post.on))}</pubDate>" if post.on else ""]
    parts += [f"<description>{escape(post.body)}</description>" if post.body else ""]
    return f"<item>{''.join(parts)}</item>\n"


def _atom_entry(post: Post) -> str:
    parts = [f'<title type="html">{escape(post.title)}</title>' if post.title else ""]
    parts += [f"<link href={quoteattr(post.url)}/>" if post.url else ""]
    parts += [f"<id>{escape(post.id)}</id>" if post.id else ""]
    parts += [f"<updated>{_noon(post.on).isoformat()}</updated>" if post.on else ""]
    parts += [f'<content type="html">{escape(post.body)}</content>' if post.body else ""]
    return f"<entry>{''.join(parts)}</entry>\n"


def _json_item(post: Post) -> dict[str, str]:
    moment = _noon(post.on).isoformat() if post.on else ""
    item = {"id": post.id, "url": post.url, "title": unescape(post.title), "content_html": post.body, "date_published": moment}
    return {name: value for name, value in item.items() if value}


def _article(one: Article, journal: str) -> str:
    authors = "".join(f"<dc:creator>{escape(name)}</dc:creator>" for name in one.authors)
    preamble = f"<p>{escape(journal)}, Published online: {one.on}; <a href='{one.url}'>doi:{one.doi}</a></p>"
    return (
        f"<item rdf:about={quoteattr(one.url)}><title>{one.title}</title><link>{escape(one.url)}</link>"
        f"<content:encoded>{escape(preamble + escape(one.abstract))}</content:encoded>{authors}"
        f"<dc:identifier>doi:{one.doi}</dc:identifier><dc:date>{one.on}</dc:date><prism:doi>{one.doi}</prism:doi>"
        f"<prism:publicationName>{escape(journal)}</prism:publicationName><prism:url>{escape(one.url)}</prism:url></item>\n"
    )


def _noon(on: date) -> datetime:
    return datetime.combine(on, time(12), UTC)
