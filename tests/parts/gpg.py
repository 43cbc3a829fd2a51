"""The real gpg as a second opinion, with a home of its own that is gone afterwards, its agents included."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CURVE_25519 = """
Key-Type: eddsa
Key-Curve: ed25519
Key-Usage: sign
Subkey-Type: ecdh
Subkey-Curve: cv25519
Subkey-Usage: encrypt
"""
SIGN_ONLY = """
Key-Type: eddsa
Key-Curve: ed25519
Key-Usage: sign
"""
RSA = """
Key-Type: rsa
Key-Length: {0}
Key-Usage: sign
Subkey-Type: rsa
Subkey-Length: {0}
Subkey-Usage: encrypt
"""


@dataclass(frozen=True, slots=True)
class Gpg:
    """One home folder; keys have no passphrase unless one is given."""

    home: Path

    def run(self, *arguments: str, given: bytes = b"", passphrase: str = "") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [
                *("gpg", "--homedir", str(self.home), "--batch", "--yes", "--no-tty", "--trust-model", "always"),
                *("--pinentry-mode", "loopback", "--passphrase", passphrase, "--s2k-count", "65536", *arguments),
            ],
            input=given,
            capture_output=True,
            check=False,
            timeout=60,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )

    def output(self, *arguments: str, given: bytes = b"", passphrase: str = "") -> bytes:
        done = self.run(*arguments, given=given, passphrase=passphrase)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def make_key(self, name: str, kind: str = CURVE_25519, *more: str, expires: str = "0", passphrase: str = "") -> str:
        """Makes a key and returns its fingerprint."""
        protection = f"Passphrase: {passphrase}" if passphrase else "%no-protection"
        lines = [kind.strip(), f"Name-Real: {name}", f"Expire-Date: {expires}", protection, *more, "%commit", ""]
        self.output("--gen-key", given="\n".join(lines).encode(), passphrase=passphrase)
        return self.fingerprint(name)

    def fingerprint(self, name: str) -> str:
        listed = self.output("--with-colons", "--list-keys", f"={name}").decode()
        return next(line for line in listed.splitlines() if line.startswith("fpr")).split(":")[9]

    def public(self, fingerprint: str) -> str:
        return self.output("--armor", "--export", fingerprint).decode()

    def secret(self, fingerprint: str, passphrase: str = "") -> str:
        return self.output("--armor", "--export-secret-keys", fingerprint, passphrase=passphrase).decode()

    def take(self, armored: str) -> None:
        self.output("--import", given=armored.encode())

    def send(self, content: bytes, signer: str, recipient: str, *more: str) -> bytes:
        """A parcel as a person with gpg would make it; ``more`` is usually ``-z 0``."""
        return self.output("--armor", "-s", "-e", "-u", signer, "-r", recipient, *more, given=content)


@contextmanager
def gpg_home() -> Iterator[Gpg]:
    """The path is short, since the sockets of its agents lie in it."""
    home = Path(tempfile.mkdtemp(prefix="gpg"))
    home.chmod(0o700)
    (home / "gpg-agent.conf").write_text("s2k-count 65536\n")  # passphrases of tests need no slow hash
    try:
        yield Gpg(home)
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True, timeout=30)
        shutil.rmtree(home, ignore_errors=True)
