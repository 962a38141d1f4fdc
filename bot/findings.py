"""What the doctor found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what it is, whether it is well, and what to do if not."""

    what: str
    ok: bool
    note: str
    hint: bool = False
    """Nothing may be wrong at all: worth a look, and no more."""
