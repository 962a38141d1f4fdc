"""What a fetch promises on a good day: conditions, freshness, redirects, one at a time."""

import asyncio
import gzip
import time
import zlib
from collections.abc import AsyncIterator, Mapping
from ipaddress import ip_network

import pytest

from feeds.fetch import (
    Fetched,
    Fetcher,
    FetchError,
    FetchFault,
    Limits,
    Unchanged,
    Validators,
)
from feeds.http_headers import LONGEST_WAIT_S, fresh_for, wait_told
from tests.feeds.hostile_server import RSS, Asked, HostileServer, Page, redirect

NOW = 1_794_274_200  # Tue, 10 Nov 2026 01:30:00 GMT
AGENT = "aspire-bot/0.1 (+https://example.org/contact)"
LOOPBACK = [ip_network("127.0.0.1/32")]


@pytest.fixture
async def server() -> AsyncIterator[HostileServer]:
    async with HostileServer() as running:
        yield running


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(Limits(timeout_s=5), LOOPBACK, AGENT, lambda: NOW) as opened:
        yield opened


async def whole(fetcher: Fetcher, url: str) -> Fetched:
    answer = await fetcher.get(url)
    assert isinstance(answer, Fetched)
    return answer


async def test_a_body_with_what_is_known_of_it(server: HostileServer, fetcher: Fetcher) -> None:
    """A 200 gives the body, its declared type and charset, and validators for the next time."""
    headers = {
        "Content-Type": "text/XML; charset=Big5",
        "ETag": 'W/"abc"',
        "Last-Modified": "Mon, 09 Nov 2026 10:00:00 GMT",
    }
    server.route("/feed", Page(headers=headers))
    answer = await whole(fetcher, server.url("/feed"))
    assert answer.body == RSS
    assert answer.url == server.url("/feed")
    assert (answer.content_type, answer.charset) == ("text/xml", "Big5")
    assert answer.validators.etag == 'W/"abc"'
    assert answer.validators.last_modified == "Mon, 09 Nov 2026 10:00:00 GMT"
    assert len(answer.validators.body_hash) == 32
    assert answer.moved_to == ""


async def test_says_who_it_is(server: HostileServer, fetcher: Fetcher) -> None:
    """Every request names the bot and its contact, takes no brotli, and sends no cookie back."""
    server.route("/feed", Page(headers={"Set-Cookie": "spy=1; Path=/"}))
    await fetcher.get(server.url("/feed"))
    await fetcher.get(server.url("/feed"))
    for asked in server.asked:
        assert asked.headers["user-agent"] == AGENT
        assert asked.headers["accept-encoding"] == "gzip, deflate"
        assert "rss+xml" in asked.headers["accept"]
        assert "cookie" not in asked.headers


async def test_not_modified(server: HostileServer, fetcher: Fetcher) -> None:
    """Validators are sent back as they came, and 304 keeps what it does not replace."""
    server.route("/feed", Page(b"", 304, {"ETag": '"new"'}))
    known = Validators('"old"', "Mon, 09 Nov 2026 10:00:00 GMT", "hash")
    answer = await fetcher.get(server.url("/feed"), known)
    assert answer == Unchanged(Validators('"new"', known.last_modified, "hash"))
    assert server.asked[0].headers["if-none-match"] == '"old"'
    assert server.asked[0].headers["if-modified-since"] == known.last_modified


async def test_same_body_is_unchanged(server: HostileServer, fetcher: Fetcher) -> None:
    """A server that ignores validators, or changes them each time, is seen through by the hash."""
    first = await whole(fetcher, server.url("/changing"))
    second = await fetcher.get(server.url("/changing"), first.validators)
    assert isinstance(second, Unchanged)
    assert second.validators.etag == '"2"'
    server.route("/changing", Page(RSS + b" "))
    assert isinstance(await fetcher.get(server.url("/changing"), second.validators), Fetched)


@pytest.mark.parametrize("etag", ['"caf\xe9"', '"' + "x" * 2_000 + '"', '"\x01"'])
async def test_a_validator_that_cannot_be_sent_back(
    server: HostileServer, fetcher: Fetcher, etag: str
) -> None:
    """What a server sends as ETag never breaks the next request."""
    server.route("/feed", Page(headers={"ETag": etag}))
    answer = await fetcher.get(server.url("/feed"))
    assert answer.validators.etag == ""


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Cache-Control": "public, max-age=900"}, 900),
        ({"Cache-Control": "max-age=900", "Age": "200"}, 700),
        ({"Cache-Control": "max-age=900", "Age": "1000"}, 0),
        ({"Cache-Control": 'max-age="60"'}, 60),
        ({"Cache-Control": "s-maxage=900"}, None),
        ({"Cache-Control": "no-cache, no-store"}, 0),
        ({"Cache-Control": "max-age=99999999999999999999"}, LONGEST_WAIT_S),
        ({"Expires": "Tue, 10 Nov 2026 02:30:00 GMT"}, 3_600),
        (
            {
                "Expires": "Tue, 10 Nov 2026 02:30:00 GMT",
                "Date": "Tue, 10 Nov 2026 02:20:00 GMT",
            },
            600,
        ),
        ({"Expires": "0"}, 0),
        ({"Expires": "Mon, 09 Nov 2026 02:30:00 GMT"}, 0),
        ({"Expires": "Tue, 10 Nov 2026 02:30:00 GMT", "Cache-Control": "max-age=5"}, 5),
    ],
)
async def test_freshness(
    server: HostileServer, fetcher: Fetcher, headers: Mapping[str, str], expected: int | None
) -> None:
    """Cache-Control goes before Expires, Expires counts from the server's own Date."""
    server.route("/feed", Page(headers=headers))
    answer = await fetcher.get(server.url("/feed"))
    assert answer.fresh_for_s == expected


@pytest.mark.parametrize(
    ("retry_after", "expected"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("Tue, 10 Nov 2026 01:31:00 GMT", 60),
        ("Mon, 09 Nov 2026 01:31:00 GMT", 0),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("9" * 20, LONGEST_WAIT_S),
    ],
)
async def test_retry_after(
    server: HostileServer, fetcher: Fetcher, retry_after: str, expected: int | None
) -> None:
    """Retry-After is understood as seconds and as a date, and nonsense is no wait."""
    server.route("/feed", Page(b"", 429, {"Retry-After": retry_after}))
    with pytest.raises(FetchError) as caught:
        await fetcher.get(server.url("/feed"))
    assert caught.value.kind is FetchFault.TOO_MANY
    assert caught.value.status == 429
    assert caught.value.retry_after_s == expected


async def test_headers_on_several_lines(server: HostileServer, fetcher: Fetcher) -> None:
    """Cache-Control may be spread over several lines."""

    async def twice(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nCache-Control: public\r\n"
            b"Cache-Control: max-age=60\r\n\r\nx"
        )

    server.route("/feed", twice)
    assert (await fetcher.get(server.url("/feed"))).fresh_for_s == 60


def test_dates_of_headers_are_universal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A date in the old form without a zone is UTC, wherever the machine stands."""
    monkeypatch.setenv("TZ", "Asia/Hong_Kong")
    time.tzset()
    assert wait_told("Tue Nov 10 01:31:00 2026", NOW) == 60
    assert fresh_for({"Expires": "Tue, 10 Nov 2026 01:31:00 -0000"}, NOW) == 60
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [((301,), True), ((308, 301), True), ((302,), False), ((301, 302), False), ((307, 308), False)],
)
async def test_only_permanent_chains_move(
    server: HostileServer, fetcher: Fetcher, statuses: tuple[int, ...], moved: bool
) -> None:
    """A feed has moved if every step says so; one temporary step and it has not."""
    for step, status in enumerate(statuses):
        to = f"/step{step + 1}" if step + 1 < len(statuses) else "/rss"
        server.route(f"/step{step}", redirect(to, status))
    answer = await whole(fetcher, server.url("/step0"))
    assert answer.url == server.url("/rss")
    assert answer.moved_to == (server.url("/rss") if moved else "")
    again = await fetcher.get(server.url("/step0"), answer.validators)
    assert isinstance(again, Unchanged)
    assert again.moved_to == answer.moved_to


async def test_caller_s_headers_stay_with_their_host(server: HostileServer) -> None:
    """Headers given for an address do not follow a redirect to another host."""
    async with (
        Fetcher(Limits(), [ip_network("127.0.0.0/8")], AGENT, lambda: NOW) as fetcher,
        HostileServer() as other,
    ):
        server.route("/away", redirect(other.url("/rss")))
        server.route("/home", redirect("/rss"))
        await fetcher.get(server.url("/away"), headers={"X-Key": "1"})
        await fetcher.get(server.url("/home"), headers={"X-Key": "1", "Accept": "text/plain"})
        assert "x-key" not in other.asked[0].headers
        assert [asked.headers.get("x-key") for asked in server.asked] == ["1"] * 3
        assert server.asked[-1].headers["accept"] == "text/plain"


@pytest.mark.parametrize("name", ["gzip", "deflate"])
async def test_compressed(server: HostileServer, fetcher: Fetcher, name: str) -> None:
    """A compressed body arrives unpacked."""
    packed = zlib.compress(RSS) if name == "deflate" else gzip.compress(RSS)
    server.route("/feed", Page(packed, headers={"Content-Encoding": name}))
    assert (await whole(fetcher, server.url("/feed"))).body == RSS


async def test_one_request_at_a_time_to_a_host(server: HostileServer, fetcher: Fetcher) -> None:
    """Twenty fetches from one host go one after another, two hosts go side by side."""

    async def pause(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.01)
        await Page()(asked, writer)

    server.route("/slow", pause)
    await asyncio.gather(*(fetcher.get(server.url("/slow")) for _ in range(20)))
    assert server.most_at_once == 1
    async with Fetcher(Limits(), [ip_network("127.0.0.0/8")], AGENT, lambda: NOW) as open_fetcher:
        urls = [server.url("/slow", host) for host in ("127.0.0.1", "localhost")]
        await asyncio.gather(*(open_fetcher.get(url) for url in urls for _ in range(5)))
    assert server.most_at_once == 2


async def test_waiting_for_our_turn_is_not_the_server_s_slowness(server: HostileServer) -> None:
    """The deadline starts with our turn at the host."""

    async def pause(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        await Page()(asked, writer)

    server.route("/slow", pause)
    async with Fetcher(Limits(timeout_s=0.6), LOOPBACK, AGENT, lambda: NOW) as fetcher:
        await asyncio.gather(*(fetcher.get(server.url("/slow")) for _ in range(8)))


async def test_a_failure_frees_the_host(server: HostileServer) -> None:
    """After a fetch that timed out or was cancelled, the next one at that host goes ahead."""
    async with Fetcher(Limits(timeout_s=0.2), LOOPBACK, AGENT, lambda: NOW) as fetcher:
        with pytest.raises(FetchError):
            await fetcher.get(server.url("/silence"))
        hanging = asyncio.create_task(fetcher.get(server.url("/silence")))
        await asyncio.sleep(0.05)
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
        assert isinstance(await fetcher.get(server.url("/rss")), Fetched)


async def test_environment_s_proxy_is_not_used(
    server: HostileServer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy from the environment would hide the real address from the guard."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert isinstance(await fetcher.get(server.url("/rss")), Fetched)


async def test_a_thousand_quiet_feeds(server: HostileServer, fetcher: Fetcher) -> None:
    """A thousand 304s take a fraction of the three seconds that a whole poll of them may take."""
    server.route("/feed", Page(b"", 304))
    known = Validators('"a"', body_hash="b")
    started = time.perf_counter()
    answers = await asyncio.gather(*(fetcher.get(server.url("/feed"), known) for _ in range(1_000)))
    print(f"1,000 answers of 304 in {time.perf_counter() - started:.2f} s")
    assert all(isinstance(answer, Unchanged) for answer in answers)
    assert len(server.asked) == 1_000
