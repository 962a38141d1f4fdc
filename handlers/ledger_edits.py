"""The ledger's SQL for sent messages that show what is true no more."""

from feeds.database import Connection
from handlers.ledger import Delivery
from handlers.ledger_turns import Claim, Claimed, in_turn

UNSURE = "?"
"""Instead of a card's hash: of several cards, any may be what stands there."""
_MAY_SHOW = "('sent', 'sending', 'unknown')"


def want_edits(connection: Connection, story: int, sent_after: int, *, summaries: bool) -> int:
    """The cards and lists that show this story (and the summaries) no longer show what is true;
    return how many. Those sent before `sent_after` are left alone. One under way is edited once it
    is known to be sent.
    """
    tables = ("owed", "told") if summaries else ("owed",)
    shown = " UNION ".join(f"SELECT delivery FROM {table} WHERE story = ?2" for table in tables)  # noqa: S608 - constants
    rows = connection.execute(
        "UPDATE deliveries SET wanted = wanted + 1"  # noqa: S608 - constants
        f" WHERE state IN {_MAY_SHOW} AND (sent_at IS NULL OR sent_at > ?1)"
        f" AND id IN ({shown}) RETURNING id, state",
        (sent_after, story),
    ).fetchall()
    connection.executemany(_WANT, [(row["id"],) for row in rows if row["state"] == "sent"])
    return len(rows)


_WANT = (
    "INSERT INTO edits (delivery, channel, platform, workspace, ready)"
    " SELECT d.id, c.id, c.platform, c.workspace, 0"
    " FROM deliveries d JOIN channels c ON c.id = d.channel WHERE d.id = ? AND d.message <> ''"
    " ON CONFLICT (delivery) DO NOTHING"
)


def want_edit(connection: Connection, delivery: int) -> None:
    """Make one message due for an edit."""
    connection.execute(_WANT, (delivery,))


def edits_in_line(connection: Connection, wanted: Claim) -> list[Claimed]:
    """The messages to be edited now. They are put off until the lease runs out, and come again
    then unless `mark_edited` is called before.
    """
    found = in_turn(connection, "edits", wanted)
    connection.executemany(
        "UPDATE edits SET ready = ? WHERE delivery = ?",
        [(wanted.lease_until, one.delivery.id) for one in found],
    )
    return found


def edit_leaves(connection: Connection, delivery: Delivery) -> None:
    """An edit is about to leave. Until `mark_edited` is called, it may be shown or not."""
    connection.execute("UPDATE deliveries SET card_hash = ? WHERE id = ?", (UNSURE, delivery.id))


def mark_edited(connection: Connection, delivery: Delivery, card_hash: str) -> None:
    """It shows what was true when it was drawn; what changed since then is still to be shown."""
    row = connection.execute(
        "UPDATE deliveries SET shown = max(shown, ?), card_hash = ? WHERE id = ?"
        " RETURNING wanted > shown",
        (delivery.wanted, card_hash, delivery.id),
    ).fetchone()
    if row[0]:
        put_off(connection, delivery, 0)
    else:
        give_up(connection, delivery)


def put_off(connection: Connection, delivery: Delivery, ready: int) -> None:
    connection.execute("UPDATE edits SET ready = ? WHERE delivery = ?", (ready, delivery.id))


def give_up(connection: Connection, delivery: Delivery) -> None:
    """The message cannot be edited any more, or needs no edit."""
    connection.execute("DELETE FROM edits WHERE delivery = ?", (delivery.id,))
