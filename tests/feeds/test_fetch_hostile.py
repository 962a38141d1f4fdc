"""What becomes of a fetch when the other side means harm: named, in time, in little memory."""

import asyncio
import resource
import socket
import time
import tracemalloc
from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest

from feeds.addresses import BadAddress, Guard, RefusedAddress, RefusedPort, is_public, web_address
from feeds.fetch import Fetched, Fetcher, FetchError, FetchFault, Limits
from tests.feeds.hostile_server import MISDEEDS, ODD_BODIES, HostileServer, redirect

LOOPBACK = [ip_network("127.0.0.1/32")]
DEADLINE_S = 0.5


@pytest.fixture
async def server() -> AsyncIterator[HostileServer]:
    async with HostileServer() as running:
        yield running


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    limits = Limits(timeout_s=DEADLINE_S, connect_s=DEADLINE_S)
    async with Fetcher(limits, LOOPBACK, "aspire-bot test", lambda: 0) as opened:
        yield opened


@pytest.mark.parametrize("path", MISDEEDS)
async def test_every_misdeed_has_its_name(
    server: HostileServer, fetcher: Fetcher, path: str
) -> None:
    """Each misdeed ends in its own fault, within the deadline, and the next fetch is well."""
    started = time.monotonic()
    with pytest.raises(FetchError) as caught:
        await fetcher.get(server.url(path))
    assert caught.value.kind is MISDEEDS[path][1]
    assert time.monotonic() - started < DEADLINE_S + 1
    assert isinstance(await fetcher.get(server.url("/rss")), Fetched)


@pytest.mark.parametrize("path", ["/endless", "/gzip-bomb", "/50-megabytes", "/endless-header"])
async def test_memory_stays_bounded(server: HostileServer, fetcher: Fetcher, path: str) -> None:
    """What is too big costs about the cap in memory, whatever its whole size."""
    await fetcher.get(server.url("/rss"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    with pytest.raises(FetchError):
        await fetcher.get(server.url(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(
        f"{path}: {peak / 1e6:.1f} MB allocated at most, resident memory grew {grown / 1e3:.1f} MB"
    )
    assert peak < 25_000_000


@pytest.mark.parametrize("path", ODD_BODIES)
async def test_odd_bodies_are_the_parser_s_business(
    server: HostileServer, fetcher: Fetcher, path: str
) -> None:
    """Proper HTTP with an improper feed is fetched as it is."""
    answer = await fetcher.get(server.url(path))
    assert isinstance(answer, Fetched)
    assert answer.body == ODD_BODIES[path].body


async def test_details_tell_no_secrets(server: HostileServer, fetcher: Fetcher) -> None:
    """No error repeats an address, a query or a password: feeds' addresses may hold keys."""
    server.route("/leak", redirect("http://user:hunter2@127.0.0.1/?token=s3cret"))
    urls = [server.url(path) + "?token=s3cret" for path in ("/404", "/to-private", "/drip")]
    urls += [
        server.url("/leak"),
        "http://u:hunter2@127.0.0.1/",
        "ftp://s3cret/",
        "http://s3cret:x/",
    ]
    for url in urls:
        with pytest.raises(FetchError) as caught:
            await fetcher.get(url)
        told = f"{caught.value} {caught.value.detail} {caught.value!r}"
        assert "s3cret" not in told
        assert "hunter2" not in told
        assert "10.0.0.1" not in told


async def test_plain_http_on_a_secure_address(fetcher: Fetcher) -> None:
    """A failed handshake is a fault of TLS."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as plain:
        port = plain.sockets[0].getsockname()[1]
        with pytest.raises(FetchError) as caught:
            await fetcher.get(f"https://127.0.0.1:{port}/")
    assert caught.value.kind is FetchFault.TLS


async def test_nobody_there(fetcher: Fetcher) -> None:
    """A closed port and a name that does not exist are both unreachable."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{unused.getsockname()[1]}/"
    for url in (closed, "http://no-such-host.invalid/"):
        with pytest.raises(FetchError) as caught:
            await fetcher.get(url)
        assert caught.value.kind is FetchFault.UNREACHABLE


async def test_loopback_is_refused_unless_allowed(server: HostileServer) -> None:
    """With no network allowed nothing on this machine is dialled, by whatever name."""
    async with Fetcher(Limits(), [], "aspire-bot test", lambda: 0) as strict:
        for host in ("127.0.0.1", "localhost", "0x7f.1", "[::1]", "0.0.0.0", "[::]"):
            with pytest.raises(FetchError) as caught:
                await strict.get(server.url("/rss", host))
            assert caught.value.kind is FetchFault.REFUSED_ADDRESS, host
    assert server.asked == []


@pytest.mark.parametrize(
    "address",
    [
        *("8.8.8.8", "1.1.1.1", "203.80.96.10", "99.255.255.255", "172.32.0.1"),
        *("2606:4700:4700::1111", "2400:cb00::1"),
    ],
)
def test_public_addresses(address: str) -> None:
    """Ordinary addresses of the internet may be fetched."""
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.8", "192.0.0.192"),
        *("192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1"),
        *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
        *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "fe80::1%eth0"),
        *("fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::1"),
        *("2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "3fff::1", "100::1", "5f00::1"),
    ],
)
def test_addresses_that_are_not_the_public_internet(address: str) -> None:
    """Private, local, reserved, metadata, and IPv6 forms that hide an IPv4 address are refused."""
    assert not is_public(address)
    with pytest.raises(RefusedAddress):
        Guard().check(address, 443)


def test_ports() -> None:
    """On the public internet only the web's ports; in an allowed network any."""
    guard = Guard([ip_network("10.1.0.0/16"), ip_network("fd00::/8")])
    for port in (80, 443, 8080, 8443):
        guard.check("8.8.8.8", port)
    for port in (0, 22, 25, 6379, 65535):
        with pytest.raises(RefusedPort):
            guard.check("8.8.8.8", port)
    guard.check("10.1.2.3", 6379)
    guard.check("fd00::1%eth0", 9000)
    with pytest.raises(RefusedAddress):
        guard.check("10.2.0.1", 80)


@pytest.mark.parametrize(
    "address",
    [
        *("", "news.example", "ftp://news.example/", "file:///etc/passwd", "javascript:alert(1)"),
        *("http://", "http:///feed", "http://u@news.example/", "http://u:p@news.example/"),
        *("http://news.example:0/", "http://news.example:99999/", "http://news.example:x/"),
        *(
            "http://[::1/",
            "http://good.example\\@evil.example/",
            "http://news.example/" + "x" * 3_000,
        ),
    ],
)
def test_addresses_that_are_none(address: str) -> None:
    """Only http(s) with a host, without a user name, of a sane length."""
    with pytest.raises(BadAddress):
        web_address(address)
