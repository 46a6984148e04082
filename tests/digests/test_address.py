"""Mail addresses as people write them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digests.address import Address
from tests.digests.hostile import texts


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("you@example.org", Address("you", "example.org")),
        ("  <you@example.org>\n", Address("you", "example.org")),
        ("Paperlark <you@example.org>", Address("you", "example.org", "Paperlark")),
        ('"Lark, early" <you@example.org>', Address("you", "example.org", "Lark, early")),
        (r'"a \"b\" \\ c" <you@example.org>', Address("you", "example.org", 'a "b" \\ c')),
        ('" <you@example.org>', Address("you", "example.org", '"')),
        ("百灵鸟 <you+papers@sub.example.org>", Address("you+papers", "sub.example.org", "百灵鸟")),
        ("you@例子.中国", Address("you", "xn--fsqu00a.xn--fiqs8s")),
        ("root@localhost", Address("root", "localhost")),
    ],
)
def test_an_address_is_read_as_people_write_it(text: str, address: Address) -> None:
    assert Address.parse(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "you",
        "@example.org",
        "you@",
        "you@example..org",
        "you@example.org.",
        "you@-example.org",
        "you@exa mple.org",
        ".you@example.org",
        "you.@example.org",
        "you@me@example.org",
        "a@example.org, b@example.org",
        "a@example.org <b@example.org> <c@example.org>",
        "you <you@example.org> really",
        "ü@example.org",
        '"quoted"@example.org',
        f"{'y' * 65}@example.org",
        f"you@{'e' * 64}.org",
        f"you@{'example.' * 40}org",
        "you@example.org>\r\nRCPT TO:<me@example.org",
    ],
)
def test_what_no_server_would_take_is_none(text: str) -> None:
    assert Address.parse(text) is None


def test_an_address_cannot_be_made_from_anything_else() -> None:
    with pytest.raises(ValueError, match="not a mail address"):
        Address("you\r\n", "example.org")


@given(texts)
@example("a@b\n")
def test_whatever_is_read_is_one_plain_mailbox(text: str) -> None:
    address = Address.parse(text)
    assert address is None or (address.mailbox.isascii() and not set(address.mailbox) & set(" <>,\r\n\0"))


@given(texts.filter(lambda text: not set(text) & set("<>")), st.sampled_from(["you@example.org", "a.b+c@d.example"]))
def test_any_name_before_an_address_leaves_the_address_alone(name: str, mailbox: str) -> None:
    address = Address.parse(f"{name} <{mailbox}>")
    assert address is not None
    assert address.mailbox == mailbox
