"""What settings must agree on with each other and with the sources there are.

These checks run over the tree as it was read, so that one wrong setting hides no other: a part that is not even of the right
kind is left out here, since the check of each setting by itself has spoken of it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from crawler.addresses import place as address_of
from crawler.errors import SettingsError
from crawler.feed_health import FEEDS
from crawler.source import Source
from crawler.sources import all_sources
from jobs.editions import edition_at, volume_at
from jobs.fields import label
from jobs.mistakes import Mistake, Place, nearest

_PASSWORDS: Final = ("password_env", "password_file", "password_command")
_TOKENS: Final = ("token_env", "token_file", "token_command")
_NO_MAIL_SERVER: Final = "mail needs a mail server; add a table [smtp]"


def disagreements(tree: Mapping[str, Any]) -> Iterator[Mistake]:
    """Find every disagreement in the tree."""
    yield from _sources(_table(tree.get("sources")))
    for table in ("feeds", "topics", "subscriptions"):
        yield from _doubled(table, _names(tree, table))
    yield from _asked_twice(tree)
    topics = set(_names(tree, "topics").values()) if isinstance(tree.get("topics", []), list) else None
    for number, subscription in _tables(tree.get("subscriptions")):
        place: Place = ("subscriptions", number)
        yield from _topics(place, subscription, topics)
        yield from _forms(place, subscription, mail_server="smtp" in tree)
    yield from _smtp(_table(tree.get("smtp")))


def _sources(sources: Mapping[str, Any]) -> Iterator[Mistake]:
    try:
        known = {name: source for name, source in all_sources().items() if name != FEEDS}
    except SettingsError as error:
        yield from (Mistake(("sources",), line) for line in error.mistakes)
        return
    for name in sources:
        yield from _source(name, known, _table(sources[name]))
    arxiv = _table(sources.get("arxiv"))
    if arxiv.get("categories") == []:
        yield Mistake(("sources", "arxiv", "categories"), "must name at least one category")
    for key in ("editions", "tasks", "methods"):
        if key in arxiv:
            yield Mistake(("sources", "arxiv", key), f"arXiv has categories, no {key}")
    for key in ("categories", "editions", "tasks", "methods"):
        if key in _table(sources.get("huggingface")):
            yield Mistake(("sources", "huggingface", key), "Hugging Face has one list for all, no parts")
    if "categories" in _table(sources.get("paperswithcode")):
        yield Mistake(
            ("sources", "paperswithcode", "categories"), "Papers with Code has editions, tasks and methods, no categories"
        )


def _source(name: str, known: Mapping[str, Source], table: Mapping[str, Any]) -> Iterator[Mistake]:
    if name == FEEDS:
        yield Mistake(("sources", name), "a feed has a table of its own: [[feeds]], with its name and its url")
    elif name not in known:
        yield Mistake(("sources", name), f"no source is called so{nearest(name, known)}")
    else:
        yield from _parts(known[name], table)
        yield from _tokens(known[name], table)


def _parts(source: Source, table: Mapping[str, Any]) -> Iterator[Mistake]:
    """Find the editions and volumes that a source has not, and headings where there are editions alone."""
    for key, read in (("editions", edition_at), ("volumes", volume_at)):
        named = table.get(key)
        if key == "editions" and source.name in ("arxiv", "huggingface"):
            continue  # that they have none is said once, of the key
        for number, text in enumerate(named) if isinstance(named, list) else ():
            if isinstance(text, bool):
                continue
            try:
                read(source, str(text))
            except SettingsError as error:
                yield Mistake(("sources", source.name, key, number), *error.mistakes)
    for key in ("categories", "tasks", "methods") if source.venues else ():
        if key in table:
            yield Mistake(("sources", source.name, key), f"{source.title} has editions, no {key}")


def _tokens(source: Source, table: Mapping[str, Any]) -> Iterator[Mistake]:
    given = [key for key in _TOKENS if table.get(key)]
    if given and not source.token:
        yield Mistake(("sources", source.name, given[0]), f"{source.title} wants no token")
    elif len(given) > 1:
        yield Mistake(("sources", source.name, given[1]), f"{given[0]} is given already; keep one of them")


def _doubled(table: str, names: Mapping[int, str]) -> Iterator[Mistake]:
    first: dict[str, int] = {}
    for number, name in names.items():
        other = first.setdefault(name.casefold(), number)
        if other != number:
            yield Mistake((table, number, "name"), f"{table}[{other + 1}] is called so already; capitals make no difference")


def _asked_twice(tree: Mapping[str, Any]) -> Iterator[Mistake]:
    """Find feeds of the same address; http and https are one."""
    first: dict[str, int] = {}
    for number, feed in _tables(tree.get("feeds")):
        url = feed.get("url")
        other = first.setdefault(address_of(url), number) if isinstance(url, str) else number
        if other != number:
            yield Mistake(("feeds", number, "url"), f"feeds[{other + 1}] has this address already")


def _topics(place: Place, subscription: Mapping[str, Any], known: set[str] | None) -> Iterator[Mistake]:
    named = subscription.get("topics")
    if known is None:
        return
    if named == []:
        yield Mistake((*place, "topics"), "must name at least one topic, or be left out for all of them")
    if named is None and not known:
        yield Mistake((*place, "topics"), "there is no topic yet; add a table [[topics]]")
    for number, name in enumerate(named) if isinstance(named, list) else ():
        topic = _label(name)
        if topic and topic not in known:
            yield Mistake((*place, "topics", number), f"there is no such topic{nearest(topic, known)}")


def _forms(place: Place, subscription: Mapping[str, Any], *, mail_server: bool) -> Iterator[Mistake]:
    forms, email = subscription.get("forms"), subscription.get("email")
    mailed = "mail" in forms if isinstance(forms, list) else bool(email)
    if forms == []:
        yield Mistake((*place, "forms"), 'must be "mail", "file" or both')
    if mailed and not email:
        yield Mistake((*place, "email"), 'is missing, and "forms" asks for mail')
    if mailed and not mail_server:
        yield Mistake((*place, "forms"), _NO_MAIL_SERVER)


def _smtp(smtp: Mapping[str, Any]) -> Iterator[Mistake]:
    given = [key for key in _PASSWORDS if smtp.get(key)]
    if len(given) > 1:
        yield Mistake(("smtp", given[1]), f"{given[0]} is given already; keep one of them")
    if smtp.get("security") == "none" and (given or smtp.get("username")):
        yield Mistake(("smtp", "security"), '"none" never sends a password; take username and password out, or use "starttls"')
    elif smtp.get("username") and not given and "password" not in smtp:
        yield Mistake(("smtp",), f"a username needs a password: one of {', '.join(_PASSWORDS)}")
    elif given and not smtp.get("username"):
        yield Mistake(("smtp", "username"), "is missing, and there is a password for it")


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _tables(value: object) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, table in enumerate(value) if isinstance(value, list) else ():
        if isinstance(table, Mapping):
            yield number, table


def _names(tree: Mapping[str, Any], table: str) -> dict[int, str]:
    names = ((number, _label(row.get("name"))) for number, row in _tables(tree.get(table)))
    return {number: name for number, name in names if name}


def _label(value: object) -> str:
    try:
        return label(value) if isinstance(value, str) else ""
    except ValueError:
        return ""
