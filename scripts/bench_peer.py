"""lemon24/reader on the synthetic feeds; runs with the peer's own Python, see bench_feeds."""

from pathlib import Path

from reader import make_reader  # type: ignore[import-not-found]  # the peer's environment has it

from scripts.bench_measure import Phase, set_mode
from scripts.bench_server import url

WORKERS = 10
"""Threads that fetch: as many as its guide shows."""


def main(port: int, feeds: int, folder: Path) -> None:
    reader = make_reader(str(folder / "reader.db"))
    for feed in range(feeds):
        reader.add_feed(url(port, feed))
    reader.enable_search()
    for what, mode in (
        ("all new", "plain"),
        ("unchanged, 304", "plain"),
        ("unchanged, 200", "deaf"),
        ("one new each", "one"),
    ):
        set_mode(port, mode)
        before = reader.get_entry_counts().total
        phase = Phase("reader", what, feeds)
        reader.update_feeds(scheduled=False, workers=WORKERS)
        reader.update_search()
        phase.done(reader.get_entry_counts().total - before)
    reader.close()
