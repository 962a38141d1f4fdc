"""One SQLite file: open and migrate it, and run short functions in transactions on its threads."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import sqlite_utils
from sqlite_utils.migrations import Migrations

Connection = sqlite3.Connection
Row = sqlite3.Row

P = ParamSpec("P")
T = TypeVar("T")

BUSY_TIMEOUT_S = 10.0
_READERS = 2


class DatabaseError(Exception):
    """The database cannot be used; the message says why and what to do."""


class NotADatabaseError(DatabaseError):
    """The file is there and is something else."""


class NewerDatabaseError(DatabaseError):
    """The file was written by a newer version of the bot."""


class UnwritableDatabaseError(DatabaseError):
    """The file or its folder cannot be opened or written."""


class StorageError(DatabaseError):
    """A transaction could not be done just now (the disk is full, the file is locked or cannot
    be read); it left nothing behind, and may work later.
    """


class Database:
    """Runs functions of (connection, *args), each in one transaction.

    `write` takes turns on the one writing thread, in a `BEGIN IMMEDIATE` transaction, so that
    several processes on one file wait for each other (10 s at most) instead of failing.
    `read` runs beside it on connections that cannot write, so that answers never wait for work.
    """

    def __init__(self, path: Path, migrations: Sequence[Migrations]) -> None:
        """Open, creating and migrating as needed. Raises DatabaseError."""
        self.path = path
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="database-writer")
        self._readers = ThreadPoolExecutor(
            _READERS, thread_name_prefix="database-reader", initializer=self._open_reader
        )
        self._local: dict[int, Connection] = {}
        try:
            self._connection = self._writer.submit(_open, path, migrations).result()
        except BaseException:
            self._writer.shutdown()
            raise

    async def write(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `function` in one immediate transaction; commit, or roll back if it raises.

        Raises StorageError where the file does not allow it, and what the function raises.
        """
        return await asyncio.get_running_loop().run_in_executor(
            self._writer, lambda: self._transact(function, *args, **kwargs)
        )

    async def read(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `function` on a read-only connection, on one consistent state of the file."""
        return await asyncio.get_running_loop().run_in_executor(
            self._readers, lambda: self._look(function, *args, **kwargs)
        )

    def write_now(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The same as `write` for code without an event loop."""
        return self._writer.submit(lambda: self._transact(function, *args, **kwargs)).result()

    def close(self) -> None:
        """Finish what runs, then close. The object is of no use afterwards."""
        self._readers.shutdown()
        for connection in self._local.values():
            connection.close()
        self._local.clear()
        self._writer.submit(self._connection.close).result()
        self._writer.shutdown()

    def _transact(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            result = function(connection, *args, **kwargs)
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):
                raise StorageError(str(error)) from error
            raise
        return result

    def _open_reader(self) -> None:
        connection = _connect(self.path, check_same_thread=False)
        connection.execute("PRAGMA query_only = ON")
        self._local[threading.get_ident()] = connection

    def _look(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        connection = self._local[threading.get_ident()]
        try:
            connection.execute("BEGIN")
            return function(connection, *args, **kwargs)
        except sqlite3.OperationalError as error:
            raise StorageError(str(error)) from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _open(path: Path, migrations: Sequence[Migrations]) -> Connection:
    connection: Connection | None = None
    new = not path.exists()
    try:
        connection = _connect(path)
        if new and path.exists():
            path.chmod(0o600)  # it holds what is said in channels, and workspaces' tokens
        connection.execute("PRAGMA journal_mode = WAL")
        _migrate(connection, path, migrations)
    except (sqlite3.DatabaseError, DatabaseError) as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.DatabaseError):
            raise _translated(error, path) from error
        raise
    return connection


def _connect(path: Path, *, check_same_thread: bool = True) -> Connection:
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=check_same_thread
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    # A promise that is written survives the loss of power, not only of the process.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -16000")
    return connection


def _migrate(connection: Connection, path: Path, migrations: Sequence[Migrations]) -> None:
    database = sqlite_utils.Database(connection, execute_plugins=False)
    # One transaction round all, so that two processes starting at once take turns.
    connection.execute("BEGIN IMMEDIATE")
    try:
        _refuse_newer(database, path, migrations)
        for part in migrations:
            part.apply(database)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _refuse_newer(
    database: sqlite_utils.Database, path: Path, migrations: Sequence[Migrations]
) -> None:
    empty = sqlite_utils.Database(memory=True, execute_plugins=False)
    for part in migrations:
        known = {step.name for step in part.pending(empty)}
        for step in part.applied(database):
            if step.name not in known:
                raise NewerDatabaseError(
                    f"the database {path} was written by a newer version of the bot "
                    f"(it has the change {step.name!r}): update the bot, or use another file"
                )


def _translated(error: sqlite3.DatabaseError, path: Path) -> DatabaseError:
    if "not a database" in str(error) or "malformed" in str(error):
        return NotADatabaseError(
            f"{path} is not an SQLite database ({error}): "
            "move it away or set another path; it was not touched"
        )
    return UnwritableDatabaseError(
        f"the database {path} cannot be used ({error}): check that its folder exists, "
        "that both may be written and that the disk has room"
    )
