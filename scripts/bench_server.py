"""Serves synthetic feeds on many loopback addresses, in a process of its own, for benchmarks.

`python -m scripts.bench_server [ITEMS [FEEDS]]` makes the documents of so many feeds, then prints
its port. GET /mode/<mode> changes what all feeds do:
`plain` (50 items, or as many as its argument says), `deaf` (the same, conditions ignored: 200),
`one` (one item more).
"""

import asyncio
import hashlib
import random
import sys
from email.utils import formatdate
from functools import cache

ITEMS = int(sys.argv[1]) if len(sys.argv) > 1 and __name__ == "__main__" else 50
HOSTS = 50
SPACING_S = 4 * 3600
NEWEST = 1_780_286_400
"""2026-06-01 04:00 UTC: the date of every feed's newest item in `plain`."""

_SUBJECTS = [
    "SFC",
    "HKMA",
    "Hong Kong",
    "Bitcoin",
    "Ethereum",
    "Coinbase",
    "HashKey",
    "OSL",
    "Circle",
    "Tether",
    "the Treasury",
    "Singapore",
    "Korea",
    "Japan",
    "the Fed",
    "a broker",
    "an exchange",
    "a bank",
    "a fund manager",
    "Standard Chartered",
    "BlackRock",
    "Animoca",
    "the LegCo panel",
    "FSTB",
    "the court",
    "Nasdaq",
    "Solana",
    "Ripple",
    "Uniswap",
    "a watchdog",
]
_VERBS = [
    "licenses",
    "warns of",
    "plans",
    "launches",
    "delays",
    "fines",
    "reviews",
    "backs",
    "opens",
    "ends",
    "proposes",
    "studies",
    "expands",
    "restricts",
    "approves",
    "rejects",
    "tests",
    "lists",
    "halts",
    "acquires",
]
_OBJECTS = [
    "stablecoin rules",
    "a virtual asset trading platform",
    "custody services",
    "tokenised bonds",
    "a spot ETF",
    "staking",
    "perpetual contracts",
    "margin financing",
    "quarterly results",
    "a new office",
    "a data centre",
    "an AI model",
    "mortgage lending",
    "a chief executive",
    "cross-border payments",
    "an OTC regime",
    "a phone",
    "a chip plant",
    "bond sales",
    "a retail pilot",
    "shared order books",
    "a scam alert",
    "the property market",
]
_TAILS = [
    "for professional investors",
    "after months of talks",
    "as the market cools",
    "in the third quarter",
    "despite doubts",
    "with two partners",
    "by the end of the year",
    "at a summit",
    "says report",
    "amid higher volumes",
    "under a new framework",
    "following a consultation",
]
_CHINESE = [
    "證監會",
    "金管局",
    "虛擬資產",
    "交易平台",
    "穩定幣",
    "發牌制度",
    "諮詢文件",
    "代幣化債券",
    "託管服務",
    "專業投資者",
    "公布",
    "推出",
    "檢討",
    "警告",
    "批准",
    "香港",
    "市場",
    "銀行",
    "季度業績",
    "樓市",
]

_SYLLABLES = "ka lo mi ren sta vo qui bel tor nax hu dri pe zan fy gol".split()  # noqa: SIM905 - reads better


def title(feed: int, item: int) -> str:
    """The same for the same numbers; one in ten is Chinese. Most name somebody, as titles do."""
    dice = random.Random(feed * 100_003 + item)
    if feed % 10 == 0:
        return _name(dice) + "".join(dice.choices(_CHINESE, k=6)) + str(dice.randint(1, 999))
    subject = _name(dice) if dice.random() < 0.6 else dice.choice(_SUBJECTS)
    parts = [subject, dice.choice(_VERBS), dice.choice(_OBJECTS), dice.choice(_TAILS)]
    parts += [f"with {_name(dice)}"] if dice.random() < 0.5 else []
    parts += [f"of {dice.randint(2, 990)} million"] if dice.random() < 0.3 else []
    return " ".join(parts)


def _name(dice: random.Random) -> str:
    """One of some ten thousand made-up names."""
    return "".join(dice.choices(_SYLLABLES, k=dice.randint(2, 3))).capitalize()


@cache
def body(feed: int, more: int) -> bytes:
    """An RSS document of 50 items, the newest first; `more` of them newer than the usual."""
    items = []
    for item in range(ITEMS + more, more, -1):
        text = ". ".join(title(feed + 7919, item * 3 + part) for part in range(3))
        date = formatdate(NEWEST - (ITEMS - item) * SPACING_S)
        items.append(
            f"<item><title>{title(feed, item)}</title><link>https://n{feed}.example/{item}</link>"
            f"<guid isPermaLink='false'>n{feed}-{item}</guid><pubDate>{date}</pubDate>"
            f"<description>&lt;p&gt;{text}&lt;/p&gt;</description></item>"
        )
    head = f"<title>Feed {feed}</title><link>https://n{feed}.example/</link>"
    document = f"<rss version='2.0'><channel>{head}{''.join(items)}</channel></rss>"
    return f"<?xml version='1.0' encoding='utf-8'?>{document}".encode()


class Server:
    def __init__(self) -> None:
        self.mode = "plain"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                writer.write(self.answer(head.decode("latin-1")))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()

    def answer(self, head: str) -> bytes:
        path = head.split(" ", 2)[1]
        if path.startswith("/mode/"):
            self.mode = path.removeprefix("/mode/")
            return _answer("200 OK", b"ok", "")
        document = body(int(path.removeprefix("/feed/")), int(self.mode == "one"))
        etag = hashlib.blake2b(document, digest_size=8).hexdigest()
        if self.mode != "deaf" and f'"{etag}"' in head:
            return _answer("304 Not Modified", b"", etag)
        return _answer("200 OK", document, etag)


def _answer(status: str, document: bytes, etag: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/rss+xml; charset=utf-8"]
    lines += [f"Content-Length: {len(document)}"] if status[0] == "2" else []
    lines += [f'ETag: "{etag}"'] if etag else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + document


async def main(feeds: int) -> None:
    for feed in range(feeds):
        body(feed, 0)
        body(feed, 1)
    server = Server()
    first = await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=1024)
    port = first.sockets[0].getsockname()[1]
    others = [
        await asyncio.start_server(server.serve, f"127.0.0.{host}", port, backlog=1024)
        for host in range(2, HOSTS + 1)
    ]
    print(port, flush=True)
    await asyncio.gather(first.serve_forever(), *(one.serve_forever() for one in others))


def url(port: int, feed: int) -> str:
    return f"http://127.0.0.{feed % HOSTS + 1}:{port}/feed/{feed}"


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[2]) if len(sys.argv) > 2 else 0))
