"""Official texts for feeds that carry titles only: the SFC's public JSON service.

`GET news/content?refNo=26PR27&lang=EN` (or TC, SC) and `circular/content?…` answer JSON whose
`html` holds the text, or null for old circulars. A text is a help, never a condition: what does
not come in time, or not at all, is done without.
"""

import asyncio
import json
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from feeds.archive_feeds import Feed
from feeds.fetch import Fetched, Fetcher, FetchError
from feeds.items import Entry, Tags
from feeds.plain import plain
from feeds.poll import Reader
from feeds.reading import Reading, tag_entries
from feeds.worker import Worker, WorkerDied, WorkerTimeout

_log = logging.getLogger(__name__)

DEADLINE_S = 4.0
"""For all texts of one poll together; an item is never later than this for want of its text."""
MOST = 10
"""Items of one poll whose text is asked for."""
TEXT_CHARS = 600
"""Of a text, its first paragraphs."""
_REFERENCE = re.compile(r"\d{2}(PR|EC)\d{1,4}")
_PARTS = {"PR": "news", "EC": "circular"}
_LANGUAGES = {"en": "EN", "zh-Hant": "TC", "zh-Hans": "SC"}


@dataclass(frozen=True)
class EnrichingReader:
    """Reads like `reader`, and adds the official text to entries of feeds that ask for it."""

    reader: Reader
    fetcher: Fetcher
    worker: Worker
    sfc_api: str
    """The address of the SFC's service, without a slash at its end."""

    async def __call__(self, feed: Feed, fetched: Fetched) -> Reading:
        reading = await self.reader(feed, fetched)
        if not feed.source.enrich:
            return reading
        entries = await self._with_texts(feed, reading.entries)
        if entries == reading.entries:
            return reading
        return replace(
            reading,
            parsed=replace(reading.parsed, entries=entries),
            tags=await self._tagged(feed, entries, reading.tags),
        )

    async def _with_texts(self, feed: Feed, entries: Sequence[Entry]) -> tuple[Entry, ...]:
        texts: dict[str, str] = {}
        bare = [entry for entry in entries if not entry.summary][:MOST]
        try:
            async with asyncio.timeout(DEADLINE_S):
                for entry in bare:
                    texts[entry.guid] = await self._text(feed, entry)
        except TimeoutError:
            _log.info("%s: no time for %d texts", feed.source.name, len(bare) - len(texts))
        return tuple(
            replace(entry, summary=entry.summary or texts.get(entry.guid, "")) for entry in entries
        )

    async def _text(self, feed: Feed, entry: Entry) -> str:
        match = _REFERENCE.fullmatch(entry.guid)
        if match is None:
            return ""
        language = _LANGUAGES[feed.source.language]
        url = f"{self.sfc_api}/{_PARTS[match[1]]}/content?refNo={quote(entry.guid)}&lang={language}"
        try:
            answer = await self.fetcher.get(url)
        except FetchError as error:
            _log.info("%s: no text for %s: %s", feed.source.name, entry.guid, error)
            return ""
        return official_text(answer.body) if isinstance(answer, Fetched) else ""

    async def _tagged(
        self, feed: Feed, entries: tuple[Entry, ...], before: tuple[Tags, ...]
    ) -> tuple[Tags, ...]:
        try:
            return await self.worker.run(tag_entries, entries, feed.source, timeout_s=DEADLINE_S)
        except (WorkerTimeout, WorkerDied) as error:
            _log.warning("%s: texts could not be tagged: %s", feed.source.name, error)
            return before


def official_text(body: bytes) -> str:
    """The first paragraphs of the service's answer as plain text; empty for anything else."""
    try:
        answer = json.loads(body)
    except ValueError:
        return ""
    html = answer.get("html") if isinstance(answer, dict) else None
    if not isinstance(html, str):
        return ""
    return plain(html, TEXT_CHARS)
