"""Pairing existing issues with a preview, and synchronized issues of both connectors as one file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from backbone.app.access.caller import Scope
from backbone.app.usecases.information.columns import rows_of
from backbone.app.usecases.information.exchange import import_both
from backbone.app.usecases.information.listing import ISSUE_KEY, Listing, list_information
from backbone.app.usecases.information.pairing import Pairing, by_field, by_number, listed_keys, pair, preview
from backbone.core.model.keys import ConnectorKey
from backbone.ports.information import Given
from backbone.ports.records import Synchronization
from backbone.web.access import OfPath, OfPathConnector, Rule, SignedIn, allowed
from backbone.web.api.entries import two_arrays
from backbone.web.api.information import (
    LARGEST_IMPORT,
    LONGEST_IMPORT,
    GivenEntry,
    SyncInformationEntry,
    array_of,
    place_of,
    refusals,
    understood,
)
from backbone.web.bodies import MEGABYTE, long_body, patient
from backbone.web.installation import installation_of

router = APIRouter(tags=["Sync information"])

_PATIENT = patient(LONGEST_IMPORT, limit=16 * MEGABYTE)

_Key = Annotated[str, Field(pattern=ISSUE_KEY.pattern, max_length=275)]


class _Asked(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class PairsToMake(_Asked):
    """Which issues belong together, in one of four ways; the connector's issues are named first.

    `pairs` lists keys, `csv` is a text of two columns, `by` is `number` (equal numbers of keys) or `field` (the
    connector's `field`, by its id or name, holds the partner's key).
    """

    pairs: Annotated[list[tuple[_Key, _Key]] | None, Field(max_length=100_000)] = None
    csv: Annotated[str | None, Field(max_length=10_000_000)] = None
    by: Literal["number", "field"] | None = None
    field: Annotated[str, Field(min_length=1, max_length=255)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(one is not None for one in (self.pairs, self.csv, self.by)) != 1:
            raise ValueError("give one of pairs, csv and by")
        if (self.by == "field") != (self.field is not None):
            raise ValueError("field goes with by: field")
        return self

    def entries(self, pairing: Pairing) -> AsyncIterator[Given]:
        if self.by == "number":
            return by_number(pairing)
        if self.field is not None:
            return by_field(pairing, self.field)
        return listed_keys(self.pairs if self.pairs is not None else rows_of(self.csv or ""))


class WrongEntry(_Asked):
    """What stands in the way of an entry; `place` is its position, counted from 0, and the field."""

    place: str
    cause: str


class PairingPreview(_Asked):
    """What pairing would do. `differences` counts by field among the `compared` first pairs."""

    pairs: int
    shown: list[tuple[str, str]]
    conflicts: list[WrongEntry]
    compared: int
    differences: dict[str, int]


class PairedIssues(_Asked):
    """How many pairs were made or were there already."""

    paired: int


class BothImported(_Asked):
    """How many entries either connector got, and how many of them lack the other half."""

    first_connector: int
    second_connector: int
    halves: int


@router.post("/connectors/{connector_key}/pairing/preview", dependencies=[allowed(Rule.OF_CONNECTOR, Scope.CONFIGURE)])
async def preview_pairing(
    request: Request, one: OfPath, connector: OfPathConnector, asked: PairsToMake
) -> PairingPreview:
    """What pairing would do: the pairs, what stands in their way, and which fields differ. Nothing is changed."""
    pairing = _pairing(request, one, connector)
    with refusals():
        found = await preview(pairing, asked.entries(pairing))
    return PairingPreview(
        pairs=found.pairs,
        shown=[(str(local), str(remote)) for local, remote in found.shown],
        conflicts=[WrongEntry(place=place_of(each), cause=each.cause) for each in found.wrong],
        compared=found.compared,
        differences=dict(found.differences),
    )


@router.post(
    "/connectors/{connector_key}/pairing", dependencies=[allowed(Rule.OF_CONNECTOR, Scope.CONFIGURE), _PATIENT]
)
async def pair_issues(
    request: Request, one: OfPath, connector: OfPathConnector, asked: PairsToMake, caller: SignedIn
) -> PairedIssues:
    """Pair existing issues at both connectors, all or none. Nothing is created.

    Comments and attachments that both have are known by content; fields that differ are held until a side is chosen.
    """
    pairing = _pairing(request, one, connector)
    with refusals():
        return PairedIssues(paired=await pair(pairing, asked.entries(pairing), by=caller))


_BOTH = {
    "type": "object",
    "required": ["firstConnector", "secondConnector"],
    "properties": {
        name: {"type": "array", "items": GivenEntry.model_json_schema(by_alias=True)}
        for name in ("firstConnector", "secondConnector")
    },
}


class BothConnectors(_Asked):
    """Synchronized issues as both connectors see them."""

    first_connector: list[SyncInformationEntry]
    second_connector: list[SyncInformationEntry]


@router.get(
    "/integrations/{integration_key}/syncInformation",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.READ)],
    response_model=BothConnectors,
    response_model_exclude_none=True,
)
async def export_synchronized_issues(request: Request, one: OfPath) -> Response:
    """Synchronized issues of both connectors, as a file to keep or to import elsewhere.

    Those of a partner behind firewalls are the partner's to export.
    """
    here = installation_of(request)
    listings = [
        await list_information(here.store, here.engine, connector, local=None, remote=None)
        if connector in one.connectors
        else None
        for connector in (one.first, one.second)
    ]
    headers = {"Content-Disposition": f'attachment; filename="synchronized-issues-{one.key}.json"'}
    return StreamingResponse(two_arrays_of(listings), media_type="application/json", headers=headers)


@router.post(
    "/integrations/{integration_key}/syncInformation",
    dependencies=[
        allowed(Rule.OF_INTEGRATION, Scope.CONFIGURE),
        long_body(2 * LARGEST_IMPORT, seconds=2 * LONGEST_IMPORT),
    ],
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _BOTH}}}},
)
async def import_synchronized_issues(request: Request, one: OfPath, caller: SignedIn) -> BothImported:
    """Adopt the synchronized issues of an export, all or none: no issue is created, nothing that is there is copied.

    With the two arrays exchanged the synchronization is turned round.
    """
    here = installation_of(request)
    with refusals():
        done = await import_both(here.store, here.engine, one, _given(request.stream()), by=caller)
    return BothImported(
        first_connector=done.first.entries,
        second_connector=done.second.entries,
        halves=done.first.halves + done.second.halves,
    )


async def _given(body: AsyncIterator[bytes]) -> AsyncIterator[tuple[bool, Given]]:
    async for first, position, element in two_arrays(body):
        yield first, understood(position, element)


async def two_arrays_of(listings: list[Listing | None]) -> AsyncIterator[bytes]:
    """An export piece by piece."""
    yield b'{"firstConnector":'
    async for piece in _array_or_none(listings[0]):
        yield piece
    yield b',"secondConnector":'
    async for piece in _array_or_none(listings[1]):
        yield piece
    yield b"}"


async def _array_or_none(listing: Listing | None) -> AsyncIterator[bytes]:
    if listing is None:
        yield b"[]"
        return
    async for piece in array_of(listing):
        yield piece


def _pairing(request: Request, one: Synchronization, connector: ConnectorKey) -> Pairing:
    here = installation_of(request)
    return Pairing(store=here.store, engine=here.engine, one=one, connector=connector)
