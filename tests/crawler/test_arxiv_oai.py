from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.author_list import names
from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.readers.arxiv_oai import BAD_TOKEN, oai_address, read_arxiv_oai
from crawler.samples.arxiv import Entry
from crawler.samples.arxiv_oai import Record, oai_token, render_oai, render_oai_error
from crawler.sighting import Author, Reject, Sighting, Submission
from crawler.source import Fetched, Page, Wanted
from crawler.text import clean
from crawler.withdrawal import says_withdrawn
from tests.crawler.arxiv_days import days, entry

SAMPLES = Path("../shared/samples/arxiv")
AT = datetime(2026, 8, 12, 3, 0, 5, tzinfo=UTC)
DAY = date(2026, 8, 11)
BASE = "https://oaipmh.arxiv.org/oai"
RAW = {"verb": "ListRecords", "metadataPrefix": "arXivRaw", "set": "cs:cs:CV", "from": "2026-08-01"}
SPLIT = {**RAW, "metadataPrefix": "arXiv"}
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
often = settings(deadline=None, max_examples=40)


def response(body: bytes, url: str = f"{BASE}?verb=ListRecords&metadataPrefix=arXivRaw&set=cs:cs:CV") -> Fetched:
    return Fetched(source="arxiv", scope="cs.CV", url=url, status=200, headers={}, body=body, at=AT)


def submissions(count: int = 1) -> tuple[Submission, ...]:
    return tuple(Submission(number, AT - timedelta(days=40 - 7 * number)) for number in range(1, count + 1))


def record(number: int = 1, count: int = 1, **changes: object) -> Record:
    """Return a record that is nothing but its number, in so many versions."""
    plain = Record(entry=entry(number), datestamp=DAY, submissions=submissions(count))
    return replace(plain, **changes)  # type: ignore[arg-type]  # any field


def page(*records: Record, asked: dict[str, str] = RAW, token: str | None = None) -> bytes:
    return render_oai(records, asked, AT, token)


def read(*records: Record, asked: dict[str, str] = RAW) -> Sighting:
    (found,) = read_arxiv_oai(response(page(*records, asked=asked))).sightings
    return found


def changed(old: str, new: str, *, count: int = 1, asked: dict[str, str] = RAW) -> Page:
    """Return what is read of a page of three records, the second of which has `new` in place of `old`."""
    body = page(record(1), record(2, count), record(3), asked=asked, token=oai_token(asked, 3)).decode()
    parts = body.split("<record>")
    assert old in parts[2]
    parts[2] = parts[2].replace(old, new)
    return read_arxiv_oai(response("<record>".join(parts).encode()))


def keys(found: Page) -> list[str]:
    return [sighting.key for sighting in found.sightings]


def expected(item: Record) -> Sighting:
    """Return what a record in the format `arXivRaw` says."""
    paper = item.entry
    return Sighting(
        source="arxiv",
        key=paper.id,
        seen_at=AT,
        title=paper.title,
        url=f"https://arxiv.org/abs/{paper.id}",
        authors=names(", ".join(paper.authors)),
        abstract=paper.abstract,
        identifiers=(Identifier("arxiv", paper.id), *([Identifier("doi", paper.doi)] if paper.doi else [])),
        categories=paper.categories,
        comment=paper.comment,
        journal_ref=paper.journal_ref,
        report_number=item.report_number,
        licence=item.licence,
        version=len(item.submissions),
        submissions=item.submissions,
        withdrawn=item.withdrawn or says_withdrawn(paper.comment) or says_withdrawn(paper.abstract),
        scope="cs.CV",
    )


_moments = st.integers(0, 10**9).map(lambda seconds: datetime(1991, 8, 14, tzinfo=UTC) + timedelta(seconds=3 * seconds))
_days = st.dates(date(2005, 9, 16), date(2099, 1, 1))


@st.composite
def pages(draw: st.DrawFn, entries: st.SearchStrategy[list[Entry]] = days) -> list[Record]:
    return [
        Record(
            entry=replace(paper, comment=draw(st.none() | st.just(paper.comment) | st.just("This paper has been withdrawn."))),
            datestamp=draw(_days),
            submissions=tuple(
                Submission(number, at) for number, at in enumerate(draw(st.lists(_moments, min_size=1, max_size=3)), 1)
            ),
            licence=draw(st.none() | st.just("http://creativecommons.org/licenses/by/4.0/")),
            report_number=draw(st.none() | st.just("LA-UR-00-309 & <1>")),
            withdrawn=draw(st.booleans()),
        )
        for paper in draw(entries)
    ]


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        ("cs.CV", "cs:cs:CV"),
        ("stat.ML", "stat:stat:ML"),
        ("eess.IV", "eess:eess:IV"),
        ("q-bio.NC", "q-bio:q-bio:NC"),
        ("math.NA", "math:math:NA"),
        ("cs", "cs"),
        ("econ", "econ"),
        ("q-fin", "q-fin"),
        ("hep-th", "physics:hep-th"),
        ("math-ph", "physics:math-ph"),
        ("quant-ph", "physics:quant-ph"),
        ("astro-ph", "physics:astro-ph"),
        ("astro-ph.EP", "physics:astro-ph:EP"),
        ("cond-mat.mtrl-sci", "physics:cond-mat:mtrl-sci"),
        ("nlin.CD", "physics:nlin:CD"),
        ("physics", "physics:physics"),
        ("physics.optics", "physics:physics:optics"),
        ("cs.CV&x=1#", "cs:cs:CV%26x%3D1%23"),
    ],
)
def test_a_category_is_a_set_of_the_server(scope: str, name: str) -> None:
    assert oai_address(Wanted(scope=scope)) == f"{BASE}?verb=ListRecords&metadataPrefix=arXivRaw&set={name}"


@pytest.mark.parametrize(
    ("since", "asked"),
    [(date(2026, 8, 1), "2026-08-01"), (date(2005, 9, 16), "2005-09-16"), (date(1991, 8, 14), "2005-09-16")],
)
def test_the_span_begins_no_earlier_than_the_server_does_and_has_no_end(since: date, asked: str) -> None:
    address = oai_address(Wanted(scope="cs.CV", since=since, until=date(2026, 8, 2)))
    assert address == f"{BASE}?verb=ListRecords&metadataPrefix=arXivRaw&set=cs:cs:CV&from={asked}"


@often
@given(pages(), st.sampled_from([None, "", "verb%3DListRecords%26skip%3D2500"]))
def test_a_page_rendered_and_read_is_the_same_page(records: list[Record], token: str | None) -> None:
    found = read_arxiv_oai(response(page(*records, token=token)))
    assert found.sightings == tuple(map(expected, records))
    assert found.reached == max((item.datestamp for item in records), default=None)
    assert (found.kind, found.rejects, found.claims) == ("catalogue", (), ())
    assert (found.as_of, found.whole, found.dated, found.total) == (AT.date(), True, False, None)
    assert len(found.follow) == bool(token)


@often
@given(pages())
def test_in_pieces_the_records_say_the_same_but_for_places_and_versions(records: list[Record]) -> None:
    found = read_arxiv_oai(response(page(*records, asked=SPLIT)))
    for item, sighting in zip(records, found.sightings, strict=True):
        created = item.submissions[-1].at.date()
        first = (Submission(1, datetime(created.year, created.month, created.day, tzinfo=UTC)),)
        told = created == item.datestamp
        whole = expected(item)
        assert sighting == replace(
            whole,
            authors=tuple(Author(author.name) for author in whole.authors),
            version=1 if told else None,
            submissions=first if told else (),
            withdrawn=says_withdrawn(item.entry.comment) or says_withdrawn(item.entry.abstract),
        )


@often
@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S")), min_size=1, max_size=40))
def test_the_server_gets_its_token_back_as_it_gave_it(token: str) -> None:
    url = f"{BASE}?verb=ListRecords&metadataPrefix=arXivRaw#part"
    (address,) = read_arxiv_oai(response(page(record(), token=token), url)).follow
    assert address.startswith(f"{BASE}?")
    assert parse_qs(urlsplit(address).query, strict_parsing=True) == {"verb": ["ListRecords"], "resumptionToken": [token]}


def test_a_token_of_the_servers_form_is_quoted_once_more() -> None:
    token = oai_token({"verb": "ListRecords", "metadataPrefix": "arXivRaw", "from": "2011-02-03"}, 2500)
    assert token == "verb%3DListRecords%26metadataPrefix%3DarXivRaw%26from%3D2011-02-03%26skip%3D2500"
    (address,) = read_arxiv_oai(response(page(record(), token=token))).follow
    assert address == f"{BASE}?verb=ListRecords&resumptionToken={token.replace('%', '%25')}"


@pytest.mark.parametrize("token", ["<resumptionToken/>", "<resumptionToken> \n </resumptionToken>", ""])
def test_without_a_token_nothing_follows(token: str) -> None:
    body = page(record(), token="").replace(b"<resumptionToken/>", token.encode())
    assert read_arxiv_oai(response(body)).follow == ()


@pytest.mark.parametrize(
    ("stated", "total"),
    [("75321", 75321), ("0", 0), ("", None), ("many", None), ("-1", None), ("\u0663", None), ("9" * 5000, None)],
)
def test_the_total_is_what_the_token_states(stated: str, total: int | None) -> None:
    body = page(record(), token="x").decode().replace("<resumptionToken ", f"<resumptionToken completeListSize='{stated}' ")
    assert read_arxiv_oai(response(body.encode())).total == total


def test_old_ids_hard_wrapped_texts_and_several_dois() -> None:
    paper = replace(
        entry(1, doi="10.1000/A  10.1000/b.\n10.1000/c;d;10.1000/e junk"),
        id="math.GT/0309136",
        title="  A title\n  over lines ",
        abstract="One line\nand another\n",
        comment=" ",
    )
    found = read(record(entry=paper))
    assert (found.key, found.url) == ("math/0309136", "https://arxiv.org/abs/math/0309136")
    assert (found.title, found.abstract, found.comment) == ("A title over lines", "One line and another", None)
    assert [name.value for name in found.identifiers] == ["math/0309136", *(f"10.1000/{end}" for end in ("a", "b", "c;d", "e"))]


def test_raw_authors_are_taken_apart() -> None:
    authors = (r"C. Bal\'azs (1) and Jane Doe, Jr. (1,2) ((1) MIT, (2) KEK, Tsukuba)",)
    assert read(record(entry=entry(1, authors=authors))).authors == (
        Author("C. Balázs", "MIT"),
        Author("Jane Doe Jr.", "MIT; KEK, Tsukuba"),
    )


def test_authors_in_pieces_have_suffixes_and_places_and_a_colon_is_none() -> None:
    authors = (
        "<author><keyname>Collaboration</keyname><forenames>Super-K</forenames></author><author><keyname>:</keyname></author>"
        "<author><keyname>Orient</keyname><forenames>R.\n W.</forenames><suffix>IV</suffix>"
        "<affiliation>Kamioka</affiliation><affiliation>ICRR, Tokyo</affiliation></author>"
        r"<author><keyname>Bal\'azs</keyname></author><author/>"
    )
    body = page(record(entry=entry(1, authors=("x",))), asked=SPLIT).decode()
    head, tail = body.split("<authors>")[0], body.split("</authors>")[1]
    (found,) = read_arxiv_oai(response(f"{head}<authors>{authors}</authors>{tail}".encode())).sightings
    assert found.authors == (
        Author("Super-K Collaboration"),
        Author("R. W. Orient IV", "Kamioka; ICRR, Tokyo"),
        Author("Balázs"),
    )


@pytest.mark.parametrize(
    ("licence", "read_as"),
    [
        (" https://creativecommons.org/licenses/by/4.0/\n", "https://creativecommons.org/licenses/by/4.0/"),
        ("javascript:alert(1)", None),
        ("http://example.org/ and more", None),
        ("http://example.org/\u202e", None),
        ("http://example.org/" + "x" * 300, None),
        ("None", None),
    ],
)
def test_a_licence_is_an_address(licence: str, read_as: str | None) -> None:
    assert read(record(licence=licence)).licence == read_as


@pytest.mark.parametrize(
    ("old", "new", "version", "told"),
    [
        ("GMT", "+0200", 3, (1, 2, 3)),
        ("2026", "MMXXVI", 3, ()),
        ("date>", "when>", 3, ()),
        ('version="v2"', 'version="second"', 3, (1, 3)),
        ('version="v3"', 'version="v0"', None, (1, 2)),
        ('version="v3"', 'version="v99999"', None, (1, 2)),
        ('version="v3"', "", None, (1, 2)),
        ('version="v2"', 'version="v1"', 3, (1, 3)),
        ('version="v1"', 'version="v7"', 3, (2, 3, 7)),
    ],
)
def test_a_version_that_cannot_be_read_is_left_out(old: str, new: str, version: int | None, told: tuple[int, ...]) -> None:
    body = page(record(1, 3)).decode().replace(old, new)
    (found,) = read_arxiv_oai(response(body.encode())).sightings
    assert (found.version, tuple(submission.version for submission in found.submissions)) == (version, told)


def test_moments_are_in_utc() -> None:
    body = page(record()).decode().replace("GMT", "+0200")
    (found,) = read_arxiv_oai(response(body.encode())).sightings
    assert found.submissions == (Submission(1, submissions()[0].at - timedelta(hours=2)),)


@pytest.mark.parametrize(
    ("flags", "withdrawn"), [(("", "I"), True), (("", "AI"), True), (("I", "D"), False), (("D", ""), False), (("I", ""), False)]
)
def test_only_the_newest_version_withdraws_a_paper(flags: tuple[str, str], withdrawn: bool) -> None:  # noqa: FBT001
    body = page(record(1, 2)).decode()
    for flag in flags:
        body = body.replace("</size>\n", f"</size><source_type>{flag}</source_type>", 1)
    (found,) = read_arxiv_oai(response(body.encode())).sightings
    assert found.withdrawn is withdrawn


@pytest.mark.parametrize("field", ["comment", "abstract"])
def test_a_paper_is_withdrawn_when_its_authors_say_so(field: str) -> None:
    assert read(record(entry=entry(1, **{field: "THIS PAPER HAS BEEN WITHDRAWN by the authors."}))).withdrawn
    assert not read(record(entry=entry(1, **{field: "We have withdrawn one claim of the first version."}))).withdrawn


@pytest.mark.parametrize(
    ("old", "new", "key", "why"),
    [
        ("<id>2608.00002</id>", "", "2608.00002", "no arXiv id"),
        ("<id>2608.00002</id>", "<id>none</id>", "2608.00002", "no arXiv id"),
        ("<id>2608.00002", "<id>\x9b31m", "2608.00002", "no arXiv id"),
        ("2608.00002", "x" * 500, "x" * 79 + "…", "no arXiv id"),
        ("2608.00002", " ", "record 2", "no arXiv id"),
        ("<title>Title 2</title>", "", "2608.00002", "no title"),
        ("Title 2", " \u202e ", "2608.00002", "no title"),
        ("metadata>", "about>", "2608.00002", "no arXiv id"),
        ("Title 2", "R & D", "2608.00002", "no well-formed XML"),
        ("Title 2", "a < b", "2608.00002", "no well-formed XML"),
        ("Title 2", "&nbsp;", "2608.00002", "no well-formed XML"),
        ("Title 2", "&#27;[31m", "2608.00002", "no well-formed XML"),
        ("Title 2", "<a>" * 300 + "</a>" * 300, "2608.00002", "no well-formed XML"),
        ("<header>", "", "2608.00002", "no well-formed XML"),
        ("</record>", "", "2608.00002", "no well-formed XML"),
    ],
)
def test_one_bad_record_is_a_reject_and_the_others_are_kept(old: str, new: str, key: str, why: str) -> None:
    found = changed(old, new)
    assert keys(found) == ["2608.00001", "2608.00003"]
    assert found.rejects == (Reject(key=key, why=why),)
    assert found.whole
    assert len(found.follow) == 1


@pytest.mark.parametrize("character", ["\0", "\x1b", "\ufffe", "\x0b"])
def test_a_character_that_xml_does_not_have_costs_nothing(character: str) -> None:
    found = changed("Title 2", f"Title{character} 2")
    assert [sighting.title for sighting in found.sightings] == ["Title 1", "Title 2", "Title 3"]
    assert (found.rejects, found.whole, len(found.follow)) == ((), True, 1)


def test_a_byte_that_is_no_utf_8_costs_nothing() -> None:
    body = page(record(1), record(2)).replace(b"Title 2", b"Title \xff 2")
    assert [sighting.title for sighting in read_arxiv_oai(response(body)).sightings] == ["Title 1", "Title \ufffd 2"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_other_encodings_are_read_whole_and_cut(encoding: str) -> None:
    text = (
        page(record(1), record(2))
        .decode()
        .replace('"UTF-8"', f'"{encoding.removesuffix("-sig")}"')
        .replace("Title 1", "Títle 1")
    )
    body = text.encode(encoding)
    assert keys(read_arxiv_oai(response(body))) == ["2608.00001", "2608.00002"]
    cut = read_arxiv_oai(response(body[:-200]))
    assert (keys(cut), cut.sightings[0].title, cut.whole) == (["2608.00001"], "Títle 1", False)


def test_a_page_cut_anywhere_keeps_the_whole_records_and_says_so() -> None:
    records = [record(1, 2), record(2, entry=entry(2, title="Erdős & Gödel"))]
    body = page(*records, token=oai_token(RAW, 2))
    opening = body.index(b"<ListRecords>") + len(b"<ListRecords>")
    for end in range(0, len(body), 3):
        cut = body[:end]
        try:
            found = read_arxiv_oai(response(cut))
        except ReadError:
            assert end < opening
            continue
        assert found.sightings == tuple(map(expected, records[: cut.count(b"</record>")]))
        assert (found.whole, found.follow) == (False, ())
        torn = cut.rfind(b"<record") > cut.rfind(b"</record>")
        assert [reject.why for reject in found.rejects] == ["the page breaks off in this record"] * torn
        assert found.reached == (DAY if found.sightings else None)


@often
@given(pages(days.filter(bool)), st.integers(0, 1000))
def test_any_page_that_is_cut_tells_only_what_is_true(records: list[Record], per_mille: int) -> None:
    body = page(*records, token=oai_token(RAW, 2500))
    with suppress(ReadError):
        found = read_arxiv_oai(response(body[: len(body) * per_mille // 1001]))
        assert found.sightings == tuple(map(expected, records))[: len(found.sightings)]
        assert (found.whole, found.follow) == (False, ())


def test_the_record_in_which_a_page_breaks_off_is_named() -> None:
    body = page(record(1), record(2))
    found = read_arxiv_oai(response(body[: body.rindex(b"<abstract>") + 12]))
    assert keys(found) == ["2608.00001"]
    assert found.rejects == (Reject(key="2608.00002", why="the page breaks off in this record"),)


def test_more_after_the_end_is_no_harm() -> None:
    found = read_arxiv_oai(response(page(record(1), token="next") + b"<!-- made in 0.1 s --><p>"))
    assert (keys(found), found.rejects, found.whole, len(found.follow)) == (["2608.00001"], (), True, 1)


def test_that_nothing_matches_is_an_empty_page() -> None:
    body = render_oai_error("noRecordsMatch", RAW, AT)
    assert read_arxiv_oai(response(body)) == Page(kind="catalogue", as_of=AT.date())


@pytest.mark.parametrize("code", ["badArgument", "badResumptionToken", "cannotDisseminateFormat"])
def test_every_other_error_is_one_with_its_code_first(code: str) -> None:
    body = render_oai_error(code, RAW, AT, "Set does\n not exist " + "x" * 500)
    with pytest.raises(ReadError) as error:
        read_arxiv_oai(response(body))
    source, url, message = error.value.about
    assert (source, url) == ("arxiv", response(b"").url)
    assert message.startswith(f"{code}: ")
    assert "Reason: Set does not exist x" in message
    assert len(message) == len(code) + 2 + 300
    assert message.startswith(BAD_TOKEN) is (code == "badResumptionToken")


def test_an_error_without_a_code_is_one_too() -> None:
    with pytest.raises(ReadError, match="error: The token is no token"):
        read_arxiv_oai(response(render_oai_error("badResumptionToken", RAW, AT).replace(b" code='badResumptionToken'", b"")))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"\0\0\0",
        b"Rate exceeded.",
        b'{"records": []}',
        b"/etc/passwd",
        b"<!DOCTYPE html><html><head><title>503</title></head><body><p>Unavailable<br></p></body></html>",
        b"<html xmlns='http://www.w3.org/1999/xhtml'><body><record>1</record></body></html>",
        b"<OAI-PMH>" * 100,
        b"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'/>",
        b"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><Identify/></OAI-PMH>",
        b"<?xml version='1.0' encoding='undefined'?><OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'/>",
        b"<record>" * 1000,
    ],
)
def test_what_is_no_answer_is_an_error_that_names_the_address(body: bytes) -> None:
    with pytest.raises(ReadError) as error:
        read_arxiv_oai(response(body))
    assert BASE in str(error.value)


@pytest.mark.parametrize("record_", ["<record/>", "<record></record>", "<record>", "<record>&"])
def test_a_page_of_very_many_records_is_refused(record_: str) -> None:
    body = f"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><ListRecords>{record_ * 20_001}</ListRecords></OAI-PMH>"
    with pytest.raises(ReadError, match="more than 20,000 records"):
        read_arxiv_oai(response(body.encode()))


@pytest.mark.parametrize(
    "document_type",
    [
        f'<!DOCTYPE OAI-PMH [<!ENTITY l0 "ha">{LAUGHS}]>',
        '<!DOCTYPE OAI-PMH [<!ENTITY l9 "ha">]>',
        "<!DOCTYPE OAI-PMH [<!ENTITY l9 SYSTEM '{secret}'>]>",
        "<!DOCTYPE OAI-PMH [<!ENTITY % l0 SYSTEM '{secret}'> %l0;]>",
        "<!DOCTYPE OAI-PMH SYSTEM '{secret}'>",
        "<!DOCTYPE OAI-PMH>",
    ],
    ids=["bomb", "entity", "file", "parameter", "external", "bare"],
)
@pytest.mark.parametrize("where", ["Title 1", "v1", "no place"])
def test_what_declares_entities_is_refused_and_no_file_is_opened(document_type: str, where: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("<!ENTITY l9 'the secret'>")
    body = page(record()).decode().replace("?>", f"?>{document_type.replace('{secret}', secret.as_uri())}", 1)
    for cut in (len(body), -1):
        with pytest.raises(ReadError) as error:
            read_arxiv_oai(response(body.replace(where, "&l9;")[:cut].encode()))
        assert "the secret" not in str(error.value)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=60) | st.sampled_from([b"<record>", b"</record>", b"</OAI-PMH>", b"<", b"&"]), st.floats(0, 1))
def test_noise_raises_nothing_but_read_errors(noise: bytes, where: float) -> None:
    body = page(record(1), record(2))
    middle = int(len(body) * where)
    for broken in (noise, body[:middle] + noise + body[middle:]):
        with suppress(ReadError):
            found = read_arxiv_oai(response(broken))
            assert all(clean(sighting.title) == sighting.title for sighting in found.sightings)


def test_a_page_of_the_largest_size_is_read() -> None:
    records = [record(number, entry=entry(number, abstract="word " * 1500)) for number in range(1, 1801)]
    body = page(*records)
    assert len(body) > 12_000_000
    assert len(read_arxiv_oai(response(body)).sightings) == 1800


def sample(name: str) -> Page:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return read_arxiv_oai(response(path.read_bytes()))


@pytest.mark.real
def test_the_samples_of_the_format_with_all_versions() -> None:
    found = sample("oai/ListRecords_arXivRaw_page1_token.xml")
    assert (len(found.sightings), found.rejects, found.whole) == (25, (), True)
    assert (found.reached, found.as_of) == (date(2011, 2, 3), date(2026, 7, 28))
    (address,) = found.follow
    assert parse_qs(urlsplit(address).query)["resumptionToken"] == [
        "verb%3DListRecords%26metadataPrefix%3DarXivRaw%26from%3D2011-02-03%26skip%3D19"
    ]
    by_key = {sighting.key: sighting for sighting in found.sightings}
    assert by_key["cs/0001024"].report_number == "Los Alamos Preprint LA-UR-00-309"
    assert by_key["cs/0001024"].submissions == (Submission(1, datetime(2000, 1, 25, 16, 9, 37, tzinfo=UTC)),)
    assert [author.name for author in by_key["hep-th/9901002"].authors] == ["M. Cvetic", "H. Lu", "C.N. Pope", "T.A Tran"]
    assert [sighting.key for sighting in found.sightings if sighting.withdrawn] == ["0903.0442"]
    assert (by_key["0903.0442"].version, len(by_key["0903.0442"].submissions)) == (5, 5)
    assert sample("oai/GetRecord_arXivRaw_withdrawn.xml").sightings[0].withdrawn


@pytest.mark.real
def test_the_samples_of_the_format_in_pieces() -> None:
    first, last = sample("oai/ListRecords_arXiv_page1_token.xml"), sample("oai/ListRecords_arXiv_lastpage_emptytoken.xml")
    assert [(len(page.sightings), page.rejects, page.whole, len(page.follow)) for page in (first, last)] == [
        (25, (), True, 1),
        (20, (), True, 0),
    ]
    raw = {sighting.key: sighting for sighting in sample("oai/ListRecords_arXivRaw_page1_token.xml").sightings}
    for sighting in first.sightings:
        assert (sighting.title, sighting.abstract) == (raw[sighting.key].title, raw[sighting.key].abstract)
        # "Created" is the day of the newest version on these pages, which is why it tells nothing of the first.
        assert (sighting.version, sighting.submissions) == (None, ())


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("error_1_badArgument", "badArgument: .*Reason: Set does not exist"),
        ("error_2_badArgument", "badArgument: .*Reason: until date too late"),
        ("error_3_badResumptionToken", "badResumptionToken: .*Reason: Token decoding failed"),
        ("error_5_cannotDisseminateFormat", "cannotDisseminateFormat: .*Did not recognize requested format"),
        ("error_6_idDoesNotExist", "idDoesNotExist: .*Nothing found for this ID"),
        ("Identify", "no list of records"),
        ("ListIdentifiers_page1_token", "no list of records"),
    ],
)
def test_the_samples_of_errors(name: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        sample(f"oai/{name}.xml")
    assert sample("oai/error_0_noRecordsMatch.xml").sightings == ()


@pytest.mark.real
def test_the_samples_of_the_old_server() -> None:
    found = sample("oai_legacy/hepcrawl_sample_arxiv_record.xml")
    assert (len(found.sightings), found.rejects, found.follow) == (12, (), ())
    by_key = {sighting.key: sighting for sighting in found.sightings}
    assert by_key["1512.07978"].submissions == (Submission(1, datetime(2015, 12, 25, tzinfo=UTC)),)
    assert [author.name for author in by_key["1603.05976"].authors][:3] == ["Keck Array", "BICEP2 Collaborations", "P. Ade"]
    assert by_key["1606.07066"].authors[0] == Author("Curtis J. Saxton Walton", "Technion; DESY")
    assert by_key["1604.05585"].authors[0] == Author("Günter Burigana", "on behalf of Planck Collaboration")
    revised = sample("oai_legacy/hepcrawl_arxiv-physics-hep-ex.xml")
    assert [(sighting.version, sighting.submissions) for sighting in revised.sightings] == [(None, ())] * 3
    assert revised.sightings[0].title.startswith(
        "Evaluation of Silicon Photomultipliers for use as Photosensors in Liquid Xenon"
    )
