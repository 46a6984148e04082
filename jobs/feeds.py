"""Feeds in the daily work: which of them are asked for, at which address, and what is remembered of each."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.feed_health import FEEDS, FeedState, is_due, judge_feed
from crawler.report import CrawlPlan, Look
from crawler.source import Checkpoint
from storage.database import Connection
from storage.feeds import Kept, feed_states, save_feed

if TYPE_CHECKING:
    from jobs.settings import Settings


def addresses_of(settings: "Settings") -> dict[str, str]:
    """Return the addresses of the feeds in the settings, by their names."""
    return {feed.name: feed.url for feed in settings.feeds}


def health(connection: Connection, addresses: Mapping[str, str]) -> dict[str, FeedState]:
    """Return what is remembered of feeds; of one that has another address than it had, nothing."""
    kept = feed_states(connection, addresses)
    return {name: _state(kept.get(name), url) for name, url in addresses.items()}


def _state(kept: Kept | None, url: str) -> FeedState:
    return kept.state if kept and kept.given == url else FeedState(url=url)


def feed_plan(connection: Connection, plan: CrawlPlan, *, insist: bool) -> CrawlPlan:
    """Return the plan for those of its feeds that are due, the dead ones last, each at the address where it is now.

    `insist`: for all but those that are gone, and those that were asked within the hour too. What was read at another address
    says nothing of this one.
    """
    now, states = plan.clock(), health(connection, plan.addresses)
    asked = [name for name in plan.scopes if not states[name].gone and (insist or is_due(states[name], now))]
    asked.sort(key=lambda name: states[name].failing_since is not None)
    known = {name: plan.checkpoints[name] for name in asked if states[name].last_asked}
    return replace(
        plan,
        scopes=tuple(asked),
        addresses={name: states[name].url for name in asked},
        checkpoints={name: known.get(name, Checkpoint(source=FEEDS, scope=name)) for name in asked},
        settled_at={} if insist else _asked_at(states, asked),
    )


def _asked_at(states: Mapping[str, FeedState], names: Collection[str]) -> dict[str, datetime]:
    living = {name: states[name].last_asked for name in names if states[name].failing_since is None}
    return {name: at for name, at in living.items() if at}


def keep_health(connection: Connection, addresses: Mapping[str, str], look: Look) -> Look:
    """Keep what came of asking for a feed, whose address in the settings is among `addresses`.

    Returns the look, whose verdict now says so where the feed has moved for good or is gone.
    """
    url = addresses.get(look.scope)
    if look.outcome is None or url is None:
        return look
    state, line = judge_feed(health(connection, {look.scope: url})[look.scope], look.outcome, look.at)
    save_feed(connection, look.scope, Kept(url, state))
    return replace(look, verdict=replace(look.verdict, why=f"{look.verdict.why}; {line}")) if line else look
