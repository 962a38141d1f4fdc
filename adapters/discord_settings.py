"""What the Discord adapter must be told."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class DiscordSettings:
    token: str = field(repr=False)
    api_url: str = "https://discord.com/api/v10"
    """Where the REST API stands, with its version; another address is a stand-in's."""
    gateway_url: str = ""
    """A gateway to use instead of the one that the API names; empty for the API's."""
    requests_per_second: float = 45.0
    """At most so many sends and edits a second, under Discord's 50 a second for a bot with room
    for answers; 0 for a platform without limits.
    """
