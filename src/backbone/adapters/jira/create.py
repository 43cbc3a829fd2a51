"""Creating issues in bulk, and finding those whose creation nobody confirmed (rule 12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

import msgspec

from backbone.adapters.jira.answers import Answer, refusal_of
from backbone.adapters.jira.codec.refusals import failed_elements
from backbone.adapters.jira.codec.writing import create_to_json
from backbone.adapters.jira.flavour import API
from backbone.adapters.jira.issues import Issues
from backbone.adapters.jira.knowledge import Knowledge
from backbone.adapters.jira.metadata import Metadata
from backbone.adapters.jira.search import Searches
from backbone.adapters.jira.session import JiraSession
from backbone.core.model.actions import NewIssue
from backbone.core.model.keys import IssueId, IssueKey, IssueRef, Millis, ProjectId
from backbone.core.model.snapshot import IssueSnapshot
from backbone.ports.tracker import (
    AccessError,
    Created,
    Lane,
    OutcomeUnknown,
    Refusal,
    TransientError,
    Unavailable,
    Wanted,
)

CREATE_LIMIT = 50
"""Cloud's limit; Data Center documents none, and larger requests would only make a lost answer dearer."""

LARGEST_BODY = 4 * 1024 * 1024
"""Data Center takes 5 MB by default."""

_NEXT_KEYS = 100
_MISSES = 10
"""So many keys in a row that nobody has: behind them there are no new issues."""


class CreatedJson(msgspec.Struct):
    """An issue that was created."""

    id: str
    key: str


class BulkCreatedJson(msgspec.Struct):
    """The issues of a bulk creation that succeeded, in the order of the request but without their numbers."""

    issues: list[CreatedJson]


class Creation:
    """New issues, each with its marker."""

    def __init__(
        self, session: JiraSession, knowledge: Knowledge, issues: Issues, searches: Searches, metadata: Metadata
    ) -> None:
        self._session = session
        self._knowledge = knowledge
        self._issues = issues
        self._searches = searches
        self._metadata = metadata

    async def create(self, batch: Sequence[NewIssue], lane: Lane) -> Sequence[Created | Refusal]:
        kinds = await self._knowledge.kinds({name for new in batch for name in new.values})
        results: list[Created | Refusal] = []
        for bodies in parcels([msgspec.json.encode(create_to_json(new, kinds)) for new in batch]):
            try:
                results += await self._create(bodies, lane)
            except (TransientError, AccessError) as error:
                if not results:
                    raise
                wait = error.retry_after if isinstance(error, TransientError) else 1.0
                raise OutcomeUnknown(str(error), retry_after=wait) from None  # a part of the batch exists already
        if any(isinstance(each, Refusal) and each.fields for each in results):
            self._knowledge.forget()
        return results

    async def _create(self, bodies: Sequence[bytes], lane: Lane) -> Sequence[Created | Refusal]:
        body = {"issueUpdates": [msgspec.Raw(each) for each in bodies]}
        answer = await self._session.write("POST", f"{API}/issue/bulk", lane, body, due=True)
        return outcomes(answer, len(bodies))

    async def find_created(
        self, project: ProjectId, highest: IssueKey | None, since: Millis, wanted: Wanted
    ) -> Sequence[IssueSnapshot]:
        marked = replace(wanted, marker=True)
        prefix, number = await self._start(project, highest)
        if (await self._knowledge.here()).flavour.cloud:
            found = await self._by_key_in_bulk(prefix, number, marked)
        else:
            found = await self._by_search(project, since, marked)
            found |= await self._by_key(prefix, number, {each.ref.key for each in found.values()}, marked)
        return [each for each in found.values() if each.own]

    async def _start(self, project: ProjectId, highest: IssueKey | None) -> tuple[str, int]:
        if highest is not None:
            prefix, _, number = highest.rpartition("-")
            return prefix, int(number)
        info = await self._metadata.project(project)
        return ("" if info is None else info.key), 0

    async def _by_key_in_bulk(self, prefix: str, number: int, wanted: Wanted) -> dict[IssueId, IssueSnapshot]:
        """The next hundred keys in one call, and on as long as there are any."""
        found: dict[IssueId, IssueSnapshot] = {}
        while True:
            keys = [f"{prefix}-{number + step}" for step in range(1, _NEXT_KEYS + 1)]
            some = await self._issues.read_many(keys, wanted, Lane.LIVE)
            found |= some
            number += _NEXT_KEYS
            if not some:
                return found
            if max(_number(each.ref.key) for each in some.values()) <= number - _MISSES:
                return found

    async def _by_search(self, project: ProjectId, since: Millis, wanted: Wanted) -> dict[IssueId, IssueSnapshot]:
        """What the index knows already; it has no properties, so each issue is read."""
        jql = f"creator = currentUser() AND created >= {since}"
        ids = [
            each.ref.id
            async for page in self._searches.matching(project, jql, Wanted(), Lane.LIVE)
            for each in page.issues
        ]
        return dict(await self._issues.read_many(ids, wanted, Lane.LIVE))

    async def _by_key(
        self, prefix: str, number: int, known: AbstractSet[IssueKey], wanted: Wanted
    ) -> dict[IssueId, IssueSnapshot]:
        """What the index does not know yet: key after key until a run of keys that nobody has."""
        found: dict[IssueId, IssueSnapshot] = {}
        misses = 0
        while misses < _MISSES:
            number += 1
            key = IssueKey(f"{prefix}-{number}")
            issue = None if key in known else await self._issues.read(key, wanted, Lane.LIVE)
            misses = misses + 1 if isinstance(issue, Unavailable) else 0
            if isinstance(issue, IssueSnapshot):
                found[issue.ref.id] = issue
        return found


def parcels(bodies: Iterable[bytes]) -> list[list[bytes]]:
    """Bodies in groups that fit a request."""
    groups: list[list[bytes]] = []
    room = 0
    for body in bodies:
        if not groups or len(body) > room or len(groups[-1]) == CREATE_LIMIT:
            groups.append([])
            room = LARGEST_BODY
        groups[-1].append(body)
        room -= len(body) + 1
    return groups


def outcomes(answer: Answer, count: int) -> Sequence[Created | Refusal]:
    """What became of each issue: those that failed are numbered, the others follow in order."""
    failed = failed_elements(answer.body)
    if not answer.ok:
        whole = refusal_of(answer)
        return [failed.get(number, whole) for number in range(count)]
    created = iter(answer.decode(BulkCreatedJson).issues)
    results: list[Created | Refusal] = []
    for number in range(count):
        refusal = failed.get(number)
        if refusal is not None:
            results.append(refusal)
            continue
        one = next(created, None)
        if one is None:
            raise OutcomeUnknown("the answer to a bulk creation names fewer issues than it created")
        results.append(Created(ref=IssueRef(id=IssueId(one.id), key=IssueKey(one.key)), at=answer.at))
    return results


def _number(key: IssueKey) -> int:
    return int(key.rpartition("-")[2])
