"""Who calls, and what that allows: pure, asked by every route."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName, ProjectId


class Scope(StrEnum):
    """How much of what its owner may do a token allows; each includes the ones before it."""

    READ = "read"
    OPERATE = "operate"
    CONFIGURE = "configure"
    ADMINISTER = "administer"

    def includes(self, other: Scope) -> bool:
        order = list(Scope)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who signed in.

    ``name`` identifies in the audit log and owns tasks: ``local:anna`` or ``jira:CONNECTION:ACCOUNT``; ``shown`` is
    what documents call ``createdUser``. ``everything`` is a local administrator. ``instances`` are connections whose
    Jira the caller administers, ``projects`` those whose project the caller administers. ``by_cookie`` tells that a
    browser may have been tricked into this call.
    """

    name: str
    shown: str
    scope: Scope = Scope.ADMINISTER
    everything: bool = False
    instances: frozenset[ConnectionName] = frozenset()
    projects: frozenset[tuple[ConnectionName, ProjectId]] = field(default_factory=frozenset)
    by_cookie: bool = False
    address: str = ""

    def administers(self, half: HalfConfiguration) -> bool:
        """Whether the half's project is the caller's."""
        return self.everything or half.jira in self.instances or (half.jira, half.project) in self.projects

    def sees(self, halves: Sequence[HalfConfiguration]) -> bool:
        """Whether a synchronization with these halves is the caller's to see and to change."""
        return any(self.administers(half) for half in halves)

    def may_publish(self, halves: Sequence[HalfConfiguration]) -> bool:
        """Whether the caller may create or publish: that needs every project which this installation reaches."""
        return all(self.administers(half) for half in halves)

    @property
    def administrator(self) -> bool:
        """Of the installation or of an instance, and so not bound to name a project."""
        return self.everything or bool(self.instances)
