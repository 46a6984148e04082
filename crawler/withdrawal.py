"""Whether a paper was withdrawn, by what its authors or its source say of it. Pure.

arXiv asks authors to say so in the comment (https://info.arxiv.org/help/withdraw.html); the listing has nothing else to
tell it by. Many comments speak of withdrawing something else, so only the plain sentences count.
"""

import re
from typing import Final

_WITHDRAWN: Final = re.compile(
    r"(?:^|[.;!]\s)\W*"
    r"(?:(?:this|the|our)\s+(?:arxiv\s+)?(?:paper|article|manuscript|submission|preprint|work|version|document)\s+"
    r"(?:(?:has|have|had)\s+(?:now\s+|since\s+)?been|is|was|is\s+being|is\s+now)\s+(?:temporarily\s+|hereby\s+)?withdrawn\b"
    r"|(?:paper|article|manuscript|submission|preprint|work)?\s*withdrawn(?:\s+(?:by|due|because|as|for|from|since)\b|\W*$))",
    re.IGNORECASE,
)
_HEAD: Final = 400


def says_withdrawn(text: str | None) -> bool:
    """Tell whether a comment or an abstract says that the paper itself was withdrawn.

    >>> says_withdrawn("This paper has been withdrawn by the authors"), says_withdrawn("We withdrew a claim; 9 pages")
    (True, False)
    """
    # A sentence that begins within the first so many characters, and is read to its end.
    match = _WITHDRAWN.search(text[: _HEAD + 100]) if text else None
    return match is not None and match.start() < _HEAD
