"""Two installations that can't reach each other keep a pair of projects in step."""

from __future__ import annotations

from dataclasses import replace

from backbone.core.model.exchange import Ways
from backbone.core.model.keys import SUMMARY
from backbone.core.model.values import Scalar, labels
from backbone.core.protocol.channel import Agreement, Channel
from tests.fakes.halves import BUG, LABELS, LOW, PRIORITY
from tests.parts.two_installations import TwoInstallations


async def test_an_issue_gets_its_partner_and_edits_travel_both_ways() -> None:
    two = TwoInstallations()
    issue = two.a.create_issue(BUG, {SUMMARY: Scalar("a"), PRIORITY: LOW, LABELS: labels()})
    await two.settle()

    (partner,) = two.b.issues.values()
    assert partner.values[SUMMARY] == Scalar("a")

    two.b.set(partner, SUMMARY, Scalar("b"))
    await two.settle()
    assert two.a.issues[issue.ref.id].values[SUMMARY] == Scalar("b")
    assert two.first.problems == two.second.problems == []


async def test_what_comes_before_our_person_compared_the_code_is_used_as_soon_as_she_did() -> None:
    two = TwoInstallations()
    two.a.create_issue(BUG, {SUMMARY: Scalar("early"), PRIORITY: LOW, LABELS: labels()})
    await two.second.change(lambda channel: replace(channel, confirmed=False))
    await two.first.world.look(two.a.name)
    await two.exchange(times=3, seconds=1)
    assert two.second.channel.incoming.highest == 0

    await two.second.change(lambda channel: replace(channel, confirmed=True))
    await two.exchange(seconds=1)
    assert two.second.channel.incoming.contiguous == 1
    assert two.second.problems == []


async def test_what_the_partner_says_beyond_what_is_agreed_is_not_heard() -> None:
    two = TwoInstallations()
    issue = two.a.create_issue(BUG, {SUMMARY: Scalar("a"), PRIORITY: LOW, LABELS: labels()})
    await two.settle()

    def narrower(channel: Channel) -> Channel:
        agreed = channel.agreement.agreed
        assert agreed is not None
        exchange = replace(agreed.exchange, comments=Ways(to_slave=False, to_master=True))
        return replace(channel, agreement=Agreement(agreed=replace(agreed, exchange=exchange)))

    await two.second.change(narrower)
    two.a.comment(issue, "pushed")
    two.a.set(issue, SUMMARY, Scalar("b"))
    await two.settle()

    (partner,) = two.b.issues.values()
    assert (partner.values[SUMMARY], partner.comments) == (Scalar("b"), {})
