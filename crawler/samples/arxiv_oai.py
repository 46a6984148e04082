"""arXiv's OAI-PMH pages, for the demo and the tests, in the form of the templates of github.com/arXiv/oaipmh (2026-08).

Oddities included: an error's code in other quotes than all the rest, an abstract that begins with blanks, a token that is
quoted once, and in the format `arXiv` the day of the newest version as the one of creation.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode

from crawler.readers.arxiv_oai import oai_set
from crawler.samples.arxiv import MONTHS, WEEKDAYS, Entry
from crawler.samples.arxiv_feed import xml
from crawler.sighting import Submission

_SUFFIX: Final = re.compile(r"(?:Jr|Sr)\.?|II|III|IV")
_WORDS: Final = {
    "noRecordsMatch": "No record is in the set and has changed in the span.",
    "badArgument": "An argument is missing, unknown or given twice, or its value has not the right form.",
    "badResumptionToken": "The token is no token, or has expired.",
    "cannotDisseminateFormat": "Records are not to be had in this format.",
}
_ANSWER: Final = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" \n\
         xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
         xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">
    <responseDate>{at:%Y-%m-%dT%H:%M:%SZ}</responseDate>
                <request{asked}>http://oaipmh.arxiv.org/oai</request>


{content}
</OAI-PMH>"""
_RECORD: Final = """                    <record>
                <header>
        <identifier>oai:arXiv.org:{id}</identifier>
        <datestamp>{datestamp}</datestamp>
{sets}    </header>

            <metadata>
                        <{prefix} xmlns="http://arxiv.org/OAI/{prefix}/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://arxiv.org/OAI/{prefix}/ https://oaipmh.arxiv.org/OAI/{prefix}.xsd">
        <id>{id}</id>
{fields}    </{prefix}>

            </metadata>
        </record>

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One paper as OAI-PMH has it: the day it was last changed, and at least one submission, the newest one last.

    What `entry` says of version and action is not told. `withdrawn`: the newest version withdraws the paper.
    """

    entry: Entry
    datestamp: date
    submissions: tuple[Submission, ...]
    licence: str | None = None
    report_number: str | None = None
    withdrawn: bool = False


def render_oai(records: Sequence[Record], asked: Mapping[str, str], at: datetime, token: str | None = None) -> bytes:
    """Return a page of records in the format `asked` for (`arXivRaw` or `arXiv`), answered `at`, which is in UTC.

    With a token there are more pages, with an empty one this is the last, and without any it is the only one.
    """
    prefix = asked.get("metadataPrefix", "arXivRaw")
    fields = _fields if prefix == "arXiv" else _raw_fields
    rendered = "".join(
        _RECORD.format(
            id=record.entry.id,
            datestamp=record.datestamp,
            sets="".join(f"            <setSpec>{oai_set(category)}</setSpec>\n" for category in record.entry.categories),
            prefix=prefix,
            fields=fields(record),
        )
        for record in records
    )
    midnight = f"{at.date() + timedelta(days=1)}T00:00:00Z"
    tokens = {None: "", "": "                    <resumptionToken/>\n\n"}
    last = f"                    <resumptionToken expirationDate='{midnight}'>{_xml(token or '')}</resumptionToken>\n\n"
    return _answer(f"    <ListRecords>\n{rendered}{tokens.get(token, last)}    </ListRecords>", asked, at)


def render_oai_error(code: str, asked: Mapping[str, str], at: datetime, reason: str = "") -> bytes:
    """Return the page that says what is wrong, which comes with status 200."""
    words = _WORDS[code] + (f" Reason: {reason}" if reason else "")
    return _answer(f"    <error code='{code}'>{_xml(words)}</error>", {} if code.startswith("bad") else asked, at)


def oai_token(asked: Mapping[str, str], skip: int) -> str:
    """Return the token for what was `asked`, from the record on that has so many before it."""
    return quote(urlencode({**asked, "skip": skip}))


def _answer(content: str, asked: Mapping[str, str], at: datetime) -> bytes:
    attributes = "".join(f' {name}="{_xml(value)}"' for name, value in asked.items())
    return _ANSWER.format(at=at, asked=attributes, content=content).encode()


def _raw_fields(record: Record) -> str:
    entry = record.entry
    newest = len(record.submissions) - 1
    versions = "".join(
        _version(submission, gone=record.withdrawn and place == newest) for place, submission in enumerate(record.submissions)
    )
    return (
        f"        <submitter>{_xml(next(iter(entry.authors), 'Nobody'))}</submitter>\n{versions}"
        f"        <title>{_xml(entry.title)}</title>\n"
        f"        <authors>{_xml(', '.join(entry.authors))}</authors>\n"
        f"        <categories>{' '.join(entry.categories)}</categories>\n{_others(record)}"
    )


def _version(submission: Submission, *, gone: bool) -> str:
    at = submission.at
    day = f"{WEEKDAYS[at.weekday()][:3]}, {at.day:02} {MONTHS[at.month - 1][:3]} {at.year:04}"
    return (
        f'            <version version="v{submission.version}">\n'
        f"                <date>{day} {at:%H:%M:%S} GMT</date>\n"
        f"                <size>{0 if gone else 17}kb</size>\n"
        f"{'                    <source_type>I</source_type>' + chr(10) if gone else ''}"
        "            </version>\n"
    )


def _fields(record: Record) -> str:
    entry = record.entry
    created = record.submissions[-1].at.date()
    updated = f"            <updated>{record.datestamp}</updated>\n" if record.datestamp != created else ""
    return (
        f"        <created>{created}</created>\n{updated}"
        f"        <authors>\n{''.join(map(_author, entry.authors))}        </authors>\n"
        f"        <title>{_xml(entry.title)}</title>\n"
        f"            <categories>{' '.join(entry.categories)}</categories>\n{_others(record)}"
    )


def _author(author: str) -> str:
    """Return an author in pieces; places are left out, as the server does."""
    words = author.partition(" (")[0].split()
    suffix = words.pop() if len(words) > 1 and _SUFFIX.fullmatch(words[-1]) else ""
    pieces = (("keyname", words[-1]), ("forenames", " ".join(words[:-1])), ("suffix", suffix))
    inner = "".join(f"                    <{name}>{_xml(text)}</{name}>\n" for name, text in pieces if text)
    return f"                <author>\n{inner}                </author>\n"


def _others(record: Record) -> str:
    """Return the fields that both formats have, and in the same order."""
    entry = record.entry
    fields = (
        ("comments", entry.comment),
        ("report-no", record.report_number),
        ("journal-ref", entry.journal_ref),
        ("doi", entry.doi),
        ("license", record.licence),
        ("abstract", f"  {entry.abstract}"),
    )
    return "".join(f"            <{name}>{_xml(text)}</{name}>\n" for name, text in fields if text)


def _xml(text: str) -> str:
    return xml(text).replace('"', "&#34;").replace("'", "&#39;")
