"""The query language of topics and of `search`: from what a reader typed to conditions, or to one clear line. Pure.

    query     = all (OR all)*
    all       = one ((AND | nothing) one)*
    one       = NOT* [field:] (word | word* | "phrase" | "phrase*" | "(" query ")")
    field     = title | abstract | author | category | task | venue | track | ccf | rank | year | code | stars

Operators and fields are read in any case, NOT binds closest and OR loosest. In quotes everything is words, but for a `*`
that ends the last of them. A hyphen, and parentheses inside a word as in O(n), belong to the word. `code` takes yes or no,
`stars` and `year` a number with or without > >= < <= before it, `venue` an edition (CVPR2026) or an acronym for all of them,
`ccf` a rank in CCF's catalogue, `rank` one in any list; all that an AND asks of venue, rank and track, one place has to have.
Chinese quotation marks, parentheses, colons and asterisks count as the ASCII ones; a comma, or 或 between words, is a mistake.

NOT is moved inwards while reading (De Morgan), so that it only ever stands before a single condition. luqum reads Lucene's
language, but operators in any case, this precedence and the place of every mistake would all have to be put on top of it.
"""

import re
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from crawler.errors import QueryError
from digests.matching import And, Not, Or, Query, candidates, matches
from digests.term import Term, read_term, short
from digests.topic import Field

__all__ = ["And", "Not", "Or", "Query", "Term", "candidates", "matches", "parse"]

NESTING_LIMIT: Final = 10
"""Nobody reads deeper parentheses, and the parser of SQLite's FTS5 gives up at a depth of its own."""

_FIELDS: Final[dict[str, Field]] = {name: name for name in get_args(Field)}
_SAME: Final = str.maketrans("“”„‟＂（）：＊", '"""""():*')
# Read as part of a word, or as one more word to be found, each of these would give the reader nothing without a sign.
_SEPARATOR: Final = re.compile("[，、；;]")
_CONJUNCTIONS: Final = {
    **dict.fromkeys(("或", "或者"), "OR"),
    **dict.fromkeys(("和", "与", "且", "并且", "以及"), "AND"),
    **dict.fromkeys(("非",), "NOT"),
}
# No character of these is part of a word, and in a message on a terminal they do harm.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

Kind = Literal["phrase", "quote", "open", "close", "field", "operator", "word", "end"]

_TOKEN: Final = re.compile(
    r"""
      "(?P<phrase>[^"]*)"
    | (?P<quote>")
    | (?P<open>\()
    | (?P<close>\))
    | (?P<field>(?!\d)[\w-]*):
    | (?P<operator>AND|OR|NOT)(?![^\s()"])
    | (?P<word>[^\s()"]+(?:\([^\s()"]*\)[^\s()"]*)*)
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of the query: `text` as typed, without quotes and the colon of a field; `column` counts from 1."""

    kind: Kind
    text: str
    column: int

    @property
    def operator(self) -> str:
        """AND, OR or NOT; empty for everything else."""
        return self.text.upper() if self.kind == "operator" else ""


@dataclass(frozen=True, slots=True)
class _Scope:
    """What holds for a part of the query: its field, the NOT before it (the column, and whether it is one), its depth."""

    field: Field | None = None
    negated: bool = False
    column: int = 0
    depth: int = 0


class _Reading:
    """Where the reader of the tokens stands. Only this moves."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.tokens = _tokens(query)
        self.at = 0

    @property
    def here(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def mistake(self, token: _Token, why: str) -> QueryError:
        return QueryError(self.query, token.column, why)


def parse(query: str) -> Query:
    """Read a query; QueryError says the first mistake and its column.

    A query that a paper without any of its words would match (`NOT a`, `a OR NOT b`) is a mistake.
    """
    query = _CONTROL.sub(" ", query)
    reading = _Reading(query)
    if reading.here.kind == "end":
        raise reading.mistake(reading.here, "the query is empty")
    found = _either(reading, _Scope())
    if reading.here.kind == "close":
        raise reading.mistake(reading.here, "this closing parenthesis has no opening one")
    if loose := _loose(found):
        why = "NOT alone matches nearly every paper; write it after what to look for, as in: detection NOT survey"
        raise QueryError(query, loose.column, why)
    return found


def _tokens(query: str) -> list[_Token]:
    tokens = []
    for match in _TOKEN.finditer(query.translate(_SAME)):
        kind: Kind = match.lastgroup  # type: ignore[assignment]  # every alternative has one of the names
        # The marks were exchanged one for one, so the reader's own spelling stands at the same place.
        tokens.append(_Token(kind, query[slice(*match.span(kind))], match.start() + 1))
    return [*tokens, _Token("end", "", len(query) + 1)]


def _either(reading: _Reading, scope: _Scope) -> Query:
    parts = [_together(reading, scope)]
    while reading.here.operator == "OR":
        reading.take()
        parts.append(_together(reading, scope))
    return _join(And if scope.negated else Or, parts)


def _together(reading: _Reading, scope: _Scope) -> Query:
    parts = [_one(reading, scope)]
    while reading.here.kind not in ("close", "end") and reading.here.operator != "OR":
        if reading.here.operator == "AND":
            reading.take()
        parts.append(_one(reading, scope))
    return _join(Or if scope.negated else And, parts)


def _join(kind: type[And | Or], parts: list[Query]) -> Query:
    if len(parts) == 1:
        return parts[0]
    inner = (part.parts if isinstance(part, kind) else (part,) for part in parts)
    return kind(tuple(part for several in inner for part in several))


def _one(reading: _Reading, scope: _Scope) -> Query:
    while reading.here.operator == "NOT":
        scope = replace(scope, negated=not scope.negated, column=reading.take().column)
    if reading.here.kind == "field":
        scope = replace(scope, field=_field(reading, scope))
    match reading.here.kind:
        case "open":
            return _group(reading, scope)
        case "word" | "phrase":
            term = _term(reading, scope.field)
            return Not(term, scope.column) if scope.negated else term
        case _:
            raise _missing(reading)


def _field(reading: _Reading, scope: _Scope) -> Field:
    token = reading.take()
    name = _FIELDS.get(token.text.casefold())
    if name is None:
        said = f"there is no field {short(token.text)}:" if token.text else "no field stands before this colon"
        why = f"{said} (the fields are {', '.join(f'{known}:' for known in _FIELDS)}; quote a word that holds a colon)"
        raise reading.mistake(token, why)
    if scope.field:
        raise reading.mistake(token, f"{name}: stands inside {scope.field}: already")
    return name


def _group(reading: _Reading, scope: _Scope) -> Query:
    opening = reading.take()
    if scope.depth == NESTING_LIMIT:
        raise reading.mistake(opening, f"parentheses are more than {NESTING_LIMIT} deep")
    found = _either(reading, replace(scope, depth=scope.depth + 1))
    if reading.here.kind == "end":
        raise reading.mistake(opening, "this parenthesis is not closed")
    reading.take()
    return found


def _missing(reading: _Reading) -> QueryError:
    """Say what is wrong where a word, a phrase or a group should stand."""
    here, before = reading.here, reading.tokens[reading.at - 1]  # before the first token stands the last, the end
    if here.kind == "quote":
        return reading.mistake(here, "this quotation mark is not closed")
    if before.kind == "field":
        why = f"{before.text}: needs a word, a phrase or parentheses right after it; quote a word that holds a colon"
        return reading.mistake(before, why)
    if before.kind == "open" and not here.operator:
        return reading.mistake(before, "these parentheses are " + ("empty" if here.kind == "close" else "not closed"))
    for token, side in ((before, "after"), (here, "before")):
        if token.operator:
            why = f'{token.text} needs something {side} it; to look for the word itself, write "{token.text}"'
            return reading.mistake(token, why)
    return reading.mistake(here, "this closing parenthesis has no opening one")


def _term(reading: _Reading, field: Field | None) -> Term:
    token = reading.take()
    if token.kind == "word" and (mistake := _separator(reading, token, field) or _conjunction(reading, token)):
        raise mistake
    term = read_term(token.text, field, quoted=token.kind == "phrase")
    if isinstance(term, str):
        raise reading.mistake(token, term)
    return term


def _separator(reading: _Reading, token: _Token, field: Field | None) -> QueryError | None:
    mark = _SEPARATOR.search(token.text)
    if mark is None or field == "category":  # of which `read_term` knows better what to say
        return None
    return reading.mistake(replace(token, column=token.column + mark.start()), f"write OR (or AND) in place of {mark[0]}")


def _conjunction(reading: _Reading, token: _Token) -> QueryError | None:
    """Say what to write in place of a Chinese conjunction; one that joins nothing is a word like any other."""
    operator = _CONJUNCTIONS.get(token.text)
    before, after = reading.tokens[reading.at - 2], reading.here  # before the first token stands the last, the end
    follows = before.kind in ("word", "phrase", "close") or (operator == "NOT" and before.kind != "field")
    leads = after.kind in ("word", "phrase", "open", "field") or after.operator == "NOT"
    if operator is None or not (follows and leads):
        return None
    return reading.mistake(
        token, f'write {operator} in place of {token.text}; to look for the word itself, write "{token.text}"'
    )


def _loose(query: Query) -> Not | None:
    """Return the NOT by which a paper without any word of the query would match; None where there is no such way."""
    match query:
        case Term():
            return None
        case Not():
            return query
        case And(parts) | Or(parts):
            ways = [_loose(part) for part in parts]
            enough = all(ways) if isinstance(query, And) else any(ways)
            return next(filter(None, ways)) if enough else None
