"""The canary: attacks that are tried on a wall before anybody is graded behind it."""

import os
import socket
import tempfile
from pathlib import Path

from autograder.sandbox import hostile
from autograder.sandbox.errors import SandboxError
from autograder.sandbox.session import Session

FILES = {"hostile.py": Path(hostile.__file__).read_bytes()}
SECONDS = 30.0


def successes(session: Session, memory_bytes: int) -> list[str]:
    """Try every attack in a child; return the names of those that work, none behind a good wall.

    The targets are made for it: a file of this user, a folder, a server on this machine; and this
    very process. A child that ends over an attack has not withstood it.
    """
    through = []
    with (
        tempfile.TemporaryDirectory(prefix="dasecv-canary-") as folder,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        os.chmod(folder, 0o777)
        path = Path(folder) / "gradebook.db"
        target = (str(path), folder, os.getpid(), server.getsockname()[1], memory_bytes + (1 << 30))
        session.begin(wall_seconds=SECONDS)
        for number, attack in enumerate(hostile.ATTACKS):
            path.write_text("grades")
            try:
                works = session.student.hostile.succeeds(number, *target)
            except SandboxError:
                works = True
            if works is not False or path.read_text() != "grades":
                through.append(attack.__name__)
            if session.closed:
                break
    return through


def report(through: list[str]) -> str:
    """What came of it, for a result."""
    tried = len(hostile.ATTACKS)
    if not through:
        return f"{tried} of {tried} attacks failed"
    return f"{len(through)} of {tried} attacks work: {', '.join(through)}"
