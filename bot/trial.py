"""Trying a feed's address before anybody adds it: fetched and read like any other."""

from collections.abc import Callable
from dataclasses import dataclass

from feeds.fetch import Fetched, Fetcher, FetchError
from feeds.items import Source
from feeds.parse import Body, NotAFeed
from feeds.reading import read
from feeds.worker import Worker, WorkerDied, WorkerTimeout
from handlers.context import Trial


@dataclass(frozen=True)
class Trials:
    fetcher: Fetcher
    worker: Worker
    clock: Callable[[], int]

    async def try_feed(self, url: str) -> Trial:
        """What the address gives now; what is wrong with it is part of the result."""
        try:
            fetched = await self.fetcher.get(url)
            if not isinstance(fetched, Fetched):
                return Trial(url, fault="bad_status")
            body = Body(
                body=fetched.body,
                url=fetched.url,
                content_type=fetched.content_type,
                charset=fetched.charset,
                timezone="Asia/Hong_Kong",
                now=self.clock(),
            )
            source = Source(name=url, url=url)
            return Trial(url, reading=await self.worker.run(read, body, source))
        except FetchError as error:
            return Trial(url, fault=error.kind.value, detail=error.detail)
        except NotAFeed as error:
            return Trial(url, fault="not_a_feed", detail=str(error), not_a_feed=error)
        except WorkerTimeout:
            return Trial(url, fault="too_slow_to_read")
        except WorkerDied as error:
            return Trial(url, fault="reader_died", detail=str(error))
