"""The worker process: what it returns, what becomes of those who run too long, and its end."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from feeds.parse import Body, NotAFeed, NotAFeedReason, parse
from feeds.worker import Worker, WorkerDied, WorkerTimeout

CHECKOUT = Path(__file__).resolve().parents[2]


def process_id() -> int:
    return os.getpid()


def add(one: int, other: int) -> int:
    return one + other


def sleep_for(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def spin_with_the_interpreter_held() -> bool:
    return sum(range(10**12)) > 0


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def return_a_lock() -> object:
    return threading.Lock()


class Awkward(Exception):
    """Pickles, and cannot be made again from what was pickled."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(one)
        self.other = other


def raise_awkward() -> None:
    raise Awkward("first", "second")


def interrupt_and_answer() -> str:
    os.kill(os.getpid(), signal.SIGINT)
    return "still here"


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    made = Worker()
    yield made
    await made.close()


async def test_runs_elsewhere(worker: Worker) -> None:
    """A function runs in another process, the same one for the next call."""
    first = await worker.run(process_id)
    assert first != os.getpid()
    assert await worker.run(process_id) == first
    assert await worker.run(add, 2, 3) == 5


async def test_own_exception_with_its_fields(worker: Worker) -> None:
    """A function's own exception arrives whole."""
    page = b'<html><link rel="alternate" type="application/rss+xml" href="/feed"></html>'
    body = Body(page, "https://news.example/", "text/html", "", "Asia/Hong_Kong", 0)
    with pytest.raises(NotAFeed) as caught:
        await worker.run(parse, body)
    assert caught.value.reason is NotAFeedReason.HTML
    assert caught.value.alternates == ("https://news.example/feed",)
    assert "in the worker" in "".join(caught.value.__notes__)


async def test_what_does_not_pickle(worker: Worker) -> None:
    """What cannot travel is an error, and the process lives on."""
    before = await worker.run(process_id)
    with pytest.raises(Exception, match="pickle"):
        await worker.run(lambda: 1)
    with pytest.raises(Exception, match="pickle"):
        await worker.run(return_a_lock)
    with pytest.raises(RuntimeError, match="Awkward: first"):
        await worker.run(raise_awkward)
    assert await worker.run(process_id) == before


async def test_too_long_is_killed_and_rebuilt(worker: Worker) -> None:
    """A function that overstays is killed, even one that never lets go of the interpreter."""
    before = await worker.run(process_id)
    started = time.monotonic()
    with pytest.raises(WorkerTimeout):
        await worker.run(spin_with_the_interpreter_held, timeout_s=0.2)
    after = await worker.run(process_id)
    assert time.monotonic() - started < 10
    assert after != before
    assert not alive(before)


async def test_neighbours_of_the_killed(worker: Worker) -> None:
    """Calls that wait while another is killed get their own answers."""
    await worker.run(process_id)
    slow = asyncio.create_task(worker.run(sleep_for, 30, timeout_s=0.2))
    await asyncio.sleep(0)
    others = [asyncio.create_task(worker.run(add, n, 1, timeout_s=5.0)) for n in range(20)]
    with pytest.raises(WorkerTimeout):
        await slow
    assert await asyncio.gather(*others) == list(range(1, 21))


async def test_waiting_does_not_count() -> None:
    """The time that a call waits for others is not its own."""
    worker = Worker()
    try:
        await worker.run(process_id)
        calls = [worker.run(sleep_for, 0.1, timeout_s=0.6) for _ in range(8)]
        assert await asyncio.gather(*calls) == [0.1] * 8
    finally:
        await worker.close()


async def test_several_processes_side_by_side() -> None:
    """With two processes the killing of one leaves the other's function alone."""
    worker = Worker(2)
    try:
        await asyncio.gather(*(worker.run(sleep_for, 0.1) for _ in range(2)))
        neighbour = asyncio.create_task(worker.run(sleep_for, 0.6))
        with pytest.raises(WorkerTimeout):
            await worker.run(sleep_for, 30, timeout_s=0.2)
        assert await neighbour == 0.6
    finally:
        await worker.close()


async def test_sudden_death(worker: Worker) -> None:
    """A process that dies in the middle is an error of that call alone."""
    with pytest.raises(WorkerDied):
        await worker.run(die)
    assert await worker.run(add, 1, 1) == 2


async def test_death_while_idle(worker: Worker) -> None:
    """A process that died with nothing to do is replaced unnoticed."""
    first = await worker.run(process_id)
    os.kill(first, signal.SIGKILL)
    await asyncio.to_thread(os.waitid, os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert await worker.run(process_id) != first


async def test_interrupt_is_ignored(worker: Worker) -> None:
    """Ctrl-C, which reaches every process of a terminal, is left to the parent."""
    assert await worker.run(interrupt_and_answer) == "still here"


async def test_cancelled_call_frees_the_process(worker: Worker) -> None:
    """Cancelling a call kills its function and leaves the worker in use."""
    before = await worker.run(process_id)
    call = asyncio.create_task(worker.run(sleep_for, 30, timeout_s=60.0))
    await asyncio.sleep(0.05)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await asyncio.wait_for(worker.run(process_id), 10) != before


async def test_close_ends_all() -> None:
    """After closing there is no process left, running calls fail, later ones are refused."""
    worker = Worker()
    process = await worker.run(process_id)
    running = asyncio.create_task(worker.run(sleep_for, 30))
    await asyncio.sleep(0.05)
    await worker.close()
    with pytest.raises(WorkerDied):
        await running
    assert not alive(process)
    with pytest.raises(RuntimeError):
        await worker.run(add, 1, 1)


PARENT = """
import asyncio, sys
from feeds.worker import Worker
from tests.feeds.test_worker import process_id, sleep_for, spin_with_the_interpreter_held

async def main():
    worker = Worker()
    print(await worker.run(process_id), flush=True)
    await worker.run({job})

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.mark.parametrize(
    "job",
    ["sleep_for, 60.0", "spin_with_the_interpreter_held, timeout_s=2.0"],
    ids=["sleeping", "spinning"],
)
def test_no_orphans(tmp_path: Path, job: str) -> None:
    """When the parent is killed its worker ends too, whatever it was doing."""
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(job=job))
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.kill()
    deadline = time.monotonic() + 30
    while alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(process: int) -> bool:
    """True for a process that is there and no zombie."""
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state.rpartition(")")[2].split()[0] != "Z"
