"""What tests of several rooms share."""

from collections.abc import AsyncIterator

import pytest

from feeds.worker import Worker


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    """A worker process, ended with the test."""
    worker = Worker()
    yield worker
    await worker.close()
