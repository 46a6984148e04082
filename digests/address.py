"""A mail address as people write it: `Paperlark <you@example.org>`, `you@example.org`. Pure."""

import re
from dataclasses import dataclass
from typing import Final, Self

from crawler.text import NAME_LIMIT, clean

# RFC 5322 §3.2.3 without quoted strings and comments, which real addresses do not have; RFC 5321 §4.5.3.1 for the lengths.
_LOCAL: Final = re.compile(r"(?=.{1,64}\Z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN: Final = re.compile(r"(?=.{1,255}\Z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.(?!\Z)|\Z))+")
_WRITTEN: Final = re.compile(r"(?:(?P<name>[^<>]*)<(?P<named>[^<>]+)>|(?P<bare>[^<>]+))")
_ESCAPED: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Address:
    """One mail address: `local` and `domain` are ASCII (an international domain in its `xn--` form); `name` may be empty."""

    local: str
    domain: str
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse what no server would take, or would take for something else."""
        if not (_LOCAL.fullmatch(self.local) and _DOMAIN.fullmatch(self.domain)):
            raise ValueError("not a mail address")

    @property
    def mailbox(self) -> str:
        """The address alone, as SMTP and the headers have it."""
        return f"{self.local}@{self.domain}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read an address with or without a name; None when it is none.

        A local part beyond ASCII (RFC 6531) is refused: too few servers take one.

        >>> Address.parse('"Morning, early" <you@example.org>')
        Address(local='you', domain='example.org', name='Morning, early')
        """
        match = _WRITTEN.fullmatch(clean(text))
        if match is None:
            return None
        local, _, domain = (match["named"] or match["bare"]).strip().rpartition("@")
        try:
            return cls(local, domain.encode("idna").decode("ascii"), _unquoted(match["name"] or ""))
        except ValueError:
            return None


def _unquoted(name: str) -> str:
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = _ESCAPED.sub(r"\1", name[1:-1])
    return clean(name, NAME_LIMIT)
