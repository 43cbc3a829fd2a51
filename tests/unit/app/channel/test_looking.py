"""How often somebody looks for parcels, by the way in and by what is expected."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.app.channel.looking import (
    EXPECTED,
    OFTEN,
    REGULARLY,
    SELDOM,
    TALKATIVE,
    is_lively,
    pause_between_looks,
)
from backbone.core.model.keys import Millis
from backbone.core.protocol.channel import Channel, Outage, Pulse, Restoring, Stage, UnderWay
from backbone.core.protocol.parcels import Digest
from backbone.ports.transport import (
    Login,
    MailProtocol,
    MailServer,
    Receiving,
    ReceivingDirectory,
    ReceivingMail,
    Security,
)
from tests.fakes.meeting import DAY, MASTER, NOW, SLAVE, Both

LATER = Millis(NOW + DAY)
SERVER = MailServer(host="imap.a.test", port=993, security=Security.TLS, login=Login(user="a", secret="s"))
IMAP = ReceivingMail(server=SERVER, protocol=MailProtocol.IMAP, address="a@a.test", channel="c-1", role="first")
POP3 = replace(IMAP, protocol=MailProtocol.POP3)
FILES = ReceivingDirectory(path="/srv/RECEIVE", channel="c-1", role="first")


def quiet() -> Channel:
    """Both know each other, and nothing was said for a day."""
    return Both().meet().confirm().master


def under_way(sent: Millis | None) -> UnderWay:
    keys = (MASTER.fingerprint, SLAVE.fingerprint)
    return UnderWay(number=1, octets=9, head=Digest("a" * 64), keys=keys, sent=sent)


@pytest.mark.parametrize(
    ("receiving", "told", "seconds"),
    [(FILES, False, OFTEN), (POP3, False, REGULARLY), (IMAP, False, REGULARLY), (IMAP, True, SELDOM)],
    ids=["files", "pop3", "imap without idle", "imap with idle"],
)
def test_a_quiet_way_in_is_looked_at_as_seldom_as_it_allows(receiving: Receiving, told: bool, seconds: float) -> None:
    assert pause_between_looks(receiving, None, quiet(), LATER, told=told) == seconds


@pytest.mark.parametrize(("former", "seconds"), [(FILES, OFTEN), (POP3, REGULARLY), (IMAP, REGULARLY)])
def test_nobody_tells_of_what_comes_by_the_former_way(former: Receiving, seconds: float) -> None:
    assert pause_between_looks(IMAP, former, quiet(), LATER, told=True) == seconds


@pytest.mark.parametrize("stage", [one for one in Stage if one is not Stage.KNOWN])
def test_who_gets_to_know_each_other_is_looked_for_often(stage: Stage) -> None:
    for receiving in (IMAP, POP3, FILES):
        assert pause_between_looks(receiving, None, replace(quiet(), stage=stage), LATER, told=True) == OFTEN


def test_an_answer_is_looked_for_as_long_as_it_is_likely() -> None:
    channel = quiet()
    asked = [
        replace(channel, outgoing=replace(channel.outgoing, under_way=(under_way(None), under_way(LATER)))),
        replace(channel, pulse=Pulse(at=LATER, silent=1)),
        replace(channel, meeting=replace(channel.meeting, greetings=1, greeted=LATER)),
    ]
    for one in asked:
        assert is_lively(one, Millis(LATER + EXPECTED - 1))
        assert not is_lively(one, Millis(LATER + EXPECTED))


def test_what_was_answered_is_looked_for_no_more() -> None:
    channel = replace(quiet(), pulse=Pulse(at=LATER, silent=0))
    channel = replace(channel, meeting=replace(channel.meeting, greetings=0, greeted=LATER))
    assert not is_lively(channel, LATER)


def test_who_said_something_is_likely_to_say_more() -> None:
    channel = replace(quiet(), heard=LATER)
    assert is_lively(channel, Millis(LATER + TALKATIVE - 1))
    assert not is_lively(channel, Millis(LATER + TALKATIVE))


def test_a_way_in_that_failed_is_tried_as_often_as_its_outage_allows() -> None:
    assert is_lively(replace(quiet(), receiving=Outage(failures=1)), LATER)


def test_memories_that_are_compared_are_not_held_up() -> None:
    assert is_lively(replace(quiet(), restoring=Restoring(seen=None, newest=NOW)), LATER)
