"""What goes wrong with a mail server, in its own words and without secrets; and how its certificate is checked."""

from __future__ import annotations

import base64
import ssl

from backbone.ports.transport import Login, MailServer, TransportError

_MOST_WORDS = 400
CHECK_LOGIN = "Check the user name, and the password or access token."


def make_context(server: MailServer) -> ssl.SSLContext:
    """What verifies the server's name and certificate. Raises TransportError: the file is of no use."""
    try:
        return ssl.create_default_context(cafile=server.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise TransportError(
            f"The certificates in {server.ca_file} cannot be read: {error}", cure="Name a file in PEM format."
        ) from None


def get_secret(login: Login) -> str:
    """The secret, as long as it can be said in one line. Raises TransportError."""
    if any(ord(one) < 32 for one in login.user + login.secret):
        raise TransportError("The user name or secret contains a control character.", cure=CHECK_LOGIN)
    return login.secret


def xoauth2(login: Login) -> str:
    """What XOAUTH2 wants to be told, before it is encoded in base64."""
    return f"user={login.user}\x01auth=Bearer {get_secret(login)}\x01\x01"


def refused(server: MailServer, what: str, words: object, *, cure: str = "") -> TransportError:
    """An error that quotes the server."""
    return TransportError(f"{server.host}:{server.port} {what}: {plain(words, server.login)}", cure=cure)


def unreachable(server: MailServer, error: BaseException) -> TransportError:
    """An error for a connection that could not be made, or broke."""
    if isinstance(error, ssl.SSLCertVerificationError):
        cure = "Let the server have a certificate for its name, or set ca_file to the certificate that issued it."
        return refused(server, "has a certificate that cannot be trusted", error.verify_message, cure=cure)
    if isinstance(error, ssl.SSLError):
        cure = "Check whether the port is for TLS from the start (tls) or for STARTTLS (starttls)."
        return refused(server, "does not speak TLS as expected", error.reason or error, cure=cure)
    if isinstance(error, TimeoutError):
        return refused(server, "did not answer in time", str(error) or "timed out")
    return refused(server, "cannot be reached or broke off", str(error) or type(error).__name__)


def plain(words: object, login: Login) -> str:
    """Words of a server on one line, shortened, and without the secret should the server have repeated it."""
    text = " ".join(_decoded(words).split())
    for secret in _forms(login):
        text = text.replace(secret, "…")
    return readable(text)[:_MOST_WORDS]


def readable(text: str) -> str:
    """The text on one line, with nothing that could steer a screen or that no screen can show."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in " ".join(text.split()))


def _decoded(words: object) -> str:
    match words:
        case bytes():
            return words.decode("utf-8", "replace")
        case list() | tuple():
            return " ".join(_decoded(one) for one in words if one is not None)
        case _:
            return str(words)


def _forms(login: Login) -> list[str]:
    """How a server, or a library that quotes its bytes, may repeat a secret; the longest first."""
    secret = login.secret
    quoted = secret.replace("\\", "\\\\").replace('"', '\\"')
    said = [secret, quoted, *(repr(one.encode("utf-8", "replace"))[2:-1] for one in (secret, quoted))]
    sent = [
        secret,
        f"\0{login.user}\0{secret}",
        f"user={login.user}\x01auth=Bearer {secret}\x01\x01",
    ]
    encoded = [base64.b64encode(one.encode("utf-8", "replace")).decode("ascii") for one in sent if secret]
    forms = {" ".join(one.split()) for one in (*said, *encoded)}
    return sorted((one for one in forms if one), key=len, reverse=True)
