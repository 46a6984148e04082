"""Addresses in the settings: of people, hosts, sites and the store. Pure.

Each reader returns the address or raises ValueError with words for the reader, which never repeat what may be a secret.
"""

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from crawler.addresses import absolute
from crawler.guard import refusal
from digests.address import Address
from jobs.fields import location, one_line

_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_SERVER: Final = re.compile(r"(?:[^:/@]*(?::[^@]*)?@)?(?:\[[0-9A-Fa-f:.]+\]|[^:/?@\[\]]*)(?::[0-9]{1,5})?(?:[/?].*)?")
_PASSWORD: Final = re.compile(
    r"(?P<user>(?<=://)[^/@]*?):(?P<inner>.*)@|(?<=[?&])(?:ssl)?password=(?P<option>[^&]*)&?", re.IGNORECASE | re.DOTALL
)

_LOOPBACK: Final = ip_network("127.0.0.0/8")
_LOOPBACK6: Final = ip_address("::1")


def address(text: str) -> str:
    """Read an e-mail address without a name; an international domain is given in its `xn--` form."""
    parsed = Address.parse(text) if text.isprintable() and "<" not in text else None
    if parsed is None:
        raise ValueError("must be an e-mail address, as in you@example.org")
    return parsed.mailbox


def address_or_nothing(text: str) -> str:
    """Read an e-mail address, or nothing."""
    return address(text) if text else text


def sender(text: str) -> str:
    """Read an e-mail address with or without a name before it."""
    if not text.isprintable() or Address.parse(text) is None:
        raise ValueError("must be an e-mail address, as in you@example.org or Paperlark <you@example.org>")
    return text


def site_address(text: str) -> str:
    """Read the address of a web site, or nothing."""
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.username is None and parts.port != 0
    except ValueError:
        sound = False
    if text and not (sound and text.isprintable() and " " not in text):
        raise ValueError("must be an address that begins with https:// or http://, or empty")
    return text


def feed_address(text: str) -> str:
    """Read the address of a feed; a name in Unicode becomes what the name service knows. The fragment is left out."""
    if "://" not in text or not text.lower().startswith(("http:", "https:")):
        raise ValueError("must be an address that begins with https:// or http://")
    if "@" in text.partition("://")[2].partition("/")[0]:
        raise ValueError("must hold no user name or password")
    url = absolute(text) or text.strip().partition("#")[0]
    if why := refusal(url):
        raise ValueError(f"cannot be asked for: {why}")
    return url


def host(text: str) -> str:
    """Read the name or the IP address of a mail server."""
    if _HOST.fullmatch(text) is None:
        try:
            ip_address(text)
        except ValueError:
            why = 'must be the name of a host alone, as in smtp.example.org; its port goes into "port"'
            raise ValueError(why) from None
    return text


def loopback(text: str) -> str:
    """Read where to listen, `HOST:PORT`, of hosts that nobody but this machine can reach."""
    try:
        parts = urlsplit(f"//{text}")
        sound = parts.netloc == text and parts.username is None and bool(parts.port)
    except ValueError:
        sound = False
    if not sound or not is_loopback(parts.hostname or ""):
        raise ValueError("must be a port of this machine alone, as in 127.0.0.1:8765, localhost:8765 or [::1]:8765")
    return text


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine by its very name.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return host.lower() == "localhost" or (address := ip_address(host)) == _LOOPBACK6 or address in _LOOPBACK
    except ValueError:
        return False


def store_url(text: str) -> str:
    """Read the URL of the store."""
    scheme, _, rest = one_line(text).partition("://")
    if scheme in ("postgres", "postgresql"):
        raise ValueError("must begin with postgresql+psycopg://")
    if scheme == "sqlite" and rest.partition("?")[0] in ("", "/", "/:memory:"):
        raise ValueError("must name a file, as in sqlite:///paperlark.db: a store in memory is lost with each command")
    if scheme == "sqlite" and not rest.startswith("/"):
        raise ValueError("must have three slashes, as in sqlite:///paperlark.db")
    if scheme not in ("sqlite", "postgresql+psycopg"):
        raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
    if scheme != "sqlite" and _SERVER.fullmatch(rest) is None:
        raise ValueError("must have the form postgresql+psycopg://USER:PASSWORD@HOST:PORT/NAME")
    anchored(text, Path())
    return text


def holds_password(url: str) -> bool:
    """Tell whether the URL of a store holds a password."""
    return _PASSWORD.search(url) is not None


def passwords(url: str) -> list[str]:
    """Return the passwords in the URL of a store, as they stand there."""
    return [match["inner"] or match["option"] or "" for match in _PASSWORD.finditer(url)]


def without_password(url: str) -> str:
    """Return the URL of a store as it may be shown.

    >>> without_password("postgresql+psycopg://lark:secret@db/papers")
    'postgresql+psycopg://lark@db/papers'
    """
    if not holds_password(url):
        return url
    return _PASSWORD.sub(lambda match: "" if match["user"] is None else f"{match['user']}@", url).rstrip("?&")


def anchored(url: str, folder: Path) -> str:
    """Return the URL of a store with the relative path of an SQLite file joined to `folder`."""
    prefix = "sqlite:///"
    if not url.startswith(prefix):
        return url
    path, mark, options = url.removeprefix(prefix).partition("?")
    return f"{prefix}{(folder / location(path)).as_posix()}{mark}{options}"
