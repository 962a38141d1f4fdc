"""What `make bench` runs: the benchmarks in a short form, one after another, some minutes.

    python -m scripts.bench [--peer-python PYTHON]

The long forms, with which docs/benchmarks.md was written, are in the scripts that this calls.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run(*command: str) -> None:
    print(f"\n$ python -m {' '.join(command)}\n", flush=True)
    subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True)


def help_time() -> None:
    """How long `aspire --help` takes, as a person sees it."""
    taken = []
    for _ in range(11):
        started = time.perf_counter()
        command = [sys.executable, "-m", "bot", "--help"]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - started)
    print(f"\naspire --help: {1000 * statistics.median(taken):.0f} ms (median of {len(taken)})")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peer-python", default="")
    asked = parser.parse_args()
    peer = ["--peer-python", asked.peer_python] if asked.peer_python else []
    help_time()
    run("scripts.bench_core", "--articles", "20000")
    run("scripts.bench_recorded")
    run("scripts.bench_delivery", "--most", "10000", "fan-out", "claims", "drain", "servers")
    run("scripts.bench_feeds", "--feeds", "100", "400", *peer)


if __name__ == "__main__":
    main()
