"""Signing in over a real database and pretended Jiras, with a clock that tests move."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from backbone.adapters.dispatch import PostgresTurns
from backbone.adapters.store import PostgresStore, open_store
from backbone.adapters.store.schema import prepare_now
from backbone.app.access.authentication import Authentication
from backbone.app.access.caller import Caller
from backbone.app.access.refusal import Refusal
from backbone.app.usecases.accounts import add_account
from backbone.bootstrap.clock import WallSystem
from backbone.core.model.keys import ConnectionName
from backbone.ports.login import PasswordLogin, TokenLogin
from backbone.simulator.world.permissions import grant
from tests.fakes.world import FakeSystem
from tests.parts.office import ROOT, office
from tests.parts.people import PeopleOf, quick_passwords
from tests.parts.postgres import Migrate, bundled_postgres, database
from tests.parts.two_jiras import FIRST, TwoJiras

__all__ = ["bundled_postgres", "database"]

ADDRESS = "192.0.2.7"
PASSWORD = "correct horse battery"


@dataclass(slots=True)
class Door:
    """One process that lets people in; ``clock`` is moved by tests."""

    store: PostgresStore
    dsn: str
    clock: FakeSystem
    people: PeopleOf
    connection: ConnectionName | None = FIRST
    authentication: Authentication = field(init=False)

    @property
    def jiras(self) -> TwoJiras:
        return self.people.jiras

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Another process on the same database: what was only remembered is forgotten."""
        self.authentication = Authentication(
            store=self.store,
            system=self.clock,
            passwords=quick_passwords(),
            people=self.people,
            connection=self.connection,
        )

    async def by_password(self, user: str, password: str, address: str = ADDRESS) -> Caller | Refusal:
        return await self.authentication.by_credentials(PasswordLogin(user=user, password=password), address)

    async def by_token(self, token: str, address: str = ADDRESS) -> Caller | Refusal:
        return await self.authentication.by_credentials(TokenLogin(token=token), address)

    async def add(self, name: str, password: str = PASSWORD) -> None:
        await add_account(self.store, self.clock, quick_passwords(), name=name, password=password, by=ROOT)

    def let_administer(self, project: str, *people: str) -> None:
        """Let people of the first Jira administer one of its projects."""
        world = self.jiras.first.world
        found = world.find_project(project)
        assert found is not None
        keys = {user.name: user.key for user in world.users.values()}
        grant(world, found, "ADMINISTER_PROJECTS", frozenset(f"user:{keys[name]}" for name in people))


@pytest.fixture(scope="session")
def migrate_schema() -> Migrate | None:
    """Every test begins with our schema."""
    return prepare_now


@pytest.fixture
async def door(database: str) -> AsyncIterator[Door]:
    """With two Jiras and a synchronization between them."""
    async with office(database) as here:
        clock = FakeSystem(time=here.system.now())
        yield Door(store=here.store, dsn=database, clock=clock, people=PeopleOf(here.jiras))


@pytest.fixture
async def lonely(database: str) -> AsyncIterator[Door]:
    """Without any Jira: asking one fails the test."""
    async with open_store(database, PostgresTurns, connections=5) as store:
        clock = FakeSystem(time=WallSystem().now())
        yield Door(store=store, dsn=database, clock=clock, people=PeopleOf(TwoJiras()))
