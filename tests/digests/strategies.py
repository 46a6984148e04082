"""Random papers and queries that share their words, so that they meet often enough to tell something."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

from crawler.sighting import Author
from storage.paper import Paper

# What researchers write, in spellings that must or must not find each other.
PIECES = (
    *("object", "detector", "detectors", "Detection", "box", "boxes", "category", "categories", "loss", "losses"),
    *("U-Net", "UNet", "u", "net", "3D-GS", "3DGS", "multi-view", "multiview", "multi", "view", "views", "C++", "O(n)"),
    *("segmentation", "segment", "segments", "bias", "analysis", "analyses", "LLM", "LLMs", "text-to-image", "DALL·E"),
    *("语义分割", "语义", "分割", "ｆｕｌｌ", "$\\pi_0$", r"Erd\H{o}s", "ﬁne", "Straße", "STRASSE", "naïve", "x_0", "İstanbul"),
)
NAMES = ("Yann LeCun", "Kaiming He", "Jean-Yves Bouguet", "Bernhard Schölkopf", "He Kaiming", "Detector Box", "何恺明")
CATEGORIES = ("cs.CV", "cs.LG", "cs.RO", "stat.ML", "q-bio.NC", "eess.IV")
OPERATORS = {"and": ("AND", "and", "And", ""), "or": ("OR", "or", "oR"), "not": ("NOT", "not", "Not")}

_phrases = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map(" ".join)


@st.composite
def papers(draw: st.DrawFn) -> Paper:
    """Draw a paper made of `PIECES`, `NAMES` and `CATEGORIES`."""
    return Paper(
        id=draw(st.integers(1, 2**31)),
        title=draw(_phrases),
        url="https://example.org/paper",
        authors=tuple(Author(name) for name in draw(st.lists(st.sampled_from(NAMES), max_size=3))),
        abstract=draw(_phrases | st.just("")),
        categories=tuple(draw(st.lists(st.sampled_from(CATEGORIES), max_size=2, unique=True))),
        announced_on=draw(st.none() | st.dates(date(2007, 4, 1), date(2026, 12, 31))),
    )


@dataclass(frozen=True)
class Tree:
    """A query before it is written: `kind` is and, or, not, or a leaf with its `text`."""

    kind: str
    parts: tuple["Tree", ...] = ()
    text: str = ""

    def holds(self, true: Callable[[str], bool]) -> bool:
        """Evaluate the tree, given which leaves are true."""
        match self.kind:
            case "and":
                return all(part.holds(true) for part in self.parts)
            case "or":
                return any(part.holds(true) for part in self.parts)
            case "not":
                return not self.parts[0].holds(true)
            case _:
                return true(self.text)


def trees(leaves: st.SearchStrategy[str]) -> st.SearchStrategy[Tree]:
    """Draw trees of operators over the leaves."""
    leaf = leaves.map(lambda text: Tree("leaf", text=text))
    return st.recursive(leaf, _operators, max_leaves=8)


def _operators(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        several.map(lambda parts: Tree("and", parts)),
        several.map(lambda parts: Tree("or", parts)),
        inner.map(lambda part: Tree("not", (part,))),
    )


def write(tree: Tree, choose: Callable[[tuple[str, ...]], str], outer: str = "or") -> str:
    """Write a tree with no more parentheses than precedence needs; `choose` picks the spelling of each operator."""
    if tree.kind == "leaf":
        return tree.text
    if tree.kind == "not":
        text = f"{choose(OPERATORS['not'])} {write(tree.parts[0], choose, 'not')}"
    else:
        text, *rest = (write(part, choose, tree.kind) for part in tree.parts)
        for part in rest:
            text += f" {choose(OPERATORS[tree.kind])} {part}"
    loosest_first = ("or", "and", "not")
    return f"({text})" if loosest_first.index(tree.kind) < loosest_first.index(outer) else text


def as_typed(tree: Tree) -> st.SearchStrategy[str]:
    """Draw one way to type a tree."""
    return st.randoms(use_true_random=False).map(lambda random: write(tree, random.choice))


def conditions() -> st.SearchStrategy[str]:
    """Draw single conditions in every form the language has."""
    word = st.sampled_from(PIECES)
    phrase = st.lists(word, min_size=1, max_size=3).map(lambda words: f'"{" ".join(words)}"')
    prefix = st.sampled_from(("obj", "detect", "seg", "multi-v", "un", "3d", "分", "Categor")).map("{}*".format)
    plain = word | phrase | prefix | st.just('"object detect*"')
    names = st.sampled_from(("lecun", "LeCu*", '"Yann LeCun"', '"LeCun Kaiming"', "he", "Schölkopf", "何恺明"))
    categories = st.sampled_from((*CATEGORIES, "CS.cv", "cs.*", "q-bio*", "cs"))
    return st.one_of(
        plain,
        plain.map("title:{}".format),
        plain.map("Abstract: {}".format),
        names.map("author:{}".format),
        categories.map("category:{}".format),
    )


def queries() -> st.SearchStrategy[str]:
    """Draw queries the language accepts: whatever the tree, something is looked for."""
    anchor = conditions().map(lambda text: Tree("leaf", text=text))
    free = trees(conditions())
    sound = st.tuples(free, anchor).map(lambda both: both[0] if not both[0].holds(_never) else Tree("and", both))
    return sound.flatmap(as_typed)


def _never(_: str) -> bool:
    return False
