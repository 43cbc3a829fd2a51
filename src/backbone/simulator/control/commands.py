"""How a command of the control interface is described: its body, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from backbone.simulator.rest.call import Site


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a command; an unknown word in it is an error."""


class Nothing(Order, frozen=True):
    """A command without a body."""


Body = TypeVar("Body", bound=Order)


@dataclass(frozen=True, slots=True)
class Command(Generic[Body]):
    """One command: method and path below ``/__simulator__``, the kind of body, and the action.

    The action's result is the JSON of the answer; ``LookupError`` and ``ValueError`` become 400.
    """

    method: str
    path: str
    order: type[Body]
    run: Callable[[Site, Body], object]

    def describe(self) -> dict[str, object]:
        """What the command does and the words of its body."""
        return {
            "method": self.method,
            "path": self.path,
            "does": (self.run.__doc__ or self.order.__doc__ or "").strip().partition("\n")[0],
            "body": {name: str(kind) for name, kind in self.order.__annotations__.items()},
        }

    def execute(self, site: Site, raw: bytes) -> object:
        """Decode and run."""
        return self.run(site, msgspec.json.decode(raw or b"{}", type=self.order))
