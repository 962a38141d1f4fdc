"""Fetch one feed: conditional, capped, guarded, one request at a time to a host."""

import asyncio
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from http import HTTPStatus
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import urljoin
from weakref import WeakValueDictionary

import aiohttp

from feeds.addresses import (
    BadAddress,
    Guard,
    Network,
    RefusedAddress,
    RefusedPort,
    web_address,
)
from feeds.fetched import (
    NO_VALIDATORS,
    Fetched,
    FetchError,
    FetchFault,
    Limits,
    Unchanged,
    Validators,
)
from feeds.http_headers import fresh_for, sendable, wait_told

__all__ = [
    "NO_VALIDATORS",
    "FetchError",
    "FetchFault",
    "Fetched",
    "Fetcher",
    "Limits",
    "Unchanged",
    "Validators",
]

_READ_BYTES = 65_536
_LONGEST_HEADER = 32_768
_CONNECTIONS = 100
_DNS_CACHE_S = 300
_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
_ENCODINGS = {"", "identity", "gzip", "deflate"}
_PERMANENT = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT}
_REDIRECTS = _PERMANENT | {
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
}
_TIMING = ("Cache-Control", "Age", "Expires", "Date")
_WELL = {HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION}
_FAULTS: Mapping[int, FetchFault] = {
    HTTPStatus.UNAUTHORIZED: FetchFault.BLOCKED,
    HTTPStatus.FORBIDDEN: FetchFault.BLOCKED,
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: FetchFault.BLOCKED,
    HTTPStatus.NOT_FOUND: FetchFault.NOT_FOUND,
    HTTPStatus.GONE: FetchFault.GONE,
    HTTPStatus.TOO_MANY_REQUESTS: FetchFault.TOO_MANY,
}


@dataclass(frozen=True)
class _Ask:
    url: str
    validators: Validators
    headers: Mapping[str, str]


@dataclass(frozen=True)
class _Redirect:
    url: str
    permanent: bool


_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Fetcher:
    """Speaks HTTP for feeds. `now` tells UTC seconds, for servers that answer with dates.

    Proxies and .netrc of the environment are not used, cookies are not kept: through a proxy
    the guard would judge the proxy's address only.
    """

    def __init__(
        self, limits: Limits, allow: Sequence[Network], user_agent: str, now: Callable[[], int]
    ) -> None:
        self._limits = limits
        self._guard = Guard(tuple(allow))
        self._now = now
        self._headers = {
            "User-Agent": user_agent,
            "Accept": _ACCEPT,
            "Accept-Encoding": "gzip, deflate",
        }
        # A lock lives as long as somebody holds it or waits for it.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            socket_factory=self._guard.open_socket, limit=_CONNECTIONS, ttl_dns_cache=_DNS_CACHE_S
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_s),
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(
        self,
        url: str,
        validators: Validators = NO_VALIDATORS,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> Fetched | Unchanged:
        """Fetch `url`, waiting for our turn at its host first. Raises FetchError only.

        `headers` are sent to the first host only, never to one that it redirects to.
        """
        try:
            return await self._follow(_Ask(url, validators, headers))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _renamed(error) from error

    async def _follow(self, ask: _Ask) -> Fetched | Unchanged:
        left_s = self._limits.timeout_s
        permanent = True
        first = ask.url
        for _ in range(self._limits.max_redirects + 1):
            outcome, took_s = await self._in_turn(ask, left_s)
            left_s -= took_s
            if not isinstance(outcome, _Redirect):
                moved = permanent and ask.url != first and not _downgraded(first, ask.url)
                return replace(outcome, moved_to=ask.url if moved else "")
            permanent = permanent and outcome.permanent
            ask = _redirected(ask, outcome.url)
        raise FetchError(FetchFault.TOO_MANY_REDIRECTS, "the server redirects without end")

    async def _in_turn(
        self, ask: _Ask, left_s: float
    ) -> tuple[Fetched | Unchanged | _Redirect, float]:
        """One request once the host is free, and the seconds that it took itself."""
        host = web_address(ask.url).hostname or ""
        turn = self._turns.setdefault(host, asyncio.Lock())
        clock = asyncio.get_running_loop().time
        async with turn:
            started = clock()
            async with asyncio.timeout(left_s):
                outcome = await self._ask(ask)
            return outcome, clock() - started

    async def _ask(self, ask: _Ask) -> Fetched | Unchanged | _Redirect:
        if self._session is None:
            raise RuntimeError("the fetcher is used outside its `async with`")
        headers = {**self._headers, **_conditions(ask.validators), **ask.headers}
        async with self._session.get(
            ask.url.strip(), headers=headers, allow_redirects=False
        ) as response:
            if response.status in _REDIRECTS:
                return _redirect(ask.url, response)
            if response.status == HTTPStatus.NOT_MODIFIED and ask.validators != NO_VALIDATORS:
                return self._not_modified(ask.validators, response)
            if response.status not in _WELL:
                raise self._refusal(response)
            return await self._whole(ask, response)

    async def _whole(self, ask: _Ask, response: aiohttp.ClientResponse) -> Fetched | Unchanged:
        body = await _read(response, self._limits.max_bytes)
        told = _told(response)
        validators = replace(told, body_hash=blake2b(body, digest_size=16).hexdigest())
        fresh_for_s = self._fresh_for(response)
        if validators.body_hash == ask.validators.body_hash:
            return Unchanged(validators, fresh_for_s)
        return Fetched(
            url=ask.url,
            body=body,
            content_type=response.content_type[:200],
            charset=(response.charset or "")[:100],
            validators=validators,
            fresh_for_s=fresh_for_s,
        )

    def _not_modified(self, known: Validators, response: aiohttp.ClientResponse) -> Unchanged:
        told = _told(response)
        return Unchanged(
            replace(
                known,
                etag=told.etag or known.etag,
                last_modified=told.last_modified or known.last_modified,
            ),
            self._fresh_for(response),
        )

    def _fresh_for(self, response: aiohttp.ClientResponse) -> int | None:
        headers = response.headers
        told = {name: ", ".join(headers.getall(name)) for name in _TIMING if name in headers}
        return fresh_for(told, self._now())

    def _refusal(self, response: aiohttp.ClientResponse) -> FetchError:
        status = response.status
        server = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        kind = _FAULTS.get(status, FetchFault.SERVER if server else FetchFault.BAD_STATUS)
        if response.headers.get("cf-mitigated") == "challenge":
            kind = FetchFault.BLOCKED
        retry_after = wait_told(response.headers.get("Retry-After", ""), self._now())
        return FetchError(kind, f"the server answered {status}", status, retry_after)


def _conditions(validators: Validators) -> dict[str, str]:
    conditions = {}
    if validators.etag:
        conditions["If-None-Match"] = validators.etag
    if validators.last_modified:
        conditions["If-Modified-Since"] = validators.last_modified
    return conditions


def _told(response: aiohttp.ClientResponse) -> Validators:
    """What the server gave to ask with next time, where it can be sent back as it is."""
    return Validators(
        sendable(response.headers.get("ETag", "")),
        sendable(response.headers.get("Last-Modified", "")),
    )


def _redirect(url: str, response: aiohttp.ClientResponse) -> _Redirect:
    location = response.headers.get("Location", "").strip()
    if not location:
        raise FetchError(
            FetchFault.BROKEN, "the server redirects without saying where", response.status
        )
    return _Redirect(urljoin(url.strip(), location), response.status in _PERMANENT)


def _redirected(ask: _Ask, url: str) -> _Ask:
    before, after = web_address(ask.url), web_address(url)
    same = (before.scheme, before.netloc) == (after.scheme, after.netloc)
    return _Ask(url, ask.validators, ask.headers if same else _NO_HEADERS)


def _downgraded(first: str, last: str) -> bool:
    return web_address(first).scheme == "https" and web_address(last).scheme == "http"


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in _ENCODINGS:
        raise FetchError(FetchFault.BROKEN, "the body is compressed in a way not asked for")
    if (response.content_length or 0) > max_bytes:
        raise _too_big(max_bytes)
    body = bytearray()
    async for chunk in response.content.iter_chunked(_READ_BYTES):
        body += chunk
        if len(body) > max_bytes:
            response.close()
            raise _too_big(max_bytes)
    return bytes(body)


def _too_big(max_bytes: int) -> FetchError:
    return FetchError(FetchFault.TOO_BIG, f"the body is larger than {max_bytes:,} bytes")


def _renamed(error: Exception) -> FetchError:
    """The exceptions of the HTTP library, of the guard and of sockets in our own words."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    for kinds, kind, detail in _NAMES:
        if isinstance(cause, kinds) or isinstance(error, kinds):
            return FetchError(kind, detail or str(cause.args[-1]))
    return FetchError(FetchFault.BROKEN, "the server's answer is not proper HTTP")


# In this order: the first that fits names the error. "" stands for the error's own words.
_NAMES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], FetchFault, str], ...] = (
    (RefusedAddress, FetchFault.REFUSED_ADDRESS, ""),
    (RefusedPort, FetchFault.BAD_ADDRESS, ""),
    (BadAddress, FetchFault.BAD_ADDRESS, ""),
    (
        (aiohttp.ClientSSLError, ssl.SSLError),
        FetchFault.TLS,
        "the secure connection cannot be trusted",
    ),
    (aiohttp.ConnectionTimeoutError, FetchFault.UNREACHABLE, "the server does not answer"),
    (TimeoutError, FetchFault.SLOW, "the server takes too long"),
    (aiohttp.ClientConnectorDNSError, FetchFault.UNREACHABLE, "there is no such host"),
    (aiohttp.InvalidURL, FetchFault.BAD_ADDRESS, "the address is malformed"),
    (aiohttp.ClientPayloadError, FetchFault.BROKEN, "the body ends early or is damaged"),
    (aiohttp.ClientResponseError, FetchFault.BROKEN, "the server's answer is not proper HTTP"),
    (
        (aiohttp.ClientConnectionError, OSError),
        FetchFault.UNREACHABLE,
        "the connection failed",
    ),
    (ValueError, FetchFault.BAD_ADDRESS, "the address is malformed"),
)
