"""The catalogues say everything the program says, and nothing else."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from digests.language import DOMAIN, language

PACKAGE = Path(__file__).parents[2] / "digests"
LOCALES = sorted(path.name for path in (PACKAGE / "locales").iterdir())
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "dated": (2,)}
METHODS = [("templates/**.*", "jinja2"), ("**.py", "python")]
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def template() -> Catalog:
    """Return every message of the templates and the modules."""
    catalog = Catalog()
    for path, line, message, _, context in extract_from_dir(PACKAGE, METHODS, keywords=KEYWORDS):
        catalog.add(message, locations=[(path, line)], context=context)
    return catalog


def translated(code: str) -> Catalog:
    with (PACKAGE / "locales" / code / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as source:
        return read_po(source, locale=code, domain=DOMAIN)


def messages(catalog: Catalog) -> dict[tuple[str, ...], Message]:
    return {ids(message): message for message in catalog if message.id}


def strings(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, (tuple, list)) else (str(message.string or ""),)


def ids(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, (tuple, list)) else (str(message.id),)


def test_messages_are_found() -> None:
    found = messages(template())
    assert {("Updates",), ("EEEE, d MMMM y",), ("why: ",), ("%(count)s update", "%(count)s updates")} <= set(found)
    assert len(found) > 50


@pytest.mark.parametrize("code", LOCALES)
def test_no_message_is_missing_or_obsolete(code: str) -> None:
    wanted, there = set(messages(template())), set(messages(translated(code)))
    assert wanted - there == set()
    assert there - wanted == set()
    assert not translated(code).obsolete


@pytest.mark.parametrize("code", LOCALES)
def test_no_message_is_fuzzy_or_empty(code: str) -> None:
    for message in messages(translated(code)).values():
        assert not message.fuzzy, message.id
        assert all(strings(message)), message.id


@pytest.mark.parametrize("code", LOCALES)
def test_placeholders_agree(code: str) -> None:
    for message in messages(translated(code)).values():
        wanted = set(PLACEHOLDER.findall(ids(message)[-1]))
        for string in strings(message):
            assert set(PLACEHOLDER.findall(string)) == wanted, message.id
            assert string.replace("%(", "").count("%") == 0, message.id


@pytest.mark.parametrize("code", LOCALES)
def test_every_plural_form_is_there(code: str) -> None:
    catalog = translated(code)
    for message in messages(catalog).values():
        assert len(strings(message)) == (catalog.num_plurals if len(ids(message)) > 1 else 1), message.id


def test_chinese_is_set_as_chinese() -> None:
    for message in messages(translated("zh")).values():
        for string in strings(message):
            # Half-width punctuation after or before an ideograph, and the measure words for papers and updates.
            assert not re.search(r"[\u4e00-\u9fff][,:;!?.]|[,:;!?][\u4e00-\u9fff]", string), string
            assert not re.search(r"%\(count\)s (?:个|论文|更新)", string), string


def test_a_language_without_a_catalogue_is_english() -> None:
    assert language("xx").tag == "en"
    assert language("zh").tag == "zh-CN"
