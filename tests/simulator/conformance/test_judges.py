"""The judges of this folder notice what is wrong: an answer that was tampered with never passes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.simulator.asking import Reply
from tests.simulator.conformance.conftest import Travels
from tests.simulator.conformance.defects import reason_for
from tests.simulator.conformance.exchanges import Exchange, template_of
from tests.simulator.conformance.shapes import differences, shape_of
from tests.simulator.conformance.specifications import Specification, cloud_specification, server_specification

Json = Any  # a body that is tampered with
Tamper = Callable[[Json], None]


def invent(body: Json) -> None:
    body["fields"]["comment"]["comments"][0]["author"]["nickname"] = "x"
    body["nonsense"] = 1


def number_the_id(body: Json) -> None:
    body["id"] = int(body["id"])


def empty_the_history(body: Json) -> None:
    body["changelog"]["histories"] = {}


def _whole_issue(tours: Travels, flavour: str) -> Exchange:
    exchanges = tours(flavour, "10.3.17", "2")
    return next(e for e in exchanges if e.operation == "GET issue/{}" and "changelog" in e.reply.body)


def _tampered(exchange: Exchange, tamper: Tamper) -> Exchange:
    body = copy.deepcopy(exchange.reply.body)
    tamper(body)
    return replace(exchange, reply=Reply(exchange.reply.status, body, exchange.reply.headers))


@pytest.mark.parametrize(
    ("flavour", "specification"), [("cloud", cloud_specification), ("data-center", server_specification)]
)
@pytest.mark.parametrize(
    ("tamper", "where"),
    [
        (invent, "$.nonsense: undeclared"),
        (number_the_id, '$.id: type should be "string"'),
        (empty_the_history, '$.changelog.histories: type should be "array"'),
    ],
)
def test_a_tampered_answer_is_found_out(
    tours: Travels, flavour: str, specification: Callable[[], Specification], tamper: Tamper, where: str
) -> None:
    exchange = _tampered(_whole_issue(tours, flavour), tamper)
    assert f"GET issue/{{}} 200 {where}" in {str(f) for f in specification().findings(exchange)}


def test_a_status_that_no_document_knows_is_found_out(tours: Travels) -> None:
    exchange = _whole_issue(tours, "cloud")
    strange = replace(exchange, reply=Reply(418, exchange.reply.body, exchange.reply.headers))
    assert {f.what for f in cloud_specification().findings(strange)} == {"undocumented status"}


def test_recorded_shapes_tell_missing_keys_and_other_types() -> None:
    recorded = shape_of([[{"id": "1", "name": "a", "note": None}, {"id": "2", "name": "b"}]], {})
    assert differences(shape_of([[{"id": "7", "name": "c"}]], {}), recorded) == set()
    assert differences(shape_of([[{"id": 7, "note": "x"}]], {}), recorded) == {
        "$[].id: number instead of string",
        "$[].name: missing",
    }


def test_patterns_fit_whole_findings_and_templates_prefer_what_is_literal() -> None:
    assert reason_for("GET field 200 $.x: undeclared", {"GET field * undeclared": "a"}) == "GET field * undeclared"
    assert reason_for("GET field 200 $.x: undeclared", {"GET field": "a"}) is None
    assert template_of("issue/bulk", ["issue/{issue}", "issue/bulk"]) == "issue/bulk"
    assert template_of("issue/A-1/x", ["issue/{issue}"]) is None
