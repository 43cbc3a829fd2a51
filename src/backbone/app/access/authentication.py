"""Finding out who calls: the one place that everything asks which lets people in.

* ``by_header`` takes the header ``Authorization``: ``Basic`` with a local administrator, an account of the Jira that
  BACKBONE_SIGN_IN_CONNECTION names, or a token of this installation as the password; ``Bearer`` with a token of this
  installation or a personal access token of that Jira.
* ``by_session`` takes the id of a session, from a cookie.
* ``sign_in`` opens a session, ``sign_out`` ends it; ``csrf_token`` and ``csrf_fits`` (in ``proofs``) bind forms to it.

All answer with a :class:`~backbone.app.access.caller.Caller` or a :class:`~backbone.app.access.refusal.Refusal` whose
``reason`` tells which answer of HTTP fits. ``address`` is where the call came from: it is counted and recorded.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from dataclasses import replace

import structlog

from backbone.app.access.caller import Caller
from backbone.app.access.entitlement import caller_of
from backbone.app.access.jira_people import JiraSignIn
from backbone.app.access.locally import LocalSignIn
from backbone.app.access.proofs import TOKEN_START
from backbone.app.access.refusal import WRONG, Refusal
from backbone.app.access.sessions import Opened, Sessions
from backbone.app.access.throttle import Throttle
from backbone.app.access.tokens import TokenSignIn
from backbone.core.model.keys import ConnectionName
from backbone.ports.access import KnownPerson
from backbone.ports.administration import AdministrationStore
from backbone.ports.login import PasswordLogin, TokenLogin
from backbone.ports.people import Passwords, PersonCheck, PersonCredentials
from backbone.ports.system import System

log = structlog.get_logger()

LONGEST_NAME = 255
LONGEST_PROOF = 8192
"""Characters of a header or password; what is longer is wrong."""
_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")


class Authentication:
    """Who calls. ``connection`` names the Jira whose accounts may sign in; without it only local administrators can."""

    def __init__(
        self,
        *,
        store: AdministrationStore,
        system: System,
        passwords: Passwords,
        people: PersonCheck,
        connection: ConnectionName | None,
    ) -> None:
        throttle = Throttle(store, system)
        self._store = store
        self._system = system
        self._local = LocalSignIn(store, system, passwords, throttle)
        self._jira = (
            None
            if connection is None
            else JiraSignIn(store, system, people, throttle, connection, pretend=self._local.pretend)
        )
        self._tokens = TokenSignIn(store, system)
        self._sessions = Sessions(store, system)

    async def by_header(self, authorization: str, address: str) -> Caller | Refusal:
        """The caller of a header ``Authorization``. Other schemes than Basic and Bearer are refused."""
        scheme, _, rest = authorization.strip().partition(" ")
        proof = rest.strip()
        if not proof or len(proof) > LONGEST_PROOF:
            return WRONG
        match scheme.casefold():
            case "basic":
                return await self._by_pair(proof, address)
            case "bearer":
                return await self.by_credentials(TokenLogin(token=proof), address)
            case _:
                return WRONG

    async def by_credentials(self, credentials: PersonCredentials, address: str) -> Caller | Refusal:
        """The caller who shows a password or a token."""
        if not _possible(credentials):
            return WRONG
        proof = _proof(credentials)
        if proof.startswith(TOKEN_START):
            return await self._tokens.check(proof, address)
        caller = await self._by_own_proof(credentials, address)
        if isinstance(caller, Refusal):
            log.info("sign-in-refused", reason=caller.reason.value, address=address)
            return caller
        return replace(caller, address=address)

    async def by_session(self, ident: str, address: str) -> Caller | Refusal:
        """The caller whose browser shows the id of a session."""
        return await self._sessions.resume(ident, address)

    async def sign_in(self, credentials: PersonCredentials, address: str) -> Opened | Refusal:
        """A new session. A token of this installation opens none: it would outgrow its scope."""
        if _proof(credentials).startswith(TOKEN_START):
            return WRONG
        begun = self._system.now()
        caller = await self.by_credentials(credentials, address)
        return caller if isinstance(caller, Refusal) else await self._sessions.open(caller, address, begun)

    async def sign_out(self, ident: str, address: str) -> None:
        await self._sessions.close(ident, address)

    async def _by_pair(self, proof: str, address: str) -> Caller | Refusal:
        try:
            user, colon, password = _text(b64decode(proof, validate=True)).partition(":")
        except (binascii.Error, ValueError):
            return WRONG
        if not colon or not user:
            return WRONG
        return await self.by_credentials(PasswordLogin(user=user, password=password), address)

    async def _by_own_proof(self, credentials: PersonCredentials, address: str) -> Caller | Refusal:
        """A local name is never asked of Jira, so that no local password leaves this machine."""
        if isinstance(credentials, PasswordLogin):
            local = await self._local.find(credentials.user)
            if local is not None:
                return await self._local.check(local, credentials.password, address)
        if self._jira is None:
            return await self._local.check_stranger(_proof(credentials), address)
        return await self._entitled(await self._jira.check(credentials, address))

    async def _entitled(self, known: KnownPerson | Refusal) -> Caller | Refusal:
        if isinstance(known, Refusal):
            return known
        async with self._store.administration() as unit:
            return caller_of(known, await unit.people.rule(), await unit.synchronizations.connections())


def _proof(credentials: PersonCredentials) -> str:
    return credentials.token if isinstance(credentials, TokenLogin) else credentials.password


def _possible(credentials: PersonCredentials) -> bool:
    """Whether anybody could have these credentials: what follows need not think of odd characters."""
    proof = _proof(credentials)
    if not proof or len(proof) > LONGEST_PROOF:
        return False
    if isinstance(credentials, TokenLogin):
        return proof.isascii() and proof.isprintable() and " " not in proof
    user = credentials.user
    return 0 < len(user) <= LONGEST_NAME and user.isprintable() and _UNSENDABLE.search(proof) is None


def _text(data: bytes) -> str:
    """Browsers and scripts send UTF-8, old clients Latin-1."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
