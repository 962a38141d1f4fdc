"""Does this subscription hear of this article? Pure rules."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from feeds.archive import topics_of
from feeds.folding import fold, is_cjk
from feeds.items import Article
from handlers.ledger_channels import Subscription

_LATIN = r"[^\W\u2e80-\uffff]"
"""A word character that is not Chinese: "ETF獲批" has a word border after ETF."""


def hears(subscription: Subscription, article: Article) -> bool:
    """Whether an article is what the subscription asks for, whatever its mode, and whether or not
    it is withdrawn by now: that can be taken back.

    Only virtual-asset items with a pillar are ever heard of; Hong Kong only unless the scope
    says `all`; words match whole Latin words in any case and Chinese words anywhere, in
    either script.
    """
    return (
        _of_topic(subscription.topic, article)
        and not article.seeded
        and (subscription.scope == "all" or article.tags.hong_kong)
        and subscription.sources in {"any", article.kind}
        and _words_allow(subscription, article)
    )


def _of_topic(topic: str, article: Article) -> bool:
    if topic == "all":
        return bool(article.tags.pillars)
    return topic in topics_of(article.tags)


def _words_allow(subscription: Subscription, article: Article) -> bool:
    wanted, unwanted = subscription.with_words, subscription.without_words
    if not wanted and not unwanted:
        return True
    text = fold(f"{article.title}\n{article.summary}")
    if any(_occurs(word, text) for word in unwanted):
        return False
    return not wanted or any(_occurs(word, text) for word in wanted)


def _occurs(word: str, folded: str) -> bool:
    return _pattern(word).search(folded) is not None


@lru_cache(maxsize=4096)
def _pattern(word: str) -> re.Pattern[str]:
    """The word as it must stand: with word borders at its Latin ends only."""
    folded = fold(word).strip()
    before = "" if not folded or is_cjk(folded[0]) else rf"(?<!{_LATIN})"
    after = "" if not folded or is_cjk(folded[-1]) else rf"(?!{_LATIN})"
    return re.compile(f"{before}{re.escape(folded)}{after}")


def words_in(typed: str) -> tuple[str, ...]:
    """The words of an option: separated by spaces or commas, "several words" in quotes."""
    parts: list[str] = []
    for index, piece in enumerate(typed.split('"')):
        if index % 2:
            parts.append(piece.strip())
        else:
            parts += [word for word in re.split(r"[\s,，、]+", piece) if word]
    return tuple(dict.fromkeys(part for part in parts if part))


def topics_heard(articles: Iterable[Article]) -> Sequence[str]:
    """All topics under which somebody may hear of these articles."""
    topics = {topic for one in articles for topic in topics_of(one.tags)}
    topics.discard("virtual_asset")
    return sorted(topics | {"all"})
