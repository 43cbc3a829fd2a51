"""Attachments: streamed in both directions, never held as a whole."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from urllib.parse import quote
from uuid import uuid4

import aiohttp

from backbone.adapters.jira.answers import Answer, refusal_of, required
from backbone.adapters.jira.codec.files import FileJson, file_from_json, form_of
from backbone.adapters.jira.codec.people import Identity
from backbone.adapters.jira.flavour import API, Flavour
from backbone.adapters.jira.knowledge import Knowledge
from backbone.adapters.jira.session import JiraSession, Request, translated
from backbone.core.model.keys import FileId, IssueId
from backbone.core.model.problems import Code
from backbone.core.model.snapshot import FileSnapshot
from backbone.ports.tracker import (
    AccessError,
    Broken,
    Done,
    FileSource,
    Lane,
    OutcomeUnknown,
    Refusal,
    TrackerError,
    TransientError,
)

_PIECE = 64 * 1024
_MOST_KNOWN = 5000


class Files:
    """All that is done with attachments."""

    def __init__(self, session: JiraSession, knowledge: Knowledge) -> None:
        self._session = session
        self._knowledge = knowledge
        self._known: OrderedDict[FileId, FileSnapshot] = OrderedDict()

    def remember(self, files: Iterable[FileSnapshot]) -> None:
        """Names and sizes that were seen spare a call when the file is opened."""
        for each in files:
            self._known[each.id] = each
            self._known.move_to_end(each.id)
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)

    @asynccontextmanager
    async def open(self, file: FileId, lane: Lane) -> AsyncIterator[FileSource]:
        flavour = (await self._knowledge.here()).flavour
        name = f"download of attachment {file}"
        async with AsyncExitStack() as stack:
            path = await self._path(file, flavour, lane)
            response = await stack.enter_async_context(self._session.stream(path, lane, name))
            if response.status in (302, 303, 307):
                target = _signed(response, flavour, name)
                response = await stack.enter_async_context(self._session.foreign(target, name))
            await self._check(response, file, name, lane)
            yield Download(response, await self._size(response, file, lane), name)

    async def add(
        self, issue: IssueId, name: str, mime: str, source: FileSource, lane: Lane
    ) -> FileSnapshot | Broken | Refusal:
        me = (await self._knowledge.here()).me  # before the write, since what fails behind it would have it repeated
        upload = Upload(name, mime, source)
        path = f"{API}/issue/{issue}/attachments"
        request = Request(
            method="POST", path=path, name=f"POST {path}", body=upload.body, headers=upload.headers, write=True
        )
        try:
            answer = await self._session.send(request, lane)
        except TransientError:
            if upload.failure is not None:  # an unfinished form is not stored
                raise upload.failure from None
            raise
        return self._stored(answer, upload, me) if answer.ok else refusal_of(answer)

    async def remove(self, file: FileId, lane: Lane) -> Done | Refusal:
        answer = await self._session.write("DELETE", f"{API}/attachment/{file}", lane)
        return Done(at=answer.at) if answer.ok or answer.status == 404 else refusal_of(answer)

    # parts -------------------------------------------------------------------------------------------------------
    async def _path(self, file: FileId, flavour: Flavour, lane: Lane) -> str:
        if "{name}" not in flavour.download:
            return flavour.download.format(id=file)
        info = await self._info(file, lane)
        return flavour.download.format(id=file, name=quote(info.name, safe=""))

    async def _info(self, file: FileId, lane: Lane) -> FileSnapshot:
        known = self._known.get(file)
        if known is not None:
            return known
        answer = await self._session.get(f"{API}/attachment/{file}", lane)
        if answer.status == 404:
            raise TransientError("the attachment is not there any more")
        me = (await self._knowledge.here()).me
        try:
            info = replace(file_from_json(required(answer).decode(FileJson), me), id=file)
        except ValueError:
            raise TransientError(f"{answer.name}: the answer is not an attachment") from None
        self.remember([info])
        return info

    async def _check(self, response: aiohttp.ClientResponse, file: FileId, name: str, lane: Lane) -> None:
        """Only a file may come: no page for people, no refusal."""
        if response.status == 404:
            raise TransientError(f"{name}: it is not there any more")
        if response.status != 200:
            cause = f"{name}: refused ({response.status})"
            raise AccessError(Code.PERMISSION_MISSING, cause, "let the account read attachments")
        if response.content_type == "text/html" and "html" not in (await self._info(file, lane)).mime:
            raise _login_page(name)

    async def _size(self, response: aiohttp.ClientResponse, file: FileId, lane: Lane) -> int:
        if file not in self._known and response.content_length is not None:
            return response.content_length
        return (await self._info(file, lane)).size

    def _stored(self, answer: Answer, upload: Upload, me: Identity) -> FileSnapshot | Broken:
        stored = answer.decode(list[FileJson])
        try:
            [found] = [file_from_json(each, me, upload.digest) for each in stored]
        except ValueError:
            raise OutcomeUnknown(f"{answer.name}: the answer is not one attachment") from None
        if found.size != upload.sent:
            return Broken(file=found.id, stored=found.size, of=upload.sent)
        self.remember([found])
        return found


class Download:
    """An attachment on its way to us."""

    def __init__(self, response: aiohttp.ClientResponse, size: int, name: str) -> None:
        self._response = response
        self._size = size
        self._name = name

    @property
    def size(self) -> int:
        return self._size

    async def pieces(self) -> AsyncIterator[bytes]:
        taken = 0
        async with translated(self._name, write=False):
            async for piece in self._response.content.iter_chunked(_PIECE):
                taken += len(piece)
                if taken > self._size:
                    raise TransientError(f"{self._name}: more than the {self._size} bytes it has")
                yield piece
        if taken != self._size:
            raise TransientError(f"{self._name}: {taken} of {self._size} bytes came")


class Upload:
    """An attachment on its way to Jira, as the body of a form; its digest grows while it passes."""

    def __init__(self, name: str, mime: str, source: FileSource) -> None:
        boundary = uuid4().hex
        self._source = source
        self._head, self._tail = form_of(name, mime, boundary)
        self._hash = sha256()
        self.sent = 0
        self.failure: TrackerError | None = None
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(self._head) + source.size + len(self._tail)),
        }

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    async def body(self) -> AsyncIterator[bytes]:
        yield self._head
        try:
            async for piece in self._source.pieces():
                self._hash.update(piece)
                self.sent += len(piece)
                yield piece
            if self.sent != self._source.size:
                raise TransientError(f"the file had {self.sent} bytes instead of {self._source.size}")
        except TrackerError as error:
            self.failure = error
            raise
        yield self._tail


def _signed(response: aiohttp.ClientResponse, flavour: Flavour, name: str) -> str:
    """Cloud sends us to a signed address of another host; a redirect of Data Center leads to its log-in page."""
    target = response.headers.get("Location", "")
    if not flavour.cloud or "login" in target:
        raise _login_page(name)
    return target


def _login_page(name: str) -> AccessError:
    cause = f"{name}: Jira shows its log-in page instead"
    return AccessError(Code.LOGIN_REFUSED, cause, "let Jira accept the account's credentials for attachments, too")
