"""The table of what can be called: path, parameters and availability in each product."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from backbone.simulator.flavour import Traits
from backbone.simulator.rest.call import Call

Run = Callable[[Call], Awaitable[web.StreamResponse]]


def everywhere(traits: Traits) -> bool:
    """The endpoint exists in every version that its parameters name."""
    del traits
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One operation; ``None`` as parameters means that the product does not offer it."""

    method: str
    path: str
    run: Run
    data_center: frozenset[str] | None
    cloud: frozenset[str] | None
    exists: Callable[[Traits], bool] = everywhere

    def parameters(self, traits: Traits) -> frozenset[str] | None:
        """The query parameters allowed in this product and version."""
        if not self.exists(traits):
            return None
        return self.cloud if traits.is_cloud else self.data_center


def words(text: str = "") -> frozenset[str]:
    """Parameter names written as one text."""
    return frozenset(text.split())


def both(
    method: str, path: str, run: Run, parameters: str = "", cloud_too: str = "", *, data_center_too: str = ""
) -> Endpoint:
    """An operation of both products, with parameters that only one of them knows."""
    return Endpoint(
        method=method,
        path=path,
        run=run,
        data_center=words(f"{parameters} {data_center_too}"),
        cloud=words(f"{parameters} {cloud_too}"),
    )


def only_cloud(method: str, path: str, run: Run, parameters: str = "") -> Endpoint:
    """An operation of Cloud."""
    return Endpoint(method=method, path=path, run=run, data_center=None, cloud=words(parameters))


def only_data_center(method: str, path: str, run: Run, parameters: str = "") -> Endpoint:
    """An operation of Data Center."""
    return Endpoint(method=method, path=path, run=run, data_center=words(parameters), cloud=None)
