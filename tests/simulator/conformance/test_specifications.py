"""The pretend Jira against Atlassian's own descriptions of the interface: operations, statuses and shapes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from backbone.simulator.flavour import Traits, cloud, data_center
from tests.simulator.conformance import defects
from tests.simulator.conformance.conftest import Travels
from tests.simulator.conformance.exchanges import Exchange, served, shape
from tests.simulator.conformance.specifications import (
    Specification,
    cloud_specification,
    data_center_specification,
    server_specification,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A product as it is toured, the document that it is held against, and what is known to differ."""

    name: str
    flavour: str
    tours: tuple[tuple[str, str], ...]
    specification: Callable[[], Specification]
    reasons: defects.Reasons

    def traits(self) -> list[Traits]:
        return [cloud() if self.flavour == "cloud" else data_center(version) for version, _ in self.tours]

    def exchanges(self, tours: Travels) -> list[Exchange]:
        return [e for version, api in self.tours for e in tours(self.flavour, version, api)]


CASES = (
    Case(
        name="cloud",
        flavour="cloud",
        tours=(("10.3.17", "2"), ("10.3.17", "3")),
        specification=cloud_specification,
        reasons=defects.CLOUD,
    ),
    Case(
        name="data-center",
        flavour="data-center",
        tours=(("10.3.17", "2"),),
        specification=data_center_specification,
        reasons=defects.DATA_CENTER,
    ),
    Case(
        name="server",
        flavour="data-center",
        tours=(("8.20.30", "2"), ("10.3.17", "2")),
        specification=server_specification,
        reasons=defects.SERVER,
    ),
)
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@every_case
def test_every_operation_is_one_of_jira_or_has_a_reason(case: Case) -> None:
    specification = case.specification()
    unknown = {
        f"{case.name} {method} {shape(path)}"
        for traits in case.traits()
        for method, path in served(traits)
        if specification.operation(f"{method} {shape(path)}") is None
    }
    assert unknown == _of(case, defects.UNKNOWN_OPERATIONS)


@every_case
def test_every_query_parameter_is_one_of_jira_or_has_a_reason(case: Case) -> None:
    specification = case.specification()
    unknown = set()
    for traits in case.traits():
        for (method, path), endpoint in served(traits).items():
            operation = specification.operation(f"{method} {shape(path)}")
            taken = endpoint.parameters(traits) or frozenset()
            extra = taken - operation.parameters if operation is not None else frozenset[str]()
            unknown |= {f"{case.name} {method} {shape(path)} {name}" for name in extra}
    assert unknown == _of(case, defects.UNKNOWN_PARAMETERS)


def _of(case: Case, reasons: defects.Reasons) -> set[str]:
    return {entry for entry in reasons if entry.startswith(f"{case.name} ")}


@every_case
def test_every_answer_has_the_documented_shape(case: Case, tours: Travels) -> None:
    specification = case.specification()
    found = {str(finding) for e in case.exchanges(tours) for finding in specification.findings(e)}
    explained = {text: defects.reason_for(text, case.reasons) for text in found}
    assert sorted(text for text, reason in explained.items() if reason is None) == []
    assert set(explained.values()) == set(case.reasons), "a named difference no longer exists"


@every_case
def test_the_tour_sees_every_endpoint_accept_and_refuse(case: Case, tours: Travels) -> None:
    exchanges = case.exchanges(tours)
    visited = {e.operation for e in exchanges if e.reply.status < 400}
    gone = {"GET issue/createmeta", "GET search", "POST search"}
    for traits in case.traits():
        assert {f"{method} {shape(path)}" for method, path in served(traits)} - visited <= gone
    assert {400, 401, 403, 404, 415} <= {e.reply.status for e in exchanges}


ERROR_COLLECTION = {"errorMessages", "errors"}
WORDED_OTHERWISE = {"message", "status-code"}


@every_case
def test_every_refusal_is_worded_as_jira_words_it(case: Case, tours: Travels) -> None:
    for exchange in case.exchanges(tours):
        if exchange.reply.status < 400 or not exchange.is_json:
            continue
        body = exchange.reply.body
        if body.keys() == {"issues", "errors"} and exchange.operation == "POST issue/bulk":
            continue  # the schema of the operation judges it
        assert body.keys() in (ERROR_COLLECTION, WORDED_OTHERWISE), exchange
        if body.keys() == ERROR_COLLECTION:
            assert all(isinstance(text, str) for text in body["errorMessages"]), exchange
            assert all(isinstance(text, str) for text in body["errors"].values()), exchange
            assert body["errorMessages"] or body["errors"], exchange


PARTS = {
    "status": "StatusDetails",
    "priority": "Priority",
    "issuetype": "IssueTypeDetails",
    "project": "ProjectDetails",
    "assignee": "UserDetails",
    "reporter": "UserDetails",
    "creator": "UserDetails",
    "comment": "PageOfComments",
    "worklog": "PageOfWorklogs",
    "votes": "Votes",
    "watches": "Watchers",
    "resolution": "Resolution",
    "timetracking": "TimeTrackingDetails",
}


def test_fields_of_cloud_issues_have_the_shapes_of_their_things(tours: Travels) -> None:
    specification, seen, found = cloud_specification(), set(), set()
    for version, api in CASES[0].tours:
        for exchange in tours("cloud", version, api):
            for fields in _fields_of(exchange):
                for name, schema in PARTS.items():
                    if fields.get(name) is not None:
                        seen.add(name)
                        found |= specification.findings_of_part(exchange, schema, fields[name], f"$..{name}")
                for attachment in fields.get("attachment", ()):
                    found |= specification.findings_of_part(exchange, "Attachment", attachment, "$..attachment[]")
    assert sorted(map(str, found)) == []
    assert seen == set(PARTS)


def _fields_of(exchange: Exchange) -> list[dict[str, Any]]:
    body = exchange.reply.body
    if exchange.reply.status != 200 or not isinstance(body, dict):
        return []
    issues = [body, *body.get("issues", ())] if exchange.operation.startswith(("GET issue/{}", "POST search")) else []
    return [issue["fields"] for issue in issues if isinstance(issue.get("fields"), dict) and "id" in issue]


def test_version_two_speaks_wiki_text_and_version_three_documents(tours: Travels) -> None:
    for api, kind in (("2", str), ("3", dict)):
        exchanges = tours("cloud", "10.3.17", api)
        comments = [e.reply.body for e in exchanges if e.operation == "POST issue/{}/comment" and e.reply.status == 201]
        texts = [f["description"] for e in exchanges for f in _fields_of(e) if f.get("description")]
        assert comments
        assert texts
        assert all(isinstance(comment["body"], kind) for comment in comments)
        assert all(isinstance(text, kind) for text in texts)
