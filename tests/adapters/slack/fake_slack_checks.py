"""The fake Slack's strictness: what Slack refuses in a message or a view, and why.

Written against Slack's documented limits, not against the adapter. Lengths are counted in UTF-16
units, which is never less than Slack counts.
"""

import json
import re
from collections.abc import Callable, Container, Iterable
from typing import Any

Json = dict[str, Any]


class Refused(Exception):
    """Slack's word for what is wrong, and where."""

    def __init__(self, error: str, where: str = "", **more: str | int) -> None:
        super().__init__(f"{error}: {where}")
        self.error = error
        self.where = where
        self.more = more


def length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def must(condition: object, where: str, error: str = "invalid_blocks") -> None:
    if not condition:
        raise Refused(error, where)


def check_message(arguments: Json, *, update: bool = False) -> None:
    """As chat.postMessage does, or chat.update with `update`."""
    text, blocks = arguments.get("text") or "", arguments.get("blocks")
    must(text or blocks, "nothing to say", "no_text")
    limit = 4_000 if update else 40_000
    must(length(text) <= limit, f"text of {length(text)}", "msg_too_long")
    if blocks is not None:
        must(isinstance(blocks, list), "blocks", "invalid_blocks_format")
        check_blocks(blocks, 50, INSIDE["message"])
        size = length(json.dumps(blocks, ensure_ascii=False))
        must(size <= 13_000, f"blocks of {size}", "msg_blocks_too_long")
    metadata = arguments.get("metadata")
    if metadata is not None:
        must(
            isinstance(metadata.get("event_type"), str)
            and isinstance(metadata.get("event_payload"), dict),
            "metadata",
            "invalid_metadata_format",
        )


def check_view(view: Json) -> None:
    """As views.open, push, update and publish do."""
    kind = str(view.get("type"))
    must(kind in {"modal", "home"}, f"view type {kind}", "invalid_arguments")
    must(length(view.get("private_metadata", "")) <= 3_000, "private_metadata", "invalid_arguments")
    must(length(view.get("callback_id", "")) <= 255, "callback_id", "invalid_arguments")
    check_blocks(view["blocks"], 100, INSIDE[kind], error="invalid_arguments")
    must(len(json.dumps(view)) <= 250_000, "size", "view_too_large")
    if kind == "modal":
        for part in ("title", "submit", "close"):
            if part in view:
                check_plain(view[part], 24, f"modal {part}")
        must("title" in view, "modal without title", "invalid_arguments")
        asks = any(block["type"] == "input" for block in view["blocks"])
        must(not asks or "submit" in view, "input without submit", "invalid_arguments")


def check_blocks(
    blocks: list[Json], limit: int, allowed: Container[str], error: str = "invalid_blocks"
) -> None:
    try:
        must(0 < len(blocks) <= limit, f"{len(blocks)} blocks")
        for index, block in enumerate(blocks):
            kind = str(block.get("type"))
            must(kind in allowed, f"block {index}: type {kind}")
            check_id(block.get("block_id"), f"block {index}")
            CHECKS[kind](block, f"block {index} ({kind})")
        check_unique([block["block_id"] for block in blocks if "block_id" in block], "block_id")
    except Refused as refused:
        raise Refused(error, refused.where) from refused
    except (KeyError, TypeError, AttributeError) as shape:
        raise Refused(error, f"shape: {shape!r}") from shape


def check_unique(ids: list[str], what: str) -> None:
    must(len(ids) == len(set(ids)), f"{what} twice in {ids}")


def check_id(given: object, where: str) -> None:
    must(given is None or (isinstance(given, str) and 0 < length(given) <= 255), f"{where}: id")


def check_plain(given: Json, limit: int, where: str) -> None:
    must(given["type"] == "plain_text", f"{where}: not plain_text")
    check_length(given["text"], limit, where)
    must(set(given) <= {"type", "text", "emoji"}, f"{where}: {set(given)}")


def check_text(given: Json, limit: int, where: str) -> None:
    must(given["type"] in {"plain_text", "mrkdwn"}, f"{where}: {given['type']}")
    check_length(given["text"], limit, where)


def check_length(text: str, limit: int, where: str) -> None:
    must(isinstance(text, str) and 0 < length(text) <= limit, f"{where}: {length(text)} > {limit}")


def check_address(url: str, where: str) -> None:
    must(re.fullmatch(r"https?://[^\s<>|]+", url), f"{where}: address {url!r}")
    check_length(url, 3_000, where)


# One check for each kind of block


def check_header(block: Json, where: str) -> None:
    check_plain(block["text"], 150, where)


def check_section(block: Json, where: str) -> None:
    if "text" in block:
        check_text(block["text"], 3_000, where)
    else:
        must(block.get("fields"), f"{where}: empty")
    for field in block.get("fields", ()):
        check_text(field, 2_000, where)
    must(len(block.get("fields", ())) <= 10, f"{where}: fields")
    if "accessory" in block:
        check_element(block["accessory"], where)


def check_context(block: Json, where: str) -> None:
    must(0 < len(block["elements"]) <= 10, f"{where}: {len(block['elements'])} elements")
    for element in block["elements"]:
        check_text(element, 3_000, where)


def check_actions(block: Json, where: str) -> None:
    elements = block["elements"]
    must(0 < len(elements) <= 25, f"{where}: {len(elements)} elements")
    for element in elements:
        check_element(element, where)
    check_unique([element["action_id"] for element in elements], "action_id")


def check_input(block: Json, where: str) -> None:
    check_plain(block["label"], 2_000, where)
    if "hint" in block:
        check_plain(block["hint"], 2_000, where)
    check_element(block["element"], where)


def check_image(block: Json, where: str) -> None:
    check_address(block["image_url"], where)
    check_length(block["alt_text"], 2_000, where)


def check_rich_text(block: Json, where: str) -> None:
    must(block["elements"], f"{where}: empty")
    for part in block["elements"]:
        kind = part["type"]
        if kind == "rich_text_list":
            must(part["style"] in {"bullet", "ordered"} and part["elements"], f"{where}: list")
            for item in part["elements"]:
                must(item["type"] == "rich_text_section", f"{where}: list of {item['type']}")
                check_flow(item["elements"], where)
        else:
            must(kind in {"rich_text_section", "rich_text_quote"}, f"{where}: {kind}")
            check_flow(part["elements"], where)


def check_flow(elements: list[Json], where: str) -> None:
    must(elements, f"{where}: empty flow")
    for element in elements:
        kind = element["type"]
        if kind == "text":
            must(element["text"], f"{where}: empty text")
            must(set(element.get("style", {})) <= {"bold", "italic", "strike", "code"}, where)
        elif kind == "link":
            check_address(element["url"], where)
        elif kind == "date":
            must(isinstance(element["timestamp"], int) and "{" in element["format"], where)
        else:
            named = {"user": "user_id", "usergroup": "usergroup_id"}
            must(kind in named and element[named[kind]], f"{where}: {kind}")


# Elements


def check_element(element: Json, where: str) -> None:
    kind = element["type"]
    must(kind in ELEMENTS, f"{where}: element {kind}")
    check_id(element["action_id"], where)
    if "placeholder" in element:
        check_plain(element["placeholder"], 150, where)
    ELEMENTS[kind](element, f"{where}: {kind}")


def check_button(element: Json, where: str) -> None:
    check_plain(element["text"], 75, where)
    must(length(element.get("value", "")) <= 2_000, f"{where}: value")
    must(element.get("style", "primary") in {"primary", "danger"}, f"{where}: style")
    if "url" in element:
        check_address(element["url"], where)


def options_at_most(limit: int) -> Callable[[Json, str], None]:
    def check(element: Json, where: str) -> None:
        options = element["options"]
        must(0 < len(options) <= limit, f"{where}: {len(options)} options")
        for option in options:
            check_plain(option["text"], 75, where)
            check_length(option["value"], 150, where)
        check_unique([option["value"] for option in options], "option value")
        first = element.get("initial_option")
        for chosen in [first] if first else element.get("initial_options", []):
            must(chosen in options, f"{where}: initial option is none of the options")
        must(element.get("initial_options", [1]), f"{where}: empty initial_options")

    return check


def check_text_input(element: Json, where: str) -> None:
    limit = element.get("max_length", 3_000)
    must(0 < limit <= 3_000, f"{where}: max_length")
    must(length(element.get("initial_value", "")) <= limit, f"{where}: initial_value")


def check_conversations(element: Json, where: str) -> None:
    kinds = set(element.get("filter", {}).get("include", ["im"]))
    must(kinds <= {"im", "mpim", "private", "public"}, f"{where}: filter")


ELEMENTS: dict[str, Callable[[Json, str], None]] = {
    "button": check_button,
    "static_select": options_at_most(100),
    "multi_static_select": options_at_most(100),
    "checkboxes": options_at_most(10),
    "radio_buttons": options_at_most(10),
    "plain_text_input": check_text_input,
    "conversations_select": check_conversations,
}
CHECKS: dict[str, Callable[[Json, str], None]] = {
    "header": check_header,
    "section": check_section,
    "context": check_context,
    "actions": check_actions,
    "input": check_input,
    "image": check_image,
    "rich_text": check_rich_text,
    "divider": lambda _block, _where: None,
}
INSIDE = {
    "message": set(CHECKS) - {"input"},
    "modal": set(CHECKS),
    "home": set(CHECKS),
}


# Who would be called by a message


LIVE = re.compile(r"<(!(?:here|channel|everyone|subteam\^\w+)[^>]*|@\w+)>")


def called(text: str, blocks: list[Json]) -> list[str]:
    """Everybody whom Slack would notify: live mentions in mrkdwn, and mention elements."""
    found = [match.group(1) for match in LIVE.finditer(text)]
    for node in nodes(blocks):
        if node.get("type") == "mrkdwn":
            found += [match.group(1) for match in LIVE.finditer(str(node.get("text", "")))]
        if node.get("type") in {"user", "usergroup", "broadcast"}:
            found.append(str(node.get("user_id") or node.get("usergroup_id") or node.get("range")))
    return found


def nodes(thing: object) -> Iterable[Json]:
    """Every JSON object inside."""
    if isinstance(thing, dict):
        yield thing
        for value in thing.values():
            yield from nodes(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from nodes(value)


def seen_text(blocks: list[Json]) -> str:
    """What people read in blocks, without what it looks like."""
    words: list[str] = []
    for node in nodes(blocks):
        if node.get("type") in {"text", "link", "mrkdwn", "plain_text"}:
            words.append(str(node.get("text", "")))
        elif node.get("type") == "date":
            words.append(str(node.get("fallback", "")))
    return " ".join(words)
