"""What a reader starts with: topics of the field, and what holds when there is no settings file."""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class StarterTopic:
    """A topic to start with: its name and its query."""

    name: str
    query: str


TOPICS: Final = (
    StarterTopic(
        "Semantic segmentation",
        '"semantic segmentation" OR "panoptic segmentation" OR "instance segmentation" OR "segment anything"',
    ),
    StarterTopic(
        "Object detection",
        '"object detection" OR "object detector" OR "open-vocabulary detection" OR "oriented detection" OR title:DETR',
    ),
    StarterTopic(
        "Image generation",
        '"image generation" OR "text-to-image" OR "image editing" OR (title:diffusion AND (image OR video OR visual))',
    ),
    StarterTopic(
        "3D vision",
        '"gaussian splatting" OR "radiance field" OR NeRF OR "3D reconstruction" OR "novel view synthesis"',
    ),
    StarterTopic(
        "Vision-language models",
        '"vision-language" OR "multimodal large language model" OR "visual question answering" OR MLLM OR VLM',
    ),
    StarterTopic(
        "Video understanding",
        '"video understanding" OR "action recognition" OR "temporal grounding" OR "object tracking" OR title:"video question"',
    ),
)

#: The topics as a Chinese reader would call them, in their order.
_CHINESE: Final = ("语义分割", "目标检测", "图像生成", "三维视觉", "视觉语言模型", "视频理解")

CATEGORIES: Final = ("cs.CV",)
"""The arXiv categories of an empty `[sources.arxiv]`, and of no settings file."""

OUTPUT: Final = "paperlark-digests"
DATABASE: Final = "sqlite:///paperlark.db"
SUBSCRIPTION: Final = "morning"


def topics_in(language: str) -> tuple[StarterTopic, ...]:
    """Return the topics with their names in that language, `en` or `zh`."""
    if language != "zh":
        return TOPICS
    return tuple(StarterTopic(name, topic.query) for name, topic in zip(_CHINESE, TOPICS, strict=True))


def starter_settings() -> dict[str, Any]:
    """Return the settings that hold without a file, as TOML would give them without `[paperlark]`."""
    return {
        "sources": {"arxiv": {"categories": list(CATEGORIES)}, "huggingface": {}},
        "topics": [{"name": topic.name, "query": topic.query} for topic in TOPICS],
        "subscriptions": [{"name": SUBSCRIPTION, "forms": ["file"]}],
    }
