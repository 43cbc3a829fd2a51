"""The audit log has what differs, and no secret."""

from __future__ import annotations

from backbone.app.access.auditing import HIDDEN, differences, entry_of
from backbone.app.access.caller import Caller
from backbone.core.model.keys import Millis
from tests.architecture.sources import sources_under


def test_only_what_differs_is_recorded_however_deep() -> None:
    before = {"name": "A", "first": {"jql": "x", "project": "PA"}, "gone": 1}
    after = {"name": "A", "first": {"jql": "y", "project": "PA"}, "new": [1, 2]}

    assert differences(before, after) == ({"first": {"jql": "x"}, "gone": 1}, {"first": {"jql": "y"}, "new": [1, 2]})


def test_secrets_are_hidden_wherever_they_are_but_not_where_they_are_found() -> None:
    before = {"connection": {"password": "old-secret", "apiToken": ["a", "b"]}}
    after = {"connection": {"password": {"env": "JIRA_PASSWORD"}, "apiToken": "new-secret"}}

    gone, come = differences(before, after)

    assert gone == {"connection": {"password": HIDDEN, "apiToken": [HIDDEN, HIDDEN]}}
    assert come == {"connection": {"password": {"env": "JIRA_PASSWORD"}, "apiToken": HIDDEN}}


def test_entries_are_made_in_one_place_that_hides_and_cuts() -> None:
    """Sessions have neither documents nor, when they end, a caller."""
    making = [one.name for one in sources_under("src/backbone/app") if "AuditEntry(" in one.text]

    assert making == ["src/backbone/app/access/auditing.py", "src/backbone/app/access/sessions.py"]


def test_long_texts_are_cut() -> None:
    _, come = differences({}, {"description": "x" * 10_000})

    assert len(str(come["description"])) == 500


def test_an_entry_says_who_and_from_where() -> None:
    caller = Caller(name="local:anna", shown="anna", address="192.0.2.1")

    entry = entry_of(
        caller, "integration.start", "INT-1", Millis(7), before={"running": False}, after={"running": True}
    )

    assert (entry.who, entry.address, entry.what, entry.about, entry.at) == (
        "local:anna",
        "192.0.2.1",
        "integration.start",
        "INT-1",
        7,
    )
    assert (entry.before, entry.after) == ({"running": False}, {"running": True})
