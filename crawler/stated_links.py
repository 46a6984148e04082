"""The links that authors state in their texts. Pure.

Of what a text says, a repository is its authors' own unless the words before it say otherwise; any other page is theirs only
where the words say that it is the project's. An address of which a part may have been lost at the end of a line is none:
a wrong link is worse than none.
"""

import re
from collections.abc import Iterator
from typing import Final

from crawler.links import Link, code_link, page_link

# A blank, what only TeX and Markdown write around an address, and CJK characters and punctuation end it.
_ADDRESS: Final = re.compile(
    r"""
    (?: https?://
      | (?<![\w@.-])
        (?= www\. | [\w-]{1,60}\.git(?:hub|lab)\.io\b
          | (?:github|gitlab|bitbucket|codeberg|gitee|huggingface|hf)\.(?:com|org|co)/ )
    )
    (?: \\[_#%&~] | [^\s{}<>"|`\\\u2026\u3000-\u30ff\u3400-\u9fff\uff00-\uffef] )+
    """,
    re.IGNORECASE | re.VERBOSE,
)
# One of these is in every address, and to look for them takes a hundredth of the time.
_SIGNS: Final = ("://", ".co", ".io", ".org/", "www.")
_ESCAPED: Final = re.compile(r"\\([_#%&~])")
_CLOSING: Final = ".,;:!?'\"*~^$”’"
_PAIRS: Final = {")": "(", "]": "["}

_BEFORE: Final = 120
_SENTENCE_END: Final = re.compile(r"(?<=[a-z0-9)\]%$}][.!?]) +(?=[A-Z\\$(])")
_OWN: Final = re.compile(
    r"\b(?:our|code|codes|codebase|sources?|git(?:hub|lab)|repo|repository|released?|releasing|open-?sourced?|available|publicly|project|here|"
    r"implementation|toolkit|we|this work)\b",
    re.IGNORECASE,
)
_OTHERS: Final = re.compile(
    r"\b(?:based on|buil[dt]s?(?:ing)? (?:up)?on|adapted from|derived from|borrowed from|taken from|forked? (?:from|of)|using|"
    r"uses?|thanks to|powered by|compared (?:to|with)|extends?|such as|e\.g\.,?|provided by)\b",
    re.IGNORECASE,
)
_PROJECT: Final = re.compile(
    r"\b(?:project|web ?|home ?|demo ?)[ -]?(?:page|site|webpage|website|homepage)s?\b|\b(?:web(?:site|page)|homepage|"
    r"project(?: link)?|demos?)(?: (?:is|are|at|and))*:? *(?:\\(?:url|href|texttt) *)?[{($\[]*$",
    re.IGNORECASE,
)
_GATHERING: Final = re.compile(
    r"\b(?:workshops?|conferences?|challenge|competition|tutorial|shared task|task homepage|proceedings|course|presented|"
    r"accepted|conf|hackathon|symposium|license|licence|dataset of|collected from|crawled)\b",
    re.IGNORECASE,
)
_SHOWN: Final = re.compile(
    r"\b(?:project|page|site|website|webpage|codes?|data|datasets?|demos?|available|released?|videos?|results?|visit|see|models?|"
    r"benchmark|leaderboard|resources|visuali[sz]ations?|found|accessed|open-?sourced?)\b",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile("[.;,|(]")
_LABEL: Final = re.compile(r"\}?\{\\?[a-z]*\{?(?=[^}]{0,60}(?:project|page|website|homepage|demo))", re.IGNORECASE)


def stated_links(text: str) -> tuple[Link, ...]:
    """Return the links to code and to the project's page that the authors of a clean text state to be theirs, each once.

    >>> [link.url for link in stated_links("Built upon https://github.com/a/b. Code: https://github.com/me/net.git.")]
    ['https://github.com/me/net']
    """
    # Most texts have neither, and to see that takes a tenth of the time of looking for every sign.
    if "/" not in text and ".io" not in text:
        return ()
    found: dict[str, Link] = {}
    for link in _stated(text):
        found.setdefault(link.key, link)
    return tuple(found.values())


def _addresses(text: str) -> Iterator[re.Match[str]]:
    """Yield the addresses in a text: looked for only between the blanks around a sign of one."""
    end = 0
    while (first := min((place for sign in _SIGNS if (place := text.find(sign, end)) >= 0), default=-1)) >= 0:
        start, stop = text.rfind(" ", end, first) + 1, text.find(" ", first)
        stop = stop if stop >= 0 else len(text)
        yield from _ADDRESS.finditer(text, max(start, end), stop)
        end = stop


def _stated(text: str) -> Iterator[Link]:
    for match in _addresses(text):
        address = _ESCAPED.sub(r"\1", _trimmed(match[0]))
        if _is_cut(text, match.end(), address):
            continue
        before = _before(text, match.start())
        link = code_link(address, official=True)
        if link and not _is_others(before):
            yield link
        elif link is None and _is_project(address, before, text, match.end()) and (page := page_link(address, official=True)):
            yield page


def _trimmed(address: str) -> str:
    """Take off what belongs to the sentence around it; a bracket stays that was opened inside."""
    address = address.partition("](")[0]  # Markdown's own address follows
    while address:
        last = address[-1]
        opening = _PAIRS.get(last)
        if last in _CLOSING or (opening and address.count(last) > address.count(opening)):
            address = address[:-1]
        else:
            break
    return address


def _is_cut(text: str, end: int, address: str) -> bool:
    """Whether a part of the address may be missing: a hyphen or slash before a blank is where lines are broken."""
    following = text[end : end + 2]
    if following.startswith("…"):
        return True
    return address.endswith(("-", "_")) and following[:1] == " " and following[1:2].isalnum()


def _before(text: str, start: int) -> str:
    """Return what is said right before an address: of its sentence, and of what follows the address before it."""
    before = text[max(0, start - _BEFORE) : start]
    last = max((match.end() for match in _addresses(before)), default=0)
    return _SENTENCE_END.split(before[last:])[-1]


def _is_others(before: str) -> bool:
    return bool(_OTHERS.search(before)) and not _OWN.search(before)


def _is_project(address: str, before: str, text: str, end: int) -> bool:
    """Whether an address that is of no forge is said to be the page of the project."""
    if _PROJECT.search(before) or _LABEL.match(text, end):
        return not _GATHERING.search(_CLAUSE.split(before)[-1])
    if _GATHERING.search(before):
        return False
    own_site = ".github.io" in address.lower() or ".gitlab.io" in address.lower()
    return own_site and bool(_SHOWN.search(before) or not text[end:].strip(" .)}"))
