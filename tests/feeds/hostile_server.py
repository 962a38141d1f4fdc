"""A web server on loopback that behaves as badly as the internet does, one path a misdeed.

    async with HostileServer() as server:
        await fetcher.get(server.url("/drip"))

`MISDEEDS` says which fault each path must end in; `server.route` adds pages of one's own, and
`server.asked` holds every request that came.
"""

import asyncio
import contextlib
import gzip
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from feeds.fetch import FetchFault

RSS = (
    b'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Calm</title>'
    b"<item><guid>1</guid><title>One</title><link>https://news.example/1</link></item>"
    b"</channel></rss>"
)
CHUNK = b"x" * 65_536


@dataclass(frozen=True)
class Asked:
    """One request as it came: header names in lower case."""

    path: str
    headers: Mapping[str, str]


Answer = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Page:
    """An ordinary answer; `length` overrules Content-Length, "" leaves it out."""

    body: bytes = RSS
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    length: str | None = None

    async def __call__(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        length = str(len(self.body)) if self.length is None else self.length
        lines = [f"HTTP/1.1 {self.status} As told"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += [f"Content-Length: {length}"] if length else ["Connection: close"]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + self.body)
        await writer.drain()
        if length != str(len(self.body)):
            writer.close()


def redirect(to: str, status: int = 302) -> Page:
    return Page(b"", status, {"Location": to})


async def drip(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """A byte now and then: never idle, never done."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b"<")
        await writer.drain()
        await asyncio.sleep(0.01)


async def silence(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """The request is taken and nothing ever said."""
    await asyncio.Event().wait()


async def drip_headers(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: 1\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def only_continue(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Interim answers for ever."""
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def endless(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + CHUNK + b"\r\n")
        await writer.drain()


async def endless_header(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        writer.write(CHUNK)
        await writer.drain()


async def fifty_megabytes(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Announces nothing, and closes after 50 MB."""
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for _ in range(800):
        writer.write(CHUNK)
        await writer.drain()
    writer.close()


def _bomb(megabytes: int) -> bytes:
    """Gzip of so many megabytes of zeros: after a full flush one piece can be had again and
    again without packing it again.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = packer.compress(b"0") + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + piece * megabytes


async def hang_up(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def reset(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def garbage(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x16\x03\x01 this was never HTTP\r\n\r\n")
    writer.close()


async def broken_chunks(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nnonsense\r\n")
    writer.close()


async def cut_chunks(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n<rss>")
    writer.close()


class ChangingValidators:
    """The same body with a new ETag and a new date each time: 304 is never earned."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        self.times += 1
        headers = {
            "ETag": f'"{self.times}"',
            "Last-Modified": f"Mon, 09 Nov 2026 00:00:{self.times:02} GMT",
        }
        await Page(RSS, headers=headers)(asked, writer)


MISDEEDS: Mapping[str, tuple[Answer, FetchFault]] = {
    "/drip": (drip, FetchFault.SLOW),
    "/silence": (silence, FetchFault.SLOW),
    "/drip-headers": (drip_headers, FetchFault.SLOW),
    "/only-continue": (only_continue, FetchFault.SLOW),
    "/endless": (endless, FetchFault.TOO_BIG),
    "/endless-header": (endless_header, FetchFault.BROKEN),
    "/50-megabytes": (fifty_megabytes, FetchFault.TOO_BIG),
    "/50-megabytes-announced": (Page(b"x", length="50000000"), FetchFault.TOO_BIG),
    "/gzip-bomb": (Page(_bomb(1_000), headers={"Content-Encoding": "gzip"}), FetchFault.TOO_BIG),
    "/length-too-long": (Page(RSS, length=str(len(RSS) + 10)), FetchFault.BROKEN),
    "/length-nonsense": (Page(RSS, length="many"), FetchFault.BROKEN),
    "/length-negative": (Page(RSS, length="-5"), FetchFault.BROKEN),
    "/not-gzip": (Page(RSS, headers={"Content-Encoding": "gzip"}), FetchFault.BROKEN),
    "/gzip-twice": (
        Page(gzip.compress(gzip.compress(RSS)), headers={"Content-Encoding": "gzip, gzip"}),
        FetchFault.BROKEN,
    ),
    "/brotli-unasked": (Page(b"\x0b", headers={"Content-Encoding": "br"}), FetchFault.BROKEN),
    "/hang-up": (hang_up, FetchFault.UNREACHABLE),
    "/reset": (reset, FetchFault.UNREACHABLE),
    "/garbage": (garbage, FetchFault.BROKEN),
    "/broken-chunks": (broken_chunks, FetchFault.BROKEN),
    "/cut-chunks": (cut_chunks, FetchFault.BROKEN),
    "/loop": (redirect("/loop"), FetchFault.TOO_MANY_REDIRECTS),
    "/ping": (redirect("/pong", 301), FetchFault.TOO_MANY_REDIRECTS),
    "/pong": (redirect("/ping", 308), FetchFault.TOO_MANY_REDIRECTS),
    "/nowhere": (Page(b"", 302), FetchFault.BROKEN),
    "/to-other-loopback": (redirect("http://127.0.0.2/"), FetchFault.REFUSED_ADDRESS),
    "/to-ipv6-loopback": (redirect("http://[::1]/"), FetchFault.REFUSED_ADDRESS),
    "/to-mapped": (redirect("http://[::ffff:127.0.0.1]/"), FetchFault.REFUSED_ADDRESS),
    "/to-metadata": (
        redirect("http://169.254.169.254/latest/meta-data/"),
        FetchFault.REFUSED_ADDRESS,
    ),
    "/to-zero": (redirect("http://0.0.0.0/"), FetchFault.REFUSED_ADDRESS),
    "/to-private": (redirect("http://10.0.0.1/", 301), FetchFault.REFUSED_ADDRESS),
    "/to-hexadecimal": (redirect("http://0x7f.0.0.2/"), FetchFault.REFUSED_ADDRESS),
    "/to-public-ssh": (redirect("http://8.8.8.8:22/"), FetchFault.BAD_ADDRESS),
    "/to-file": (redirect("file:///etc/passwd"), FetchFault.BAD_ADDRESS),
    "/to-gopher": (redirect("gopher://127.0.0.1/"), FetchFault.BAD_ADDRESS),
    "/to-user": (redirect("http://admin:secret@127.0.0.1/"), FetchFault.BAD_ADDRESS),
    "/to-nonsense": (redirect("http://[:::1/"), FetchFault.BAD_ADDRESS),
    "/401": (Page(b"", 401), FetchFault.BLOCKED),
    "/403": (Page(b"", 403), FetchFault.BLOCKED),
    "/451": (Page(b"", 451), FetchFault.BLOCKED),
    "/challenge": (Page(b"", 503, {"cf-mitigated": "challenge"}), FetchFault.BLOCKED),
    "/404": (Page(b"", 404), FetchFault.NOT_FOUND),
    "/410": (Page(b"", 410), FetchFault.GONE),
    "/429": (Page(b"", 429, {"Retry-After": "120"}), FetchFault.TOO_MANY),
    "/500": (Page(b"", 500), FetchFault.SERVER),
    "/503": (Page(b"", 503, {"Retry-After": "60"}), FetchFault.SERVER),
    "/999": (Page(b"", 999), FetchFault.SERVER),
    "/204": (Page(b"", 204), FetchFault.BAD_STATUS),
    "/304-unasked": (Page(b"", 304), FetchFault.BAD_STATUS),
}
"""Path -> what it does, and the fault that a fetch of it must end in."""


def rss(items: bytes, head: bytes = b"") -> bytes:
    return b'<rss version="2.0"><channel><title>Odd</title>' + head + items + b"</channel></rss>"


def item(title: bytes, guid: bytes = b"1") -> bytes:
    return b"<item><guid>%s</guid><title>%s</title></item>" % (guid, title)


ODD_BODIES: Mapping[str, Page] = {
    "/html": Page(
        b"<!doctype html><title>Please enable JavaScript</title>",
        headers={"Content-Type": "text/html"},
    ),
    "/truncated": Page(rss(item(b"Whole") + item(b"Cut in the mid", b"2"))[:-40]),
    "/huge-title": Page(rss(item(b"long " * 600_000) + item(b"Short", b"2"))),
    "/tiny-items": Page(rss(b"<item><title>t</title></item>" * 70_000)),
    "/comments": Page(rss(item(b"Before") + b"<!--" * 100_000 + item(b"After", b"2"))),
    "/comments-in-cdata": Page(rss(item(b"<![CDATA[" + b"<!--" * 100_000 + b"]]>"))),
    "/lying-charset": Page(
        rss(item("證監會就虛擬資產發出通函".encode())),
        headers={"Content-Type": "text/xml; charset=iso-8859-1"},
    ),
    "/empty": Page(b""),
}
"""Path -> an answer that is proper HTTP and an improper feed."""


class HostileServer:
    """Serves MISDEEDS, ODD_BODIES and what `route` adds on 127.0.0.1 at a free port."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self._routes: dict[str, Answer] = {
            "/rss": Page(RSS, headers={"Content-Type": "application/rss+xml; charset=utf-8"}),
            "/changing": ChangingValidators(),
            **{path: answer for path, (answer, _) in MISDEEDS.items()},
            **ODD_BODIES,
        }
        self._at_once = 0
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=1024)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self._port}{path}"

    def route(self, path: str, answer: Answer) -> None:
        self._routes[path] = answer

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client that leaves in the middle is what most of these pages are about.
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                await self._answer(_read(head), writer)
        writer.close()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        self.asked.append(asked)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await self._routes.get(asked.path, Page(b"", 404))(asked, writer)
        finally:
            self._at_once -= 1


def _read(head: bytes) -> Asked:
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return Asked(first.split(" ")[1], {name.lower(): value.strip() for name, _, value in pairs})
