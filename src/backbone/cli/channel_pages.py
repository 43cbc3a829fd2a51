"""What `channel` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backbone.cli.outcome import counted, sentence, tell, tell_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backbone.app.usecases.channels.auditing import AuditedParcel, AuditOfChannel
    from backbone.app.usecases.channels.showing import Shown
    from backbone.app.usecases.channels.trying import Tried
    from backbone.core.protocol.handshake import HandshakeFile


def show_file(file: HandshakeFile, *, as_json: bool) -> None:
    """What a handshake file says, without its token."""
    from backbone.cli.problems import moment

    plain = {
        "name": file.name,
        "description": file.description,
        "encrypted": file.encrypted,
        "fingerprint": file.fingerprint,
        "protocol": file.protocol,
        "address": file.address,
        "created": moment(file.created),
        "expires": moment(file.expires),
    }
    if as_json:
        tell_json(plain)
        return
    tell(f"Synchronization  {file.name}")
    if file.description:
        tell(f"Description      {' '.join(file.description.split())}")
    tell(f"Encrypted        {'yes' if file.encrypted else 'NO: what travels is signed only'}")
    tell(f"Master's key     {file.fingerprint}")
    tell(f"Master receives  {_by(file.protocol, file.address)}")
    tell(f"Written          {moment(file.created)}")
    tell(f"Valid until      {moment(file.expires)}")
    tell("Nothing was made. Name the file under handshake: in your configuration file to answer it.")


def show_channel(shown: Shown, *, as_json: bool) -> None:
    """How a channel stands, and what is to be done."""
    from backbone.cli.problems import moment

    if as_json:
        tell_json(plain_channel(shown))
        return
    channel = shown.channel
    confirmed = "" if shown.code is None else ", code confirmed here" if channel.confirmed else ", code not confirmed"
    tell(f"{shown.one.key}  {shown.one.name}: {channel.stage}{confirmed}")
    if shown.code is not None and not channel.confirmed:
        tell(f"  Code             {shown.code}")
    if shown.valid is not None:
        tell(f"  Handshake file   {'expired' if shown.expired else 'valid until'} {moment(shown.valid)}")
    tell(f"  Encrypted        {'yes' if channel.encrypted else 'no, signed only'}")
    tell(f"  Our key          {' and '.join(shown.ours)}")
    tell(f"  Partner's key    {' and '.join(shown.theirs) or '-'}")
    tell(f"  We send to       {shown.sends or '-'}")
    also = f", and as yet from {shown.receives_also}" if shown.receives_also else ""
    tell(f"  We receive from  {shown.receives}{also}")
    tell(f"  Partner heard    {_when(shown)}{_clock(shown)}")
    tell(f"  Waiting          {counted(shown.waiting, 'message')}")
    tell(f"  Unacknowledged   {counted(shown.unacknowledged, 'parcel')}")
    tell(f"  To do            {shown.next}")


def plain_channel(shown: Shown) -> dict[str, object]:
    """The same for programs."""
    from backbone.cli.problems import moment

    channel = shown.channel
    return {
        "key": shown.one.key,
        "name": shown.one.name,
        "role": "master" if channel.role == "first" else "slave",
        "stage": channel.stage.value,
        "code": shown.code,
        "confirmed": channel.confirmed,
        "fileValidUntil": None if shown.valid is None else moment(shown.valid),
        "open": shown.open,
        "encrypted": channel.encrypted,
        "ourKeys": list(shown.ours),
        "partnerKeys": list(shown.theirs),
        "sendsTo": shown.sends,
        "receivesFrom": shown.receives,
        "partnerHeard": None if shown.heard is None else _when(shown),
        "partnerAhead": channel.partner_ahead,
        "waiting": shown.waiting,
        "unacknowledged": shown.unacknowledged,
        "next": shown.next,
    }


def show_tried(found: Sequence[Tried], *, as_json: bool) -> None:
    """How sending and receiving did."""
    if as_json:
        tell_json([{"way": one.way, "works": not one.words, "words": one.words, "cure": one.cure} for one in found])
        return
    for one in found:
        cure = f" {sentence(one.cure)}" if one.cure else ""
        tell(f"{one.way}: works" if not one.words else f"{one.way}: {sentence(one.words)}{cure}")


def show_audit(found: AuditOfChannel, *, as_json: bool) -> None:
    """What both sides can compare: numbers and digests, and what does not fit."""
    if as_json:
        tell_json(_plain_audit(found))
        return
    for way, parcels in (("sent", found.sent), ("received", found.received)):
        for one in parcels:
            tell(f"{way} {one.number}  {one.digest}{'' if one.acknowledged else '  not acknowledged'}")
    if found.proof is not None:
        tell(f"The partner acknowledged {found.proof.contiguous} of ours, with the chain at {found.proof.head or '-'}.")
        if not found.proven:
            tell("It was signed by a key that was renewed since, so that only the next one can be proved again.")
    for words in found.wrong:
        tell(f"WRONG: {sentence(words)}")
    if not found.wrong:
        tell("All of it fits together.")


def _plain_audit(found: AuditOfChannel) -> dict[str, object]:
    def rows(parcels: Sequence[AuditedParcel]) -> list[dict[str, object]]:
        return [{"number": one.number, "digest": one.digest, "acknowledged": one.acknowledged} for one in parcels]

    proof = None if found.proof is None else {"contiguous": found.proof.contiguous, "head": found.proof.head}
    both = {"sent": rows(found.sent), "received": rows(found.received)}
    return {**both, "acknowledgement": proof, "wrong": list(found.wrong)}


def _by(protocol: str, address: str) -> str:
    return f"by {protocol}, {address}" if address else f"by {protocol}"


def _when(shown: Shown) -> str:
    from backbone.cli.problems import moment

    return "never" if shown.heard is None else moment(shown.heard)


def _clock(shown: Shown) -> str:
    ahead = shown.channel.partner_ahead
    if not ahead:
        return ""
    way = "ahead of" if ahead > 0 else "behind"
    return f"; its clock is {abs(ahead) // 1000} seconds {way} ours"
