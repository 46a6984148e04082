import math
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs import addresses, fields

READERS = [
    *(addresses.address, addresses.address_or_nothing, addresses.sender, addresses.host, addresses.site_address),
    *(addresses.store_url, fields.zone, fields.clock_time, fields.delay, fields.category, fields.edition, fields.query),
    *(fields.label, fields.file_label, fields.location, fields.variable, fields.command, fields.one_line),
]


def refusal(read: Callable[[str], object], text: str) -> ValueError | None:
    try:
        read(text)
    except ValueError as error:
        return error
    return None


@pytest.mark.parametrize("read", READERS)
@given(text=st.text() | st.text("aA0@.:/?=~-+\"'<> \r\n\0\ud800", max_size=30))
def test_a_text_is_read_or_a_mistake_in_words(read: Callable[[str], object], text: str) -> None:
    error = refusal(read, text)
    assert type(error) in (type(None), ValueError)
    assert error is None or len(str(error).splitlines()) == 1


@pytest.mark.parametrize("text", ["you@example.org", "a.b+c@mail.example.org", "root@localhost"])
def test_an_address(text: str) -> None:
    assert addresses.address(text) == text


def test_an_international_domain_is_given_as_servers_know_it() -> None:
    assert addresses.address("you@bücher.example") == "you@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "you",
        "you@",
        "@example.org",
        "a b@example.org",
        "You <you@example.org>",
        "a@b,c@d",
        "you@example.org\r\nBcc: x@y",
        "a@b\n",
    ],
)
def test_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="e-mail address"):
        addresses.address(text)


@pytest.mark.parametrize(
    "text", ["you@example.org", "Paperlark <you@example.org>", '"Lark, early" <you@example.org>', "云雀 <a@b.cn>"]
)
def test_a_sender(text: str) -> None:
    assert addresses.sender(text) == text


@pytest.mark.parametrize("text", ["Paperlark", "Paperlark <you>", "Paperlark <you@example.org>\r\nBcc: x@y", "<a@b> <c@d>"])
def test_no_sender(text: str) -> None:
    with pytest.raises(ValueError, match="e-mail address"):
        addresses.sender(text)


@pytest.mark.parametrize("text", ["smtp.example.org", "localhost", "127.0.0.1", "::1"])
def test_a_host(text: str) -> None:
    assert addresses.host(text) == text


@pytest.mark.parametrize("text", ["", "smtp.example.org:587", "https://smtp.example.org", "smtp example", "-x", "a\n"])
def test_no_host(text: str) -> None:
    with pytest.raises(ValueError, match="port"):
        addresses.host(text)


@pytest.mark.parametrize("text", ["", "https://example.org", "http://example.org:8080/papers/"])
def test_a_site(text: str) -> None:
    assert addresses.site_address(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "example.org",
        "ftp://example.org",
        "https://",
        "https://a:b@c",
        "https://a b",
        "javascript:x",
        "https://[",
        "https://a:x",
        "https://a\n",
    ],
)
def test_no_site(text: str) -> None:
    with pytest.raises(ValueError, match="https://"):
        addresses.site_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "sqlite:///paperlark.db",
        "sqlite:////var/lib/paperlark.db?timeout=3",
        "postgresql+psycopg://db/papers",
        "postgresql+psycopg://lark:pa:ss/w?rd@db:5432/papers",
        "postgresql+psycopg://lark@[::1]:5432/papers?sslmode=require",
        "postgresql+psycopg:///papers",
    ],
)
def test_a_store(text: str) -> None:
    assert addresses.store_url(text) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "begin with"),
        ("paperlark.db", "begin with"),
        ("mysql://lark:canary@db", "begin with sqlite:/// or"),
        ("postgresql://lark:canary@db", r"begin with postgresql\+psycopg"),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
        ("sqlite:///?timeout=3", "name a file"),
        ("sqlite://paperlark.db", "three slashes"),
        ("sqlite:///a\nb", "control"),
        ("sqlite:///~nobody-at-all/x.db", "home folder"),
        ("postgresql+psycopg://lark:canary@db:port/papers", "USER:PASSWORD@HOST:PORT"),
    ],
)
def test_no_store(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        addresses.store_url(text)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("sqlite:///a:b@c.db", "sqlite:///a:b@c.db"),
        ("postgresql+psycopg://lark@db/papers", "postgresql+psycopg://lark@db/papers"),
        ("postgresql+psycopg://lark:canary@db/papers", "postgresql+psycopg://lark@db/papers"),
        ("postgresql+psycopg://lark:can/a?r@y@db/papers", "postgresql+psycopg://lark@db/papers"),
        ("postgresql+psycopg://lark:@db/papers", "postgresql+psycopg://lark@db/papers"),
        ("postgresql+psycopg://db/papers?user=lark&password=canary&x=1", "postgresql+psycopg://db/papers?user=lark&x=1"),
        ("postgresql+psycopg://db/papers?password=canary", "postgresql+psycopg://db/papers"),
    ],
)
def test_a_store_is_shown_without_its_password(text: str, shown: str) -> None:
    assert addresses.without_password(text) == shown
    assert addresses.holds_password(text) is (text != shown)


@given(st.text(min_size=1).filter(lambda text: "@" not in text))
def test_no_password_of_a_store_is_ever_shown(password: str) -> None:
    text = f"postgresql+psycopg://lark:{password}@db/papers"
    assert addresses.without_password(text) == "postgresql+psycopg://lark@db/papers"


def test_a_relative_store_lies_in_the_folder() -> None:
    folder = Path("/home/lark")
    assert addresses.anchored("sqlite:///data/x.db?timeout=3", folder) == "sqlite:////home/lark/data/x.db?timeout=3"
    assert addresses.anchored("sqlite:////var/x.db", folder) == "sqlite:////var/x.db"
    assert addresses.anchored("postgresql+psycopg://db/x.db", folder) == "postgresql+psycopg://db/x.db"
    assert addresses.anchored("sqlite:///~/x.db", folder) == f"sqlite:///{Path.home()}/x.db"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("15s", timedelta(seconds=15)),
        ("2 min", timedelta(minutes=2)),
        ("1.5 seconds", timedelta(seconds=1.5)),
        ("500ms", timedelta(milliseconds=500)),
        ("0s", timedelta()),
        ("1h", timedelta(hours=1)),
    ],
)
def test_a_delay(text: str, value: timedelta) -> None:
    assert math.isclose(fields.delay(text).total_seconds(), value.total_seconds())


@pytest.mark.parametrize("text", ["", "15", "s", "-1s", "15 parsecs", "2h", "61 min", "1e3s", "１５s", "15s\n"])
def test_no_delay(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        fields.delay(text)


def test_an_hour() -> None:
    assert fields.clock_time("10:30") == time(10, 30)
    assert fields.clock_time("7:05") == time(7, 5)


@pytest.mark.parametrize("text", ["", "24:00", "10:60", "10.30", "1030", "10:30:00", "１０:30", "10:30\n"])
def test_no_hour(text: str) -> None:
    with pytest.raises(ValueError, match="00:00 to 23:59"):
        fields.clock_time(text)


@pytest.mark.parametrize("text", ["cs.CV", "eess.IV", "hep-th", "cond-mat.mtrl-sci", "astro-ph", "physics.med-ph"])
def test_a_category(text: str) -> None:
    assert fields.category(text) == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("cs.cv", "cs.CV"),
        ("CS.CV", "cs.CV"),
        ("Cs.lg", "cs.LG"),
        ("stat.ml", "stat.ML"),
        ("astro-ph.co", "astro-ph.CO"),
        ("Physics.Optics", "physics.optics"),
        ("COND-MAT.MTRL-SCI", "cond-mat.mtrl-sci"),
        ("HEP-TH", "hep-th"),
    ],
)
def test_a_category_in_any_case_is_written_as_arxiv_writes_it(text: str, name: str) -> None:
    assert fields.category(text) == name


@given(st.text("csCVhepth-.Sx", max_size=12))
def test_a_category_that_was_read_reads_as_itself(text: str) -> None:
    if refusal(fields.category, text) is None:
        name = fields.category(text)
        assert (fields.category(name), name.lower()) == (name, text.lower())


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("CV", "cs.CV"),
        ("cv", "cs.CV"),
        ("CS CV", "cs.CV"),
        ("", "cs.CV"),
        ("cs.", "cs.CV"),
        ("cs/../x", "cs.CV"),
        ("cs.CV\n", "cs.CV"),
    ],
)
def test_no_category_and_the_nearest(text: str, near: str) -> None:
    with pytest.raises(ValueError, match=f'as in "{near}"'):
        fields.category(text)


@pytest.mark.parametrize("text", ["CVPR2026", "NeurIPS2018", "neurips2018", "3DV2025", "CVPR-W2024"])
def test_an_edition(text: str) -> None:
    assert fields.edition(text) == text


@pytest.mark.parametrize("text", ["", "CVPR", "CVPR 2026", "2026", "CVPR26", "32026", "CVPR2126"])
def test_no_edition(text: str) -> None:
    with pytest.raises(ValueError, match="CVPR2026"):
        fields.edition(text)


def test_a_time_zone() -> None:
    assert fields.zone("Asia/Shanghai") == "Asia/Shanghai"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("Asia/Shangai", 'did you mean "Asia/Shanghai"'),
        ("", "as in"),
        ("Asia", "must be"),
        ("../etc/passwd", "as in"),
        ("x" * 5000, "as in"),
        ("UTC+1", "as in"),
        ("-05:00", "as in"),
        ("GMT-8", "as in"),
    ],
)
def test_no_time_zone(text: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        fields.zone(text)


@pytest.mark.parametrize(
    "text",
    [
        *("CST", "UTC+8", "utc+08:00", "UTC +8", "UTC＋8", "GMT+8", "GMT+0800", "+8", "+08:00"),
        *("Beijing", "beijing", "Beijing Time", "Asia/Beijing", "asia/beijing", "Peking", "Shanghai", "asia/shanghai"),
        *("China", "China Standard Time", "China_Standard_Time", "Asia/Shenzhen"),
        *("北京", "北京时间", "上海", "中国", "中国标准时间", "东八区", "亚洲/上海"),
    ],
)
def test_whoever_means_the_time_of_china_is_told_its_name(text: str) -> None:
    with pytest.raises(ValueError, match=r'; write "Asia/Shanghai"$'):
        fields.zone(text)


def test_a_query_that_cannot_be_read_says_where() -> None:
    assert fields.query("depth OR stereo") == "depth OR stereo"
    with pytest.raises(ValueError, match=r"\(column 7\)"):
        fields.query("depth (stereo")


def test_a_name_is_one_line_with_single_blanks() -> None:
    assert fields.label("  语义　分割 \r\n x ") == "语义 分割 x"
    with pytest.raises(ValueError, match="empty"):
        fields.label(" \u200b\n")
    with pytest.raises(ValueError, match="100 characters"):
        fields.label("x" * 101)


@pytest.mark.parametrize("text", ["morning", "早晨", "my papers 2", "console"])
def test_a_name_that_files_are_called_by(text: str) -> None:
    assert fields.file_label(text) == text


@pytest.mark.parametrize("text", ["a/b", "..", ".hidden", "-x", "a.", "con", "NUL.txt", "a:b", 'a"b', "a\\b", "晨" * 67, ""])
def test_no_name_for_a_file(text: str) -> None:
    with pytest.raises(ValueError, match=r"files are called|empty"):
        fields.file_label(text)


def test_a_path_may_begin_at_home() -> None:
    assert fields.location("digests") == Path("digests")
    assert fields.location("~/digests") == Path.home() / "digests"
    for text in ("", "a\0b", "~nobody-at-all/x"):
        with pytest.raises(ValueError, match="must "):
            fields.location(text)


@pytest.mark.parametrize("text", ["", "my password!", "1X", "A-B"])
def test_no_variable(text: str) -> None:
    with pytest.raises(ValueError, match="not the password itself"):
        fields.variable(text)


@pytest.mark.parametrize("text", ["", "  ", "''", "pass 'show", "a\0b"])
def test_no_command(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be|partner"):
        fields.command(text)
