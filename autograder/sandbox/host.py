"""The zygote as the trusted side sees it: starts it, asks it for children, ends it."""

import contextlib
import functools
import importlib.util
import json
import os
import socket
import subprocess
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import psutil

from autograder.sandbox import canary, launch, tiers, visible
from autograder.sandbox.errors import NoWallError, SandboxError, ZygoteError
from autograder.sandbox.overlay import Overlay
from autograder.sandbox.session import Limits, Session
from autograder.sandbox.tiers import Tier
from autograder.sandbox.worlds import WORLDS

ANSWER_SECONDS = 60.0  # for what takes milliseconds


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
        self._standing: tuple[Tier, ...] = ()  # the tier that it was started behind
        self._landlock = self._address_space = 0
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
        with contextlib.ExitStack() as undo:
            ours, theirs = launch.socketpair()
            undo.enter_context(ours)
            with theirs:
                command = {"op": "fork", "address_space": self._address_space, **asdict(limits)}
                number = self._ask(command, theirs)["pid"]  # in its own namespace
            end = functools.partial(self._end, self._process, number)
            undo.callback(end)
            _, pid = launch.greeting(ours, ANSWER_SECONDS)
            undo.pop_all()
        session = Session(pid or number, ours, end, limits)
        self._sessions.add(session)
        try:
            session.load(files, [(o.module, o.needed, o.names) for o in overlays], saved or {})
        except BaseException as error:
            session.close()
            if isinstance(error, SandboxError):
                raise ZygoteError(f"the child did not take the submission: {error}") from error
            raise
        return session

    def of(self, world: str) -> "Zygote":
        """The zygote of a world: this one, or another that ends with it."""
        if world == self.name:
            return self
        if world not in self._others:
            self.start()  # behind the same wall: a result tells of one
            self._others[world] = Zygote(world, self._standing, self.world.libraries)
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
            if importlib.util.find_spec(name.partition(".")[0]) is None:
                raise ZygoteError(f"{name}, which the assignment allows, is not installed here")
        self.wall, reasons = None, []
        self.fallen = reasons
        for tier in self._standing or self.among:
            lack = tier.lacks()
            reason = f"this machine lacks {lack}" if lack else self._fault_of(tier)
            if not reason:
                self._standing = (tier,)  # for good: a result tells of one wall
                return
            reasons.append(f"{tier.name}: {reason}")
        raise NoWallError(reasons, self.among[-1].name)

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
            ours, theirs = launch.socketpair()
            self._control = stack.enter_context(ours)
            with theirs:
                process = launch.launch(folder, log, theirs, self.world, tier)
            stack.callback(launch.end, ours, process)
            try:
                answer, pid = launch.greeting(ours, self.world.start_seconds)
                self._landlock = answer["landlock"]
                zygote = psutil.Process(pid or process.pid)  # bwrap is its parent, or its parent's
                self._address_space = zygote.memory_info().vms
                launch.first_to_go(zygote.pid)
            except ZygoteError as error:
                log.seek(0)
                said = log.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
                raise ZygoteError(f"{error}; it said: {said[:500]}") from error
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
        except BaseException as error:  # what it answers now would be taken for the next answer
            self._process = None  # the next `open` starts another
            self.close()
            if isinstance(error, OSError | ValueError | ZygoteError):
                raise ZygoteError(f"the zygote does not answer: {error}") from error
            raise

    def _receive(self) -> dict[str, Any]:
        try:
            return launch.answer_of(self._control.recv(4096))
        except OSError as error:
            raise ZygoteError(str(error)) from error
