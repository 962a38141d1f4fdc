"""`aspire deliveries`: what is queued, sent, stuck and why; and trying one again."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from bot.app import open_database
from bot.session import FAULT, complain, surroundings
from feeds.database import Database, DatabaseError
from handlers import ledger, ledger_queue, ledger_views
from handlers.ledger_views import View

NOT_FOUND = 1
_MOST = 200


def show(config: str | None, state: str, *, as_json: bool) -> int:
    """Print the deliveries in a state ("" for all that are not sent), and how many there are."""
    database = _opened(config)
    if database is None:
        return FAULT
    views = database.write_now(ledger_views.deliveries, state, _MOST)
    counts = database.write_now(ledger.counts)
    database.close()
    if as_json:
        rows = {"counts": counts, "deliveries": [asdict(view) for view in views]}
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return 0
    known = [name for name in ledger_views.STATES if counts.get(name)]
    sys.stdout.write((", ".join(f"{counts[name]} {name}" for name in known) or "none") + "\n")
    if views:
        Console().print(_table(views))
    elif state:
        sys.stdout.write(f"None is {state}.\n")
    return 0


def retry(config: str | None, identifier: int) -> int:
    """Queue a delivery anew."""
    database = _opened(config)
    if database is None:
        return FAULT
    queued = database.write_now(ledger_queue.retry, identifier)
    database.close()
    if not queued:
        complain(f"There is no failed or waiting delivery {identifier}: see aspire deliveries.")
        return NOT_FOUND
    sys.stdout.write(f"delivery {identifier} is queued again\n")
    return 0


def _opened(config: str | None) -> Database | None:
    around = surroundings(config)
    if around is None:
        return None
    try:
        return open_database(around.database)
    except DatabaseError as error:
        complain(f"The database cannot be used: {error}")
        return None


def _table(views: Sequence[View]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("id", "state", "platform", "channel", "kind", "tries", "since (UTC)"):
        table.add_column(title)
    table.add_column("why", overflow="fold")
    for view in views:
        since = datetime.fromtimestamp(view.created_at, UTC).strftime("%Y-%m-%d %H:%M")
        tries = str(view.attempts)
        place = (view.platform, view.channel, view.kind, tries, since, view.why)
        table.add_row(str(view.id), view.state, *place)
    return table
