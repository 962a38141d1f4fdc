"""Fuzz the feed parser, or the rules of identity, with atheris, which follows the code's branches.

    python -m venv ../fuzz && ../fuzz/bin/pip install -r requirements.lock
    ../fuzz/bin/pip install atheris
    ../fuzz/bin/python -m scripts.fuzz_atheris parse -max_total_time=300
    ../fuzz/bin/python -m scripts.fuzz_atheris identity -max_total_time=300

Checks what the tests check of random accidents (tests/feeds/fuzzing*.py), and that no input takes
longer than ten seconds. What follows the first word is libFuzzer's: its options, and folders of
inputs to start from besides our own. It says how many inputs it tried, and keeps what broke
something as `crash-…` in the current folder. Atheris is in no lock: it is for this alone.
"""

import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris  # type: ignore[import-not-found]  # only the fuzzing environment has it

with atheris.instrument_imports(include=["feeds", "feedparser"]):
    from tests.feeds.fuzzing import CHARSETS, SEEDS, TOKENS, check, mutated, recorded_seeds
    from tests.feeds.fuzzing_identity import check_identity

BETWEEN_ANSWERS = b"\n\f\f\n"
MOST_ANSWERS = 4
LONGEST_INPUT = 20_000


def parse_one(data: bytes) -> None:
    """The first byte chooses the charset of the HTTP header."""
    check(data[1:], CHARSETS[data[0] % len(CHARSETS)] if data else "")


def store_answers(data: bytes) -> None:
    check_identity(data.split(BETWEEN_ANSWERS, MOST_ANSWERS - 1))


def documents(target: str) -> list[bytes]:
    """What to start from: whole feeds, and for identity how a feed might go on."""
    feeds = [*SEEDS, *(feed for feed in recorded_seeds() if len(feed) < LONGEST_INPUT // 4)]
    if target == "parse":
        return [b"\0" + feed for feed in feeds]
    chance = random.Random(1)
    return [BETWEEN_ANSWERS.join((feed, mutated(chance, (feed,)), feed)) for feed in feeds]


def write_words(path: Path) -> None:
    """Libfuzzer's dictionary of what feeds are made of."""
    words = ("".join(f"\\x{byte:02x}" for byte in word) for word in (*TOKENS, BETWEEN_ANSWERS))
    path.write_text("".join(f'"{word}"\n' for word in words), encoding="ascii")


TARGETS: dict[str, Callable[[bytes], None]] = {"parse": parse_one, "identity": store_answers}


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(__doc__)
    target, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        inputs, words = Path(folder, "inputs"), Path(folder, "words")
        inputs.mkdir()
        write_words(words)
        for number, document in enumerate(documents(target)):
            (inputs / str(number)).write_bytes(document)
        usual = (f"-dict={words}", "-timeout=10", f"-max_len={LONGEST_INPUT}")
        atheris.Setup([sys.argv[0], *usual, *options, str(inputs)], TARGETS[target])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
