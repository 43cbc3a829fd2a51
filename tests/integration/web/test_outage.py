"""The database is away: health says so, and then it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.parts.office import Office


@contextmanager
def away(dsn: str) -> Iterator[None]:
    """Nobody gets into the database, and who was in is thrown out."""
    name = str(conninfo_to_dict(dsn)["dbname"])
    with psycopg.connect(make_conninfo(dsn, dbname="template1"), autocommit=True) as chief:
        closed = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        chief.execute(closed.format(sql.Identifier(name), sql.Literal(False)))
        chief.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        chief.execute(closed.format(sql.Identifier(name), sql.Literal(True)))


async def test_an_outage_is_told_as_one_and_passes(here: Office) -> None:
    async with here.client("nobody") as client, here.client() as root:
        with away(here.dsn):
            health = await client.get("health")
            assert (health.status_code, health.json()) == (200, {"alive": True, "ready": False})
            assert (await root.get("health")).json()["reasons"] == ["The database does not answer."]
        assert (await client.get("health")).json()["ready"] is True
        assert (await root.get("integrations")).status_code == 200
