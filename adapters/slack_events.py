"""What Slack delivers -> what was asked or what happened. Pure: no calls, no clock."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.slack_home import PICK
from adapters.slack_modals import FORM, submitted
from adapters.slack_places import Place, recalled
from adapters.slack_text import read_aloud, typed, unescape
from handlers.ports import Refusal

SHORTCUT = "which_pillar"
TAGGED_TEXT = 3_000
"""Characters of a message that the shortcut hands on; a headline and its lead fit well."""

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """A person asked something: typed, pressed, submitted, or by shortcut."""

    place: Place
    text: str = ""
    command: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class HomeOpened:
    place: Place


@dataclass(frozen=True)
class ChannelPicked:
    """On the App Home, to see and change what a channel follows."""

    place: Place


@dataclass(frozen=True)
class Joined:
    """The bot was invited."""

    team: str
    channel: str


@dataclass(frozen=True)
class Returned:
    """A channel was renamed or taken out of the archive: the bot may be in it or not."""

    team: str
    channel: str


@dataclass(frozen=True)
class Left:
    team: str
    channel: str
    refusal: Refusal


@dataclass(frozen=True)
class WorkspaceLost:
    """Uninstalled, or the bot's token revoked, at `at` (UTC seconds)."""

    team: str
    at: int


Happening = Asked | HomeOpened | ChannelPicked | Joined | Returned | Left | WorkspaceLost


def team_of(happening: Happening) -> str:
    """The workspace that it happened in."""
    if isinstance(happening, Asked | HomeOpened | ChannelPicked):
        return happening.place.team
    return happening.team


_LEFT = {
    "channel_left": Refusal.NOT_INVITED,
    "group_left": Refusal.NOT_INVITED,
    "channel_archive": Refusal.ARCHIVED,
    "group_archive": Refusal.ARCHIVED,
    "channel_deleted": Refusal.CHANNEL_GONE,
    "group_deleted": Refusal.CHANNEL_GONE,
}
_RETURNED = {"channel_rename", "group_rename", "channel_unarchive", "group_unarchive"}
_COMMAND_WORD = re.compile(r"^/?aspire\b\s*", re.IGNORECASE)


def once_key(body: Body) -> str:
    """What is the same when Slack delivers the same thing again."""
    return str(body.get("event_id") or body.get("trigger_id") or "")


def read(body: Body) -> Happening | None:
    """None for what is not meant for the bot."""
    if "command" in body:
        return _command(body)
    kind = body.get("type")
    if kind == "event_callback":
        return _event(body, body["event"])
    if kind == "block_actions":
        return _pressed(body, body["actions"][0])
    if kind == "message_action" and body.get("callback_id") == SHORTCUT:
        return _shortcut(body)
    if kind == "view_submission" and body["view"].get("callback_id") == FORM:
        return _submitted(body)
    return None


def _command(body: Body) -> Asked:
    place = Place(
        team=body["team_id"],
        channel=body["channel_id"],
        user=body["user_id"],
        channel_name=body.get("channel_name", ""),
        user_name=body.get("user_name", ""),
        user_team=body["team_id"],
        response_url=body["response_url"],
        trigger=body["trigger_id"],
    )
    return Asked(place, text=typed(body.get("text", "")))


# Events


def _event(body: Body, event: Body) -> Happening | None:
    kind, team = event["type"], body["team_id"]
    if kind == "app_mention":
        return _mentioned(body, event)
    if kind == "message":
        return _direct_message(team, event)
    if kind == "app_home_opened":
        return _home_opened(team, event)
    if kind == "app_uninstalled" or (kind == "tokens_revoked" and event["tokens"].get("bot")):
        return WorkspaceLost(team, int(body.get("event_time", 0)))
    return _membership(body, event, kind)


def _membership(body: Body, event: Body, kind: str) -> Happening | None:
    team, channel = body["team_id"], _channel_id(event)
    if kind == "member_joined_channel" and event["user"] in _bot_users(body):
        return Joined(team, channel)
    if kind == "member_left_channel" and event["user"] in _bot_users(body):
        return Left(team, channel, Refusal.NOT_INVITED)
    if kind in _LEFT:
        return Left(team, channel, _LEFT[kind])
    return Returned(team, channel) if kind in _RETURNED else None


def _channel_id(event: Body) -> str:
    channel = event.get("channel", "")
    return str(channel["id"] if isinstance(channel, Mapping) else channel)


def _bot_users(body: Body) -> set[str]:
    """The app's own user in the workspace that the event is delivered for."""
    return {given["user_id"] for given in body.get("authorizations", ()) if given.get("is_bot")}


def _mentioned(body: Body, event: Body) -> Asked | None:
    """The words round the mention, answered in the thread that it starts or stands in."""
    if event.get("bot_id") or event.get("edited"):
        return None
    text = event["text"]
    for user in _bot_users(body):
        text = re.sub(rf"<@{re.escape(user)}(\|[^>]*)?>", " ", text)
    place = _event_place(body["team_id"], event)
    place = replace(place, thread=event.get("thread_ts") or event["ts"])
    return Asked(place, text=_words(text))


def _direct_message(team: str, event: Body) -> Asked | None:
    """A person's message to the bot; not an edit, a deletion, or the bot's own."""
    if event.get("channel_type") != "im" or event.get("subtype") or event.get("bot_id"):
        return None
    place = replace(_event_place(team, event), thread=event.get("thread_ts", ""))
    return Asked(place, text=_words(event.get("text", "")))


def _words(text: str) -> str:
    return _COMMAND_WORD.sub("", " ".join(typed(text).split()))


def _event_place(team: str, event: Body) -> Place:
    return Place(
        team=team,
        channel=event["channel"],
        user=event["user"],
        user_team=event.get("user_team") or event.get("team") or team,
        surface="thread",
    )


def _home_opened(team: str, event: Body) -> HomeOpened | None:
    if event.get("tab") != "home":
        return None
    direct = event["channel"]
    place = Place(team=team, channel=direct, user=event["user"], user_team=team, home=direct)
    return HomeOpened(replace(place, surface="home"))


# Interactions


def _interaction_place(body: Body) -> Place:
    """Where a press, a shortcut or a submission came from; in a modal, where that was opened."""
    user, channel = body["user"], body.get("channel") or {}
    container = body.get("container") or body.get("message") or {}
    team = (body.get("team") or {}).get("id") or user.get("team_id", "")
    place = Place(
        team=team,
        channel=channel.get("id", ""),
        user=user["id"],
        channel_name=channel.get("name", ""),
        user_name=user.get("username") or user.get("name", ""),
        user_team=user.get("team_id") or team,
        thread=container.get("thread_ts", ""),
        response_url=body.get("response_url", ""),
        trigger=body.get("trigger_id", ""),
    )
    view = body.get("view")
    return recalled(view.get("private_metadata", ""), place) if view else place


def _pressed(body: Body, action: Body) -> Asked | ChannelPicked | None:
    place, name = _interaction_place(body), action.get("action_id", "")
    view = body.get("view") or {}
    if view.get("type") == "modal":
        place = replace(place, surface="modal", view=view["id"])
    if name == PICK:
        channel = action["selected_conversation"]
        return ChannelPicked(replace(place, channel=channel, channel_name="", picked=True))
    if not name.startswith("ask:"):
        return None
    ask = (action.get("selected_option") or action).get("value", "")
    return Asked(place, text=unescape(ask))


def _submitted(body: Body) -> Asked:
    """A form. Its answer shows in the modal beneath it, if it was put over one."""
    view = body["view"]
    command, options = submitted(view)
    place = _interaction_place(body)
    beneath = view.get("root_view_id", "")
    if beneath and beneath != view["id"]:
        place = replace(place, surface="modal", view=beneath)
    return Asked(place, command=command, options=options)


def _shortcut(body: Body) -> Asked:
    """The message's own words and what its links unfurled to."""
    said = body["message"]
    parts = [said.get("text", "")]
    for attachment in said.get("attachments", ()):
        parts += [attachment.get("title", ""), attachment.get("text", "")]
    text = " ".join(read_aloud(part) for part in parts if part)
    return Asked(
        _interaction_place(body), command="tag", options={"text": text[:TAGGED_TEXT].strip()}
    )
