"""Who may call, put together: passwords, keys from the settings, and the Jiras that people are asked at."""

from __future__ import annotations

import os
from collections.abc import Sequence

from backbone.adapters.jira.connection import JiraConnection
from backbone.adapters.sealing import Argon2Passwords, FileKeys, GivenKeys, KeySealer, new_key_text
from backbone.app.access.authentication import Authentication
from backbone.app.access.sealed import sealed_secrets
from backbone.app.declaration.credentials import OpenedConnection
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.reopening import reopen
from backbone.core.model.keys import ConnectionName, ProjectId
from backbone.ports.administration import AdministrationStore
from backbone.ports.people import Checked, JiraUnavailable, Passwords, PersonCredentials
from backbone.ports.sealing import Sealer
from backbone.ports.system import System
from backbone.settings import Settings

__all__ = ["JiraPeople", "authentication_of", "keys_of", "new_key_text", "passwords", "sealer_of"]

KEY_FILE = "secret-key"


def passwords() -> Passwords:
    """Hashes of passwords, as strong as they are kept."""
    return Argon2Passwords()


def keys_of(settings: Settings) -> GivenKeys | FileKeys:
    """Where the keys of secrets come from."""
    if settings.secret_key is not None:
        return GivenKeys(settings.secret_key.get_secret_value())
    return FileKeys(settings.home / KEY_FILE)


def sealer_of(settings: Settings) -> KeySealer:
    return KeySealer(keys_of(settings))


def authentication_of(settings: Settings, store: AdministrationStore, system: System) -> Authentication:
    """One a process: it remembers for a minute who is who."""
    connection = settings.sign_in_connection
    return Authentication(
        store=store,
        system=system,
        passwords=passwords(),
        people=JiraPeople(store, sealer_of(settings)),
        connection=None if connection is None else ConnectionName(connection),
    )


class JiraPeople:
    """A :class:`backbone.ports.people.PersonCheck` at the Jiras of the stored connections, by the way that leads there."""

    def __init__(self, store: AdministrationStore, sealer: Sealer) -> None:
        self._store = store
        self._sealer = sealer

    async def check(
        self, connection: ConnectionName, credentials: PersonCredentials, projects: Sequence[ProjectId]
    ) -> Checked:
        from backbone.adapters.jira.person import ask_person  # noqa: PLC0415  slow to import, and seldom needed

        try:
            opened = await self._opened(connection)
        except Mistake as mistake:
            return JiraUnavailable(cause=f"{mistake.place}: {mistake.cause}", reached=False)
        if opened is None:
            return JiraUnavailable(cause=f"there is no connection {connection}", reached=False)
        person = JiraConnection(base_url=opened.url, login=credentials, proxy=opened.proxy, ca_file=opened.ca_file)
        return await ask_person(person, projects)

    async def _opened(self, connection: ConnectionName) -> OpenedConnection | None:
        async with self._store.administration() as unit:
            stored = {one.name: one for one in await unit.synchronizations.connections()}
            unseal = await sealed_secrets(unit, self._sealer)
        return reopen(stored[connection], os.environ, unseal) if connection in stored else None
