"""Whether what stands in a channel is what it was owed: nothing lost, nothing twice, in order."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

SETTLED_S = 15.0
"""An answer that came is written down before so long; what was sent earlier, no kill explains."""


@dataclass(frozen=True)
class Told:
    """A story in a message, and whether it is said there to be withdrawn."""

    story: int
    withdrawn: bool = False


@dataclass(frozen=True)
class Message:
    """A message as it stands in a channel. `at` is when it came, by the clock of the kills."""

    key: str
    at: float
    told: tuple[Told, ...]


@dataclass(frozen=True)
class Trial:
    """What happened to the bot: when it was killed, and how many of the answers that the platform
    owed for a message (by its key) it never got.
    """

    kills: Sequence[float] = ()
    unheard: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Owed:
    """What a channel must have been told, in this order."""

    where: str
    tells: bool
    """Whether its platform lets the bot find out what became of a message."""
    stories: tuple[int, ...]
    withdrawn: frozenset[int] = frozenset()
    """These may be missing; where they are told, it must be said that they are withdrawn."""
    late: frozenset[int] = frozenset()
    """These were withdrawn for a while: they may have come later than their turn was."""


def judge(owed: Owed, messages: Sequence[Message], trial: Trial) -> tuple[list[str], int]:
    """What is wrong with a channel, and how many messages in it are repeats that nobody could have
    prevented.
    """
    faults: list[str] = []
    once, repeats = _apart(messages)
    faults += _repeated(owed, repeats, trial)
    told = [one for message in once for one in message.told]
    times = Counter(one.story for one in told)
    faults += [f"story {story} came {many} times" for story, many in times.items() if many > 1]
    faults += [
        f"story {story} is lost"
        for story in owed.stories
        if story not in times and story not in owed.withdrawn
    ]
    strange = sorted(set(times) - set(owed.stories))
    faults += [f"story {story} was not asked for" for story in strange]
    order = [one.story for one in told if one.story not in owed.late]
    if order != sorted(order):
        faults.append(f"out of order: {order}")
    faults += [
        f"story {one.story} is {'' if one.withdrawn else 'not '}said to be withdrawn"
        for one in told
        if one.withdrawn != (one.story in owed.withdrawn)
    ]
    return [f"{owed.where}: {fault}" for fault in faults], len(repeats)


def _apart(messages: Sequence[Message]) -> tuple[list[Message], list[tuple[Message, Message]]]:
    """Each message once, and the repeats, each after the one that it repeats. A repeated message
    stands where it first came, and says what it said last: that one alone can be edited.
    """
    latest: dict[str, Message] = {}
    repeats: list[tuple[Message, Message]] = []
    for message in messages:
        if not message.told:
            continue  # a notice, not news
        if message.key in latest:
            repeats.append((latest[message.key], message))
        latest[message.key] = message
    return list(latest.values()), repeats


def _repeated(
    owed: Owed, repeats: Sequence[tuple[Message, Message]], trial: Trial
) -> Iterator[str]:
    """Where the platform cannot tell, each kill may cost a channel one repeat, and so may each
    answer that was not heard; anywhere else none.
    """
    unheard = Counter(trial.unheard)
    spent: set[float] = set()
    for earlier, later in repeats:
        if owed.tells:
            yield f"message {later.key} came again, where the platform can tell"
            continue
        kills = [
            kill
            for kill in trial.kills
            if earlier.at - 1 <= kill <= min(later.at, earlier.at + SETTLED_S) and kill not in spent
        ]
        if unheard[later.key]:
            unheard[later.key] -= 1
        elif kills:
            spent.add(kills[0])
        else:
            yield f"message {later.key} came again for no reason"
