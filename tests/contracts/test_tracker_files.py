"""Attachments at pretend Jiras of every flavour: streamed, whole, with their digest, and never a page instead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256

import pytest

from backbone.core.model.keys import FileId, IssueId
from backbone.core.model.problems import Code
from backbone.core.model.snapshot import FileSnapshot, IssueSnapshot
from backbone.ports.tracker import AccessError, Lane, Refusal, TransientError, Wanted
from tests.contracts.jira_sites import FLAVOURS, SiteUnderTest, site_under_test

CONTENT = bytes(range(256)) * 3000


class Bytes:
    """A file that comes in pieces; ``told`` is the size that it claims."""

    def __init__(self, content: bytes, told: int | None = None) -> None:
        self._content = content
        self._told = len(content) if told is None else told

    @property
    def size(self) -> int:
        return self._told

    async def pieces(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._content), 10_000):
            yield self._content[start : start + 10_000]


@pytest.fixture(params=FLAVOURS)
async def site(request: pytest.FixtureRequest) -> AsyncIterator[SiteUnderTest]:
    async with site_under_test(str(request.param)) as ready:
        await ready.tracker.account()
        ready.simulator.calls.reset()
        yield ready


async def files(site: SiteUnderTest, issue: IssueId) -> tuple[FileSnapshot, ...]:
    found = await site.tracker.read(issue, Wanted(files=True), Lane.LIVE)
    assert isinstance(found, IssueSnapshot)
    assert found.files is not None
    return found.files


def attached(site: SiteUnderTest, name: str = "data.bin", content: bytes = CONTENT) -> tuple[IssueId, FileId]:
    issue = site.report()
    return issue, FileId(str(site.anna.attach(int(issue), name, content).id))


async def download(site: SiteUnderTest, file: FileId) -> bytes:
    async with site.tracker.open_file(file, Lane.LIVE) as source:
        return b"".join([piece async for piece in source.pieces()])


async def test_a_file_that_was_seen_is_downloaded_in_one_call(site: SiteUnderTest) -> None:
    issue, file = attached(site)
    await files(site, issue)
    site.simulator.calls.reset()

    assert await download(site, file) == CONTENT
    jira = [name for name in site.simulator.calls.endpoints() if "media" not in name]
    assert sum(site.simulator.calls.of(name) for name in jira) == 1


async def test_a_file_that_was_never_seen_is_downloaded_too(site: SiteUnderTest) -> None:
    _, file = attached(site, "Übersicht 1.html", b"<html>a file, no page")

    assert await download(site, file) == b"<html>a file, no page"


async def test_the_host_of_the_bytes_never_sees_our_credentials(site: SiteUnderTest) -> None:
    _, file = attached(site)

    await download(site, file)

    assert not [name for name in site.simulator.calls.endpoints() if "credentials" in name]


@pytest.mark.parametrize("name", ["report.txt", "Größe 漢字.txt", 'say "hello".txt', "a/b\\c.txt"])
async def test_a_file_is_uploaded_in_one_call_with_its_digest(site: SiteUnderTest, name: str) -> None:
    issue = site.report()

    stored = await site.tracker.add_file(issue, name, "text/plain", Bytes(CONTENT), Lane.LIVE)

    assert isinstance(stored, FileSnapshot), stored
    assert site.simulator.calls.total == 1
    assert (stored.size, stored.mime, stored.own) == (len(CONTENT), "text/plain", True)
    assert stored.digest == sha256(CONTENT).hexdigest()
    [seen] = await files(site, issue)
    assert (seen.id, seen.name) == (stored.id, stored.name)
    assert await download(site, stored.id) == CONTENT


async def test_a_file_goes_from_one_issue_to_another_without_being_held(site: SiteUnderTest) -> None:
    _, file = attached(site)
    target = site.report("Target")

    async with site.tracker.open_file(file, Lane.LIVE) as source:
        stored = await site.tracker.add_file(target, "copy.bin", "application/octet-stream", source, Lane.LIVE)

    assert isinstance(stored, FileSnapshot)
    assert stored.digest == sha256(CONTENT).hexdigest()


async def test_an_empty_file_is_a_file(site: SiteUnderTest) -> None:
    issue = site.report()

    stored = await site.tracker.add_file(issue, "empty", "text/plain", Bytes(b""), Lane.LIVE)

    assert isinstance(stored, FileSnapshot)
    assert await download(site, stored.id) == b""


@pytest.mark.parametrize("told", [len(CONTENT) + 1, len(CONTENT) - 1])
async def test_a_source_of_another_size_than_told_stores_nothing(site: SiteUnderTest, told: int) -> None:
    issue = site.report()

    with pytest.raises(TransientError):
        await site.tracker.add_file(issue, "a", "text/plain", Bytes(CONTENT, told), Lane.LIVE)

    assert await files(site, issue) == ()


async def test_a_download_that_ends_early_is_no_file(site: SiteUnderTest) -> None:
    issue, file = attached(site)
    await files(site, issue)
    path = "**/secure/attachment/**|**/attachment/content/**"
    if not site.cloud:  # the bytes of Cloud come from another host
        site.simulator.faults.arm({"fault": "attachment-truncated", "path": path})

        with pytest.raises(TransientError):
            await download(site, file)


@pytest.mark.parametrize("fault", ["login-redirect", "attachment-login-page"])
async def test_a_login_page_is_never_taken_for_a_file(site: SiteUnderTest, fault: str) -> None:
    issue, file = attached(site)
    await files(site, issue)
    site.simulator.faults.arm({"fault": fault})

    with pytest.raises(AccessError) as raised:
        await download(site, file)

    assert raised.value.code is Code.LOGIN_REFUSED
    await files(site, issue)  # the other calls to this host go on


async def test_a_file_that_is_gone_is_tried_again_later(site: SiteUnderTest) -> None:
    issue, file = attached(site)
    await files(site, issue)
    site.anna.delete_attachment(int(issue), int(file))

    with pytest.raises(TransientError):
        await download(site, file)


async def test_a_file_that_jira_does_not_take_is_refused(site: SiteUnderTest) -> None:
    result = await site.tracker.add_file(IssueId("999999"), "a", "text/plain", Bytes(b"x"), Lane.LIVE)

    assert isinstance(result, Refusal)


async def test_many_files_are_copied_within_one_host_at_the_same_time(site: SiteUnderTest) -> None:
    sources = [attached(site)[1] for _ in range(15)]
    target = site.report("Target")

    async def copy(file: FileId) -> object:
        async with site.tracker.open_file(file, Lane.BULK) as source:
            return await site.tracker.add_file(target, f"{file}.bin", "image/png", source, Lane.BULK)

    results = await asyncio.gather(*(copy(file) for file in sources))

    assert [isinstance(each, FileSnapshot) and each.size for each in results] == [len(CONTENT)] * 15
