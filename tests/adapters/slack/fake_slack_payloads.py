"""What Slack tells an app when people do things: the payloads, as its documentation shows them."""

from collections.abc import Mapping, Sequence

from tests.adapters.slack.fake_slack_checks import Json
from tests.adapters.slack.fake_slack_world import Channel, Message, User, View, Workspace

APP_ID = "A0FAKE"

Answer = str | list[str]
"""What a person puts into one field: words or one value, or several values."""


def command_payload(
    workspace: Workspace, channel: Channel, user: User, given: Mapping[str, str]
) -> Json:
    """`given` holds command, text, trigger_id and response_url."""
    name = (
        "directmessage" if channel.direct else "privategroup" if channel.private else channel.name
    )
    return {
        "token": "legacy",
        "team_id": workspace.id,
        "team_domain": workspace.name.lower(),
        "channel_id": channel.id,
        "channel_name": name,
        "user_id": user.id,
        "user_name": user.name,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        **given,
    }


def event_payload(workspace: Workspace, event: Json, event_id: str, at: int) -> Json:
    return {
        "token": "legacy",
        "team_id": workspace.id,
        "api_app_id": APP_ID,
        "event": {"event_ts": f"{at}.000100", **event},
        "type": "event_callback",
        "event_id": event_id,
        "event_time": at,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.id,
                "user_id": workspace.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
    }


def interaction_payload(kind: str, workspace: Workspace, user: User, trigger: str) -> Json:
    return {
        "type": kind,
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": user.team or workspace.id,
        },
        "api_app_id": APP_ID,
        "token": "legacy",
        "team": {"id": workspace.id, "domain": workspace.name.lower()},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": trigger,
    }


def message_context(message: Message, channel: Channel, response_url: str) -> Json:
    """Where a press on a message was made."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": bool(message.only_for),
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    return {
        "container": container,
        "channel": {
            "id": channel.id,
            "name": "directmessage" if channel.direct else channel.name,
        },
        "message": message_payload(message),
        "response_url": response_url,
    }


def message_payload(message: Message) -> Json:
    told: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    if message.thread_ts:
        told["thread_ts"] = message.thread_ts
    return told


def view_payload(view: View) -> Json:
    return {"id": view.id, "root_view_id": view.root or view.id, "hash": "1.x", **view.content}


def find_action(blocks: Sequence[Json], what: str) -> Json:
    """The action that a press on `what` (a label, an action id or an option) sends."""
    for block in blocks:
        elements = block.get("elements", []) if block["type"] == "actions" else []
        for element in [*elements, *([block["accessory"]] if "accessory" in block else [])]:
            action = {
                "type": element["type"],
                "action_id": element["action_id"],
                "block_id": block.get("block_id", "auto"),
            }
            label = (element.get("text") or {}).get("text")
            if what in {label, element["action_id"]} and "options" not in element:
                return {**action, "value": element.get("value", "")}
            for option in element.get("options", []):
                if what in {option["text"]["text"], option["value"]}:
                    return {**action, "selected_option": option}
    raise LookupError(f"nothing to press called {what!r}")


def buttons_in(blocks: Sequence[Json]) -> list[str]:
    """The labels of all that can be pressed."""
    labels: list[str] = []
    for block in blocks:
        for element in block.get("elements", []) if block["type"] == "actions" else []:
            if "options" in element:
                labels += [option["text"]["text"] for option in element["options"]]
            else:
                labels.append(element["text"]["text"])
    return labels


def filled_in(view: View, answers: Mapping[str, Answer]) -> Json:
    """The state of a form that a person filled in: `answers` over what was chosen already.

    Raises AssertionError for what Slack's client would not let a person do.
    """
    values: Json = {}
    known = set()
    for block in view.blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        name = element["action_id"]
        known.add(name)
        given = answers.get(name, initial(element))
        assert given or block.get("optional"), f"{name} is required"
        values[block["block_id"]] = {name: field_state(element, given)}
    assert set(answers) <= known, f"no such field: {set(answers) - known}"
    return {"values": values}


def initial(element: Json) -> Answer:
    if "initial_options" in element:
        return [option["value"] for option in element["initial_options"]]
    if "initial_option" in element:
        return str(element["initial_option"]["value"])
    return str(element.get("initial_value", ""))


def field_state(element: Json, given: Answer) -> Json:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": given or None}
    by_value = {option["value"]: option for option in element["options"]}
    if kind in {"checkboxes", "multi_static_select"}:
        return {"type": kind, "selected_options": [by_value[value] for value in given or []]}
    return {"type": kind, "selected_option": by_value[str(given)] if given else None}
