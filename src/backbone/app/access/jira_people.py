"""People of the one Jira whose accounts may sign in: asked of that Jira, known for a minute, never kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import assert_never
from weakref import WeakValueDictionary

from backbone.app.access.entitlement import address_of, connections_to, person_name, rights_of
from backbone.app.access.refusal import CAPTCHA, WRONG, Refusal, unreachable
from backbone.app.access.remembering import Remembered
from backbone.app.access.throttle import Begun, Bound, Throttle, of_address
from backbone.app.usecases.choosing import halves_of
from backbone.core.model.keys import ConnectionName, ProjectId
from backbone.ports.access import KnownPerson
from backbone.ports.administration import AdministrationStore
from backbone.ports.login import PasswordLogin, TokenLogin
from backbone.ports.people import (
    CaptchaDemanded,
    Checked,
    JiraPerson,
    JiraUnavailable,
    LogInRefused,
    PersonCheck,
    PersonCredentials,
)
from backbone.ports.system import System

WRONG_PASSWORDS = 2
"""How many wrong passwords of an account reach Jira in a window: with three it demands a CAPTCHA, unless told otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is asked about somebody: the address of the Jira, and its projects that are synchronized."""

    jira: str
    projects: tuple[ProjectId, ...]


class JiraSignIn:
    """Signing in with an account of ``connection``'s Jira.

    ``pretend`` takes the time of a check of a local password, so that nobody learns which names are local.
    """

    def __init__(
        self,
        store: AdministrationStore,
        system: System,
        check: PersonCheck,
        throttle: Throttle,
        connection: ConnectionName,
        *,
        pretend: Callable[[str], Awaitable[Refusal | None]],
    ) -> None:
        self._store = store
        self._system = system
        self._check = check
        self._throttle = throttle
        self._connection = connection
        self._pretend = pretend
        self._known = Remembered[KnownPerson | Refusal](system.now)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def remembered(self, credentials: PersonCredentials) -> KnownPerson | Refusal | None:
        """What Jira said about them within the last minute."""
        return self._known.get(*_words(credentials))

    async def check(self, credentials: PersonCredentials, address: str) -> KnownPerson | Refusal:
        """Who it is, with the rights of now. Calls with the same account are made one after the other."""
        account = _account(credentials)
        turn = self._turns.setdefault(account, asyncio.Lock())
        async with turn:
            known = self.remembered(credentials)
            if known is not None:
                return known
            begun = await self._throttle.begin(*self._bounds(credentials, account, address))
            if isinstance(begun, Refusal):
                return begun
            busy = await self._pretend(credentials.password) if isinstance(credentials, PasswordLogin) else None
            if busy is not None:
                await self._throttle.given_back(begun)
                return busy
            return await self._ask(credentials, begun)

    def _bounds(self, credentials: PersonCredentials, account: str, address: str) -> Sequence[Bound]:
        """A wrong token locks nobody's account, hence only the address is counted."""
        if isinstance(credentials, TokenLogin):
            return [of_address(address)]
        return [Bound(identity=f"jira:{self._connection}:{account}", limit=WRONG_PASSWORDS), of_address(address)]

    async def _ask(self, credentials: PersonCredentials, begun: Begun) -> KnownPerson | Refusal:
        asked = await self._what_to_ask()
        if asked is None:
            await self._throttle.given_back(begun)
            return unreachable(f"there is no connection {self._connection}")
        checked = await self._check.check(self._connection, credentials, asked.projects)
        verdict = await self._judged(checked, begun, asked.jira, credentials)
        if not isinstance(checked, JiraUnavailable):
            self._known.put(verdict, *_words(credentials))
        return verdict

    async def _judged(
        self, checked: Checked, begun: Begun, jira: str, credentials: PersonCredentials
    ) -> KnownPerson | Refusal:
        match checked:
            case JiraPerson():
                return await self._learned(checked, begun, jira, credentials)
            case LogInRefused():
                await self._throttle.failed(begun)
                return WRONG
            case CaptchaDemanded():
                await self._throttle.exhausted(begun)
                return CAPTCHA
            case JiraUnavailable(cause=cause, reached=reached):
                await (self._throttle.failed(begun) if reached else self._throttle.given_back(begun))
                return unreachable(cause)
            case _:
                assert_never(checked)

    async def _learned(
        self, person: JiraPerson, begun: Begun, jira: str, credentials: PersonCredentials
    ) -> KnownPerson:
        if isinstance(credentials, TokenLogin):
            await self._throttle.given_back(begun)
        else:
            await self._throttle.succeeded(begun)
        known = KnownPerson(
            name=person_name(self._connection, person.account),
            shown=person.shown,
            rights=rights_of(person, jira),
            seen=self._system.now(),
        )
        async with self._store.administration() as unit:
            await unit.people.save(known)
            await unit.commit(lasting=False)
        return known

    async def _what_to_ask(self) -> _Asked | None:
        async with self._store.administration() as unit:
            connections = await unit.synchronizations.connections()
            jira = next((address_of(one) for one in connections if one.name == self._connection), None)
            if jira is None:
                return None
            same = connections_to(jira, connections)
            halves = await halves_of(unit, await unit.synchronizations.all())
        projects = sorted({half.project for half in halves if half.jira in same})
        return _Asked(jira=jira, projects=tuple(projects))


def _account(credentials: PersonCredentials) -> str:
    """By what attempts are counted: Jira does not tell accounts apart by capitals."""
    match credentials:
        case PasswordLogin(user=user):
            return user.strip().casefold()
        case TokenLogin(token=token):
            return f"token {hash(token)}"
        case _:
            assert_never(credentials)


def _words(credentials: PersonCredentials) -> tuple[str, ...]:
    match credentials:
        case PasswordLogin(user=user, password=password):
            return ("password", user, password)
        case TokenLogin(token=token):
            return ("token", token)
        case _:
            assert_never(credentials)
