"""The networks in which two companies are tried are as closed as promised."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from tests.parts.islands import Island, islands


@contextmanager
def listening(island: Island) -> Iterator[int]:
    """Something that listens there; its port."""
    with island.loop() as inhabitant:
        server = inhabitant.run(_server())
        try:
            yield int(server.sockets[0].getsockname()[1])
        finally:
            inhabitant.run(_closed(server))


async def _server() -> asyncio.Server:
    return await asyncio.start_server(lambda _reader, writer: writer.close(), "0.0.0.0", 0)  # noqa: S104  it is a network of its own


async def _closed(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()


def test_both_companies_reach_the_post_office_and_not_each_other() -> None:
    with islands() as sea, listening(sea.post) as mail, listening(sea.second) as jira:
        assert sea.first.reaches(sea.post.address, mail)
        assert sea.second.reaches(sea.post.address, mail)
        assert sea.second.reaches("127.0.0.1", jira)
        assert not sea.first.reaches(sea.second.address, jira)
        assert not sea.first.reaches("127.0.0.1", jira)
