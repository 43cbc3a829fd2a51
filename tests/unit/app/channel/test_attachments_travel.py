"""Attachments of every size go from one installation to the other by real parcels."""

from __future__ import annotations

from random import Random

from backbone.core.model.keys import SUMMARY
from backbone.core.model.values import Scalar, labels
from backbone.core.protocol.sizing import shrunk
from tests.fakes.halves import BUG, LABELS, LOW, PRIORITY
from tests.fakes.issues import FakeIssue
from tests.parts.two_installations import TwoInstallations

LARGEST = 60_000


def _bytes(issue: FakeIssue) -> list[bytes]:
    return sorted((content for _, content in issue.files.values()), key=len)


async def test_attachments_of_both_sides_arrive_whole_in_parcels_of_the_agreed_size() -> None:
    two, chance = TwoInstallations(), Random(7)  # noqa: S311 - not for secrets
    for one in two.both:
        await one.change(lambda channel: shrunk(channel, LARGEST, two.system.now()))
    issue = two.a.create_issue(BUG, {SUMMARY: Scalar("a"), PRIORITY: LOW, LABELS: labels()})
    contents = [b"", b"small", chance.randbytes(400_000)]
    for content in contents:
        two.a.attach(issue, f"{len(content)}.bin", content)
    await two.settle()
    (partner,) = two.b.issues.values()
    back = chance.randbytes(200_000)
    two.b.attach(partner, "back.bin", back)
    await two.settle()

    assert _bytes(partner) == [*contents[:2], back, contents[2]]
    assert _bytes(issue) == _bytes(partner)
    assert two.first.problems == two.second.problems == []
    for one in two.both:
        tables = one.world.store.tables
        assert not tables.octets
        sizes = [size for _, size in tables.sent.values()]
        assert max(sizes) < LARGEST


async def test_a_comment_does_not_wait_for_a_large_attachment() -> None:
    two, chance = TwoInstallations(), Random(7)  # noqa: S311 - not for secrets
    issue = two.a.create_issue(BUG, {SUMMARY: Scalar("a"), PRIORITY: LOW, LABELS: labels()})
    await two.settle()
    (partner,) = two.b.issues.values()
    two.a.attach(issue, "large.bin", chance.randbytes(5_000_000))
    two.a.comment(issue, "meanwhile")
    await two.settle()

    assert ["meanwhile" in one.body for one in partner.comments.values()] == [True]
    assert [len(one) for one in _bytes(partner)] == [5_000_000]
