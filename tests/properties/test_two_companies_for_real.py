"""Two companies converge over real directories and real mailboxes, too: fewer examples, the same people and promises."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fakes.world import START, FakeSystem, drive
from tests.parts.bad_wires import BadWire, wire_of_both, wire_of_folders, wire_of_mails
from tests.parts.mail_servers import MailServers, mail_servers
from tests.parts.two_installations import TwoInstallations
from tests.properties.test_two_companies import TwoCompanies

__all__ = ["mail_servers"]

SHARES = {"files": (4, 1000), "mail": (40, 100)}
"""Every how many examples in memory there is one over these, and how many at most."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory: what is tried here is the program, not the disk."""
    with TemporaryDirectory(prefix="backbone-exchange-", dir="/dev/shm") as name:
        yield Path(name)


class RealWire(TwoCompanies):
    """Both installations over a wire of their own, closed at the end of the example."""

    wire: BadWire

    def open_wire(self, system: FakeSystem) -> BadWire:
        raise NotImplementedError

    def installations(self) -> TwoInstallations:
        system = FakeSystem()
        self.wire = self.open_wire(system)
        return TwoInstallations(system=system, wire=self.wire)

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            drive(self.wire.close())


def examples(kind: str) -> int:
    every, most = SHARES[kind]
    return min(max(1, settings().max_examples // every), most)


def test_over_files(folder: Path) -> None:
    class OverFiles(RealWire):
        def open_wire(self, system: FakeSystem) -> BadWire:
            place = folder / os.urandom(8).hex()
            return drive(wire_of_folders(place, lambda: (system.time - START) / 1000))

    run_state_machine_as_test(OverFiles, settings=settings(max_examples=examples("files")))


def test_over_mail(mail_servers: MailServers) -> None:
    class OverMail(RealWire):
        def open_wire(self, system: FakeSystem) -> BadWire:
            del system
            return wire_of_mails(mail_servers)

    run_state_machine_as_test(OverMail, settings=settings(max_examples=examples("mail")))


def test_over_mail_one_way_and_files_the_other(mail_servers: MailServers, folder: Path) -> None:
    class OverBoth(RealWire):
        def open_wire(self, system: FakeSystem) -> BadWire:
            place = folder / os.urandom(8).hex()
            return drive(wire_of_both(mail_servers, place, lambda: (system.time - START) / 1000))

    run_state_machine_as_test(OverBoth, settings=settings(max_examples=examples("mail")))
