"""A partner that is away for long costs no more than what has changed in the end."""

from __future__ import annotations

from dataclasses import dataclass

from backbone.app.channel.packing import unpack
from backbone.app.engine.cursors import OVERLAP
from backbone.app.usecases.troubleshooting.retries import retry
from backbone.core.model.keys import SUMMARY, PairUid, Role
from backbone.core.model.problems import Code
from backbone.core.model.values import Scalar, labels
from backbone.core.protocol.parcels import Messages
from backbone.ports.records import OpenProblem
from tests.fakes.halves import BUG, LABELS, LOW, PRIORITY
from tests.fakes.issues import FakeIssue
from tests.fakes.transport import Mailbox, Wire
from tests.parts.counted_messages import counting, tell, used
from tests.parts.two_installations import TwoInstallations

ISSUES = 20
ROUNDS = 20


async def in_step() -> tuple[TwoInstallations, list[FakeIssue]]:
    two = TwoInstallations()
    issues = [
        two.a.create_issue(BUG, {SUMMARY: Scalar(f"{number}"), PRIORITY: LOW, LABELS: labels()})
        for number in range(ISSUES)
    ]
    await two.settle()
    return two, issues


async def live_alone(two: TwoInstallations, seconds: int) -> None:
    """The first installation goes on as always; the second one does nothing."""
    for _ in range(seconds // 5):
        for name in two.first.world.jiras:
            await two.first.world.look(name, back=OVERLAP)
        await two.first.world._run_all()
        await two.first.step()
        two.wait(5)


def messages(two: TwoInstallations, after: int) -> int:
    """Messages of pairs in the parcels that the first installation sealed since then."""
    sent = [one for one, _ in two.first.world.store.tables.sent.values() if one.number > after]
    bodies = [unpack(one.plaintext).body for one in sent]
    return sum(len(body.messages) for body in bodies if isinstance(body, Messages))


def handed_over(two: TwoInstallations) -> int:
    """All that either side sent."""
    return sum(len(two.wire.towards(role).sent) for role in Role)


async def test_edits_while_the_partner_is_away_become_one_message_for_each_issue() -> None:
    two, issues = await in_step()
    last, before = two.first.channel.outgoing.last, handed_over(two)

    await live_alone(two, 60)
    for number in range(ROUNDS):
        for issue in issues:
            two.a.set(issue, SUMMARY, Scalar(f"state {number} of {issue.ref.id}"))
        await live_alone(two, 30)
    await two.settle()

    assert [one.values[SUMMARY] for one in two.b.issues.values()] == [one.values[SUMMARY] for one in issues]
    assert messages(two, last) == ISSUES
    assert handed_over(two) - before <= 20


async def test_a_few_edits_leave_at_once() -> None:
    two, issues = await in_step()
    await live_alone(two, 60)

    two.a.set(issues[0], SUMMARY, Scalar("at once"))
    last = two.first.channel.outgoing.last
    await live_alone(two, 10)

    assert messages(two, last) == 1


async def test_many_edits_leave_as_soon_as_the_partner_answers() -> None:
    two, issues = await in_step()
    two.wait(60)
    last = two.first.channel.outgoing.last
    for issue in issues:
        two.a.set(issue, SUMMARY, Scalar(f"new {issue.ref.id}"))
    await live_alone(two, 10)
    assert messages(two, last) == 0

    await two.exchange(3)

    assert messages(two, last) == ISSUES


@dataclass
class Quarantine(Mailbox):
    """Signs of life and acknowledgements pass, what is larger does not."""

    def hand_over(self, parcel: bytes) -> None:
        if len(parcel) <= 1_000:
            super().hand_over(parcel)
        else:
            self.sent.append(parcel)


async def test_what_never_passes_leaves_ever_more_seldom_though_the_partner_answers() -> None:
    two = counting()
    await two.exchange(3)
    quarantine = Quarantine()
    two.first.host.wire = two.second.host.wire = Wire(to_second=quarantine)
    await tell(two.first, {PairUid(f"p{number}"): number for number in range(10)})
    await two.exchange(288, seconds=300)
    large = [one for one in quarantine.sent if len(one) > 1_000]

    assert len(large) <= 12
    assert len(quarantine.sent) <= 60
    assert Code.PARCELS_UNANSWERED in two.first.problems


async def test_what_did_not_pass_leaves_at_once_when_a_person_tries_again() -> None:
    two = counting()
    await two.exchange(3)
    two.first.host.wire = two.second.host.wire = wire = Wire(to_second=Quarantine())
    await tell(two.first, {PairUid(f"p{number}"): number for number in range(10)})
    await two.exchange(144, seconds=300)
    (problem,) = [
        OpenProblem(id=1, problem=one.problem, first_seen=one.first_seen, last_seen=one.last_seen, count=one.count)
        for one in two.first.world.store.tables.problems.values()
    ]
    wire.to_second = Mailbox()
    await retry(two.first.world.engine, problem)
    await two.exchange(3)

    assert len(used(two.second)) == 10
    assert two.first.problems == []
