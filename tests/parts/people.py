"""People who sign in with accounts of pretended Jiras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from argon2 import PasswordHasher

from backbone.adapters.jira.connection import JiraConnection
from backbone.adapters.jira.person import ask_person
from backbone.adapters.sealing import Argon2Passwords
from backbone.core.model.keys import ConnectionName, ProjectId
from backbone.ports.people import Checked, PersonCredentials
from backbone.simulator import Simulator
from tests.parts.two_jiras import FIRST, SECOND, TwoJiras


@dataclass(slots=True)
class PeopleOf:
    """Asks the simulators, and counts how often."""

    jiras: TwoJiras
    asked: list[ConnectionName] = field(default_factory=list)

    async def check(
        self, connection: ConnectionName, credentials: PersonCredentials, projects: Sequence[ProjectId]
    ) -> Checked:
        self.asked.append(connection)
        where: dict[ConnectionName, Simulator] = {FIRST: self.jiras.first, SECOND: self.jiras.second}
        return await ask_person(JiraConnection(base_url=where[connection].url, login=credentials), projects)


def quick_passwords() -> Argon2Passwords:
    """Hashes that are made quickly and protect nothing."""
    return Argon2Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
