"""What is known of a Jira besides its issues: its flavour, our account, its fields."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from backbone.adapters.jira.answers import Answer, required
from backbone.adapters.jira.cache import Cache
from backbone.adapters.jira.codec.history import Legend
from backbone.adapters.jira.codec.kinds import SYSTEM
from backbone.adapters.jira.codec.metadata import FieldJson, MyselfJson, ServerJson, field_from_json
from backbone.adapters.jira.codec.people import Identity
from backbone.adapters.jira.flavour import API, Flavour, flavour_of
from backbone.adapters.jira.session import JiraSession
from backbone.core.model.keys import FieldId
from backbone.core.model.values import FieldKind
from backbone.ports.tracker import AccountInfo, FieldInfo, Lane, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """Where we are and who we are; learnt once a process."""

    flavour: Flavour
    me: Identity
    account: AccountInfo


class Knowledge:
    """Asked when first needed, kept, and forgotten when Jira's answers show that it is out of date."""

    def __init__(self, session: JiraSession, *, now: Callable[[], float] = time.monotonic) -> None:
        self._session = session
        self._here: Here | None = None
        self._lock = asyncio.Lock()
        self._fields: Cache[tuple[FieldInfo, ...]] = Cache(now=now)
        self._forgetful: list[Callable[[], None]] = [self._fields.forget]

    def on_forget(self, forget: Callable[[], None]) -> None:
        """Have another cache emptied together with ours."""
        self._forgetful.append(forget)

    def forget(self) -> None:
        """Jira refused a field: screens, options or fields are not what we took them for."""
        for forget in self._forgetful:
            forget()

    @property
    def read_limit(self) -> int:
        """How many issues are read in a call, as far as the server was asked already."""
        return 1 if self._here is None else self._here.flavour.bulk_read_page

    async def here(self) -> Here:
        async with self._lock:
            return self._here or await self.look_around()

    async def look_around(self) -> Here:
        """Ask again who and where we are."""
        answer = required(await self._session.get(f"{API}/serverInfo", Lane.LIVE))
        server = answer.decode(ServerJson)
        local = self._session.local()
        myself = required(await self._session.get(f"{API}/myself", Lane.LIVE)).decode(MyselfJson)
        flavour = flavour_of(server.deployment_type, tuple(server.version_numbers))
        me = Identity(account_id=myself.account_id or "", name=myself.name or "", key=myself.key or "")
        account = AccountInfo(
            id=me.account_id or me.name,
            name=myself.display_name or me.name,
            time_zone=myself.time_zone,
            cloud=flavour.cloud,
            version=flavour.version,
            server_id=server.base_url or self._session.connection.root,
            clock=answer.at,
            local=local,
        )
        me = me if flavour.cloud else Identity(name=me.name, key=me.key)
        me = replace(me, former=self._session.connection.former - {account.id})
        self._here = Here(flavour=flavour, me=me, account=account)
        return self._here

    async def fields(self) -> tuple[FieldInfo, ...]:
        return await self._fields.get(("fields",), self._load_fields)

    async def legend(self, wanted: Wanted) -> Legend:
        """What is needed to understand issues; names of fields only where the history has nothing better."""
        here = await self.here()
        if here.flavour.cloud or not wanted.history:
            return Legend(me=here.me, kinds=wanted.fields)
        names: dict[str, tuple[FieldId, ...]] = {}
        for info in await self.fields():
            if info.custom:
                names[info.name] = (*names.get(info.name, ()), info.id)
        return Legend(me=here.me, kinds=wanted.fields, names=names)

    async def kinds(
        self, names: Iterable[FieldId], known: Mapping[FieldId, FieldKind] | None = None
    ) -> Mapping[FieldId, FieldKind]:
        """How the fields are written."""
        kinds = {**SYSTEM, **(known or {})}
        if all(name in kinds for name in names):
            return kinds
        return {**{info.id: info.kind for info in await self.fields() if info.kind is not None}, **kinds}

    async def _load_fields(self) -> tuple[FieldInfo, ...]:
        answer: Answer = required(await self._session.get(f"{API}/field", Lane.LIVE))
        return tuple(field_from_json(each) for each in answer.decode(list[FieldJson]))
