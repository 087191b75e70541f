"""The zygote as the trusted side sees it: starts it, asks it for children, ends it."""

import contextlib
import functools
import importlib.util
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from autograder.sandbox import canary, tiers, visible
from autograder.sandbox.errors import NoWallError, SandboxError, ZygoteError
from autograder.sandbox.overlay import Overlay
from autograder.sandbox.session import Limits, Session
from autograder.sandbox.tiers import Tier
from autograder.sandbox.worlds import WORLDS, World

ENTRY = Path(__file__).parent / "inside" / "zygote.py"
ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "",  # no limit of ours holds on a GPU
    "LANG": "C.UTF-8",
    "NUMPY_MADVISE_HUGEPAGE": "0",  # with huge pages, receiving 30 MB takes four times as long
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",  # threads do not survive a fork
    "PYTHONHASHSEED": "0",
    "TORCHINDUCTOR_CACHE_DIR": ".",  # PyTorch looks for one where it may write, and there is none
}
# Not -I: it would ignore PYTHONHASHSEED. In an environment this clean, -P and -s do the rest.
FLAGS = ("-P", "-s", "-S", "-B")
ANSWER_SECONDS = 60.0  # for what takes milliseconds
CREDENTIALS = struct.Struct("3i")  # pid, uid, gid


@dataclass(frozen=True)
class Wall:
    """What stands between a child and the rest, for the record.

    Attributes
    ----------
    tier : str
        One of `tiers.NAMES`.
    landlock : int
        The ABI in use; 0 for none.
    canary : str
        What came of the attacks tried at the start.
    """

    tier: str
    landlock: int
    canary: str


class Zygote:
    """Makes children in about ten milliseconds each, and outlives them all.

    It starts with the first `open` and ends with `close`, with the ``with`` block, or with this
    process. It serves one thread at a time, and only the process that opened it.

    Parameters
    ----------
    world : str
        Of the children, one of `autograder.sandbox.worlds.WORLDS`.
    among : sequence of Tier
        The tiers that will do, the best first; by default those fit for strangers' code.
    libraries : sequence of str
        What students may import beside the package of the world.
    """

    def __init__(
        self,
        world: str = "numpy",
        among: Sequence[Tier] = tiers.at_least(),
        libraries: Sequence[str] = (),
    ) -> None:
        self.name, self.among = world, among
        self.world = replace(WORLDS[world], libraries=tuple(libraries))
        self.wall: Wall | None = None
        self.fallen: list[str] = []  # why each stronger tier does not stand here
        self._others: dict[str, Zygote] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket
        self._finish = weakref.finalize(self, lambda: None)
        self._sessions: weakref.WeakSet[Session] = weakref.WeakSet()

    def open(
        self,
        files: Mapping[str, bytes],
        overlays: Sequence[Overlay] = (),
        saved: Mapping[str, bytes] | None = None,
        limits: Limits | None = None,
    ) -> Session:
        """Make a child for one submission; none of the student's code has run yet.

        Parameters
        ----------
        files : mapping of str to bytes
            Python files by their path: ``daseCV/layers.py``, modules the student added, and
            ``notebook.py``.
        overlays : sequence of Overlay
            What the kit provides in place of the student's.
        saved : mapping of str to bytes, optional
            ``npz`` files by name without ending, for `Session.load_npz`.
        limits : Limits, optional
            By default those of the world.

        Raises
        ------
        ZygoteError
            No child can be made.
        """
        limits = limits or self.world.limits
        self.start()
        ours, theirs = _socketpair()
        with theirs:
            command = {"op": "fork", "address_space": self._address_space, **asdict(limits)}
            number = self._ask(command, theirs)["pid"]  # in its own namespace
        end = functools.partial(self._end, self._process, number)
        try:
            _, pid = _greeting(ours, ANSWER_SECONDS)
        except ZygoteError:
            ours.close()
            end()
            raise
        session = Session(pid or number, ours, end, limits)
        self._sessions.add(session)
        try:
            session.load(files, [(o.module, o.needed, o.names) for o in overlays], saved or {})
        except SandboxError as error:
            session.close()
            raise ZygoteError(f"the child did not take the submission: {error}") from error
        return session

    def of(self, world: str) -> "Zygote":
        """The zygote of a world: this one, or another that ends with it."""
        if world == self.name:
            return self
        if world not in self._others:
            self.start()  # behind the same wall: a result tells of one
            same = [tier for tier in self.among if tier.name == self.wall.tier]
            self._others[world] = Zygote(world, same, self.world.libraries)
        return self._others[world]

    def close(self) -> None:
        """End the zygote, and all sessions with it."""
        for other in self._others.values():
            other.close()
        for session in list(self._sessions):
            session.close()
        self._process = None
        self._finish()

    def __enter__(self) -> "Zygote":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def start(self) -> None:
        """Start behind the best wall that its canary finds standing; `open` does it, too.

        Raises
        ------
        NoWallError
            There is none among the tiers that will do.
        """
        if self._process is not None:
            return
        for name in self.world.libraries:
            if importlib.util.find_spec(name) is None:
                raise ZygoteError(f"{name}, which the assignment allows, is not installed here")
        self.wall, reasons = None, []
        self.fallen = reasons
        for tier in self.among:
            lack = tier.lacks()
            reason = f"this machine lacks {lack}" if lack else self._fault_of(tier)
            if not reason:
                return
            reasons.append(f"{tier.name}: {reason}")
        raise NoWallError(reasons)

    def _fault_of(self, tier: Tier) -> str:
        """Start behind a tier and try it; why it will not do, and then nothing is left running."""
        try:
            self._start_behind(tier)
            with self.open(canary.FILES) as session:
                through = canary.successes(session, self.world.limits.memory_bytes, tier.user)
                if not through:
                    canary.expect_livable(session)
        except BaseException as error:
            self.close()  # nobody may be graded behind what was not tried to the end
            if not isinstance(error, ZygoteError | OSError | psutil.Error):
                raise
            return str(error)
        self.wall = Wall(tier.name, self._landlock, canary.report(through))
        if through and tier.walls:
            self.close()
            return self.wall.canary
        return ""

    def _start_behind(self, tier: Tier) -> None:
        with contextlib.ExitStack() as stack:
            folder = visible.EMPTY  # a place to be, not to write
            if not tier.bwrap:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dasecv-"))
                os.chmod(folder, 0o555)
            log = stack.enter_context(tempfile.TemporaryFile())
            ours, theirs = _socketpair()
            self._control = stack.enter_context(ours)
            with theirs:
                process = _launch(folder, log, theirs, self.world, tier)
            stack.callback(_end, ours, process)
            try:
                answer, pid = _greeting(ours, self.world.start_seconds)
                self._landlock = answer["landlock"]
                zygote = psutil.Process(pid or process.pid)  # bwrap is its parent, or its parent's
                self._address_space = zygote.memory_info().vms
                _first_to_go(zygote.pid)
            except ZygoteError as error:
                log.seek(0)
                said = log.read(2000).decode("utf-8", "replace")
                raise ZygoteError(f"{error}; it said: {said}") from error
            self._control.settimeout(ANSWER_SECONDS)
            self._process = process
            self._finish = weakref.finalize(self, stack.pop_all().close)  # at exit at the latest

    def _end(self, process: subprocess.Popen[bytes], number: int) -> dict[str, Any]:
        """Kill and reap a child; `process` is the zygote that made it."""
        if process is not self._process:
            raise ZygoteError("the zygote of this child has ended")
        return self._ask({"op": "end", "pid": number})

    def _ask(self, command: Mapping[str, Any], *sockets: socket.socket) -> dict[str, Any]:
        try:
            message = [json.dumps(command).encode()]
            socket.send_fds(self._control, message, [s.fileno() for s in sockets])
            return self._receive()
        except (OSError, ZygoteError) as error:
            self._process = None  # the next `open` starts another
            self.close()
            raise ZygoteError(f"the zygote does not answer: {error}") from error

    def _receive(self) -> dict[str, Any]:
        try:
            return _answer(self._control.recv(4096))
        except OSError as error:
            raise ZygoteError(str(error)) from error


def _socketpair() -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair()
    if hasattr(socket, "SO_PASSCRED"):  # then who writes is told with what is written
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    return ours, theirs


def _answer(message: bytes) -> dict[str, Any]:
    answer = json.loads(message or b'{"error": "it has ended"}')
    if "error" in answer:
        raise ZygoteError(answer["error"])
    return answer


def _greeting(connection: socket.socket, seconds: float) -> tuple[dict[str, Any], int | None]:
    """What a process says first, and its number here, which in its own namespace is another."""
    connection.settimeout(seconds)
    try:
        message, ancillary, _, _ = connection.recvmsg(4096, socket.CMSG_SPACE(CREDENTIALS.size))
    except OSError as error:
        raise ZygoteError(str(error)) from error
    pids = [CREDENTIALS.unpack(data)[0] for *_, data in ancillary]
    return _answer(message), pids[0] if pids else None


def _launch(
    folder: str, log: Any, control: socket.socket, world: World, tier: Tier
) -> subprocess.Popen[bytes]:
    places = [place.parent for name in world.packages for place in visible.packages(name)]
    told = {
        "folders": [str(place) for place in dict.fromkeys(places)],
        "preloaded": [*world.preloaded, *world.libraries],
        "barred": world.barred,
        "walls": tier.told(world, folder),
    }
    python = os.path.realpath(sys.executable) if tier.bwrap else sys.executable
    command = [
        *tier.command(world), python, *FLAGS, str(ENTRY), str(control.fileno()), json.dumps(told),
    ]  # fmt: skip
    cwd = "/" if tier.bwrap else folder
    try:
        return subprocess.Popen(
            command, cwd=cwd, env=ENVIRONMENT, pass_fds=[control.fileno()],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise ZygoteError(f"the zygote cannot be started: {error}") from error


def _first_to_go(pid: int) -> None:
    """Have the system kill a zygote's children, not the grader, when memory runs out."""
    with contextlib.suppress(OSError):  # another system than Linux
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000")


def _end(control: socket.socket, process: subprocess.Popen[bytes]) -> None:
    control.close()  # a zygote that nobody can ask for anything ends
    try:
        process.wait(10.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
