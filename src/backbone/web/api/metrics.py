"""Figures for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from backbone import metrics
from backbone.app.access.caller import Caller, Scope
from backbone.app.usecases.troubleshooting.figures import Sample, figures
from backbone.web.access import Authenticate, Rule, allowed
from backbone.web.front import BASE
from backbone.web.installation import installation_of

router = APIRouter(tags=["Metrics"])

PATH = "/metrics"
_NEIGHBOUR = Caller(name="local:metrics", shown="metrics", scope=Scope.READ, everything=True)


@router.get(
    PATH,
    dependencies=[allowed(Rule.LOCAL_ADMINISTRATOR)],
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def all_metrics(request: Request) -> Response:
    """All figures in the format of Prometheus: gauges from the database, counters of this process."""
    here = installation_of(request)
    found = await figures(here.store, here.system.now())
    body = generate_latest(_registry(found)) + generate_latest(metrics.COUNTED)
    return Response(body, media_type=CONTENT_TYPE_LATEST)


def _registry(samples: Iterable[Sample]) -> CollectorRegistry:
    registry = CollectorRegistry()
    gauges: dict[str, Gauge] = {}
    for one in samples:
        metric = one.metric
        if metric.name not in gauges:
            gauges[metric.name] = Gauge(metric.name, metric.meaning, metric.labels, registry=registry)
        gauge = gauges[metric.name]
        (gauge.labels(*one.labels) if one.labels else gauge).set(one.value)
    return registry


def open_to_neighbours(authenticate: Authenticate) -> Authenticate:
    """Let a collector on the same machine read the figures, and nothing else, without a log-in.

    Not through a proxy: what a proxy sends on comes from somewhere else.
    """

    async def found(request: Request) -> Caller | None:
        caller = await authenticate(request)
        return _NEIGHBOUR if caller is None and _is_neighbour(request) else caller

    return found


def _is_neighbour(request: Request) -> bool:
    wanted = request.method == "GET" and request.url.path.endswith(BASE + PATH)
    if not wanted or request.client is None or any(name in request.headers for name in _OF_PROXIES):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


_OF_PROXIES = ("authorization", "forwarded", "x-forwarded-for", "x-forwarded-host", "via")
