"""The docs are true where a test can tell."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.cli import main
from bot.config import Config
from handlers.commands import COMMANDS
from handlers.parsing import usage
from handlers.texts import say
from scripts.write_commands_page import page

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_readme_lists_every_command_as_help_does() -> None:
    """The README's table is the table of commands, in its order and its words."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(.+?)` \| (.+) \|$", text, re.MULTILINE)
    listed = [(row[0].replace("\\|", "|"), row[1]) for row in rows]
    assert listed == [(usage(c), say("en", f"commands.{c.name}.what")) for c in COMMANDS]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link and picture of a page exists."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_pages_name_exist(page: Path) -> None:
    """An `aspire …` command in a page is a command of the program."""
    for line in re.findall(r"^(?:\$ )?aspire ([a-z-]+)", page.read_text("utf-8"), re.MULTILINE):
        assert line in main.commands, line


def test_the_setup_page_names_every_setting() -> None:
    """docs/setup.md explains every section and setting of config.toml."""
    text = (ROOT / "docs" / "setup.md").read_text(encoding="utf-8")
    for section, field in Config.model_fields.items():
        assert f"[{section}]" in text
        model = field.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            for name in model.model_fields:
                assert f"`{name}`" in text, f"[{section}] {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_name_no_place_of_one_machine(page: Path) -> None:
    """No page names a home folder or a temporary path."""
    assert not re.search(r"/(root|home|work|tmp)/", page.read_text(encoding="utf-8"))


def test_the_commands_page_is_the_table() -> None:
    """docs/commands.md is what its script writes."""
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == page()
