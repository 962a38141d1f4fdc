"""The scopes and events that the app asks for, and why. docs/slack.md says the same in words."""

SCOPES = {
    "app_mentions:read": "hear when somebody mentions it, to answer in the thread",
    "channels:read": "names of public channels; hear of invitations, removals and archiving",
    "chat:write": "post alerts and answers in channels it was invited to, and edit its own posts",
    "commands": "the slash command and the message shortcut",
    "groups:read": "the same for private channels it was invited to",
    "im:history": "read what people write to it in a direct message",
    "users:read": "answer in the asker's language; tell admins where only they may change channels",
}
HISTORY_SCOPES = {
    "channels:history": "look for its own message in a public channel before sending one again",
    "groups:history": "the same in private channels",
}
"""Asked for only with `look_in_history`."""

EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_deleted",
    "channel_left",
    "channel_rename",
    "channel_unarchive",
    "group_archive",
    "group_deleted",
    "group_left",
    "group_rename",
    "group_unarchive",
    "member_joined_channel",
    "member_left_channel",
    "message.im",
    "tokens_revoked",
)


def scopes(*, look_in_history: bool = False) -> list[str]:
    wanted = {**SCOPES, **(HISTORY_SCOPES if look_in_history else {})}
    return sorted(wanted)
