"""The pretend Jira against answers that were recorded at real ones: the same keys, with values of the same types."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.conformance import sample_differences
from tests.simulator.conformance.conftest import Travels
from tests.simulator.conformance.defects import reason_for
from tests.simulator.conformance.shapes import Shape, differences, from_json, kinds_of, merged, shape_of

Json = Any  # bodies of answers

SHAPES = Path(__file__).parent / "samples" / "shapes.json"
CLOUD = ("cloud", "10.3.17", "2")
CLOUD_3 = ("cloud", "10.3.17", "3")
SERVER = ("data-center", "8.20.30", "2")
DATA_CENTER = ("data-center", "10.3.17", "2")


def whole(body: Json) -> Json:
    return body


def values(body: Json) -> Json:
    return body["values"]


def alone(body: Json) -> Json:
    return [body]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Recorded answers of one kind, and what of our answers they are held against."""

    samples: str
    tour: tuple[str, str, str]
    operation: str
    part: Callable[[Json], Json] = whole


COMPARISONS = (
    Comparison(samples="cloud/serverinfo", tour=CLOUD, operation="GET serverInfo"),
    Comparison(samples="cloud/statuses", tour=CLOUD, operation="GET status"),
    Comparison(samples="cloud/issuetypes", tour=CLOUD, operation="GET issuetype"),
    Comparison(samples="cloud/projects", tour=CLOUD, operation="GET project/search", part=values),
    Comparison(samples="cloud/project", tour=CLOUD, operation="GET project/{}"),
    Comparison(samples="cloud/users", tour=CLOUD, operation="GET user", part=alone),
    Comparison(samples="cloud/changelog-entries", tour=CLOUD_3, operation="GET issue/{}/changelog", part=values),
    Comparison(
        samples="cloud/issue-v2 cloud/agile-issue-with-changelog-and-comments", tour=CLOUD, operation="GET issue/{}"
    ),
    Comparison(samples="cloud/createmeta-expanded-many-fields", tour=CLOUD, operation="GET issue/createmeta"),
    Comparison(samples="server/attachment", tour=DATA_CENTER, operation="GET attachment/{}"),
    Comparison(samples="server/votes", tour=DATA_CENTER, operation="GET issue/{}/votes"),
    Comparison(samples="server/fields", tour=DATA_CENTER, operation="GET field"),
    Comparison(samples="server/project", tour=DATA_CENTER, operation="GET project/{}"),
    Comparison(samples="server/mypermissions", tour=DATA_CENTER, operation="GET mypermissions"),
    Comparison(samples="server/transitions", tour=DATA_CENTER, operation="GET issue/{}/transitions"),
    Comparison(samples="server/search", tour=DATA_CENTER, operation="POST search"),
    Comparison(
        samples="server/issue-all-expanded server/issue-with-changelog server/agile-issue-with-links",
        tour=DATA_CENTER,
        operation="GET issue/{}",
    ),
    Comparison(
        samples="server/createmeta-expanded server/createmeta-expanded-many-fields",
        tour=SERVER,
        operation="GET issue/createmeta",
    ),
    Comparison(samples="server/createmetav9", tour=DATA_CENTER, operation="GET issue/createmeta/{}/issuetypes"),
)


def recorded(samples: str) -> Shape:
    shapes = json.loads(SHAPES.read_text())
    return merged(from_json(shapes[name]) for name in samples.split())


@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda comparison: comparison.samples)
def test_answers_have_the_shape_of_recorded_ones(comparison: Comparison, tours: Travels) -> None:
    bodies = [
        exchange.reply.body
        for exchange in tours(*comparison.tour)
        if exchange.operation == comparison.operation and exchange.reply.status == 200
    ]
    kinds = kinds_of(bodies)
    ours = shape_of((comparison.part(body) for body in bodies), kinds)
    found = differences(ours, recorded(comparison.samples))
    reasons = sample_differences.BY_SAMPLE.get(comparison.samples, {})
    explained = {text: reason_for(text, reasons) for text in found}
    assert sorted(text for text, reason in explained.items() if reason is None) == []
    assert set(explained.values()) == set(reasons), "a named difference no longer exists"
