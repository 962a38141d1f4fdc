"""`aspire feeds` as an operator runs it: the table, lists in and out, and what is refused."""

import json
from pathlib import Path

import pytest

from tests.bot.test_cli import Shell

CONFIG = """
[bot]
database = "aspire.db"

[[feeds]]
name = "SFC"
url = "https://sfc.example/feed"
kind = "official"
hong_kong = true
interval = "10m"
"""
LIST = """<opml version="2.0"><body><outline text="News">
<outline type="rss" text="Good" xmlUrl="https://good.example/feed"/>
<outline type="rss" text="Bad" xmlUrl="file:///etc/passwd"/>
<outline type="rss" text="Known" xmlUrl="http://www.sfc.example/feed/"/>
</outline></body></opml>"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.config.write_text(CONFIG, encoding="utf-8")
    return shell


def test_the_table_and_its_json(shell: Shell) -> None:
    """`feeds` lists every source with its health, for people and for programs."""
    table = shell.run("feeds")
    assert table.returncode == 0, table.stderr
    assert "SFC" in table.stdout
    assert "not polled yet" in table.stdout
    (row,) = json.loads(shell.run("feeds", "--json").stdout)
    assert (row["name"], row["enabled"], row["last_good"]) == ("SFC", True, None)


def test_lists_come_in_and_go_out(shell: Shell) -> None:
    """An import takes what is good, tells what is not with its line, and stays over restarts; an
    export holds it all.
    """
    (shell.folder / "in.opml").write_text(LIST, encoding="utf-8")
    result = shell.run("feeds", "import", "in.opml")
    assert result.returncode == 1
    assert result.stdout == "1 added, 2 left out\n"
    assert "line 3: Bad: only http and https addresses can be fetched" in result.stderr
    assert "Known: is there already" in result.stderr
    exported = shell.run("feeds", "export").stdout
    assert "https://good.example/feed" in exported
    assert 'aspire:kind="official"' in exported
    assert shell.run("feeds", "export", "out.opml").returncode == 0
    assert (shell.folder / "out.opml").read_text(encoding="utf-8") == exported


def test_imported_sources_can_be_removed(shell: Shell) -> None:
    """What was imported can be removed; what stands in config.toml is refused."""
    (shell.folder / "in.opml").write_text(LIST, encoding="utf-8")
    shell.run("feeds", "import", "in.opml")
    removed = shell.run("feeds", "remove", "2")
    assert removed.returncode == 0
    assert removed.stdout == (
        "Good (https://good.example/feed) is removed; what it brought stays\n"
    )
    assert "good.example" not in shell.run("feeds", "export").stdout
    refused = shell.run("feeds", "remove", "1")
    assert (refused.returncode, "config.toml" in refused.stderr) == (1, True)
    assert shell.run("feeds", "remove", "99").returncode == 1


@pytest.mark.parametrize("content", ["<!DOCTYPE o []><opml/>", "nonsense", ""])
def test_what_is_no_list_is_refused(shell: Shell, content: str) -> None:
    """A file that is no list is refused with a sentence."""
    (shell.folder / "in.opml").write_text(content, encoding="utf-8")
    result = shell.run("feeds", "import", "in.opml")
    assert result.returncode == 2
    assert "cannot be used" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_list_that_is_not_there(shell: Shell) -> None:
    """A file that cannot be read is named in a sentence."""
    result = shell.run("feeds", "import", "nofile.opml")
    assert result.returncode == 2
    assert result.stderr == "nofile.opml cannot be read: No such file or directory\n"


def test_trying_a_refused_address(shell: Shell) -> None:
    """`feeds test` says why an address cannot be used."""
    result = shell.run("feeds", "test", "http://10.0.0.1/feed")
    assert result.returncode == 1
    assert "not on the public internet" in result.stdout
