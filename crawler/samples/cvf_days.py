"""What CVF Open Access shows on the two simulated mornings of `crawler.samples.days`: on the second one, WACV 2026 is out."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from crawler.samples.cvf import Listed, render_article, render_list

_HTML: Final = "text/html; charset=utf-8"
_LIST: Final = "openaccess.thecvf.com/WACV2026"
_OUT_ON: Final = date(2026, 1, 16)


def _paper(title: str, authors: tuple[str, ...], arxiv: str, abstract: str) -> Listed:
    return Listed(title=title, authors=authors, conference="WACV", year=2026, arxiv=arxiv, abstract=abstract)


# Titles, authors and ids are those of real papers of WACV 2026; the abstracts are ours, and the day is made up.
_PAPERS: Final = (
    _paper(
        "Unsupervised Modular Adaptive Region Growing and RegionMix Classification for Wind Turbine Segmentation",
        ("Raül Pérez-Gonzalo", "Riccardo Magro", "Andreas Espersen", "Antonio Agudo"),
        "2601.04065",
        "Turbine blades are cut out of photographs without any mask to learn from: regions grow by thresholds that fit the "
        "picture, are put together, and only then classified.",
    ),
    _paper(
        "FlyPose: Towards Robust Human Pose Estimation From Aerial Views",
        ("Hassaan Farooq", "Marvin Brenner", "Peter Stütz"),
        "2601.05747",
        "Seen from a drone, people are small and foreshortened. A light pipeline, trained on several data sets at once, finds "
        "them and their joints from above in real time.",
    ),
    _paper(
        "One Model, Many Behaviors: Training-Induced Effects on Out-of-Distribution Detection",
        ("Gerhard Krumpl", "Henning Avenhaus", "Horst Possegger"),
        "2601.10836",
        "How a classifier was trained changes how well it notices what it has never seen, and not in step with its accuracy: a "
        "comparison of many recipes and many detectors.",
    ),
    _paper(
        "RobuMTL: Enhancing Multi-Task Learning Robustness Against Weather Conditions",
        ("Tasneem Shaffee", "Sherief Reda"),
        "2601.10921",
        "In rain, fog and snow, one network for several tasks is given small experts of low rank, chosen by what the weather "
        "has done to the picture.",
    ),
    _paper(
        "Edge-Aware Image Manipulation via Diffusion Models with a Novel Structure-Preservation Loss",
        ("Minsu Gong", "Nuri Ryu", "Jungseul Ok", "Sunghyun Cho"),
        "2601.16645",
        "While a diffusion model edits a photograph, a loss on its edges keeps every line where it was.",
    ),
)


def programme_pages(today: date) -> Mapping[str, tuple[str, bytes]]:
    """Return the list and the pages of its papers by their addresses without `https://`; nothing before it is out."""
    if today < _OUT_ON:
        return {}
    articles = {paper.url.removeprefix("https://"): (_HTML, render_article(paper)) for paper in _PAPERS}
    return {_LIST: (_HTML, render_list(_PAPERS, conference="WACV", year=2026)), **articles}
