"""Pairs, messages and synchronizations that tests of the store put into it."""

from __future__ import annotations

from backbone.core.model.changes import Changes, Content, FieldChange, IssueChanged
from backbone.core.model.configuration import HalfConfiguration, StartNew
from backbone.core.model.keys import (
    ConnectionName,
    ConnectorKey,
    IssueId,
    IssueKey,
    IssueRef,
    Millis,
    PairUid,
    ProjectId,
    Revision,
    Role,
    SynchronizationKey,
)
from backbone.core.model.pair import Pair, PairState
from backbone.core.model.problems import Code, Holds, Problem
from backbone.core.model.stamps import Attempt, IssueStamps, Stamp
from backbone.ports.records import ApplyTurn, CreateAttempt, InboxMessage, Synchronization

PA = ConnectorKey("PA-1")
PB = ConnectorKey("PB-2")
JIRA = ConnectionName("one")
OTHER_JIRA = ConnectionName("two")
SYNCHRONIZATION = SynchronizationKey("INT-1")
UID = PairUid("pair-1")
TURN = ApplyTurn(connector=PA, pair=UID)


def issue(number: int, project: str = "PA") -> IssueRef:
    return IssueRef(id=IssueId(f"1000{number}"), key=IssueKey(f"{project}-{number}"))


def pair(uid: PairUid = UID, local: IssueRef | None = None, connector: ConnectorKey = PA) -> Pair:
    state = PairState.CREATING if local is None else PairState.LINKED
    return Pair(uid=uid, connector=connector, state=state, born_here=False, local=local, remote=issue(77, "PB"))


def begun(since: int) -> IssueStamps:
    """Of an issue to which we were about to do something; another number makes them another ones."""
    return IssueStamps(attempts={UID: Attempt(since=since)})


def content(value: str = "High") -> Content:
    stamp = Stamp(number=7, role=Role.FIRST, origin="a")
    return IssueChanged(
        issue=issue(1), changes=Changes(fields=(FieldChange(alias="priority", value=(value,), stamp=stamp),))
    )


def message(sequence: int, uid: PairUid = UID, sent: int = 5) -> InboxMessage:
    return InboxMessage(
        connector=PA, pair=uid, sequence=sequence, revision=Revision(1), sent=Millis(sent), content=content()
    )


def problem(uid: PairUid = UID, cause: str = "refused", connector: ConnectorKey | None = PA) -> Problem:
    return Problem(
        code=Code.FIELD_REFUSED,
        connector=connector,
        occurred_in=issue(1),
        cause=cause,
        remedy="choose another value",
        holds=Holds(pair=uid),
    )


def attempt(*pairs: PairUid, ident: str = "attempt-1", connector: ConnectorKey = PA) -> CreateAttempt:
    return CreateAttempt(
        id=ident,
        connector=connector,
        project=ProjectId("10"),
        highest=IssueKey("PA-9"),
        started=Millis(1),
        pairs=pairs,
    )


def synchronization(*, revision: int = 1, running: bool = True, name: str = "Ours") -> Synchronization:
    return Synchronization(
        key=SYNCHRONIZATION,
        name=name,
        description="",
        wanted_running=running,
        revision=Revision(revision),
        first=PA,
        second=PB,
        document={"zoo": 1, "ape": [{"deep": None}]},
    )


def halves(revision: int = 1) -> list[HalfConfiguration]:
    return [
        HalfConfiguration(
            synchronization=SYNCHRONIZATION,
            connector=connector,
            connection=connection,
            role=role,
            origin=f"origin of {connector}",
            revision=Revision(revision),
            project=ProjectId("10"),
            start_with=StartNew(since=Millis(5)),
        )
        for connector, connection, role in ((PA, JIRA, Role.FIRST), (PB, OTHER_JIRA, Role.SECOND))
    ]
