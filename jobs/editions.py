"""Editions and volumes by the names that their source has for them: those it has not are mistakes, with what it has. Pure."""

import re
from collections.abc import Iterable
from typing import Final

from crawler.errors import SettingsError
from crawler.programmes import Edition
from crawler.source import Source
from crawler.venues import shipped

_VOLUME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


def editions_of(source: Source, texts: Iterable[str]) -> tuple[str, ...]:
    """Return editions as the source spells them; SettingsError for one that it has not."""
    return tuple(edition_at(source, text) for text in texts)


def edition_at(source: Source, text: str) -> str:
    """Return one edition as the source spells it, whatever its case and the name of its venue; SettingsError for others."""
    edition = Edition.parse(text)
    if source.any_venue:
        if edition is None:
            raise SettingsError([f"{text} is no edition; write its acronym and its year, as in CVPR2026"])
        return _part_at(source, edition, text)
    if not source.venues:
        raise SettingsError([f"{source.title} has no editions"])
    acronym = _acronym_at(source, edition.acronym) if edition else None
    if edition is None or acronym is None:
        raise SettingsError([f"{source.title} has no {text}; its venues are {', '.join(source.venues)}"])
    return _part_at(source, edition._replace(acronym=acronym), text)


def volume_at(source: Source, text: str) -> str:
    """Return a volume by the name that the source has for it; SettingsError where there are none, or for what is no name."""
    if not source.volumes:
        raise SettingsError([f"{source.title} has no volumes"])
    if _VOLUME.fullmatch(text) is None:
        raise SettingsError([f"{text} is no volume of {source.title}"])
    return text


def _acronym_at(source: Source, name: str) -> str | None:
    """Return a venue as the source spells it, by any of its names; None for one that it has not."""
    spelled = {acronym.casefold(): acronym for acronym in source.venues}
    known = shipped().find(name)
    names = (name, known.acronym if known else name)
    return next((spelled[one.casefold()] for one in names if one.casefold() in spelled), None)


def _part_at(source: Source, edition: Edition, text: str) -> str:
    """Return an edition, or its part, once it is known that it is held and that there is such a part."""
    venue = shipped().find(edition.acronym)
    if venue is not None and venue.kind != "journal" and not venue.is_held(edition.year):
        held = [year for year in range(edition.year - venue.every, edition.year + venue.every) if venue.is_held(year)]
        when = f"{venue.acronym} is held every {venue.every} years, as in {' and '.join(map(str, held))}"
        raise SettingsError([f"{source.title} has no {text}; {when}"])
    parts = [part.name for part in source.parts if part.is_of(edition.acronym, edition.year)]
    if edition.part and edition.part not in parts:
        there = (edition.name, *(f"{edition.name}_{part}" for part in parts))
        raise SettingsError([f"{source.title} has no {text}; it has {', '.join(there)}"])
    return f"{edition.name}_{edition.part}" if edition.part else edition.name
