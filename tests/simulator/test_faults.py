"""Every fault strikes as told, and only then."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp
import pytest
from aiohttp import web

from tests.simulator.faulty_site import Site, faulty_site

ISSUE = "/rest/api/3/issue/7"
SEARCH = "/rest/api/3/search/jql"
FILE = "/secure/attachment/1/a.bin"


REFUSALS: tuple[tuple[Mapping[str, object], str, int, Mapping[str, str], str], ...] = (
    ({"fault": "too-many-requests"}, "GET", 429, {"Retry-After": "1"}, "Rate limit exceeded."),
    ({"fault": "too-many-requests", "retry_after": 0}, "GET", 429, {"Retry-After": "0"}, "Rate limit"),
    (
        {"fault": "too-many-requests", "retry_after": None, "reset_in": 120, "reason": "jira-burst-based"},
        "GET",
        429,
        {"X-RateLimit-Reset": "2026-03-01T10:02Z", "RateLimit-Reason": "jira-burst-based"},
        "Rate limit",
    ),
    ({"fault": "too-many-requests", "body": "html"}, "GET", 429, {"Content-Type": "text/html; charset=UTF-8"}, "Oops"),
    ({"fault": "server-error", "retry_after": 9}, "GET", 503, {"Retry-After": "9"}, ""),
    ({"fault": "server-error", "status": 504, "body": "html"}, "GET", 504, {}, "<html>"),
    ({"fault": "html-instead"}, "GET", 200, {"Content-Type": "text/html; charset=UTF-8"}, "login-form"),
    ({"fault": "html-instead", "status": 401, "page": "second-factor"}, "GET", 401, {}, "Two-factor"),
    ({"fault": "session-expired"}, "GET", 401, {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}, "authenticated"),
    ({"fault": "captcha"}, "GET", 403, {"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"}, "<html>"),
    ({"fault": "basic-refused"}, "GET", 401, {}, "Basic authentication is disabled"),
    ({"fault": "invisible"}, "GET", 404, {}, "does not exist or you do not have permission to see it"),
    ({"fault": "refused-fields", "errors": {"labels": "No blanks."}}, "PUT", 400, {}, '{"labels": "No blanks."}'),
    ({"fault": "conflict"}, "PUT", 409, {}, "another request"),
    ({"fault": "endpoint-removed"}, "GET", 410, {}, "The requested API has been removed."),
    ({"fault": "endpoint-removed", "status": 404}, "GET", 404, {}, "<html>"),
)


@pytest.mark.parametrize(("spec", "method", "status", "headers", "text"), REFUSALS)
async def test_refusal_answers_and_nothing_is_done(
    spec: Mapping[str, object], method: str, status: int, headers: Mapping[str, str], text: str
) -> None:
    async with faulty_site() as site:
        site.board.arm(spec)

        answer = await site.client.request(method, ISSUE)

        assert answer.status == status
        assert text in await answer.text()
        assert {name: answer.headers.get(name) for name in headers} == headers
        assert site.done == []


async def test_absent_retry_after_is_absent() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "too-many-requests", "retry_after": None})

        assert "Retry-After" not in (await site.client.get(ISSUE)).headers


async def test_captcha_can_hide_in_the_headers_of_a_good_answer() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "captcha", "status": 200})

        answer = await site.client.get(ISSUE)

        assert (await answer.json())["id"] == "7"
        assert answer.headers["X-Authentication-Denied-Reason"].startswith("CAPTCHA_CHALLENGE; login-url=http")


async def test_stale_cookie_spoils_a_good_login() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "stale-session-cookie"})

        first = await site.client.get(ISSUE)
        with_cookie = await site.client.get(ISSUE, cookies={"JSESSIONID": first.cookies["JSESSIONID"].value})
        site.client.session.cookie_jar.clear()
        without = await site.client.get(ISSUE)

        assert [first.status, with_cookie.status, without.status] == [200, 401, 200]


async def test_tokens_pass_where_passwords_are_refused() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "basic-refused"})

        assert (await site.client.get(ISSUE, headers={"Authorization": "Bearer token"})).status == 200


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {"User-Agent": "Mozilla/5.0"}, 200),
        ("PUT", {"User-Agent": "Mozilla/5.0"}, 403),
        ("PUT", {"User-Agent": "backbone/1"}, 200),
        ("PUT", {"User-Agent": "Mozilla/5.0", "X-Atlassian-Token": "no-check"}, 200),
    ],
)
async def test_xsrf_check_stops_writes_of_browsers(method: str, headers: Mapping[str, str], status: int) -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "xsrf-check"})

        assert (await site.client.request(method, ISSUE, headers=headers)).status == status


@pytest.mark.parametrize(("headers", "status"), [({}, 403), ({"X-Atlassian-Token": "no-check"}, 200)])
async def test_xsrf_check_wants_a_header_with_uploads(headers: Mapping[str, str], status: int) -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "xsrf-check"})
        form = aiohttp.FormData()
        form.add_field("file", b"bytes", filename="a.bin")

        assert (await site.client.post(f"{ISSUE}/attachments", data=form, headers=headers)).status == status


async def test_reset_connection_leaves_nothing_done() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "connection-reset"})

        with pytest.raises(aiohttp.ClientConnectionError):
            await site.client.put(ISSUE, json={})

        assert site.done == []


@pytest.mark.parametrize(("how", "waited"), [("drop", []), ("time-out", [77])])
async def test_lost_answer_leaves_the_write_done(how: str, waited: list[float]) -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "answer-lost", "how": how, "seconds": 77})

        with pytest.raises(aiohttp.ClientConnectionError):
            await site.client.put(ISSUE, json={})

        assert site.done == ["PUT 7"]
        assert site.waited == waited


async def test_gateway_loses_patience_though_the_write_is_done() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "answer-lost", "how": "gateway"})

        answer = await site.client.put(ISSUE, json={})

        assert (answer.status, answer.content_type) == (504, "text/html")
        assert site.done == ["PUT 7"]


async def test_empty_answer_hides_a_write_that_is_done() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "empty-answer"})

        answer = await site.client.put(ISSUE, json={})

        assert (answer.status, await answer.read()) == (200, b"")
        assert site.done == ["PUT 7"]


async def test_cut_body_is_properly_framed() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "broken-body", "keep": 0.3})

        answer = await site.client.get(FILE)

        assert await answer.read() == b"012"


@pytest.mark.parametrize("shape", ["short", "unfinished-chunks", "bad-chunk"])
@pytest.mark.parametrize("keep", [0, 0.5])
async def test_broken_body_is_noticed_by_a_good_client(shape: str, keep: float) -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "broken-body", "shape": shape, "keep": keep})

        with pytest.raises(aiohttp.ClientError):
            await (await site.client.get(FILE)).read()


async def test_attachment_faults_leave_the_rest_alone() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "attachment-truncated", "times": 1})
        site.board.arm({"fault": "attachment-login-page", "skip": 1, "times": 1})
        site.board.arm({"fault": "login-redirect", "skip": 2})

        assert (await site.client.get(ISSUE)).status == 200
        assert await (await site.client.get(FILE)).read() == b"01234"
        page = await site.client.get(FILE)
        assert (page.status, page.content_type) == (200, "text/html")
        redirect = await site.client.get(FILE, allow_redirects=False)
        assert redirect.status == 302
        assert redirect.headers["Location"].startswith("/login.jsp?")


async def test_truncated_download_strikes_the_bytes_and_not_the_way_to_them() -> None:
    async with faulty_site() as site:
        fault_id = site.board.arm({"fault": "attachment-truncated", "times": 1})

        redirect = await site.client.get("/rest/api/3/attachment/content/1", allow_redirects=False)

        assert redirect.status == 303
        assert site.board.struck(fault_id) == 0
        assert await (await site.client.get(FILE)).read() == b"01234"
        assert site.board.struck(fault_id) == 1


async def test_slow_answer_comes_after_a_wait() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "slow", "seconds": 30})

        assert (await site.client.put(ISSUE, json={})).status == 200
        assert site.waited == [30]


async def test_dribbled_answer_is_whole_in_the_end() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "dribble", "pieces": 4, "seconds": 3})

        answer = await site.client.get(FILE)

        assert await answer.read() == b"0123456789"
        assert site.waited == [3, 3, 3, 3]


async def test_date_header_is_ahead_of_the_clock() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "date-skew", "seconds": 3600})

        assert (await site.client.get(ISSUE)).headers["Date"] == "Sun, 01 Mar 2026 11:00:00 GMT"


async def test_stale_read_repeats_what_was_true_before() -> None:
    async with faulty_site() as site:
        fault_id = site.board.arm({"fault": "stale-read"})
        await site.client.get(ISSUE)
        site.summary = "second"

        stale = await (await site.client.get(ISSUE)).json()
        site.board.disarm(fault_id)
        fresh = await (await site.client.get(ISSUE)).json()

        assert (stale["summary"], fresh["summary"]) == ("first", "second")


async def bulk(site: Site, updates: list[dict[str, str]]) -> tuple[int, dict[str, object]]:
    answer = await site.client.post("/rest/api/3/issue/bulk", json={"issueUpdates": updates})
    return answer.status, await answer.json()


async def test_bulk_create_fails_for_some_elements_and_keeps_their_numbers() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "partial-bulk-create", "elements": [1], "field": "summary", "message": "No."})

        status, answer = await bulk(site, [{"summary": "a"}, {"summary": "b"}, {"summary": "c"}, {}])

        assert status == 201
        assert site.done == ["a", "c"]
        assert answer["issues"] == [{"id": "a"}, {"id": "c"}]
        assert answer["errors"] == [
            {
                "status": 400,
                "elementErrors": {"errorMessages": [], "errors": {"summary": "No."}},
                "failedElementNumber": 1,
            },
            {"status": 400, "elementErrors": {}, "failedElementNumber": 3},
        ]


async def test_bulk_create_of_which_nothing_is_left_is_400_with_a_list() -> None:
    async with faulty_site() as site:
        site.board.arm({"fault": "partial-bulk-create", "elements": [0, 1]})

        status, answer = await bulk(site, [{"summary": "a"}, {"summary": "b"}])

        errors = answer["errors"]
        assert status == 400
        assert site.done == []
        assert isinstance(errors, list)
        assert [error["elementErrors"]["errorMessages"] for error in errors] == [["Refused by a validator."]] * 2


async def test_write_can_be_raced_and_watched_until_the_callback_is_removed() -> None:
    async with faulty_site() as site:

        async def race(request: web.Request, operation: str) -> None:
            site.done.append(f"race {operation} {request.match_info['id']}")

        remove = site.board.on_before_write(race)
        site.board.on_after_write(race)
        await site.client.put(ISSUE, json={})
        remove()
        await site.client.put(ISSUE, json={})

        assert site.done == ["race edit 7", "PUT 7", "race edit 7", "PUT 7", "race edit 7"]
