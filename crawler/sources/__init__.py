"""The places that announce papers, a module each; other packages add theirs by the entry point `paperlark.sources`."""

from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

from crawler.errors import SettingsError
from crawler.source import Source

ENTRY_POINTS = "paperlark.sources"


def all_sources() -> dict[str, Source]:
    """Return every source by its name: ours, then those of other packages.

    Raises SettingsError for an entry point that gives no source, or one of a name that is taken.
    """
    sources: dict[str, Source] = {}
    for where, source in (*_ours(), *_others()):
        if not isinstance(source, Source):
            raise SettingsError([f"{where} is no source"])
        if source.name in sources:
            raise SettingsError([f"{where} calls its source {source.name}, a name already taken"])
        sources[source.name] = source
    return sources


def find(name: str) -> Source:
    """Return the source called `name`; raises SettingsError, naming the known ones, if there is none."""
    sources = all_sources()
    if name not in sources:
        raise SettingsError([f"no source is called {name!r}; known: {', '.join(sorted(sources))}"])
    return sources[name]


def place(name: str) -> str:
    """Return where the source called `name` is found by import, `module:NAME`, so that another process can find it too."""
    find(name)
    points = {point.load().name: point.value for point in entry_points(group=ENTRY_POINTS)}
    return points.get(name, f"{__name__}.{name}:SOURCE")


def _ours() -> Iterator[tuple[str, object]]:
    for module in iter_modules(__path__):
        yield module.name, import_module(f"{__name__}.{module.name}").SOURCE


def _others() -> Iterator[tuple[str, object]]:
    for point in entry_points(group=ENTRY_POINTS):
        where = f"the entry point {point.name} ({point.value})"
        try:
            yield where, point.load()
        except (ImportError, AttributeError) as error:
            raise SettingsError([f"{where} cannot be loaded: {error}"]) from error
