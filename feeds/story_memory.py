"""Keep the index of stories level with the archive's log, whichever process wrote it."""

from feeds import archive
from feeds.database import Connection
from feeds.stories import StoryIndex

WINDOW_S = 3 * 86400
_PRUNE_EVERY_S = 3600


class StoryMemory:
    """Lives on the database's writing thread, but for `forget`, which any thread may call."""

    def __init__(self) -> None:
        self._forgotten = False
        self._begin()

    def _begin(self) -> None:
        self._index = StoryIndex(WINDOW_S)
        self._until = 0
        self._pruned_at: int | None = None

    def forget(self) -> None:
        """A transaction failed: what the index learnt in it never was. It is built anew."""
        self._forgotten = True

    def level(self, connection: Connection, now: int) -> StoryIndex:
        """The index with all of the log in it that is recent enough to matter."""
        went_back = self._pruned_at is not None and now < self._pruned_at
        if self._forgotten or went_back:
            self._forgotten = False
            self._begin()
        last = archive.last_id(connection)
        if last > self._until:
            for told in archive.told_after(connection, self._until, now - 2 * WINDOW_S):
                self._index.add(told)
            self._until = last
        if self._pruned_at is None or now - self._pruned_at >= _PRUNE_EVERY_S:
            self._index.prune(now)
            self._pruned_at = now
        return self._index

    def stored(self, connection: Connection) -> None:
        """What was stored just now is in the index already."""
        self._until = archive.last_id(connection)
