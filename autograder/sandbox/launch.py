"""The process of a zygote: how it is launched behind a tier, what it says first, how it ends."""

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

from autograder.sandbox import visible
from autograder.sandbox.errors import ZygoteError
from autograder.sandbox.tiers import Tier
from autograder.sandbox.worlds import World

ENTRY = Path(__file__).parent / "inside" / "zygote.py"
ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "",  # no limit of ours holds on a GPU
    "HOME": "/",  # who asks for it, or for a name, need not find the file of all users
    "LC_CTYPE": "C.UTF-8",
    "LOGNAME": "student",
    "NUMPY_MADVISE_HUGEPAGE": "0",  # with huge pages, receiving 30 MB takes four times as long
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",  # threads do not survive a fork
    "PYTHONHASHSEED": "0",
    "TORCHINDUCTOR_CACHE_DIR": ".",  # PyTorch looks for one where it may write, and there is none
}
# Not -I: it would ignore PYTHONHASHSEED. In an environment this clean, -P and -s do the rest.
FLAGS = ("-P", "-s", "-S", "-B")
END_SECONDS = 10.0  # for a zygote that was told to go
CREDENTIALS = struct.Struct("3i")  # pid, uid, gid


def socketpair() -> tuple[socket.socket, socket.socket]:
    """Our end and theirs."""
    ours, theirs = socket.socketpair()
    if hasattr(socket, "SO_PASSCRED"):  # then who writes is told with what is written
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    return ours, theirs


def answer_of(message: bytes) -> dict[str, Any]:
    """What a zygote answers; raise `ZygoteError` for what went wrong there."""
    answer = json.loads(message or b'{"error": "it has ended"}')
    if "error" in answer:
        raise ZygoteError(answer["error"])
    return answer


def greeting(connection: socket.socket, seconds: float) -> tuple[dict[str, Any], int | None]:
    """What a process says first, and its number here, which in its own namespace is another."""
    connection.settimeout(seconds)
    try:
        message, ancillary, _, _ = connection.recvmsg(4096, socket.CMSG_SPACE(CREDENTIALS.size))
    except OSError as error:
        raise ZygoteError(str(error)) from error
    pids = [CREDENTIALS.unpack(data)[0] for *_, data in ancillary]
    return answer_of(message), pids[0] if pids else None


def launch(
    folder: str, log: Any, control: socket.socket, world: World, tier: Tier
) -> subprocess.Popen[bytes]:
    """Start a zygote of a world in `folder`, or in bubblewrap's, with `log` for what it prints."""
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


def first_to_go(pid: int) -> None:
    """Have the system kill a zygote's children, not the grader, when memory runs out."""
    with contextlib.suppress(OSError):  # another system than Linux
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000")


def end(control: socket.socket, process: subprocess.Popen[bytes]) -> None:
    """Have a zygote end, and see that it does."""
    control.close()  # a zygote that nobody can ask for anything ends
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # bubblewrap, and what runs in it
        process.wait()
