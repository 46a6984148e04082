"""What may be fetched: which schemes and addresses, and how much.

Addresses are judged twice: as they are written, on every hop, and again when a connection is about to be made, after
the name has been looked up and with the very addresses the connection will use. So neither a name that points inwards
nor one that changes between two look-ups leads into the reader's own network.

The special ranges: RFC 6890 and the IANA registries behind it, RFC 6598 (carrier NAT), RFC 6052 (NAT64). How a number
is read as an IPv4 address: the URL standard, https://url.spec.whatwg.org/#concept-ipv4-parser.
"""

import re
import zlib
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any, Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from crawler.errors import FetchError, ReadError

_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f\\]")
# Everything RFC 3986 lets stand in an address, and the per cent sign of what is quoted already.
_URL_CHARACTERS: Final = "%/:=&?~#+!$,;'@()*[]"
_NUMBER: Final = re.compile(r"0x[0-9a-f]*|\d+")
_PRIVATE_NAMES: Final = ("localhost", "localdomain", "local", "internal", "home.arpa", "lan")
_REFUSED_IPV4: Final = tuple(
    IPv4Network(net)
    for net in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
_GLOBAL_IPV6: Final = IPv6Network("2000::/3")
_REFUSED_IPV6: Final = tuple(IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_NAT64: Final = IPv6Network("64:ff9b::/96")
# A server may send its body as several gzip members (RFC 1952 §2.2); one that sends more than this is up to something.
_GZIP_MEMBERS: Final = 64


def refusal(url: str) -> str | None:
    """Say why `url` may not be asked for as it is written; None if it may."""
    if _UNSAFE.search(url):
        return "the address holds a blank, a control character or a backslash"
    try:
        parts = urlsplit(url)
        host = _ascii_host(parts)
        _ = parts.port
    except ValueError:
        return "the address cannot be read"
    if parts.scheme not in {"http", "https"}:
        return f"only http and https are fetched, not {parts.scheme or 'a bare path'}"
    if parts.username is not None or parts.password is not None:
        return "the address holds a user name or password"
    return _refused_host(host)


def host_of(url: str) -> str:
    """Return the host of an accepted `url` in lower case, with its port when that is not the scheme's own."""
    parts = urlsplit(url)
    host = _ascii_host(parts)
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{parts.port}" if parts.port not in {None, 80 if parts.scheme == "http" else 443} else host


def is_at(url: str, home: str) -> bool:
    """Tell whether `url` is of the host and port of `home`, and both over TLS, so that it may be told what only `home` may."""
    try:
        return urlsplit(url).scheme == urlsplit(home).scheme == "https" and host_of(url) == host_of(home)
    except ValueError:
        return False


def redirected(url: str, location: str) -> str:
    """Return where a redirect leads, without the fragment; what may not stand in an address is quoted."""
    location = quote(location.strip(), safe=_URL_CHARACTERS)
    try:
        return urlsplit(urljoin(url, location))._replace(fragment="").geturl()
    except ValueError:
        return location  # `refusal` will say that it cannot be read


def is_public(address: str) -> bool:
    """Tell whether `address`, an IPv4 or IPv6 address as the resolver gives it, lies in the public internet."""
    if ":" not in address:
        return _is_public_ipv4(IPv4Address(address))
    ipv6 = IPv6Address(address)
    if ipv6.scope_id is not None:
        return False
    if ipv6.ipv4_mapped is not None:
        return _is_public_ipv4(ipv6.ipv4_mapped)
    if ipv6 in _NAT64:
        return _is_public_ipv4(IPv4Address(int(ipv6) & 0xFFFFFFFF))
    return ipv6 in _GLOBAL_IPV6 and not any(ipv6 in net for net in _REFUSED_IPV6)


def _is_public_ipv4(address: IPv4Address) -> bool:
    return not any(address in net for net in _REFUSED_IPV4)


def _ascii_host(parts: SplitResult) -> str:
    """Return the host as the resolver would be given it; full-width digits and ideographic dots become plain."""
    host = parts.hostname or ""
    return host if host.isascii() else host.encode("idna").decode("ascii").lower()


def _refused_host(host: str) -> str | None:
    if not host:
        return "the address has no host"
    if ":" in host or _is_number(host.rstrip(".").rpartition(".")[2]):
        address = host if ":" in host else _ipv4(host.rstrip("."))
        try:
            public = address is not None and is_public(address)
        except AddressValueError:
            public = False
        return None if public else f"{host} is no address of the public internet"
    name = host.rstrip(".")
    if "%" in name or "." not in name or name.endswith(tuple(f".{private}" for private in _PRIVATE_NAMES)):
        return f"{host} is no name of the public internet"
    return None


def _is_number(label: str) -> bool:
    return _NUMBER.fullmatch(label.lower()) is not None


def _ipv4(host: str) -> str | None:
    """Read `host` as an IPv4 address in any of the spellings of the URL standard: 127.1, 0x7f000001, 017700000001."""
    labels = host.lower().split(".")
    if len(labels) > 4 or not all(_is_number(label) for label in labels):
        return None
    try:
        *heads, last = (_integer(label) for label in labels)
    except ValueError:
        return None
    if any(head > 255 for head in heads) or last >= 256 ** (4 - len(heads)):
        return None
    return str(IPv4Address(sum(head << 8 * (3 - place) for place, head in enumerate(heads)) + last))


def _integer(label: str) -> int:
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    return int(label, 8 if label.startswith("0") else 10)


def inflate(body: bytes, encoding: str, limit: int) -> tuple[bytes, bool]:
    """Undo a Content-Encoding: the bytes, at most `limit`, and whether they came to their end.

    Raises ReadError when there are more, or when the encoding is none we asked for, and FetchError when they are corrupt.
    """
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return body, True
    if encoding not in {"gzip", "x-gzip"}:
        raise ReadError(f"sent in the encoding {encoding!r}, which was not asked for")
    inflated = bytearray()
    for _ in range(_GZIP_MEMBERS):
        member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            inflated += member.decompress(body, limit + 1 - len(inflated))
        except zlib.error as error:
            raise FetchError("its gzip is corrupt") from error
        if len(inflated) > limit:
            raise ReadError(f"larger than {limit:,} bytes once unpacked")
        body = member.unused_data
        if not member.eof or not body.startswith(b"\x1f\x8b"):
            return bytes(inflated), member.eof
    raise ReadError(f"made of more than {_GZIP_MEMBERS} gzip members")


class GuardedResolver:
    """A name resolver for Twisted's reactor (IHostnameResolver) that gives out public addresses only.

    Every connection by name or by literal asks it, and connects to what it answers without looking the name up again.
    `exempt` is the one host and port, the mirror's, that may lie anywhere. `refused` is the last address withheld.
    """

    def __init__(self, inner: Any, exempt: tuple[str, int] | None = None) -> None:
        self.inner, self.exempt = inner, exempt
        self.refused: str | None = None

    def resolveHostName(self, receiver: Any, hostName: str, portNumber: int = 0, *rest: Any) -> Any:  # noqa: N802, N803 - Twisted's names
        """Look the name up by the inner resolver, and hold back what is not public."""
        if (hostName, portNumber) != self.exempt:
            receiver = _Sieve(receiver, self)
        return self.inner.resolveHostName(receiver, hostName, portNumber, *rest)


class _Sieve:
    """Stands between a resolver and the one who asked (IResolutionReceiver)."""

    def __init__(self, receiver: Any, resolver: GuardedResolver) -> None:
        self.resolutionBegan, self.resolutionComplete = receiver.resolutionBegan, receiver.resolutionComplete
        self.receiver, self.resolver = receiver, resolver

    def addressResolved(self, address: Any) -> None:  # noqa: N802 - Twisted's name
        if is_public(address.host):
            self.receiver.addressResolved(address)
        else:
            self.resolver.refused = address.host
