"""One of two companies restores a backup: nothing is created again, and both are in step afterwards."""

from __future__ import annotations

import pytest

from backbone.core.model.keys import SUMMARY, IssueId, IssueKey, IssueRef, PairUid
from backbone.core.model.pair import Pair, PairState
from backbone.core.model.values import Scalar, labels
from tests.fakes.halves import BUG, DEFECT, LABELS, LOW, P3, PRIORITY
from tests.fakes.issues import FakeIssue
from tests.fakes.jira import FakeJira
from tests.parts.two_installations import Installation, TwoInstallations


def new(jira: FakeJira, summary: str) -> FakeIssue:
    issue_type = BUG if jira.name == "A" else DEFECT
    return jira.create_issue(
        issue_type, {SUMMARY: Scalar(summary), PRIORITY: LOW if issue_type is BUG else P3, LABELS: labels()}
    )


def summaries(jira: FakeJira) -> list[Scalar]:
    found = [issue.values[SUMMARY] for issue in jira.issues.values()]
    return sorted((one for one in found if isinstance(one, Scalar)), key=str)


def side(two: TwoInstallations, number: int) -> Installation:
    return two.both[number]


@pytest.mark.parametrize("restored", [0, 1])
@pytest.mark.parametrize("incarnation", ["second life", None])
async def test_a_restored_side_comes_back_into_step(restored: int, incarnation: str | None) -> None:
    two = TwoInstallations()
    old = new(two.a, "old")
    await two.settle()
    backup = side(two, restored).backup()
    new(two.a, "made after the backup")
    await two.settle()
    two.a.set(old, SUMMARY, Scalar("edited after the backup"))
    two.a.comment(old, "said after the backup")
    await two.settle()
    partner = next(one for one in two.b.issues.values() if one.values[SUMMARY] == Scalar("edited after the backup"))
    comments = len(partner.comments)

    await side(two, restored).restore(backup, incarnation)
    await two.settle()
    two.wait(24 * 3600)
    await two.settle()
    two.a.set(old, SUMMARY, Scalar("edited after all"))
    two.a.comment(old, "said after all")
    new(two.a, "made after all")
    await two.settle()

    expected = sorted([Scalar("edited after all"), Scalar("made after all"), Scalar("made after the backup")], key=str)
    assert summaries(two.a) == summaries(two.b) == expected
    assert len(partner.comments) == comments + 1
    assert two.first.problems == two.second.problems == []
    ends = [one.channel for one in two.both]
    assert all("-" not in one.outgoing.epoch for one in ends), "both began a new epoch"
    assert ends[0].outgoing.acknowledged_head == ends[1].incoming.head


@pytest.mark.parametrize("restored", [0, 1])
@pytest.mark.parametrize("before", [0, 1, 2, 3])
async def test_a_backup_from_the_middle_of_an_exchange_is_no_worse(restored: int, before: int) -> None:
    two = TwoInstallations()
    old = new(two.a, "old")
    await two.settle()
    there = next(iter(two.b.issues.values()))
    in_between = [new(two.a, "told from here"), new(two.b, "told from there")]
    two.a.comment(old, "from here")
    two.b.comment(there, "from there")
    for one in two.both:
        for name in one.world.jiras:
            await one.world.look(name)
    await two.exchange(before)
    backup = side(two, restored).backup()
    await two.exchange(2)
    two.a.set(old, SUMMARY, Scalar("newer"))
    two.b.comment(there, "said later")
    new(two.b, "later from there")
    await two.settle()

    await side(two, restored).restore(backup)
    await two.settle()
    two.wait(24 * 3600)
    await two.settle()

    assert len(two.a.issues) == len(two.b.issues) == 2 + len(in_between)
    assert summaries(two.a) == summaries(two.b)
    assert Scalar("newer") in summaries(two.b)
    assert len(old.comments) == len(there.comments) == 3
    assert two.first.problems == two.second.problems == []


async def test_a_value_that_both_changed_since_the_backup_is_the_newest_and_the_other_is_kept() -> None:
    two = TwoInstallations()
    old = new(two.a, "old")
    await two.settle()
    there = next(iter(two.b.issues.values()))
    backup = two.first.backup()
    two.wire.to_second.down = two.wire.to_first.down = "away"
    two.a.set(old, SUMMARY, Scalar("here"))
    two.wait(3600)
    two.b.set(there, SUMMARY, Scalar("there"))
    await two.second.world.look(two.b.name)
    await two.first.restore(backup)
    two.wire.to_second.down = two.wire.to_first.down = ""
    await two.settle()

    assert old.values[SUMMARY] == there.values[SUMMARY] == Scalar("there")
    losers = [one.value for one in two.first.world.store.tables.losers.values()]
    assert "here" in losers


async def test_a_partner_cannot_name_issues_that_it_was_never_to_see() -> None:
    two = TwoInstallations()
    new(two.a, "old")
    await two.settle()
    hidden = new(two.a, "hidden")
    two.first.world.jiras[two.a.name].hidden.add(hidden.ref.id)
    backup = two.first.backup()
    named = [
        Pair(
            uid=PairUid(f"stranger-{remote.id}"),
            connector=two.second.half.connector,
            state=PairState.LINKED,
            born_here=True,
            local=IssueRef(id=IssueId(f"B{remote.id}"), key=IssueKey("B-9999")),
            remote=remote,
        )
        for remote in (IssueRef(id=IssueId("elsewhere"), key=IssueKey("A-99")), hidden.ref)
    ]
    async with two.second.world.store.unit() as uow:
        await uow.pairs.save_all(named)
        await uow.commit()
    await two.first.restore(backup)
    await two.exchange(12, seconds=300)

    assert two.first.channel.restoring is None
    assert {pair.local.key for pair in two.first.world.store.tables.pairs.values() if pair.local} == {"A-1"}


@pytest.mark.parametrize("restored", [0, 1])
@pytest.mark.parametrize("settled", [True, False])
async def test_attachments_since_the_backup_are_there_once(restored: int, settled: bool) -> None:
    two = TwoInstallations()
    old = new(two.a, "old")
    two.a.attach(old, "before.txt", b"before")
    await two.settle()
    there = next(iter(two.b.issues.values()))
    backup = side(two, restored).backup()
    two.a.attach(old, "after.txt", b"after")
    two.b.attach(there, "reply.txt", b"reply")
    if settled:
        await two.settle()
    else:
        for one in two.both:
            for name in one.world.jiras:
                await one.world.look(name)
        await two.exchange(2)
    await side(two, restored).restore(backup)
    await two.settle()

    for issue in (old, there):
        names = sorted(one.name for one, _ in issue.files.values())
        assert names == ["after.txt", "before.txt", "reply.txt"]


async def test_parcels_of_before_that_come_once_more_after_an_unnoticed_restore_double_no_comment() -> None:
    """Nothing shows that a memory was restored: the same parcels come again, as out of a mailbox that keeps them."""
    two = TwoInstallations()
    old = new(two.a, "old")
    await two.settle()
    backup = two.second.backup()
    sent = len(two.wire.to_second.sent)
    two.a.comment(old, "said once")
    await two.settle()

    await two.second.restore(backup, None)
    for parcel in two.wire.to_second.sent[sent:]:
        two.wire.to_second.put(parcel)
    await two.settle()

    there = next(iter(two.b.issues.values()))
    assert len(there.comments) == 1
