"""`channel`: set up, watch and change the way to a partner behind firewalls."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Annotated

import typer

from backbone.cli.channel_pages import show_audit, show_channel, show_file, show_tried
from backbone.cli.outcome import HELD_BACK, run, settings, tell
from backbone.cli.running import AsJson

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from backbone.app.usecases.channels.office import Office
    from backbone.ports.cipher import KeyKind

Sync = Annotated[str, typer.Argument(metavar="SYNC", help="Key or name of the synchronization.")]
PassphraseFrom = Annotated[
    str | None,
    typer.Option("--passphrase-env", metavar="NAME", help="Environment variable with the passphrase of the file."),
]
KeyFile = Annotated[
    Path | None, typer.Option("--key-file", help="A secret key of yours, in ASCII armor and without a passphrase.")
]


def register(app: typer.Typer) -> None:
    channel = typer.Typer(help="The way to a partner behind firewalls.", no_args_is_help=True)
    channel.command("offer")(offer)
    channel.command("read")(read)
    channel.command("accept")(accept)
    channel.command("show")(show)
    channel.command("confirm")(confirm)
    channel.command("test")(try_settings)
    channel.command("adopt")(adopt)
    channel.command("renew-key")(renew_key)
    channel.command("ping")(ping)
    app.add_typer(channel, name="channel")


def offer(
    named: Sync,
    file: Annotated[Path, typer.Argument(help="Where the handshake file is written.")],
    passphrase_env: PassphraseFrom = None,
    days: Annotated[int, typer.Option(help="Days for which the file may be answered.", min=1, max=365)] = 14,
    anew: Annotated[
        bool, typer.Option("--anew", help="Begin from the start with another key, as after a theft.")
    ] = False,
) -> None:
    """Write the handshake file that the partner needs: on the master's side. A file written before is void."""

    async def work(office: Office) -> int:
        from backbone.app.usecases.channels.offering import offer as offer_first
        from backbone.app.usecases.channels.offering import offer_anew
        from backbone.cli.operator import operator
        from backbone.cli.problems import moment

        make = offer_anew if anew else offer_first
        made = await make(office, named, operator(), passphrase=_passphrase(passphrase_env), days=days)
        _write(file, made.content)
        tell(f"{file}: the handshake file, valid until {moment(made.expires)}, to be answered once.")
        tell(f"Fingerprint of our key: {made.fingerprint}")
        tell("Hand it over as safely as you can" + ("." if made.locked else ": whoever has it could answer it."))
        return 0

    _with_office(work)


def read(
    file: Annotated[Path, typer.Argument(help="The handshake file.")],
    passphrase_env: PassphraseFrom = None,
    as_json: AsJson = False,
) -> None:
    """Print what a handshake file says and whose key signed it; nothing is made."""

    async def work(office: Office) -> int:
        from backbone.app.usecases.channels.accepting import read as read_content
        from backbone.app.usecases.channels.files import read_content as content_of

        content = content_of("handshake file", file)
        show_file(await read_content(office, content, _passphrase(passphrase_env)), as_json=as_json)
        return 0

    _with_office(work)


def accept(
    named: Sync,
    file: Annotated[Path, typer.Argument(help="The new handshake file.")],
    passphrase_env: PassphraseFrom = None,
) -> None:
    """Answer a new handshake file for a synchronization that is here already: on the slave's side.

    The first one is named in the configuration file, and answered when that is applied.
    """

    async def work(office: Office) -> int:
        from backbone.app.usecases.channels.accepting import accept_anew
        from backbone.app.usecases.channels.files import read_content
        from backbone.cli.operator import operator

        content = read_content("handshake file", file)
        await accept_anew(office, named, content, operator(), passphrase=_passphrase(passphrase_env))
        tell("The file is answered as soon as 'backbone serve' runs. Then compare the code with the partner again.")
        return 0

    _with_office(work)


def show(named: Sync, as_json: AsJson = False) -> None:
    """Print how far both sides know each other, the code to compare, keys, places, and what to do next."""

    async def work(office: Office) -> int:
        from backbone.app.usecases.channels.showing import show as shown

        show_channel(await shown(office, named), as_json=as_json)
        return 0

    _with_office(work)


def confirm(
    named: Sync,
    code: Annotated[list[str], typer.Argument(help="The code, as the partner's person read it out.")],
) -> None:
    """Confirm that the partner's person reads out the same code as 'channel show' prints here."""

    async def work(office: Office) -> int:
        from backbone.app.usecases.channels.confirming import confirm_code
        from backbone.cli.operator import operator

        channel = await confirm_code(office, named, " ".join(code), operator())
        tell(f"Confirmed: {channel.partner_key.fingerprint} is the partner's key.")
        return 0

    _with_office(work)


def try_settings(named: Sync, as_json: AsJson = False) -> None:
    """Test sending and receiving now, with the words of the server or system; exit code 1 when one does not work."""

    async def work(office: Office) -> int:
        from backbone.app.usecases.channels.places import look_over as tried

        found = await tried(office, named)
        show_tried(found, as_json=as_json)
        return HELD_BACK if any(one.words for one in found) else 0

    _with_office(work)


def adopt(named: Sync) -> None:
    """Confirm that other directories were put in the places of this channel on purpose."""

    async def work(office: Office) -> int:
        from backbone.app.usecases.channels.places import adopt as adopted
        from backbone.cli.operator import operator

        for path in await adopted(office, named, operator()):
            tell(f"{path} belongs to this channel now.")
        return 0

    _with_office(work)


def renew_key(
    named: Sync,
    kind: Annotated[str, typer.Option(help="Kind of the new key: curve25519 or rsa3072.")] = "curve25519",
    key_file: KeyFile = None,
) -> None:
    """Let another key take the place of ours. After a theft use 'channel offer --anew' instead."""

    async def work(office: Office) -> int:
        from backbone.app.usecases.channels.renewing import renew_key as renewed
        from backbone.cli.operator import operator

        fingerprint = await renewed(office, named, operator(), kind=_kind(kind), file=key_file)
        tell(f"The partner is told of the new key {fingerprint}; it is used once that is acknowledged.")
        return 0

    _with_office(work)


def ping(named: Sync) -> None:
    """Ask the partner for a sign of life, and compare both clocks; 'channel show' tells when it answered."""

    async def work(office: Office) -> int:
        from backbone.app.usecases.channels.pinging import ping as asked
        from backbone.cli.operator import operator

        await asked(office, named, operator())
        tell("The ping leaves within seconds where 'backbone serve' runs.")
        return 0

    _with_office(work)


def verify_parcels(named: Sync, as_json: AsJson = False) -> None:
    """Verify what was sent and received by its digests, and the partner's last acknowledgement; exit code 1 if it fails."""

    async def work(office: Office) -> int:
        from backbone.app.usecases.channels.auditing import verify

        found = await verify(office, named)
        show_audit(found, as_json=as_json)
        return HELD_BACK if found.wrong else 0

    _with_office(work)


def _with_office(act: Callable[[Office], Awaitable[int]]) -> None:
    found = settings()

    async def work() -> int:
        from backbone.bootstrap import assembled

        async with assembled(found) as backbone:
            return await act(backbone.office(Path.cwd()))

    run(work)


def _passphrase(variable: str | None) -> str | None:
    """The passphrase in a variable. Raises Mistake when it is not set."""
    if variable is None:
        return None
    found = os.environ.get(variable, "")
    if not found:
        from backbone.app.usecases.mistakes import Mistake

        raise Mistake("passphrase", f"the environment variable {variable} is not set", "Set it, and try again")
    return found


def _kind(kind: str) -> KeyKind:
    """Raises Mistake."""
    from backbone.app.usecases.mistakes import Mistake
    from backbone.ports.cipher import KeyKind

    try:
        return KeyKind(kind)
    except ValueError:
        known = " or ".join(KeyKind)
        raise Mistake("--kind", f"{kind!r} is no kind of keys", f"Write {known}") from None


def _write(file: Path, content: bytes) -> None:
    """Write a file for our account alone, also where one is that others may read. Raises OSError."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        if S_ISREG(os.fstat(descriptor).st_mode):
            with suppress(PermissionError):  # shares may have no rights of their own
                os.fchmod(descriptor, 0o600)
        stream.write(content)
