"""The channel to a partner behind firewalls: how it stands, the handshake file, the code, keys, a test, a ping."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request
from pydantic import Field

from backbone.app.access.caller import Scope
from backbone.app.usecases.channels.confirming import confirm_code
from backbone.app.usecases.channels.offering import Offer, offer, offer_anew
from backbone.app.usecases.channels.pinging import ping
from backbone.app.usecases.channels.places import look_over
from backbone.app.usecases.channels.renewing import renew_key
from backbone.app.usecases.channels.showing import Shown as Seen
from backbone.app.usecases.channels.showing import show
from backbone.core.model.keys import Role
from backbone.ports.cipher import KeyKind
from backbone.web.access import OfPath, Rule, SignedIn, allowed
from backbone.web.api.documents import Asked, Shown
from backbone.web.api.refusals import LONG
from backbone.web.bodies import patient
from backbone.web.installation import installation_of
from backbone.web.instants import instant

router = APIRouter(tags=["Channels"])

_PATH = "/integrations/{integration_key}/channel"


class ChannelDocument(Shown):
    """How both sides know each other. Nothing of it is secret."""

    role: str
    """`master` or `slave`."""
    stage: str
    """`offered`, `answered`, `pinged`, `known` or `suspended`."""
    code: str | None = None
    """What both persons compare by another way; absent while the partner's key is not known."""
    confirmed: bool
    """Whether a person of this side confirmed the code."""
    encrypted: bool
    our_keys: list[str]
    """Fingerprints; two while a key is renewed."""
    partner_keys: list[str]
    sends_to: str
    receives_from: str
    partner_heard: str | None = None
    partner_ahead: int | None = None
    """By how many milliseconds the partner's clock is ahead of ours for certain."""
    waiting: int
    """Messages that are not sealed yet."""
    unacknowledged: int
    """Parcels on their way."""
    next: str
    """What a person of this side has to do now."""


class OfferAsked(Asked):
    """Which handshake file is wanted."""

    anew: bool = False
    """Begin from the start with another key, as after a theft."""
    days: Annotated[int, Field(ge=1, le=365)] = 14
    """Days for which it may be answered."""
    passphrase: Annotated[str, Field(min_length=8, max_length=1000)] | None = None
    """What locks it; tell it to the partner by another way."""


class OfferDocument(Shown):
    """A handshake file."""

    file: str
    """Its content, ASCII."""
    fingerprint: str
    expires: str
    locked: bool


class CodeAsked(Asked):
    """The code, as the partner's person read it out."""

    code: Annotated[str, Field(min_length=1, max_length=200)]


class KeyAsked(Asked):
    """Which kind of key takes the place of ours."""

    kind: KeyKind = KeyKind.CURVE_25519


class KeyDocument(Shown):
    """Our new key."""

    fingerprint: str


class TriedDocument(Shown):
    """How one direction did: `send` or `receive`."""

    way: str
    works: bool
    words: str | None = None
    """Those of the server or the system."""
    cure: str | None = None


class TrialDocument(Shown):
    """Both directions."""

    directions: list[TriedDocument]


@router.get(_PATH, dependencies=[allowed(Rule.OF_INTEGRATION)], response_model_exclude_none=True)
async def channel(request: Request, synchronization: OfPath) -> ChannelDocument:
    """How the channel stands, and what is to be done."""
    here = installation_of(request)
    return _document(request, await show(here.office(), synchronization.key))


@router.post(f"{_PATH}/offer", dependencies=[allowed(Rule.OF_INTEGRATION, Scope.CONFIGURE), patient(LONG)])
async def write_offer(
    request: Request, caller: SignedIn, synchronization: OfPath, asked: Annotated[OfferAsked, Body()]
) -> OfferDocument:
    """Write the handshake file on the master's side; one that was written before is void."""
    here = installation_of(request)
    make = offer_anew if asked.anew else offer
    made: Offer = await make(here.office(), synchronization.key, caller, passphrase=asked.passphrase, days=asked.days)
    return OfferDocument(
        file=made.content.decode("ascii"),
        fingerprint=made.fingerprint,
        expires=instant(made.expires, here.time_zone),
        locked=made.locked,
    )


@router.post(
    f"{_PATH}/confirm",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.CONFIGURE)],
    response_model_exclude_none=True,
)
async def confirm(
    request: Request, caller: SignedIn, synchronization: OfPath, asked: Annotated[CodeAsked, Body()]
) -> ChannelDocument:
    """Confirm that the partner's person reads out the same code as this side shows."""
    office = installation_of(request).office()
    await confirm_code(office, synchronization.key, asked.code, caller)
    return _document(request, await show(office, synchronization.key))


@router.post(
    f"{_PATH}/test",
    dependencies=[allowed(Rule.OF_INTEGRATION, Scope.OPERATE), patient(LONG)],
    response_model_exclude_none=True,
)
async def try_channel(request: Request, synchronization: OfPath) -> TrialDocument:
    """Test sending and receiving now, with the words of the server or system."""
    found = await look_over(installation_of(request).office(), synchronization.key)
    directions = [
        TriedDocument(way=one.way, works=not one.words, words=one.words or None, cure=one.cure or None) for one in found
    ]
    return TrialDocument(directions=directions)


@router.post(f"{_PATH}/ping", dependencies=[allowed(Rule.OF_INTEGRATION, Scope.OPERATE)], status_code=202)
async def ping_partner(request: Request, caller: SignedIn, synchronization: OfPath) -> None:
    """Ask the partner for a sign of life; the channel shows when it was heard."""
    await ping(installation_of(request).office(), synchronization.key, caller)


@router.post(f"{_PATH}/key", dependencies=[allowed(Rule.OF_INTEGRATION, Scope.CONFIGURE), patient(LONG)])
async def renew(
    request: Request, caller: SignedIn, synchronization: OfPath, asked: Annotated[KeyAsked, Body()]
) -> KeyDocument:
    """Let another key take the place of ours. After a theft, offer anew instead."""
    office = installation_of(request).office()
    return KeyDocument(fingerprint=await renew_key(office, synchronization.key, caller, kind=asked.kind))


def _document(request: Request, seen: Seen) -> ChannelDocument:
    one, zone = seen.channel, installation_of(request).time_zone
    return ChannelDocument(
        role="master" if one.role is Role.FIRST else "slave",
        stage=one.stage.value,
        code=seen.code,
        confirmed=one.confirmed,
        encrypted=one.encrypted,
        our_keys=list(seen.ours),
        partner_keys=list(seen.theirs),
        sends_to=seen.sends,
        receives_from=seen.receives,
        partner_heard=None if seen.heard is None else instant(seen.heard, zone),
        partner_ahead=one.partner_ahead,
        waiting=seen.waiting,
        unacknowledged=seen.unacknowledged,
        next=seen.next,
    )
