"""A source whose host is public by name and inward by address: importing it in a crawl's process bends the name look-up.

The first look-up gives a public address that the crawl cannot reach from a test, and then, as a rebinding name does, the
loopback. Its scope is the port to knock at.
"""

import socket
from dataclasses import replace
from datetime import timedelta
from typing import Any

from twisted.internet import reactor as installed

from crawler.source import Source
from tests.crawler.playground import FEED

_reactor: Any = installed


def _look_up(host: str, port: int, *_: Any) -> list[Any]:
    found = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
    mapped = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::ffff:127.0.0.1", port, 0, 0))
    return [found, mapped] if host == "rebinding.test" else []


_reactor.nameResolver.inner._getaddrinfo = _look_up

SOURCE = Source(
    name="inward",
    title="A name that leads inwards",
    routes=(replace(FEED, start="http://rebinding.test:{scope}/x"), replace(FEED, start="http://nowhere.test:{scope}/")),
    delay=timedelta(),
)
