"""From a digest to the messages of one subscription: files that show all, and a mail of a size that mail programs show."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from crawler.errors import SettingsError
from digests.address import Address
from digests.digest import Digest, capped
from digests.files import file_name
from digests.message import Letter, build, encoded_size, list_id, message_id
from digests.render import html, markdown, subject, text
from digests.source_words import is_idle
from digests.subscription import Subscription
from storage.outbox import Form, Message

#: Gmail clips a mail whose HTML is longer than about 102,000 bytes as encoded.
SIZE_LIMIT: Final = 100_000
#: How many updates a mail shows at most; the rest is in the whole digest.
UPDATES_CAP: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who writes, whom to write to in order to stop it, and where digests are published ("": nowhere)."""

    address: Address
    owner: Address
    site_url: str = ""


def letters(digest: Digest, subscription: Subscription, period: str, sender: Sender | None, now: datetime) -> list[Message]:
    """Return the messages of a digest, rendered. On a day when every source was quiet there is no mail, only files."""
    messages: list[Message] = []
    if "file" in subscription.forms:
        messages += _files(digest, subscription, period)
    if "mail" in subscription.forms and subscription.email and sender and not is_quiet(digest):
        messages.append(_mail(digest, subscription, period, sender, now))
    return messages


def is_quiet(digest: Digest) -> bool:
    """Tell whether there is nothing to mail about: nothing for the reader, and every source only had nothing due."""
    return not digest.papers and not digest.changes and all(is_idle(line) for line in digest.sources)


def _files(digest: Digest, subscription: Subscription, period: str) -> list[Message]:
    place = _place(digest, subscription)
    forms: tuple[tuple[Form, str, str], ...] = (
        ("markdown", f"{place}.md", markdown(digest)),
        ("html", f"{place}.html", html(digest)),
    )
    return [
        Message(
            subscription=subscription.name,
            period=period,
            form=form,
            recipient=recipient,
            message_id="",
            body=written.encode(),
        )
        for form, recipient, written in forms
    ]


def _place(digest: Digest, subscription: Subscription) -> str:
    edition = f".{digest.edition}" if digest.edition > 1 else ""
    return f"{digest.period.isoformat()}/{file_name(subscription.name)}{edition}"


def _mail(digest: Digest, subscription: Subscription, period: str, sender: Sender, now: datetime) -> Message:
    recipient = Address.parse(subscription.email or "")
    if recipient is None:
        raise SettingsError([f"subscription {subscription.name}: {subscription.email} is no mail address"])
    site = sender.site_url.rstrip("/")
    whole = replace(
        digest,
        unsubscribe=sender.owner.mailbox,
        site_page=f"{site}/{_place(digest, subscription)}.html" if site else None,
    )
    shown, page = _fitting(whole, subscription)
    identity = message_id(subscription.name, period, recipient.mailbox, sender.address.domain)
    letter = Letter(
        subject=subject(whole),
        sender=sender.address,
        recipient=recipient,
        message_id=identity,
        date=now,
        list_name=f"Paperlark: {subscription.name}",
        list_id=list_id(subscription.name, sender.address.domain),
        unsubscribe=sender.owner,
    )
    left_out = shown != whole and whole.site_page is None
    attachment = (f"paperlark-{digest.period.isoformat()}.html", html(whole).encode()) if left_out else None
    return Message(
        subscription=subscription.name,
        period=period,
        form="mail",
        recipient=recipient.mailbox,
        message_id=identity,
        body=build(letter, text(shown), page, attachment),
    )


def _fitting(digest: Digest, subscription: Subscription) -> tuple[Digest, str]:
    """Return as much of the digest as a mail may hold, and its HTML: each topic's cap first, then fewer of everything."""
    caps, updates = {topic.name: topic.cap for topic in subscription.topics}, UPDATES_CAP
    while True:
        shown = capped(digest, caps, updates)
        page = html(shown)
        if encoded_size(page) <= SIZE_LIMIT or not (updates or any(caps.values())):
            return shown, page
        caps, updates = {name: cap * 2 // 3 for name, cap in caps.items()}, updates * 2 // 3
