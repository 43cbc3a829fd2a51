"""What the owner of a token or session may do now: never more than themselves."""

from __future__ import annotations

from backbone.app.access.caller import Caller
from backbone.app.access.entitlement import caller_of
from backbone.app.access.locally import caller_of_administrator, local_name
from backbone.app.access.refusal import NOT_SEEN, SESSION_ENDED, TOKEN_ENDED, Refusal
from backbone.core.model.keys import Millis
from backbone.ports.access import AccessToken, Session
from backbone.ports.administration import AdministrationUnit


async def caller_of_session(unit: AdministrationUnit, session: Session) -> Caller | Refusal:
    """The owner of a session. One that was opened before the password changed has ended, however the two raced."""
    name = local_name(session.owner)
    if name is None:
        return await _person(unit, session.owner, Millis(0))
    administrator = await unit.administrators.get(name)
    if administrator is None or session.opened < administrator.changed:
        return SESSION_ENDED
    return caller_of_administrator(administrator)


async def caller_of_token(unit: AdministrationUnit, token: AccessToken, seen_since: Millis) -> Caller | Refusal:
    """The owner of a token, who is not somebody of the same name that was added later.

    Rights of somebody of a Jira must have been looked at since then.
    """
    name = local_name(token.owner)
    if name is None:
        return await _person(unit, token.owner, seen_since)
    administrator = await unit.administrators.get(name)
    if administrator is None or token.created < administrator.created:
        return TOKEN_ENDED
    return caller_of_administrator(administrator)


async def _person(unit: AdministrationUnit, owner: str, seen_since: Millis) -> Caller | Refusal:
    person = await unit.people.get(owner)
    if person is None:
        return SESSION_ENDED
    if person.seen < seen_since:
        return NOT_SEEN
    return caller_of(person, await unit.people.rule(), await unit.synchronizations.connections())
