"""What the owner of a token or session may do now: never more than themselves."""

from __future__ import annotations

from backbone.app.access.caller import Caller
from backbone.app.access.entitlement import caller_of
from backbone.app.access.locally import caller_of_administrator, local_name
from backbone.app.access.refusal import NOT_SEEN, SESSION_ENDED, Refusal
from backbone.core.model.keys import Millis
from backbone.ports.administration import AdministrationUnit


async def caller_of_owner(unit: AdministrationUnit, owner: str, seen_since: Millis) -> Caller | Refusal:
    """The owner as caller. Rights of somebody of a Jira must have been looked at since then."""
    name = local_name(owner)
    if name is not None:
        administrator = await unit.administrators.get(name)
        return SESSION_ENDED if administrator is None else caller_of_administrator(administrator)
    person = await unit.people.get(owner)
    if person is None:
        return SESSION_ENDED
    if person.seen < seen_since:
        return NOT_SEEN
    return caller_of(person, await unit.people.rule(), await unit.synchronizations.connections())
