"""`aspire poll`, `feeds` and `doctor` as an operator meets good and bad sources, over loopback."""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.bot.test_cli import Shell

ITEM = "<item><title>{title}</title><guid>{title}</guid><pubDate>{at}</pubDate></item>"
PAGE = "<!doctype html><html><head><link rel='alternate' type='application/rss+xml' href='/fast'>"


def fast() -> str:
    """A window of three items, a quarter of an hour apart."""
    items = [
        ITEM.format(
            title=f"SFC licenses trading platform {n}", at=formatdate(time.time() - 900 * n)
        )
        for n in range(3)
    ]
    return f"<rss version='2.0'><channel><title>Fast</title>{''.join(items)}</channel></rss>"


@dataclass
class Site:
    """What each path answers: a body, or a status. Counts who was asked."""

    answers: dict[str, str | int]
    port: int = 0
    asked: Counter[str] = field(default_factory=Counter)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site({"fast": fast(), "gone": 410, "page": PAGE})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.strip("/")
            site.asked[path] += 1
            answer = site.answers.get(path, 404)
            self.send_response(answer if isinstance(answer, int) else 200)
            self.end_headers()
            if isinstance(answer, str):
                self.wfile.write(answer.encode())

        def log_message(self, *_: object) -> None:
            """Nothing, for the tests' output is for the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.port = server.server_port
    Thread(target=server.serve_forever, daemon=True).start()
    yield site
    server.shutdown()
    server.server_close()


@pytest.fixture
def shell(tmp_path: Path, site: Site) -> Shell:
    shell = Shell(tmp_path)
    lines = ["[bot]", "database = 'aspire.db'", "[fetch]", "allow_addresses = ['127.0.0.0/8']"]
    for path in site.answers:
        lines += ["[[feeds]]", f"name = '{path.title()}'", f"url = '{site.url(path)}'"]
        lines += ["interval = '1h'"]
    shell.config.write_text("\n".join(lines), encoding="utf-8")
    return shell


def test_a_round_over_good_and_bad_sources(shell: Shell, site: Site) -> None:
    """A round tells how each source fared; `feeds` and the doctor say what to do about it: a
    shorter interval for a window that is soon over, another address for what is gone.
    """
    polled = shell.run("poll")
    assert polled.returncode == 0, polled.stderr
    for words in ("baseline", "gone", "not_a_feed"):
        assert words in polled.stdout
    table = shell.run("feeds")
    assert table.returncode == 1
    assert "off; failing: the site" in " ".join(table.stdout.split())
    doctor = shell.run("doctor")
    assert doctor.returncode == 1
    found = {line.split(":")[0]: line for line in doctor.stdout.splitlines()}
    assert "give it a shorter interval" in found["look  feed Fast"]
    assert "no longer polled; change its address" in found["look  feed Gone"]
    assert "not a feed" in found["look  feed Page"]


def test_a_quiet_source_is_a_hint(shell: Shell, site: Site) -> None:
    """That a source which answers well is unusually quiet is told, and is no fault."""
    shell.config.write_text(
        "[bot]\ndatabase = 'aspire.db'\n[fetch]\nallow_addresses = ['127.0.0.0/8']\n"
        f"[[feeds]]\nname = 'Quiet'\nurl = '{site.url('fast')}'\ninterval = '2m'\n",
        encoding="utf-8",
    )
    shell.run("poll")
    with closing(sqlite3.connect(shell.folder / "aspire.db")) as connection, connection:
        connection.execute(
            "UPDATE feeds SET gap_s = 3600, last_new = newest - 2592000, newest = newest - 2592000"
        )
    doctor = shell.run("doctor")
    assert "hint  feed Quiet: unusually quiet" in doctor.stdout
    assert doctor.returncode == 0


def test_what_is_gone_is_asked_by_hand_only(shell: Shell, site: Site) -> None:
    """After a 410 no round asks again, restarts or not, but `poll --force` does, and takes it back
    when it is well.
    """
    shell.run("poll")
    shell.run("poll")
    assert site.asked["gone"] == 1
    site.answers["gone"] = fast()
    assert shell.run("poll", "--force").returncode == 0
    assert site.asked["gone"] == 2
    assert "off" not in shell.run("feeds").stdout


def test_trying_an_address(shell: Shell, site: Site) -> None:
    """`feeds test` shows what would be stored and how it would be tagged, and stores nothing; for
    a page it asks whether one of the feeds that it names was meant.
    """
    tried = shell.run("feeds", "test", site.url("fast"))
    assert tried.returncode == 0, tried.stderr
    assert "3 items" in tried.stdout
    assert "SFC licenses trading platform 0" in tried.stdout
    assert "holds 0 articles" in shell.run("doctor").stdout
    page = shell.run("feeds", "test", site.url("page"))
    assert page.returncode == 1
    assert "Did you mean" in page.stdout
    assert site.url("fast") in page.stdout
