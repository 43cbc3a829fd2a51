"""What an answer means before its data is looked at."""

from __future__ import annotations

import pytest

from backbone.adapters.jira.answers import Answer, Fail, Stop, Usable, Wait, judge, refusal_of
from backbone.adapters.jira.codec.refusals import failed_elements
from backbone.adapters.jira.create import outcomes
from backbone.adapters.jira.flavour import Flavour, cloud, data_center
from backbone.adapters.jira.query import Position, found_from_json
from backbone.core.model.keys import FieldId, Millis
from backbone.core.model.problems import Code
from backbone.ports.tracker import AccessError, Created, OutcomeUnknown, Refusal, TransientError
from tests.unit.adapters.jira.samples_read import sample

JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}


def answer(status: int, body: bytes = b"{}", headers: dict[str, str] | None = None, *, write: bool = False) -> Answer:
    at = Millis(1_767_229_200_000)
    return Answer(
        status=status, headers=headers or JSON, body=body, at=at, as_of=Millis(at - 3000), write=write, name="GET x"
    )


def verdict(found: Answer, *, due: bool = True) -> Usable | Wait | Stop | Fail:
    return judge(found, due=due, refusals=1)


@pytest.mark.parametrize("status", [200, 201, 204, 400, 403, 404, 413])
def test_data_and_reasoned_refusals_are_for_the_caller(status: int) -> None:
    assert verdict(answer(status)) == Usable()


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (200, b"<!doctype html>", HTML),
        (200, b"", JSON),
        (200, b"  <html>", JSON),
        (404, b"<html>", HTML),
        (404, b"not here", {"Content-Type": "text/plain"}),
        (400, b"", JSON),
        (500, b"{}", JSON),
        (502, b"<html>", HTML),
        (503, b"", {}),
        (409, b"{}", JSON),
    ],
)
def test_what_is_no_data_is_never_taken_for_it(status: int, body: bytes, headers: dict[str, str]) -> None:
    found = verdict(answer(status, body, headers))

    assert isinstance(found, Fail)
    assert type(found.error) is TransientError


@pytest.mark.parametrize("status", [200, 500, 502, 503, 504])
def test_a_write_without_a_proper_answer_may_have_happened(status: int) -> None:
    found = verdict(answer(status, b"<html>", HTML, write=True))

    assert isinstance(found, Fail)
    assert isinstance(found.error, OutcomeUnknown)


@pytest.mark.parametrize("status", [400, 404, 409])
def test_a_write_that_was_turned_down_did_not_happen(status: int) -> None:
    found = verdict(answer(status, b"<html>", HTML, write=True))

    assert isinstance(found, Fail)
    assert type(found.error) is TransientError


def test_too_many_requests_make_the_host_wait_and_did_nothing() -> None:
    found = verdict(answer(429, b"<html>Oops", {**HTML, "Retry-After": "7"}, write=True))

    assert isinstance(found, Wait)
    assert found.seconds == 7.0
    assert type(found.error) is TransientError
    assert found.error.retry_after == 7.0


def test_too_many_writes_to_an_issue_do_not_make_the_host_wait() -> None:
    headers = {"RateLimit-Reason": "jira-per-issue-on-write", "Retry-After": "2"}
    found = verdict(answer(429, b"", headers, write=True))

    assert isinstance(found, Fail)
    assert isinstance(found.error, TransientError)
    assert found.error.retry_after == 2.0


def test_an_account_without_any_calls_needs_an_administrator() -> None:
    assert isinstance(verdict(answer(429, b"", {"Retry-After": "9223372036854775807"})), Stop)


def test_a_503_may_ask_for_quiet() -> None:
    found = verdict(answer(503, b"", {"Retry-After": "20"}))

    assert isinstance(found, Wait)
    assert found.seconds == 20.0


@pytest.mark.parametrize(
    ("status", "headers", "code"),
    [
        (401, {}, Code.LOGIN_REFUSED),
        (403, {"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=https://x"}, Code.CAPTCHA),
        (200, {"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=https://x"}, Code.CAPTCHA),
        (403, {"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"}, Code.CAPTCHA),
        (200, {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}, Code.LOGIN_REFUSED),
        (200, {"X-AUSERNAME": "anonymous"}, Code.LOGIN_REFUSED),
        (302, {"Location": "https://jira.acme.example/login.jsp?os_destination=x"}, Code.LOGIN_REFUSED),
    ],
)
def test_a_refused_login_stops_the_host(status: int, headers: dict[str, str], code: Code) -> None:
    found = verdict(answer(status, b"{}", {**JSON, **headers}))

    assert isinstance(found, Stop)
    assert found.error.code is code


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (answer(401, b'{"code":401,"message":"Unauthorized; scope does not match"}'), Code.PERMISSION_MISSING),
        (answer(403, b"XSRF check failed", {"Content-Type": "text/html"}), Code.PERMISSION_MISSING),
        (answer(403, b"<html>", HTML), Code.PERMISSION_MISSING),
        (answer(410, b"{}"), Code.DEFECT),
        (answer(302, b"", {"Location": "https://new.acme.example/x?token=secret"}), Code.HOST_UNREACHABLE),
    ],
)
def test_what_only_an_administrator_cures_stops_this_call_only(found: Answer, code: Code) -> None:
    judged = verdict(found)

    assert isinstance(judged, Fail)
    assert isinstance(judged.error, AccessError)
    assert judged.error.code is code
    assert "secret" not in judged.error.cause


@pytest.mark.parametrize("body", [b'{"issues": [', b"[]", b"\xff", b"[" * 5000])
def test_broken_json_is_no_data(body: bytes) -> None:
    with pytest.raises(TransientError):
        answer(200, body).decode(dict[str, int])
    with pytest.raises(OutcomeUnknown):
        answer(200, body, write=True).decode(dict[str, int])


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb'"cut \ud83d"', "cut \ufffd"),
        (rb'"\ude00 cut"', "\ufffd cut"),
        (rb'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600"),
        (rb'"whole \ud83d\ude00"', "whole \U0001f600"),
        (rb'"no escape \\ud83d, but \ud83d"', "no escape \\ud83d, but \ufffd"),
    ],
)
def test_half_an_emoji_makes_no_answer_unreadable(body: bytes, text: str) -> None:
    assert answer(200, body).decode(str) == text


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (sample("server-error-2.json"), Refusal(messages=("a", "b", "xxx"))),
        (sample("server-error-4.json"), Refusal(messages=("a", "b"), fields={FieldId("a"): "y", FieldId("c"): "z"})),
        (b'{"message": "no", "status-code": 403}', Refusal(messages=("no",))),
        (b'"no"', Refusal(messages=("no",))),
        (b"no", Refusal()),
        (b'{"errorMessages": null, "errors": null}', Refusal()),
    ],
)
def test_jira_says_no_in_many_shapes(body: bytes, refusal: Refusal) -> None:
    assert refusal_of(answer(400, body)) == refusal


def test_long_words_are_cut() -> None:
    assert len(refusal_of(answer(400, b'{"errorMessages": ["' + b"x" * 9000 + b'"]}')).messages[0]) == 500


PARTIAL = b"""{"issues": [{"id": "1", "key": "A-1"}, {"id": "2", "key": "A-2"}],
 "errors": [{"status": 400, "elementErrors": {"errorMessages": [], "errors": {"summary": "too long"}},
             "failedElementNumber": 1}]}"""


def test_a_partly_refused_batch_is_mapped_by_number() -> None:
    results = outcomes(answer(201, PARTIAL, write=True), 3)

    shown = [each.ref.key if isinstance(each, Created) else dict(each.fields) for each in results]
    assert shown == ["A-1", {"summary": "too long"}, "A-2"]


@pytest.mark.parametrize("form", [b'{"issues": [], "errors": %s}', b"%s"])
def test_a_wholly_refused_batch_has_a_reason_for_each(form: bytes) -> None:
    errors = b'[{"elementErrors": {"errorMessages": ["no"]}, "failedElementNumber": 0}, {"failedElementNumber": 1}]'

    first, second = outcomes(answer(400, form % errors, write=True), 2)

    assert first == Refusal(messages=("no",))
    assert isinstance(second, Refusal)


def test_a_batch_that_was_refused_as_such_is_refused_for_each() -> None:
    assert outcomes(answer(400, b'{"errorMessages": ["bad"]}', write=True), 2) == [Refusal(messages=("bad",))] * 2


def test_a_batch_that_misses_an_issue_has_an_unknown_outcome() -> None:
    with pytest.raises(OutcomeUnknown):
        outcomes(answer(201, PARTIAL, write=True), 4)


def test_errors_without_a_number_belong_to_no_element() -> None:
    assert failed_elements(b'{"errors": [{"status": 400}, 7]}') == {}


@pytest.mark.parametrize("flavour", [data_center((10, 3, 17)), cloud((1001, 0, 0))])
def test_what_a_search_tells_is_as_old_as_its_question(flavour: Flavour) -> None:
    """Else an edit made while a slow answer was on its way counts as seen (rule 17)."""
    found = found_from_json(answer(200, b'{"issues": [], "total": 0}'), Position(), flavour)
    assert found.at == 1_767_229_197_000


@pytest.mark.parametrize("fields", [b"", b', "fields": null'])
def test_where_only_ids_were_asked_for_nothing_else_has_to_come(fields: bytes) -> None:
    body = b'{"issues": [{"id": "10001"' + fields + b'}], "isLast": true}'

    found = found_from_json(answer(200, body), Position(), cloud((1001, 0, 0)))

    assert [each.id for each in found.issues] == ["10001"]
