"""The status follows from the facts, by the first row of the table that holds."""

from __future__ import annotations

import pytest

from backbone.app.usecases.standing import (
    HINDERING,
    MENDS_ITSELF,
    TABLE,
    Derived,
    Facts,
    Handshake,
    Pending,
    Status,
    derive,
)
from backbone.core.model.keys import ConnectorKey, PairUid
from backbone.core.model.problems import Code, Holds, Problem


def hindrance(code: Code, *, pair: bool = False) -> Problem:
    return Problem(
        code=code,
        connector=ConnectorKey("PA-1"),
        occurred_in=None,
        cause=f"because of {code}",
        remedy="mend it",
        holds=Holds(pair=PairUid("p") if pair else None),
    )


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        (Facts(wanted_running=True), Status.RUNNING),
        (Facts(wanted_running=False), Status.STOPPED),
        (Facts(wanted_running=True, handshake=Handshake.OPEN), Status.HANDSHAKE),
        (Facts(wanted_running=False, handshake=Handshake.OPEN, pending=Pending.HERE), Status.HANDSHAKE),
        (Facts(wanted_running=False, pending=Pending.HERE), Status.UPDATE_REQUIRED),
        (Facts(wanted_running=True, pending=Pending.AT_PARTNER), Status.WAITING_FOR_SLAVE),
        (Facts(wanted_running=True, hindrances=[hindrance(Code.CAPTCHA)]), Status.RESTART_REQUIRED),
        (Facts(wanted_running=False, hindrances=[hindrance(Code.CAPTCHA)]), Status.STOPPED),
        (Facts(wanted_running=True, hindrances=[hindrance(Code.DEFECT, pair=True)]), Status.RUNNING),
        (Facts(wanted_running=True, hindrances=[hindrance(Code.MASS_CHANGE)]), Status.RUNNING),
    ],
)
def test_the_first_row_that_holds_decides(facts: Facts, status: Status) -> None:
    assert derive(facts).status is status


def test_every_status_has_one_row() -> None:
    assert sorted(row.status for row in TABLE) == sorted(Status)


def test_what_a_person_has_to_mend_is_told_before_what_mends_itself() -> None:
    both = [hindrance(Code.HOST_UNREACHABLE), hindrance(Code.LOGIN_REFUSED)]

    assert derive(Facts(wanted_running=True, hindrances=both)) == Derived(
        status=Status.RESTART_REQUIRED, reason="because of login-refused", cure="mend it", mends_itself=False
    )
    assert derive(Facts(wanted_running=True, hindrances=both[:1])).mends_itself is True


def test_whatever_mends_itself_hinders_a_whole_synchronization() -> None:
    assert set(HINDERING) >= MENDS_ITSELF
    assert {Code.LOGIN_REFUSED, Code.CAPTCHA} == set(HINDERING) - MENDS_ITSELF
