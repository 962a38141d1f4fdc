"""From what is typed to what is asked."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.commands import COMMANDS
from handlers.errors import RequestError
from handlers.parsing import parse


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("subscribe s p", {"topics": "s p"}),
        ("subscribe s daily hk", {"topics": "s", "when": "daily", "scope": "hk"}),
        ("subscribe all", {"topics": "all"}),
        ("subscribe all all", {"topics": "all", "scope": "all"}),
        ("/aspire subscribe s", {"topics": "s"}),
        ("SUBSCRIBE s BOTH", {"topics": "s", "when": "both"}),
        (
            "subscribe s with etf fund without gold press",
            {"topics": "s", "with": "etf fund", "without": "gold", "sources": "press"},
        ),
        ("daily 09:00 every day", {"time": "09:00", "days": "everyday"}),
        ("daily 09:00 UTC weekdays", {"time": "09:00", "timezone": "UTC", "days": "weekdays"}),
        ("news staking since 7d share", {"words": "staking", "since": "7d", "share": "yes"}),
        ("summary week", {"period": "week"}),
        ("訂閱　保障", {"topics": "保障"}),
        ("訂閱 保障 即時 官方", {"topics": "保障", "when": "instant", "sources": "official"}),
        ("取消订阅 产品", {"topics": "产品"}),
        ("摘要 本週", {"period": "week"}),
        ("設定 語言 英文 每日 off", {"language": "en", "daily": "off"}),
        ("撤回 12 復原", {"item": "12", "undo": "yes"}),
        ("settings language zh-hant", {"language": "zh-Hant"}),
        ("feeds test https://a.example/x", {"action": "test", "target": "https://a.example/x"}),
        ("retag 12 safeguards 3", {"item": "12", "topics": "safeguards 3"}),
    ],
)
def test_words_find_their_options(text: str, options: dict[str, str]) -> None:
    """Choices and keywords may stand anywhere; what is left over is what the command is about."""
    assert dict(parse(text).options) == options


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("subscrbe s", "core.unknown_command"),
        ("summary yesterdy", "core.unexpected_word"),
        ("subscribe s daily instant", "core.said_twice"),
        ("news x since", "core.keyword_needs_words"),
        ("settings language klingon", "core.not_a_choice"),
        ("why 1 2", "core.unexpected_word"),
    ],
)
def test_mistakes_have_their_own_sentence(text: str, key: str) -> None:
    """Each mistake is told apart from the others."""
    with pytest.raises(RequestError) as raised:
        parse(text)
    assert raised.value.key == key


WORDS = [command.name for command in COMMANDS] + [
    "all",
    "with",
    "since",
    "share",
    "保障",
    "#3",
    '"',
]


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS)).map(" ".join)))
def test_anything_typed_is_understood_or_explained(text: str) -> None:
    """No text breaks the parser: it is a request or a mistake with a sentence."""
    with suppress(RequestError):
        asked = parse(text)
        assert set(asked.options) <= {option.name for option in asked.command.options}
