"""The settings: one frozen value, read once from a TOML file and the environment, every mistake said at once.

Relative paths, that of an SQLite store included, start at the folder of the settings file; without a file, at the current
one. The environment wins over the file.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, Field, PrivateAttr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from crawler.errors import SettingsError
from crawler.text import clean
from jobs import addresses, advice
from jobs.agreement import disagreements
from jobs.environment import decode, merge, misspelt, read_environment
from jobs.mistakes import Origin, from_pydantic
from jobs.settings_file import exposed, find_file, flatten, read_file
from jobs.starter import CATEGORIES, DATABASE, OUTPUT, starter_settings
from jobs.tables import (
    PORTS,
    FeedSettings,
    Language,
    Location,
    LogSettings,
    ServeSettings,
    SmtpSettings,
    SourceSettings,
    SubscriptionSettings,
    TopicSettings,
    Zone,
)

LINE_LIMIT: Final = 500
"""How many characters a line about a mistake has at most."""

__all__ = [
    "FeedSettings",
    "LogSettings",
    "ServeSettings",
    "Settings",
    "SmtpSettings",
    "SourceSettings",
    "SubscriptionSettings",
    "TopicSettings",
    "load_settings",
]


class Settings(BaseSettings):
    """All settings, sound and complete. A source that is not in `sources` is off."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", enable_decoding=False, env_prefix_target="all", validate_default=False
    )

    database_url: Annotated[str, AfterValidator(addresses.store_url)] = Field(DATABASE, alias="database", repr=False)
    output: Location = Path(OUTPUT)
    timezone: Zone = "UTC"
    language: Language = "en"
    contact: Annotated[str, AfterValidator(addresses.address_or_nothing)] = ""
    site_url: Annotated[str, AfterValidator(addresses.site_address)] = ""
    sources: Mapping[str, SourceSettings] = {}
    feeds: tuple[FeedSettings, ...] = ()
    topics: tuple[TopicSettings, ...] = ()
    subscriptions: tuple[SubscriptionSettings, ...] = ()
    smtp: SmtpSettings | None = None
    serve: ServeSettings = ServeSettings()
    log: LogSettings = LogSettings()
    _file: Path | None = PrivateAttr(None)
    _tree: Mapping[str, Any] = PrivateAttr(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what `load_settings` has put together, and nothing else from wherever it may lie."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @property
    def file(self) -> Path | None:
        """Where the settings were read; None when there was no file."""
        return self._file

    @property
    def tree(self) -> Mapping[str, Any]:
        """What the file and the environment say, as it was read: texts, numbers, lists and tables."""
        return self._tree

    @property
    def is_default(self) -> bool:
        """Whether there was no settings file, so that what a reader starts with holds."""
        return self._file is None

    @property
    def database(self) -> str:
        """The URL of the store as it may be shown: without its password."""
        return addresses.without_password(self.database_url)

    def warnings(self) -> list[str]:
        """Say what is allowed and yet hardly meant, one line each."""
        return advice.warnings(self)


def load_settings(path: Path | None, environ: Mapping[str, str], shared: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings at `path`, else in the current folder, else in the user's.

    Where there is no file they are those that are `shared` (`jobs.sharing`), else those a reader starts with.
    SettingsError has every mistake there is, a line each.
    """
    file = find_file(path)
    content = read_file(file) if file else {}
    known = frozenset(_keys(Settings))
    tree, lines = flatten(file, content, known) if file else (dict(starter_settings() if shared is None else shared), [])
    lines += misspelt(environ, (*known, *(f"{table}__{key}" for table in ("smtp", "serve", "log") for key in _KEYS[table])))
    if file:
        lines += exposed(file, content)
    outside = read_environment(Settings, environ)
    tree = _with_categories(merge(tree, decode(outside)))
    mistakes = list(disagreements(tree))
    try:
        settings = Settings(**tree)
    except ValidationError as error:
        mistakes = from_pydantic(error, _KEYS) + mistakes
    if lines or mistakes:
        order = _keys(Settings)
        mistakes.sort(key=lambda mistake: order.index(str(mistake.place[0])))
        origin = Origin(str(file or ""), outside)
        lines += [origin.line(mistake) for mistake in mistakes]
        raise SettingsError([clean(line, LINE_LIMIT) for line in dict.fromkeys(lines)])
    return _complete(settings, file, tree)


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


_KEYS: Final[dict[str, list[str]]] = {
    "sources": _keys(SourceSettings),
    "feeds": _keys(FeedSettings),
    "topics": _keys(TopicSettings),
    "subscriptions": _keys(SubscriptionSettings),
    "smtp": _keys(SmtpSettings),
    "serve": _keys(ServeSettings),
    "log": _keys(LogSettings),
}


def _with_categories(tree: dict[str, Any]) -> dict[str, Any]:
    """Fill in the categories of an empty `[sources.arxiv]`."""
    sources = tree.get("sources")
    if not (isinstance(sources, dict) and isinstance(sources.get("arxiv"), dict)):
        return tree
    arxiv = {"categories": list(CATEGORIES), **sources["arxiv"]}
    return {**tree, "sources": {**sources, "arxiv": arxiv}}


def _complete(settings: Settings, file: Path | None, tree: Mapping[str, Any]) -> Settings:
    """Fill in what was left out and depends on something else, and join relative paths to the folder of the file."""
    folder = file.absolute().parent if file else Path.cwd()
    changes: dict[str, Any] = {
        "database_url": addresses.anchored(settings.database_url, folder),
        "output": folder / settings.output,
        "subscriptions": tuple(_reader(subscription, settings) for subscription in settings.subscriptions),
        "sources": {name: _source(source, folder) for name, source in settings.sources.items()},
        "smtp": _server(settings.smtp, folder) if settings.smtp else None,
        "log": _log(settings.log, folder),
    }
    complete = settings.model_copy(update=changes)
    complete._file, complete._tree = file, tree  # noqa: SLF001 - our own class; a field would be one more setting
    return complete


def _reader(subscription: SubscriptionSettings, settings: Settings) -> SubscriptionSettings:
    left_out = {
        "forms": ("mail", "file") if subscription.email else ("file",),
        "topics": tuple(topic.name for topic in settings.topics),
        "language": settings.language,
        "timezone": settings.timezone,
    }
    given = subscription.model_fields_set
    return subscription.model_copy(update={key: value for key, value in left_out.items() if key not in given})


def _source(source: SourceSettings, folder: Path) -> SourceSettings:
    return source.model_copy(update={"token_file": folder / source.token_file}) if source.token_file else source


def _server(smtp: SmtpSettings, folder: Path) -> SmtpSettings:
    port = smtp.port if "port" in smtp.model_fields_set else PORTS[smtp.security]
    password_file = folder / smtp.password_file if smtp.password_file else None
    return smtp.model_copy(update={"port": port, "password_file": password_file})


def _log(log: LogSettings, folder: Path) -> LogSettings:
    return log.model_copy(update={"file": folder / log.file}) if log.file else log
