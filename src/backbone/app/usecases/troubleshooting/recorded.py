"""Acting on problems in somebody's name: what was decided stands in the audit log."""

from __future__ import annotations

from collections.abc import Collection

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.engine.context import Engine
from backbone.app.usecases.troubleshooting.about import Action
from backbone.app.usecases.troubleshooting.acting import AllOf, Done, act, act_on_all
from backbone.app.usecases.troubleshooting.losers import restore
from backbone.core.model.keys import ConnectorKey
from backbone.core.model.problems import Code
from backbone.ports.access import AuditEntry
from backbone.ports.administration import AdministrationStore
from backbone.ports.records import OpenProblem
from backbone.ports.troubleshooting import KnownLoser


async def act_as(by: Caller, engine: Engine, store: AdministrationStore, problem: OpenProblem, action: Action) -> None:
    """Act on a problem. Raises Mistake, and TrackerError of a Jira."""
    await act(engine, problem, action)
    found = problem.problem
    after = {"code": found.code.value, "connector": str(found.connector or "")}
    await _record(store, entry_of(by, f"problem.{action}", str(problem.id), engine.system.now(), after=after))


async def act_on_all_as(
    by: Caller,
    engine: Engine,
    store: AdministrationStore,
    connectors: Collection[ConnectorKey],
    told: tuple[Code, Action],
) -> Done:
    """Act on all problems of a code in these connectors."""
    code, action = told
    done = await act_on_all(engine, connectors, code, action)
    after = {"connectors": sorted(connectors), "problems": list(done.done)}
    await _record(store, entry_of(by, f"problem.{action}", code.value, engine.system.now(), after=after))
    return done


async def act_on_chosen_as(
    by: Caller, engine: Engine, store: AdministrationStore, chosen: OpenProblem | AllOf, action: Action
) -> Done:
    """Act on one problem or on all of a code. Raises Mistake, and TrackerError of a Jira, for one."""
    if isinstance(chosen, AllOf):
        return await act_on_all_as(by, engine, store, chosen.connectors, (chosen.code, action))
    await act_as(by, engine, store, chosen, action)
    return Done(done=(chosen.id,), failed=())


async def restore_as(by: Caller, engine: Engine, store: AdministrationStore, known: KnownLoser) -> None:
    """Let a value that lost count again. Raises Mistake, and TrackerError of a Jira."""
    await restore(engine, store, known)
    after = {"connector": str(known.loser.connector), "mapping": str(known.loser.mapping)}
    await _record(store, entry_of(by, "value.restore", str(known.id), engine.system.now(), after=after))


async def _record(store: AdministrationStore, entry: AuditEntry) -> None:
    async with store.administration() as unit:
        await unit.audit.write(entry)
        await unit.commit()
