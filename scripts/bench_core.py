"""Answers from a large archive: look-ups in the core, search in English and Chinese.

    python -m scripts.bench_core --articles 100000
    python -m scripts.bench_core --articles 1000000

The archive is made of synthetic titles, one in ten Chinese, over ten years, through the same
code that stores what is polled. Each question is asked `--times` times, after one that does not
count; what is printed is milliseconds of wall time.
"""

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from feeds import archive, archive_feeds
from feeds.archive import NewArticle
from feeds.archive_schema import archive_migrations
from feeds.database import Connection, Database
from feeds.items import PILLARS, Source, Tags
from feeds.roadmap import load_roadmap
from feeds.seeds import seed
from handlers.context import Manners
from handlers.core import Core
from handlers.ledger_schema import ledger_migrations
from handlers.messages import ChannelRef, Person, Request
from scripts.bench_server import title

NOW = 1_780_286_400
YEARS_S = 10 * 365 * 86_400
AT_ONCE = 5_000
LOOK_UPS = (
    "help",
    "roadmap",
    "pillar safeguards",
    "pillar s",
    "initiative 3",
    "news",
    "news products",
    "subscriptions",
    "status",
    "settings",
    "why 12",
)
SEARCHES = {
    "English, a common word": "news licenses",
    "English, two words": "news custody summit",
    "English, words in quotes": 'news "spot ETF"',
    "English, a rare name": "news Kalomi",
    "English, in a pillar": "news safeguards custody",
    "English, nothing found": "news zebra",
    "Chinese, two characters": "news 香港",
    "Chinese, four characters": "news 虛擬資產",
    "Chinese, Simplified": "news 虚拟资产",
    "Chinese, one character": "news 券",
    "Chinese, two words": "news 證監會 穩定幣",
}


def some(first: int, count: int, total: int, feed: int) -> Iterator[tuple[int, NewArticle]]:
    """Articles with ids from `first` on; a third is about virtual assets."""
    for number in range(first, first + count):
        dice = random.Random(number)
        about = dice.random() < 1 / 3
        pillars = tuple(sorted(dice.sample(PILLARS, dice.randint(1, 2)), key=PILLARS.index))
        initiatives = (dice.randint(1, 12),) if dice.random() < 0.3 else ()
        tags = Tags(about, dice.random() < 0.5, pillars, initiatives) if about else Tags()
        published = NOW - YEARS_S + YEARS_S * number // (total + 1)
        text = ". ".join(title(number % 997 + 1, number * 3 + part) for part in range(3))
        yield (
            number,
            NewArticle(
                feed=feed,
                owner="",
                title=title(number % 10, number),
                url=f"https://news.example/{number}",
                summary=text,
                source="A feed",
                kind="press",
                language="en",
                published=published,
                date_only=False,
                timezone="Asia/Hong_Kong",
                first_seen=published,
                alert=True,
                tags=tags,
                tagger="bench",
                canonical=f"https://news.example/{number}",
            ),
        )


def fill(database: Database, total: int) -> None:
    feed = database.write_now(archive_feeds.add, Source("A feed", "https://news.example/"), NOW)
    database.write_now(seed, load_roadmap(), NOW)

    def part(connection: Connection, count: int) -> None:
        first = archive.next_id(connection)
        archive.store_all(connection, list(some(first, count, total, feed)))

    for start in range(0, total, AT_ONCE):
        database.write_now(part, min(AT_ONCE, total - start))
        if start % 100_000 == 0:
            print(f"  {start:,} of {total:,} stored", file=sys.stderr)


def timed(ask: Callable[[], object], times: int) -> list[float]:
    ask()
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - started))
    return sorted(taken)


def row(what: str, taken: list[float]) -> str:
    shares = [taken[min(int(len(taken) * share), len(taken) - 1)] for share in (0.5, 0.95, 0.99)]
    return f"| {what} | " + " | ".join(f"{value:.2f}" for value in shares) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=100)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "bench.db", (archive_migrations, ledger_migrations))
        started = time.perf_counter()
        fill(database, asked.articles)
        size = (Path(folder) / "bench.db").stat().st_size / 1e6
        print(
            f"{asked.articles:,} articles stored and indexed in"
            f" {time.perf_counter() - started:.0f} s, {size:,.0f} MB\n"
        )
        report(database, asked.times)
        database.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory {peak:.0f} MB")


def report(database: Database, times: int) -> None:
    core = Core(load_roadmap(), Manners())
    channel, person = ChannelRef("bench", "W", "c"), Person("U", may_manage=True)

    def ask(text: str) -> Callable[[], object]:
        request = Request(channel, person, text=text)

        def once(connection: Connection) -> None:
            if not core.answer(connection, request, NOW).card.title:
                raise AssertionError(text)

        # With the transaction and the way to the thread of the database and back.
        return lambda: database.write_now(once)

    print("| asked | p50 ms | p95 ms | p99 ms |\n|---|---:|---:|---:|")
    everything: list[float] = []
    for text in LOOK_UPS:
        taken = timed(ask(text), times)
        everything += taken
        print(row(f"`{text}`", taken))
    print(row("all look-ups", sorted(everything)))
    searched: list[float] = []
    for what, text in SEARCHES.items():
        taken = timed(ask(text), times)
        searched += taken
        print(row(f"{what}: `{text}`", taken))
    print(row("all searches", sorted(searched)))


if __name__ == "__main__":
    main()
