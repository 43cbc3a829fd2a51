"""The conversation with one Jira host: every call asks the budget, and every answer is judged before it is used."""

from __future__ import annotations

import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import assert_never
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import msgspec
from yarl import URL

from backbone import __version__, metrics
from backbone.adapters.jira.answers import Answer, Fail, Stop, Usable, Wait, judge, lost
from backbone.adapters.jira.connection import JiraConnection, authorization
from backbone.adapters.jira.limits import Pace, Stock, allowance_of
from backbone.adapters.jira.slots import Slots
from backbone.core.model.keys import Millis
from backbone.core.model.problems import Code
from backbone.ports.budget import HostBudget
from backbone.ports.tracker import AccessError, Lane, TrackerError, TransientError

LARGEST_ANSWER = 64 * 1024 * 1024
_PIECE = 64 * 1024

# Cookies by which balancers keep us on one node, so that a read follows the write there. JSESSIONID is never kept:
# a stale one makes Jira answer 401 although the token is good.
_AFFINITY = frozenset({"AWSALB", "AWSALBCORS", "AWSELB", "AWSELBCORS", "ROUTEID", "SERVERID", "INGRESSCOOKIE"})

_JSON = {"Content-Type": "application/json"}
_AS_IT_IS = {"Accept": "*/*", "Accept-Encoding": "identity"}

Params = Mapping[str, str]


class AnswerTooLarge(TransientError):
    """More than we hold in memory; ask for less at once."""


class Dropped(TransientError):
    """The connection ended before the answer did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call. ``name`` stands for it in messages, since addresses may hold names of files."""

    method: str
    path: str
    name: str
    params: Params | None = None
    body: bytes | Callable[[], AsyncIterator[bytes]] | None = None
    headers: Mapping[str, str] | None = None
    write: bool = False
    due: bool = True


class JiraSession:
    """Calls of one account to one host. ``now`` is seconds since 1970 on our clock."""

    def __init__(self, connection: JiraConnection, budget: HostBudget, *, now: Callable[[], float] = time.time) -> None:
        self.connection = connection
        self._budget = budget
        self._now = now
        self._http: aiohttp.ClientSession | None = None
        self._closed = False
        self._affinity: dict[str, str] = {}
        self._pace: Pace | None = None
        self._refusals = 0
        self._slots = Slots(connection.concurrency)
        self._proxy_of = lru_cache(maxsize=64)(_proxy_of_environment)
        self.skew = 0

    async def close(self) -> None:
        self._closed = True
        if self._http is not None:
            await self._http.close()
            self._http = None

    def local(self) -> Millis:
        """Our own clock."""
        return Millis(round(self._now() * 1000))

    # calls -------------------------------------------------------------------------------------------------------
    async def get(self, path: str, lane: Lane, *, params: Params | None = None) -> Answer:
        return await self._read(Request(method="GET", path=path, params=params, name=_name("GET", path)), lane)

    async def ask(self, path: str, lane: Lane, body: object, *, params: Params | None = None) -> Answer:
        """A read whose question is too long for an address."""
        payload = msgspec.json.encode(body)
        name = _name("POST", path)
        request = Request(method="POST", path=path, params=params, name=name, body=payload, headers=_JSON)
        return await self._read(request, lane)

    async def write(
        self,
        method: str,
        path: str,
        lane: Lane,
        body: object = None,
        *,
        params: Params | None = None,
        due: bool = False,
    ) -> Answer:
        """A change; ``due`` says whether success brings JSON. Raises OutcomeUnknown when the answer got lost."""
        payload = None if body is None else msgspec.json.encode(body)
        kind = None if body is None else _JSON
        name = _name(method, path)
        request = Request(
            method=method, path=path, params=params, name=name, body=payload, headers=kind, write=True, due=due
        )
        return await self.send(request, lane)

    async def send(self, request: Request, lane: Lane) -> Answer:
        """Exactly one call, whatever comes of it."""
        await self._permit(lane)
        async with self._slots.call(lane):
            begun = time.perf_counter()
            answer = await self._exchange(request)
            self._count(request, answer.status, begun)
        await self._learn(answer.headers)
        await self._obey(answer, due=request.due)
        return answer

    @asynccontextmanager
    async def stream(self, path: str, lane: Lane, name: str) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer whose body the caller takes piece by piece; redirects are the caller's matter."""
        await self._permit(lane)
        begun, request = time.perf_counter(), Request(method="GET", path=path, name=name, headers=_AS_IT_IS)
        async with (
            self._slots.download(),
            translated(name, write=False),
            self._open(request, self._patient()) as response,
        ):
            self._count(request, response.status, begun)
            await self._learn(response.headers)
            if response.status not in (200, 302, 303, 307):
                await self._obey(await self._taken(response, request, self.local()), due=True)
            yield response

    @asynccontextmanager
    async def foreign(self, url: str, name: str) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer of another host, or to nobody, which learns nothing about us: no credentials, no cookies, no budget.

        The address may be signed, hence it is sent as it is.
        """
        headers = {"User-Agent": f"backbone/{__version__}", **_AS_IT_IS}
        async with (
            translated(name, write=False),
            self._client().get(
                URL(url, encoded=True), headers=headers, timeout=self._patient(), proxy=self._proxy(url)
            ) as response,
        ):
            yield response

    async def _permit(self, lane: Lane) -> None:
        begun = time.perf_counter()
        await self._budget.permit(lane)
        metrics.count_wait(self.connection.host, lane, time.perf_counter() - begun)

    def _count(self, request: Request, status: int, begun: float) -> None:
        seconds = time.perf_counter() - begun
        metrics.count_call(self.connection.host, request.method, request.path, status, seconds)

    # parts -------------------------------------------------------------------------------------------------------
    async def _read(self, request: Request, lane: Lane) -> Answer:
        try:
            return await self.send(request, lane)
        except Dropped:
            return await self.send(request, lane)

    async def _exchange(self, request: Request) -> Answer:
        timeouts = self.connection.timeouts
        whole = None if callable(request.body) else timeouts.whole
        timeout = aiohttp.ClientTimeout(whole, sock_connect=timeouts.connecting, sock_read=timeouts.reading)
        begun = self.local()
        async with translated(request.name, write=request.write), self._open(request, timeout) as response:
            return await self._taken(response, request, begun)

    def _open(
        self, request: Request, timeout: aiohttp.ClientTimeout
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        url = self.connection.root + request.path
        return self._client().request(
            request.method,
            url,
            params=request.params,
            data=request.body() if callable(request.body) else request.body,
            headers={**self._headers(), **(request.headers or {})},
            timeout=timeout,
            allow_redirects=False,
            proxy=self._proxy(url),
        )

    async def _taken(self, response: aiohttp.ClientResponse, request: Request, begun: Millis) -> Answer:
        at, took = self._clock(response.headers), max(0, self.local() - begun)
        self._affinity |= {name: cookie.value for name, cookie in response.cookies.items() if name in _AFFINITY}
        taken = bytearray()
        async for piece in response.content.iter_chunked(_PIECE):
            taken += piece
            if len(taken) > LARGEST_ANSWER:
                cause = f"{request.name}: an answer of more than {LARGEST_ANSWER} bytes"
                raise lost(request.write, cause) if request.write else AnswerTooLarge(cause)
        return Answer(
            status=response.status,
            headers=response.headers,
            body=bytes(taken),
            at=at,
            as_of=Millis(at - took),
            write=request.write,
            name=request.name,
        )

    async def _obey(self, answer: Answer, *, due: bool) -> None:
        self._refusals = self._refusals + 1 if answer.status == 429 else 0
        verdict = judge(answer, due=due, refusals=self._refusals)
        match verdict:
            case Usable():
                return
            case Wait(seconds, error):
                await self._budget.pause(seconds)
                raise error
            case Stop(error):
                self._affinity.clear()
                await self._budget.block(error)
                raise error
            case Fail(error):
                raise error
            case _:
                assert_never(verdict)

    async def _learn(self, headers: Mapping[str, str]) -> None:
        """Keep to the rate that the server tells. An empty bucket is refilled once an interval; then bursts end."""
        allowance = allowance_of(headers)
        if allowance is None:
            return
        pace = allowance.pace(self._slots.running)
        match allowance.stock:
            case Stock.EMPTY:
                await self._budget.pause(allowance.interval)
                await self._keep_to(pace.even)
            case Stock.AMPLE if self._pace == pace.even:
                await self._keep_to(pace)
            case Stock.AMPLE | Stock.LOW:
                await self._keep_to(self._pace if self._pace and self._pace.even == pace.even else pace)
            case _:
                assert_never(allowance.stock)

    async def _keep_to(self, pace: Pace) -> None:
        if pace != self._pace:
            self._pace = pace
            await self._budget.pace(pace.per_second, pace.burst)

    def _patient(self) -> aiohttp.ClientTimeout:
        """However long a file takes, as long as its bytes keep coming."""
        timeouts = self.connection.timeouts
        return aiohttp.ClientTimeout(None, sock_connect=timeouts.connecting, sock_read=timeouts.reading)

    def _headers(self) -> dict[str, str]:
        headers = {
            "Authorization": authorization(self.connection.login),
            "Accept": "application/json",
            "User-Agent": f"backbone/{__version__}",
            "X-Atlassian-Token": "no-check",
        }
        if self._affinity:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._affinity.items())
        return headers

    def _clock(self, headers: Mapping[str, str]) -> Millis:
        try:
            told = Millis(round(parsedate_to_datetime(headers["Date"]).timestamp() * 1000))
        except (KeyError, ValueError):
            return self.local()
        self.skew = told - self.local()
        return told

    def _proxy(self, url: str) -> str | None:
        """Ours, else that of the environment."""
        if self.connection.proxy is not None:
            return self.connection.proxy
        try:
            target = urlsplit(url)
        except ValueError:  # an address that is none is told by the call itself
            return None
        return self._proxy_of(target.scheme, target.hostname) if target.hostname else None

    def _client(self) -> aiohttp.ClientSession:
        if self._closed:
            raise TransientError("the connection was closed")
        if self._http is None:
            connector = aiohttp.TCPConnector(limit=0, ssl=self._trust())
            # Without trust_env: it would take the environment's proxy, but also log-ins from ~/.netrc instead of ours.
            self._http = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
            # The library would repeat PUT and DELETE on a dropped connection without telling; only we decide that.
            self._http._retry_connection = False  # noqa: SLF001  there is no public switch
        return self._http

    def _trust(self) -> ssl.SSLContext | bool:
        """The system's certificates, or those and ours."""
        if self.connection.ca_file is None:
            return True
        context = ssl.create_default_context()
        try:
            context.load_verify_locations(self.connection.ca_file)
        except (OSError, ssl.SSLError) as error:
            cause = f"the certificates in {self.connection.ca_file} can't be read"
            raise AccessError(Code.HOST_UNREACHABLE, cause, "give a readable file of certificates in PEM") from error
        return context


@asynccontextmanager
async def translated(name: str, *, write: bool) -> AsyncIterator[None]:
    """Errors of the network in our words, without addresses or contents."""
    try:
        yield
    except TrackerError:
        raise
    except aiohttp.ClientConnectorCertificateError:
        cause = f"{name}: the certificate of the host is not trusted"
        raise AccessError(Code.HOST_UNREACHABLE, cause, "give the connection the file of its authority") from None
    except aiohttp.InvalidURL:
        cause = f"{name}: the address of the connection is no address"
        raise AccessError(Code.HOST_UNREACHABLE, cause, "write it as https://host/path") from None
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientProxyConnectionError) as error:
        raise TransientError(f"{name}: the host can't be reached ({_reason(error)})", retry_after=5.0) from None
    except TimeoutError:
        raise lost(write, f"{name}: no answer in time", 5.0) from None
    except (aiohttp.ClientError, ConnectionError) as error:
        cause = f"{name}: the connection was lost ({type(error).__name__})"
        raise (lost(write, cause) if write else Dropped(cause)) from None


def _reason(error: Exception) -> str:
    inner = getattr(error, "os_error", None)
    return str(inner.strerror) if isinstance(inner, OSError) and inner.strerror else type(error).__name__


def _proxy_of_environment(scheme: str, host: str) -> str | None:
    return None if proxy_bypass(host) else getproxies().get(scheme)


def _name(method: str, path: str) -> str:
    return f"{method} {path}"
