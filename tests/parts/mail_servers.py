"""Real mail servers for tests: Dovecot (IMAP, POP3) and Exim (SMTP) of Debian, as plain processes that we start.

Nothing of the machine changes: both read configurations of ours below a folder of their own, on ports that were free.
Exim insists that a list in /etc names its configuration; it sees ours in a mount namespace of its own. ``prefix`` lets
both run elsewhere, as in ``("ip", "netns", "exec", NAME)``, and then ``listen`` names an address there.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import imaplib
import itertools
import json
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

from backbone.ports.transport import Login, MailProtocol, MailServer, ReceivingMail, Security, Sender, SendingMail

_DOVECOT = "/usr/sbin/dovecot"
_EXIM = "/usr/sbin/exim4"
_SPARE_USERS = 600
_PORTS = ("smtp", "smtps", "small", "imap", "imaps", "pop3", "pop3s")
SMALL = 50_000
"""Bytes of a mail that the port for small ones takes."""
_TOKEN_SECRET = b"a secret that signs access tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody with a mailbox. The address is the user name, too."""

    address: str
    password: str
    maildir: Path

    def mails(self) -> set[str]:
        """The mails in the mailbox, by names that stay."""
        return {path.name.partition(":")[0] for sub in ("new", "cur") for path in (self.maildir / sub).glob("*")}

    @property
    def token(self) -> str:
        """An access token for XOAUTH2, which both servers accept."""
        said = {"email": self.address, "sub": self.address, "iat": 1_700_000_000, "exp": 4_000_000_000}
        parts = [_base64url(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, said)]
        signed = ".".join(parts)
        return f"{signed}.{_base64url(hmac.new(_TOKEN_SECRET, signed.encode(), hashlib.sha256).digest())}"


class Delivered:
    """A sender whose mails are in the recipient's mailbox when sending ends: servers deliver a little later."""

    def __init__(self, sender: Sender, recipient: User) -> None:
        self._sender = sender
        self._recipient = recipient

    async def send(self, parcel: bytes) -> None:
        before = self._recipient.mails()
        await self._sender.send(parcel)
        while not self._recipient.mails() - before:  # noqa: ASYNC110 - a file system tells of nothing
            await asyncio.sleep(0.005)

    async def check(self) -> None:
        await self._sender.check()

    async def close(self) -> None:
        await self._sender.close()


@dataclass(slots=True, kw_only=True)
class MailServers:
    """Running servers; ``user`` lends mailboxes that nobody used before."""

    folder: Path
    host: str
    ports: dict[str, int]
    ca_file: Path
    a: User
    b: User
    _spare: Iterator[User] = field(repr=False)

    def user(self) -> User:
        return next(self._spare)

    def smtp(self, user: User, security: Security = Security.TLS, *, oauth: bool = False) -> MailServer:
        return self._server("smtps" if security is Security.TLS else "smtp", security, user, oauth=oauth)

    def small_smtp(self, user: User) -> MailServer:
        """One that announces to take small mails only."""
        return self._server("small", Security.STARTTLS, user, oauth=False)

    def imap(self, user: User, security: Security = Security.TLS, *, oauth: bool = False) -> MailServer:
        return self._server("imaps" if security is Security.TLS else "imap", security, user, oauth=oauth)

    def pop3(self, user: User, security: Security = Security.TLS, *, oauth: bool = False) -> MailServer:
        return self._server("pop3s" if security is Security.TLS else "pop3", security, user, oauth=oauth)

    def sending(self, sender: User, recipient: User, channel: str) -> SendingMail:
        return SendingMail(
            server=self.smtp(sender), address=sender.address, to=recipient.address, channel=channel, role="first"
        )

    def receiving(self, user: User, protocol: MailProtocol, channel: str) -> ReceivingMail:
        server = self.imap(user) if protocol is MailProtocol.IMAP else self.pop3(user)
        return ReceivingMail(server=server, protocol=protocol, address=user.address, channel=channel, role="second")

    @contextmanager
    def as_person(self, user: User, folder: str = "INBOX") -> Iterator[imaplib.IMAP4]:
        """A person's own mail program, which has opened the folder."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        client = imaplib.IMAP4_SSL(self.host, self.ports["imaps"], ssl_context=context, timeout=20)
        try:
            client.login(user.address, user.password)
            client.select(folder)
            yield client
        finally:
            client.logout()

    def _server(self, port: str, security: Security, user: User, *, oauth: bool) -> MailServer:
        login = Login(user=user.address, secret=user.token if oauth else user.password, oauth=oauth)
        return MailServer(
            host=self.host, port=self.ports[port], security=security, login=login, ca_file=str(self.ca_file)
        )


@contextmanager
def run_mail_servers(
    *, listen: str = "127.0.0.1", host: str = "localhost", prefix: Sequence[str] = ()
) -> Iterator[MailServers]:
    """Both servers on free ports of ``listen``, where clients find them as ``host``, for as long as the block lasts."""
    _require_programs()
    folder = Path(tempfile.mkdtemp(prefix="backbone-mail-", dir="/tmp"))  # the sockets of Dovecot need a short path
    try:
        folder.chmod(0o755)
        servers = _lay_out(folder, listen, host)
        dovecot = [*prefix, _DOVECOT, "-F", "-c", str(folder / "dovecot.conf")]
        exim = [*prefix, *_exim_command(folder)]
        with (
            _running(dovecot, folder / "dovecot.log", "starting up"),
            _running(exim, folder / "exim" / "mainlog", "daemon started"),
        ):
            yield servers
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def mail_servers() -> Iterator[MailServers]:
    """One pair of servers a process of pytest; tests take users of their own."""
    with run_mail_servers() as servers:
        yield servers


def _require_programs() -> None:
    missing = [program for program in (_DOVECOT, _EXIM, "/usr/bin/unshare") if not Path(program).exists()]
    if missing:
        pytest.fail(f"{', '.join(missing)} missing: run `make test-parts`")
    if os.geteuid() != 0:
        pytest.fail("The mail servers are started by root, as Dovecot and Exim want it: run the tests as root")


def _lay_out(folder: Path, listen: str, host: str) -> MailServers:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    certificate = authority.issue_cert(host)
    key, chain = folder / "key.pem", folder / "cert.pem"
    certificate.private_key_pem.write_to_path(key)
    chain.write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
    ports = dict(zip(_PORTS, _free_ports(listen, len(_PORTS)), strict=True))
    users = [_user(folder, name) for name in ("a@a.test", "b@b.test")]
    spare = [_user(folder, f"u{number}@b.test") for number in range(_SPARE_USERS)]
    _write_dovecot(folder, [*users, *spare], listen, ports)
    _write_exim(folder, [*users, *spare], listen, ports)
    return MailServers(
        folder=folder, host=host, ports=ports, ca_file=folder / "ca.pem", a=users[0], b=users[1], _spare=iter(spare)
    )


def _user(folder: Path, address: str) -> User:
    name = address.partition("@")[0]
    return User(address=address, password=f"secret-of-{name}", maildir=folder / "mail" / name / "Maildir")


def _free_ports(listen: str, count: int) -> list[int]:
    """Ports nobody uses, as far as can be seen from here."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind((listen, 0))
            except OSError:  # an address of another network namespace
                one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _write_dovecot(folder: Path, users: Sequence[User], listen: str, ports: dict[str, int]) -> None:
    nobody = pwd.getpwnam("nobody")
    (folder / "mail").mkdir()
    os.chown(folder / "mail", nobody.pw_uid, nobody.pw_gid)
    lines = [
        f"{user.address}:{{PLAIN}}{user.password}:{nobody.pw_uid}:{nobody.pw_gid}::{user.maildir.parent}::"
        for user in users
    ]
    (folder / "users").write_text("\n".join(lines) + "\n")
    keys = folder / "keys" / "default" / "HS256"
    keys.mkdir(parents=True)
    (keys / "default").write_text(base64.b64encode(_TOKEN_SECRET).decode())
    (folder / "oauth2.conf").write_text(
        "introspection_mode = local\n"
        f"local_validation_key_dict = fs:posix:prefix={folder}/keys/\n"
        "username_attribute = email\n"
    )
    (folder / "dovecot.conf").write_text(_DOVECOT_CONF.format(folder=folder, listen=listen, **ports))


def _write_exim(folder: Path, users: Sequence[User], listen: str, ports: dict[str, int]) -> None:
    exim = pwd.getpwnam("Debian-exim")
    for name in ("exim", "spool"):
        (folder / name).mkdir()
        os.chown(folder / name, exim.pw_uid, exim.pw_gid)
    key = folder / "exim-key.pem"
    shutil.copy(folder / "key.pem", key)
    os.chown(key, exim.pw_uid, exim.pw_gid)
    (folder / "boxes").write_text("".join(f"{user.address}: {user.maildir}\n" for user in users))
    (folder / "passwords").write_text("".join(f"{user.address}: {user.password}\n" for user in users))
    (folder / "tokens").write_text("".join(f"{user.address}: {user.token}\n" for user in users))
    (folder / "exim.conf").write_text(
        _EXIM_CONF.replace("FOLDER", str(folder))
        .replace("LISTEN", listen)
        .replace("SMALL", str(ports["small"]))
        .replace("SMTPS", str(ports["smtps"]))
        .replace("SMTP", str(ports["smtp"]))
        .replace("LIMIT", str(SMALL))
    )
    trusted = folder / "etc"
    trusted.mkdir()
    (trusted / "trusted_configs").write_text(f"{folder}/exim.conf\n")


def _exim_command(folder: Path) -> list[str]:
    """Exim with another /etc/exim4 that only it and its children see."""
    start = f"mount --bind {folder}/etc /etc/exim4 && exec {_EXIM} -C {folder}/exim.conf -bdf -q5s"
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", start]


@contextmanager
def _running(command: Sequence[str], log: Path, ready: str) -> Iterator[None]:
    """A process from the time its log says that it is ready."""
    errors = log.parent / f"{log.name}.stderr"
    with errors.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, start_new_session=True)
    try:
        for attempt in itertools.count():
            if log.exists() and ready in log.read_text(errors="replace"):
                break
            if process.poll() is not None or attempt > 1500:
                said = errors.read_text(errors="replace") + (log.read_text(errors="replace") if log.exists() else "")
                pytest.fail(f"{command[-1]} did not start: {said[-2000:]}")
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


_DOVECOT_CONF = """\
protocols = imap pop3
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
listen = {listen}
ssl = required
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:~/Maildir
first_valid_uid = 1
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
mail_max_userip_connections = 100
imap_idle_notify_interval = 1 min
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = {folder}/users
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
  }}
}}
"""

_EXIM_CONF = r"""
primary_hostname = mail.test
spool_directory = FOLDER/spool
log_file_path = FOLDER/exim/%slog
pid_file_path = FOLDER/exim/exim.pid
local_interfaces = <; LISTEN.SMTP ; LISTEN.SMTPS ; LISTEN.SMALL
tls_on_connect_ports = SMTPS
tls_advertise_hosts = *
tls_certificate = FOLDER/cert.pem
tls_privatekey = FOLDER/exim-key.pem
domainlist local_domains = a.test : b.test
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept_all
never_users =
host_lookup =
rfc1413_query_timeout = 0s
message_size_limit = ${if eq{$received_port}{SMALL}{LIMIT}{64M}}
begin acl
accept_all:
  accept
check_rcpt:
  deny message = authentication required
       !authenticated = *
  accept domains = +local_domains
  deny message = relay not permitted
begin routers
box:
  driver = accept
  domains = +local_domains
  address_data = ${lookup{$local_part@$domain}lsearch{FOLDER/boxes}{$value}fail}
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = ${lookup{$local_part@$domain}lsearch{FOLDER/boxes}}
  maildir_format
  create_directory
  user = nobody
  group = nogroup
begin retry
* * F,1m,2s
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_set_id = $auth2
  server_condition = ${if eq{$auth3}{${lookup{$auth2}lsearch{FOLDER/passwords}{$value}fail}}}
xoauth2:
  driver = plaintext
  public_name = XOAUTH2
  server_prompts = :
  server_set_id = ${extract{user}{${sg{$auth1}{\\x01}{ }}}}
  server_condition = ${if eq{$auth1}{user=${extract{user}{${sg{$auth1}{\\x01}{ }}}}\001auth=Bearer ${lookup{${extract{user}{${sg{$auth1}{\\x01}{ }}}}}lsearch{FOLDER/tokens}{$value}fail}\001\001}}
"""
