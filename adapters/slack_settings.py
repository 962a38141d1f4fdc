"""What the Slack adapter has to be told; read from the configuration in bot/."""

from dataclasses import dataclass, field
from typing import Literal

Mode = Literal["socket", "http"]


@dataclass(frozen=True)
class SlackSettings:
    """With `app_token` events come over Socket Mode, without it over HTTP.

    `bot_token` serves one workspace; over HTTP, `client_id` and `client_secret` let any number
    of workspaces install the app instead (or as well).
    """

    app_token: str = field(default="", repr=False)
    bot_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    api_url: str = "https://slack.com/api/"
    who_may_manage: Literal["everyone", "admins"] = "everyone"
    look_in_history: bool = False
    """Whether the app may read history, so that an unknown send is looked for before re-sending."""
    public_url: str = ""
    """https address of the bot's own HTTP server as the internet sees it; for HTTP mode."""
    timeout_s: float = 15.0
    """How long one call of the Web API may take."""
    ping_s: float = 10.0
    """How often the socket is pinged."""
    silence_s: float = 60.0
    """How long the socket may show no sign of life before it is built anew."""

    @property
    def mode(self) -> Mode:
        return "socket" if self.app_token else "http"

    @property
    def can_install(self) -> bool:
        """Whether workspaces can install the app over the web."""
        return self.mode == "http" and bool(self.client_id and self.client_secret)
