"""A session: the conversation with one child, its budget, and what its end means."""

import contextlib
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import psutil

from autograder.sandbox.channel import POLL_SECONDS, Channel
from autograder.sandbox.errors import (
    Died,
    OutOfMemory,
    ProtocolError,
    SandboxError,
    TimedOut,
    ZygoteError,
    student_error,
)
from autograder.sandbox.inside import wire
from autograder.sandbox.remote import Handle, Student, reference

MOST_HANDLES = 1 << 53  # of a session
BUSY = 6  # times as long as it computes, a call may take where others compute too


@dataclass(frozen=True)
class Limits:
    """What a child may use.

    Attributes
    ----------
    check_seconds : float
        CPU time of a check, unless `Session.begin` says otherwise.
    cpu_seconds : float
        CPU time of the whole session.
    memory_bytes : int
        Address space beyond that of the zygote.
    max_body : int
        Bytes of arrays in one message.
    open_files : int
    """

    check_seconds: float = 10.0
    cpu_seconds: float = 180.0
    memory_bytes: int = 2 << 30
    max_body: int = wire.MAX_BODY
    open_files: int = 64


@dataclass(frozen=True)
class Usage:
    """What a child has used: CPU time in seconds, and the most memory it was seen with."""

    cpu_seconds: float
    max_rss_bytes: int


class Session:
    """One student's code in a child of its own; made by `Zygote.open`.

    After `TimedOut`, `OutOfMemory`, `Died` or `ProtocolError` it is closed, and each further call
    raises the same again.

    Parameters
    ----------
    pid : int
        The child.
    connection : socket.socket
        To the child.
    end : callable
        Kills and reaps the child and says how it ended; raises `ZygoteError`.
    limits : Limits
    """

    def __init__(
        self,
        pid: int,
        connection: socket.socket,
        end: Callable[[], Mapping[str, Any]],
        limits: Limits,
    ) -> None:
        self.pid = pid
        self.freed: list[int] = []  # handles that the next message lets go of
        self.took = 0.0  # seconds of wall-clock time for all answers
        self.student = Student(self)
        self._connection, self._end, self._limits = connection, end, limits
        self._channel = Channel(connection, self._watch)
        self._process = psutil.Process(pid)
        self._usage = Usage(0.0, 0)
        self._ended: Mapping[str, Any] | None = None
        self._failure: SandboxError | None = None
        self._files: Mapping[str, bytes] = {}
        self._saved: frozenset[str] = frozenset()
        self._requests = 0
        self._next_look = 0.0
        self.begin()

    # --- what callers use --------------------------------------------------------------------

    def begin(
        self, seed: int = 0, cpu_seconds: float | None = None, wall_seconds: float | None = None
    ) -> None:
        """Start a check: a budget of its own, and a seed from which each call's seed is made.

        Parameters
        ----------
        seed : int
        cpu_seconds : float, optional
            CPU time for all calls of the check; by default the limits' `check_seconds`.
        wall_seconds : float, optional
            Time for all calls of the check, for code that sleeps; by default `BUSY` times the CPU
            time and 5 seconds more.
        """
        cpu = self._limits.check_seconds if cpu_seconds is None else cpu_seconds
        self._cpu_seconds = cpu
        self._cpu_end = min(self.usage().cpu_seconds + cpu, self._limits.cpu_seconds)
        self._wall_seconds = BUSY * cpu + 5 if wall_seconds is None else wall_seconds
        self._wall_left = self._wall_seconds
        self._seed, self._calls = seed, 0

    def load_npz(self, name: str) -> dict[str, np.ndarray]:
        """Return the arrays of a saved file of the submission, parsed in the child.

        Raises
        ------
        KeyError
            No such file was handed in.
        StudentError
            The child cannot parse it.
        """
        if name not in self._saved:
            raise KeyError(name)
        arrays = self.request("load_npz", name)
        if type(arrays) is not dict or not all(
            type(key) is str and isinstance(value, np.ndarray | str)
            for key, value in arrays.items()
        ):
            self._fail(ProtocolError("a saved file that holds no arrays"))
        return {
            key: np.array(value) if isinstance(value, str) else value
            for key, value in arrays.items()
        }

    def usage(self) -> Usage:
        """Return what the child has used so far; once it is closed, what it used in all."""
        if self._ended is None:
            with contextlib.suppress(psutil.Error), self._process.oneshot():
                times, memory = self._process.cpu_times(), self._process.memory_info()
                peak = max(self._usage.max_rss_bytes, memory.rss)
                self._usage = Usage(times.user + times.system, peak)
        return self._usage

    @property
    def closed(self) -> bool:
        """Whether the child is gone."""
        return self._ended is not None

    def close(self) -> None:
        """End the child. Closing twice does no harm."""
        with contextlib.suppress(ZygoteError):  # then the child is gone with the zygote
            self._reap()

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # --- messages ----------------------------------------------------------------------------

    def load(
        self,
        files: Mapping[str, bytes],
        overlays: Sequence[tuple[str, bytes, tuple[str, ...]]],
        saved: Mapping[str, bytes],
    ) -> None:
        """Hand the submission over; `Zygote.open` does it."""
        self.request("load", dict(files), list(overlays), dict(saved))
        self._files, self._saved = dict(files), frozenset(saved)

    def request(self, op: str, /, *args: Any, **kwargs: Any) -> Any:
        """Have the child carry out an operation, and return its result."""
        return self.exchange(op, args, kwargs)[0]

    def exchange(
        self,
        op: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        after: Sequence[int | str] = (),
    ) -> tuple[Any, list[Any]]:
        """Have the child carry out an operation.

        Returns
        -------
        result : object
        after : list
            The arguments that `after` lists, as they are afterwards.

        Raises
        ------
        TypeError
            An argument cannot travel: the fault of the check.
        SandboxError
        """
        if self._failure:
            raise self._failure
        if self.closed:
            raise ZygoteError("the session is closed")
        frame = self._pack(op, args, kwargs, after)
        started = time.monotonic()
        self._wall_end = started + self._wall_left
        try:
            self._channel.send(frame)
            header, body = wire.read(self._channel.receive, self._limits.max_body)
            return self._unpack(header, body, len(after))
        except EOFError:
            self._fail(self._death())
        except wire.MalformedError as error:
            self._fail(ProtocolError(f"the child answered nonsense: {error}"))
        except SandboxError:
            raise
        except BaseException:  # an interrupt here: the answer would be taken for the next one's
            self.close()
            raise
        finally:
            took = time.monotonic() - started
            self.took += took
            self._wall_left -= took

    def _pack(
        self, op: str, args: Sequence[Any], kwargs: Mapping[str, Any], after: Sequence[int | str]
    ) -> list[Any]:
        encoder = wire.Encoder(reference(self))
        header = {
            "id": self._requests + 1,
            "op": op,
            "args": encoder.encode(list(args)),
            "kwargs": encoder.encode(dict(kwargs)),
            "after": list(after),
            "seed": [self._seed, self._calls],
            "free": [self.freed.pop() for _ in range(min(len(self.freed), wire.MAX_NODES))],
        }
        frame = wire.pack(header, encoder.buffers, self._limits.max_body)
        self._requests += 1
        self._calls += op == "call"
        return frame

    def _unpack(self, header: dict[str, Any], body: bytearray, after: int) -> tuple[Any, list[Any]]:
        if header.pop("id", None) != self._requests:
            raise wire.MalformedError("an answer to another request")
        decoder = wire.Decoder(body, self._handle, writeable=False, views=False)
        if header.keys() == {"error"}:
            decoder.finish()
            error = student_error(header["error"], self._files)
            if error.is_a("MemoryError"):
                self._fail(OutOfMemory(str(error)))
            raise error
        if header.keys() != {"result", "after"}:
            raise wire.MalformedError("neither a result nor an error")
        result, values = decoder.decode(header["result"]), decoder.decode(header["after"])
        decoder.finish()
        if type(values) is not list or len(values) != after:
            raise wire.MalformedError("not the arguments asked for")
        return result, values

    def _handle(self, content: Any) -> Handle:
        if type(content) is not list or [type(part) for part in content] != [int, str]:
            raise wire.MalformedError("not a reference")
        if not 0 < content[0] < MOST_HANDLES:
            raise wire.MalformedError("a reference to nothing")
        return Handle(self, content[0], wire.clean(content[1], 60))

    # --- its end -----------------------------------------------------------------------------

    def _watch(self) -> None:
        """Raise when the budget is used up; looks every 50 ms, however often it is called."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + POLL_SECONDS
        used = self.usage()
        if used.cpu_seconds > self._cpu_end:
            self._fail(TimedOut(f"more than {self._cpu_seconds:g} s of CPU time"))
        if now > self._wall_end:
            text = f"no answer within {self._wall_seconds:g} s"
            self._fail(TimedOut(text, waited=self._wall_seconds))
        if used.max_rss_bytes > self._limits.memory_bytes:  # where the system sets no limit
            self._fail(OutOfMemory(f"more than {self._limits.memory_bytes >> 20} MiB"))

    def _death(self) -> SandboxError:
        """Say what it means that the child hung up."""
        status = self._reap()["status"]
        if status == -signal.SIGXCPU:
            return TimedOut(f"more than {self._limits.cpu_seconds:g} s of CPU time")
        if status == -signal.SIGKILL and 2 * self._usage.max_rss_bytes > self._limits.memory_bytes:
            return OutOfMemory("killed by the system while it held much memory")
        return Died(status)

    def _reap(self) -> Mapping[str, Any]:
        if self._ended is None:
            self._ended = {"status": -signal.SIGKILL}
            self._connection.close()
            self._ended = self._end()
            self._usage = Usage(self._ended["cpu_seconds"], self._ended["max_rss_bytes"])
        return self._ended

    def _fail(self, error: SandboxError) -> NoReturn:
        """Close the session because of `error`."""
        self._failure = error
        self.close()
        raise error
