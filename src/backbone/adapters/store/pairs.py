"""Pairs as rows: the document, and columns for what is searched."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from backbone.adapters.store.documents import PAIR
from backbone.adapters.store.rows import Rows, records
from backbone.core.model.keys import ConnectorKey, IssueId, IssueKey, IssueRef, Millis, PairUid
from backbone.core.model.pair import Pair

NEVER = 2**63 - 1
_AT_ONCE = 500

_SAVE = """
    insert into pair (connector, uid, state, local_id, local_key, remote_id, remote_key, incoming_changes_ignored,
                      document)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
    on conflict (connector, uid) do update set
        state = excluded.state, local_id = excluded.local_id, local_key = excluded.local_key,
        remote_id = excluded.remote_id, remote_key = excluded.remote_key,
        incoming_changes_ignored = excluded.incoming_changes_ignored, document = excluded.document
"""
_SAVE_ALL = """
    insert into pair (connector, uid, state, local_id, local_key, remote_id, remote_key, incoming_changes_ignored,
                      document)
    select connector, uid, state, local_id, local_key, remote_id, remote_key, incoming_changes_ignored, document
    from rows from (
        json_to_recordset(%s::json) as (connector text, uid text, state text, local_id text, local_key text,
                                        remote_id text, remote_key text, incoming_changes_ignored boolean,
                                        document json)
    ) with ordinality
        as new(connector, uid, state, local_id, local_key, remote_id, remote_key, incoming_changes_ignored, document,
               place)
    order by place
    on conflict (connector, uid) do update set
        state = excluded.state, local_id = excluded.local_id, local_key = excluded.local_key,
        remote_id = excluded.remote_id, remote_key = excluded.remote_key,
        incoming_changes_ignored = excluded.incoming_changes_ignored, document = excluded.document
"""
_COLUMNS = (
    *("connector", "uid", "state", "local_id", "local_key", "remote_id", "remote_key", "incoming_changes_ignored"),
    "document",
)
_CREATING = """
    select document from pair
    where connector = %s and state = 'creating' and local_id is null and held_until <= %s
      and not exists (select from create_attempt_pair tried where tried.connector = pair.connector and tried.pair = uid)
    order by born limit %s
"""
# Many are looked up one by one (tests/integration/store/test_plans.py): before PostgreSQL has counted its rows it would
# answer "uid = any(…)" by reading all pairs of the connector.
_GET_ALL = """
    select uid, document from unnest(%(uids)s::text[]) as wanted(name)
    cross join lateral (
        select uid, document from pair where connector = %(connector)s and uid = wanted.name offset 0
    ) found
"""
_LOCAL_OF = """
    select uid, local_id, local_key from unnest(%(uids)s::text[]) as wanted(name)
    cross join lateral (
        select uid, local_id, local_key from pair where connector = %(connector)s and uid = wanted.name offset 0
    ) found
"""
_BY_ISSUES = """
    select local_id, document from unnest(%(issues)s::text[]) as wanted(name)
    cross join lateral (
        select local_id, document from pair where connector = %(connector)s and local_id = wanted.name
        order by born desc limit 1
    ) found
"""
_ALL = """
    select born, document from pair
    where connector = %s and born > %s and state <> 'buried' order by born limit %s
"""


class PostgresPairs:
    """Pairs of a unit of work. ``now`` decides which of those that are held back may be created."""

    def __init__(self, rows: Rows, now: Callable[[], Millis]) -> None:
        self._rows = rows
        self._now = now

    async def get(self, connector: ConnectorKey, uid: PairUid) -> Pair | None:
        row = await self._rows.one("select document from pair where connector = %s and uid = %s", (connector, uid))
        return PAIR.decode(row[0]) if row else None

    async def get_all(self, connector: ConnectorKey, uids: Sequence[PairUid]) -> Mapping[PairUid, Pair]:
        rows = await self._rows.all(_GET_ALL, {"connector": connector, "uids": list(uids)})
        return {PairUid(uid): PAIR.decode(document) for uid, document in rows}

    async def local_of(self, connector: ConnectorKey, uids: Sequence[PairUid]) -> Mapping[PairUid, IssueRef | None]:
        rows = await self._rows.all(_LOCAL_OF, {"connector": connector, "uids": list(uids)})
        return {
            PairUid(uid): None if ident is None else IssueRef(id=IssueId(ident), key=IssueKey(key))
            for uid, ident, key in rows
        }

    async def find_by_issue(self, connector: ConnectorKey, issue: IssueId) -> Pair | None:
        """The youngest pair that the issue is in."""
        row = await self._rows.one(
            "select document from pair where connector = %s and local_id = %s order by born desc limit 1",
            (connector, issue),
        )
        return PAIR.decode(row[0]) if row else None

    async def find_by_issues(self, connector: ConnectorKey, issues: Sequence[IssueId]) -> Mapping[IssueId, Pair]:
        rows = await self._rows.all(_BY_ISSUES, {"connector": connector, "issues": list(issues)})
        return {IssueId(issue): PAIR.decode(document) for issue, document in rows}

    async def save(self, pair: Pair) -> None:
        await self._rows.run(_SAVE, _row(pair))

    async def save_all(self, pairs: Sequence[Pair]) -> None:
        if pairs:
            await self._rows.run(_SAVE_ALL, (records(_COLUMNS, map(_row, pairs)),))

    async def creating(self, connector: ConnectorKey, limit: int) -> Sequence[Pair]:
        return [PAIR.decode(row[0]) for row in await self._rows.all(_CREATING, (connector, self._now(), limit))]

    async def hold(self, connector: ConnectorKey, uid: PairUid, until: Millis | None) -> None:
        await self._rows.run(
            "update pair set held_until = %s where connector = %s and uid = %s",
            (NEVER if until is None else until, connector, uid),
        )

    async def count(self, connector: ConnectorKey) -> int:
        return int(
            await self._rows.value("select count(*) from pair where connector = %s and state <> 'buried'", (connector,))
        )

    async def all(self, connector: ConnectorKey) -> AsyncIterator[Pair]:
        born = 0
        while page := await self._rows.all(
            _ALL,
            (connector, born, _AT_ONCE),
        ):
            for _, document in page:
                yield PAIR.decode(document)
            born = page[-1][0]


def _row(pair: Pair) -> tuple[object, ...]:
    """The columns of a pair in the order of the statements that save it."""
    return (
        pair.connector,
        pair.uid,
        pair.state,
        pair.local and pair.local.id,
        pair.local and pair.local.key,
        pair.remote and pair.remote.id,
        pair.remote and pair.remote.key,
        pair.info.incoming_changes_ignored,
        PAIR.encode(pair),
    )
