"""Arrays of sync information on their way in: staged row by row, resolved by pages, taken over in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backbone.adapters.store.codec import Codec
from backbone.adapters.store.documents import PAIR
from backbone.adapters.store.rows import Row, Rows
from backbone.core.model.keys import ConnectorKey, IssueId, IssueKey, IssueRef, Millis, PairUid
from backbone.ports.information import Clash, Given, Resolved

_GIVEN = Codec[Given](Given)
_DAY = 24 * 3600 * 1000

_STAGE = """
    insert into imported_entry (import, at, position, local_key, remote_key, document)
    select %s, %s, position, local_key, remote_key, document::jsonb
    from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) as new(position, local_key, remote_key, document)
"""
# Of the entries with one issue the first one's partner counts; whoever differs from it is the clash.
_TWICE = """
    select position, local, key, other from (
        select position, true as local, local_key as key,
            first_value(remote_key) over of_local as other, remote_key as own
        from imported_entry where import = %(name)s window of_local as (partition by local_key order by position)
        union all
        select position, false, remote_key, first_value(local_key) over of_remote, local_key
        from imported_entry where import = %(name)s window of_remote as (partition by remote_key order by position)
    ) seen where other <> own order by position limit %(most)s
"""
# The same once the issues are known: two keys may name one issue.
_TWICE_BY_ID = """
    select position, local, key, other from (
        select position, true as local, local_key as key,
            first_value(remote_id) over of_local as first, remote_id as own,
            first_value(remote_key) over of_local as other
        from imported_entry where import = %(name)s window of_local as (partition by local_id order by position)
        union all
        select position, false, remote_key, first_value(local_id) over of_remote, local_id,
            first_value(local_key) over of_remote
        from imported_entry where import = %(name)s window of_remote as (partition by remote_id order by position)
    ) seen where first <> own order by position limit %(most)s
"""
_CLASH = """
    select position, local, key, other from (
        select position, true as local, entry.local_key as key, pair.remote_key as other
        from imported_entry entry join pair on pair.connector = %(connector)s and pair.local_id = entry.local_id
        where import = %(name)s and pair.state <> 'buried' and pair.remote_id is distinct from entry.remote_id
        union all
        select position, false, entry.remote_key, pair.local_key
        from imported_entry entry join pair on pair.connector = %(connector)s and pair.remote_id = entry.remote_id
        where import = %(name)s and pair.state <> 'buried' and pair.local_id is distinct from entry.local_id
    ) seen order by position limit %(most)s
"""
_BATCH = """
    select entry.position, entry.local_id, coalesce(entry.local_now, entry.local_key), entry.remote_id,
        coalesce(entry.remote_now, entry.remote_key), entry.document, mine.document, theirs.document
    from imported_entry entry
    left join lateral (
        select document from pair
        where connector = %(connector)s and local_id = entry.local_id and remote_id = entry.remote_id
        order by state = 'buried', born desc limit 1 for update
    ) mine on true
    left join lateral (
        select document from pair
        where connector = %(partner)s and local_id = entry.remote_id and remote_id = entry.local_id
          and state <> 'buried'
        order by born desc limit 1 for update
    ) theirs on true
    where import = %(name)s and position > %(after)s order by position limit %(limit)s
"""
# A tombstone of an issue that is paired now (the very row that came alive is none any more), and a half that became
# whole under the name that the partner has for it.
_UNEARTH = """
    delete from pair using imported_entry entry
    where import = %(name)s and pair.connector = %(connector)s and pair.local_id = entry.local_id
      and (pair.state = 'buried' or pair.state = 'half' and exists (
        select from pair whole where whole.connector = pair.connector and whole.local_id = pair.local_id
        and whole.remote_id = pair.remote_id and whole.state = 'matching'
      ))
"""
# The partner's issue is not created anew either, as long as its own entry is not there.
_BURY_PARTNERS = """
    insert into pair (connector, uid, state, local_id, local_key, remote_id, remote_key, incoming_changes_ignored,
                      document)
    select %(partner)s, half.uid, 'buried', half.remote_id, half.remote_key, half.local_id, half.local_key, false,
        jsonb_build_object('uid', half.uid, 'connector', %(partner)s::text, 'state', 'buried',
            'born_here', not (half.document ->> 'born_here')::boolean,
            'local', half.document -> 'remote', 'remote', half.document -> 'local')
    from imported_entry entry
    join pair half on half.connector = %(connector)s and half.local_id = entry.local_id and half.state = 'half'
    where import = %(name)s
      and not exists (
        select from pair known where known.connector = %(partner)s and known.local_id = half.remote_id
      )
      and not exists (select from pair known where known.connector = %(partner)s and known.uid = half.uid)
"""
_RAISE = """
    insert into fence as known (name, epoch)
    select distinct 'issue:' || home.connection || ':' || issue, (extract(epoch from now()) * 1000000)::bigint
    from imported_entry
    cross join lateral (values (%(connector)s, local_id), (%(partner)s, remote_id)) side(connector, issue)
    join connector home on home.key = side.connector
    where import = %(name)s order by 1
    on conflict (name) do update set epoch = greatest(known.epoch + 1, excluded.epoch)
"""
# Without a look at what was staged a moment ago the planner reads all of it for every page of issues.
_LOOK_AT_ROWS = "analyze imported_entry"
_MIRROR = """
    insert into imported_entry (import, position, at, local_key, remote_key, local_id, local_now, remote_id, remote_now,
                                document)
    select %s, position, at, remote_key, local_key, remote_id, remote_now, local_id, local_now,
        document || jsonb_build_object('local', remote_key, 'remote', local_key)
    from imported_entry where import = %s
"""
_SHIFT = (
    "delete from inbox where connector = %s and pair = any(%s) and applied",
    """
    update inbox set sequence = -1000000000000 - sequence - shift.by
    from unnest(%s::text[], %s::bigint[]) as shift(pair, by) where connector = %s and inbox.pair = shift.pair
    """,
    """
    update inbox set sequence = -1000000000000 - sequence where connector = %s and pair = any(%s)
    """,
)


class PostgresImports:
    """Imports of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def stage(self, name: str, entries: Sequence[Given], now: Millis) -> None:
        positions = [one.position for one in entries]
        locals_, remotes = [one.local for one in entries], [one.remote for one in entries]
        documents = [_GIVEN.encode(one) for one in entries]
        await self._rows.run(_STAGE, (name, now, positions, locals_, remotes, documents))

    async def mirror(self, name: str, other: str) -> None:
        await self._rows.run(_MIRROR, (other, name))

    async def twice(self, name: str, most: int) -> Sequence[Clash]:
        await self._rows.run(_LOOK_AT_ROWS)
        return [_clash(row) for row in await self._rows.all(_TWICE, {"name": name, "most": most})]

    async def prefixes(self, name: str, *, local: bool) -> Sequence[str]:
        column = "local_key" if local else "remote_key"
        statement = (
            "select distinct left(key, length(key) - strpos(reverse(key), '-')) from"
            " (select case when %s then local_key else remote_key end as key from imported_entry where import = %s) keys"
            " limit 100"
        )
        return [row[0] for row in await self._rows.all(statement, (column == "local_key", name))]

    async def unresolved(self, name: str, *, local: bool, limit: int) -> Sequence[tuple[int, IssueKey]]:
        statement = (
            "select position, local_key from imported_entry where import = %s and local_id is null"
            " order by position limit %s"
            if local
            else "select position, remote_key from imported_entry where import = %s and remote_id is null"
            " order by position limit %s"
        )
        return [(position, IssueKey(key)) for position, key in await self._rows.all(statement, (name, limit))]

    async def count_unresolved(self, name: str, *, local: bool) -> int:
        if local:
            statement = "select count(*) from imported_entry where import = %s and local_id is null"
            return int(await self._rows.value(statement, (name,)))
        statement_ = "select count(*) from imported_entry where import = %s and remote_id is null"
        return int(await self._rows.value(statement_, (name,)))

    async def resolve(self, name: str, found: Mapping[IssueKey, IssueRef], *, local: bool) -> None:
        columns = (list(found), [ref.id for ref in found.values()], [ref.key for ref in found.values()])
        await self._rows.run(_RESOLVE_LOCAL if local else _RESOLVE_REMOTE, (*columns, name))

    async def resolve_elsewhere(self, name: str, connector: ConnectorKey) -> None:
        await self._rows.run(_RESOLVE_ELSEWHERE, {"name": name, "connector": connector})

    async def batch(
        self, name: str, connector: ConnectorKey, partner: ConnectorKey, *, after: int, limit: int
    ) -> Sequence[Resolved]:
        what = {"name": name, "connector": connector, "partner": partner, "after": after, "limit": limit}
        return [_resolved(row) for row in await self._rows.all(_BATCH, what)]

    async def forget_messages(self, uids: Sequence[PairUid], connectors: Sequence[ConnectorKey]) -> None:
        await self._rows.run(
            "delete from inbox where connector = any(%s) and pair = any(%s)", (list(connectors), list(uids))
        )

    async def renumber(self, connector: ConnectorKey, shifts: Mapping[PairUid, int]) -> None:
        uids = list(shifts)
        forget, away, back = _SHIFT
        await self._rows.run(forget, (connector, uids))
        await self._rows.run(away, (uids, list(shifts.values()), connector))
        await self._rows.run(back, (connector, uids))

    async def take_over(self, name: str, connector: ConnectorKey, partner: ConnectorKey, most: int) -> Sequence[Clash]:
        what = {"name": name, "connector": connector, "partner": partner, "most": most}
        await self._rows.run(_LOOK_AT_ROWS)
        twice = await self._rows.all(_TWICE_BY_ID, what)
        if twice:
            return [_clash(row) for row in twice]
        await self._rows.run(_UNEARTH, what)
        await self._rows.run(_BURY_PARTNERS, what)
        await self._rows.run(_RAISE, what)
        return [_clash(row) for row in await self._rows.all(_CLASH, what)]

    async def forget(self, name: str) -> None:
        await self._rows.run(
            "delete from imported_entry where import = %s or at < (extract(epoch from now()) * 1000)::bigint - %s",
            (name, _DAY),
        )


_RESOLVE_ELSEWHERE = """
    update imported_entry set remote_now = remote_key, remote_id = coalesce((
        select pair.remote_id from pair
        where pair.connector = %(connector)s and pair.remote_key = imported_entry.remote_key and pair.state <> 'buried'
        order by born desc limit 1
    ), remote_key)
    where import = %(name)s
"""
_RESOLVE_LOCAL = """
    update imported_entry set local_id = found.id, local_now = found.now
    from unnest(%s::text[], %s::text[], %s::text[]) as found(key, id, now)
    where import = %s and local_key = found.key
"""
_RESOLVE_REMOTE = """
    update imported_entry set remote_id = found.id, remote_now = found.now
    from unnest(%s::text[], %s::text[], %s::text[]) as found(key, id, now)
    where import = %s and remote_key = found.key
"""


def _clash(row: Row) -> Clash:
    position, local, key, other = row
    return Clash(position=position, local=local, key=IssueKey(key), other=IssueKey(other) if other else None)


def _resolved(row: Row) -> Resolved:
    _, local_id, local_key, remote_id, remote_key, given, mine, partners = row
    return Resolved(
        given=_GIVEN.decode(given),
        local=IssueRef(id=IssueId(local_id), key=IssueKey(local_key)),
        remote=IssueRef(id=IssueId(remote_id), key=IssueKey(remote_key)),
        mine=PAIR.decode(mine) if mine is not None else None,
        partners=PAIR.decode(partners) if partners is not None else None,
    )
