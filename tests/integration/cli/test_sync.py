"""`apply`, `plan` and `sync`: from a file to two projects in step."""

from __future__ import annotations

import pytest

from tests.integration.cli.conftest import Shell
from tests.integration.cli.served_jiras import ServedJiras


@pytest.mark.usefixtures("applied")
def test_an_issue_appears_on_the_other_side_with_everything(jiras: ServedJiras, shell: Shell) -> None:
    issue = jiras.anna.create("PA", "Bug", "The door squeaks", priority="High", labels=["door"])
    jiras.anna.comment(issue.key, "Since Monday.")
    jiras.anna.attach(issue.key, "door.txt", b"squeak")
    jiras.anna.transition(issue.key, "Finish")

    result = shell("sync", "--until-quiet")

    assert result.exit_code == 0, result.output
    assert "nothing is held back" in result.stdout
    (partner,) = jiras.beta.world.issues.values()
    assert partner.values["summary"] == "The door squeaks"
    assert jiras.beta.world.statuses[partner.status_id].name == "Closed"
    assert partner.comments[0].body.startswith("Anna Arendt wrote on ")
    assert [one.filename for one in partner.attachments] == ["door.txt"]
    assert shell.json("verify") == {"pairs": 1, "differences": [], "elsewhere": []}


@pytest.mark.usefixtures("applied")
def test_edits_of_both_sides_cross(jiras: ServedJiras, shell: Shell) -> None:
    jiras.anna.create("PA", "Task", "Ours")
    assert shell("sync").exit_code == 0
    jiras.anna.edit("PA-1", priority="Low")
    jiras.anna_at_beta.edit("PB-1", summary="Theirs")

    assert shell("sync").exit_code == 0
    assert jiras.summaries() == (["Theirs"], ["Theirs"])
    assert shell.json("verify")["differences"] == []


@pytest.mark.usefixtures("applied")
def test_what_a_plan_says_is_what_the_run_does_and_a_plan_writes_nothing(jiras: ServedJiras, shell: Shell) -> None:
    jiras.anna.create("PA", "Bug", "Paired", priority="High")
    assert shell("sync").exit_code == 0
    jiras.anna.edit("PA-1", priority="Low")
    jiras.anna.comment("PA-1", "A word")
    jiras.anna_at_beta.create("PB", "Task", "New there", description="With a text")
    before = (dict(jiras.acme.world.issues), dict(jiras.beta.world.issues))
    standing = shell.json("status")

    plan = shell.json("plan")

    assert (dict(jiras.acme.world.issues), dict(jiras.beta.world.issues)) == before
    assert shell.json("status") == standing
    assert {
        (one["connection"], one["kind"], one["issue"], one["what"], one["before"], one["after"])
        for one in plan["writes"]
    } >= {
        ("beta", "change", "PB-1", "Priority", "P1", "P3"),
        ("acme", "create", "PA-new1", "Task", "", "New there"),
        ("acme", "create", "PA-new1", "Description", "", "With a text"),
    }
    assert [one["kind"] for one in plan["writes"]].count("comment") == 1
    assert plan["problems"] == []
    assert plan["calls"]["beta"]["writes"] == 2
    assert shell("sync").exit_code == 0
    assert shell.json("plan")["writes"] == []


@pytest.mark.usefixtures("applied")
def test_calls_that_are_planned_are_calls_that_are_made(jiras: ServedJiras, shell: Shell) -> None:
    jiras.anna.create("PA", "Bug", "Paired", priority="High", labels=["one"])
    assert shell("sync").exit_code == 0
    jiras.anna.edit("PA-1", priority="Low", summary="Both in one request", labels=["two"])
    jiras.anna.comment("PA-1", "A comment")
    jiras.anna.attach("PA-1", "a.txt", b"a file")
    jiras.anna.transition("PA-1", "Finish")
    planned = shell.json("plan")["calls"]["beta"]["writes"]
    jiras.beta.calls.reset()

    assert shell("sync").exit_code == 0
    reads = {"POST search/jql", "POST issue/bulkfetch"}
    made = [name for name in jiras.beta.calls.endpoints() if not name.startswith("GET") and name not in reads]
    assert planned == sum(jiras.beta.calls.of(name) for name in made) == 5


@pytest.mark.usefixtures("applied")
def test_a_stopped_synchronization_catches_up(jiras: ServedJiras, shell: Shell) -> None:
    jiras.anna.create("PA", "Bug", "Old text")
    assert shell("sync").exit_code == 0
    assert "stopped" in shell("stop", "INT-1").stdout
    jiras.anna.edit("PA-1", summary="Edited meanwhile")

    refused = shell("sync")
    assert (refused.exit_code, "Run 'backbone start INT-1' first" in refused.stderr) == (2, True)

    assert "started" in shell("start", "A and B").stdout
    assert shell("sync").exit_code == 0
    assert jiras.summaries()[1] == ["Edited meanwhile"]
