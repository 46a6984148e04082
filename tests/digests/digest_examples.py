"""Digests to look at and to test with: real papers' titles, authors, ids and days; abstracts and events in our own words."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

from crawler.identifiers import Identifier
from crawler.sighting import Author, Tag
from crawler.verdict import Verdict
from digests.digest import Digest, Section, SourceLine, Update
from digests.topic import Match, Reason
from storage.event import Event, EventKind
from storage.paper import Paper, PaperCount, PaperLink

THURSDAY: Final = date(2026, 1, 15)
SATURDAY: Final = date(2026, 1, 17)


def paper(arxiv: str, title: str, authors: str, abstract: str, **more: Any) -> Paper:
    """Return a paper of arXiv; `authors` joined by commas."""
    defaults: dict[str, Any] = {
        "id": int(arxiv.replace(".", "")),
        "url": f"https://arxiv.org/abs/{arxiv}",
        "authors": tuple(Author(name) for name in authors.split(", ")),
        "identifiers": (Identifier("arxiv", arxiv),),
        "categories": ("cs.CV",),
        "version": 1,
        "announced_on": THURSDAY,
    }
    return Paper(title=title, abstract=abstract, **{**defaults, **more})


def repository(url: str, *, official: bool | None = True, said_by: str = "authors") -> PaperLink:
    """Return a link to code."""
    seen_at = datetime(2026, 1, 15, tzinfo=UTC)
    return PaperLink(url=url, kind="code", official=official, said_by=(said_by,), seen_at=seen_at)


WEFT: Final = paper(
    "2601.09108",
    "Small but Mighty: Dynamic Wavelet Expert-Guided Fine-Tuning of Large-Scale Models for Optical Remote Sensing Object"
    " Segmentation",
    "Yanguang Sun, Chao Wang, Jian Yang, Lei Luo",
    "Adapts a frozen foundation model to aerial images by adding a handful of wavelet experts, so that segmentation of small"
    " objects improves at a fraction of the cost of full fine-tuning.",
    comment="Accepted at AAAI 2026",
)
POSE2SEG: Final = paper(
    "2601.08982",
    "SAM-pose2seg: Pose-Guided Human Instance Segmentation in Crowds",
    "Constantin Kolomiiets, Miroslav Purkrabek, Jiri Matas",
    "Turns a promptable segmenter into one that takes body keypoints, which separates people who overlap in crowded scenes.",
    comment="GitHub: https://github.com/MiraPurkrabek/BBoxMaskPose/",
    links=(repository("https://github.com/MiraPurkrabek/BBoxMaskPose"),),
    tags=(Tag("task", "Pose Estimation"),),
    counts=(PaperCount(name="stars", value=212, source="huggingface", seen_at=datetime(2026, 1, 15, tzinfo=UTC)),),
)
TRACKING: Final = paper(
    "2601.09207",
    "Point Tracking as a Temporal Cue for Robust Myocardial Segmentation in Echocardiography Videos",
    "Bahar Khodabakhshian, Nima Hashemi, Armin Saadat, Zahra Gholami, In-Chang Hwang, Samira Sojoudi, Christina Luong,"
    " Purang Abolmaesumi, Teresa Tsang",
    "Follows points on the heart wall from frame to frame and hands their paths to the segmenter as a cue, so that the outline"
    " no longer jumps where the ultrasound is noisy. The gain is largest on the frames that a method working on single images"
    " gets wrong. The tracker is trained once and kept as it is; only a small module learns how to read the paths.",
)
CROSS_DATASET: Final = paper(
    "2601.09497",
    "Towards Robust Cross-Dataset Object Detection Generalization under Domain Specificity",
    "Ritabrata Chakraborty, Hrishit Mitra, Shivakumara Palaiahnakote, Umapada Pal",
    "Measures how detectors fail when the test set comes from another place than the training set, and separates what setting"
    " and what label policy contribute.",
    categories=("cs.CV", "cs.LG"),
    comment="15 pages, 4 figures, 6 tables",
)
FAKE_IMAGES: Final = paper(
    "2601.08867",
    "R$^2$BD: A Reconstruction-Based Method for Generalizable and Efficient Detection of Fake Images",
    "Qingyu Liu, Zhongjie Ba, Jianmin Guo, Qiu Wang, Zhibo Wang, Jie Shi, Kui Ren",
    r"Rebuilds an image in one step and looks at what the rebuilding got wrong: detection of generated images gets 22$\times$"
    r" faster and keeps over 90\% of its accuracy on generators it has never seen.",
    categories=("cs.CV", "cs.AI"),
)
GLOVEGO: Final = paper(
    "2601.09528",
    "GlovEgo-HOI: Bridging the Synthetic-to-Real Gap for Industrial Egocentric Human-Object Interaction Detection",
    "Alfio Spoto, Rosario Leonardi, Francesco Ragusa, Giovanni Maria Farinella",
    "Renders gloved hands at work, adds them to a few real recordings, and trains a detector of what the hands hold.",
    comment="8 pages, accepted as a Short Paper at VISAPP 2026",
)
TEA: Final = paper(
    "2601.04956",
    "TEA: Temporal Adaptive Satellite Image Semantic Segmentation",
    "Juyuan Kang, Hao Zhu, Yan Zhu, Wei Zhang, Jianing Chen, Tianxiang Xiao, Yike Ma, Hao Jiang, Feng Dai",
    "Maps crops from satellite series of any length with one model.",
    version=2,
    announced_on=date(2026, 1, 9),
)
MAMBASEG: Final = paper(
    "2512.24243",
    "MambaSeg: Harnessing Mamba for Accurate and Efficient Image-Event Semantic Segmentation",
    "Fuqiang Gu, Yuanke Li, Xianlei Long, Kangping Ji, Chao Chen, Qingyi Gu, Zhenliang Ni",
    "Joins a camera and an event camera in two light encoders.",
    announced_on=date(2026, 1, 1),
)


def event(of: Paper, kind: EventKind = "announced", detail: Mapping[str, Any] | None = None) -> Event:
    """Return something that happened to a paper on Thursday, 15 January 2026."""
    at = datetime(2026, 1, 15, 1, 35, tzinfo=UTC)
    return Event(id=of.id, sequence=of.id, paper_id=of.id, kind=kind, source="arxiv", at=at, on=THURSDAY, detail=detail or {})


def match(of: Paper, topic: str, *why: Reason) -> Match:
    """Return a paper's announcement in a topic."""
    return Match(event=event(of), paper=of, topic=topic, why=why)


def source(scope: str, verdict: Verdict, *, fresh: bool = True, title: str = "arXiv") -> SourceLine:
    """Return what one scope of a source gave at 10:20 in Shanghai."""
    looked_at = datetime(2026, 1, 15, 2, 20, tzinfo=UTC)
    name = title.lower().replace(" ", "")
    return SourceLine(source=name, title=title, scope=scope, verdict=verdict, fresh=fresh, looked_at=looked_at)


def complete(count: int, on: date = THURSDAY) -> Verdict:
    """Return the verdict on a whole batch."""
    next_at = datetime(2026, 1, 16, 1, 30, tzinfo=UTC)
    return Verdict(kind="complete", announced_on=on, expected=count, seen=count, next_at=next_at)


STALE: Final = Verdict(
    kind="stale",
    announced_on=date(2026, 1, 14),
    expected=41,
    seen=41,
    next_at=datetime(2026, 1, 15, 3, 20, tzinfo=UTC),
)
QUIET: Final = Verdict(
    kind="quiet",
    announced_on=date(2026, 1, 16),
    expected=187,
    seen=187,
    next_at=datetime(2026, 1, 20, 1, 30, tzinfo=UTC),
)

SEGMENTATION: Final = Section(
    topic="Semantic segmentation",
    matches=(
        match(WEFT, "Semantic segmentation", Reason("title", "object segmentation"), Reason("abstract", "foundation model")),
        match(POSE2SEG, "Semantic segmentation", Reason("title", "instance segmentation")),
        match(TRACKING, "Semantic segmentation", Reason("title", "segmentation"), Reason("abstract", "segmenter")),
    ),
    history=(4, 6, 2, 5, 3, 7, 4, 3, 5, 6, 4, 2, 5),
    more=3,
)
DETECTION: Final = Section(
    topic="Object detection",
    matches=(
        match(CROSS_DATASET, "Object detection", Reason("title", "object detection")),
        match(FAKE_IMAGES, "Object detection", Reason("title", "detection"), Reason("category", "cs.CV")),
        match(GLOVEGO, "Object detection", Reason("title", "detection"), Reason("author", "Farinella")),
    ),
    history=(5, 6, 4),
)
POINT_CLOUDS: Final = Section(topic="Point clouds", matches=(), history=(1, 0, 2))
UPDATES: Final = (
    Update(
        event=event(TEA, "revised", {"version": 2, "comment": "added experiments on a second dataset"}),
        paper=TEA,
        shown_on=date(2026, 1, 9),
    ),
    Update(
        event=event(MAMBASEG, "code", {"url": "https://github.com/octo/mambaseg", "said": "huggingface"}),
        paper=MAMBASEG,
        shown_on=date(2026, 1, 1),
    ),
    Update(event=event(MAMBASEG, "cross-listed", {"category": "cs.RO"}), paper=MAMBASEG, shown_on=date(2026, 1, 1)),
)

MORNING: Final = Digest(
    subscription="vision",
    period=THURSDAY,
    language="en",
    timezone="Asia/Shanghai",
    sources=(source("cs.CV", complete(187)), source("cs.LG", complete(203)), source("cs.RO", STALE, fresh=False)),
    sections=(SEGMENTATION, DETECTION, POINT_CLOUDS),
    updates=UPDATES,
    unsubscribe="owner@example.org",
)
CHINESE_MORNING: Final = replace(
    MORNING,
    language="zh",
    sections=(
        replace(SEGMENTATION, topic="语义分割"),
        replace(DETECTION, topic="目标检测"),
        replace(POINT_CLOUDS, topic="点云"),
    ),
)
WEEKEND: Final = replace(
    MORNING,
    period=SATURDAY,
    sources=tuple(
        replace(source(scope, QUIET, fresh=False), looked_at=datetime(2026, 1, 17, 2, 20, tzinfo=UTC))
        for scope in ("cs.CV", "cs.LG")
    ),
    sections=(replace(SEGMENTATION, matches=(), more=0), replace(DETECTION, matches=())),
    updates=(),
)
NOTHING_MATCHED: Final = replace(
    WEEKEND,
    period=THURSDAY,
    sources=(source("cs.CV", complete(187)), source("cs.LG", complete(203))),
)
