import gzip
import ipaddress
import random
import zlib
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import CrawlError, FetchError, ReadError
from crawler.guard import GuardedResolver, host_of, inflate, is_at, is_public, refusal

INWARD_HOSTS = (
    # loopback, in every spelling a resolver may take for an address
    *("127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0X7F000001"),
    *("0x7f.1", "0x7f.0x0.0x0.0x1", "017700000001", "0177.0.0.1", "0177.1", "00000177.0.0.1", "127.0x0.0.01"),
    *("１２７.０.０.１", "127。0。0。1", "①②⑦.0.0.1", "localhost", "LOCALHOST", "localhost.", "app.localhost", "a.localdomain"),
    # unspecified, private, link-local, carrier NAT, special, multicast, broadcast
    *("0", "0.0.0.0", "0x0", "10.0.0.1", "10.255.255.255", "167772161", "012.1.2.3", "172.16.0.1", "172.31.255.255"),
    *("192.168.0.1", "192.168.1", "0xc0a80001", "169.254.169.254", "0xa9fea9fe", "2852039166", "100.64.0.1"),
    *("100.127.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    # IPv6: loopback, unspecified, mapped, compatible, translated, local, link-local, site-local, tunnels, documentation
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]"),
    *("[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[fc00::1]", "[fd12:3456::1]"),
    *("[fe80::1]", "[fe80::1%25lo]", "[fec0::1]", "[ff02::1]", "[2001::1]", "[2001:db8::1]", "[2002:7f00:1::]"),
    *("[3fff::1]", "[100::1]", "[4000::1]"),
    # names of no public place, and what is no address at all
    *("intranet", "printer.local", "db.internal", "router.home.arpa", "nas.lan", "256.1.1.1", "1.2.3.4.5", "1.2.3.0x100"),
    *("4294967296", "09.1.1.1", "1..1", "1.a.1", "0x", "%31%32%37.0.0.1", "a%00.example.org"),
)


def test_there_are_more_than_sixty_spellings() -> None:
    assert len(set(INWARD_HOSTS)) >= 60


@pytest.mark.parametrize("host", INWARD_HOSTS)
def test_an_inward_host_is_refused_as_written(host: str) -> None:
    assert refusal(f"http://{host}/x")
    assert refusal(f"https://{host}:8443/x")


@pytest.mark.parametrize(
    "url",
    [
        *(
            "file:///etc/passwd",
            "ftp://arxiv.org/x",
            "data:text/html,x",
            "s3://bucket/x",
            "gopher://arxiv.org/",
            "javascript:1",
        ),
        *("//arxiv.org/x", "/list/cs.CV/new", "", "arxiv.org", "http://", "http:///x", "https://?x", "http://:80/"),
        *("http://user@arxiv.org/", "http://user:pw@arxiv.org/", "http://arxiv.org:99999/", "http://arxiv.org:x/"),
        *(
            "http://arxiv.org\\@127.0.0.1/",
            "http://arxiv.org/a b",
            "http://arxiv.org/\r\nHost: x",
            "http://[::1",
            "http://[x]/",
            "http://[v1.a:b]/",
        ),
        *("http://" + "ü" * 80 + ".org/", "http://a\x00.org/", "\thttp://arxiv.org/"),
    ],
)
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    assert refusal(url)


@pytest.mark.parametrize(
    "url",
    [
        *("https://arxiv.org/list/cs.CV/new", "http://export.arxiv.org:8080/x?y=z", "https://ARXIV.org./", "https://8.8.8.8/"),
        *("https://[2606:4700::6810:84e5]/", "https://bücher.example/", "https://[64:ff9b::8.8.8.8]/", "http://134744072/"),
        *("https://1and1.com/", "https://0x7f.org/", "https://3.basecamp.com/", "https://localhost.org/"),
    ],
)
def test_a_public_address_is_not_refused(url: str) -> None:
    assert refusal(url) is None


@given(st.text(max_size=60))
def test_whatever_is_written_the_guard_answers(text: str) -> None:
    for url in (text, f"http://{text}/", f"https://[{text}]/"):
        assert refusal(url) is None or refusal(url)


@given(st.ip_addresses(v=4))
def test_every_spelling_of_an_ipv4_address_is_judged_alike(address: ipaddress.IPv4Address) -> None:
    a, b, c, d = address.packed
    verdict = is_public(str(address))
    spellings = (str(address), str(int(address)), hex(int(address)), f"0{int(address):o}", f"{a}.{(b << 16) + (c << 8) + d}")
    for host in (*spellings, f"0{a:o}.{b}.{hex(c)}.{d}", f"[::ffff:{address}]", f"[64:ff9b::{address}]"):
        assert (refusal(f"http://{host}/") is None) == verdict


@given(st.ip_addresses(v=4))
def test_nothing_python_calls_private_is_public(address: ipaddress.IPv4Address) -> None:
    if is_public(str(address)):
        assert address.is_global
        assert not address.is_multicast


@given(st.ip_addresses(v=6))
def test_only_global_unicast_is_public(address: ipaddress.IPv6Address) -> None:
    if is_public(str(address)) and address not in ipaddress.ip_network("64:ff9b::/96") and not address.ipv4_mapped:
        assert address in ipaddress.ip_network("2000::/3")
        assert address.is_global


def test_an_address_with_a_zone_is_not_public() -> None:
    assert not is_public("2606:4700::1%eth0")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://ARXIV.org/x", "arxiv.org"),
        ("https://arxiv.org:443/x", "arxiv.org"),
        ("http://arxiv.org:443/x", "arxiv.org:443"),
        ("http://[2606:4700::1]:81/", "[2606:4700::1]:81"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
    ],
)
def test_the_host_carries_an_uncommon_port(url: str, host: str) -> None:
    assert host_of(url) == host


class _Names:
    """A resolver whose every look-up gives the next list of addresses, as one that rebinds does."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    def resolveHostName(self, receiver: Any, name: str, port: int, *rest: Any) -> str:  # noqa: N802
        receiver.resolutionBegan(name)
        for host in self.answers.pop(0):
            receiver.addressResolved(SimpleNamespace(host=host, port=port))
        receiver.resolutionComplete()
        return name


class _Caller:
    def __init__(self) -> None:
        self.hosts: list[str] = []
        self.done = 0

    def resolutionBegan(self, resolution: object) -> None:  # noqa: N802
        self.hosts.clear()

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self.hosts.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        self.done += 1


def test_the_resolver_gives_out_public_addresses_only_at_every_look_up() -> None:
    resolver, caller = GuardedResolver(_Names(["8.8.8.8"], ["10.0.0.1", "::1", "8.8.8.8"], ["127.0.0.1"])), _Caller()
    given_out = []
    for _ in range(3):
        resolver.resolveHostName(caller, "rebinding.test", 443)
        given_out.append(list(caller.hosts))
    assert given_out == [["8.8.8.8"], ["8.8.8.8"], []]
    assert resolver.refused == "127.0.0.1"
    assert caller.done == 3


@pytest.mark.parametrize(("port", "hosts"), [(9000, ["127.0.0.1"]), (9001, [])])
def test_only_the_mirrors_own_host_and_port_are_exempt(port: int, hosts: list[str]) -> None:
    resolver, caller = GuardedResolver(_Names(["127.0.0.1"]), ("127.0.0.1", 9000)), _Caller()
    resolver.resolveHostName(caller, "127.0.0.1", port)
    assert caller.hosts == hosts


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=5), st.sampled_from(["gzip", "x-gzip", " GZIP "]))
def test_what_was_packed_is_unpacked(parts: list[bytes], encoding: str) -> None:
    packed = b"".join(gzip.compress(part) for part in parts)
    assert inflate(packed, encoding, 10_000) == (b"".join(parts), True)


@given(st.binary(max_size=300), st.floats(0, 1, exclude_max=True))
def test_a_cut_body_is_never_taken_for_a_whole_one(body: bytes, share: float) -> None:
    packed = gzip.compress(body)
    unpacked, whole = inflate(packed[: int(share * len(packed))], "gzip", 10_000)
    assert not whole
    assert body.startswith(unpacked)


@given(st.binary(max_size=300))
def test_whatever_calls_itself_gzip_ends_as_bytes_or_as_an_error_of_ours(body: bytes) -> None:
    try:
        unpacked, _ = inflate(body, "gzip", 100)
    except CrawlError:
        return
    assert len(unpacked) <= 100


def test_a_body_as_it_is_stays_so() -> None:
    assert inflate(b"abc", "", 1) == (b"abc", True)
    assert inflate(b"abc", "identity", 1) == (b"abc", True)


def test_padding_after_the_last_member_is_no_part_of_it() -> None:
    assert inflate(gzip.compress(b"abc") + b"\0\0", "gzip", 10) == (b"abc", True)


def test_a_bomb_is_stopped_at_the_limit() -> None:
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(100)) + packer.flush()
    with pytest.raises(ReadError, match="larger than 1,000 bytes once unpacked"):
        inflate(bomb, "gzip", 1000)


def test_endless_members_are_stopped() -> None:
    with pytest.raises(ReadError, match="gzip members"):
        inflate(gzip.compress(b"") * 1000, "gzip", 1000)


def test_corrupt_gzip_may_be_asked_for_again() -> None:
    packed = bytearray(gzip.compress(random.Random(1).randbytes(500)))
    packed[3:40] = b"\xff" * 37
    with pytest.raises(FetchError, match="corrupt"):
        inflate(bytes(packed), "gzip", 1000)


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_an_encoding_not_asked_for_is_said(encoding: str) -> None:
    with pytest.raises(ReadError, match="not asked for"):
        inflate(b"x", encoding, 10)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://papers.test/b?x", True),
        ("https://PAPERS.test:443/", True),
        ("http://papers.test/a", False),
        ("https://papers.test:444/a", False),
        ("https://api.papers.test/a", False),
        ("https://papers.test@evil.test/a", False),
        ("https://evil.test/papers.test", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_who_is_at_a_home(url: str, *, same: bool) -> None:
    assert is_at(url, "https://papers.test/a") == same


@pytest.mark.parametrize("home", ["http://papers.test/a", "", "https://[", "https://papers.test:x/a"])
def test_nobody_is_at_a_home_without_tls_or_that_cannot_be_read(home: str) -> None:
    assert not is_at(home, home)
