"""All that goes wrong round the bot, each kind under a name, and how often it was really met."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.adapters.discord.fake_faults import Fault as DiscordFault
from tests.adapters.slack.fake_slack_web import Fault as SlackFault
from tests.adapters.slack.fake_slack_web import FaultKind
from tests.end_to_end.torture.servers import Servers

Met = Callable[[], int]
Arm = Callable[[Servers], Met]
HANGS_S = 55.0
"""Longer than the bot waits."""


def _slack(kind: FaultKind, method: str = "chat.postMessage", **more: object) -> Arm:
    def arm(servers: Servers) -> Met:
        fault = SlackFault(method, kind, **more)  # type: ignore[arg-type]  # by name
        servers.slack.api.faults.append(fault)
        times = fault.times
        return lambda: times - fault.times

    return arm


def _discord(method: str = "POST", **more: object) -> Arm:
    def arm(servers: Servers) -> Met:
        path = r"/channels/\d+/messages" + ("$" if method == "POST" else "/")
        fault = servers.discord.fail(DiscordFault(method, path, **more))  # type: ignore[arg-type]  # by name
        return lambda: fault.met

    return arm


KINDS: Mapping[str, Arm] = {
    "Slack 429": _slack("rate", retry_after=2, times=2),
    "Slack 500": _slack("status", status=500),
    "Slack 500, done": _slack("status", status=500, after=True),
    "Slack 503": _slack("status", status=503, times=2),
    "Slack hangs": _slack("hang"),
    "Slack hangs, done": _slack("hang", after=True),
    "Slack breaks off": _slack("drop", times=2),
    "Slack breaks off, done": _slack("drop", after=True, times=2),
    "Slack refuses a card": _slack("error", error="invalid_blocks"),
    "Slack history 500": _slack("status", "conversations.history", status=500),
    "Slack edit breaks off, done": _slack("drop", "chat.update", after=True),
    "Discord 429": _discord(status=429, retry_after=1.0, times=2),
    "Discord 429 for all": _discord(status=429, retry_after=1.0, everywhere=True),
    "Discord 500": _discord(status=500),
    "Discord 500, done": _discord(status=500, done=True),
    "Discord 503": _discord(status=503, times=2),
    "Discord hangs": _discord(late_s=HANGS_S, drop=True),
    "Discord hangs, done": _discord(late_s=HANGS_S, drop=True, done=True),
    "Discord breaks off": _discord(drop=True, times=2),
    "Discord breaks off, done": _discord(drop=True, done=True, times=2),
    "Discord refuses a card": _discord(status=400, code=50035),
    "Discord edit breaks off, done": _discord("PATCH", drop=True, done=True),
}


@dataclass
class Faults:
    """What was armed so far."""

    servers: Servers
    armed: list[tuple[str, Met]] = field(default_factory=list)

    def arm(self, kind: str) -> None:
        """A card is refused only when the last refusal is spent: its plain text is to pass."""
        refused = sum(kind == other for other, _ in self.armed)
        if "refuses" not in kind or refused == self.met()[kind]:
            self.armed.append((kind, KINDS[kind](self.servers)))

    def met(self) -> Counter[str]:
        """How often each kind was met."""
        met: Counter[str] = Counter()
        for kind, count in self.armed:
            met[kind] += count()
        return met

    def end(self) -> None:
        """No edit fails and nothing hangs any more, for that takes long; what else was not met by
        now may still be.
        """
        slack, discord = self.servers.slack.api, self.servers.discord.rest
        slack.faults = [
            fault
            for fault in slack.faults
            if fault.kind != "hang" and fault.method == "chat.postMessage"
        ]
        discord.faults.keep(lambda fault: not fault.late_s and fault.method == "POST")
