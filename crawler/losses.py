"""Pages that a list goes on with and that could not be had: which cost only themselves, and which end the look. Pure."""

from dataclasses import dataclass, field, replace
from typing import Final

from crawler.ask import Trouble

MOST_IN_A_ROW: Final = 5
"""So many pages in a row that cannot be read, and it is the site that has changed, or is out of order."""

_DEAD: Final = frozenset({"unknown host", "bad certificate", "refused"})


@dataclass(slots=True)
class Losses:
    """The addresses of the pages that were lost, what was wrong with the first, and how many failed in a row."""

    urls: list[str] = field(default_factory=list)
    first: Trouble | None = None
    in_a_row: int = 0

    def add(self, url: str, trouble: Trouble) -> None:
        """Count a page that could not be had; one that does not exist says nothing of the next."""
        self.urls.append(url)
        self.first = self.first or trouble
        self.in_a_row += 0 if trouble.missing else 1

    def end_with(self, trouble: Trouble) -> Trouble:
        """Return the trouble that ended a look, and how many pages it has cost together with those lost before."""
        return replace(trouble, why=f"{trouble.why}; {self._counted}") if len(self.urls) > 1 else trouble

    def told(self) -> Trouble | None:
        """Return what was wrong with all of them, in one: the first stands for those after it."""
        if self.first is None:
            return None
        return Trouble(kind="failed", why=f"{self._counted}{', first' if len(self.urls) > 1 else ''}: {self.first.why}")

    @property
    def _counted(self) -> str:
        return f"{len(self.urls)} page{'' if len(self.urls) == 1 else 's'} of the list could not be read"


def is_of_its_host(trouble: Trouble, *, is_barred: bool) -> bool:
    """Tell whether what is wrong with a page is wrong with its host, of which there is no use in asking for the next one.

    `is_barred`: the host wants to see that a person asks. A page that robots.txt keeps from us says nothing of the others.
    """
    must_wait = trouble.kind == "throttled" or trouble.next_at is not None
    return is_barred or must_wait or trouble.unanswered or trouble.cause in _DEAD
