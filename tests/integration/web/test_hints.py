"""Pretend Jiras deliver their webhooks for real; what is genuine hastens the look, and nothing else does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from httpx2 import AsyncClient

from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.webhooks.registering import Desk, Standing, keep_up, register, remove
from backbone.core.model.keys import ConnectionName
from backbone.ports.tracker import TransientError
from backbone.ports.webhooks import WebhookRegistry
from backbone.simulator import Simulator
from backbone.simulator.demo import lumen, northwind
from backbone.simulator.plan import WorldPlan
from backbone.simulator.webhooks import How
from backbone.web.front import BASE
from backbone.web.listening import Listening, open_listening, serve
from tests.parts.office import ROOT, Office, RunningSystem, office
from tests.parts.two_jiras import FIRST, SECOND, TwoJiras


def plans(version: str, *, allowed: bool = True) -> tuple[WorldPlan, WorldPlan]:
    """The demo's Jiras, the first in this version; our accounts may administer them or not."""
    first, second = (
        plan.model_copy(
            update={
                "users": tuple(
                    one.model_copy(update={"admin": True}) if one.name == "sync" and allowed else one
                    for one in plan.users
                )
            }
        )
        for plan in (northwind(), lumen())
    )
    return first.model_copy(update={"version": version}), second


@dataclass(slots=True)
class Hinted:
    """An office that listens for hints, and the sides that give them."""

    here: Office
    address: str
    standings: dict[ConnectionName, Standing] = field(default_factory=dict)

    @property
    def registries(self) -> dict[ConnectionName, WebhookRegistry]:
        return {name: tracker.webhooks for name, tracker in self.here.jiras.trackers.items()}

    @property
    def desk(self) -> Desk:
        return Desk(
            store=self.here.store,
            engine=self.here.engine,
            registries=self.registries,
            sealer=self.here.sealer,
            address_of=lambda secret: f"{self.address}{BASE}/hints/{secret}",
        )

    def side(self, name: ConnectionName) -> Simulator:
        return self.here.jiras.first if name == FIRST else self.here.jiras.second

    async def register(self, name: ConnectionName) -> Standing:
        self.standings[name] = await register(self.desk, name, ROOT)
        return self.standings[name]

    async def edit(self, name: ConnectionName) -> str:
        """A person edits an issue; the id of the issue, once all that Jira delivers is delivered."""
        side, key, person = self.side(name), *(("PUMP-1", "mara") if name == FIRST else ("LUM-1", "priya"))
        side.as_user(person).edit(key, summary=f"edited {self.here.system.now()}")
        await side.webhooks.deliver_all()
        return str(next(one.id for one in side.world.issues.values() if one.key == key))

    async def hinted(self, name: ConnectionName) -> set[str]:
        async with self.here.store.unit() as uow:
            return set(await uow.hints.of_connection(name, 100))

    async def hurried(self, name: ConnectionName) -> bool:
        async with self.here.store.administration() as unit:
            known = await unit.webhooks.get(name)
            return known is not None and known.received is not None


@asynccontextmanager
async def hinting(dsn: str, version: str = "10.3.17", *, allowed: bool = True) -> AsyncIterator[Hinted]:
    opened, stop = open_listening(Listening(host="127.0.0.1", port=0)), asyncio.Event()
    jiras = TwoJiras(plans=plans(version, allowed=allowed), system=RunningSystem())
    async with office(dsn, jiras) as here:
        serving = asyncio.create_task(serve(here.app, opened, stop))
        try:
            yield Hinted(here=here, address=opened.address)
        finally:
            stop.set()
            await serving


@pytest.mark.parametrize("version", ["8.20.30", "9.12.5", "10.3.17", "11.0.1"])
async def test_every_data_center_hints_at_what_was_edited(database: str, version: str) -> None:
    async with hinting(database, version) as hints:
        standing = await hints.register(FIRST)
        assert standing.refusal is None
        assert standing.form.signs == (version[:2] in ("10", "11"))

        issue = await hints.edit(FIRST)

        assert await hints.hinted(FIRST) == {issue}
        assert await hints.hurried(FIRST)


async def test_cloud_hints_at_what_was_edited(database: str) -> None:
    async with hinting(database) as hints:
        assert (await hints.register(SECOND)).refusal is None

        issue = await hints.edit(SECOND)

        assert await hints.hinted(SECOND) == {issue}


@pytest.mark.parametrize("name", [FIRST, SECOND])
@pytest.mark.parametrize("how", [How.UNSIGNED, How.WRONG_SIGNATURE, How.TAMPERED])
async def test_a_forgery_changes_nothing(database: str, name: ConnectionName, how: How) -> None:
    async with hinting(database) as hints:
        await hints.register(name)
        await hints.edit(name)
        async with hints.here.store.unit() as uow:
            await uow.hints.clear(name, await uow.hints.of_connection(name, 100))
            await uow.commit()
        side = hints.side(name)
        [known] = list(side.webhooks.registry)

        side.webhooks.forge(known.id, how)
        await side.webhooks.deliver_all()

        assert await hints.hinted(name) == set()
        async with hints.here.store.administration() as unit:
            stored = await unit.webhooks.get(name)
        assert stored is not None
        assert stored.refused is not None


async def test_nobody_learns_which_addresses_there_are(database: str) -> None:
    async with hinting(database) as hints, AsyncClient(base_url=f"{hints.address}{BASE}") as client:
        await hints.register(FIRST)
        unknown = await client.post("hints/" + "x" * 43, content=b"{}")
        assert unknown.status_code == 404


async def test_an_account_that_may_not_register_is_told_what_to_enter(database: str) -> None:
    """And entered by an administrator it works; nothing stops what our account may do."""
    async with hinting(database, allowed=False) as hints:
        standing = await hints.register(FIRST)
        assert standing.refusal is not None
        assert standing.secret is not None
        side, form = hints.side(FIRST), standing.form
        body = {
            "name": "by hand",
            "url": form.url,
            "events": list(form.events),
            "filters": {"issue-related-events-section": form.jql},
            "configuration": {"SECRET": standing.secret},
        }
        async with AsyncClient() as client:
            made = await client.post(f"{side.url}/rest/jira-webhook/1.0/webhooks", json=body, auth=("gero", "gero"))
        assert made.status_code == 201

        issue = await hints.edit(FIRST)

        assert await hints.hinted(FIRST) == {issue}
        assert await hints.here.jiras.trackers[FIRST].project("PUMP") is not None


async def test_a_registration_that_was_removed_is_made_again(database: str) -> None:
    async with hinting(database) as hints:
        await hints.register(FIRST)
        registry = hints.side(FIRST).webhooks.registry
        [known] = list(registry)

        await keep_up(hints.desk)
        assert [one.id for one in registry] == [known.id]
        registry.remove(known.id)
        await keep_up(hints.desk)

        [again] = list(registry)
        assert again.url == known.url
        assert await hints.edit(FIRST) in await hints.hinted(FIRST)


async def test_registering_again_keeps_one_webhook_and_its_secret(database: str) -> None:
    async with hinting(database) as hints:
        first, second = await hints.register(FIRST), await hints.register(FIRST)
        assert first.secret == second.secret
        assert len(hints.side(FIRST).webhooks.registry) == 1
        await hints.edit(FIRST)
        assert await hints.hurried(FIRST)


SIDES = [("9.12.5", FIRST), ("10.3.17", FIRST), ("10.3.17", SECOND)]
"""Each way to register."""

_REGISTERING = {"method": "POST", "path": "**/webhook|**/webhooks"}


@pytest.mark.parametrize(("version", "name"), SIDES)
async def test_a_lost_answer_leaves_one_webhook_that_is_known(
    database: str, version: str, name: ConnectionName
) -> None:
    async with hinting(database, version) as hints:
        hints.side(name).faults.arm({"fault": "answer-lost", "times": 1, **_REGISTERING})

        standing = await hints.register(name)

        [made] = list(hints.side(name).webhooks.registry)
        assert standing.webhook.registration == str(made.id)
        assert await hints.edit(name) in await hints.hinted(name)


@pytest.mark.parametrize(("version", "name"), SIDES)
async def test_a_webhook_of_which_nobody_knew_is_taken_the_next_time(
    database: str, version: str, name: ConnectionName
) -> None:
    """Its answer was lost, and so was the one that would have shown it, behind many of other programs."""
    async with hinting(database, version) as hints:
        side, lists = hints.side(name), 3 if (version, name) == ("10.3.17", FIRST) else 1
        await hints.register(name)
        registry = side.webhooks.registry
        [known] = list(registry)
        for _ in range(120):
            registry.put(replace(known, id=registry.next_id(), url="https://example.com/other"))
        registry.remove(known.id)
        side.faults.arm({"fault": "answer-lost", "times": 1, **_REGISTERING})
        side.faults.arm({"fault": "server-error", **_REGISTERING, "method": "GET", "skip": lists})
        with pytest.raises(TransientError):
            await hints.register(name)
        side.faults.clear()

        standing = await hints.register(name)

        [made] = [one for one in registry if one.url == known.url]
        assert standing.webhook.registration == str(made.id)


@pytest.mark.parametrize(("version", "name"), SIDES)
async def test_of_several_webhooks_of_ours_one_is_left(database: str, version: str, name: ConnectionName) -> None:
    async with hinting(database, version) as hints:
        await hints.register(name)
        registry = hints.side(name).webhooks.registry
        [known] = list(registry)
        registry.put(replace(known, id=registry.next_id()))
        other = registry.put(replace(known, id=registry.next_id(), url="https://example.com/other"))

        await hints.register(name)

        assert [one.id for one in registry] == [known.id, other.id]


async def test_a_removed_webhook_is_gone_on_both_sides(database: str) -> None:
    async with hinting(database) as hints:
        await hints.register(SECOND)
        assert await remove(hints.desk, SECOND, ROOT) is None
        assert len(hints.side(SECOND).webhooks.registry) == 0
        async with hints.here.store.administration() as unit:
            assert await unit.webhooks.all() == []
            assert await unit.secrets.all() == []
            done = [one.what for one in await unit.audit.page(None, 10) if one.what.startswith("webhook.")]
        assert done == ["webhook.remove", "webhook.register"]
        with pytest.raises(Mistake, match="no webhook"):
            await remove(hints.desk, SECOND, ROOT)


async def test_without_a_public_address_nothing_is_registered(database: str) -> None:
    async with hinting(database) as hints:
        desk = replace(hints.desk, address_of=None)
        with pytest.raises(Mistake, match="no Jira can tell us"):
            await register(desk, FIRST, ROOT)
        assert len(hints.side(FIRST).webhooks.registry) == 0
