"""Sync information as rows: listed by pages, deleted and restored by whole sets.

Deleting leaves the row as a tombstone in state ``buried``. Nothing that an engine has under way for one of these issues
can be committed afterwards: the epochs of their locks are raised, as the last thing in the transaction.
"""

from __future__ import annotations

from collections.abc import Sequence

from backbone.adapters.store.codec import Codec
from backbone.adapters.store.rows import Row, Rows
from backbone.core.model.keys import ConnectorKey, IssueKey, Millis
from backbone.core.model.pair import SyncInformation
from backbone.ports.information import Archived, Choice, Entry, Restored

_INFO = Codec[SyncInformation](SyncInformation)
_MOST_LISTED = 1000

_COUNT = """
    select count(*) from pair
    where connector = %(connector)s and state <> 'buried' and local_key is not null and remote_key is not null
    and (%(local)s::text is null or local_key = %(local)s or local_id = %(local_id)s)
    and (%(remote)s::text is null or remote_key = %(remote)s or remote_id = %(remote_id)s)
"""
_PAGE = """
    select born, local_key, remote_key, document -> 'info' from pair
    where connector = %(connector)s and state <> 'buried' and local_key is not null and remote_key is not null
    and (%(local)s::text is null or local_key = %(local)s or local_id = %(local_id)s)
    and (%(remote)s::text is null or remote_key = %(remote)s or remote_id = %(remote_id)s)
    and born > %(after)s order by born limit %(limit)s offset %(skip)s
"""
_LOCK_DYING = """
    select count(*) from (
        select from pair where connector in (%(connector)s, %(partner)s) and uid in (
            select uid from pair where connector = %(connector)s and (%(only)s::bigint is null or born = %(only)s)
        ) order by connector, uid for update
    ) locked
"""
_NOTE_DYING = (
    "create temporary table dying (uid text primary key) on commit drop",
    """
    insert into dying select uid from pair where connector = %(connector)s and state <> 'buried'
    and (%(only)s::bigint is null or (born = %(only)s and local_key is not null and remote_key is not null))
    """,
    "analyze dying",
)
_ARCHIVE = """
    insert into archived_half (
        connector, uid, born, at, by, local_id, local_key, remote_id, remote_key, partner_state, messages, document
    )
    select mine.connector, mine.uid, mine.born, %(at)s, %(by)s, mine.local_id, mine.local_key, mine.remote_id,
        mine.remote_key, theirs.state, coalesce(waiting.messages, '[]'), mine.document
    from pair mine
    left join pair theirs on theirs.connector = %(partner)s and theirs.uid = mine.uid
    left join lateral (
        select jsonb_agg(to_jsonb(inbox) order by sequence) as messages from inbox
        where inbox.connector in (%(connector)s, %(partner)s) and inbox.pair = mine.uid and not applied
    ) waiting on true
    where mine.connector = %(connector)s and mine.uid in (select uid from dying)
    on conflict (connector, uid) do update set
        born = excluded.born, at = excluded.at, by = excluded.by, local_id = excluded.local_id,
        local_key = excluded.local_key, remote_id = excluded.remote_id, remote_key = excluded.remote_key,
        partner_state = excluded.partner_state, messages = excluded.messages, document = excluded.document
"""
_DROP_MESSAGES = """
    delete from inbox
    where connector in (%(connector)s, %(partner)s) and not applied and pair in (select uid from dying)
"""
_DROP_PROBLEMS = """
    delete from problem where connector in (%(connector)s, %(partner)s) and pair in (select uid from dying)
"""
# An attempt on an issue that is in another synchronization as well is that one's to close.
_DROP_ATTEMPTS = """
    delete from issue_attempt attempt using pair mine, connector home
    where home.key = mine.connector and attempt.connection = home.connection and attempt.issue = mine.local_id
      and mine.connector in (%(connector)s, %(partner)s) and mine.uid in (select uid from dying)
      and not exists (
        select from pair other
        where other.local_id = mine.local_id and other.connector not in (%(connector)s, %(partner)s)
      )
"""
_HALVE = """
    update pair set state = 'half', document = document::jsonb || '{"state": "half"}'
    where connector = %(partner)s and state not in ('half', 'buried') and uid in (select uid from dying)
"""
_RAISE = """
    with locked as (
        select fence.name from fence join (
            select case when mine.local_id is null then 'pair:' || mine.connector || ':' || mine.uid
                        else 'issue:' || home.connection || ':' || mine.local_id end as name
            from pair mine join connector home on home.key = mine.connector
            where mine.connector in (%(connector)s, %(partner)s) and mine.uid in (select uid from dying)
        ) names on names.name = fence.name
        order by fence.name for update of fence
    ) update fence set epoch = epoch + 1 from locked where fence.name = locked.name
"""
_BURY = """
    update pair set state = 'buried', document = jsonb_strip_nulls(jsonb_build_object(
        'uid', uid, 'connector', connector, 'state', 'buried', 'born_here', document -> 'born_here',
        'local', document -> 'local', 'remote', document -> 'remote', 'info', document -> 'info'
    ))
    where connector = %(connector)s and uid in (select uid from dying)
"""

_COMING = "create temporary table coming (like archived_half, state text) on commit drop"
# What was half before and gets its partner back is whole, whatever it was before that.
_NOTE_COMING = """
    insert into coming
    select lost.*, case
        when %(partner)s::text is null and lost.document ->> 'state' not in ('half', 'buried')
            then lost.document ->> 'state'
        when theirs.state is distinct from 'half' then 'half'
        when lost.document ->> 'state' <> 'half' then lost.document ->> 'state'
        when lost.local_id is null then 'creating' else 'linked' end
    from archived_half lost left join pair theirs on theirs.connector = %(partner)s and theirs.uid = lost.uid
    where lost.connector = %(connector)s and lost.at >= %(since)s and (%(only)s::bigint is null or lost.born = %(only)s)
      and not exists (
        select from pair live where live.connector = lost.connector and live.state <> 'buried'
        and (live.uid = lost.uid or live.local_id = lost.local_id or live.remote_id = lost.remote_id)
      )
"""
_HOW_MANY = """
    select (select count(*) from coming), count(*) from archived_half
    where connector = %(connector)s and at >= %(since)s and (%(only)s::bigint is null or born = %(only)s)
"""
_RESTORE = """
    insert into pair (connector, uid, born, state, local_id, local_key, remote_id, remote_key,
                      incoming_changes_ignored, document)
    overriding system value
    select connector, uid, born, state, local_id, local_key, remote_id, remote_key,
        coalesce((document -> 'info' ->> 'incoming_changes_ignored')::boolean, false),
        document || jsonb_build_object('state', state)
    from coming order by born
    on conflict (connector, uid) do update set
        state = excluded.state, local_id = excluded.local_id, local_key = excluded.local_key,
        remote_id = excluded.remote_id, remote_key = excluded.remote_key,
        incoming_changes_ignored = excluded.incoming_changes_ignored, document = excluded.document
"""
_MAKE_WHOLE = """
    update pair set state = whole.state, document = pair.document::jsonb || jsonb_build_object('state', whole.state)
    from (
        select coming.uid, case when partner_state not in ('half', 'buried') then partner_state
            when theirs.local_id is null then 'creating' else 'linked' end as state
        from coming join pair theirs on theirs.connector = %(partner)s and theirs.uid = coming.uid
    ) whole
    where pair.connector = %(partner)s and pair.uid = whole.uid and pair.state = 'half'
"""
_RETURN_MESSAGES = """
    insert into inbox (connector, pair, sequence, revision, sent, content)
    select message ->> 'connector', message ->> 'pair', (message ->> 'sequence')::bigint,
        (message ->> 'revision')::bigint, (message ->> 'sent')::bigint, message -> 'content'
    from coming, jsonb_array_elements(messages) message
    on conflict (connector, pair, sequence) do nothing
"""
_LOOK_AGAIN = """
    insert into dirty as known (connector, issue, first, last)
    select pair.connector, pair.local_id, %(now)s, %(now)s from pair join coming on coming.uid = pair.uid
    where pair.connector in (%(connector)s, %(partner)s) and pair.local_id is not null and pair.state <> 'buried'
    order by pair.connector, pair.local_id
    on conflict (connector, issue) do update set last = greatest(known.last, excluded.last)
"""
_UNARCHIVE = """
    delete from archived_half using coming
    where archived_half.connector = coming.connector and archived_half.uid = coming.uid
"""
_ARCHIVED = """
    select born, local_key, remote_key, at, by from archived_half
    where connector = %s and at >= %s order by at desc, born desc limit %s
"""
_HALVES = """
    select count(*), min(born) filter (where local_key is not null and remote_key is not null)
    from pair where connector = %s and state = 'half'
"""


class PostgresInformation:
    """Sync information of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def count(self, connector: ConnectorKey, choice: Choice) -> int:
        return int(await self._rows.value(_COUNT, _chosen(connector, choice)))

    async def page(
        self, connector: ConnectorKey, choice: Choice, *, after: int, skip: int, limit: int
    ) -> Sequence[Entry]:
        parameters = _chosen(connector, choice) | {"after": after, "skip": skip, "limit": limit}
        return [_entry(connector, row) for row in await self._rows.all(_PAGE, parameters)]

    async def delete(
        self, connector: ConnectorKey, partner: ConnectorKey, *, only: int | None, at: Millis, by: str
    ) -> int:
        what = {"connector": connector, "partner": partner, "only": only, "at": at, "by": by}
        await self._rows.value(_LOCK_DYING, what)
        for statement in _NOTE_DYING:
            await self._rows.run(statement, what)
        count = await self._rows.count(_ARCHIVE, what)
        for statement in (_DROP_MESSAGES, _DROP_PROBLEMS, _DROP_ATTEMPTS, _HALVE, _BURY, _RAISE):
            await self._rows.run(statement, what)
        return count

    async def archived(self, connector: ConnectorKey, since: Millis) -> Sequence[Archived]:
        return [
            Archived(id=number, connector=connector, local=local, remote=remote, at=Millis(at), by=by)
            for number, local, remote, at, by in await self._rows.all(_ARCHIVED, (connector, since, _MOST_LISTED))
        ]

    async def restore(
        self, connector: ConnectorKey, partner: ConnectorKey | None, *, only: int | None, since: Millis, now: Millis
    ) -> Restored:
        what = {"connector": connector, "partner": partner, "only": only, "since": since, "now": now}
        await self._rows.run(_COMING)
        await self._rows.run(_NOTE_COMING, what)
        found = await self._rows.one(_HOW_MANY, what)
        for statement in (_RESTORE, _MAKE_WHOLE, _RETURN_MESSAGES, _LOOK_AGAIN, _UNARCHIVE):
            await self._rows.run(statement, what)
        entries, wanted = found or (0, 0)
        return Restored(entries=entries, left=wanted - entries)

    async def forget_archived(self, before: Millis) -> None:
        await self._rows.run("delete from archived_half where at < %s", (before,))

    async def halves(self, connector: ConnectorKey) -> tuple[int, Entry | None]:
        count, born = (await self._rows.one(_HALVES, (connector,))) or (0, None)
        if born is None:
            return count, None
        one = await self.page(connector, Choice(), after=born - 1, skip=0, limit=1)
        return count, one[0] if one else None


def _chosen(connector: ConnectorKey, choice: Choice) -> dict[str, object]:
    local, remote = choice.local, choice.remote
    return {
        "connector": connector,
        "local": local and local.key,
        "local_id": local and local.id,
        "remote": remote and remote.key,
        "remote_id": remote and remote.id,
    }


def _entry(connector: ConnectorKey, row: Row) -> Entry:
    born, local, remote, info = row
    return Entry(
        id=born,
        connector=connector,
        local=IssueKey(local),
        remote=IssueKey(remote),
        info=SyncInformation() if info is None else _INFO.decode(info),
    )
