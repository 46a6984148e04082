"""Links: the normal form of addresses, and what authors say where."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.links import URL_LIMIT, code_link, page_link
from crawler.stated_links import stated_links
from crawler.text import clean

owners = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,20}[A-Za-z0-9]", fullmatch=True).filter(
    lambda owner: code_link(f"https://github.com/{owner}/x") is not None
)
names = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,20}[A-Za-z0-9_]", fullmatch=True)
names = names.filter(lambda name: not name.endswith((".git", "_")))
forges = st.sampled_from(("github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitee.com"))
endings = st.sampled_from(("", ".git", "/", "/tree/main/src", "/blob/main/README.md#use", "?tab=readme-ov-file", "#start"))
scheme = st.sampled_from(("https://", "http://", "https://www."))


@given(scheme, forges, owners, names, endings)
def test_an_address_into_a_repository_is_that_repository(start: str, forge: str, owner: str, name: str, ending: str) -> None:
    found = code_link(f"{start}{forge}/{owner}/{name}{ending}")
    assert found is not None
    assert (found.url, found.kind) == (f"https://{forge}/{owner}/{name}", "code")
    assert code_link(found.url) == found


@given(forges, owners, names, st.sampled_from(("", ".", ",", ").", "}", "]", ";", ":", "'.", "*")))
def test_a_sentence_around_an_address_is_no_part_of_it(forge: str, owner: str, name: str, after: str) -> None:
    opening = {")": "(", "}": r"\url{", "]": "["}.get(after[:1], "")
    (found,) = stated_links(clean(f"We are fast. Code is at {opening}https://{forge}/{owner}/{name}{after} Enjoy."))
    assert found.url == f"https://{forge}/{owner}/{name}"
    assert found.official


@given(st.text(max_size=300))
def test_whatever_is_written_no_link_is_broken(text: str) -> None:
    for link in stated_links(clean(text)):
        assert re.fullmatch(r"https?://[!-~]+", link.url)
        assert len(link.url) <= URL_LIMIT
        assert page_link(link.url) == link._replace(official=None)


@given(st.text(alphabet=string.ascii_letters + "/.:?#@[]%{}\\-_ 语", max_size=60))
def test_no_address_raises(text: str) -> None:
    for found in (code_link(text), page_link(text), code_link(f"https://github.com/{text}")):
        assert found is None or code_link(found.url) or found.kind == "page"


@given(owners, names)
def test_capitals_make_no_other_repository(owner: str, name: str) -> None:
    one, other = (
        code_link(f"https://github.com/{owner}/{name}"),
        code_link(f"https://GitHub.com/{owner.upper()}/{name.upper()}/"),
    )
    assert one is not None
    assert other is not None
    assert one.key == other.key


@pytest.mark.parametrize(
    ("address", "url", "kind"),
    [
        ("https://github.com/me/digit", "https://github.com/me/digit", "code"),
        ("https://github.com/me/legit.git", "https://github.com/me/legit", "code"),
        ("github.com/me/a.b.git", "https://github.com/me/a.b", "code"),
        ("https://raw.githubusercontent.com/me/net/main/x.py", "https://github.com/me/net", "code"),
        ("https://gitlab.com/group/inner/net/-/tree/main", "https://gitlab.com/group/inner/net", "code"),
        ("https://gitlab.com/group/net/tree/master", "https://gitlab.com/group/net", "code"),
        ("https://gitlab.example.org/group/net", "https://gitlab.example.org/group/net", "code"),
        ("https://codeberg.org/me/net/src/branch/main", "https://codeberg.org/me/net", "code"),
        ("https://huggingface.co/me/net", "https://huggingface.co/me/net", "model"),
        ("https://huggingface.co/me/net/tree/main", "https://huggingface.co/me/net", "model"),
        ("https://hf.co/datasets/me/cats", "https://huggingface.co/datasets/me/cats", "dataset"),
        ("https://huggingface.co/spaces/me/show", "https://huggingface.co/spaces/me/show", "demo"),
    ],
)
def test_each_forge(address: str, url: str, kind: str) -> None:
    found = code_link(address)
    assert found is not None
    assert (found.url, found.kind) == (url, kind)


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/me",
        "https://github.com/topics/vision",
        "https://github.com/sponsors/me",
        "https://github.com/orgs/me/repositories",
        "https://github.com/me/..",
        "https://github.com/me/.",
        "https://github.com:8080/me/net",
        "https://user:secret@github.com/me/net",
        "https://github.com.example.org/me/net",
        "https://notgithub.com/me/net",
        "https://huggingface.co/papers/2401.00001",
        "https://huggingface.co/collections/me/net",
        "https://huggingface.co/me",
        "https://huggingface.co/datasets/me",
        "ftp://github.com/me/net",
        "javascript://github.com/me/net",
        "https://[github.com/me/net",
        "",
        f"https://github.com/me/{'x' * 400}",
    ],
)
def test_what_is_no_repository(address: str) -> None:
    assert code_link(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "https://arxiv.org/abs/2401.00001",
        "https://doi.org/10.1000/1",
        "https://localhost/x",
        "https://127.0.0.1/x",
        "https://github.com/me",
        "https://huggingface.co/papers/2401.00001",
        "https://example.org/\u202e",
        f"https://example.org/{'x' * 300}",
        "mailto:me@example.org",
    ],
)
def test_what_is_no_page_of_a_project(address: str) -> None:
    assert page_link(address) is None


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("Code: https://github.com/me/net.", ["https://github.com/me/net"]),
        ("Code at [https://github.com/me/net](https://github.com/me/net).", ["https://github.com/me/net"]),
        (r"Our code is \href{https://github.com/me/my\_net.git}{here}.", ["https://github.com/me/my_net"]),
        (r"See \url{https://me.github.io/net/}, our project page.", ["https://me.github.io/net/"]),
        ("代码：https://github.com/me/net。", ["https://github.com/me/net"]),
        ("代码见（https://github.com/me/net）", ["https://github.com/me/net"]),
        ("Built upon https://github.com/other/net. Ours is faster.", []),
        ("Using https://github.com/other/net we measure.", []),
        ("Our code, based on theirs, is at https://github.com/me/net", ["https://github.com/me/net"]),
        ("Code: https://github.com/me/net and https://github.com/Me/Net.git", ["https://github.com/me/net"]),
        ("Code is in https://github.com/Long- Name/net for you", []),
        ("Code is in https://github.com/me/long- name for you", []),
        ("Code is in https://github.com/me/ net", []),
        ("Code is in https://github.com/me/lon…", []),
        ("Project page: www.example.org/net", ["https://www.example.org/net"]),
        ("The website is https://example.org/net.", ["https://example.org/net"]),
        (r"Videos on our \href{https://example.org/net}{project page}.", ["https://example.org/net"]),
        ("Presented at the Workshop on Nets, https://nets.github.io/2026", []),
        ("Workshop page: https://nets.github.io/2026", []),
        ("Task Homepage at https://nets.github.io/task", []),
        ("Accepted by CVPR2026; Project Page: https://nets.github.io", ["https://nets.github.io"]),
        ("We learn dynamics. me.github.io", ["https://me.github.io"]),
        ("Licensed under https://creativecommons.org/licenses/by/4.0/", []),
        ("Project page: https://drive.google.com/x", []),
        ("An e-mail to me@github.com/x goes nowhere", []),
        ("no link at all, of a digit", []),
    ],
)
def test_what_authors_state(text: str, urls: list[str]) -> None:
    assert [link.url for link in stated_links(clean(text))] == urls
