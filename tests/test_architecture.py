"""The house's rules: which room may import which, where each library lodges, what is bounded."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("bot", "adapters", "handlers", "feeds")
"""From the door inwards: a room may import those to its right, and itself."""

LODGINGS = {
    "discord": ("adapters/discord_",),
    "slack_bolt": ("adapters/slack_",),
    "slack_sdk": ("adapters/slack_",),
    "feedparser": ("feeds/parse",),
    "sqlite_utils": ("feeds/database.py", "feeds/archive", "handlers/ledger"),
    "sqlite3": ("feeds/database.py", "feeds/archive", "handlers/ledger"),
    "prompt_toolkit": ("adapters/console_",),
    "click": ("bot/cli",),
    "prometheus_client": ("bot/health.py",),
}
ONLY_IN_BOT = {"os.environ", "os.getenv", "time.time", "datetime.now", "sys.exit", "os._exit"}
EXCEPTIONS = {("feeds/worker.py", "os._exit")}  # the child's own end, when its parent has died
MAX_FUNCTION = 50
MAX_FILE = 400


def sources() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """(module, imported name or "") for every import of a file, wherever it stands."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports relatively"
            yield from ((node.module or "", alias.name) for alias in node.names)


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_imports_run_one_way(path: Path) -> None:
    """Imports run bot -> adapters -> handlers -> feeds, never back."""
    room = ROOMS.index(path.relative_to(ROOT).parts[0])
    for module, _ in imports(path):
        top = module.split(".")[0]
        if top in ROOMS:
            assert ROOMS.index(top) >= room, f"{name_of(path)} imports {module}"
        assert top != "tests", f"{name_of(path)} imports {module}"


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_no_private_name_of_another_room(path: Path) -> None:
    """A name with an underscore stays in its room."""
    room = path.relative_to(ROOT).parts[0]
    for module, name in imports(path):
        parts = [*module.split("."), name]
        if parts[0] in ROOMS and parts[0] != room:
            assert not any(part.startswith("_") for part in parts), f"{module}.{name}"


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_every_library_keeps_its_lodging(path: Path) -> None:
    """Each outside library is imported in its own files only."""
    for module, _ in imports(path):
        lodging = LODGINGS.get(module.split(".")[0])
        if lodging:
            assert name_of(path).startswith(lodging), f"{name_of(path)} imports {module}"
    uses_http_client = any((m, n) == ("aiohttp", "ClientSession") for m, n in imports(path))
    if uses_http_client and path.relative_to(ROOT).parts[0] == "feeds":
        assert name_of(path) == "feeds/fetch.py"


@pytest.mark.parametrize("path", [p for p in sources() if "bot" not in p.parts], ids=name_of)
def test_surroundings_are_read_in_bot_only(path: Path) -> None:
    """Below bot/, the environment, the wall clock and the process's end are arguments."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute):
            used = ast.unparse(node)
            if (name_of(path), used) not in EXCEPTIONS:
                assert used not in ONLY_IN_BOT, f"{name_of(path)}:{node.lineno} uses {used}"


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_sizes_stay_readable(path: Path) -> None:
    """No function over 50 lines, no file over 400."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_FILE
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            assert node.end_lineno - node.lineno < MAX_FUNCTION, f"{name_of(path)} {node.name}"


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_every_module_says_its_job(path: Path) -> None:
    """A module opens with one line that says what it is for."""
    assert ast.get_docstring(tree(path)), name_of(path)


def test_core_never_asks_for_the_platform() -> None:
    """Nothing in handlers/ or feeds/ compares a platform's name."""
    for path in sources():
        if path.relative_to(ROOT).parts[0] in {"handlers", "feeds"}:
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"[\"'](slack|discord|console)[\"']", text), name_of(path)


def test_lock_files_name_no_address() -> None:
    """The lock files hold hashes and no address or option of an index."""
    for lock in ("requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
        assert any("--hash=sha256:" in line for line in lines)
        assert not [line for line in lines if "://" in line or line.startswith("--")]
