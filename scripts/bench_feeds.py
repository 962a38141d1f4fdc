"""Poll synthetic feeds over loopback, beside lemon24/reader in the same run.

    python -m venv ../peer && ../peer/bin/pip install "reader[search]"
    python -m scripts.bench_feeds --feeds 1000 --peer-python ../peer/bin/python
    python -m scripts.bench_feeds --feeds 100 1000 10000 --items 10

The server runs in a process of its own, on 50 loopback addresses; both ask the same one, which
has its documents ready before. The peer is never installed into the project's environment;
without --peer-python it is left out.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def served(feeds: int, items: int) -> Iterator[int]:
    command = [sys.executable, "-m", "scripts.bench_server", str(items), str(feeds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.kill()


def measured(python: str, module: str, feeds: int, items: int) -> list[dict[str, Any]]:
    with served(feeds, items) as port, tempfile.TemporaryDirectory() as folder:
        # Not -m: the worker processes would import anew what their parent began with.
        begin = f"from pathlib import Path; import {module} as it; it.main"
        command = [python, "-c", f"{begin}({port}, {feeds}, Path({folder!r}))"]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(run.stderr)
    return [json.loads(line) for line in run.stdout.splitlines()]


def table(rows: Sequence[dict[str, Any]]) -> None:
    print("| feeds | phase | who | wall s | CPU s | articles/s | CPU ms/feed | peak MB |")
    print("|---:|---|---|---:|---:|---:|---:|---:|")
    for row in rows:
        rate = f"{row['articles'] / row['wall_s']:,.0f}" if row["articles"] else ""
        print(
            f"| {row['feeds']:,} | {row['what']} | {row['who']} | {row['wall_s']:.2f}"
            f" | {row['cpu_s']:.2f} | {rate} | {1000 * row['cpu_s'] / row['feeds']:.2f}"
            f" | {row['peak_mb']:.0f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--feeds", type=int, nargs="+", default=[1000])
    parser.add_argument("--items", type=int, default=50, help="in each feed")
    parser.add_argument("--peer-python", default="", help="of an environment that has reader")
    asked = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for feeds in asked.feeds:
        rows += measured(sys.executable, "scripts.bench_ours", feeds, asked.items)
        if asked.peer_python:
            rows += measured(asked.peer_python, "scripts.bench_peer", feeds, asked.items)
    rows.sort(key=lambda row: (row["feeds"], row["what"]))
    table(rows)


if __name__ == "__main__":
    main()
