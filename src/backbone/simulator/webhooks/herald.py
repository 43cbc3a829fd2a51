"""What the webhooks of a site need of its REST interface."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from backbone.simulator.rest.call import Site
from backbone.simulator.webhooks import filters, payloads
from backbone.simulator.webhooks.happenings import Happening
from backbone.simulator.webhooks.registrations import Webhook
from backbone.simulator.world.issues import Issue


class SiteHerald:
    """Speaks for one site; its world may be replaced."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def _outlook(self) -> payloads.Outlook:
        return payloads.Outlook(world=self._site.world, traits=self._site.traits, base=self._site.webhooks.base)

    def body(self, happening: Happening, now: datetime) -> dict[str, object]:
        """The body of a delivery."""
        return payloads.payload(self._outlook, happening, now)

    def variables(self, happening: Happening) -> Mapping[str, str]:
        """What the variables in an address stand for."""
        return payloads.variables(self._outlook, happening)

    def matches(self, webhook: Webhook, issue: Issue | None) -> bool:
        """Whether an issue passes the filter of a webhook."""
        return filters.matches(webhook, issue, self._site.world, self._site.traits)
