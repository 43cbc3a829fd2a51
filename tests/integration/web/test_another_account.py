"""Another account for one synchronization: its calls wait for the credentials, others go on, and nothing is lost."""

from __future__ import annotations

import pytest

from backbone.app.declaration.reading import declaration_from
from backbone.app.declaration.resolve import resolve
from backbone.app.usecases.applying import apply
from backbone.core.model.problems import Code
from tests.integration.web.test_application_connection import connection_in_use, path, stored, user_path
from tests.integration.web.test_rename_procedure import LABORATORY
from tests.parts.office import Office


async def applied(here: Office, *, old: str = "", new: str = "", only: str = "") -> None:
    """Apply the file of the office, changed; or ``only`` another synchronization beside it."""
    jiras = here.jiras
    head, _, _ = jiras.declaration.partition("synchronizations:")
    text = f"{head}synchronizations:{only}" if only else jiras.declaration
    text = text.replace("http://127.0.0.1:8081", jiras.first.url).replace("http://127.0.0.1:8082", jiras.second.url)
    declared = await resolve(declaration_from(text.replace(old, new).encode(), "test.yaml"), jiras.trackers)
    await apply(here.store, declared, "test.yaml", here.system.now())


def first_key(here: Office) -> str:
    """The key of the first issue of the project."""
    return next(one.key for one in here.jiras.first.world.issues.values() if one.key.startswith("PUMP-"))


async def test_the_account_is_the_one_that_logs_in(here: Office) -> None:
    async with here.client() as client:
        first = await client.get(user_path(here))
        second = await client.get(f"connectors/{here.jiras.halves[1].connector}/user")
        same = await client.put(user_path(here), json={"user": "sync"})
    assert (first.json(), second.json()) == ({"user": "sync"}, {"user": "sync@lumen.example"})
    assert (same.status_code, await connection_in_use(here)) == (200, "northwind")


@pytest.mark.parametrize("query", ["?newUser=", "?newUser=a&newUser=b", "?newuser=gero", "?newUser=a%0Ab", ""])
async def test_what_is_no_single_account_is_not_understood(here: Office, query: str) -> None:
    async with here.client() as client:
        answer = await client.put(user_path(here) + query)
    assert answer.status_code == 400


async def test_only_this_synchronization_waits_for_the_credentials_and_loses_nothing(here: Office) -> None:
    await applied(here, only=LABORATORY)
    await here.quiet()
    [task] = [
        one.key
        for one in here.jiras.first.world.issues.values()
        if one.values["summary"] == "Certify the bus driver for SIL 2"
    ]
    async with here.client() as client:
        told = await client.get(user_path(here), params={"newUser": "gero"})
        shown = await client.get(user_path(here))
        here.jiras.first.as_user("mara").edit(task, summary="Certified")
        waiting = await here.quiet(patience=1.0)
        summaries = [one.values["summary"] for one in here.jiras.second.world.issues.values()]
        counts = [len(one.world.issues) for one in (here.jiras.first, here.jiras.second)]
        given = await client.put(path(here), json={"username": "gero", "password": "gero"})
        after = await here.quiet()

    assert (told.json(), shown.json()) == ({"user": "gero"}, {"user": "gero"})
    refused = [one.problem for one in waiting.problems if one.problem.code is Code.LOGIN_REFUSED]
    assert {one.connector for one in refused} == {here.jiras.halves[0].connector}
    assert "applicationConnection" in refused[0].remedy
    assert summaries.count("Certified") == 1  # the other synchronization went on
    assert given.status_code == 200
    assert [one.values["summary"] for one in here.jiras.second.world.issues.values()].count("Certified") == 2
    assert Code.LOGIN_REFUSED not in {one.problem.code for one in after.problems}
    assert [len(one.world.issues) for one in (here.jiras.first, here.jiras.second)] == counts


async def test_what_the_account_before_did_is_no_edit_of_a_person(here: Office) -> None:
    await here.quiet()
    comments = [len(one.comments) for one in here.jiras.second.world.issues.values()]
    async with here.client() as client:
        await client.put(path(here), json={"username": "gero", "password": "gero"})
        here.jiras.first.as_user("mara").comment(first_key(here), "Looked at again")
        await here.quiet()
    documents = [document for name, document in (await stored(here)).items() if "~" in name]
    assert [one["former"] for one in documents if isinstance(one, dict)] == [["sync"]]
    after = [len(one.comments) for one in here.jiras.second.world.issues.values()]
    assert sum(after) == sum(comments) + 1


async def test_a_file_that_says_something_new_wins_and_one_that_does_not_leaves_it(here: Office) -> None:
    await here.quiet()
    async with here.client() as client:
        await client.put(path(here), json={"username": "gero", "password": "gero"})
    own = await connection_in_use(here)
    await applied(here)
    unchanged = await connection_in_use(here)
    await applied(here, old="NORTHWIND_TOKEN", new="NEW_TOKEN")
    changed = await connection_in_use(here)
    counts = [len(one.world.issues) for one in (here.jiras.first, here.jiras.second)]
    here.jiras.first.as_user("mara").edit(first_key(here), summary="By the file's account")
    await here.quiet()

    assert (unchanged, changed) == (own, "northwind")
    assert own not in await stored(here)
    assert "By the file's account" in [one.values["summary"] for one in here.jiras.second.world.issues.values()]
    assert [len(one.world.issues) for one in (here.jiras.first, here.jiras.second)] == counts


async def test_the_synchronization_shows_how_its_jiras_are_reached_and_can_be_sent_back(here: Office) -> None:
    async with here.client() as client:
        await client.put(user_path(here), params={"newUser": "gero"})
        waiting = (await client.get("integrations/INT-1")).json()["firstConnector"]["connection"]
        await client.put(path(here), json={"username": "gero", "password": "gero"})
        shown = (await client.get("integrations/INT-1")).json()
        sent_back = await client.put("integrations/INT-1", json=shown)
    own = await connection_in_use(here)
    connection = shown["firstConnector"]["connection"]

    assert (waiting["user"], waiting["awaitsCredentials"]) == ("gero", True)
    assert (connection["user"], connection["url"]) == ("gero", here.jiras.first.url)
    assert "unencrypted" in connection["warning"]
    assert "awaitsCredentials" not in connection
    assert (sent_back.status_code, own) == (200, "northwind~INT-1")
