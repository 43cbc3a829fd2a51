"""The data folder: initialised once, checked for its version, and told who may connect."""

from __future__ import annotations

import shutil
from pathlib import Path

from backbone.adapters.postgres.account import name_of
from backbone.adapters.postgres.binaries import Binaries, for_nameless_user, run
from backbone.adapters.postgres.failure import PostgresUnavailable, from_os_error
from backbone.adapters.postgres.place import Place, write_private

ROLE = "backbone"  # owns everything inside; who may become it is a matter of the socket


def initialise(place: Place, binaries: Binaries) -> None:
    """Make the cluster, all or nothing: what a killed attempt left is thrown away."""
    fresh = place.data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    if place.account.name is not None:
        _initdb(place, binaries)
    else:
        with for_nameless_user(binaries, scratch=place.folder) as lent:
            _initdb(place, lent)
    try:
        fresh.rename(place.data)
    except OSError as error:
        raise from_os_error(error, doing="initialising its data") from error


def _initdb(place: Place, binaries: Binaries) -> None:
    # Our own access rules replace those of initdb at every start, hence reject.
    options = ["--username", ROLE, "--auth", "reject", "--encoding", "UTF8", "--locale", "C", "--data-checksums"]
    command: list[str | Path] = [binaries.program("initdb"), "--pgdata", place.data.with_name("data.new"), *options]
    run(command, doing="initialising its data", account=place.account)


def check_version(place: Place, binaries: Binaries) -> None:
    """Refuse programs of another major version than the one that wrote the data."""
    written_by = (place.data / "PG_VERSION").read_text(encoding="ascii").strip()
    version = binaries.version()
    if version.split(".")[0] == written_by:
        return
    raise PostgresUnavailable(
        cause=f"The data in {place.data} were written by PostgreSQL {written_by}, the programs in {binaries.folder} are {version}.",
        remedy=(
            f"With BACKBONE_PG_BIN naming the programs of PostgreSQL {written_by} run `backbone backup FILE`, move the folder "
            f"{place.folder} away, and with those of PostgreSQL {version} run `backbone restore FILE`."
        ),
    )


def write_access_rules(place: Place) -> None:
    """Let in the user who runs the server, and root; the kernel vouches for both (peer authentication).

    The server cannot ask for the name of a user who has none; the folder of the socket, mode 0700, then does the same.
    """
    account = place.account
    names = sorted({name for name in (account.name, name_of(0)) if name})
    method = "peer map=backbone" if account.name else "trust"
    rules = f"# written at every start\nlocal all {ROLE} {method}\n"
    idents = "".join(f'backbone "{name}" {ROLE}\n' for name in names)
    write_private(place.data / "pg_hba.conf", rules, account)
    write_private(place.data / "pg_ident.conf", f"# written at every start\n{idents}", account)
