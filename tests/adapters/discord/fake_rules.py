"""What Discord refuses: its limits and shapes, each with the error it answers with.

Lengths are counted in code points, as the API does.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

Json = dict[str, Any]

SUPPRESS_EMBEDS = 1 << 2
EPHEMERAL = 1 << 6
SUPPRESS_NOTIFICATIONS = 1 << 12
ROW, BUTTON, SELECT, TEXT_INPUT, LABEL = 1, 2, 3, 4, 18
LINK = 5
LOCALES = frozenset(["en-GB", "en-US", "fr", "de", "ja", "ko", "zh-CN", "zh-TW"])
_COMMAND_NAME = re.compile(r"[-_'\w]{1,32}")


class ApiError(Exception):
    """An answer that is not a yes."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


def invalid(path: str, message: str) -> ApiError:
    """The answer to an ill-formed body; `path` is dotted, as its `errors` are nested."""
    errors: Json = {"_errors": [{"code": "INVALID", "message": message}]}
    for part in reversed(path.split(".")):
        errors = {part: errors}
    return ApiError(400, 50035, "Invalid Form Body", errors)


def at_most(path: str, value: object, limit: int, least: int = 0) -> int:
    """The length of a text that is within its limits; None counts as empty."""
    length = len(str(value)) if value is not None else 0
    if not least <= length <= limit:
        raise invalid(path, f"Must be between {least} and {limit} in length.")
    return length


def check_message(body: Json, *, files: int = 0, interaction: bool = False) -> None:
    """A message to create, or the whole of an edit."""
    at_most("content", body.get("content"), 2000)
    embeds = body.get("embeds") or []
    if len(embeds) > 10:
        raise invalid("embeds", "Must be 10 or fewer in length.")
    total = sum(check_embed(f"embeds.{place}", embed) for place, embed in enumerate(embeds))
    if total > 6000:
        raise invalid("embeds", "Embed size exceeds maximum size of 6000")
    check_components(body.get("components") or [])
    _check_nonce(body)
    _check_flags(body, interaction=interaction)
    check_allowed_mentions(body.get("allowed_mentions"))
    for place, attachment in enumerate(body.get("attachments") or []):
        at_most(f"attachments.{place}.description", attachment.get("description"), 1024)
    if not (str(body.get("content") or "").strip() or embeds or files or body.get("attachments")):
        raise ApiError(400, 50006, "Cannot send an empty message")


def _check_nonce(body: Json) -> None:
    nonce = body.get("nonce")
    if nonce is not None:
        at_most("nonce", nonce, 25)


def _check_flags(body: Json, *, interaction: bool) -> None:
    allowed = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | (EPHEMERAL if interaction else 0)
    if int(body.get("flags") or 0) & ~allowed:
        raise invalid("flags", "Flags that cannot be set here.")


def check_embed(path: str, embed: Json) -> int:
    """One embed; its share of the 6,000."""
    total = at_most(f"{path}.title", embed.get("title"), 256)
    total += at_most(f"{path}.description", embed.get("description"), 4096)
    total += at_most(f"{path}.footer.text", (embed.get("footer") or {}).get("text"), 2048)
    total += at_most(f"{path}.author.name", (embed.get("author") or {}).get("name"), 256)
    fields = embed.get("fields") or []
    if len(fields) > 25:
        raise invalid(f"{path}.fields", "Must be 25 or fewer in length.")
    for field in fields:
        total += at_most(f"{path}.fields.name", field.get("name"), 256, 1)
        total += at_most(f"{path}.fields.value", field.get("value"), 1024, 1)
    check_url(f"{path}.url", embed.get("url"), ("http", "https"))
    check_url(
        f"{path}.image.url", (embed.get("image") or {}).get("url"), ("http", "https", "attachment")
    )
    if not any(embed.get(part) for part in ("title", "description", "fields", "image", "footer")):
        raise ApiError(400, 50006, "Cannot send an empty message")
    return total


def check_url(path: str, url: str | None, schemes: Iterable[str]) -> None:
    if url is None:
        return
    at_most(path, url, 2048)
    scheme, colon, rest = url.partition("://")
    if not colon or scheme not in schemes:
        raise invalid(path, f'Scheme "{scheme}" is not supported.')
    if not rest or re.search(r"[\s<>\"]", rest):
        raise invalid(path, "Not a well formed URL.")


def check_components(rows: list[Json]) -> None:
    if len(rows) > 5:
        raise invalid("components", "Must be 5 or fewer in length.")
    seen: set[str] = set()
    for place, row in enumerate(rows):
        path = f"components.{place}"
        if row.get("type") != ROW:
            raise invalid(path, "Only action rows here.")
        parts = row.get("components") or []
        if not 1 <= len(parts) <= 5:
            raise invalid(path, "Must be between 1 and 5 in length.")
        for part in parts:
            if part.get("type") == BUTTON:
                check_button(path, part)
            elif part.get("type") == SELECT:
                check_select(path, part)
            else:
                raise invalid(path, "No such component in a message.")
            _check_unique(path, part.get("custom_id"), seen)


def _check_unique(path: str, custom_id: str | None, seen: set[str]) -> None:
    if custom_id is not None and custom_id in seen:
        raise invalid(f"{path}.custom_id", "Component custom id cannot be duplicated")
    if custom_id is not None:
        seen.add(custom_id)


def check_button(path: str, button: Json) -> None:
    at_most(f"{path}.label", button.get("label"), 80, 1)
    if button.get("style") == LINK:
        if not button.get("url") or button.get("custom_id"):
            raise invalid(path, "A link button has a url and no custom id.")
        at_most(f"{path}.url", button["url"], 512)
        check_url(f"{path}.url", button["url"], ("http", "https", "discord"))
    elif button.get("style") in {1, 2, 3, 4}:
        if button.get("url"):
            raise invalid(path, "Only link buttons have a url.")
        at_most(f"{path}.custom_id", button.get("custom_id"), 100, 1)
    else:
        raise invalid(f"{path}.style", "No such style.")


def check_select(path: str, select: Json) -> None:
    at_most(f"{path}.custom_id", select.get("custom_id"), 100, 1)
    at_most(f"{path}.placeholder", select.get("placeholder"), 150)
    options = select.get("options") or []
    if not 1 <= len(options) <= 25:
        raise invalid(f"{path}.options", "Must be between 1 and 25 in length.")
    for option in options:
        at_most(f"{path}.options.label", option.get("label"), 100, 1)
        at_most(f"{path}.options.value", option.get("value"), 100, 1)
        at_most(f"{path}.options.description", option.get("description"), 100)
    if len({option["value"] for option in options}) < len(options):
        raise invalid(f"{path}.options", "Values must be unique.")
    least, most = select.get("min_values", 1), select.get("max_values", 1)
    if not (0 <= least <= most and 1 <= most <= len(options)):
        raise invalid(f"{path}.max_values", "Out of range.")
    if sum(bool(option.get("default")) for option in options) > most:
        raise invalid(f"{path}.options", "More defaults than values allowed.")


def check_allowed_mentions(allowed: Json | None) -> None:
    if allowed is None:
        return
    parse = allowed.get("parse")
    for kind in ("users", "roles"):
        ids = allowed.get(kind) or []
        if len(ids) > 100:
            raise invalid(f"allowed_mentions.{kind}", "Must be 100 or fewer in length.")
        if ids and kind in (parse or []):
            raise invalid("allowed_mentions", f'parse:["{kind}"] and {kind} are exclusive.')
    if not set(parse or []) <= {"users", "roles", "everyone"}:
        raise invalid("allowed_mentions.parse", "No such kind.")


def pings(body: Json, *, by_bot: bool) -> list[str]:
    """Whom a message notifies: "everyone", "role:1", "user:2". Embeds notify nobody."""
    content = str(body.get("content") or "")
    allowed = body.get("allowed_mentions")
    default = ["users", "roles", "everyone"] if by_bot else ["users"]
    parse = default if allowed is None else allowed.get("parse") or []
    allowed = allowed or {}
    found: list[str] = []
    if re.search(r"@(everyone|here)\b", content) and "everyone" in parse:
        found.append("everyone")
    for kind, pattern in (("roles", r"<@&(\d+)>"), ("users", r"<@!?(\d+)>")):
        for number in re.findall(pattern, content):
            listed = {str(one) for one in allowed.get(kind) or []}
            if kind in parse or number in listed:
                found.append(f"{kind[:-1]}:{number}")
    return found


def check_modal(data: Json) -> None:
    at_most("data.title", data.get("title"), 45, 1)
    at_most("data.custom_id", data.get("custom_id"), 100, 1)
    components = data.get("components") or []
    if not 1 <= len(components) <= 5:
        raise invalid("data.components", "Must be between 1 and 5 in length.")
    seen: set[str] = set()
    for place, label in enumerate(components):
        path = f"data.components.{place}"
        if label.get("type") != LABEL:
            raise invalid(path, "Labels only (rows are deprecated in modals).")
        at_most(f"{path}.label", label.get("label"), 45, 1)
        at_most(f"{path}.description", label.get("description"), 100)
        inner = label.get("component") or {}
        if inner.get("type") == SELECT:
            check_select(f"{path}.component", inner)
            if inner.get("required", True) and inner.get("min_values", 1) == 0:
                raise invalid(f"{path}.component.min_values", "Required, yet none needed.")
        elif inner.get("type") == TEXT_INPUT:
            check_text_input(f"{path}.component", inner)
        else:
            raise invalid(path, "No such component in a modal.")
        _check_unique(path, inner.get("custom_id"), seen)


def check_text_input(path: str, component: Json) -> None:
    at_most(f"{path}.custom_id", component.get("custom_id"), 100, 1)
    at_most(f"{path}.value", component.get("value"), 4000)
    at_most(f"{path}.placeholder", component.get("placeholder"), 100)
    if component.get("label"):
        raise invalid(f"{path}.label", "The label around it has the words.")
    if component.get("style") not in {1, 2}:
        raise invalid(f"{path}.style", "No such style.")
    if not 1 <= int(component.get("max_length") or 4000) <= 4000:
        raise invalid(f"{path}.max_length", "Out of range.")


def check_choices(choices: list[Json]) -> None:
    if len(choices) > 25:
        raise invalid("data.choices", "Must be 25 or fewer in length.")
    for choice in choices:
        at_most("data.choices.name", choice.get("name"), 100, 1)
        at_most("data.choices.value", choice.get("value"), 100, 1)


def check_commands(commands: list[Json]) -> None:
    """A whole list of global commands."""
    for kind, most in ((1, 100), (2, 15), (3, 15)):
        if sum(command.get("type", 1) == kind for command in commands) > most:
            raise ApiError(400, 30032, "Maximum number of application commands reached")
    for place, command in enumerate(commands):
        chat = command.get("type", 1) == 1
        _check_names(f"{place}", command, chat_input=chat)
        if not chat and (command.get("description") or command.get("options")):
            raise invalid(f"{place}", "A menu command has no description and no options.")
        _check_options(f"{place}", command.get("options") or [], depth=0)
        if size(command) > 8000:
            raise invalid(f"{place}", "Command exceeds maximum size of 8000")


def _check_names(path: str, thing: Json, *, chat_input: bool = True) -> None:
    localised: Mapping[str, str] = thing.get("name_localizations") or {}
    for name in [thing.get("name", ""), *localised.values()]:
        at_most(f"{path}.name", name, 32, 1)
        if chat_input and (not _COMMAND_NAME.fullmatch(name) or name != name.lower()):
            raise invalid(f"{path}.name", f"Not a command name: {name!r}")
    texts: Mapping[str, str] = thing.get("description_localizations") or {}
    if chat_input:
        for text in [thing.get("description", ""), *texts.values()]:
            at_most(f"{path}.description", text, 100, 1)
    if not {*localised, *texts} <= LOCALES:
        raise invalid(f"{path}.name_localizations", "No such locale.")


def _check_options(path: str, options: list[Json], depth: int) -> None:
    if len(options) > 25:
        raise invalid(f"{path}.options", "Must be 25 or fewer in length.")
    for names in _names_by_locale(options):
        if len(set(names)) < len(names):
            raise invalid(f"{path}.options", f"Names must be unique: {names}")
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        raise invalid(f"{path}.options", "Required options must be placed before others")
    for place, option in enumerate(options):
        inner = f"{path}.options.{place}"
        _check_names(inner, option)
        if option.get("type") in {1, 2}:
            if depth > 1:
                raise invalid(inner, "Nested too deeply.")
            _check_options(inner, option.get("options") or [], depth + 1)
        else:
            _check_value_option(inner, option)


def _names_by_locale(options: list[Json]) -> list[list[str]]:
    plain = [option["name"] for option in options]
    locales = {locale for option in options for locale in option.get("name_localizations") or {}}
    localised = [
        [(option.get("name_localizations") or {}).get(locale, option["name"]) for option in options]
        for locale in sorted(locales)
    ]
    return [plain, *localised]


def _check_value_option(path: str, option: Json) -> None:
    choices = option.get("choices") or []
    if len(choices) > 25:
        raise invalid(f"{path}.choices", "Must be 25 or fewer in length.")
    if choices and option.get("autocomplete"):
        raise invalid(f"{path}.autocomplete", "Not with choices.")
    for choice in choices:
        localised: Mapping[str, str] = choice.get("name_localizations") or {}
        for name in [choice.get("name"), *localised.values()]:
            at_most(f"{path}.choices.name", name, 100, 1)
        at_most(f"{path}.choices.value", choice.get("value"), 100, 1)


def size(command: Json) -> int:
    """What counts against the 8,000 characters of a command: the names, descriptions and values
    of it, its options and its choices, each in its longest language.
    """
    longest = 0
    for name in ("name", "description"):
        texts = [command.get(name, ""), *(command.get(f"{name}_localizations") or {}).values()]
        longest += max(map(len, texts))
    inner = [*(command.get("options") or []), *(command.get("choices") or [])]
    return longest + len(str(command.get("value", ""))) + sum(map(size, inner))
