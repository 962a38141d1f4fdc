"""Fuzz the feed parser: `python -m scripts.fuzz_parse --inputs 100000 [--seed 1] [--save DIR]`.

Makes random accidents happen to small feeds, and to the recorded ones where they are beside the
checkout, and checks what the tests check of each, and of each after what it was made of; of every
tenth, that an archive which stored both knows them again. Stops at the first that breaks something.
"""

import argparse
import random
import sys
import time
from collections import Counter
from pathlib import Path

from tests.feeds.fuzzing import CHARSETS, SEEDS, check, check_pair, mutated, recorded_seeds
from tests.feeds.fuzzing_identity import check_identity

STORED_ONE_IN = 10


def main() -> int:
    options = _options()
    chance = random.Random(options.seed)
    recorded = recorded_seeds()
    seeds = (*SEEDS * 4, *recorded)  # other formats as often as the recorded ones
    came_of_it: Counter[str] = Counter()
    pairs, articles, slowest = 0, 0, (0.0, b"")
    for number in range(options.inputs):
        before, charset = chance.choice(seeds), chance.choice(CHARSETS)
        document = mutated(chance, (before, before, *seeds[:2]))
        started = time.process_time()
        try:
            came_of_it[check(document, charset)] += 1
            pairs += check_pair(before, document)
            if number % STORED_ONE_IN == 0:
                articles += check_identity((before, document, before))
        except Exception:
            kept = _keep(options.save, "broke", document)
            print(f"input {number} of seed {options.seed} broke it (kept in {kept})")
            raise
        slowest = max(slowest, (time.process_time() - started, document))
    print(f"{options.inputs:,} inputs from {len(SEEDS)} written and {len(recorded)} recorded feeds")
    print("came of it:", ", ".join(f"{name} {count:,}" for name, count in came_of_it.most_common()))
    print(f"read by chunks after another answer: {pairs:,}")
    feeds = -(-options.inputs // STORED_ONE_IN)
    print(f"stored and known again: {articles:,} articles of {feeds:,} feeds")
    kept = _keep(options.save, "slowest", slowest[1])
    took_ms, size = slowest[0] * 1_000, len(slowest[1])
    print(f"slowest, all its parses together: {took_ms:.0f} ms, {size:,} bytes {kept}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", type=Path, help="keep what broke it, and the slowest, here")
    return parser.parse_args()


def _keep(folder: Path | None, name: str, document: bytes) -> str:
    if folder is None:
        return ""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(document)
    return str(folder / name)


if __name__ == "__main__":
    sys.exit(main())
