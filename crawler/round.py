"""The round of one crawl: every scope of the plan, then the days that are owed, or an errand to every scope."""

from collections.abc import Callable
from dataclasses import replace

from crawler.articles import read_articles
from crawler.ask import Trouble
from crawler.calendar import DaysOff
from crawler.errands import harvest, look_up, trending
from crawler.healing import in_turn
from crawler.reading import attempt
from crawler.report import CrawlPlan, Errand, Look, Outlook, Told, failed_look
from crawler.rest import rested
from crawler.source import Checkpoint, DaysOffPage, Fetched, Wanted
from crawler.verdict import SETTLED
from crawler.visit import heal, visit
from crawler.visitor import Visitor


class Round:
    """Goes from scope to scope and tells the looks at each as soon as it is done with it."""

    def __init__(self, plan: CrawlPlan, visitor: Visitor, tell: Callable[[Told], None]) -> None:
        self.plan, self.visitor, self.tell = plan, visitor, tell
        name = visitor.source.name
        self.checkpoints = {scope: plan.checkpoints.get(scope) or Checkpoint(source=name, scope=scope) for scope in plan.scopes}

        self.fresh: list[str] = []

    async def go(self) -> None:
        """Do all that the plan says."""
        if self.plan.errand is not None:
            for scope in self.plan.scopes:
                await self._run(scope, self.plan.errand)
            return
        for place, scope in enumerate(self.plan.scopes):
            await self._visit(scope, reserve=len(self.plan.scopes) - place - 1)
        await self._see_trending()  # one request, before the days owed take all that are left
        await self._heal()
        if self.plan.ask_days_off and not self.visitor.fetcher.requests and self.visitor.fetcher.left() >= 1:
            await self._ask_days_off()

    async def _visit(self, scope: str, reserve: int) -> None:
        begun = self.plan.clock()
        checkpoint = self.checkpoints[scope]
        outcome = await attempt(self._looks(scope, checkpoint, reserve))
        if isinstance(outcome, Trouble):
            self.tell((failed_look(self.visitor.source.name, scope, outcome.why, begun),))
            return
        looks, self.checkpoints[scope] = outcome
        if any(look.requests and look.verdict.kind in SETTLED for look in looks):
            self.fresh.append(scope)
        self.tell(looks)

    async def _looks(self, scope: str, checkpoint: Checkpoint, reserve: int) -> tuple[tuple[Look, ...], Checkpoint]:
        if asleep := rested(self.visitor.source, checkpoint, self.plan.settled_at.get(scope), self.plan.clock()):
            return (asleep,), checkpoint
        return await visit(self.visitor, scope, checkpoint, reserve)

    async def _heal(self) -> None:
        """Ask for the days owed, oldest first, until the budget is spent or the site wants to be left alone."""
        route = self.visitor.source.healing
        for days, scope in in_turn(self.plan.owed, route.covers if route else None):
            if self.visitor.fetcher.left() < 1:
                return
            outcome = await attempt(heal(self.visitor, scope, self.checkpoints[scope], days))
            if outcome is None:
                return
            if isinstance(outcome, Trouble):
                continue
            for look in outcome:
                self.tell((look,))
            if outcome[0].verdict.kind == "throttled":
                return

    async def _see_trending(self) -> None:
        """Ask once for what is talked about, after a newest batch was asked for: at most as often as that."""
        if self.fresh and self.visitor.fetcher.left() >= 1:
            scope = self.fresh[0]
            outcome = await attempt(trending(self.visitor, scope, self.checkpoints[scope]))
            if isinstance(outcome, Look):
                self.tell((outcome,))

    async def _ask_days_off(self) -> None:
        """Have the source tell when it will announce nothing: in a round that costs nothing else."""
        page = self.visitor.source.days_off
        if page is None:
            return
        asked = replace(self.visitor.source.routes[0], start=page.url, rules="robots")
        answer = await self.visitor.fetcher.get(self.visitor.ask(asked, page.url))
        if isinstance(answer, Trouble) and answer.kind == "throttled":
            return  # nothing was asked, and the next round may ask
        if isinstance(answer, Trouble):
            self.tell(Outlook(None, self.plan.clock()))
            return
        fetched = self.visitor.fetched(asked, Wanted(scope=""), answer)
        said = await attempt(_read(page, fetched))
        self.tell(Outlook(None if isinstance(said, Trouble) else said, fetched.at))

    async def _run(self, scope: str, errand: Errand) -> None:
        begun, checkpoint = self.plan.clock(), self.checkpoints[scope]
        if errand.articles:
            outcome = await attempt(read_articles(self.visitor, scope, checkpoint, errand.articles))
        elif errand.keys:
            outcome = await attempt(look_up(self.visitor, scope, checkpoint, errand.keys))
        else:
            outcome = await attempt(harvest(self.visitor, scope, checkpoint, errand))
        name = self.visitor.source.name
        if outcome is None:
            outcome = Trouble(kind="failed", why="this source cannot be asked for that")
        look = outcome if isinstance(outcome, Look) else failed_look(name, scope, outcome.why, begun, "errand")
        self.tell((look,))


async def _read(page: DaysOffPage, fetched: Fetched) -> DaysOff:
    return page.read(fetched)
