"""Secrets and files that a declaration only points to, read at the edge: environment, disk, and what is kept sealed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from urllib.parse import quote

from backbone.app.declaration.connection import ConnectionPart, SecretSource
from backbone.app.declaration.findings import DeclarationError, Finding, Path
from backbone.app.declaration.reading import Declaration
from backbone.core.model.keys import ConnectionName
from backbone.ports.login import ApiTokenLogin, JiraLogin, PasswordLogin, TokenLogin
from backbone.ports.sealing import SealBroken

LARGEST_SECRET = 16_384
"""Bytes of a file with a secret; more is another kind of file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedConnection:
    """All that is needed to talk to a Jira. ``rate`` is in calls a second; ``proxy`` holds its log-in if it has one.

    ``former`` are the accounts that were ours there: what they did counts as done by us.
    """

    name: ConnectionName
    url: str
    login: JiraLogin
    proxy: str | None = field(repr=False)
    ca_file: FilePath | None
    rate: float | None
    former: frozenset[str] = frozenset()


Unseal = Callable[[str], str]
"""Opens the sealed secret of an id. Raises SealBroken."""


def nothing_sealed(ident: str) -> str:
    """For files, which point to no sealed secrets."""
    raise SealBroken(f"there is no sealed secret {ident}", "Give the secret anew")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretSources:
    """Where secrets come from; relative paths begin in ``folder``."""

    environment: Mapping[str, str]
    folder: FilePath
    unseal: Unseal


class SecretMissing(Exception):
    """What a source points to can't be had; the author of the file must act."""

    def __init__(self, step: str, message: str, cure: str) -> None:
        super().__init__(message)
        self.step, self.message, self.cure = step, message, cure


def open_connections(
    declaration: Declaration, environment: Mapping[str, str], unseal: Unseal = nothing_sealed
) -> Mapping[ConnectionName, OpenedConnection]:
    """Every connection with its secrets. Raises DeclarationError naming each source that can't be had."""
    sources = SecretSources(environment=environment, folder=FilePath(declaration.file).parent, unseal=unseal)
    opened: dict[ConnectionName, OpenedConnection] = {}
    findings: list[Finding] = []
    for name, part in declaration.document.connections.items():
        try:
            opened[ConnectionName(name)] = _opened(ConnectionName(name), part, sources)
        except SecretMissing as missing:
            path: Path = ("connections", name, *missing.step.split("."))
            findings.append(declaration.finding(path, missing.message, missing.cure))
    if findings:
        raise DeclarationError(declaration.file, findings)
    return opened


def _opened(name: ConnectionName, part: ConnectionPart, sources: SecretSources) -> OpenedConnection:
    ca_file = None if part.ca_file is None else sources.folder / FilePath(part.ca_file).expanduser()
    if ca_file is not None and not ca_file.is_file():
        raise SecretMissing("ca_file", f"there is no file {ca_file}", "Check the path")
    return OpenedConnection(
        name=name,
        url=part.url,
        login=_login(part, sources),
        proxy=_proxy(part, sources),
        ca_file=ca_file,
        rate=part.rate,
    )


def _proxy(part: ConnectionPart, sources: SecretSources) -> str | None:
    if part.proxy is None or part.proxy_user is None or part.proxy_password is None:
        return part.proxy
    password = secret_from("proxy_password", part.proxy_password, sources)
    scheme, _, rest = part.proxy.partition("://")
    return f"{scheme}://{quote(part.proxy_user, safe='')}:{quote(password, safe='')}@{rest}"


def _login(part: ConnectionPart, sources: SecretSources) -> JiraLogin:
    match part:
        case ConnectionPart(user=str(user), password=SecretSource() as source):
            return PasswordLogin(user=user, password=secret_from("password", source, sources))
        case ConnectionPart(token=SecretSource() as source):
            return TokenLogin(token=secret_from("token", source, sources))
        case ConnectionPart(email=str(email), api_token=SecretSource() as source):
            return ApiTokenLogin(email=email, api_token=secret_from("api_token", source, sources))
        case _:
            raise AssertionError("the document was checked to name one log-in")


def secret_from(key: str, source: SecretSource, sources: SecretSources) -> str:
    """The secret that stands under a key. Raises SecretMissing."""
    if source.sealed is not None:
        try:
            return sources.unseal(source.sealed)
        except SealBroken as broken:
            raise SecretMissing(f"{key}.sealed", broken.cause, broken.cure) from broken
    if source.env is not None:
        secret = sources.environment.get(source.env, "")
        if not secret:
            raise SecretMissing(
                f"{key}.env", f"the environment variable {source.env} is not set", "Set it, and try again"
            )
        return secret
    return _from_file(key, sources.folder / FilePath(source.file or "").expanduser())


def _from_file(key: str, path: FilePath) -> str:
    step = f"{key}.file"
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_SECRET + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise SecretMissing(
            step, f"{path} can't be read: {reason}", "Check the path and the rights of the file"
        ) from error
    lines = content.decode("utf-8", "replace").splitlines()
    if len(content) > LARGEST_SECRET or not lines or not lines[0].strip() or "\ufffd" in lines[0]:
        raise SecretMissing(step, f"the first line of {path} holds no secret", "Write the secret into its first line")
    return lines[0].strip()
