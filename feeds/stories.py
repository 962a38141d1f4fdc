"""The same news told by several sources is one story: an index of what was told lately."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from feeds.identity import document_title, same_document_title
from feeds.likeness import (
    Traits,
    contradict,
    likeness,
    names_in_common,
    same_in_translation,
    same_jointly,
    shared_weight,
    traits_of,
)

_DAY_S = 86_400
_SEPARATOR = re.compile(r"\s[-–—|｜]\s")
_SHORTEST_TITLE = 20
_LONGEST_PUBLISHER = 40
_MOST_PUBLISHER_WORDS = 4
_NEAR_S = _DAY_S * 3 // 2
"""Most sources tell the news within a day and a half of each other (some dates have no time)."""
_FAR_MORE_ALIKE = 0.13
_AS_ALIKE = 0.1
_OFFICIALLY_ALIKE = 0.85
"""Authorities word their titles with care: one word more is another document."""
_MOST_HOLDERS = 250
"""A word in more titles than this finds nothing that a rarer one does not."""
_RAREST = 10
_LOOKED_AT = 12


@dataclass(frozen=True)
class Told:
    """One article as the grouping sees it. `published` in UTC seconds, `language` BCP 47."""

    article: int
    story: int
    feed: str
    title: str
    summary: str
    published: int
    language: str
    references: frozenset[str]
    official: bool
    canonical: str


@dataclass(frozen=True)
class _Known:
    told: Told
    traits: Traits
    address: str


class StoryIndex:
    """What was told within `window_s`. Not for several threads at once.

    `threshold` is how alike two titles must be (see `likeness`), 0 to 1. When in doubt it keeps
    articles apart: a story told twice is a nuisance, news taken for old news is lost.
    """

    def __init__(self, window_s: int = 3 * _DAY_S, threshold: float = 0.57) -> None:
        self._window_s = window_s
        self._threshold = threshold
        self._known: dict[int, _Known] = {}
        self._stories: dict[int, set[int]] = defaultdict(set)
        self._holders: dict[str, set[int]] = defaultdict(set)
        """What a title holds, or a key with a space in it (see `_keys`) -> articles."""

    def add(self, told: Told) -> None:
        """Remember an article; one of the same number is replaced."""
        self._forget(told.article)
        known = _known(told)
        self._known[told.article] = known
        self._stories[told.story].add(told.article)
        for key in _keys(known):
            self._holders[key].add(told.article)

    def prune(self, now: int) -> None:
        """Forget what was published longer than the window before `now`."""
        oldest = now - self._window_s
        for article in [one for one, it in self._known.items() if it.told.published < oldest]:
            self._forget(article)

    def _forget(self, article: int) -> None:
        known = self._known.pop(article, None)
        if known is None:
            return
        for key in _keys(known):
            self._holders[key].discard(article)
            if not self._holders[key]:
                del self._holders[key]
        self._stories[known.told.story].discard(article)
        if not self._stories[known.told.story]:
            del self._stories[known.told.story]

    def match(self, told: Told) -> int | None:
        """The story that an article belongs to; None if it is news.

        By the authority's reference, as another copy of a document, by the address, or by a
        title that says the same on the same day, in this order.
        """
        known = _known(told)
        for found in (self._by_reference, self._by_copy, self._by_address, self._by_title):
            story = found(known)
            if story is not None:
                return story
        return None

    def _by_reference(self, known: _Known) -> int | None:
        keys = [_reference_key(reference) for reference in known.told.references]
        return _nearest(known, self._holding(known, keys))

    def _by_copy(self, known: _Known) -> int | None:
        copies = [
            other
            for other in self._holding(known, [_title_key(known)])
            if other.told.feed == known.told.feed
            and same_document_title(known.told.title, other.told.title)
            and _apart(known, other) < _DAY_S
        ]
        return _nearest(known, copies) if len({copy.told.title for copy in copies}) == 1 else None

    def _by_address(self, known: _Known) -> int | None:
        """Where no feed uses the address for several items, and it is not a site's front page."""
        keys = [_address_key(known)] if re.search(r"[/?]", known.address) else []
        others = list(self._holding(known, keys))
        feeds = Counter(other.told.feed for other in others)
        if not others or known.told.feed in feeds or max(feeds.values()) > 1:
            return None
        return _nearest(known, [other for other in others if _apart(known, other) < _DAY_S // 2])

    def _by_title(self, known: _Known) -> int | None:
        """The most alike that another feed told, unless that feed told as separate news what is
        as much alike: then there is no telling which of them it is.
        """
        scored = [(self._alikeness(known, other), other) for other in self._candidates(known)]
        alike = [pair for pair in scored if pair[0] >= self._threshold]
        alike.sort(key=lambda pair: (-pair[0], _apart(known, pair[1]), pair[1].told.story))
        fitting = [pair for pair in alike if self._fits(known, pair[1].told.story)]
        if not fitting:
            return None
        score, best = fitting[0]
        rivals = (other for some, other in alike if some > score - _AS_ALIKE)
        if any(_told_apart(best.told, other.told) for other in rivals):
            return None
        return best.told.story

    def _candidates(self, known: _Known) -> Iterator[_Known]:
        """Of other feeds, those with an equal title, then those with most of its rare words."""
        equal = [one.told.article for one in self._holding(known, [_title_key(known)])]
        holders = [self._holders.get(token, ()) for token in known.traits.weights]
        rare = sorted((some for some in holders if 0 < len(some) <= _MOST_HOLDERS), key=len)
        counts = Counter(chain.from_iterable(rare[:_RAREST]))
        most = [article for article, _ in counts.most_common(_LOOKED_AT)]
        for article in dict.fromkeys((*equal, *most)):
            other = self._known[article]
            if other.told.feed != known.told.feed and _apart(known, other) <= self._window_s:
                yield other

    def _alikeness(self, known: _Known, other: _Known) -> float:
        """As `likeness`; 0 where it is not enough to go by."""
        a, b = known.traits, other.traits
        near = _apart(known, other) <= _NEAR_S
        shared = shared_weight(a, b)
        alike = likeness(a, b, shared)
        evidence = shared + names_in_common(a, b)
        if evidence < _enough(alike, equal=near and a.folded == b.folded):
            alike = 0.0
        if not near:
            alike -= _FAR_MORE_ALIKE
        elif same_jointly(a, b):
            alike = max(alike, _OFFICIALLY_ALIKE)
        elif same_in_translation(a, b):
            alike = max(alike, self._threshold)
        needed = (
            _OFFICIALLY_ALIKE if known.told.official and other.told.official else self._threshold
        )
        return 0.0 if alike < needed or contradict(a, b) else alike

    def _fits(self, known: _Known, story: int) -> bool:
        """Whether the story has nothing of its feed yet, and nothing that contradicts it."""
        others = [self._known[article] for article in self._stories.get(story, ())]
        return all(
            other.told.feed != known.told.feed and not contradict(known.traits, other.traits)
            for other in others
        )

    def _holding(self, known: _Known, keys: Iterable[str]) -> Iterator[_Known]:
        """Those with any of the keys, within the window of it."""
        articles = {article for key in keys for article in self._holders.get(key, ())}
        for article in sorted(articles):
            if _apart(known, self._known[article]) <= self._window_s:
                yield self._known[article]


def _known(told: Told) -> _Known:
    traits = _traits(told.title, official=told.official)
    return _Known(told, traits, told.canonical.partition("://")[2])


@lru_cache(maxsize=1024)
def _traits(title: str, *, official: bool) -> Traits:
    """Remembered, for an article is matched and then added."""
    title = document_title(title)
    return traits_of(title if official else _without_publisher(title))


def _without_publisher(title: str) -> str:
    """Aggregators end titles with the publisher's name, a few words that have no small first
    letter and no digit.
    """
    *_, tail = _SEPARATOR.split(title)
    rest = len(title) - len(tail)
    named = tail.split()
    if rest < _SHORTEST_TITLE or len(tail) > _LONGEST_PUBLISHER:
        return title
    if len(named) > _MOST_PUBLISHER_WORDS or any(word[0].islower() for word in named):
        return title
    return title if re.search(r"\d", tail) else title[: rest - 3]


def _keys(known: _Known) -> Iterator[str]:
    yield from known.traits.weights
    yield _title_key(known)
    if known.address:
        yield _address_key(known)
    yield from map(_reference_key, known.told.references)


def _reference_key(reference: str) -> str:
    return f"reference {reference}"


def _title_key(known: _Known) -> str:
    return f"title {known.traits.folded}"


def _address_key(known: _Known) -> str:
    return f"address {known.address}"


def _apart(a: _Known, b: _Known) -> int:
    return abs(a.told.published - b.told.published)


def _nearest(known: _Known, others: Iterable[_Known]) -> int | None:
    nearest = min(others, key=lambda other: (_apart(known, other), other.told.story), default=None)
    return nearest.told.story if nearest else None


def _enough(alike: float, *, equal: bool) -> float:
    """How many words must be in common: the less alike, the more; the shortest titles say little
    even where they are equal.
    """
    if equal:
        return 1.5
    return 3.0 if alike >= _OFFICIALLY_ALIKE else 4.0


def _told_apart(a: Told, b: Told) -> bool:
    return a.feed == b.feed and a.story != b.story
