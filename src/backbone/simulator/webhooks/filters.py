"""The JQL of a webhook, answered for one issue as it is now: with no eye for permissions or the index."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from backbone.simulator.flavour import Traits
from backbone.simulator.jql import IssueReference, JqlContext, JqlError, check, search
from backbone.simulator.rest.searchable import SearchableIssue, SearchableNames
from backbone.simulator.webhooks.registrations import Webhook
from backbone.simulator.world.issues import Issue
from backbone.simulator.world.people import User
from backbone.simulator.world.state import World


class AllNames(SearchableNames):
    """Every name of the world for whoever asks, and an issue that may be gone from it."""

    def __init__(self, world: World, gone: Issue | None) -> None:
        super().__init__(world, None)
        self._all = world
        self._gone = gone

    def _sees(self, project_id: str) -> bool:
        return project_id in self._all.projects

    def issue(self, id_or_key: str) -> IssueReference | None:
        if self._gone is not None and id_or_key.upper() in {self._gone.key, str(self._gone.id)}:
            return IssueReference(id=self._gone.id, key=self._gone.key)
        found = self._all.find_issue(id_or_key)
        return None if found is None else IssueReference(id=found.id, key=found.key)


def _context(world: World, traits: Traits, owner: User, issue: Issue | None = None) -> JqlContext:
    return JqlContext(
        now=world.clock(),
        time_zone=ZoneInfo(owner.time_zone),
        account=owner.key,
        cloud=traits.is_cloud,
        world=AllNames(world, issue),
        validate=issue is None,
    )


def problems(jql: str, world: World, traits: Traits, owner: User) -> tuple[str, ...]:
    """What is wrong with a query, in Jira's words; nothing for an empty one."""
    if not jql.strip():
        return ()
    try:
        return check(jql, _context(world, traits, owner))
    except JqlError as refusal:
        return refusal.messages


def matches(webhook: Webhook, issue: Issue | None, world: World, traits: Traits) -> bool:
    """Whether a webhook is to hear of an issue; what is no issue passes, and a broken query matches nothing."""
    if issue is None or not webhook.jql.strip():
        return True
    context = _context(world, traits, world.users[webhook.owner], issue)
    try:
        return bool(search(webhook.jql, [SearchableIssue(issue, world, None)], context))
    except JqlError:
        return False
