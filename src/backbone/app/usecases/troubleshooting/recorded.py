"""Acting on problems in somebody's name: what was decided stands in the audit log."""

from __future__ import annotations

from collections.abc import Collection

from backbone.app.engine.context import Engine
from backbone.app.usecases.troubleshooting.about import Action
from backbone.app.usecases.troubleshooting.acting import Done, act, act_on_all
from backbone.app.usecases.troubleshooting.losers import restore
from backbone.core.model.keys import ConnectorKey
from backbone.core.model.problems import Code
from backbone.ports.access import AuditEntry
from backbone.ports.administration import AdministrationStore
from backbone.ports.records import OpenProblem
from backbone.ports.troubleshooting import KnownLoser


async def act_as(who: str, engine: Engine, store: AdministrationStore, problem: OpenProblem, action: Action) -> None:
    """Act on a problem. Raises Mistake, and TrackerError of a Jira."""
    await act(engine, problem, action)
    found = problem.problem
    after = {"code": found.code.value, "connector": str(found.connector or "")}
    await _record(
        store, AuditEntry(at=engine.system.now(), who=who, what=f"problem.{action}", about=str(problem.id), after=after)
    )


async def act_on_all_as(
    who: str,
    engine: Engine,
    store: AdministrationStore,
    connectors: Collection[ConnectorKey],
    told: tuple[Code, Action],
) -> Done:
    """Act on all problems of a code in these connectors."""
    code, action = told
    done = await act_on_all(engine, connectors, code, action)
    after = {"connectors": sorted(connectors), "problems": list(done.done)}
    await _record(
        store, AuditEntry(at=engine.system.now(), who=who, what=f"problem.{action}", about=code.value, after=after)
    )
    return done


async def restore_as(who: str, engine: Engine, store: AdministrationStore, known: KnownLoser) -> None:
    """Let a value that lost count again. Raises Mistake, and TrackerError of a Jira."""
    await restore(engine, store, known)
    after = {"connector": str(known.loser.connector), "mapping": str(known.loser.mapping)}
    await _record(
        store, AuditEntry(at=engine.system.now(), who=who, what="value.restore", about=str(known.id), after=after)
    )


async def _record(store: AdministrationStore, entry: AuditEntry) -> None:
    async with store.administration() as unit:
        await unit.audit.write(entry)
        await unit.commit()
