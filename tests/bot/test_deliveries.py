"""What an operator sees of the queue, and what he can do about it."""

import json
from pathlib import Path

import pytest

from bot.app import open_database
from feeds import archive, archive_changes
from feeds.items import Tags
from feeds.roadmap import load_roadmap
from handlers import alerts, delivery
from handlers.context import Manners
from handlers.delivery import Outcome
from handlers.ledger_turns import Claim
from handlers.ports import Never, Refusal
from tests.bot.test_cli import Shell
from tests.bot.test_labels import publish
from tests.handlers.world import NOON


@pytest.fixture
def stuck(tmp_path: Path) -> Shell:
    """A database with one delivery that failed."""
    shell = Shell(tmp_path)
    assert shell.run("ask", "subscribe all").returncode == 0
    database = open_database(shell.folder / "aspire.db")
    tags = Tags(virtual_asset=True, hong_kong=True, pillars=("access",))
    item = publish(shell, "A story", tags, "x")
    database.write_now(lambda c: c.execute("UPDATE articles SET alert = 1 WHERE id = ?", (item,)))
    database.write_now(lambda c: c.execute("UPDATE cursors SET value = 0 WHERE name = 'fan-out'"))
    database.write_now(alerts.fan_out, Manners(), NOON)
    for _ in range(2):
        wanted = Claim("w", ("console",), NOON, NOON + 60, 10)
        (job,) = database.write_now(delivery.claim_jobs, load_roadmap(), wanted)
        refused = Outcome(job, error=Never(Refusal.PAYLOAD, "invalid_blocks"))
        database.write_now(delivery.settle, [refused], Manners(), NOON)
    database.close()
    return shell


def test_what_failed_is_shown_with_why_and_can_be_tried_again(stuck: Shell) -> None:
    """A failed delivery is listed with its reason; retry queues it; what is not there is said."""
    rows = json.loads(stuck.run("deliveries", "--failed", "--json").stdout)
    (row,) = rows["deliveries"]
    assert (row["state"], row["why"], row["platform"]) == ("failed", "invalid_blocks", "console")
    assert "1 failed" in stuck.run("deliveries").stdout
    assert stuck.run("deliveries", "retry", str(row["id"])).returncode == 0
    assert json.loads(stuck.run("deliveries", "--json").stdout)["counts"] == {"queued": 1}
    missing = stuck.run("deliveries", "retry", "999")
    assert missing.returncode == 1
    assert "no failed or waiting delivery 999" in missing.stderr


def test_what_was_withdrawn_in_time_is_shown_with_why(stuck: Shell) -> None:
    """A delivery that was dropped because its story was withdrawn can be found, with its reason."""
    (row,) = json.loads(stuck.run("deliveries", "--failed", "--json").stdout)["deliveries"]
    stuck.run("deliveries", "retry", str(row["id"]))
    database = open_database(stuck.folder / "aspire.db")
    item = database.write_now(archive.last_id)
    database.write_now(archive_changes.withdraw, item, NOON, "Ann")
    wanted = Claim("w", ("console",), NOON, NOON + 60, 10)
    assert database.write_now(delivery.claim_jobs, load_roadmap(), wanted) == []
    database.close()
    (row,) = json.loads(stuck.run("deliveries", "--dropped", "--json").stdout)["deliveries"]
    assert row["why"] == "withdrawn before it was sent"
