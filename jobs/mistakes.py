"""What is wrong with the settings, as lines for a person: where, and what to write instead."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

Place = tuple[str | int, ...]
"""Where a setting stands in the tree that file and environment make: ("topics", 1, "query"), counted from 0."""

PREFIX: Final = "PAPERLARK_"
TABLES: Final = frozenset({"sources", "feeds", "topics", "subscriptions", "smtp", "serve", "log"})
"""Everything else of the tree stands under `[paperlark]` in the file."""

_NOT_HERE: Final = "a {0} does not belong into the settings; name where it is with {0}_env, {0}_file or {0}_command"
_SECRETS: Final = frozenset({("smtp", "password"), ("sources", "token")})

_WORDS: Final = {
    "missing": "is missing",
    "string_type": "must be text in quotes",
    "string_unicode": "must be text in UTF-8",
    "tuple_type": 'must be a list, as in ["one", "two"]',
    "model_type": "must be a table",
    "dict_type": "must be a table",
    "mapping_type": "must be a table",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "too_short": "must not be empty",
    "value_error": "{error}",
}


class Mistake(NamedTuple):
    """One thing that is wrong."""

    place: Place
    why: str


def nearest(word: str, known: Iterable[str]) -> str:
    """Return what to append to a line about an unknown word: the nearest known one, or all of them."""
    known = sorted(known)
    near = get_close_matches(word, known, 1)
    return f'; did you mean "{near[0]}"?' if near else f"; known: {', '.join(known) or 'none'}"


def from_pydantic(error: ValidationError, keys: Mapping[str, Iterable[str]]) -> list[Mistake]:
    """Put pydantic's findings into our words; `keys` are those of each table. What was given is not said: it may be secret."""
    found = error.errors(include_url=False, include_input=False)
    return [Mistake(one["loc"], _why(one["type"], one["loc"], one.get("ctx", {}), keys)) for one in found]


def _why(kind: str, place: Place, context: dict[str, Any], keys: Mapping[str, Iterable[str]]) -> str:
    if kind == "extra_forbidden":
        if (place[0], place[-1]) in _SECRETS:
            return _NOT_HERE.format(place[-1])
        return "unknown key" + nearest(str(place[-1]), keys[str(place[0])])
    words = {name: str(value).replace("'", '"') if name == "expected" else value for name, value in context.items()}
    return _WORDS[kind].format_map(words)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where settings come from: the file as the reader called it ("" for none), and what the environment set."""

    file: str
    environment: Mapping[str, Any]

    def line(self, mistake: Mistake) -> str:
        """Return the mistake as one line, the lists counted from 1."""
        variable, rest = self._variable(mistake.place)
        if variable:
            where = ": ".join(part for part in (variable, _path(rest)) if part)
        else:
            place = mistake.place if mistake.place[0] in TABLES else ("paperlark", *mistake.place)
            where = f"{self.file or 'settings'}: {_path(place)}"
        return f"{where}: {mistake.why}"

    def _variable(self, place: Place) -> tuple[str, Place]:
        """Return the variable that set what is wrong, and the place within it; "" when none did."""
        inner: Any = self.environment
        depth = 0
        while isinstance(inner, Mapping) and depth < len(place) and place[depth] in inner:
            inner, depth = inner[place[depth]], depth + 1
        # A table of which some other key is set in the environment is not what is wrong.
        if depth == 0 or (isinstance(inner, Mapping) and depth < len(place)):
            return "", place
        return PREFIX + "__".join(str(step) for step in place[:depth]).upper(), place[depth:]


def _path(place: Place) -> str:
    path = ""
    for step in place:
        path += f"[{step + 1}]" if isinstance(step, int) else f".{step}"
    return path.removeprefix(".")
