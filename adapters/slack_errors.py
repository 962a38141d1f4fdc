"""Slack's refusals and broken connections -> try later, never, or unknown.

Error names: docs.slack.dev, the reference pages of chat.postMessage and chat.update.
"""

import aiohttp
from slack_sdk.errors import SlackApiError

from adapters.slack_workspaces import NotInstalled
from handlers.ports import Never, Refusal, SendError, TryLater, Unknown

FAILURES = (SlackApiError, aiohttp.ClientError, TimeoutError, NotInstalled)
"""All that a call of the Web API raises when Slack did not say yes."""

_REFUSALS = {
    "channel_not_found": Refusal.CHANNEL_GONE,
    "channel_is_deleted": Refusal.CHANNEL_GONE,
    "not_in_channel": Refusal.NOT_INVITED,
    "is_archived": Refusal.ARCHIVED,
    "is_inactive": Refusal.ARCHIVED,
    **dict.fromkeys(
        ("account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"),
        Refusal.TOKEN_REVOKED,
    ),
    **dict.fromkeys(
        (
            "access_denied",
            "channel_type_not_supported",
            "ekm_access_denied",
            "enterprise_is_restricted",
            "messages_tab_disabled",
            "missing_scope",
            "no_permission",
            "not_allowed_token_type",
            "team_access_not_granted",
            "two_factor_setup_required",
            "user_not_found",
        ),
        Refusal.NO_PERMISSION,
    ),
    **dict.fromkeys(
        (
            "attachment_payload_limit_exceeded",
            "block_mismatch",
            "cannot_reply_to_message",
            "cant_update_message",
            "edit_window_closed",
            "invalid_arg_name",
            "invalid_arguments",
            "invalid_array_arg",
            "invalid_blocks",
            "invalid_blocks_format",
            "invalid_charset",
            "invalid_form_data",
            "invalid_json",
            "invalid_metadata_format",
            "invalid_metadata_schema",
            "invalid_post_type",
            "message_not_found",
            "metadata_must_be_sent_from_app",
            "metadata_too_large",
            "msg_blocks_too_long",
            "msg_too_long",
            "no_text",
            "too_many_attachments",
        ),
        Refusal.PAYLOAD,
    ),
}
_RATE = {"ratelimited", "rate_limited"}
_WORKSPACE_BUSY = {"message_limit_exceeded", "org_login_required", "team_added_to_org"}
_PERHAPS_DONE = {"fatal_error", "internal_error"}
_UNAVAILABLE = 503
_TOO_MANY = 429
_SERVER_FAULT = 500


def send_error(error: Exception) -> SendError:
    """What a failed call means for the delivery."""
    if isinstance(error, NotInstalled):
        return Never(Refusal.TOKEN_REVOKED, "not installed")
    if isinstance(error, SlackApiError):
        return _refused(error)
    if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
        return TryLater(f"cannot reach Slack: {type(error).__name__}", scope="platform")
    return Unknown(f"connection broke: {type(error).__name__}")


def _refused(error: SlackApiError) -> SendError:
    status, name = status_of(error), error_name(error)
    if status == _TOO_MANY or name in _RATE:
        return TryLater(name or "rate limited", _retry_after(error), scope="workspace")
    if status == _UNAVAILABLE or name == "service_unavailable":
        return TryLater("Slack is unavailable", _retry_after(error), scope="platform")
    if status >= _SERVER_FAULT or name in _PERHAPS_DONE or not name:
        return Unknown(name or f"Slack answered {status}")
    if name.startswith("restricted_action"):
        return Never(Refusal.NO_PERMISSION, name)
    if name in _REFUSALS:
        return Never(_REFUSALS[name], name)
    return TryLater(name, scope="workspace" if name in _WORKSPACE_BUSY else "channel")


def error_name(error: SlackApiError) -> str:
    """Slack's own word for it; "" where the answer was no JSON."""
    data = getattr(error.response, "data", None)
    return str(data.get("error") or "") if isinstance(data, dict) else ""


def status_of(error: SlackApiError) -> int:
    """The HTTP status; 0 where there was none."""
    response = error.response
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0))


def _retry_after(error: SlackApiError) -> float | None:
    headers = getattr(error.response, "headers", None) or {}
    given = str(headers.get("Retry-After") or "")
    return float(given) if given.isascii() and given.isdigit() else None
