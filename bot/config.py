"""config.toml and the environment, validated; all mistakes are told at once, with their place."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic import ValidationError as PydanticError

from feeds.items import Source

_SPAN = re.compile(r"(\d+)\s*([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|off")


class ConfigError(Exception):
    """The configuration cannot be used; `mistakes` says each thing that is wrong, and where."""

    def __init__(self, path: Path, mistakes: Sequence[str]) -> None:
        self.path = path
        self.mistakes = tuple(mistakes)
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__(f"{path}: {count}\n" + "\n".join(f"  {one}" for one in mistakes))


def _seconds(value: object) -> object:
    match = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if isinstance(value, str) and not match:
        raise ValueError("must be seconds, or a text such as 90s, 15m, 2h or 3d")
    return int(match[1]) * _UNITS[match[2]] if match else value


def _zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("must be a time zone such as Asia/Hong_Kong") from error


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https", "ws", "wss"} or not parts.hostname:
        raise ValueError("must be an address that begins with https:// or http://")
    return value


def _clock_time(value: str) -> str:
    if not _CLOCK.fullmatch(value):
        raise ValueError('must be a time such as "09:00", or "off"')
    return "" if value == "off" else value


def _network(value: object) -> object:
    try:
        return ip_network(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError("must be a network such as 10.1.0.0/16") from error


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Seconds = Annotated[int, BeforeValidator(_seconds), Field(ge=0)]
Zone = Annotated[str, AfterValidator(_zone)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
ClockTime = Annotated[str, AfterValidator(_clock_time)]
Language = Literal["en", "zh-Hant", "zh-Hans"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class BotSection(_Section):
    database: Annotated[str, Field(min_length=1)] = "aspire.db"
    language: Language = "en"
    timezone: Zone = "Asia/Hong_Kong"


class FetchSection(_Section):
    interval: Annotated[Seconds, Field(ge=1)] = 900
    timeout: Annotated[Seconds, Field(ge=1, le=300)] = 30
    max_bytes: Annotated[int, Field(ge=1_000, le=100_000_000)] = 5_000_000
    allow_addresses: tuple[Network, ...] = ()
    contact: str = ""
    sfc_api: WebAddress = "https://apps.sfc.hk/edistributionWeb/api"


class FeedSection(_Section):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    url: WebAddress
    kind: Literal["official", "press"] = "press"
    language: Language = "en"
    timezone: Zone = "Asia/Hong_Kong"
    hong_kong: bool = False
    interval: Seconds = 0
    enabled: bool = True
    enrich: Literal["", "sfc"] = ""

    def source(self) -> Source:
        return Source(
            name=self.name,
            url=self.url,
            kind=self.kind,
            language=self.language,
            timezone=self.timezone,
            hong_kong=self.hong_kong,
            interval_s=self.interval,
            enabled=self.enabled,
            enrich=self.enrich,
        )


class AlertsSection(_Section):
    burst: Annotated[int, Field(ge=1, le=50)] = 5
    old_after: Seconds = 3 * 86400
    catch_up_after: Seconds = 6 * 3600
    edit_within: Seconds = 7 * 86400


class SummarySection(_Section):
    time: ClockTime = "09:00"
    days: Literal["everyday", "weekdays"] = "everyday"


class SlackSection(_Section):
    api_url: WebAddress = "https://slack.com/api/"
    who_may_manage: Literal["everyone", "admins"] = "everyone"
    look_in_history: bool = False
    public_url: str = ""


class DiscordSection(_Section):
    api_url: WebAddress = "https://discord.com/api/v10"
    gateway_url: str = ""
    requests_per_second: Annotated[float, Field(ge=0, le=50)] = 45.0


class HttpSection(_Section):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 0


class Config(_Section):
    """Everything that config.toml may say; every section may be left out."""

    bot: BotSection = BotSection()
    fetch: FetchSection = FetchSection()
    feeds: tuple[FeedSection, ...] = ()
    alerts: AlertsSection = AlertsSection()
    summary: SummarySection = SummarySection()
    slack: SlackSection = SlackSection()
    discord: DiscordSection = DiscordSection()
    http: HttpSection = HttpSection()

    def sources(self) -> list[Source]:
        return [feed.source() for feed in self.feeds]


class Secrets(_Section):
    """What only the environment may hold; never printed."""

    slack_app_token: SecretStr = SecretStr("")
    slack_bot_token: SecretStr = SecretStr("")
    slack_signing_secret: SecretStr = SecretStr("")
    slack_client_id: SecretStr = SecretStr("")
    slack_client_secret: SecretStr = SecretStr("")
    discord_token: SecretStr = SecretStr("")

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Secrets":
        names = {name: environment.get(name.upper(), "").strip() for name in cls.model_fields}
        return cls(**{name: SecretStr(value) for name, value in names.items()})

    @property
    def slack(self) -> bool:
        """Whether the environment holds what one of Slack's two ways of connecting needs."""
        socket = self.slack_app_token and self.slack_bot_token
        return bool(socket or self.slack_signing_secret)

    @property
    def discord(self) -> bool:
        return bool(self.discord_token)


def load_config(path: Path) -> Config:
    """Read and validate a file. Raises ConfigError with every mistake."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(path, [f"cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError(path, ["is not UTF-8 text"]) from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(path, [f"is not TOML: {error}"]) from error
    try:
        config = Config.model_validate(table)
    except PydanticError as error:
        mistakes = [_mistake(text, one) for one in error.errors(include_url=False)]
        raise ConfigError(path, list(dict.fromkeys([*mistakes, *_repeated(table)]))) from error
    mistakes = _repeated(table)
    if mistakes:
        raise ConfigError(path, mistakes)
    return config


def _repeated(table: Mapping[str, Any]) -> list[str]:
    """Feeds of the same name or address, which only the whole list can show."""
    mistakes = []
    for key in ("name", "url"):
        seen: dict[object, int] = {}
        feeds = table.get("feeds", [])
        for number, feed in enumerate(feeds if isinstance(feeds, list) else [], 1):
            value = feed.get(key) if isinstance(feed, dict) else None
            if isinstance(value, str) and value in seen:
                mistakes.append(
                    f"feeds[{number}].{key}: the same as feeds[{seen[value]}].{key} ({value!r})"
                )
            elif isinstance(value, str):
                seen[value] = number
    return mistakes


def _mistake(text: str, error: Mapping[str, Any]) -> str:
    """One sentence: place, what is wrong, and what was found there (never a secret's)."""
    location = [part for part in error["loc"] if not _is_union_branch(part)]
    place = _dotted(location)
    line = _line_of(text, location)
    where = f"line {line}, {place}" if line else place
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = "there is no such setting; check its spelling and its section"
    if error["type"] == "missing":
        return f"{where}: is missing"
    if error["type"] in {"model_type", "tuple_type"}:
        message = "must be a table such as [bot]" if "model" in error["type"] else "must be a list"
        return f"{where}: {message}"
    found = error["input"] if error["type"] != "extra_forbidden" else None  # it may be a secret
    shown = f" (found {found!r})" if isinstance(found, str | int | float | bool) else ""
    return f"{where}: {message[0].lower()}{message[1:]}{shown}"


def _is_union_branch(part: object) -> bool:
    """Pydantic names the branch of a union that it tried; people did not write that."""
    return isinstance(part, str) and part.startswith(
        ("function-", "lax-or-strict", "is-instance", "IPv4", "IPv6", "ipv4", "ipv6")
    )


def _dotted(location: Sequence[object]) -> str:
    place = ""
    for part in location:
        place += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if place else str(part)
    return place


def _line_of(text: str, location: Sequence[object]) -> int:
    """The line of a setting, or of its section where it is missing; 0 if it cannot be told."""
    names = [part for part in location if isinstance(part, str)]
    if not names:
        return 0
    number = next((part for part in location if isinstance(part, int)), 0)
    header = re.compile(rf"\s*\[\[?\s*{re.escape(names[0])}\s*\]\]?")
    key = re.compile(rf"\s*[\"']?{re.escape(names[1])}[\"']?\s*=") if len(names) > 1 else None
    section, seen = 0, -1
    for line, content in enumerate(text.splitlines(), 1):
        if content.lstrip().startswith("["):
            inside = header.match(content) is not None
            seen += inside
            section = line if inside and seen == number else 0 if not inside else section
            if inside and seen == number and key is None:
                return line
        elif section and seen == number and key is not None and key.match(content):
            return line
    return 0
