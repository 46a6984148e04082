from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.mirror import mirror_address, mirrored

MIRROR = "http://127.0.0.1:9000"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://arxiv.org/list/cs.CV/new", "/arxiv.org/list/cs.CV/new"),
        ("https://arxiv.org/list/cs.CV/new?skip=25&show=25", "/arxiv.org/list/cs.CV/new?skip=25&show=25"),
        ("https://rss.arxiv.org:8443/rss/cs.CV", "/rss.arxiv.org:8443/rss/cs.CV"),
        ("http://arxiv.org", "/arxiv.org/"),
        ("http://arxiv.org?x=1", "/arxiv.org/?x=1"),
        ("https://arxiv.org//a/../b%2Fc", "/arxiv.org//a/../b%2Fc"),
    ],
)
def test_a_request_keeps_host_path_and_query(url: str, target: str) -> None:
    assert mirrored(MIRROR, url) == MIRROR + target
    assert mirrored(MIRROR + "/", url) == MIRROR + target


@given(st.from_regex(r"https://[a-z]{1,9}\.test(:8\d{3})?/[a-z/.]{0,20}(\?[a-z=&]{1,9})?", fullmatch=True))
def test_every_request_goes_to_the_mirror_and_none_is_confused_with_another(url: str) -> None:
    there = mirrored(MIRROR, url)
    assert urlsplit(there).netloc == "127.0.0.1:9000"
    assert f"https:/{there.removeprefix(MIRROR)}" == url


@pytest.mark.parametrize(
    ("mirror", "address"),
    [
        (MIRROR, ("127.0.0.1", 9000)),
        ("http://localhost", ("localhost", 80)),
        ("https://mirror.example/base/", ("mirror.example", 443)),
        ("http://[::1]:9000", ("::1", 9000)),
    ],
)
def test_the_mirrors_address(mirror: str, address: tuple[str, int]) -> None:
    assert mirror_address(mirror) == address
