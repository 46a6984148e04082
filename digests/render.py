"""A digest as Markdown, HTML and plain text: one page of words, three templates. Pure.

What a template prints is escaped for its form unless it is marked as written already (`Markup`, `Written`), so that no
template can forget to. The HTML is one document for the file and for the mail: its CSS is inlined, but for the rules of
the dark and of the phone, which mail programs that know them read from the head.
"""

from functools import cache
from importlib.resources import files
from typing import Final

from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from digests import escape
from digests.digest import Digest
from digests.language import language
from digests.page import page, subject

__all__ = ["html", "markdown", "subject", "text"]

# Said as arXiv asks for it (https://info.arxiv.org/help/api/tou.html), in every language.
_THANKS: Final = "Thank you to arXiv for use of its open access interoperability."
_FINALIZERS: Final = {"md": escape.finalize_markdown, "txt": escape.finalize_text}


def markdown(digest: Digest) -> str:
    """Return the digest as Markdown with YAML front matter, for GitHub, Obsidian and the terminal."""
    return _render("md", digest)


def html(digest: Digest) -> str:
    """Return the digest as a whole HTML document, its CSS inlined, for the file and for the mail."""
    return _inliner().inline(_render("html", digest))


def text(digest: Digest) -> str:
    """Return the digest as plain text of 72 columns, but for longer links."""
    return _render("txt", digest)


def _render(form: str, digest: Digest) -> str:
    return _template(form, digest.language).render(page=page(digest), thanks=_THANKS)


@cache
def _template(form: str, code: str) -> Template:
    """Return the template of one form in one language, with what escapes for that form built in."""
    environment = Environment(
        loader=PackageLoader("digests"),
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(("html",), default=False),
        finalize=_FINALIZERS.get(form),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # A page is of values with attributes only: there is nothing to fall back to, and some thousand of them are read.
    environment.getattr = getattr  # type: ignore[method-assign, assignment]
    environment.filters.update(codes=escape.codes, link=escape.link, links=escape.links, scalar=escape.scalar, wrap=escape.wrap)
    environment.install_gettext_translations(language(code).translations, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    return environment.get_template(f"digest.{form}")


@cache
def _inliner() -> CSSInliner:
    # The style element of the head stays where it is: behind the encoding, which must come within the first 1,024 bytes.
    return CSSInliner(
        extra_css=(files("digests") / "templates" / "inline.css").read_text(encoding="utf-8"),
        inline_style_tags=False,
        keep_style_tags=True,
        load_remote_stylesheets=False,
        minify_css=True,
    )
