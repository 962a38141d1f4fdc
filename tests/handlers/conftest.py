"""The world of the core's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.handlers.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "aspire.db")
    yield world
    world.close()
