"""The one file: what it refuses to be, and what a transaction promises."""

from pathlib import Path

import pytest
from sqlite_utils import Database as Tables
from sqlite_utils.migrations import Migrations

from feeds.archive_schema import archive_migrations
from feeds.database import (
    Connection,
    Database,
    NewerDatabaseError,
    NotADatabaseError,
    StorageError,
    UnwritableDatabaseError,
)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """Another kind of file is named as such and not touched."""
    path = tmp_path / "notes.txt"
    path.write_text("dear diary\n" * 100)
    with pytest.raises(NotADatabaseError, match=r"notes\.txt is not an SQLite database"):
        Database(path, (archive_migrations,))
    assert path.read_text() == "dear diary\n" * 100


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    """A file that a newer version has changed is refused, with what to do."""
    path = tmp_path / "aspire.db"
    newer = Migrations("archive")
    for step in archive_migrations.pending(Tables(memory=True)):
        newer(name=step.name)(step.fn)
    newer(name="from_the_future")(lambda db: None)
    Database(path, (newer,)).close()
    with pytest.raises(NewerDatabaseError, match="from_the_future"):
        Database(path, (archive_migrations,))


def test_a_folder_that_is_not_there_is_explained(tmp_path: Path) -> None:
    """A path that cannot be opened says what to check."""
    with pytest.raises(UnwritableDatabaseError, match="folder"):
        Database(tmp_path / "missing" / "aspire.db", ())


async def test_a_failing_function_leaves_nothing_behind(tmp_path: Path) -> None:
    """A transaction is whole or not at all."""
    database = Database(tmp_path / "aspire.db", ())

    def half(connection: Connection) -> None:
        connection.execute("CREATE TABLE t (x)")
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        await database.write(half)
    tables = await database.read(
        lambda c: c.execute("SELECT count(*) FROM sqlite_master WHERE name = 't'").fetchone()[0]
    )
    assert tables == 0
    database.close()


async def test_readers_cannot_write(tmp_path: Path) -> None:
    """An answer that only looks cannot change anything."""
    database = Database(tmp_path / "aspire.db", ())
    with pytest.raises(StorageError, match="readonly"):
        await database.read(lambda c: c.execute("CREATE TABLE t (x)"))
    database.close()


def test_two_processes_may_start_at_once(tmp_path: Path) -> None:
    """Opening a new file twice at the same time migrates it once."""
    first = Database(tmp_path / "aspire.db", (archive_migrations,))
    second = Database(tmp_path / "aspire.db", (archive_migrations,))
    second.close()
    first.close()


async def test_a_full_disk_is_told_and_passes(tmp_path: Path) -> None:
    """A transaction that finds no room fails as a whole, and the next one works again."""
    database = Database(tmp_path / "aspire.db", (archive_migrations,))

    def fill(connection: Connection) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        for number in range(10_000):
            connection.execute(
                "INSERT INTO feeds (url, owner, name, kind, language, timezone,"
                " hong_kong, interval_s, enabled, enrich, added_at)"
                " VALUES (?, '', '', '', '', '', 0, 0, 0, '', 0)",
                (f"https://{number}.example",),
            )

    with pytest.raises(StorageError, match="full"):
        await database.write(fill)
    await database.write(lambda c: c.execute("PRAGMA max_page_count = 100000").fetchone())
    count = await database.write(lambda c: c.execute("SELECT count(*) FROM feeds").fetchone()[0])
    assert count == 0
    database.close()
