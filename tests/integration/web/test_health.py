"""Health is for everybody, and a synchronization reached over the API is a real one."""

from __future__ import annotations

from tests.parts.office import Office


async def test_health_answers_without_a_log_in(here: Office) -> None:
    async with here.client("nobody") as client:
        answer = await client.get("health")
    assert answer.status_code == 200
    assert answer.json() == {"alive": True, "ready": True}


async def test_the_office_synchronizes(here: Office) -> None:
    quiet = await here.quiet()
    assert not quiet.unfinished
    assert await here.jiras.partners()
