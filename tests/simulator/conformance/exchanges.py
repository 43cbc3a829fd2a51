"""Requests and answers of a tour, written down to be judged afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp

from backbone.simulator.app import ENDPOINTS
from backbone.simulator.flavour import Traits
from backbone.simulator.rest.endpoints import Endpoint
from tests.simulator.asking import Asker, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer; ``path`` is relative to the version of the interface, without the query.

    ``template`` is the path as the pretend Jira's table of endpoints has it.
    """

    api: str
    method: str
    path: str
    template: str
    reply: Reply

    @property
    def is_json(self) -> bool:
        """Whether the answer says that it is JSON and has a body."""
        return self.reply.headers.get("Content-Type", "").startswith("application/json") and self.reply.body != ""

    @property
    def operation(self) -> str:
        """Method and path, whatever the names of its parameters."""
        return f"{self.method} {shape(self.template)}"

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.reply.status})"


def served(traits: Traits) -> dict[tuple[str, str], Endpoint]:
    """What a pretend Jira of these traits serves below the REST interface."""
    return {(e.method, e.path): e for e in ENDPOINTS if e.parameters(traits) is not None}


@dataclass(slots=True, kw_only=True)
class Traveller:
    """Asks like one account and writes every exchange into a book that all its companions share."""

    asker: Asker
    book: list[Exchange] = field(default_factory=list)

    @property
    def cloud(self) -> bool:
        return self.asker.simulator.traits.is_cloud

    def like(self, account: str) -> Traveller:
        """The same tour as somebody else; the empty name is nobody."""
        other = self.asker.like(account)
        other.api = self.asker.api
        return Traveller(asker=other, book=self.book)

    async def ask(
        self,
        method: str,
        path: str,
        json: object = None,
        *,
        data: aiohttp.FormData | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        reply = await self.asker.ask(method, path, json, headers=headers, data=data)
        place = urlsplit(path).path
        templates = (template for _, template in served(self.asker.simulator.traits))
        template = template_of(place, templates) or place
        self.book.append(Exchange(api=self.asker.api, method=method, path=place, template=template, reply=reply))
        return reply

    async def get(self, path: str) -> Reply:
        return await self.ask("GET", path)

    async def post(self, path: str, json: object) -> Reply:
        return await self.ask("POST", path, json)

    async def put(self, path: str, json: object) -> Reply:
        return await self.ask("PUT", path, json)

    async def delete(self, path: str) -> Reply:
        return await self.ask("DELETE", path)


PARAMETER = re.compile(r"\{[^}]*\}")


def shape(template: str) -> str:
    """A path template without the names of its parameters, for comparison between documents."""
    return PARAMETER.sub("{}", template)


def template_of(path: str, templates: Iterable[str]) -> str | None:
    """The template that a path was made from; of several the one with the fewest parameters."""
    fitting = [t for t in templates if re.fullmatch(PARAMETER.sub("[^/]+", t), path)]
    return min(fitting, key=lambda template: template.count("{"), default=None)
