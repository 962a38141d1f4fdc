"""Corrections as labelled examples, and an archive tagged anew."""

import json
from pathlib import Path

import pytest

from feeds import archive, archive_changes
from feeds.archive import NewArticle
from feeds.database import Connection
from feeds.items import Tags
from feeds.quality import read_labels
from feeds.reading import loaded_tagger
from handlers import ledger
from tests.bot.test_cli import Shell

TITLE = "SFC warns of unlicensed virtual asset trading platform"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    assert shell.run("ask", "subscribe all").returncode == 0
    return shell


def publish(shell: Shell, title: str, tags: Tags, tagger: str) -> int:
    """Store an article as an older lexicon tagged it."""
    from bot.app import open_database

    new = NewArticle(
        feed=None,
        owner="",
        title=title,
        url="https://news.example/1",
        summary="",
        source="SFC",
        kind="official",
        language="en",
        published=1_780_000_000,
        date_only=False,
        timezone="Asia/Hong_Kong",
        first_seen=1_780_000_000,
        alert=False,
        tags=tags,
        tagger=tagger,
    )
    database = open_database(shell.folder / "aspire.db")
    item = database.write_now(archive.store, new)
    database.close()
    return item


def pillars(shell: Shell, item: int) -> tuple[str, ...]:
    from bot.app import open_database

    database = open_database(shell.folder / "aspire.db")
    article = database.write_now(archive.article, item)
    database.close()
    assert article is not None
    return article.tags.pillars


def test_a_correction_is_exported_as_a_label(shell: Shell) -> None:
    """What a person corrected comes out in the shape that `evaluate` reads, with who and when."""
    item = publish(shell, TITLE, Tags(virtual_asset=True, hong_kong=True), "old")
    assert shell.run("ask", f"retag {item} access 2").returncode == 0
    result = shell.run("labels", "export")
    (row,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert (row["title"], row["pillars"], row["initiatives"]) == (TITLE, ["access"], [2])
    assert row["corrected_by"] == "console"
    path = shell.folder / "labels.jsonl"
    path.write_text(result.stdout, encoding="utf-8")
    assert len(read_labels(path)) == 1
    assert shell.run("evaluate", str(path)).returncode == 0


def test_a_dry_run_changes_nothing(shell: Shell) -> None:
    """--dry-run says what a new lexicon would change, and leaves it."""
    item = publish(shell, TITLE, Tags(), "old")
    result = shell.run("retag-archive", "--dry-run")
    assert "1 articles looked at, 1 would change" in result.stdout
    assert "relationships    +1 -0" in result.stdout
    assert pillars(shell, item) == ()


def test_a_new_lexicon_is_applied_quietly_and_once(shell: Shell) -> None:
    """The archive follows the lexicon; corrected items stay; nobody is owed anything."""
    item = publish(shell, TITLE, Tags(), "old")
    kept = publish(shell, TITLE + " again", Tags(), "old")
    assert shell.run("ask", f"retag {kept} products").returncode == 0
    assert "1 changed" in shell.run("retag-archive").stdout
    assert pillars(shell, item) == ("relationships",)
    assert pillars(shell, kept) == ("products",)
    assert "0 articles looked at" in shell.run("retag-archive").stdout
    assert TITLE in shell.run("ask", "news relationships unlicensed").stdout
    assert queued(shell) == 0


def queued(shell: Shell) -> int:
    from bot.app import open_database

    def count(connection: Connection) -> int:
        only_this = archive_changes.changes_after(connection, 0, 100)
        assert {change.what for change in only_this} <= {"retagged"}
        return sum(ledger.counts(connection).values())

    database = open_database(shell.folder / "aspire.db")
    found = database.write_now(count)
    database.close()
    return found


def test_the_version_tells_lexicons_apart() -> None:
    """A tagger's version is stable for the same lexicon."""
    assert loaded_tagger().version == loaded_tagger().version != ""
