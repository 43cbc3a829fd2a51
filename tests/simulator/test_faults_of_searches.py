"""Faults of searches strike as told: pages of other sizes, moving totals, repeated tokens, empty pages."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.simulator.faulty_site import ISSUES, Site, faulty_site

SEARCH = "/rest/api/3/search/jql"


async def page(site: Site, method: str, given: Mapping[str, str | int]) -> dict[str, object]:
    if method == "GET":
        answer = await site.client.get(SEARCH, params=dict(given))
    else:
        answer = await site.client.post(SEARCH, json=given)
    found = await answer.json()
    assert isinstance(found, dict)
    return found


async def pages(site: Site, method: str, most: int = 20, **given: str | int) -> list[list[str]]:
    """All pages, as a client follows tokens that has no guard; gives up after ``most``."""
    found: list[list[str]] = []
    token: object = ""
    while len(found) < most:
        answer = await page(site, method, {**given, **({"nextPageToken": str(token)} if token else {})})
        issues = answer["issues"]
        assert isinstance(issues, list)
        found.append([issue["id"] for issue in issues])
        if "nextPageToken" not in answer:
            break
        token = answer["nextPageToken"]
    return found


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_page_size_changes_from_one_request_to_the_next(method: str) -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "page-size-clamp", "sizes": [1, 4]})

        assert [len(issues) for issues in await pages(site, method, maxResults=5)] == [1, 4, 1, 1]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_page_size_is_never_raised(method: str) -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "page-size-clamp", "sizes": [100]})

        assert [len(issues) for issues in await pages(site, method, maxResults=6)] == [6, 1]


async def test_total_moves_from_page_to_page_where_there_is_one() -> None:
    async with faulty_site() as site:
        fault_id = site.board.arm({"fault": "moving-total", "step": -2})

        totals = [(await page(site, "GET", {"startAt": start}))["total"] for start in (0, 3, 6)]

        assert totals == [7, 5, 3]
        assert "total" not in await page(site, "GET", {})
        assert site.board.struck(fault_id) == 3


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_repeated_token_leads_to_the_same_page_again(method: str) -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "repeated-page-token"})

        assert await pages(site, method) == [["1", "2", "3"], ["4", "5", "6"], ["4", "5", "6"], ["7"]]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_repeated_token_for_ever_never_ends(method: str) -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "repeated-page-token", "times": None})

        assert len(await pages(site, method, most=12)) == 12


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("spec", "sizes"), [({}, [0, 3, 0, 3, 0, 1]), ({"times": 1}, [0, 3, 3, 1]), ({"skip": 1, "times": 1}, [3, 0, 3, 1])]
)
async def test_empty_page_loses_no_issue(method: str, spec: Mapping[str, object], sizes: list[int]) -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "empty-page", **spec})
        found = await pages(site, method)

        assert [len(issues) for issues in found] == sizes
        assert [issue for issues in found for issue in issues] == [issue["id"] for issue in ISSUES]
