"""Text out of HTML that has been parsed. Pure."""

from typing import Final

from lxml import etree

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
