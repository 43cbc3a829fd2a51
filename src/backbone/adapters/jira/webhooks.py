"""Webhooks of administrators: three ways to register the same.

Sources: Atlassian, webhooks of Jira Cloud and of Jira Data Center; observed on Data Center 10 and 11: another path, the
secret inside ``configuration`` and gone when a change does not repeat it, variables without the dollar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from backbone.adapters.jira.answers import Answer, refusal_of
from backbone.adapters.jira.budget import HeededBudget
from backbone.adapters.jira.connection import JiraConnection
from backbone.adapters.jira.knowledge import Knowledge
from backbone.adapters.jira.session import JiraSession
from backbone.ports.budget import HostBudget
from backbone.ports.tracker import AccessError, Lane, OutcomeUnknown
from backbone.ports.webhooks import NotAllowed, WebhookForm, WebhookWish

EVENTS = (
    "jira:issue_created",
    "jira:issue_updated",
    "jira:issue_deleted",
    "comment_created",
    "comment_updated",
    "comment_deleted",
)
_CLASSIC, _MODERN = "/rest/webhooks/1.0/webhook", "/rest/jira-webhook/1.0/webhooks"
_FILTER = "issue-related-events-section"
_MODERN_SINCE = 10
_PAGE = "100"


class RegisteredJson(msgspec.Struct, rename="camel"):
    """A registration; ``self`` ends with its id where it has no ``id``."""

    url: str = ""
    id: int | str | None = None
    address: str = msgspec.field(default="", name="self")
    enabled: bool | None = None
    active: bool | None = None

    @property
    def ident(self) -> str:
        return str(self.id) if self.id is not None else self.address.rstrip("/").rpartition("/")[2]

    @property
    def on(self) -> bool:
        return self.enabled is not False and self.active is not False


class JiraWebhooks:
    """A :class:`backbone.ports.webhooks.WebhookRegistry`.

    In a conversation of its own: that our account may not administer is no reason to stop what it may. But where its
    log-in is refused it is not tried here either.
    """

    def __init__(self, connection: JiraConnection, knowledge: Knowledge, budget: HostBudget) -> None:
        self._session = JiraSession(connection, HeededBudget(budget))
        self._knowledge = knowledge

    async def close(self) -> None:
        await self._session.close()

    async def form(self, wish: WebhookWish) -> WebhookForm:
        here = await self._knowledge.here()
        page = f"{self._session.connection.root}/plugins/servlet/webhooks"
        signs = here.flavour.cloud or await self._modern()
        return WebhookForm(page=page, url=await self._url(wish), events=EVENTS, jql=_jql(wish), signs=signs)

    async def register(self, wish: WebhookWish, known: str | None) -> str | NotAllowed:
        """What goes to our address already is taken, since an answer may have been lost; one is enough."""
        ours = await self._ours(wish)
        if isinstance(ours, NotAllowed):
            return ours
        path, body = await self._path(), await self._body(wish)
        for one in dict.fromkeys([*([known] if known is not None else []), *ours]):
            changed = await self._ask("PUT", f"{path}/{one}", body)
            if isinstance(changed, NotAllowed):
                return changed
            if changed.ok:
                for surplus in [other for other in ours if other != one]:
                    await self.remove(surplus)
                return one
            if changed.status != 404:
                return _not_allowed(changed)
        return await self._make(wish, path, body)

    async def is_registered(self, known: str, wish: WebhookWish) -> bool | NotAllowed:
        answer = await self._ask("GET", f"{await self._path()}/{known}", None)
        if isinstance(answer, NotAllowed):
            return answer
        if answer.status == 404:
            return False
        if not answer.ok:
            return _not_allowed(answer)
        found = answer.decode(RegisteredJson)
        return found.on and found.url == await self._url(wish)

    async def remove(self, known: str) -> NotAllowed | None:
        answer = await self._ask("DELETE", f"{await self._path()}/{known}", None)
        if isinstance(answer, NotAllowed):
            return answer
        return None if answer.ok or answer.status == 404 else _not_allowed(answer)

    # parts -------------------------------------------------------------------------------------------------------
    async def _make(self, wish: WebhookWish, path: str, body: Mapping[str, object]) -> str | NotAllowed:
        """A new one. Raises OutcomeUnknown where the answer was lost and nothing can be found."""
        try:
            answer = await self._ask("POST", path, body)
        except OutcomeUnknown:
            ours = await self._ours(wish)
            if isinstance(ours, NotAllowed) or not ours:
                raise
            return ours[0]
        if isinstance(answer, NotAllowed):
            return answer
        return answer.decode(RegisteredJson).ident if answer.ok else _not_allowed(answer)

    async def _ours(self, wish: WebhookWish) -> Sequence[str] | NotAllowed:
        """The registrations that go to our address, which nobody else knows; from 10 on they come in pages."""
        path, modern = await self._path(), await self._modern()
        found: dict[str, str] = {}
        while True:
            params = {"start": str(len(found)), "limit": _PAGE} if modern else None
            answer = await self._ask("GET", path, None, params)
            if isinstance(answer, NotAllowed):
                return answer
            if not answer.ok:
                return _not_allowed(answer)
            page, before = answer.decode(list[RegisteredJson]), len(found)
            found |= {one.ident: one.url for one in page}
            if not modern or len(found) == before:
                return [ident for ident, url in found.items() if url.partition("?")[0] == wish.url]

    async def _modern(self) -> bool:
        here = await self._knowledge.here()
        return not here.flavour.cloud and here.flavour.version >= (_MODERN_SINCE,)

    async def _path(self) -> str:
        return _MODERN if await self._modern() else _CLASSIC

    async def _url(self, wish: WebhookWish) -> str:
        """With the variable of the issue: from 10 on and in Cloud without the dollar."""
        here = await self._knowledge.here()
        dollar = "" if here.flavour.cloud or await self._modern() else "$"
        return f"{wish.url}?issue={dollar}{{issue.id}}"

    async def _body(self, wish: WebhookWish) -> Mapping[str, object]:
        url, filters = await self._url(wish), {_FILTER: _jql(wish)}
        body: dict[str, object] = {"name": wish.name, "url": url, "events": list(EVENTS), "filters": filters}
        if await self._modern():
            secret = {"SECRET": wish.secret, "EXCLUDE_BODY": "false"}
            return body | {"active": True, "scopeType": "global", "configuration": secret}
        here = await self._knowledge.here()
        body |= {"enabled": True, "excludeBody": False}
        return body | {"secret": wish.secret} if here.flavour.cloud else body

    async def _ask(
        self, method: str, path: str, body: object, params: Mapping[str, str] | None = None
    ) -> Answer | NotAllowed:
        try:
            if method == "GET":
                return await self._session.get(path, Lane.BULK, params=params)
            return await self._session.write(method, path, Lane.BULK, body)
        except AccessError as error:
            return NotAllowed(error.cause)


def _jql(wish: WebhookWish) -> str:
    return f"project in ({', '.join(wish.projects)})"


def _not_allowed(answer: Answer) -> NotAllowed:
    return NotAllowed(f"{refusal_of(answer).words} ({answer.status})")
