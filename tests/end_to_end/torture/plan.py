"""What is to go wrong, and when: all of it made from the seed, before anything runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Literal

from tests.end_to_end.torture.faults import KINDS

Revoked = Literal["", "own", "installed", "Discord"]


@dataclass(frozen=True)
class Size:
    channels: int
    stories: int
    kills: int
    longest_s: float
    """A life of the bot, as a rule."""
    withdrawn: int
    """One story in so many is withdrawn some time later, and of those every other stands again."""
    long_every: int = 0
    """One life in so many is longer than every timeout; 0 for none."""


SHORT = Size(channels=20, stories=30, kills=8, longest_s=4.0, withdrawn=8)
MIDDLE = Size(channels=60, stories=100, kills=30, longest_s=6.0, withdrawn=15, long_every=26)
FULL = Size(channels=200, stories=300, kills=100, longest_s=8.0, withdrawn=20, long_every=21)


@dataclass(frozen=True)
class Life:
    """The bot from a start to a kill. Seconds count from the start."""

    seconds: float
    faults: tuple[tuple[float, str], ...]
    """When each is armed. It waits for a request that it fits."""
    set_before_s: int
    """How far the clock is set (ahead, or back) while no bot runs,"""
    set_within_s: int
    """and in the middle of this life."""
    twin_s: float = 0.0
    """How long a second bot on the same database lives; 0 for none."""
    disk_full: bool = False
    revoked: Revoked = ""
    shut_out: bool = False
    """The bot is thrown out of a channel of each platform."""


LEASE_ENDS_S = 100
PROBES_S = 4600
AWAY_S = 7 * 3600
_BEFORE = (0, LEASE_ENDS_S, LEASE_ENDS_S, LEASE_ENDS_S, -200, -4000, PROBES_S)
_WITHIN = (0, 0, 0, 30, 600, -30, -900)
_FULL_S = 9.0
"""A life in which the disk is full: the bot must be there, and have something to write."""
_REVOKED: tuple[Revoked, ...] = ("own", "Discord", "installed")


def lives(seed: int, size: Size) -> list[Life]:
    """Lives that end in as many kills, with each kind of trouble among them."""
    chance = Random(seed)
    found: list[Life] = []
    killed = 0
    while killed < size.kills:
        number = len(found)
        twin = number % 6 == 4 and killed + 1 < size.kills
        found.append(_life(chance, size, number, twin=twin))
        killed += 1 + twin
    return found


def _life(chance: Random, size: Size, number: int, *, twin: bool) -> Life:
    seconds = chance.uniform(0.6 * size.longest_s, size.longest_s)
    if number % 9 == 8:
        seconds = chance.uniform(0.3, 1.5)  # before it is ready, or hardly so
    if size.long_every and number % size.long_every == 3:
        seconds = 60.0
    disk_full = number % 25 == 2
    if disk_full:
        seconds = max(seconds, _FULL_S)
    troubles = number % 4
    return Life(
        seconds=seconds,
        faults=tuple(_faults(chance, number, seconds)),
        set_before_s=AWAY_S if number % 40 == 30 else chance.choice(_BEFORE),
        set_within_s=chance.choice(_WITHIN),
        twin_s=seconds * chance.uniform(0.5, 1.0) if twin else 0.0,
        disk_full=disk_full,
        revoked=_REVOKED[number // 4 % 3] if troubles == 1 else "",
        shut_out=troubles == 3,
    )


def _faults(chance: Random, number: int, seconds: float) -> Iterator[tuple[float, str]]:
    """A third of the kinds in each life, so that all are among any three."""
    for kind in list(KINDS)[number % 3 :: 3]:
        yield chance.uniform(0.0, 0.8 * seconds), kind
