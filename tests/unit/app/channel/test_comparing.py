"""After a restored backup everything is told once more, even what somebody works on at that moment."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from backbone.app.engine.context import issue_lock
from backbone.core.model.keys import SUMMARY, IssueKey, IssueRef
from backbone.core.model.values import Scalar, labels
from backbone.core.protocol.delivering import WINDOW
from tests.fakes.halves import BUG, LABELS, LOW, PRIORITY
from tests.fakes.issues import FakeIssue
from tests.fakes.transport import Fault, Wire
from tests.parts.two_installations import TwoInstallations


def new(two: TwoInstallations, summary: str) -> FakeIssue:
    return two.a.create_issue(BUG, {SUMMARY: Scalar(summary), PRIORITY: LOW, LABELS: labels()})


async def look(two: TwoInstallations) -> None:
    await two.first.world.look(two.a.name)
    await two.first.world._run_all()


async def restored_while_busy(two: TwoInstallations, busy: FakeIssue) -> None:
    """The second side is restored, and both compare while somebody works on an issue of the first."""
    await two.second.restore(two.second.backup())
    lock = issue_lock(two.first.half.connection, busy.ref.id)
    async with two.first.world.store.hold(lock) as fence:
        assert fence is not None
        await two.exchange(12, seconds=10)
        assert two.first.channel.restoring is None
    await two.settle()


async def test_an_issue_that_the_partner_never_heard_of_is_told_once_nobody_works_on_it() -> None:
    wire = Wire()
    two = TwoInstallations(wire=wire)
    new(two, "old")
    await two.settle()
    lost = new(two, "lost with its parcel")
    await look(two)
    wire.to_second.befall(Fault.LOSE)
    await two.first.step()

    await restored_while_busy(two, lost)

    assert [issue.values[SUMMARY] for issue in two.b.issues.values()] == [Scalar("old"), Scalar("lost with its parcel")]


async def test_a_removed_attachment_is_told_though_its_parcel_got_void() -> None:
    wire = Wire()
    two = TwoInstallations(wire=wire)
    issue = new(two, "old")
    file = two.a.attach(issue, "a.bin", b"a")
    await two.settle()
    (partner,) = two.b.issues.values()
    assert len(partner.files) == 1
    two.a.remove_file_of(issue, file.id)
    for _ in range(3):
        two.wait(30)
        await look(two)
    wire.to_second.befall(Fault.LOSE)
    await two.first.step()
    assert two.first.channel.outgoing.under_way
    await two.second.restore(two.second.backup())
    await two.settle()

    assert partner.files == {}


async def test_a_comment_of_an_issue_that_is_worked_on_is_told_again() -> None:
    wire = Wire()
    two = TwoInstallations(wire=wire)
    issue = new(two, "old")
    await two.settle()
    (partner,) = two.b.issues.values()
    two.a.comment(issue, "lost with its parcel")
    await look(two)
    wire.to_second.befall(Fault.LOSE)
    await two.first.step()

    await restored_while_busy(two, issue)

    assert ["lost with its parcel" in one.body for one in partner.comments.values()] == [True]


async def test_a_new_key_of_the_partners_issue_is_learnt_though_the_word_of_it_got_lost() -> None:
    two = TwoInstallations()
    issue = new(two, "old")
    await two.settle()
    old = IssueRef(id=issue.ref.id, key=IssueKey("FORMER-1"))
    async with two.second.world.store.unit() as uow:
        (pair,) = two.second.world.store.tables.pairs.values()
        await uow.pairs.save(replace(pair, remote=old))
        await uow.commit()
    await two.second.restore(two.second.backup())
    await two.settle()

    (pair,) = two.second.world.store.tables.pairs.values()
    assert pair.remote == issue.ref
    assert not pair.unshown


async def test_an_attachment_whose_first_pieces_got_void_arrives_whole() -> None:
    wire = Wire()
    two = TwoInstallations(wire=wire)
    issue = new(two, "old")
    await two.settle()
    (partner,) = two.b.issues.values()
    await two.first.change(lambda channel: replace(channel, largest=20_000))
    content = Random(7).randbytes(1_500_000)  # noqa: S311 - not for secrets
    two.a.attach(issue, "large.bin", content)
    await look(two)
    wire.to_second.down = "away"
    await two.first.step()
    assert len(two.first.channel.outgoing.under_way) == WINDOW
    wire.to_second.down = ""
    await two.second.restore(two.second.backup())
    await two.settle()

    assert [found for _, found in partner.files.values()] == [content]
    assert two.first.problems == two.second.problems == []


async def test_attachments_that_are_told_again_leave_nothing_behind_where_they_are_already() -> None:
    two = TwoInstallations()
    issue = new(two, "old")
    two.a.attach(issue, "a.bin", bytes(100_000))
    await two.settle()
    await two.second.restore(two.second.backup())
    await two.settle()

    (partner,) = two.b.issues.values()
    assert len(partner.files) == 1
    assert [one.world.store.tables.octets for one in two.both] == [{}, {}]
    two.wait(31 * 24 * 3600)
    await two.settle()
    assert [one.world.store.tables.travelling for one in two.both] == [{}, {}]
