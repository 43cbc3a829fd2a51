"""Which transitions leave a status: Jira shows no workflow to an ordinary account, so they are learnt from issues.

An issue of the type that is in the status shows them. Where there is none, whatever was seen when issues were read
before counts, and then what another type shows whose workflow has the same statuses: in all likelihood it is the same
workflow. Nothing of it is trusted further than to choose a first step, which the issue itself offers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from backbone.adapters.jira.answers import required
from backbone.adapters.jira.cache import Cache
from backbone.adapters.jira.codec.transitions import TransitionsJson, transition_from_json
from backbone.adapters.jira.flavour import API
from backbone.adapters.jira.knowledge import Knowledge
from backbone.adapters.jira.metadata import Metadata
from backbone.adapters.jira.query import JqlRefused
from backbone.adapters.jira.search import Searches
from backbone.adapters.jira.session import JiraSession
from backbone.core.model.keys import STATUS, ProjectId, TypeId
from backbone.core.model.snapshot import IssueSnapshot, Transition
from backbone.core.model.values import Option
from backbone.ports.tracker import Lane, TransientError, Wanted

Transitions = tuple[Transition, ...]


class Workflows:
    """Transitions by project, type and status."""

    def __init__(
        self,
        session: JiraSession,
        knowledge: Knowledge,
        searches: Searches,
        metadata: Metadata,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._searches = searches
        self._metadata = metadata
        self._seen: dict[tuple[str, str, str], Transitions] = {}
        self._learnt: Cache[Transitions | None] = Cache(now=now)
        knowledge.on_forget(self._learnt.forget)

    def remember(self, issues: Iterable[IssueSnapshot]) -> None:
        """What issues showed when they were read."""
        for issue in issues:
            status = issue.values.get(STATUS)
            if issue.transitions is not None and isinstance(status, Option):
                self._seen[issue.project, issue.type.id, status.id] = issue.transitions

    async def leaving(self, project: ProjectId, issue_type: TypeId, status: Option) -> Transitions | None:
        """The transitions that leave a status; None when nobody has seen them."""

        async def load() -> Transitions | None:
            return await self._load(project, [issue_type], status)

        async def load_of_kin() -> Transitions | None:
            kin = await self._kin(project, issue_type)
            return await self._load(project, kin, status) if kin else None

        found = await self._learnt.get((project, issue_type, status.id), load)
        if found is None:
            found = self._seen.get((project, issue_type, status.id))
        if found is None:
            found = await self._learnt.get((project, issue_type, status.id, "kin"), load_of_kin)
        return found

    async def _kin(self, project: ProjectId, issue_type: TypeId) -> list[TypeId]:
        """The other types of the project whose workflow has the same statuses."""
        types = await self._metadata.types(project)
        own = next((frozenset(one.statuses) for one in types if one.type.id == issue_type), None)
        return [TypeId(one.type.id) for one in types if one.type.id != issue_type and frozenset(one.statuses) == own]

    async def _load(self, project: ProjectId, types: list[TypeId], status: Option) -> Transitions | None:
        among = ", ".join(types)
        jql = f"project = {project} AND issuetype in ({among}) AND status = {status.id} ORDER BY key DESC"
        try:
            issue = await self._searches.first(jql, Wanted(transitions=True), Lane.LIVE)
        except JqlRefused:
            return None
        if issue is None or issue.transitions is not None:
            return None if issue is None else issue.transitions
        path = f"{API}/issue/{issue.ref.id}/transitions"
        answer = required(await self._session.get(path, Lane.LIVE, params={"expand": "transitions.fields"}))
        try:
            return tuple(transition_from_json(each) for each in answer.decode(TransitionsJson).transitions)
        except ValueError:
            raise TransientError("a transition in the answer is not understood") from None
