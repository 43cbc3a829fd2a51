"""Local administrators, people of a Jira with their rights, and the rule for project administrators."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.adapters.store.codec import Codec
from backbone.adapters.store.rows import Rows
from backbone.core.model.keys import Millis
from backbone.ports.access import AccessRule, Administrator, KnownPerson, PersonRights

_RIGHTS = Codec[PersonRights](PersonRights)
_RULE = Codec[AccessRule](AccessRule)
_ADMINISTRATORS = "select name, password, created, changed from administrator"
_SAVE_ADMINISTRATOR = """
    insert into administrator (name, password, created, changed) values (%s, %s, %s, %s)
    on conflict (name) do update set password = excluded.password, changed = excluded.changed
"""
_SAVE_PERSON = """
    insert into person (name, shown, seen, document) values (%s, %s, %s, %s)
    on conflict (name) do update set shown = excluded.shown, seen = excluded.seen, document = excluded.document
"""
_SAVE_RULE = (
    "insert into access_rule (document) values (%s) on conflict (one) do update set document = excluded.document"
)


class PostgresAdministrators:
    """Local administrators of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def get(self, name: str) -> Administrator | None:
        row = await self._rows.one(_ADMINISTRATORS + " where name = %s", (name,))
        return _administrator(*row) if row else None

    async def all(self) -> Sequence[Administrator]:
        return [_administrator(*row) for row in await self._rows.all(_ADMINISTRATORS + ' order by name collate "C"')]

    async def save(self, one: Administrator) -> None:
        await self._rows.run(_SAVE_ADMINISTRATOR, (one.name, one.password, one.created, one.changed))

    async def remove(self, name: str) -> None:
        await self._rows.run("delete from administrator where name = %s", (name,))


class PostgresPeople:
    """People of a unit of work."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def get(self, name: str) -> KnownPerson | None:
        row = await self._rows.one("select shown, seen, document from person where name = %s", (name,))
        if row is None:
            return None
        shown, seen, document = row
        return KnownPerson(name=name, shown=shown, seen=seen, rights=_RIGHTS.decode(document))

    async def save(self, person: KnownPerson) -> None:
        await self._rows.run(_SAVE_PERSON, (person.name, person.shown, person.seen, _RIGHTS.encode(person.rights)))

    async def rule(self) -> AccessRule:
        row = await self._rows.one("select document from access_rule")
        return _RULE.decode(row[0]) if row else AccessRule()

    async def set_rule(self, rule: AccessRule) -> None:
        await self._rows.run(_SAVE_RULE, (_RULE.encode(rule),))


def _administrator(name: str, password: str, created: Millis, changed: Millis) -> Administrator:
    return Administrator(name=name, password=password, created=created, changed=changed)
