"""The bot's own HTTP server: health, readiness, metrics, and the platforms' routes."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from bot.app import App
from bot.config import HttpSection
from bot.platforms import Platform, routes
from feeds import archive, archive_feeds
from feeds.database import Connection
from handlers import ledger


class HealthServer:
    """Serves /healthz, /readyz and /metrics while its context lasts; port 0 serves nothing."""

    def __init__(self, section: HttpSection, app: App, running: Sequence[Platform]) -> None:
        self._section = section
        self._app = app
        self._running = running
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        if self._section.port:
            server = web.Application()
            server.router.add_get("/healthz", self._alive)
            server.router.add_get("/readyz", self._ready)
            server.router.add_get("/metrics", self._metrics)
            server.router.add_routes(routes(self._running))
            self._runner = web.AppRunner(server, access_log=None)
            await self._runner.setup()
            await web.TCPSite(self._runner, self._section.host, self._section.port).start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _alive(self, _: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def _ready(self, _: web.Request) -> web.Response:
        parts = [dict(platform.health()) for platform in self._running]
        ready = all(part.get("ready") for part in parts)
        return web.json_response({"ready": ready, "platforms": parts}, status=200 if ready else 503)

    async def _metrics(self, _: web.Request) -> web.Response:
        numbers = await self._app.database.read(_numbers)
        registry = CollectorRegistry()
        gauges = {
            name: Gauge(name, what, _LABELS.get(name, []), registry=registry)
            for name, what in _GAUGES.items()
        }
        for (name, label), value in numbers.items():
            (gauges[name].labels(label) if label else gauges[name]).set(value)
        for platform in self._running:
            seconds = platform.health().get("seconds_since_heard")
            if isinstance(seconds, int | float):
                heard = gauges["aspire_platform_heard_seconds"]
                heard.labels(platform.sender.platform).set(seconds)
        return web.Response(body=generate_latest(registry), content_type="text/plain")


_GAUGES = {
    "aspire_articles": "Articles archived, without the roadmap's milestones.",
    "aspire_feeds_failing": "Feeds whose last poll failed.",
    "aspire_deliveries": "Deliveries by state.",
    "aspire_platform_heard_seconds": "Seconds since the platform was last heard.",
}
_LABELS = {"aspire_deliveries": ["state"], "aspire_platform_heard_seconds": ["platform"]}


def _numbers(connection: Connection) -> dict[tuple[str, str], float]:
    feeds = archive_feeds.all_feeds(connection)
    numbers: dict[tuple[str, str], float] = {
        ("aspire_articles", ""): archive.count(connection),
        ("aspire_feeds_failing", ""): sum(bool(feed.state.failures) for feed in feeds),
    }
    for state, many in ledger.counts(connection).items():
        numbers["aspire_deliveries", state] = many
    return numbers
