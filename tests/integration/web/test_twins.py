"""Two who declare one new synchronization at the same time make one: the second finds what the first made."""

from __future__ import annotations

import asyncio
from collections import Counter

from backbone.app.declaration.declared import identity_of
from tests.parts.office import Office

AT_ONCE = 4


async def identities(here: Office) -> Counter[str]:
    async with here.store.unit() as uow:
        return Counter(identity_of(one.document) for one in await uow.synchronizations.all())


async def exported(here: Office, name: str) -> str:
    """The synchronization that is there, as a file that declares another one like it."""
    async with here.client() as client:
        text = (await client.get("integrations/INT-1/export")).text
        one = (await client.get("integrations/INT-1")).json()
    return text.replace(one["summary"], name)


async def test_a_file_that_is_imported_twice_at_once_makes_one_synchronization(here: Office) -> None:
    text = await exported(here, "Quite another one")
    async with here.client() as client:
        answers = await asyncio.gather(
            *(client.post("integrations/import", content=text.encode()) for _ in range(AT_ONCE))
        )

    outcomes = Counter(one["outcome"] for answer in answers for one in answer.json())
    assert outcomes == {"created": 1, "unchanged": AT_ONCE - 1}
    assert (await identities(here))["Quite another one"] == 1


async def test_those_created_at_once_under_one_name_have_identities_of_their_own(here: Office) -> None:
    async with here.client() as client:
        configuration = (await client.get("integrations/INT-1")).json()["configuration"]
        asked = {"summary": "Pumps", "configuration": configuration}
        answers = await asyncio.gather(*(client.post("integrations", json=asked) for _ in range(AT_ONCE)))

    assert {answer.status_code for answer in answers} == {200}
    assert set((await identities(here)).values()) == {1}
