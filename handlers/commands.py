"""The one table of commands: what can be asked, with which options, and who may.

Text parsing, Discord's command tree, help in chat and the README's list all come from here.
Descriptions are in `locale/<language>/commands.toml` under the command's name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from handlers.command_words import (
    DAYS,
    LANGUAGES,
    PERIOD,
    SCOPE,
    SOURCES,
    UNDO,
    WHEN,
    YES_NO,
)

OptionKind = Literal["value", "values", "choice", "keyword", "flag"]
Completion = Literal["", "command", "topic", "pillar", "initiative", "item", "feed", "timezone"]


@dataclass(frozen=True)
class Option:
    """One option of a command.

    `value` takes one bare word and `values` all bare words left over; `choice` is any of
    `choices` wherever it stands; `keyword` starts with its own name and takes the words up to
    the next keyword; `flag` is its own name.
    """

    name: str
    kind: OptionKind = "value"
    required: bool = False
    choices: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other words for a choice: what people write -> the choice."""
    names: tuple[str, ...] = ()
    """Other words for a keyword or a flag itself."""
    completes: Completion = ""


@dataclass(frozen=True)
class Command:
    name: str
    options: tuple[Option, ...] = ()
    usage: str = ""
    """After the command's name, as help prints it."""
    example: str = ""
    changes: bool = False
    """It may change the channel, so the core asks whether the person may, and writes it down."""
    writes: bool = False
    """It needs the database's writer even where nothing of the channel changes."""
    fetches: bool = False
    """It fetches an address first, so it may take up to half a minute."""
    form: bool = False
    """Asked with nothing, it answers with a form."""


SHARE = Option("share", "flag", names=("分享", "公開", "公开"))
TOPICS = Option("topics", "values", required=True, completes="topic")
ITEM = Option("item", required=True, completes="item")

COMMANDS: tuple[Command, ...] = (
    Command(
        "help",
        (Option("command", completes="command"), SHARE),
        usage="[command]",
        example="help subscribe",
    ),
    Command("roadmap", (SHARE,), example="roadmap"),
    Command(
        "pillar",
        (Option("pillar", "values", required=True, completes="pillar"), SHARE),
        usage="<pillar>",
        example="pillar safeguards",
    ),
    Command(
        "initiative",
        (Option("initiative", "values", required=True, completes="initiative"), SHARE),
        usage="<1-12>",
        example="initiative 8",
    ),
    Command(
        "news",
        (
            Option("words", "values", completes="topic"),
            Option("since", "keyword"),
            Option("page", "keyword", names=("頁", "页")),
            SHARE,
        ),
        usage="[topic] [words…] [since 7d]",
        example="news products staking since 30d",
    ),
    Command(
        "subscribe",
        (
            TOPICS,
            Option("when", "choice", choices=("instant", "daily", "both"), aliases=WHEN),
            Option("scope", "choice", choices=("hk", "all"), aliases=SCOPE),
            Option("sources", "choice", choices=("official", "press", "any"), aliases=SOURCES),
            Option("with", "keyword", names=("含", "包含")),
            Option("without", "keyword", names=("不含", "排除")),
            Option("mention", "keyword", names=("提及",)),
        ),
        usage="<topic…> [instant|daily|both] [hk|all] [official|press] [with words] "
        "[without words] [mention who]",
        example="subscribe safeguards products both hk official",
        changes=True,
        form=True,
    ),
    Command(
        "unsubscribe",
        (TOPICS,),
        usage="<topic…|all>",
        example="unsubscribe products",
        changes=True,
    ),
    Command("subscriptions", (SHARE,), example="subscriptions"),
    Command(
        "summary",
        (Option("period", "choice", choices=("today", "yesterday", "week"), aliases=PERIOD), SHARE),
        usage="[today|yesterday|week]",
        example="summary week",
    ),
    Command(
        "daily",
        (
            Option("time", required=True),
            Option("timezone", completes="timezone"),
            Option(
                "days",
                "choice",
                choices=("weekdays", "everyday"),
                aliases=DAYS,
            ),
        ),
        usage="<HH:MM|off> [timezone] [weekdays|every day]",
        example="daily 09:00 Asia/Hong_Kong weekdays",
        changes=True,
    ),
    Command(
        "trends",
        (Option("period", "choice", choices=("30d", "90d", "1y")), SHARE),
        usage="[30d|90d|1y]",
        example="trends 90d",
    ),
    Command("why", (ITEM, SHARE), usage="<item>", example="why 12"),
    Command(
        "retag",
        (ITEM, Option("topics", "values", completes="topic")),
        usage="<item> <topics…|none>",
        example="retag 12 safeguards 3",
        changes=True,
        form=True,
    ),
    Command(
        "retract",
        (ITEM, Option("undo", "flag", names=UNDO)),
        usage="<item> [undo]",
        example="retract 12",
        changes=True,
    ),
    Command(
        "tag",
        (Option("text", "values", required=True), SHARE),
        usage="<headline>",
        example="tag SFC licenses a new virtual asset trading platform",
    ),
    Command(
        "feeds",
        (
            Option("action", "choice", choices=("add", "remove", "test")),
            Option("target", completes="feed"),
        ),
        usage="[add URL|remove N|test URL]",
        example="feeds test https://example.org/feed.xml",
        fetches=True,
    ),
    Command(
        "settings",
        (
            Option(
                "language",
                "keyword",
                choices=("en", "zh-Hant", "zh-Hans"),
                aliases=LANGUAGES,
                names=("語言", "语言"),
            ),
            Option("timezone", "keyword", completes="timezone", names=("時區", "时区")),
            Option("daily", "keyword", names=("每日", "每天")),
            Option(
                "quiet", "keyword", choices=("yes", "no"), aliases=YES_NO, names=("安靜", "安静")
            ),
            Option("posts", "keyword", choices=("story", "day"), names=("帖子",)),
        ),
        usage="[language en|zh-Hant|zh-Hans] [timezone ZONE] [daily HH:MM|off] [quiet yes|no] "
        "[posts story|day]",
        example="settings language zh-Hant timezone Asia/Hong_Kong",
        changes=True,
        form=True,
    ),
    Command("status", (SHARE,), example="status"),
)

BY_NAME: Mapping[str, Command] = {command.name: command for command in COMMANDS}


def command_changes(command: Command, options: Mapping[str, str]) -> bool:
    """Whether this use of the command would change its channel (a bare `settings` only looks)."""
    if command.name == "feeds":
        return options.get("action") in {"add", "remove"}
    if command.name in {"settings", "retag", "subscribe"}:
        return any(value for name, value in options.items() if name != "item")
    return command.changes
