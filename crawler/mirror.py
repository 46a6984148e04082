"""The download handler, and the mirror: one address that stands in for the web, for tests, the demo and closed networks.

`https://HOST[:PORT]/PATH?QUERY` is asked of `MIRROR/HOST[:PORT]/PATH?QUERY`. This happens in the download handler, below
robots, delays and redirects: everything above sees the logical address only.
"""

from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

HEADER_BYTES: Final = 1024 * 1024
"""How much a server may send before its answer's body begins."""


def mirrored(mirror: str, url: str) -> str:
    """Return where `url` is found on the mirror.

    >>> mirrored("http://127.0.0.1:9000/", "https://arxiv.org/list/cs.CV/new?skip=0")
    'http://127.0.0.1:9000/arxiv.org/list/cs.CV/new?skip=0'
    """
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{mirror.rstrip('/')}/{parts.netloc}{parts.path or '/'}{query}"


def mirror_address(mirror: str) -> tuple[str, int]:
    """Return the host and port that the mirror listens at."""
    parts = urlsplit(mirror)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


class Handler:
    """Scrapy's own HTTP handler, with bounded headers, and asking the mirror if the setting PAPERLARK_MIRROR names one."""

    lazy = False

    def __init__(self, inner: HTTP11DownloadHandler, mirror: str | None) -> None:
        self.inner, self.mirror = inner, mirror

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Wrap Scrapy's handler."""
        inner = HTTP11DownloadHandler.from_crawler(crawler)
        inner._pool._factory = _BoundedFactory  # noqa: SLF001 - as Scrapy sets its own there
        # Twisted asks once more when a connection kept open fails: without a pause, and nobody would count it.
        inner._pool.retryAutomatically = False  # noqa: SLF001 - as above
        return cls(inner, crawler.settings["PAPERLARK_MIRROR"])

    async def download_request(self, request: "Request") -> "Response":
        """Ask the mirror, or the host itself, and answer as the logical address."""
        if self.mirror is None:
            return await self.inner.download_request(request)
        response = await self.inner.download_request(request.replace(url=mirrored(self.mirror, request.url)))
        return response.replace(url=request.url)

    async def close(self) -> None:
        """Close the connections kept open."""
        await self.inner.close()


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    """Hangs up on a server whose headers do not end: Scrapy and Twisted would take in as many as come."""

    _before_body = 0

    def request(self, request: Any) -> Any:
        self._before_body = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        if self._parser is not None and self._parser.state in {"STATUS", "HEADER"}:
            self._before_body += len(data)
        if self._before_body > HEADER_BYTES:
            transport: Any = self.transport
            transport.abortConnection()
        else:
            parent: Any = super()
            parent.dataReceived(data)


class _BoundedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> Any:  # noqa: ARG002, N802 - Twisted's signature
        protocol: Any = _BoundedProtocol
        return protocol(self._quiescentCallback)
