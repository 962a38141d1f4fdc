"""Run pure functions in processes of their own, which can be killed and are then rebuilt."""

import asyncio
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import connection, get_context, parent_process
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

T = TypeVar("T")

_START_S = 60.0
_LAST_RESORT_S = 1.0
_ENDED_BY_ALARM = -getattr(signal, "SIGALRM", 0)  # Windows has none, and no alarm is set there
_READY = b"ready"
_SPAWN = get_context("spawn")


class WorkerTimeout(Exception):
    """The function took longer than it was given. Its process was killed."""


class WorkerDied(Exception):
    """The process ended before the function did: it ran out of memory, or somebody killed it."""


class Worker:
    """`processes` processes, each of which runs one function at a time.

    A process is started when it is first needed (a quarter of a second) and started anew after
    it was killed. Each has a pipe of its own, so that killing one disturbs no other's function.
    None outlives this process, however that ends.
    """

    def __init__(self, processes: int = 1) -> None:
        self._all = [_Process() for _ in range(processes)]
        self._idle: asyncio.LifoQueue[_Process] = asyncio.LifoQueue()
        for process in self._all:
            self._idle.put_nowait(process)
        # One thread for each process waits at its pipe, so that the event loop need not.
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="worker")

    async def run(
        self,
        function: Callable[..., T],
        *args: object,
        timeout_s: float = 30.0,
        begun: Callable[[], object] = lambda: None,
    ) -> T:
        """What `function(*args)` returns or raises. Function, arguments and result must pickle.

        `timeout_s` counts from the function's start, however many calls wait before it; `begun`
        is called, here and not there, when a process is free for it.
        Raises WorkerTimeout or WorkerDied; cancelling kills the process.
        """
        process = await self._idle.get()
        try:
            begun()
            job = pickle.dumps((function, args, timeout_s))
            call = asyncio.get_running_loop().run_in_executor(
                self._threads, process.call, job, timeout_s
            )
        except BaseException:  # it does not pickle, or we were closed while it waited
            self._idle.put_nowait(process)
            raise
        call.add_done_callback(lambda _: self._idle.put_nowait(process))
        try:
            return cast("T", await asyncio.shield(call))
        except asyncio.CancelledError:
            call.add_done_callback(_forgotten)
            process.kill()
            raise

    async def close(self) -> None:
        """Kill all processes. What still runs raises WorkerDied, later calls RuntimeError."""
        self._threads.shutdown(wait=False)
        for process in self._all:
            process.kill()
        await asyncio.to_thread(self._threads.shutdown)
        for process in self._all:
            process.stop()


class _Process:
    """One child and the pipe to it. All but `kill` block, and are for one thread at a time."""

    def __init__(self) -> None:
        self._child: SpawnProcess | None = None
        self._pipe: Connection | None = None

    def call(self, job: bytes, timeout_s: float) -> object:
        pipe = self._sent(job)
        if not pipe.poll(timeout_s):
            self.stop()
            raise WorkerTimeout(f"killed after {timeout_s:g} s")
        try:
            fine, outcome = pickle.loads(pipe.recv_bytes())  # noqa: S301 - from our own child
        except (EOFError, OSError) as error:
            ended = self.stop()
            if ended == _ENDED_BY_ALARM:
                raise WorkerTimeout(f"ended itself after {timeout_s:g} s") from error
            raise WorkerDied(f"the process ended with {ended}") from error
        if fine:
            return outcome
        raise outcome

    def kill(self) -> None:
        """End the child at once; safe from any thread."""
        child = self._child
        if child is not None:
            child.kill()

    def _sent(self, job: bytes) -> Connection:
        """Send the job to a child that lives. One that died idle is replaced once."""
        if self._child is not None and not self._child.is_alive():
            self.stop()
        for _ in range(2):
            pipe = self._pipe or self._start()
            try:
                pipe.send_bytes(job)
            except OSError:
                self.stop()
            else:
                return pipe
        raise WorkerDied("the process ends as soon as it starts")

    def _start(self) -> Connection:
        ours, theirs = _SPAWN.Pipe()
        child = _SPAWN.Process(target=_serve, args=(theirs,), name="aspire-worker", daemon=True)
        child.start()
        theirs.close()
        self._child, self._pipe = child, ours
        try:
            ready = ours.poll(_START_S) and ours.recv_bytes() == _READY
        except (EOFError, OSError):
            ready = False
        if not ready:
            raise WorkerDied(f"the process did not start: it ended with {self.stop()}")
        return ours

    def stop(self) -> int | None:
        """Kill the child if it lives, forget it, and tell its exit code."""
        child, pipe = self._child, self._pipe
        self._child = self._pipe = None
        if pipe is not None:
            pipe.close()
        if child is None:
            return None
        child.kill()
        child.join()
        return child.exitcode


def _forgotten(call: "asyncio.Future[object]") -> None:
    """Whoever asked has gone: nobody else is to hear of the failure."""
    call.exception()


def _serve(pipe: Connection) -> None:
    """The child's whole life: one job after another until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends us
    threading.Thread(target=_die_with_parent, daemon=True).start()
    pipe.send_bytes(_READY)
    while True:
        try:
            pipe.send_bytes(_answer(pipe.recv_bytes()))
        except (EOFError, OSError):
            return


def _answer(job: bytes) -> bytes:
    try:
        function, args, timeout_s = pickle.loads(job)  # noqa: S301 - from our own parent
        _alarm(timeout_s + _LAST_RESORT_S)
        return pickle.dumps((True, function(*args)))
    except Exception as error:  # noqa: BLE001 - not swallowed: it is raised in the parent
        return _failure(error)
    finally:
        _alarm(0)


def _failure(error: Exception) -> bytes:
    """The exception itself where it survives the journey, else its name and words."""
    error.add_note("in the worker: " + "".join(traceback.format_exception(error)))
    try:
        packed = pickle.dumps((False, error))
        pickle.loads(packed)  # noqa: S301 - our own bytes
    except Exception:  # noqa: BLE001 - whatever a foreign exception's pickling may raise
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
    return packed


def _alarm(seconds: float) -> None:
    """Have the kernel end this process after so long, whatever it is doing: nobody else will if
    the parent is gone and a C function holds the interpreter. 0 calls it off.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _die_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)  # a thread cannot end its process in any other way
