"""Lists of feeds in OPML, in and out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.addresses import place
from crawler.errors import ReadError
from crawler.readers.opml import Opml, Subscribed, read_opml, write_opml
from crawler.sighting import Reject
from crawler.text import NAME_LIMIT, clean

ADA = Subscribed("Ada & friends", "https://ada.example.org/feed?a=1&b=2", "https://ada.example.org/")
names = st.text(min_size=1, max_size=30).map(lambda text: clean(text, NAME_LIMIT)).filter(bool)
hosts = st.from_regex(r"[a-z]{1,8}\.example", fullmatch=True)
paths = st.from_regex(r"/[a-z0-9_~%&=?.-]{0,20}[a-z0-9]", fullmatch=True).map(lambda path: path.replace("%", "%25"))
urls = st.builds(lambda scheme, host, path: f"{scheme}://{host}{path}", st.sampled_from(["http", "https"]), hosts, paths)
feeds = st.builds(Subscribed, names, urls, st.just("") | urls)


def opml(body: str, version: str = "2.0") -> bytes:
    return f'<?xml version="1.0"?><opml version="{version}"><head><title>T</title></head><body>{body}</body></opml>'.encode()


@settings(max_examples=50)
@given(st.lists(feeds, max_size=6, unique_by=lambda feed: place(feed.url)), st.text(max_size=20))
def test_a_list_written_and_read_is_the_same_list(subscribed: list[Subscribed], title: str) -> None:
    assert read_opml(write_opml(subscribed, title)) == Opml(tuple(subscribed))


def test_folders_any_case_and_names() -> None:
    body = """
      <outline text="Folder"><outline title="Deeper">
        <outline type="rss" text="Ada &amp; friends" xmlUrl="https://ada.example.org/feed?a=1&amp;b=2" htmlUrl="https://ada.example.org/"/>
      </outline></outline>
      <OUTLINE TITLE="Charles" XMLURL="http://charles.example.org/rss"/>
      <outline xmlurl=" feed://luigi.example.org/atom " htmlurl="javascript:alert(1)"/>
      <outline text="A page" type="link" url="https://example.org/"/>
    """
    for version in ("1.0", "2.0"):
        assert read_opml(opml(body, version)) == Opml(
            (
                ADA,
                Subscribed("Charles", "http://charles.example.org/rss"),
                Subscribed("luigi.example.org", "http://luigi.example.org/atom"),
            )
        )


def test_a_feed_is_subscribed_to_once() -> None:
    addresses = ("https://ada.example.org/feed", "http://ada.example.org/feed/", "https://ada.example.org/feed")
    body = "".join(f'<outline text="{number}" xmlUrl="{url}"/>' for number, url in enumerate(addresses))
    assert read_opml(opml(body)).feeds == (Subscribed("0", addresses[0]),)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "https://127.0.0.1/feed", "https://u:p@example.org/", "x"]
)
def test_unusable_addresses_are_rejects(url: str) -> None:
    found = read_opml(opml(f'<outline text="Bad" xmlUrl="{url}"/><outline text="" xmlUrl="https://ada.example.org/feed"/>'))
    assert found.feeds == (Subscribed("ada.example.org", "https://ada.example.org/feed"),)
    assert found.rejects == (Reject(key=url, why="no address of the web"),)


def test_slips_of_those_who_write_by_hand() -> None:
    body = opml('<outline text="Ada & friends, caf&eacute; &nope;" xmlUrl="https://ada.example.org/feed?a=1&b=2"/>')
    assert read_opml(b"\n" + body).feeds == (Subscribed("Ada & friends, café &nope;", "https://ada.example.org/feed?a=1&b=2"),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = opml('<outline text="Café" xmlUrl="https://ada.example.org/feed"/>').decode()
    body = text.replace('version="1.0"?', f'version="1.0" encoding="{declared}"?').encode(encoding)
    assert read_opml(body).feeds == (Subscribed("Café", "https://ada.example.org/feed"),)


def test_declared_entities_are_words() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    secret = '<!ENTITY x SYSTEM "file:///etc/passwd">'
    body = opml('<outline text="&l9;&x;" xmlUrl="https://ada.example.org/feed"/>').replace(
        b"<opml", f'<!DOCTYPE opml [<!ENTITY l0 "ha">{laughs}{secret}]><opml'.encode()
    )
    assert read_opml(body).feeds == (Subscribed("&l9;&x;", "https://ada.example.org/feed"),)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0",
        b"{}",
        b"<html><body>no</body></html>",
        b"<rss version='2.0'><channel/></rss>",
        opml('<outline text="Ada" xmlUrl="https://ada.example.org/feed"/>')[:-20],
        opml("<outline>" * 5000 + "</outline>" * 5000),
        opml("<outline/>" * 60_000),
        opml(" " * 11_000_000),
        "<opml/>".encode("utf-16")[:-3],
    ],
)
def test_what_is_no_list_of_feeds(body: bytes) -> None:
    with pytest.raises(ReadError):
        read_opml(body)


@settings(max_examples=50)
@given(st.binary(max_size=20), st.text(st.sampled_from("<>&;\"'= xmlUr\0é") | st.characters(codec="utf-8"), max_size=30))
def test_no_list_is_too_odd(noise: bytes, text: str) -> None:
    for body in (noise, opml(text), opml(f'<outline text="{text}" xmlUrl="https://a.example/{text}"/>'), opml("") + noise):
        try:
            found = read_opml(body)
        except ReadError:
            continue
        assert all(feed.name and feed.url for feed in found.feeds)
