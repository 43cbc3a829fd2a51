"""How documents show instants: ``2016-11-14T15:19:21+0100``, and tasks ``Apr 25, 2019 -- 07:17 AM``."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from backbone.core.model.keys import Millis


def instant(at: Millis, zone: tzinfo = UTC) -> str:
    """The instant in the zone, by the second, with the offset without a colon.

    >>> instant(Millis(1479133161000))
    '2016-11-14T14:19:21+0000'
    """
    return datetime.fromtimestamp(at // 1000, zone).strftime("%Y-%m-%dT%H:%M:%S%z")


_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def task_instant(at: Millis, zone: tzinfo = UTC) -> str:
    """The instant in the zone, by the minute and in English, whatever language the machine speaks.

    >>> task_instant(Millis(1556176620000))
    'Apr 25, 2019 -- 07:17 AM'
    """
    local = datetime.fromtimestamp(at // 1000, zone)
    half = "AM" if local.hour < 12 else "PM"
    return f"{_MONTHS[local.month - 1]} {local.day:02d}, {local.year} -- {local.hour % 12 or 12:02d}:{local.minute:02d} {half}"
