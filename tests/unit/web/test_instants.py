"""Tasks show their instants as documented: in English, by the minute, in the zone of the installation."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from backbone.core.model.keys import Millis
from backbone.web.instants import instant, task_instant


def _at(*parts: int) -> Millis:
    year, month, day, hour, minute = parts
    return Millis(int(datetime(year, month, day, hour, minute, 59, tzinfo=UTC).timestamp() * 1000))


@pytest.mark.parametrize(
    ("at", "zone", "shown"),
    [
        (_at(2019, 4, 25, 7, 17), UTC, "Apr 25, 2019 -- 07:17 AM"),
        (_at(2019, 4, 25, 7, 17), ZoneInfo("Europe/Berlin"), "Apr 25, 2019 -- 09:17 AM"),
        (_at(2024, 12, 31, 23, 30), ZoneInfo("Asia/Kolkata"), "Jan 01, 2025 -- 05:00 AM"),
        (_at(2024, 3, 1, 0, 5), UTC, "Mar 01, 2024 -- 12:05 AM"),
        (_at(2024, 10, 9, 12, 0), UTC, "Oct 09, 2024 -- 12:00 PM"),
        (_at(2024, 5, 9, 23, 59), UTC, "May 09, 2024 -- 11:59 PM"),
    ],
)
def test_a_task_shows_its_instants_in_the_zone_of_the_installation(at: Millis, zone: tzinfo, shown: str) -> None:
    assert task_instant(at, zone) == shown


def test_a_document_shows_the_offset_without_a_colon() -> None:
    assert instant(Millis(1479133161000), ZoneInfo("Europe/Berlin")) == "2016-11-14T15:19:21+0100"
