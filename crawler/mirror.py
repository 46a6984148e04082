"""The mirror: one address that stands in for the web, for tests, the demo and closed networks.

`https://HOST[:PORT]/PATH?QUERY` is asked of `MIRROR/HOST[:PORT]/PATH?QUERY`. This happens in the download handler, below
robots, delays and redirects: everything above sees the logical address only.
"""

from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


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


class MirrorHandler:
    """A download handler that asks the mirror named by the setting PAPERLARK_MIRROR and answers as the logical address."""

    lazy = False

    def __init__(self, inner: HTTP11DownloadHandler, mirror: str) -> None:
        self.inner, self.mirror = inner, mirror

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Wrap Scrapy's own handler."""
        return cls(HTTP11DownloadHandler.from_crawler(crawler), crawler.settings["PAPERLARK_MIRROR"])

    async def download_request(self, request: "Request") -> "Response":
        """Ask the mirror."""
        response = await self.inner.download_request(request.replace(url=mirrored(self.mirror, request.url)))
        return response.replace(url=request.url)

    async def close(self) -> None:
        """Close the connections kept open."""
        await self.inner.close()
