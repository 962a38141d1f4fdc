"""Runs the torture and prints what came of it: `python -m tests.end_to_end.torture [--seed N]`."""

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from tests.end_to_end.torture.plan import FULL, MIDDLE, SHORT
from tests.end_to_end.torture.run import torture

SIZES = {"short": SHORT, "middle": MIDDLE, "full": FULL}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--keep", help="a folder for the database and what the bots said")
    asked = parser.parse_args()
    if asked.keep and (Path(asked.keep) / "aspire.db").exists():
        parser.error(f"{asked.keep} holds the database of another run")
    print(f"seed {asked.seed}, {SIZES[asked.size]}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(asked.keep or folder)
        kept.mkdir(parents=True, exist_ok=True)
        outcome = asyncio.run(torture(kept, asked.seed, SIZES[asked.size]))
    print("\n".join(outcome.lines()))
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
