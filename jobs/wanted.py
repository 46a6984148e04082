"""What the settings ask for, in the values of the packages that do it."""

import os

from crawler.errors import DeliveryError, SettingsError
from digests.address import Address
from digests.query import parse
from digests.smtp import Login, Smtp
from digests.subscription import Subscription, Topic
from jobs.letters import Sender
from jobs.settings import Settings, SmtpSettings


def subscriptions(settings: Settings) -> list[Subscription]:
    """Return the readers, each with the topics named, in the order in which they are named."""
    topics = {
        topic.name: Topic(
            name=topic.name,
            text=topic.query,
            query=parse(topic.query),
            categories=topic.categories,
            cap=topic.cap,
        )
        for topic in settings.topics
    }
    return [
        Subscription(
            name=one.name,
            topics=tuple(topics[name] for name in one.topics),
            forms=one.forms,
            language=one.language,
            timezone=one.timezone,
            every=one.every,
            email=one.email,
        )
        for one in settings.subscriptions
    ]


def sender(settings: Settings) -> Sender | None:
    """Return who writes the mails; None without a mail server. The contact is who to write to in order to stop them."""
    if settings.smtp is None:
        return None
    address = _address(settings.smtp.sender)
    owner = _address(settings.contact) if settings.contact else address
    return Sender(address=address, owner=owner, site_url=settings.site_url)


def smtp(settings: Settings) -> Smtp | None:
    """Return the mail server; None when the settings name none."""
    server = settings.smtp
    if server is None:
        return None
    return Smtp(
        host=server.host,
        port=server.port,
        security=server.security,
        sender=_address(server.sender),
        login=_login(server),
    )


def _login(server: SmtpSettings) -> Login | None:
    if not server.username:
        return None

    def password() -> str:
        try:
            found = server.password(os.environ)
        except SettingsError as error:
            # The rest of the morning's work is done, and must be told: a password that is not there is a server out of reach.
            raise DeliveryError(*error.mistakes) from None
        if found is None:
            raise DeliveryError(f"smtp: {server.username} needs a password_env, password_file or password_command")
        return found

    return Login(server.username, password)


def _address(text: str) -> Address:
    address = Address.parse(text)
    if address is None:
        raise SettingsError([f"{text} is no mail address"])
    return address
