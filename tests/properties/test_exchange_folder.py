"""Whatever happens to a directory and to those who use it: what was put there whole is stored, and nothing stays."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from backbone.adapters.transports.files.names import parcel_name
from backbone.ports.transport import Batch, NotOurPlace
from tests.parts.exchange_folder import Folder, handles, parcels

JUNK = ("README", "b-1.parcel", parcel_name(b"").upper(), "x\ny")
CONTENT = st.binary(min_size=2, max_size=40)


class Exchange(RuleBasedStateMachine):
    """One directory, a sender, a receiver that is killed between any two steps, and people."""

    @initialize()
    def begin(self) -> None:
        self.root = Path(tempfile.mkdtemp())
        self.folder = Folder(self.root / "SEND")
        asyncio.run(self.folder.prepare())
        self.memory = ""
        self.backup = ""
        self.promised: set[bytes] = set()
        self.stored: set[bytes] = set()
        self.growing: dict[str, bytes] = {}
        self.junk: set[str] = set()
        self.mounted = True

    @property
    def here(self) -> Path:
        """Where the directory is now."""
        return self.folder.path if self.mounted else self.root / "unmounted"

    @rule(content=CONTENT)
    def send(self, content: bytes) -> None:
        if not self.mounted:
            with pytest.raises(NotOurPlace):
                asyncio.run(self.folder.sender.send(content))
            return
        asyncio.run(self.folder.sender.send(content))
        self.promised.add(content)
        self.growing.pop(parcel_name(content), None)

    @rule(content=CONTENT)
    def begin_to_copy(self, content: bytes) -> None:
        name = parcel_name(content)
        if not (self.here / name).exists():
            (self.here / name).write_bytes(content[:-1])
            self.growing[name] = content

    @rule()
    def finish_copies(self) -> None:
        for name, content in self.growing.items():
            (self.here / name).write_bytes(content)
            self.promised.add(content)
        self.growing.clear()

    @rule(step=st.integers(0, 2), parcels=st.integers(1, 5), octets=st.integers(1, 100))
    def receive(self, step: int, parcels: int, octets: int) -> None:
        """Look, store, confirm, and be killed after any of these."""
        if not self.mounted:
            with pytest.raises(NotOurPlace):
                asyncio.run(self.folder.look(self.memory))
            return
        batch = self.look(parcels, octets)
        if step > 0:
            self.store(batch)
        if step > 1:
            asyncio.run(self.folder.receiver.confirm(handles(batch)))

    def look(self, limit: int, octets: int) -> Batch:
        return asyncio.run(self.folder.receiver.receive(self.memory, parcels=limit, octets=octets))

    def store(self, batch: Batch) -> None:
        self.stored |= set(parcels(batch))
        self.memory = batch.memory

    @rule()
    def back_up(self) -> None:
        self.backup = self.memory

    @rule()
    def restore(self) -> None:
        """The memory is an older one; what was removed since is the partner's to send again."""
        self.memory = self.backup

    @rule()
    def put_aside_and_back(self) -> None:
        aside = self.root / "aside"
        aside.mkdir(exist_ok=True)
        for path in self.here.glob("*.parcel"):
            shutil.move(path, aside / path.name)
        if self.mounted:
            self.look(5, 100)
        for path in aside.iterdir():
            shutil.move(path, self.here / path.name)

    @rule()
    def mount_or_unmount(self) -> None:
        if self.mounted:
            self.folder.path.rename(self.root / "unmounted")
            self.folder.path.mkdir()
        else:
            self.folder.path.rmdir()
            (self.root / "unmounted").rename(self.folder.path)
        self.mounted = not self.mounted

    @rule(name=st.sampled_from(JUNK), link=st.booleans())
    def litter(self, name: str, *, link: bool) -> None:
        if name not in self.junk:
            self.junk.add(name)
            if link:
                (self.here / name).symlink_to("/etc/passwd")
            else:
                (self.here / name).write_bytes(b"junk")

    @rule(seconds=st.integers(0, 40))
    def pass_time(self, seconds: int) -> None:
        if not self.growing:  # somebody who copies is faster than that
            self.folder.clock += seconds

    def teardown(self) -> None:
        self.finish_copies()
        if not self.mounted:
            self.mount_or_unmount()
        for _ in range(3):
            batch = self.look(1_000, 1_000_000)
            self.store(batch)
            asyncio.run(self.folder.receiver.confirm(handles(batch)))
        left = self.folder.names()
        shutil.rmtree(self.root)

        assert self.stored == self.promised
        assert left == self.junk


Exchange.TestCase.settings = settings(stateful_step_count=30)
TestExchange = Exchange.TestCase
