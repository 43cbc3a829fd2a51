"""Both sides come to work by one configuration in steps that each remembers, and nothing beyond it may leave."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.core.model.changes import (
    Changes,
    CommentChange,
    ElementChange,
    FieldChange,
    FileChange,
    IssueAppeared,
    IssueChanged,
    IssueCreated,
    MembersAsserted,
)
from backbone.core.model.exchange import Exchange, SharedField, SharedType, Ways
from backbone.core.model.keys import CommentId, FileId, IssueId, IssueKey, IssueRef, Millis, Revision, Role
from backbone.core.model.stamps import Stamp
from backbone.core.model.values import FieldKind
from backbone.core.protocol.channel import Channel, Outgoing, Proposal, Publication
from backbone.core.protocol.collecting import known_exchanges
from backbone.core.protocol.conversing import NewPublication, PassedOver, PublicationRepeated, settled
from backbone.core.protocol.parcels import Epoch
from backbone.core.protocol.publication import (
    REMEMBERED,
    accepted,
    allowed,
    declined,
    digest_of,
    next_revision,
    proposed,
    publication_of,
    said,
    sayable,
    taken,
    voided,
)
from tests.fakes.meeting import Both

BOTH = Ways(to_slave=True, to_master=True)
OUT = Ways(to_slave=True, to_master=False)
TITLE = SharedField(alias="title", kind=FieldKind.TEXT, ways=BOTH)
TAGS = SharedField(alias="tags", kind=FieldKind.LABELS, ways=OUT, values=("a", "b"), types=("bug", "task"))
EXCHANGE = Exchange(
    types=(SharedType(alias="bug", ways=OUT), SharedType(alias="task", ways=BOTH)), fields=(TITLE, TAGS), comments=OUT
)
STAMP = Stamp(number=1, role=Role.FIRST, origin="o")
ISSUE = IssueRef(id=IssueId("1"), key=IssueKey("PA-1"))


def proposal(revision: int = 1, exchange: Exchange = EXCHANGE) -> Proposal:
    publication = publication_of(Revision(revision), exchange, "because")
    return Proposal(publication=publication, name="S", description="", document={}, by="anna", at=Millis(1))


def known() -> Both:
    return Both().meet().confirm()


# digests --------------------------------------------------------------------------------------------------------------


def test_the_order_of_rows_says_nothing() -> None:
    turned = replace(
        EXCHANGE,
        types=tuple(reversed(EXCHANGE.types)),
        fields=(replace(TAGS, values=("b", "a"), types=("task", "bug")), TITLE),
    )

    assert digest_of(turned) == digest_of(EXCHANGE)


@pytest.mark.parametrize(
    "other",
    [
        replace(EXCHANGE, comments=BOTH),
        replace(EXCHANGE, files=OUT),
        replace(EXCHANGE, largest=1),
        replace(EXCHANGE, types=EXCHANGE.types[:1]),
        replace(EXCHANGE, fields=(TITLE,)),
        replace(EXCHANGE, fields=(TITLE, replace(TAGS, values=None))),
        replace(EXCHANGE, fields=(TITLE, replace(TAGS, values=("a",)))),
        replace(EXCHANGE, fields=(TITLE, replace(TAGS, types=None))),
        replace(EXCHANGE, fields=(replace(TITLE, kind=FieldKind.MULTILINE), TAGS)),
        replace(EXCHANGE, fields=(replace(TITLE, ways=OUT), TAGS)),
    ],
)
def test_whatever_else_travels_is_another_digest(other: Exchange) -> None:
    assert digest_of(other) != digest_of(EXCHANGE)


# the master -----------------------------------------------------------------------------------------------------------


def test_what_is_proposed_is_said_once_both_know_each_other_and_a_person_confirmed() -> None:
    new = proposed(Both().master, proposal())
    met = proposed(Both().meet().master, proposal())
    confirmed = proposed(known().master, proposal())

    assert sayable(new) is None
    assert sayable(met) is None
    body = sayable(confirmed)
    assert body is not None
    assert (body.revision, body.digest, body.exchange) == (1, digest_of(EXCHANGE), EXCHANGE)
    assert sayable(said(confirmed)) is None
    assert sayable(replace(confirmed, departed=True)) is None


def test_a_slave_has_nothing_to_publish() -> None:
    assert sayable(proposed(known().slave, proposal())) is None


def test_a_newer_proposal_is_said_although_the_one_before_waits() -> None:
    channel = proposed(said(proposed(known().master, proposal())), proposal(2, Exchange()))

    body = sayable(channel)

    assert body is not None
    assert body.revision == 2


def test_revisions_are_never_given_twice() -> None:
    channel = proposed(known().master, proposal(7))

    assert next_revision(channel, Revision(3)) == 8
    assert next_revision(channel, Revision(9)) == 10


def test_an_answer_settles_what_it_names() -> None:
    both = known()
    both.master = said(proposed(both.master, proposal()))
    published = sayable(proposed(both.master, proposal(2)))
    assert published is not None
    both.tell(Role.SECOND, published)
    slave, yes = accepted(both.slave)
    _, no = declined(both.slave, "no")

    assert slave.agreement.agreed == publication_of(Revision(2), EXCHANGE, "because")
    assert taken(both.master, yes) == (both.master, None)
    second = proposed(both.master, proposal(2))
    assert taken(second, yes) == (replace(second, proposal=None), proposal(2))
    assert taken(second, no) == (replace(second, proposal=None), None)


def test_what_the_slave_took_over_before_it_heard_of_a_newer_one_can_be_read() -> None:
    both = known()
    both.master = said(proposed(both.master, proposal()))
    both.slave = _pending(both.slave, proposal().publication)
    both.slave, too_late = accepted(both.slave)
    both.master = said(proposed(both.master, proposal(2, Exchange())))

    both.tell(Role.FIRST, too_late)

    assert both.master.agreement.agreed is None
    assert proposal().publication.digest in known_exchanges(both.master.agreement)


def _in_a_new_epoch(channel: Channel) -> Channel:
    return replace(channel, outgoing=Outgoing(epoch=Epoch("new")))


def test_what_waits_for_the_slave_is_said_again_in_a_new_epoch() -> None:
    channel = said(proposed(known().master, proposal()))
    assert sayable(channel) is None

    restored = _in_a_new_epoch(channel)

    assert sayable(restored) == sayable(proposed(known().master, proposal()))
    assert sayable(said(restored)) is None
    assert said(restored).agreement.former == ()


def test_an_answer_that_got_lost_with_its_epoch_is_given_again() -> None:
    both = known()
    both.master = _in_a_new_epoch(said(proposed(both.master, proposal())))
    both.slave, lost = accepted(_pending(both.slave, proposal().publication))

    repeated = sayable(both.master)
    assert repeated is not None
    both.tell(Role.SECOND, repeated)

    assert both.slave.agreement == voided(both.slave)
    assert both.events[Role.SECOND][-1] == PublicationRepeated(answer=lost)
    assert both.slave.agreement.pending is None


def test_a_slave_that_forgot_what_is_agreed_hears_of_it_in_a_new_epoch() -> None:
    both = known()
    both.master = said(proposed(both.master, proposal()))
    both.master = replace(both.master, agreement=settled(both.master.agreement, proposal().publication, None))
    both.master = _in_a_new_epoch(replace(both.master, proposal=None))

    repeated = sayable(both.master)
    assert repeated is not None
    both.slave = _pending(both.slave, publication_of(Revision(9), EXCHANGE, "what the master forgot"))
    both.slave = replace(both.slave, agreement=voided(both.slave))
    both.tell(Role.SECOND, repeated)

    assert both.slave.agreement.pending == proposal().publication
    assert sayable(said(both.master)) is None


def test_a_master_that_was_restored_can_publish_under_a_revision_that_it_forgot() -> None:
    both = known()
    for publication in (publication_of(Revision(4), EXCHANGE, ""), publication_of(Revision(5), Exchange(), "")):
        both.slave, _ = accepted(_pending(both.slave, publication))

    for revision, exchange in ((4, EXCHANGE), (5, replace(EXCHANGE, largest=7))):
        published = sayable(proposed(both.master, proposal(revision, exchange)))
        assert published is not None
        both.tell(Role.SECOND, published)

    assert [type(one) for one in both.events[Role.SECOND][-2:]] == [PassedOver, NewPublication]
    assert both.slave.agreement.pending == publication_of(Revision(5), replace(EXCHANGE, largest=7), "because")


# the slave ------------------------------------------------------------------------------------------------------------


def test_nothing_can_be_answered_where_nothing_waits() -> None:
    with pytest.raises(ValueError, match="no publication waits"):
        accepted(known().slave)


def test_configurations_of_before_are_kept_but_not_for_ever() -> None:
    channel = known().slave
    for revision in range(1, REMEMBERED + 4):
        channel = _pending(channel, publication_of(Revision(revision), EXCHANGE, ""))
        channel, _ = accepted(channel)

    assert [one.revision for one in channel.agreement.former] == list(range(3, REMEMBERED + 3))


def _pending(channel: Channel, publication: Publication) -> Channel:
    return replace(channel, agreement=replace(channel.agreement, pending=publication))


# what may leave -------------------------------------------------------------------------------------------------------

COMMENT = CommentChange(original=CommentId("1"), version=1, author="", created=Millis(0), body="x")
FILE = FileChange(original=FileId("1"), present=True, name="a", size=1, mime="")
EVERYTHING = Changes(
    fields=(FieldChange(alias="title", value=("x",), stamp=STAMP), FieldChange(alias="secret", value=(), stamp=STAMP)),
    elements=(ElementChange(alias="tags", element="a", present=True, stamp=STAMP),),
    members=(MembersAsserted(alias="tags", elements=frozenset("a"), stamp=STAMP),),
    comments=(COMMENT,),
    files=(FILE,),
)


def test_only_what_is_agreed_for_a_direction_may_be_said_in_it() -> None:
    told = IssueChanged(issue=ISSUE, changes=EVERYTHING)

    by_master, by_slave = allowed(told, EXCHANGE, Role.FIRST), allowed(told, EXCHANGE, Role.SECOND)

    assert by_master == IssueChanged(issue=ISSUE, changes=replace(EVERYTHING, fields=EVERYTHING.fields[:1], files=()))
    assert by_slave == IssueChanged(issue=ISSUE, changes=Changes(fields=EVERYTHING.fields[:1]))


def test_an_issue_of_a_type_that_does_not_travel_is_not_told_of() -> None:
    born = IssueAppeared(issue=ISSUE, type_alias="bug", changes=EVERYTHING)

    assert allowed(born, EXCHANGE, Role.SECOND) is None
    assert allowed(replace(born, type_alias="epic"), EXCHANGE, Role.FIRST) is None
    assert allowed(born, EXCHANGE, Role.FIRST) is not None


def test_where_nothing_is_left_nothing_is_said() -> None:
    told = IssueChanged(issue=ISSUE, changes=Changes(files=(FILE,)))

    assert allowed(told, EXCHANGE, Role.FIRST) is None
    assert allowed(IssueCreated(issue=ISSUE), Exchange(), Role.SECOND) == IssueCreated(issue=ISSUE)
