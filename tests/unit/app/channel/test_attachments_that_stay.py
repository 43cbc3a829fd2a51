"""Attachments that may not leave any more, or that Jira does not give: they hold nothing else, and cost little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from backbone.app.channel.files import Split
from backbone.core.model.changes import Content, IssueChanged
from backbone.core.model.configuration import FileRules
from backbone.core.model.keys import SUMMARY, PairUid, SynchronizationKey
from backbone.core.model.values import Scalar, labels
from backbone.core.protocol.delivering import WINDOW
from backbone.ports.store import UnitOfWork
from tests.fakes.halves import BUG, LABELS, LOW, PRIORITY
from tests.fakes.issues import FakeIssue
from tests.parts.counted_messages import Recorded, tell, used
from tests.parts.two_installations import TwoInstallations

MANY = 510
"""More pairs than one transaction seals."""


def new(two: TwoInstallations) -> FakeIssue:
    return two.a.create_issue(BUG, {SUMMARY: Scalar("a"), PRIORITY: LOW, LABELS: labels()})


async def test_no_byte_of_an_attachment_is_sealed_once_attachments_are_not_sent_any_more() -> None:
    two = TwoInstallations()
    await two.first.change(lambda channel: replace(channel, largest=20_000))
    issue = new(two)
    await two.settle()
    two.a.attach(issue, "large.bin", Random(7).randbytes(6_000_000))  # noqa: S311 - not for secrets
    await two.first.world.look(two.a.name)
    await two.first.world._run_all()
    await two.first.step()
    sealed = two.first.parcels
    assert sealed > 50

    await two.first.configure(replace(two.first.half, files=FileRules()))
    await two.exchange(20, seconds=60)

    assert two.first.parcels == sealed
    assert two.first.world.store.tables.octets == {}


async def without_bytes(two: TwoInstallations, issues: int) -> None:
    """Issues with an attachment each that Jira shows and does not give."""
    made = [new(two) for _ in range(issues)]
    await two.settle()
    files = [(issue, two.a.attach(issue, "lost.bin", b"lost")) for issue in made]
    await two.first.world.look(two.a.name)
    await two.first.world._run_all()
    for issue, file in files:
        issue.files.pop(file.id)


async def test_an_attachment_that_jira_does_not_give_is_asked_for_seldom() -> None:
    two = TwoInstallations()
    await without_bytes(two, 1)
    before = two.a.calls.get("open-file", 0)
    await two.exchange(100, seconds=6)

    assert 2 <= two.a.calls.get("open-file", 0) - before <= 12


async def test_attachments_that_jira_does_not_give_keep_nobody_talking() -> None:
    two = TwoInstallations()
    await without_bytes(two, 12)
    before = len(two.wire.to_second.sent)
    await two.exchange(200, seconds=6)

    assert len(two.wire.to_second.sent) - before < 5


class Stuck(Recorded):
    """Whatever is told of the first pairs waits for an attachment."""

    async def ready(self, uow: UnitOfWork, key: SynchronizationKey, contents: Sequence[Content]) -> Split:
        del uow, key
        stuck = all(isinstance(one, IssueChanged) and int(one.changes.fields[0].value[0]) for one in contents)
        return Split(ready=(), later=tuple(contents)) if stuck else Split(ready=tuple(contents), later=())


async def test_pairs_that_wait_for_attachments_hold_no_others_however_many_they_are() -> None:
    two = TwoInstallations(effects=lambda engine: Stuck(engine=engine))
    await two.exchange(3, seconds=1200)
    await two.exchange(3, seconds=10)
    await tell(two.first, {PairUid(f"stuck{number}"): number + 1 for number in range(MANY)}, comments=False)
    await tell(two.first, {PairUid("free"): 0}, comments=False)
    await two.exchange(10)

    assert list(used(two.second)) == [PairUid("free")]
    assert two.first.waiting == MANY


async def test_no_more_parcels_are_under_way_than_may_be_however_many_attachments_there_are() -> None:
    two = TwoInstallations()
    issue = new(two)
    await two.settle()
    for number in range(300):
        two.a.attach(issue, f"{number}.bin", bytes([number % 256]))
    await two.first.world.look(two.a.name)
    await two.first.world._run_all()
    await two.first.step()
    assert len(two.first.channel.outgoing.under_way) == WINDOW

    await two.settle()
    (partner,) = two.b.issues.values()
    assert len(partner.files) == 300
