"""Issues one by one: read, edited, moved along."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from backbone.adapters.jira.answers import Answer, refusal_of, required
from backbone.adapters.jira.codec.history import ChangelogPageJson
from backbone.adapters.jira.codec.issues import IssueJson, Reading, expansions_of, fields_of
from backbone.adapters.jira.codec.markers import MARKER
from backbone.adapters.jira.codec.writing import edit_to_json, move_to_json
from backbone.adapters.jira.flavour import API
from backbone.adapters.jira.knowledge import Knowledge
from backbone.adapters.jira.search import snapshots
from backbone.adapters.jira.session import JiraSession
from backbone.core.model.actions import EditFields, MoveAlong
from backbone.core.model.keys import IssueId
from backbone.core.model.snapshot import IssueSnapshot
from backbone.ports.tracker import (
    Done,
    Edited,
    Lane,
    OutcomeUnknown,
    Refusal,
    TransientError,
    Unavailable,
    Wanted,
)

_AT_ONCE = 8
_HISTORY_PAGE = 100


class BulkJson(msgspec.Struct):
    """Cloud's answer to a request for many issues; those that can't be had are missing."""

    issues: list[IssueJson]
    errors: list[dict[str, msgspec.Raw]] = msgspec.field(default_factory=list, name="issueErrors")


class Issues:
    """Reading and writing of issues by id."""

    def __init__(self, session: JiraSession, knowledge: Knowledge) -> None:
        self._session = session
        self._knowledge = knowledge

    # reading -----------------------------------------------------------------------------------------------------
    async def read(self, issue: str, wanted: Wanted, lane: Lane) -> IssueSnapshot | Unavailable:
        """By id or by key."""
        answer = await self._session.get(f"{API}/issue/{issue}", lane, params=_params(wanted))
        if answer.status in (403, 404):
            return Unavailable(IssueId(issue))
        return await self._snapshot(required(answer), wanted, lane)

    async def read_many(self, issues: Sequence[str], wanted: Wanted, lane: Lane) -> Mapping[IssueId, IssueSnapshot]:
        """By ids or keys; the result is by id."""
        flavour = (await self._knowledge.here()).flavour
        found: list[IssueSnapshot | Unavailable] = []
        if flavour.bulk_read is None:
            for start in range(0, len(issues), _AT_ONCE):
                found += await self._read_together(issues[start : start + _AT_ONCE], wanted, lane)
        else:
            for start in range(0, len(issues), flavour.bulk_read_page):
                found += await self._read_bulk(flavour.bulk_read, issues[start : start + 100], wanted, lane)
        return {each.ref.id: each for each in found if isinstance(each, IssueSnapshot)}

    async def _read_together(
        self, issues: Sequence[str], wanted: Wanted, lane: Lane
    ) -> Sequence[IssueSnapshot | Unavailable]:
        """All at once; when one fails, only after the others came to their end."""
        reads = (self.read(each, wanted, lane) for each in issues)
        results = await asyncio.gather(*reads, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return [result for result in results if not isinstance(result, BaseException)]

    async def _read_bulk(self, path: str, issues: Sequence[str], wanted: Wanted, lane: Lane) -> Sequence[IssueSnapshot]:
        body: dict[str, object] = {"issueIdsOrKeys": list(issues), "fields": list(fields_of(wanted))}
        if expansions_of(wanted):
            body["expand"] = list(expansions_of(wanted))
        if wanted.marker:
            body["properties"] = [MARKER]
        answer = required(await self._session.ask(path, lane, body))
        bulk = answer.decode(BulkJson)
        if bulk.errors:
            raise TransientError("some of the issues could not be read now")
        for each in bulk.issues:
            await self._complete_history(each, wanted, lane)
        reading = Reading(wanted=wanted, legend=await self._knowledge.legend(wanted), at=answer.as_of)
        return snapshots(bulk.issues, reading)

    async def _snapshot(self, answer: Answer, wanted: Wanted, lane: Lane) -> IssueSnapshot:
        found = answer.decode(IssueJson)
        await self._complete_history(found, wanted, lane)
        reading = Reading(wanted=wanted, legend=await self._knowledge.legend(wanted), at=answer.as_of)
        return snapshots([found], reading)[0]

    async def _complete_history(self, found: IssueJson, wanted: Wanted, lane: Lane) -> None:
        """Cloud embeds the newest entries only; the older ones come from a resource of their own."""
        changelog = found.changelog
        if not wanted.history or changelog is None or changelog.complete:
            return
        if not (await self._knowledge.here()).flavour.history:
            changelog.total = None  # Data Center has nothing to complete it with
            return
        entries = {str(each.id): each for each in changelog.histories}
        start = 0
        while len(entries) < (changelog.total or 0):
            params = {"startAt": str(start), "maxResults": str(_HISTORY_PAGE)}
            answer = required(await self._session.get(f"{API}/issue/{found.id}/changelog", lane, params=params))
            page = answer.decode(ChangelogPageJson)
            if not page.values:
                break
            entries |= {str(each.id): each for each in page.values}
            start += len(page.values)
        changelog.histories = list(entries.values())
        changelog.total = len(entries)

    # writing -----------------------------------------------------------------------------------------------------
    async def edit(self, edit: EditFields, wanted: Wanted, lane: Lane) -> Edited | Refusal:
        flavour = (await self._knowledge.here()).flavour
        kinds = await self._knowledge.kinds([*edit.values, *edit.elements], wanted.fields)
        path, body = f"{API}/issue/{edit.issue}", edit_to_json(edit, kinds)
        params = flavour.edit_params or None
        answer = await self._session.write("PUT", path, lane, body, params=params, due=flavour.edit_answers)
        if not answer.ok:
            return self._refused(answer)
        shown = replace(wanted, history=True, transitions=False, marker=False)
        if answer.body.strip():
            return Edited(at=answer.at, after=await self._newest(answer, shown))
        if not edit.before:
            return Edited(at=answer.at, after=None)
        return Edited(at=answer.at, after=await self._read_back(edit.issue, shown, lane))

    async def move(self, step: MoveAlong, lane: Lane) -> Done | Refusal:
        body = move_to_json(step, await self._knowledge.kinds(step.values))
        answer = await self._session.write("POST", f"{API}/issue/{step.issue}/transitions", lane, body)
        return Done(at=answer.at) if answer.ok else self._refused(answer)

    async def _newest(self, answer: Answer, wanted: Wanted) -> IssueSnapshot:
        """An answer to an edit shows the newest entries of the history: enough to see what was overwritten."""
        found = answer.decode(IssueJson)
        if found.changelog is not None:
            found.changelog.total = len(found.changelog.histories)
        legend = await self._knowledge.legend(wanted)
        try:
            return snapshots([found], Reading(wanted=wanted, legend=legend, at=answer.as_of))[0]
        except TransientError as error:
            raise OutcomeUnknown(str(error)) from None

    async def _read_back(self, issue: IssueId, wanted: Wanted, lane: Lane) -> IssueSnapshot | None:
        """The edit happened; where it can't be looked at, somebody must before it counts as done (rule 15)."""
        try:
            after = await self.read(issue, wanted, lane)
        except TransientError as error:
            raise OutcomeUnknown(str(error), retry_after=error.retry_after) from None
        return after if isinstance(after, IssueSnapshot) else None

    def _refused(self, answer: Answer) -> Refusal:
        refusal = refusal_of(answer)
        if refusal.fields:
            self._knowledge.forget()
        return refusal


def _params(wanted: Wanted) -> dict[str, str]:
    params = {"fields": ",".join(fields_of(wanted))}
    if expansions_of(wanted):
        params["expand"] = ",".join(expansions_of(wanted))
    if wanted.marker:
        params["properties"] = MARKER
    return params
