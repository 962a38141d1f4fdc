"""Waiting for what must come to pass."""

import asyncio
from collections.abc import Callable

LOOK_EVERY_S = 0.005


async def until(holds: Callable[[], object], within_s: float = 10.0) -> None:
    """Returns as soon as `holds()` is seen to be true. Raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - conditions on any object, not only on our own events
            await asyncio.sleep(LOOK_EVERY_S)
