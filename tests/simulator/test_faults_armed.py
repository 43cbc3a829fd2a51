"""Faults are armed by clear words and strike when and where these say."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp
import pytest

from backbone.simulator.faults import FAULTS, FaultBoard, FaultError, fault_names
from backbone.simulator.faults.fault import ATTACHMENTS, compile_pattern
from tests.simulator.faulty_site import Site, faulty_site

ISSUE = "/rest/api/3/issue/7"
SEARCH = "/rest/api/3/search/jql"
FILE = "/secure/attachment/1/a.bin"


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("**", "/anything/at/all", True),
        ("**/issue/*", "/rest/api/2/issue/7", True),
        ("**/issue/*", "/rest/api/2/issue/7/comment", False),
        ("**/issue/*/**", "/rest/api/2/issue/7/comment/1", True),
        ("/rest/api/*/search|**/search/jql", "/rest/api/3/search/jql", True),
        ("/rest/api/2/search", "/rest/api/2/searchx", False),
        ("/rest/api/2/sear.h", "/rest/api/2/search", False),
        (ATTACHMENTS, "/secure/attachment/1/a.bin", True),
        (ATTACHMENTS, "/rest/api/3/attachment/content/1", True),
        (ATTACHMENTS, "/file/1/binary", True),
        (ATTACHMENTS, "/rest/api/3/attachment/1", False),
    ],
)
def test_path_pattern(pattern: str, path: str, fits: bool) -> None:
    assert bool(compile_pattern(pattern).fullmatch(path)) is fits


@pytest.mark.parametrize("kind", FAULTS, ids=fault_names())
def test_every_fault_can_be_armed_by_its_name_alone(kind: type) -> None:
    board = FaultBoard()
    name = fault_names()[FAULTS.index(kind)]

    board.arm({"fault": name})

    assert board.list()[0]["fault"] == name


@pytest.mark.parametrize("kind", FAULTS, ids=fault_names())
def test_every_fault_says_what_it_is_and_who_saw_it(kind: type) -> None:
    fault = FAULTS[FAULTS.index(kind)]

    assert fault.__doc__
    assert fault.numbers
    assert fault.sources


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({}, "missing required field `fault`; known faults: too-many-requests"),
        ({"fault": "slw"}, r"Invalid value 'slw' - at `\$.fault`; known faults"),
        ({"fault": "slow", "secs": 3}, "unknown field `secs`"),
        ({"fault": "slow", "seconds": -1}, r"at `\$.seconds`"),
        ({"fault": "slow", "probability": 2}, r"at `\$.probability`"),
        ({"fault": "page-size-clamp", "sizes": []}, r"at `\$.sizes`"),
        ({"fault": "server-error", "status": 200}, r"at `\$.status`"),
    ],
)
def test_fault_that_cannot_be_armed_names_the_place(spec: Mapping[str, object], message: str) -> None:
    with pytest.raises(FaultError, match=message):
        FaultBoard().arm(spec)


def test_disarming_what_is_not_armed_is_an_error() -> None:
    board = FaultBoard()
    fault_id = board.arm({"fault": "slow"})
    board.disarm(fault_id)

    assert board.list() == []
    with pytest.raises(FaultError, match="no fault is armed"):
        board.disarm(fault_id)


async def statuses(site: Site, count: int, path: str = ISSUE) -> list[int]:
    return [(await site.client.get(path)).status for _ in range(count)]


async def test_fault_strikes_the_first_times_after_those_it_skips() -> None:
    async with faulty_site() as site:
        fault_id = site.board.arm({"fault": "server-error", "skip": 1, "times": 2})

        assert await statuses(site, 5) == [200, 503, 503, 200, 200]
        assert site.board.struck(fault_id) == 2
        assert site.board.list()[0]["spent"] is True


async def test_fault_strikes_until_it_is_disarmed() -> None:
    async with faulty_site() as site:
        fault_id = site.board.arm({"fault": "server-error"})

        assert await statuses(site, 3) == [503, 503, 503]
        site.board.disarm(fault_id)
        assert await statuses(site, 1) == [200]


async def test_probability_is_drawn_the_same_way_for_a_seed() -> None:
    async with faulty_site() as site:
        drawn = []
        for _ in range(2):
            site.board.arm({"fault": "server-error", "probability": 0.5, "seed": 3})
            drawn.append(await statuses(site, 20))
            site.board.clear()

        assert drawn[0] == drawn[1]
        assert set(drawn[0]) == {200, 503}


async def test_fault_strikes_only_what_fits_all_conditions() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "server-error", "method": "PUT", "path": "**/issue/7", "body_has": "poison"})

        async def put(path: str, body: str) -> int:
            return (await site.client.put(path, json={"summary": body})).status

        assert await statuses(site, 1) == [200]
        assert await put("/rest/api/3/issue/8", "poison") == 200
        assert await put(ISSUE, "honey") == 200
        assert await put(ISSUE, "poisonous") == 503


async def test_fault_strikes_only_the_account_it_names() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "server-error", "account": "sync"})

        headers = {"Authorization": aiohttp.encode_basic_auth("other", "secret")}
        other = await site.client.get(ISSUE, headers=headers)

        assert other.status == 200
        assert await statuses(site, 1) == [503]


async def test_control_interface_is_never_struck() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "connection-reset"})

        assert (await site.client.get("/__simulator__/faults")).status == 200


async def test_faults_work_together_the_first_outermost() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "slow", "seconds": 2})
        site.board.arm({"fault": "server-error"})
        site.board.arm({"fault": "slow", "seconds": 9})

        assert await statuses(site, 1) == [503]
        assert site.waited == [2]
