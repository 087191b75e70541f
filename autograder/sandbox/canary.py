"""The canary: attacks that are tried on a wall before anybody is graded behind it."""

import os
import socket
import tempfile
from pathlib import Path

from autograder.sandbox import hostile
from autograder.sandbox.errors import SandboxError, ZygoteError
from autograder.sandbox.session import Session

FILES = {"hostile.py": Path(hostile.__file__).read_bytes()}
SECONDS = 30.0


def successes(session: Session, memory_bytes: int, user: int | None = None) -> list[str]:
    """Try every attack in a child; return the names of those that work, none behind a good wall.

    The targets are made for it: a file and a folder of `user`, whom the child has turned into, a
    server on this machine; and this very process. A child that ends over an attack has not
    withstood it.
    """
    through = []
    with (
        tempfile.TemporaryDirectory(prefix="dasecv-canary-") as folder,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        path = Path(folder) / "gradebook.db"
        path.write_text("grades")
        if user is not None:  # and nobody else: who can write here could put a link in its place
            for place in (path, folder):
                os.chmod(place, 0o770)
                os.chown(place, user, -1)
        target = (str(path), folder, os.getpid(), server.getsockname()[1], memory_bytes + (1 << 30))
        session.begin(wall_seconds=SECONDS)
        for number, attack in enumerate(hostile.ATTACKS):
            try:
                works = session.student.hostile.succeeds(number, *target)
            except SandboxError:
                works = True
            if works is not False or path.read_text() != "grades":
                through.append(attack.__name__)
            if session.closed:
                break
            path.write_text("grades")
    return through


def expect_livable(session: Session) -> None:
    """Raise `ZygoteError` unless a student's code can import what every student has."""
    try:
        session.student.hostile.live()
    except SandboxError as error:
        raise ZygoteError(f"a child behind it cannot read Python or NumPy: {error}") from error


def report(through: list[str]) -> str:
    """What came of it, for a result."""
    tried = len(hostile.ATTACKS)
    if not through:
        return f"{tried} of {tried} attacks failed"
    return f"{len(through)} of {tried} attacks work: {', '.join(through)}"
