"""How a channel sends and receives, from what is stored of it; and our secret keys. Secrets are opened here only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from backbone.app.declaration.channel import CHANNEL_SECRETS, ChannelPart, ReceivePart, SendPart
from backbone.app.declaration.connection import SecretSource
from backbone.app.declaration.credentials import SecretMissing, SecretSources, nothing_sealed, secret_from
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.keys import SynchronizationKey
from backbone.core.protocol.parcels import KeyFingerprint
from backbone.ports.channels import StoredChannel
from backbone.ports.cipher import Cipher
from backbone.ports.sealing import SealBroken, Sealer
from backbone.ports.transport import (
    Login,
    MailProtocol,
    MailServer,
    Receiving,
    ReceivingDirectory,
    ReceivingMail,
    Sending,
    SendingDirectory,
    SendingMail,
    Transports,
)

Document = Mapping[str, object]


class Surroundings(Protocol):
    """What setting up a channel works with."""

    @property
    def cipher(self) -> Cipher: ...
    @property
    def transports(self) -> Transports: ...
    @property
    def sealer(self) -> Sealer: ...
    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that secrets may be found in."""


# --- what is stored ---------------------------------------------------------------------------------------------------


def document_of(part: ChannelPart, folder: Path) -> dict[str, object]:
    """What is stored of the part. ``folder`` is that of the configuration file, where relative paths begin."""
    kept = {"encryption", "send", "receive", "key_kind"}
    written = part.model_dump(mode="json", include=kept, exclude_none=True, exclude_defaults=True)
    return {"part": written, "folder": str(folder)}


def part_of(stored: StoredChannel) -> ChannelPart:
    """The part of the configuration file that is in force."""
    return ChannelPart.model_validate(stored.transports["part"])


def with_part(stored: StoredChannel, part: ChannelPart, folder: Path) -> StoredChannel:
    """Other settings; what is sealed stays as far as they point to it."""
    kept = {name: one for name, one in stored.transports.items() if name not in ("part", "folder")}
    return replace(stored, transports={**kept, **document_of(part, folder)})


def former_receive(stored: StoredChannel) -> ReceivePart | None:
    """Where we received before, as long as parcels may still come there."""
    former = stored.transports.get("former")
    return None if former is None else ReceivePart.model_validate(former)


def with_former(stored: StoredChannel, former: ReceivePart) -> StoredChannel:
    written = former.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return replace(stored, transports={**stored.transports, "former": written})


def without_former(stored: StoredChannel) -> StoredChannel:
    return replace(stored, transports={name: one for name, one in stored.transports.items() if name != "former"})


# --- transports -------------------------------------------------------------------------------------------------------


def directories_of(stored: StoredChannel) -> tuple[SendingDirectory | ReceivingDirectory, ...]:
    """The directories among both ways; whoever wants no more needs no secret."""
    part, channel = part_of(stored), stored.channel
    found: list[SendingDirectory | ReceivingDirectory] = []
    if part.send.directory is not None:
        found.append(SendingDirectory(path=part.send.directory, channel=channel.id, role=channel.role))
    if part.receive.directory is not None:
        found.append(ReceivingDirectory(path=part.receive.directory, channel=channel.id, role=channel.role))
    return tuple(found)


def sending_of(stored: StoredChannel, host: Surroundings) -> Sending:
    """The way out. Raises Mistake for a secret that can't be had."""
    part, channel = part_of(stored), stored.channel
    send, receive = part.send, part.receive
    if send.directory is not None:
        return SendingDirectory(path=send.directory, channel=channel.id, role=channel.role)
    login = _login(stored, host, "receive", receive) if send.same_as_receive else _login(stored, host, "send", send)
    return SendingMail(
        server=_server(stored, send, send.usual_port, login),
        address=send.address or receive.address or "",
        to=send.to or channel.sends_to,
        channel=channel.id,
        role=channel.role,
    )


def receiving_of(stored: StoredChannel, host: Surroundings) -> Receiving:
    """The way in. Raises Mistake for a secret that can't be had."""
    return _receiving(stored, host, "receive", part_of(stored).receive)


def former_receiving_of(stored: StoredChannel, host: Surroundings) -> Receiving | None:
    """The way in that was before, as long as parcels may still come there. Raises Mistake."""
    former = former_receive(stored)
    return None if former is None else _receiving(stored, host, "former", former)


def _receiving(stored: StoredChannel, host: Surroundings, key: str, receive: ReceivePart) -> Receiving:
    channel = stored.channel
    if receive.directory is not None:
        return ReceivingDirectory(path=receive.directory, channel=channel.id, role=channel.role)
    return ReceivingMail(
        server=_server(stored, receive, receive.usual_port, _login(stored, host, key, receive)),
        protocol=receive.protocol or MailProtocol.IMAP,
        address=receive.address or "",
        channel=channel.id,
        role=channel.role,
        folder=receive.folder,
    )


def _server(stored: StoredChannel, part: SendPart | ReceivePart, port: int, login: Login) -> MailServer:
    ca_file = None if part.ca_file is None else str(folder_of(stored) / Path(part.ca_file).expanduser())
    return MailServer(host=part.server or "", port=port, security=part.security, login=login, ca_file=ca_file)


def _login(stored: StoredChannel, host: Surroundings, key: str, part: SendPart | ReceivePart) -> Login:
    secrets = {name: getattr(part, name) for name in CHANNEL_SECRETS}
    name, source = next((name, one) for name, one in secrets.items() if one is not None)
    secret = read_secret(source, f"{key}.{name}", stored, host)
    return Login(user=part.user or "", secret=secret, oauth=name == "oauth_token")


def read_secret(source: SecretSource, place: str, stored: StoredChannel, host: Surroundings) -> str:
    """A secret of a channel. Raises Mistake naming its place."""

    def unseal(ident: str) -> str:
        sealed = _sealed(stored).get(ident)
        return nothing_sealed(ident) if sealed is None else host.sealer.unseal(sealed, _about(stored, ident))

    sources = SecretSources(environment=host.environment, folder=folder_of(stored), unseal=unseal)
    try:
        return secret_from(place, source, sources)
    except SecretMissing as missing:
        raise Mistake(f"channel {missing.step}", str(missing), missing.cure) from missing


def folder_of(stored: StoredChannel) -> Path:
    return Path(str(stored.transports.get("folder", "/")))


# --- what is kept sealed ----------------------------------------------------------------------------------------------


def key_about(synchronization: SynchronizationKey, fingerprint: str) -> str:
    """What a secret key of ours is sealed for."""
    return f"channel {synchronization}, key {fingerprint}"


def with_secret_key(stored: StoredChannel, fingerprint: str, secret: str, sealer: Sealer) -> StoredChannel:
    """Keep a secret key of ours. Raises Mistake."""
    try:
        sealed = sealer.seal(secret, key_about(stored.synchronization, fingerprint))
    except SealBroken as broken:
        raise Mistake("sealed secrets", broken.cause, broken.cure) from broken
    return replace(stored, secret_keys={**stored.secret_keys, fingerprint: sealed})


def secret_keys_of(stored: StoredChannel, sealer: Sealer) -> Mapping[KeyFingerprint, str]:
    """Our secret keys, by fingerprint. Raises Mistake."""
    try:
        return {
            KeyFingerprint(fingerprint): sealer.unseal(sealed, key_about(stored.synchronization, fingerprint))
            for fingerprint, sealed in stored.secret_keys.items()
        }
    except SealBroken as broken:
        raise Mistake("sealed secrets", broken.cause, broken.cure) from broken


def without_former_keys(stored: StoredChannel) -> StoredChannel:
    """Secret keys that took their leave are let go of."""
    ours = {one.fingerprint for one in stored.channel.our_keys}
    kept = {name: one for name, one in stored.secret_keys.items() if name in ours}
    return stored if len(kept) == len(stored.secret_keys) else replace(stored, secret_keys=kept)


def with_sealed(stored: StoredChannel, ident: str, secret: str, sealer: Sealer) -> StoredChannel:
    """Keep a password that was given as such; settings point to it by ``{sealed: IDENT}``. Raises Mistake."""
    try:
        sealed = sealer.seal(secret, _about(stored, ident))
    except SealBroken as broken:
        raise Mistake("sealed secrets", broken.cause, broken.cure) from broken
    return replace(stored, transports={**stored.transports, "sealed": {**_sealed(stored), ident: sealed}})


def resealed(stored: StoredChannel, sealer: Sealer) -> StoredChannel:
    """The same, sealed with the newest key. Raises SealBroken."""
    keys = {
        name: _anew(one, key_about(stored.synchronization, name), sealer) for name, one in stored.secret_keys.items()
    }
    sealed = {ident: _anew(one, _about(stored, ident), sealer) for ident, one in _sealed(stored).items()}
    transports = {**stored.transports, "sealed": sealed} if sealed else stored.transports
    return replace(stored, secret_keys=keys, transports=transports)


def all_sealed(stored: StoredChannel) -> tuple[str, ...]:
    """Everything of the channel that is sealed, as it is kept."""
    return (*stored.secret_keys.values(), *_sealed(stored).values())


def _anew(sealed: str, about: str, sealer: Sealer) -> str:
    return sealed if sealer.newest(sealed) else sealer.seal(sealer.unseal(sealed, about), about)


def _sealed(stored: StoredChannel) -> Mapping[str, str]:
    found = stored.transports.get("sealed", {})
    assert isinstance(found, Mapping)
    return {str(ident): str(one) for ident, one in found.items()}


def _about(stored: StoredChannel, ident: str) -> str:
    return f"channel {stored.synchronization}, {ident}"
