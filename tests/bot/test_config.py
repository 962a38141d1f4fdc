"""config.toml: everything that is wrong is told at once, with its place."""

from pathlib import Path

import pytest

from bot.config import Config, ConfigError, Secrets, load_config

ROOT = Path(__file__).resolve().parents[2]


def mistakes(tmp_path: Path, text: str) -> tuple[str, ...]:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load_config(path)
    return raised.value.mistakes


def test_the_shipped_configuration_is_valid() -> None:
    """What ships can be used as it is; feeds whose terms forbid it are off, with the reason."""
    config = load_config(ROOT / "config.toml")
    assert len(config.feeds) > 20
    assert config.fetch.allow_addresses == ()
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    off = [line for line in text.splitlines() if line.startswith("enabled = false")]
    assert len(off) == sum(not feed.enabled for feed in config.feeds) > 0
    assert all("#" in line for line in off)


def test_an_empty_file_is_enough(tmp_path: Path) -> None:
    """Every setting has its usual value."""
    path = tmp_path / "config.toml"
    path.write_text("")
    assert load_config(path) == Config()


def test_all_mistakes_at_once_with_their_lines(tmp_path: Path) -> None:
    """Three faults: three sentences, each with its line, its place and what was found."""
    text = (
        '[bot]\ntimezone = "Mars/Base"\n\n[fetch]\ninterval = "soon"\n\n'
        '[[feeds]]\nname = "A"\nurl = "https://a.example/x"\n'
        '[[feeds]]\nname = "B"\nurl = "https://b.example/x"\nkind = "rumour"\n'
    )
    first, second, third = mistakes(tmp_path, text)
    assert first.startswith("line 2, bot.timezone: must be a time zone")
    assert "'Mars/Base'" in first
    assert second.startswith("line 5, fetch.interval: must be seconds")
    assert third.startswith("line 13, feeds[2].kind: ")
    assert "official" in third


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[bot", "is not TOML"),
        ("[bot]\nlanguge = 'en'", "line 2, bot.languge: there is no such setting"),
        ("[bots]\nx = 1", "line 1, bots: there is no such setting"),
        ("[[feeds]]\nname = 'A'", "feeds[1].url: is missing"),
        ("[fetch]\nallow_addresses = ['10.0.0.0/99']", "fetch.allow_addresses[1]"),
        ("[http]\nport = 70000", "line 2, http.port"),
        ("[summary]\ntime = '9am'", "line 2, summary.time: must be a time"),
    ],
)
def test_each_mistake_says_where_and_what(tmp_path: Path, text: str, part: str) -> None:
    """A mistake names its place and what to do."""
    assert any(part in one for one in mistakes(tmp_path, text))


def test_feeds_must_differ(tmp_path: Path) -> None:
    """Two feeds of one name or one address are a mistake."""
    feed = "[[feeds]]\nname = 'A'\nurl = 'https://a.example/x'\n"
    found = mistakes(tmp_path, feed + feed)
    assert any("feeds[2].name" in one for one in found)
    assert any("feeds[2].url" in one for one in found)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A file that is not there is said to be so."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "none.toml")


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("'90s'", 90), ("'2h'", 7200)])
def test_spans_are_seconds_or_words(tmp_path: Path, text: str, seconds: int) -> None:
    """A time may be a number of seconds or a text such as 15m."""
    path = tmp_path / "config.toml"
    path.write_text(f"[fetch]\ninterval = {text}\n")
    assert load_config(path).fetch.interval == seconds


def test_secrets_come_from_the_environment_and_are_not_shown() -> None:
    """A token is read from the environment and never printed."""
    secrets = Secrets.of({"SLACK_APP_TOKEN": "xapp-1", "SLACK_BOT_TOKEN": "xoxb-secret"})
    assert secrets.slack
    assert not secrets.discord
    assert "xoxb" not in repr(secrets)
    assert "xoxb" not in str(secrets)


def test_the_example_environment_names_every_secret() -> None:
    """.env.example lists all that the environment may hold."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name in Secrets.model_fields:
        assert f"{name.upper()}=" in text
    assert "ASPIRE_CONFIG=" in text
    assert "ASPIRE_DATABASE=" in text
