"""For whom something is shaped: a caller of the REST interface, or the receiver of a webhook."""

from __future__ import annotations

from typing import Protocol
from zoneinfo import ZoneInfo

from backbone.simulator.flavour import Traits
from backbone.simulator.world.people import User
from backbone.simulator.world.state import World


class Viewpoint(Protocol):
    """``base`` is the address of the site, ``rest`` that of the REST interface in version ``api``."""

    @property
    def world(self) -> World: ...

    @property
    def traits(self) -> Traits: ...

    @property
    def account(self) -> User | None: ...

    @property
    def api(self) -> str: ...

    @property
    def zone(self) -> ZoneInfo: ...

    @property
    def base(self) -> str: ...

    @property
    def rest(self) -> str: ...
