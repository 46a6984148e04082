"""Text out of HTML: of an element that has been parsed, and of a piece as it was written. Pure."""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from crawler.text import TEXT_LIMIT

# Twice what is kept of a text would do for most; tags take room as well.
_MOST: Final = 10 * TEXT_LIMIT
_SILENT: Final = frozenset({"script", "style", "template", "noscript", "iframe", "object"})
_INLINE: Final = frozenset(
    (
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i"),
        *("ins", "kbd"),
        *("mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
        *("math", "mi", "mn", "mo", "mrow", "msub", "msup", "msubsup", "mtext", "mstyle", "semantics", "mfrac", "msqrt"),
    )
)
_BLOCKS: Final = frozenset(("p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "td"))


def text_in(element: etree._Element, limit: int) -> str:
    """Return the text in an element, a blank where a block begins, and not much more than `limit` characters of it.

    An element that is never closed has all the rest of a page in it.
    """
    parts: list[str] = []
    length = 0
    for event, node in etree.iterwalk(element, events=("start", "end")):
        part = node.text if event == "start" else node.tail if node is not element else ""
        parts += (" ", part or "") if event == "start" and node.tag in _BLOCKS else (part or "",)
        length += len(parts[-1]) + 1
        if length > limit:
            break
    return "".join(parts)


def plain(markup: str) -> str:
    """Return the text of a piece of HTML, blanks as they come; what is no markup is text.

    >>> plain("<p>A <i>k</i>-NN</p><p>p &lt; 0.05</p><script>x</script>").split()
    ['A', 'k-NN', 'p', '<', '0.05']
    """
    markup = markup[:_MOST].replace("\0", "")
    if "<" not in markup and "&" not in markup:
        return markup
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        # The element around it keeps a text that begins with no tag from being put into a paragraph, and is never empty.
        root = etree.fromstring(f"<div>{markup}</div>".encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    return "".join(_texts(root)) if root is not None else markup


def _texts(root: etree._Element) -> Iterator[str]:
    silent = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        gap = "" if element.tag in _INLINE else " "
        starts = event == "start"
        silent += (1 if starts else -1) if element.tag in _SILENT else 0
        said = element.text if starts else element.tail
        if not silent:
            yield f"{gap}{said or ''}"
