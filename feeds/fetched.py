"""What a fetch takes and gives: limits, validators, a body or the word that it is the same."""

from dataclasses import dataclass
from enum import StrEnum


class FetchFault(StrEnum):
    """What went wrong, in words that a person can act on."""

    BLOCKED = "blocked"
    GONE = "gone"
    NOT_FOUND = "not_found"
    TOO_MANY = "too_many"
    TOO_BIG = "too_big"
    SLOW = "slow"
    TLS = "tls"
    UNREACHABLE = "unreachable"
    SERVER = "server"
    REFUSED_ADDRESS = "refused_address"
    BAD_ADDRESS = "bad_address"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    BROKEN = "broken"
    BAD_STATUS = "bad_status"


class FetchError(Exception):
    """There is no body. `detail` is a few words for people, without address or secret."""

    def __init__(
        self,
        kind: FetchFault,
        detail: str,
        status: int | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(f"{kind.value}: {detail}")
        self.kind = kind
        self.detail = detail
        self.status = status
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Limits:
    """What one fetch may cost. `timeout_s` runs from our turn at the host to the last byte and
    over all redirects; `max_bytes` counts the decoded body.
    """

    timeout_s: float = 30
    max_bytes: int = 5_000_000
    connect_s: float = 10
    max_redirects: int = 5


@dataclass(frozen=True)
class Validators:
    """How to ask "has it changed?": the server's own words, and a hash of the last body."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""


@dataclass(frozen=True)
class Unchanged:
    """The body is the one that `validators.body_hash` stands for (304, or 200 with the same)."""

    validators: Validators
    fresh_for_s: int | None = None
    """Seconds for which the server says that asking again is pointless; None if it is silent."""
    moved_to: str = ""
    """Where a chain of nothing but permanent redirects led; empty for any other."""


@dataclass(frozen=True)
class Fetched:
    """A whole body, decompressed, with the address that it came from in the end."""

    url: str
    body: bytes
    content_type: str
    charset: str
    """As the header names it; empty if it does not."""
    validators: Validators
    fresh_for_s: int | None = None
    moved_to: str = ""


NO_VALIDATORS = Validators()
