"""A round of polling: what is asked, when, at what cost, and what a failure leaves behind."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from feeds import archive, archive_feeds
from feeds.archive import NewArticle
from feeds.database import Connection
from feeds.items import Source
from feeds.outcome import GONE, PollResult
from feeds.schedule import PollRules, is_silent, is_too_slow_for
from tests.feeds.polling import DAY, HOUR, NOON, Item, Polling, polling, rss

ONE = Item("One", "1", at=NOON - HOUR)
TWO = Item("Two", "2", at=NOON)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Polling]:
    async with polling(tmp_path / "archive.db") as opened:
        yield opened


def by_name(results: list[PollResult]) -> dict[str, PollResult]:
    return {result.feed.source.name: result for result in results}


async def test_unchanged_feeds_are_not_read(desk: Polling) -> None:
    """A 304, and a 200 with the same body, never reach the reader."""
    desk.add("plain", rss(ONE))
    desk.add("deaf", rss(ONE))
    await desk.poll()
    desk.reader.read.clear()
    desk.server.headers["deaf"] = {"ETag": ""}
    results = await desk.poll()
    assert {result.status for result in results} == {"unchanged"}
    assert desk.reader.read == []
    assert desk.server.answered[304] >= 1


async def test_only_what_is_due_is_asked(desk: Polling) -> None:
    """A feed is asked when its time has come, not before, and never while switched off."""
    desk.add("f", rss(ONE))
    desk.add("off", rss(ONE), enabled=False)
    assert len(await desk.poll(everything=False)) == 1
    assert await desk.poll(everything=False) == []
    desk.now = desk.feed("f").state.next_poll
    assert len(await desk.poll(everything=False)) == 1
    assert "off" not in desk.server.asked


async def test_a_clock_that_was_wrong_strands_no_feed(desk: Polling) -> None:
    """A poll, a lease or a failure dated years ahead does not keep a feed from being asked."""
    desk.add("f", rss(ONE))
    desk.now = NOON + 3650 * DAY
    await desk.poll(everything=False)
    desk.now = NOON
    desk.serve("f", TWO, ONE)
    results = await desk.poll(everything=False)
    assert results[0].stored.new == 1
    desk.database.write_now(archive_feeds.claim_due, NOON + 3650 * DAY, 600, everything=True)
    assert len(await desk.poll(everything=True)) == 1


async def test_a_claimed_feed_is_left_to_its_claimant(desk: Polling) -> None:
    """While one process polls a feed no other does; after the lease it is free."""
    desk.add("f", rss(ONE))
    claimed = desk.database.write_now(archive_feeds.claim_due, desk.now, 600)
    assert len(claimed) == 1
    assert await desk.poll() == []
    desk.now += 601
    assert len(await desk.poll()) == 1


async def test_two_pollers_store_each_item_once(desk: Polling) -> None:
    """Two pollers on one file at once double nothing."""
    for number in range(20):
        desk.add(f"f{number}", rss(Item(f"Item {number}", str(number))))
    first = desk.poller
    desk.restart()
    both = await asyncio.gather(first.poll(), desk.poller.poll())
    assert sum(len(results) for results in both) == 20
    assert len(desk.titles()) == len(set(desk.titles())) == 20


async def test_a_cancelled_poll_gives_back_what_it_claimed(desk: Polling) -> None:
    """Stopped in the middle, a round leaves no feed claimed."""
    desk.add("f", rss(ONE))
    started = asyncio.Event()

    async def never(*_: object) -> object:
        started.set()
        return await asyncio.Event().wait()

    desk.poller._reader = never  # type: ignore[assignment]  # a reader that never ends
    poll = asyncio.create_task(desk.poller.poll())
    await started.wait()
    poll.cancel()
    with pytest.raises(asyncio.CancelledError):
        await poll
    desk.restart()
    assert len(await desk.poll(everything=False)) == 1
    assert desk.titles() == ["One"]


async def test_a_failed_transaction_loses_and_doubles_nothing(desk: Polling) -> None:
    """When storing fails (a full disk) the round raises; the next one stores everything, and no
    story is taken for told that was not stored.
    """
    title = "Hong Kong gazettes the stablecoin bill after a third reading"
    desk.add("a", rss(Item(title, "1", "https://a.example/1", NOON)))
    desk.add("b", rss(Item("Other news", "9")))
    desk.database.write_now(_break_storing)
    with pytest.raises(Exception, match="disk is full"):
        await desk.poll()
    assert desk.titles() == []
    desk.database.write_now(_mend_storing)
    desk.serve("b", Item(title, "1", "https://b.example/1", NOON))
    results = await desk.poll(everything=False)
    assert [result.status for result in results] == ["stored", "stored"]
    assert desk.rows("SELECT count(*), count(DISTINCT story) FROM articles") == [(2, 1)]
    assert desk.rows("SELECT count(*) FROM articles WHERE story = id") == [(1,)]


def _break_storing(connection: Connection) -> None:
    connection.execute(
        "CREATE TRIGGER full BEFORE UPDATE OF last_good ON feeds BEGIN"
        " SELECT raise(ABORT, 'disk is full'); END"
    )


def _mend_storing(connection: Connection) -> None:
    connection.execute("DROP TRIGGER full")


async def test_one_feed_s_fault_is_its_own(desk: Polling) -> None:
    """A feed on which the reader fails, or whose items cannot be stored, fails alone."""
    for name in ("good", "poison", "fine"):
        desk.add(name, rss(Item(name, name)))
    desk.reader.fail["poison"] = KeyError("a fault of ours")
    results = by_name(await desk.poll())
    assert {name: result.status for name, result in results.items()} == {
        "good": "stored",
        "poison": "failed",
        "fine": "stored",
    }
    assert (results["poison"].fault, results["poison"].detail) == ("reader_died", "KeyError")
    desk.reader.fail.clear()
    assert by_name(await desk.poll())["poison"].stored.new == 1


async def test_what_cannot_be_stored_fails_alone(
    desk: Polling, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An item that the database cannot hold fails its feed, and leaves nothing half-stored."""
    desk.add("bad", rss(ONE, Item("Too big", "2")))
    desk.add("good", rss(Item("Good", "1")))
    plain = archive.store_all

    def choke(connection: Connection, articles: list[tuple[int, NewArticle]]) -> None:
        plain(connection, articles)
        if any(new.title == "Too big" for _, new in articles):
            raise OverflowError

    monkeypatch.setattr(archive, "store_all", choke)
    results = by_name(await desk.poll())
    assert results["bad"].fault == "reader_died"
    assert desk.titles() == ["Good"]


async def test_gone_is_off_until_it_is_back(desk: Polling) -> None:
    """410 switches a feed off, over restarts too; when asked by hand and well it is on again."""
    desk.add("f", rss(ONE))
    await desk.poll()
    desk.server.statuses["f"] = 410
    desk.now += DAY
    await desk.poll(everything=False)
    feed = desk.feed("f")
    assert (feed.source.enabled, feed.state.fault) == (False, GONE)
    source = Source("f", feed.source.url)
    desk.database.write_now(archive_feeds.sync_configured, [source], desk.now)
    desk.now += 9 * DAY
    assert await desk.poll(everything=False) == []
    del desk.server.statuses["f"]
    await desk.poll(everything=True)
    assert desk.feed("f").source.enabled


async def test_a_permanent_redirect_is_remembered_after_several(desk: Polling) -> None:
    """After three equal permanent redirects the feed is asked at its new address; it stays the
    configured feed with its history, and a failure there leads back.
    """
    identifier = desk.add("old", rss(ONE))
    await desk.poll()
    desk.serve("new", ONE)
    desk.server.statuses["old"] = 301
    desk.server.headers["old"] = {"Location": desk.server.url("new")}
    for _ in range(3):
        await desk.poll()
    asked = desk.server.asked["old"]
    result = (await desk.poll())[0]
    assert (result.status, desk.server.asked["old"]) == ("unchanged", asked)
    feed = desk.feed("old")
    desk.database.write_now(archive_feeds.sync_configured, [feed.source], desk.now)
    assert [one.id for one in desk.database.write_now(archive_feeds.all_feeds)] == [identifier]
    desk.server.statuses["new"] = 404
    await desk.poll()
    del desk.server.statuses["old"]
    assert (await desk.poll())[0].status in {"stored", "unchanged"}
    assert desk.titles() == ["One"]


async def test_two_feeds_may_move_to_one_place(desk: Polling) -> None:
    """Feeds that lead to the same address stay two feeds, and their items are stored once."""
    item = Item("One", "1", "https://news.example/1")
    for name in ("a", "b"):
        desk.add(name, rss(item))
        desk.server.statuses[name] = 308
        desk.server.headers[name] = {"Location": desk.server.url("c")}
    desk.serve("c", item)
    for _ in range(5):
        assert all(result.status != "failed" for result in await desk.poll())
    assert desk.titles() == ["One"]


async def test_a_failure_is_remembered_with_its_kind(desk: Polling) -> None:
    """Failures are counted with their kind and their beginning, and forgotten when it is well."""
    desk.add("f", rss(ONE))
    await desk.poll()
    desk.server.statuses["f"] = 403
    for _ in range(2):
        desk.now += HOUR
        await desk.poll()
    state = desk.feed("f").state
    assert (state.failures, state.fault, state.failing_since) == (2, "blocked", NOON + HOUR)
    assert state.last_good == NOON
    del desk.server.statuses["f"]
    await desk.poll()
    state = desk.feed("f").state
    assert (state.failures, state.fault, state.failing_since) == (0, "", None)


async def test_a_host_that_does_not_answer_is_asked_once_a_round(tmp_path: Path) -> None:
    """Where one feed of a host gets no answer the host's others wait for the next round, and no
    other host waits for them.
    """
    async with polling(tmp_path / "archive.db", PollRules(at_once=1)) as desk:
        await _dead_host(desk)


async def _dead_host(desk: Polling) -> None:
    for number in range(5):
        source = Source(f"dead{number}", f"http://127.0.0.9:9/{number}")
        desk.database.write_now(archive_feeds.add, source, desk.now)
    desk.add("alive", rss(ONE))
    first = by_name(await desk.poll(everything=False))
    assert first["alive"].status == "stored"
    assert [result.fault for result in first.values() if result.fault] == ["unreachable"]
    seen = set(first)
    for _ in range(4):
        seen |= set(by_name(await desk.poll(everything=False)))
    assert len(seen) == 6


async def test_a_window_found_wholly_new_is_said(desk: Polling) -> None:
    """Where nothing in a window is known any more, items may have been missed: it is noted."""
    items = [Item(f"Item {n}", str(n), at=NOON + n * 60) for n in range(30)]
    desk.add("f", rss(*items[:5]))
    await desk.poll()
    await desk.then("f", *items[3:8])
    assert desk.feed("f").state.overrun_at is None
    await desk.then("f", *items[20:25])
    feed = desk.feed("f")
    assert feed.state.overrun_at == desk.now
    assert is_too_slow_for(feed.source, feed.state, desk.now)
    assert feed.state.next_poll - desk.now < 300


async def test_a_tiny_window_is_never_missed(desk: Polling) -> None:
    """A window of five in which an item an hour appears loses none over a week of polls."""
    published = [Item(f"Circular {n}", f"26EC{n}", at=NOON + n * HOUR) for n in range(-5, 24 * 7)]
    desk.add("f")
    due = NOON
    while due < NOON + 7 * DAY:
        desk.now = due
        shown = [item for item in published if item.at is not None and item.at <= due][-5:]
        desk.serve("f", *reversed(shown))
        await desk.poll(everything=False)
        due = desk.feed("f").state.next_poll
    seen = [item.title for item in published if item.at is not None and item.at <= desk.now]
    assert desk.titles()[-len(seen) + 1 :] == seen[1:]
    assert desk.feed("f").state.overrun_at is None


async def test_silence_is_noticed(desk: Polling) -> None:
    """A feed that answers well and brings nothing for far longer than it used to is silent."""
    items = [Item(f"Item {n}", str(n), at=NOON - n * HOUR) for n in range(1, 20)]
    desk.add("f", rss(*items))
    await desk.poll()
    desk.now += 5 * DAY
    await desk.poll()
    assert not is_silent(desk.feed("f").state, desk.now)
    desk.now += 5 * DAY
    await desk.poll()
    assert is_silent(desk.feed("f").state, desk.now)


async def test_an_empty_feed_is_a_good_feed(desk: Polling) -> None:
    """No items is no failure, and the first that comes is news."""
    desk.add("f", rss())
    await desk.poll()
    assert desk.feed("f").state.failures == 0
    await desk.then("f", ONE)
    assert desk.alerted() == ["One"]


async def test_feeds_leave_the_configuration_and_lists_stay(desk: Polling) -> None:
    """A feed that leaves config.toml is switched off, one that was imported is let be."""
    here, there = Source("here", "https://a.example/"), Source("there", "https://b.example/")
    desk.database.write_now(archive_feeds.add, there, NOON, archive_feeds.IMPORTED)
    desk.database.write_now(archive_feeds.sync_configured, [here], NOON)
    assert desk.feed("there").source.enabled
    desk.database.write_now(archive_feeds.sync_configured, [], NOON)
    assert desk.feed("there").source.enabled
    assert not desk.feed("here").source.enabled


async def test_fetch_errors_are_results(desk: Polling) -> None:
    """A feed that cannot be fetched is a result with its fault, never an exception."""
    desk.add("missing")
    desk.add("html", b"<!doctype html><title>Hello</title>")
    desk.add("refused", None, url="http://10.0.0.1/feed")
    results = by_name(await desk.poll())
    assert {name: one.fault for name, one in results.items()} == {
        "missing": "not_found",
        "html": "not_a_feed.html",
        "refused": "refused_address",
    }


async def test_stories_are_remembered_over_restarts_and_processes(desk: Polling) -> None:
    """News that another process stored, or this one before it was restarted, is not news again
    under another source's name.
    """
    title = "Hong Kong gazettes the stablecoin bill after a third reading"
    for name in ("a", "b", "c"):
        desk.add(name, rss(Item(f"Older from {name}", "0", at=NOON - 2 * DAY)))
    await desk.poll()
    other = desk.poller
    desk.restart()
    await desk.then("a", Item(title, "1", "https://a.example/1", NOON))
    desk.poller = other
    await desk.then("b", Item(title, "2", "https://b.example/2", NOON))
    desk.now -= 30 * HOUR
    desk.restart()
    await desk.then("c", Item(title, "3", "https://c.example/3", NOON))
    stories = desk.rows(f"SELECT DISTINCT story FROM articles WHERE title = '{title}'")
    assert len(desk.titles()) == 6
    assert len(stories) == 1


async def test_a_round_ends_and_what_is_left_stays_due(tmp_path: Path) -> None:
    """When a round's time is up what was claimed and not asked is free and due in the next."""
    async with polling(tmp_path / "archive.db", PollRules(round_s=-1.0)) as desk:
        desk.add("f", rss(ONE))
        assert await desk.poll(everything=False) == []
        assert desk.rows("SELECT lease_until, last_try FROM feeds") == [(0, None)]
        desk.rules = PollRules()
        desk.restart()
        assert len(await desk.poll(everything=False)) == 1
