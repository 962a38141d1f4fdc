"""The `aspire` command as a person runs it: a process of its own, with its exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Shell:
    """Runs `aspire` on a database and configuration of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config.toml"
        self.config.write_text("[bot]\ndatabase = 'aspire.db'\n", encoding="utf-8")

    def run(self, *args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if "TOKEN" not in k}
        environment |= {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
        return subprocess.run(
            [sys.executable, "-m", "bot", "--config", str(self.config), *args],
            capture_output=True,
            encoding="utf-8",
            input=stdin,
            cwd=self.folder,
            env=environment,
            timeout=60,
            check=False,
        )


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


COMMANDS = ("run", "chat", "ask", "poll", "tag", "evaluate", "doctor")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(shell: Shell, command: str) -> None:
    """--help works everywhere."""
    result = shell.run(command, "--help")
    assert result.returncode == 0
    assert "Usage:" in result.stdout


def test_help_loads_nothing_heavy() -> None:
    """--help imports none of the heavy libraries."""
    code = (
        "import sys, bot.cli; heavy = {'discord', 'slack_bolt', 'aiohttp', 'sqlite_utils',"
        " 'feedparser', 'pydantic', 'rich', 'prompt_toolkit'};"
        " print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["safeguards", "s", "保障"])
def test_ask_answers_on_standard_output(shell: Shell, name: str) -> None:
    """One request, one answer, exit code 0."""
    result = shell.run("ask", f"pillar {name}")
    assert result.returncode == 0, result.stderr
    assert "Safeguards" in result.stdout
    assert "Optimise compliance burdens" in result.stdout


def test_ask_that_is_not_understood(shell: Shell) -> None:
    """A request that is not understood: exit code 1, and what was meant."""
    result = shell.run("ask", "pillar safegards")
    assert result.returncode == 1
    assert "Did you mean: pillar safeguards" in result.stdout


def test_ask_as_json(shell: Shell) -> None:
    """--json gives the whole reply."""
    reply = json.loads(shell.run("ask", "pillar s", "--json").stdout)
    assert reply["ok"] is True
    assert "Safeguards" in reply["title"]
    assert reply["lines"]
    assert reply["buttons"]


def test_channels_are_apart(shell: Shell) -> None:
    """--channel names the channel that is asked in."""
    assert shell.run("ask", "subscribe safeguards", "--channel", "law").returncode == 0
    assert "Safeguards" in shell.run("ask", "subscriptions", "--channel", "law").stdout
    assert "not subscribed" in shell.run("ask", "subscriptions").stdout


def test_a_broken_configuration_names_all_faults(shell: Shell) -> None:
    """Three faults at once: all three are named, and nothing is started."""
    shell.config.write_text("[bot]\ntimezone='X/Y'\nlanguge='en'\n[http]\nport=-1\n")
    result = shell.run("ask", "roadmap")
    assert result.returncode == 2
    for place in ("bot.timezone", "bot.languge", "http.port"):
        assert place in result.stderr
    assert "Traceback" not in result.stderr


def test_a_database_that_is_none(shell: Shell) -> None:
    """A file that is no database is named and left as it is."""
    path = shell.folder / "aspire.db"
    path.write_text("not a database at all, just text " * 20)
    result = shell.run("ask", "roadmap")
    assert result.returncode == 2
    assert "is not an SQLite database" in result.stderr
    assert "Traceback" not in result.stderr
    assert path.read_text().startswith("not a database")


def test_tag_a_title(shell: Shell) -> None:
    """A headline's pillars, with the words that spoke for them."""
    result = shell.run("tag", "SFC warns public of unlicensed virtual asset trading platform")
    assert result.returncode == 0
    assert "relationships" in result.stdout
    assert "warns" in result.stdout


def test_tag_a_file(shell: Shell) -> None:
    """One object a line in, one out in the same order; a bad line is told and stops nothing."""
    path = shell.folder / "items.jsonl"
    rows = [
        {"id": 1, "title": "HKMA grants first stablecoin issuer licences", "source": "HKMA"},
        {"id": "b", "title": "Bakery opens", "summary": None},
    ]
    lines = [json.dumps(rows[0]), "not json", json.dumps(rows[1])]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = shell.run("tag", "--file", str(path))
    assert result.returncode == 1
    assert "line 2" in result.stderr
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert (first["id"], first["virtual_asset"], first["hong_kong"]) == (1, True, True)
    assert "access" in first["pillars"]
    assert first["evidence"]
    assert (second["id"], second["virtual_asset"], second["pillars"]) == ("b", False, [])


def test_evaluate_prints_a_table(shell: Shell) -> None:
    """Labelled items in, precision, recall and F1 by pillar out."""
    path = shell.folder / "labels.jsonl"
    row = {
        "id": 1,
        "title": "SFC grants licence to virtual asset trading platform",
        "source": "SFC",
        "virtual_asset": True,
        "hong_kong": True,
        "pillars": ["access"],
        "initiatives": [2],
    }
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    result = shell.run("evaluate", str(path))
    assert result.returncode == 0, result.stderr
    for word in ("access", "micro", "macro", "virtual_asset", "hong_kong", "initiatives"):
        assert word in result.stdout
    path.write_text("{}\n")
    assert shell.run("evaluate", str(path)).returncode == 2


def test_doctor_says_what_to_do(shell: Shell) -> None:
    """Each thing looked at is ok or says what to do; no feeds at all is worth a look."""
    result = shell.run("doctor")
    assert result.returncode == 1
    assert "ok    configuration" in result.stdout
    assert "ok    database" in result.stdout
    assert "look  feeds" in result.stdout


def test_the_console_without_a_terminal(shell: Shell) -> None:
    """With no token and no terminal, the console reads lines and answers in plain text."""
    result = shell.run("run", stdin="pillar safeguards\npillar safegards\n/quit\n")
    assert result.returncode == 0, result.stderr
    assert "Optimise compliance burdens" in result.stdout
    assert "Did you mean" in result.stdout
    assert "\x1b" not in result.stdout
