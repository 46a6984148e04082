"""What Hugging Face's lists show on the two simulated mornings of `crawler.samples.days`.

In Shanghai's morning the list of the day before is the newest. On the second one a paper that arXiv announced the day before
is on it, with a repository that nobody had named until then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from crawler.readers.hf_papers import day_address, trending_address, week_address
from crawler.samples.huggingface import Listed, answer_daily
from crawler.source import Wanted

_JSON: Final = "application/json; charset=utf-8"
_WEDNESDAY: Final = date(2026, 1, 14)
_THURSDAY: Final = date(2026, 1, 15)


@dataclass(frozen=True, slots=True)
class _Told:
    """A paper, and the first day on which the list has it so."""

    since: date
    paper: Listed


# Ids, titles, authors and repositories are those of real papers; the summaries are ours, votes and days are made up.
_TOLD: Final = (
    _Told(
        _WEDNESDAY,
        Listed(
            id="2601.08022",
            title="Training Free Zero-Shot Visual Anomaly Localization via Diffusion Inversion",
            on=_WEDNESDAY,
            published=date(2026, 1, 12),
            authors=("Samet Hicsonmez", "Abd El Rahman Shabayek", "Djamila Aouada"),
            summary="A diffusion model for image generation is run backwards and forwards again on a picture; where the "
            "two differ something is wrong with the object. Nothing is trained, and no prompt has to name the defect.",
            upvotes=4,
            repository="https://github.com/giddyyupp/DIVAD",
            stars=9,
        ),
    ),
    _Told(
        _THURSDAY,
        Listed(
            id="2601.09497",
            title="Towards Robust Cross-Dataset Object Detection Generalization under Domain Specificity",
            on=_THURSDAY,
            published=date(2026, 1, 14),
            authors=("Ritabrata Chakraborty", "Hrishit Mitra", "Shivakumara Palaiahnakote", "Umapada Pal"),
            summary="How detectors fail when the pictures of the test come from another place than those they learned from.",
            upvotes=11,
            repository="https://github.com/Ritabrata04/cdod-icpr",
            stars=17,
        ),
    ),
)


def list_pages(today: date) -> Mapping[str, tuple[str, bytes]]:
    """Return the pages of the lists up to the day before `today`, by address without `https://`, as a mirror has them."""
    papers = [told.paper for told in _TOLD if told.since < today]
    days = [day for day in (_WEDNESDAY, _THURSDAY) if day < today]
    addresses = [day_address(Wanted(scope="", day=day)) for day in days]
    addresses += [week_address(Wanted(scope="", day=days[0])), trending_address(Wanted(scope=""))]
    return {address.removeprefix("https://"): (_JSON, answer_daily(address, papers)) for address in addresses}
