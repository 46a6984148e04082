"""Small lists of venues in the form in which others publish theirs: CCFrank4dblp's JavaScript, ccfddl's YAML."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

CATALOGUE: Final = "raw.githubusercontent.com/WenyanLiu/CCFrank4dblp/HEAD/data/dataGen.js"
DEADLINES: Final = "ccfddl.github.io/conference/allconf.yml"
"""Where they are, as a mirror is asked for them."""


class Row(NamedTuple):
    """One row of the catalogue; `stream` as in `/conf/cvpr`, empty where there is none."""

    rank: str
    acronym: str
    name: str
    stream: str = ""


class Record(NamedTuple):
    """One record of ccfddl; `ranks` are those by CCF, CORE and Tsinghua."""

    title: str
    description: str
    ranks: tuple[str, str, str] = ("N", "N", "N")
    dblp: str = ""


ROWS: Final = (
    Row("A", "CVPR", "IEEE/CVF Computer Vision and Pattern Recognition Conference", "/conf/cvpr"),
    Row("B ", "ECCV", "European Conference on Computer Vision", "/conf/eccv"),
    Row("A", "NeurIPS", "Conference on Neural Information Processing Systems", "/conf/nips"),
    Row("A", "NeurIPS", "Conference on Neural Information Processing Systems", "/conf/neurips"),
    Row("A", "TPAMI", "IEEE Trans on Pattern Analysis and Machine Intelligence", "/journals/pami"),
    Row("C", "CL", "Journal of Clockwork Looms", "/journals/looms"),
    Row("B", "", "Annals of Difference Engines", "/journals/engines"),
    Row("C", "DE", "Workshop on Difference Engines", "/conf/de"),
    Row("B", "DE", "Conference on Drawing Engines", "/conf/drawing"),
    Row("C", "JOLT", "Journal of Looms and Threads"),
)
RECORDS: Final = (
    Record("CVPR", "IEEE/CVF Conference on Computer Vision and Pattern Recognition", ("A", "A*", "A"), "cvpr"),
    Record("WACV", "IEEE/CVF Winter Conference on Applications of Computer Vision", ("N", "A", "N"), "wacv"),
    Record("AAMAS", "International Conference on Autonomous Agents and Multiagent Systems", ("B", "A*", "B"), "other"),
    Record("DE", "The Conference on Drawing Engines", ("B", "C", "N"), "drawing"),
    Record("Punch", "Symposium on Punched Cards: It's Held at Home", ("N", "B", "N"), "punch"),
)


def rows(count: int, rank: str = "C") -> tuple[Row, ...]:
    """Return so many rows of venues that nobody else knows."""
    return tuple(Row(rank, f"ENG{number}", f"Conference on Engine {number}", f"/conf/eng{number}") for number in range(count))


def records(count: int) -> tuple[Record, ...]:
    """Return so many records of venues that nobody else knows."""
    return tuple(Record(f"CARD{number}", f"Symposium on Card {number}", dblp=f"card{number}") for number in range(count))


def render_catalogue(listed: Iterable[Row], tab: str = "\\t") -> bytes:
    """Write rows as CCFrank4dblp does: a literal for each, put together."""
    literals = []
    for row in listed:
        name = row.stream.rpartition("/")[2]
        cells = (row.rank, row.acronym, row.name, row.stream, f"{row.stream}/{name}" if row.stream else "")
        literals.append('  "' + tab.join(cells) + '\\n"')
    text = 'const dataGen = {};\ndataGen.text =\n  "" +\n' + " +\n".join(literals) + ";\n"
    return text.encode()


def render_deadlines(listed: Iterable[Record]) -> bytes:
    """Write records as ccfddl does, with an edition each, of which there may be more."""
    return "".join(line for record in listed for line in _record(record)).encode()


def _record(record: Record) -> Sequence[str]:
    ccf, core, thcpl = record.ranks
    description = record.description.replace("'", "''")
    return (
        f"- title: {record.title}\n",
        f"  description: '{description}'\n" if ":" in description else f"  description: {description}\n",
        "  sub: AI\n  rank:\n",
        f"    ccf: {ccf}\n    core: {core}\n    thcpl: {thcpl} # by itself\n",
        f"  dblp: {record.dblp}\n" if record.dblp else "",
        "  confs:\n    - year: 2026\n      id: engine26\n      link: https://papers.example.org/\n",
        "      timeline:\n        - deadline: '2026-01-15 23:59:59'\n      timezone: AoE\n      date: June 1 - 5, 2026\n",
        "      place: London, UK\n",
    )
