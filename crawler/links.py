"""Links from a paper to its code: addresses in their normal form. Pure.

A forge's address is cut to the repository, whatever file, branch or page of it is named: GitHub, GitLab (with its groups inside
of groups), Bitbucket, Codeberg and Gitee, and Hugging Face with its models, datasets and spaces.
"""

import re
from typing import Final, Literal, NamedTuple
from urllib.parse import unquote, urlsplit

LinkKind = Literal["code", "model", "dataset", "demo", "page", "pdf"]
"""What is there: a repository, one of the three kinds at Hugging Face, the project's page, or the paper for nothing."""

URL_LIMIT: Final = 300
"""How many characters an address has at most."""


class Link(NamedTuple):
    """A link from a paper: its address in normal form, what is there, and whether it is the authors' own (None: not said)."""

    url: str
    kind: LinkKind
    official: bool | None = None

    @property
    def key(self) -> str:
        """What two spellings of one address have in common: forges make no difference between capitals."""
        return self.url.partition("://")[2].rstrip("/").casefold()


_OWNER: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,98}[A-Za-z0-9_])?")
_NAME: Final = re.compile(r"(?=[^.]|\.[^.])[A-Za-z0-9._-]{1,100}")
_HOST: Final = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_NO_OWNERS: Final = frozenset(
    (
        *("about", "apps", "assets", "blog", "collections", "contact", "customer-stories", "enterprise", "events", "explore"),
        *("features", "gist", "join", "login", "marketplace", "new", "news", "notifications", "orgs", "organizations"),
        *("pricing", "readme", "search", "security", "settings", "site", "sponsors", "stars", "team", "topics", "trending"),
        *("user-attachments", "users", "docs", "models", "papers", "posts", "tasks", "learn", "chat", "inference-endpoints"),
        *("groups", "projects"),
    )
)
_HUGGING_FACE: Final = {"datasets": "dataset", "spaces": "demo"}
_FORGES: Final = frozenset({"github.com", "bitbucket.org", "codeberg.org", "gitee.com"})
# What these hold is a paper, a talk or a drive, and no page of a project.
_NO_PAGES: Final = re.compile(
    r"(?:.*\.)?(?:arxiv\.org|doi\.org|openreview\.net|youtu\.be|youtube\.com|bilibili\.com|google\.com|acm\.org|ieee\.org|"
    r"springer\.com|sciencedirect\.com|researchgate\.net|zenodo\.org|osf\.io|figshare\.com|kaggle\.com|pypi\.org|wikipedia\.org|"
    r"creativecommons\.org|4open\.science|dropbox\.com|twitter\.com|x\.com|medium\.com)"
)


def code_link(address: str, *, official: bool | None = None) -> Link | None:
    """Return the repository, model, dataset or space that an address leads to, or into; None if it leads to none.

    >>> code_link("http://www.github.com/Octo/deep.net.git"), code_link("hf.co/datasets/octo/cats/tree/main")
    (Link(url='https://github.com/Octo/deep.net', kind='code', official=None), \
Link(url='https://huggingface.co/datasets/octo/cats', kind='dataset', official=None))
    """
    parts = _split(address)
    if parts is None:
        return None
    host, path = parts[0].removeprefix("www."), [unquote(piece) for piece in parts[1].split("/") if piece]
    if host in ("huggingface.co", "hf.co"):
        return _of_hugging_face(path, official=official)
    if host == "raw.githubusercontent.com":
        host = "github.com"
    if host in _FORGES:
        found = _repository(path[:2])
    elif host.startswith("gitlab.") and _HOST.fullmatch(host):
        found = _repository(_group(path))
    else:
        found = None
    return Link(f"https://{host}/{found}", "code", official) if found else None


def page_link(address: str, *, official: bool | None = None) -> Link | None:
    """Return the page at an address as a link; of a repository or the like, that; None if it is no page of the public web."""
    if found := code_link(address, official=official):
        return found
    parts = _split(address)
    if parts is None or not _HOST.fullmatch(parts[0]) or _NO_PAGES.fullmatch(parts[0]):
        return None
    if parts[0].removeprefix("www.") in _FORGES | {"huggingface.co", "hf.co", "github.com"}:
        return None  # the page of an owner, or of a search
    url = web_address(address)
    return Link(url, "page", official) if url else None


def web_address(address: str) -> str | None:
    """Return an address of the web with its host in lower case, without its fragment; None if it is none, or not in ASCII."""
    parts = _split(address)
    if parts is None or not _HOST.fullmatch(parts[0]):
        return None
    scheme = "http" if address.lower().startswith("http://") else "https"
    url = f"{scheme}://{''.join(parts)}"
    return url if len(url) <= URL_LIMIT and url.isascii() and url.isprintable() and " " not in url else None


def _split(address: str) -> tuple[str, str, str] | None:
    """Return host, in lower case, path and query of an address of the web, which may lack its scheme."""
    if len(address) > URL_LIMIT:
        return None
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host = (parts.hostname or "").rstrip(".")
        plain = parts.scheme in ("http", "https") and not (parts.username or parts.password or parts.port)
    except ValueError:
        return None
    return (host, parts.path, f"?{parts.query}" if parts.query else "") if plain and host else None


def _repository(path: list[str]) -> str | None:
    """Return owner, groups and name, without the `.git` that a clone's address ends with."""
    if len(path) < 2:
        return None
    *owners, name = path
    name = name.removesuffix(".git")
    sound = all(map(_OWNER.fullmatch, owners)) and _NAME.fullmatch(name) and owners[0].lower() not in _NO_OWNERS
    return "/".join((*owners, name)) if sound else None


def _group(path: list[str]) -> list[str]:
    """Return what is before the pages of a GitLab repository: all of it, for groups stand in groups."""
    for place, piece in enumerate(path):
        if piece == "-" or (place > 1 and piece in ("tree", "blob", "raw", "issues", "commit", "merge_requests", "wikis")):
            return path[:place]
    return path


def _of_hugging_face(path: list[str], *, official: bool | None) -> Link | None:
    kind: LinkKind = "model"
    if path and path[0] in _HUGGING_FACE:
        kind = "dataset" if path[0] == "datasets" else "demo"
        found = _repository(path[1:3])
        return Link(f"https://huggingface.co/{path[0]}/{found}", kind, official) if found else None
    found = _repository(path[:2])
    return Link(f"https://huggingface.co/{found}", kind, official) if found else None
