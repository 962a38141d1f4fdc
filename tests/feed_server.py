"""A real HTTP server on loopback that serves feeds with ETags, and counts what it is asked."""

import hashlib
from collections import Counter
from types import TracebackType
from typing import Self

from aiohttp import web


class FeedServer:
    """Serves what is in `pages` (path -> body) while its context lasts."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.statuses: dict[str, int] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.asked: Counter[str] = Counter()
        self.answered: Counter[int] = Counter()
        self._runner: web.AppRunner | None = None
        self.port = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        self.asked[path] += 1
        response = self._answer(path, request.headers.get("If-None-Match", ""))
        self.answered[response.status] += 1
        return response

    def _answer(self, path: str, known: str) -> web.Response:
        body = self.pages.get(path)
        status = self.statuses.get(path, 200 if body is not None else 404)
        headers = {**self.headers.get(path, {})}
        if body is None or status != 200:
            return web.Response(status=status, headers=headers, text="no")
        etag = f'"{hashlib.sha1(body).hexdigest()}"'
        headers["ETag"] = etag
        if known == etag:
            return web.Response(status=304, headers=headers)
        headers.setdefault("Content-Type", "application/rss+xml; charset=utf-8")
        return web.Response(body=body, headers=headers)


def rss(*items: tuple[str, str], title: str = "A feed") -> bytes:
    """An RSS document of (guid, title) items, dated by their place: the first is the newest."""
    parts = [
        f"<item><guid isPermaLink='false'>{guid}</guid><title>{name}</title>"
        f"<link>https://news.example/{guid}</link>"
        f"<pubDate>Mon, 01 Jun 2026 {12 - min(index, 11):02}:00:00 +0800</pubDate></item>"
        for index, (guid, name) in enumerate(items)
    ]
    return (
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
        f"<title>{title}</title><link>https://news.example/</link>{''.join(parts)}"
        "</channel></rss>"
    ).encode()
