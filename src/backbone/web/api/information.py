"""Sync information of a connector: which local issue belongs to which remote issue."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any, Self
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from backbone.app.access.caller import Scope
from backbone.app.usecases.information.deleting import delete_all, delete_entry, deleted, restore
from backbone.app.usecases.information.importing import import_information
from backbone.app.usecases.information.listing import ISSUE_KEY, Listing, list_information
from backbone.app.usecases.information.refusals import EntryClashes, EntryWrong, NoSuchEntry
from backbone.core.model.keys import IssueKey, Millis
from backbone.ports.information import Archived, Entry, Given
from backbone.ports.tracker import AccessError, TrackerError, TransientError
from backbone.web.access import OfPath, OfPathConnector, Rule, SignedIn, allowed
from backbone.web.api.entries import elements
from backbone.web.bodies import MEGABYTE, long_body, patient
from backbone.web.errors import Refused, not_found
from backbone.web.installation import installation_of

router = APIRouter(tags=["Sync information"])

LARGEST_IMPORT = 256 * MEGABYTE

LONGEST_IMPORT = 1800.0
"""Seconds: the keys of many issues are asked for at both Jiras."""

_PATH = "/connectors/{connector_key}/syncInformation"
_LATEST = 2**53
_NUMBER = re.compile(r"[0-9]{1,18}")
_OneEntry = Annotated[
    str | None, Query(alias="syncInfoId", description="The id of one entry; all are meant without any parameter.")
]
_Instant = Annotated[int, Field(ge=0, le=_LATEST, description="Milliseconds since 1970-01-01 UTC.")]
_Sequence = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Choosing(BaseModel):
    """Which entries are listed."""

    model_config = ConfigDict(alias_generator=to_camel)

    local_issue_key: str | None = None
    remote_issue_key: str | None = None
    start_at: Annotated[int, Field(ge=0, le=_LATEST)] = 0
    max_results: Annotated[int, Field(ge=0, le=_LATEST)] | None = None


class _Documented(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", strict=True)


class SyncInformationEntry(_Documented):
    """Which local issue belongs to which remote issue. What is not known is absent."""

    id: int
    connector_key: str
    local_issue_key: str
    remote_issue_key: str
    first_sync_date: _Instant | None = None
    last_outgoing_change: _Instant | None = None
    last_change_seen: _Instant | None = None
    outgoing_message_sequence_id: int
    last_incoming_change: _Instant | None = None
    incoming_message_sequence_id: int
    incoming_changes_ignored: bool

    @classmethod
    def of(cls, entry: Entry) -> Self:
        info = entry.info
        return cls.model_construct(
            id=entry.id,
            connector_key=entry.connector,
            local_issue_key=entry.local,
            remote_issue_key=entry.remote,
            first_sync_date=info.first_sync_date,
            last_outgoing_change=info.last_outgoing_change,
            last_change_seen=info.last_change_seen,
            outgoing_message_sequence_id=info.outgoing_message_sequence_id,
            last_incoming_change=info.last_incoming_change,
            incoming_message_sequence_id=info.incoming_message_sequence_id,
            incoming_changes_ignored=info.incoming_changes_ignored,
        )


class GivenEntry(_Documented):
    """An entry to import, as the list prints it; ``id`` and ``connectorKey`` are ignored."""

    id: Any = None
    connector_key: Any = None
    local_issue_key: Annotated[str, Field(pattern=ISSUE_KEY.pattern, max_length=275)]
    remote_issue_key: Annotated[str, Field(pattern=ISSUE_KEY.pattern, max_length=275)]
    first_sync_date: _Instant | None = None
    last_outgoing_change: _Instant | None = None
    last_change_seen: _Instant | None = None
    outgoing_message_sequence_id: _Sequence | None = None
    last_incoming_change: _Instant | None = None
    incoming_message_sequence_id: _Sequence | None = None
    incoming_changes_ignored: bool | None = None

    def at(self, position: int) -> Given:
        return Given(
            position=position,
            local=IssueKey(self.local_issue_key),
            remote=IssueKey(self.remote_issue_key),
            first_sync_date=_millis(self.first_sync_date),
            last_outgoing_change=_millis(self.last_outgoing_change),
            last_change_seen=_millis(self.last_change_seen),
            outgoing_message_sequence_id=self.outgoing_message_sequence_id,
            last_incoming_change=_millis(self.last_incoming_change),
            incoming_message_sequence_id=self.incoming_message_sequence_id,
            incoming_changes_ignored=self.incoming_changes_ignored,
        )


class ImportedEntries(_Documented):
    """How many entries were imported, and how many of the connector lack the partner's half."""

    imported: int
    halves: int


class DeletedEntries(_Documented):
    """How many entries were deleted."""

    deleted: int


class RestoredEntries(_Documented):
    """How many entries came back; ``left`` counts those whose issues are in another pair now."""

    restored: int
    left: int


class ArchivedEntry(_Documented):
    """A deleted entry that can be restored until 30 days after ``deletedDate`` (milliseconds)."""

    id: int
    local_issue_key: str | None = None
    remote_issue_key: str | None = None
    deleted_date: int
    deleted_user: str

    @classmethod
    def of(cls, one: Archived) -> Self:
        return cls(
            id=one.id,
            local_issue_key=one.local,
            remote_issue_key=one.remote,
            deleted_date=one.at,
            deleted_user=one.by,
        )


_IMPORT_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "array", "items": GivenEntry.model_json_schema(by_alias=True)},
                "example": [{"localIssueKey": "PA-1", "remoteIssueKey": "PB-1", "firstSyncDate": 1495002038742}],
            }
        },
    }
}


@router.get(
    _PATH,
    dependencies=[allowed(Rule.OF_CONNECTOR, Scope.READ)],
    response_model=list[SyncInformationEntry],
    response_model_exclude_none=True,
)
async def get_sync_information(
    request: Request,
    connector: OfPathConnector,
    choosing: Annotated[Choosing, Query()],
) -> Response:
    """Which local issue belongs to which remote issue, streamed in the order of their ids.

    The filters take keys that the issues had before their project was renamed, too.
    The header `X-Total-Count` tells how many entries match; `startAt` and `maxResults` choose some of them.
    """
    here = installation_of(request)
    listing = await list_information(
        here.store,
        here.engine,
        connector,
        local=choosing.local_issue_key,
        remote=choosing.remote_issue_key,
        start=choosing.start_at,
        most=choosing.max_results,
    )
    headers = {"X-Total-Count": str(listing.total)}
    return StreamingResponse(array_of(listing), media_type="application/json", headers=headers)


@router.post(
    _PATH,
    dependencies=[allowed(Rule.OF_CONNECTOR, Scope.CONFIGURE), long_body(LARGEST_IMPORT, seconds=LONGEST_IMPORT)],
    openapi_extra=_IMPORT_BODY,
)
async def import_sync_information(
    request: Request, one: OfPath, connector: OfPathConnector, caller: SignedIn
) -> ImportedEntries:
    """Import what the list prints: all entries or none, each at its connector.

    The same pair is updated; an issue in two pairs is refused with the position of its entry, counted from 0.
    A pair sends nothing until the other connector has its entry as well.
    """
    here = installation_of(request)
    with refusals():
        done = await import_information(here.store, here.engine, one, connector, given(request.stream()), by=caller)
    return ImportedEntries(imported=done.entries, halves=done.halves)


@router.delete(_PATH, dependencies=[allowed(Rule.OF_CONNECTOR, Scope.CONFIGURE), patient(300.0)])
async def delete_sync_information(
    request: Request, one: OfPath, connector: OfPathConnector, caller: SignedIn, sync_info_id: _OneEntry = None
) -> DeletedEntries:
    """Delete one entry, or without any parameter all of the connector; then the synchronization is stopped first.

    Delete the entry of the other connector as well. What was deleted can be restored for 30 days.
    Neither issue is created anew until it is paired, imported or resynced again.
    """
    here, number = installation_of(request), _only(request.url.query, sync_info_id)
    with refusals():
        if number is None:
            return DeletedEntries(deleted=await delete_all(here.store, here.system, one, connector, by=caller))
        await delete_entry(here.store, one, connector, number, by=caller, now=here.system.now())
    return DeletedEntries(deleted=1)


@router.get(f"{_PATH}/deleted", dependencies=[allowed(Rule.OF_CONNECTOR, Scope.READ)], response_model_exclude_none=True)
async def get_deleted_sync_information(request: Request, connector: OfPathConnector) -> list[ArchivedEntry]:
    """Deleted entries that can be restored, the youngest first; at most 1000."""
    here = installation_of(request)
    return [ArchivedEntry.of(one) for one in await deleted(here.store, connector, here.system.now())]


@router.post(f"{_PATH}/restore", dependencies=[allowed(Rule.OF_CONNECTOR, Scope.CONFIGURE), patient(300.0)])
async def restore_sync_information(
    request: Request, one: OfPath, connector: OfPathConnector, caller: SignedIn, sync_info_id: _OneEntry = None
) -> RestoredEntries:
    """Restore one deleted entry by `syncInfoId`, or without any parameter all of the connector."""
    here, number = installation_of(request), _only(request.url.query, sync_info_id)
    with refusals():
        done = await restore(here.store, one, connector, number, by=caller, now=here.system.now())
    return RestoredEntries(restored=done.entries, left=done.left)


async def given(body: AsyncIterator[bytes]) -> AsyncIterator[Given]:
    """The entries of an array as it arrives. Raises EntryWrong."""
    async for position, element in elements(body):
        yield understood(position, element)


def understood(position: int, element: object) -> Given:
    """An entry of an import. Raises EntryWrong."""
    try:
        return GivenEntry.model_validate(element).at(position)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise EntryWrong(position, str(first["loc"][0])[:100], first["msg"]) from None


@contextmanager
def refusals() -> Iterator[None]:
    """What may be wrong with sync information, as callers see it."""
    try:
        yield
    except EntryWrong as error:
        status = HTTPStatus.CONFLICT if isinstance(error, EntryClashes) else HTTPStatus.BAD_REQUEST
        errors = {place_of(one): one.cause for one in (error, *error.others)}
        raise Refused(status, str(error), "Nothing was changed.", errors=errors) from error
    except NoSuchEntry as error:
        raise not_found(f"sync information {error.number} of this connector") from error
    except TransientError as error:
        headers = {"Retry-After": str(max(1, round(error.retry_after)))}
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, f"{error}; nothing was changed.", headers=headers) from error
    except AccessError as error:
        raise Refused(HTTPStatus.BAD_GATEWAY, f"Jira refuses: {error.cause}", error.remedy) from error
    except TrackerError as error:
        raise Refused(HTTPStatus.BAD_GATEWAY, f"Jira does not answer as it should: {error}") from error


def place_of(error: EntryWrong) -> str:
    """Where in an array the error is: the position, and the field where it is one's."""
    return f"{error.position}.{error.field}" if error.field else str(error.position)


def _only(query: str, number: str | None) -> int | None:
    """The one entry that is meant; None for all. Anything that may be a slip is refused."""
    if not query:
        return None
    if number is not None and len(parse_qsl(query, keep_blank_values=True)) == 1 and _NUMBER.fullmatch(number):
        return int(number)
    raise Refused(
        HTTPStatus.BAD_REQUEST,
        "The one parameter is syncInfoId with the id of an entry; all entries are meant only without any parameter.",
        "Take the id from the list of sync information.",
    )


async def array_of(listing: Listing) -> AsyncIterator[bytes]:
    """The array page by page."""
    before = b"["
    async for page in listing.pages():
        shown = [SyncInformationEntry.of(one).model_dump_json(by_alias=True, exclude_none=True) for one in page]
        yield before + ",".join(shown).encode()
        before = b","
    yield b"[]" if before == b"[" else b"]"


def _millis(value: int | None) -> Millis | None:
    return None if value is None else Millis(value)
