"""The tables of the settings, each a frozen value that is sound by itself; what they must agree on is `jobs.agreement`'s."""

import os
from collections.abc import Callable, Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from jobs import addresses, fields, secrets

_FROZEN: Final = ConfigDict(frozen=True, extra="forbid")


def _from_text(read: Callable[[str], object]) -> BeforeValidator:
    def validate(value: object) -> object:
        if not isinstance(value, str):
            raise PydanticCustomError("string_type", "must be text")
        return read(value)

    return BeforeValidator(validate)


def _whole(value: object) -> int:
    # The environment has only texts, and True is a number to Python.
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("must be a whole number")


def _yes_or_no(value: object) -> bool:
    # The environment has only texts.
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise ValueError("must be true or false")


def _text_of_volume() -> BeforeValidator:
    """A volume is a name, or a number, as people write it: `volumes = [235]`."""
    return BeforeValidator(lambda value: str(value) if isinstance(value, int) and not isinstance(value, bool) else value)


Label = Annotated[str, AfterValidator(fields.label)]
Address = Annotated[str, AfterValidator(addresses.address)]
Category = Annotated[str, AfterValidator(fields.category)]
Edition = Annotated[str, AfterValidator(fields.edition)]
Zone = Annotated[str, AfterValidator(fields.zone)]
Location = Annotated[Path, _from_text(fields.location)]
Language = Literal["en", "zh"]
Form = Literal["mail", "file"]
Security = Literal["starttls", "tls", "none"]

PORTS: Final[Mapping[Security, int]] = {"starttls": 587, "tls": 465, "none": 25}


class SourceSettings(BaseModel):
    """One source that is on. `delay` is the pause between two requests, None for the source's own.

    A token is not here: see `token`.
    """

    model_config = _FROZEN

    categories: tuple[Category, ...] = ()
    editions: tuple[Edition, ...] = ()
    volumes: tuple[Annotated[str, _text_of_volume()], ...] = ()
    tasks: tuple[Label, ...] = ()
    methods: tuple[Label, ...] = ()
    delay: Annotated[timedelta, _from_text(fields.delay)] | None = None
    token_env: Annotated[str, AfterValidator(fields.variable)] | None = None
    token_file: Location | None = None
    token_command: Annotated[str, AfterValidator(fields.command)] | None = Field(default=None, repr=False)

    def token(self, name: str, environ: Mapping[str, str] = os.environ) -> str | None:
        """Fetch the token for the source of that name, as `SmtpSettings.password` does the password."""
        places = secrets.Places(self.token_env, self.token_file, self.token_command)
        return secrets.fetch_token(f"sources.{name}.token", places, environ)


class FeedSettings(BaseModel):
    """One feed: what it is called here, and its address as it is asked for."""

    model_config = _FROZEN

    name: Label
    url: Annotated[str, AfterValidator(addresses.feed_address)]


class TopicSettings(BaseModel):
    """One topic; its query can be read. `cap` is how many of its papers a mail shows."""

    model_config = _FROZEN

    name: Label
    query: Annotated[str, AfterValidator(fields.query)]
    categories: tuple[Category, ...] = ()
    cap: Annotated[int, BeforeValidator(_whole), Field(ge=1, le=1000)] = 25


class SubscriptionSettings(BaseModel):
    """One reader. `load_settings` has filled in what was left out: topics, forms, language and time zone.

    A daemon composes their digest `at` that hour, once the sources have told what they have, and at the `latest` then
    without them (None: two hours later).
    """

    model_config = _FROZEN

    name: Annotated[str, AfterValidator(fields.file_label)]
    email: Address | None = None
    forms: tuple[Form, ...] = ("file",)
    topics: tuple[Label, ...] = ()
    every: Literal["day", "week", "month"] = "day"
    at: Annotated[time, _from_text(fields.clock_time)] = time(10, 30)
    latest: Annotated[time, _from_text(fields.clock_time)] | None = None
    language: Language = "en"
    timezone: Zone = "UTC"


class SmtpSettings(BaseModel):
    """The mail server. The password is not here: see `password`."""

    model_config = _FROZEN

    host: Annotated[str, AfterValidator(addresses.host)]
    port: Annotated[int, BeforeValidator(_whole), Field(ge=1, le=65535)] = PORTS["starttls"]
    security: Security = "starttls"
    username: Annotated[str, AfterValidator(fields.one_line)] = ""
    password_env: Annotated[str, AfterValidator(fields.variable)] | None = None
    password_file: Location | None = None
    password_command: Annotated[str, AfterValidator(fields.command)] | None = Field(default=None, repr=False)
    sender: Annotated[str, AfterValidator(addresses.sender)] = Field(alias="from")

    def password(self, environ: Mapping[str, str] = os.environ) -> str | None:
        """Fetch the password from where the settings say; None when they say nothing. SettingsError when it is not there."""
        places = secrets.Places(self.password_env, self.password_file, self.password_command)
        return secrets.fetch("smtp.password", places, environ)


class LogSettings(BaseModel):
    """How a daemon tells what it does: a line for each event, into a `file` (None: to the terminal)."""

    model_config = _FROZEN

    format: Literal["text", "json"] = "text"
    file: Location | None = None


class ServeSettings(BaseModel):
    """What belongs to a daemon alone: where it `listen`s for questions about its health (None: nowhere).

    `workers`: it works through those that are started as `paperlark worker`, on any machine, and no processes of its own.
    """

    model_config = _FROZEN

    listen: Annotated[str, AfterValidator(addresses.loopback)] | None = None
    workers: Annotated[bool, BeforeValidator(_yes_or_no)] = False
