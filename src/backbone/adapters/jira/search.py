"""Searching: what changed, what matches, what is there. A search result is a hint, never the truth (rule 17)."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable, Sequence
from dataclasses import replace

import msgspec

from backbone.adapters.jira.answers import required
from backbone.adapters.jira.bookmark import Bookmark
from backbone.adapters.jira.codec.issues import IssueJson, Reading, expansions_of, fields_of, issue_from_json
from backbone.adapters.jira.codec.markers import MARKER
from backbone.adapters.jira.codec.refusals import refusal_from_json
from backbone.adapters.jira.flavour import Flavour
from backbone.adapters.jira.knowledge import Knowledge
from backbone.adapters.jira.query import (
    Found,
    JqlRefused,
    PagingStuck,
    Position,
    Query,
    Walk,
    condition_of,
    found_from_json,
    jql_error,
    named,
    ordered,
    project_error,
    search_to_json,
)
from backbone.adapters.jira.session import AnswerTooLarge, JiraSession
from backbone.core.model.keys import IssueId, IssueKey, Millis, ProjectId
from backbone.core.model.snapshot import IssueSnapshot
from backbone.ports.tracker import Lane, Page, TransientError, Wanted

_INVISIBLE_FOR = 300.0
"""Seconds for which a project that we can't see is left out of the search of all."""


class Searches:
    """All that is asked by JQL."""

    def __init__(
        self, session: JiraSession, knowledge: Knowledge, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._session = session
        self._knowledge = knowledge
        self._now = now
        self._invisible: dict[ProjectId, float] = {}

    # what changed ------------------------------------------------------------------------------------------------
    async def changed(
        self, projects: Sequence[ProjectId], since: Millis, wanted: Wanted, lane: Lane
    ) -> AsyncGenerator[Page, None]:
        """Oldest first. Each page asks anew from the last instant that the one before it reached for certain.

        Offsets shift when an issue is edited meanwhile, and so do Cloud's tokens (JRACLOUD-95368): what stood behind
        it would be passed over. They are followed only within one instant that fills more than a page. There, too, an
        offset's page begins with the last issue of the one before it, or we go back; tokens can't overlap, so before
        the instant is left the pages that were turned are counted again, and read again if one of their issues left.
        """
        if not projects:
            return
        reading = Reading(wanted=wanted, legend=await self._knowledge.legend(wanted), at=Millis(0))
        template, mark = await self._query("", wanted), Bookmark(floor=since)
        while True:
            found = await self._changed_page(projects, mark.floor, template, mark.position, lane)
            issues = snapshots(found.issues, replace(reading, at=found.at))
            if mark.is_torn_off(issues):
                mark.go_back(len(issues))
                continue
            leaves = found.following is None or mark.leaves(issues)
            if leaves and mark.position.token and not await self._begins_with(mark.turned, projects, mark.floor, lane):
                mark.begin_again()
                continue
            unseen = frozenset(each for each in projects if self._is_invisible(each))
            yield Page(issues=mark.fresh(issues), asked_at=found.at, last=found.following is None, unseen=unseen)
            if found.following is None:
                return
            mark.go_on(issues, found.following)

    # what matches ------------------------------------------------------------------------------------------------
    async def matching(self, project: ProjectId, jql: str, wanted: Wanted, lane: Lane) -> AsyncIterator[Page]:
        reading = Reading(wanted=wanted, legend=await self._knowledge.legend(wanted), at=Millis(0))
        try:
            query = await self._query(ordered(project, jql), wanted)
            async for found in self._whole(query, lane):
                issues = snapshots(found.issues, replace(reading, at=found.at))
                yield Page(issues=issues, asked_at=found.at, last=found.following is None)
        except JqlRefused as refused:
            raise jql_error(refused) from None

    async def census(self, project: ProjectId) -> frozenset[IssueId]:
        """Not proof: tokens may pass over an issue, and whoever misses one here reads it by its id."""
        flavour = (await self._knowledge.here()).flavour
        query = Query(jql=ordered(project, ""), fields=("id",), size=flavour.id_page)
        try:
            return await self._ids(query, Lane.BULK)
        except JqlRefused as refused:
            raise project_error(refused) from None

    async def members(self, ids: Sequence[IssueId], jql: str) -> frozenset[IssueId]:
        try:
            condition = condition_of(jql)
            query = Query(jql=f"({condition})" if condition else "", fields=("id",), size=1)
            return frozenset(IssueId(each.id) for each in await self._among(ids, query, Lane.LIVE))
        except JqlRefused as refused:
            raise jql_error(refused) from None

    async def highest_key(self, project: ProjectId) -> IssueKey | None:
        query = Query(jql=f"project = {project} ORDER BY key DESC", fields=("key",), size=1)
        try:
            found = await self._ask(query, Position(), Lane.LIVE)
        except JqlRefused as refused:
            raise project_error(refused) from None
        return next((IssueKey(each.key) for each in found.issues if each.key), None)

    async def first(self, jql: str, wanted: Wanted, lane: Lane) -> IssueSnapshot | None:
        """One issue that matches. Raises JqlRefused."""
        query = replace(await self._query(jql, wanted), size=1)
        found = await self._ask(query, Position(), lane)
        legend = await self._knowledge.legend(wanted)
        return next(iter(snapshots(found.issues[:1], Reading(wanted=wanted, legend=legend, at=found.at))), None)

    async def complaint(self, jql: str) -> str | None:
        """Jira's words about a JQL, or None. Bounded, since Cloud refuses to search everything.

        It stands at the end and in no brackets: what Jira takes there, it takes alone, however it reads quotes.
        """
        try:
            condition = condition_of(jql)
            if not condition:
                return None
            query = Query(jql=f"updated >= -1m AND {condition}", fields=("id",), size=1)
            await self._ask(query, Position(), Lane.LIVE)
        except JqlRefused as refused:
            return refused.refusal.words
        return None

    # parts -------------------------------------------------------------------------------------------------------
    async def _begins_with(
        self, turned: Collection[str], projects: Sequence[ProjectId], floor: Millis, lane: Lane
    ) -> bool:
        """Whether the search begins with these issues still: then none left, and no other took its place unseen."""
        flavour = (await self._knowledge.here()).flavour
        template = Query(jql="", fields=("id",), size=flavour.id_page)
        position, walk, found = Position(), Walk(), dict[str, None]()
        while True:
            page = await self._changed_page(projects, floor, template, position, lane)
            ids = dict.fromkeys(each.id for each in page.issues)
            fresh = not ids.keys() <= found.keys()
            found |= ids
            if len(found) >= len(turned) or page.following is None or walk.stuck(page.following, fresh=fresh):
                return set(list(found)[: len(turned)]) == set(turned)
            position = page.following

    async def _changed_page(
        self, projects: Sequence[ProjectId], floor: Millis, template: Query, position: Position, lane: Lane
    ) -> Found:
        """One project that we can't see makes Jira refuse the search of all: it is left out for a while."""
        while True:
            visible = [each for each in projects if not self._is_invisible(each)]
            jql = f"project in ({', '.join(visible or projects)}) AND updated >= {floor}"
            query = replace(template, jql=f"{jql} ORDER BY updated ASC, key ASC")
            try:
                return await self._ask(query, position, lane)
            except JqlRefused as refused:
                lost = named(refused.refusal, visible)
                if not lost or len(lost) == len(projects):
                    raise project_error(refused) from None
                self._invisible |= dict.fromkeys(lost, self._now() + _INVISIBLE_FOR)

    def _is_invisible(self, project: ProjectId) -> bool:
        return self._invisible.get(project, 0.0) > self._now()

    async def _query(self, jql: str, wanted: Wanted) -> Query:
        flavour = (await self._knowledge.here()).flavour
        return Query(
            jql=jql,
            fields=fields_of(wanted),
            expand=expansions_of(wanted),
            properties=(MARKER,) if wanted.marker and flavour.search_properties else (),
            size=flavour.page,
        )

    async def _whole(self, query: Query, lane: Lane) -> AsyncIterator[Found]:
        """All pages, and behind tokens one with what they passed over.

        Tokens shift when an issue leaves the result, and can't overlap (JRACLOUD-95368): so behind several pages all
        ids are asked for once more, which are a page as a rule, and those not seen yet are read.
        """
        seen, turned = set[str](), False
        async for found in self._walk(query, lane):
            seen |= {each.id for each in found.issues}
            turned = turned or (found.following is not None and found.following.token is not None)
            yield replace(found, following=found.following or Position()) if turned else found
        if turned:
            size = (await self._knowledge.here()).flavour.id_page
            ids = await self._ids(replace(query, fields=("id",), expand=(), properties=(), size=size), lane)
            issues = await self._among(sorted(ids - seen), query, lane)
            yield Found(issues=issues, at=found.at, following=None)

    async def _among(self, ids: Sequence[IssueId], query: Query, lane: Lane) -> list[IssueJson]:
        """What the query finds among these issues."""
        flavour = (await self._knowledge.here()).flavour
        found: list[IssueJson] = []
        for start in range(0, len(ids), flavour.member_page):
            found += await self._among_few(list(ids[start : start + flavour.member_page]), query, flavour, lane)
        return found

    async def _among_few(self, ids: list[IssueId], query: Query, flavour: Flavour, lane: Lane) -> list[IssueJson]:
        """Ids that exist no more make Jira refuse the whole query; it names them, and they are not found."""
        while ids:
            inside = replace(
                query,
                jql=f"id in ({', '.join(ids)})" + (f" AND {query.jql}" if query.jql else ""),
                size=len(ids),
                reconcile=tuple(int(each) for each in ids) if flavour.reconciles else (),
            )
            try:
                return [each async for found in self._whole(inside, lane) for each in found.issues]
            except JqlRefused as refused:
                unknown = named(refused.refusal, ids)
                if not unknown:
                    raise
                ids = [each for each in ids if each not in unknown]
        return []

    async def _ids(self, query: Query, lane: Lane) -> frozenset[IssueId]:
        return frozenset([IssueId(each.id) async for found in self._walk(query, lane) for each in found.issues])

    async def _walk(self, query: Query, lane: Lane) -> AsyncIterator[Found]:
        """All pages in the order of keys, each issue once.

        Offsets shift when an issue leaves the result, so each page begins with the last issue of the one before it;
        where it doesn't, we go back. Totals move, so the end of several pages is where nothing new comes any more.
        """
        position, before, seen, walk = Position(), set[str](), set[str](), Walk()
        while True:
            found = await self._ask(query, position, lane)
            ids = {each.id for each in found.issues}
            if before and position.offset and not ids & before:
                walk.step_back()
                position = Position(offset=max(0, position.offset - query.size))
                continue
            fresh = replace(found, issues=[each for each in found.issues if each.id not in seen])
            following = found.following
            if following is None and position.offset and fresh.issues:
                following = Position(offset=found.reached)
            yield replace(fresh, following=following)
            if following is None:
                return
            if walk.stuck(following, fresh=bool(fresh.issues)):
                raise PagingStuck("the search repeats its pages")
            seen |= ids
            position, before = following, set()
            if position.token is None and len(ids) > 1:
                position, before = Position(offset=position.offset - 1), ids

    async def _ask(self, query: Query, position: Position, lane: Lane) -> Found:
        """One page; a smaller one where a page is too large for us."""
        try:
            return await self._ask_once(query, position, lane)
        except AnswerTooLarge:
            if query.size == 1:
                raise
            return await self._ask(replace(query, size=max(1, query.size // 4)), position, lane)

    async def _ask_once(self, query: Query, position: Position, lane: Lane) -> Found:
        flavour = (await self._knowledge.here()).flavour
        answer = await self._session.ask(flavour.search, lane, search_to_json(query, position, flavour))
        if answer.status == 400:
            raise JqlRefused(refusal_from_json(answer.body))
        return found_from_json(required(answer), position, flavour)


def snapshots(issues: Iterable[IssueJson], reading: Reading) -> tuple[IssueSnapshot, ...]:
    """Raises TransientError where one of them is not understood: a page with a hole would lose a change."""
    try:
        return tuple(issue_from_json(each, reading) for each in issues)
    except (msgspec.MsgspecError, ValueError) as error:
        raise TransientError(f"an issue in the answer is not understood ({type(error).__name__})") from None
