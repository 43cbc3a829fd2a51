"""Which project administrators may work here: all of them, or members of certain groups of their Jira."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.usecases.mistakes import Mistake
from backbone.ports.access import AccessRule
from backbone.ports.administration import AdministrationStore
from backbone.ports.system import System

_LONGEST = 255
_MOST = 100


async def access_rule(store: AdministrationStore) -> AccessRule:
    async with store.administration() as unit:
        return await unit.people.rule()


async def open_to_all(store: AdministrationStore, system: System, *, by: Caller) -> None:
    """Every administrator of a synchronized project may configure its synchronizations."""
    await _set(store, system, AccessRule(), by)


async def restrict_to(store: AdministrationStore, system: System, *, groups: Sequence[str], by: Caller) -> None:
    """Only members of these groups, none where there are no groups; administrators of Jira always may.

    Counts at once, also for those who are signed in. Raises Mistake.
    """
    named = tuple(dict.fromkeys(group.strip() for group in groups))
    if len(named) > _MOST or any(not 0 < len(group) <= _LONGEST or not group.isprintable() for group in named):
        raise Mistake("groups", "one of them is no name of a group", f"Name up to {_MOST} groups as Jira shows them")
    await _set(store, system, AccessRule(everyone=False, groups=named), by)


async def _set(store: AdministrationStore, system: System, rule: AccessRule, by: Caller) -> None:
    async with store.administration() as unit:
        before = await unit.people.rule()
        await unit.people.set_rule(rule)
        await unit.audit.write(
            entry_of(
                by, "access.change", "project administrators", system.now(), before=_told(before), after=_told(rule)
            )
        )
        await unit.commit()


def _told(rule: AccessRule) -> dict[str, object]:
    return {"everyone": rule.everyone, "groups": list(rule.groups)}
