"""The wall between the grader and a student's code. This is its theory of operation.

Processes. The *host* is the grader: pytest, hidden checks, expected values. Once per worker it starts a *zygote*, an
interpreter that has imported the standard library and NumPy and nothing else. For every session the zygote forks a
*child*, which alone runs a student's code. The zygote runs no byte of it and is the only one who kills and reaps.

    host  <── control: "fork", "end" ──>  zygote          one pair of sockets, JSON, trusted on both ends
      ^                                      │ fork
      └───── session: frames ──────────>  child           one pair of sockets each; what comes back is hostile

Who may write what. The host writes files, overlays, arguments and names of operations (`inside.wire`). The child writes
answers to them, and every byte is validated before memory of its size is allocated; nothing is unpickled. An answer
can only be the student's own answer: expected values are never in the child, references to objects in it
(`Handle`) mean nothing elsewhere, an answer too many or too early ends the session. The kit's code that a child gets
in place of a student's is cut down to what is asked for (`Overlay.needed`), so that what is judged in a child is not in it.
stdin, stdout and stderr are /dev/null.

Time and memory. While it waits the host looks every 50 ms how much CPU time the child has used; that decides, whatever
else the machine is doing. Sleepers meet a wall-clock limit of several times that, and a child whose host is gone
RLIMIT_CPU. The memory limit is RLIMIT_AS, so asking for too much is a MemoryError; where the system knows no such
limit, the host looks at the resident size. A child dies with its zygote (PDEATHSIG, on Linux), a zygote with its
host, at the end of file on the control socket. Not PDEATHSIG there: that fires when the *thread* ends which
started the process.

Inside. `inside/` is all that a child has of us, with the standard library and NumPy. The student's package is imported
from memory under its own name, each module at first use, so that a broken one hurts nobody else. matplotlib and the
like are stand-ins that do nothing. Nothing of site-packages but NumPy can be imported.

What is NOT protected yet: a child can read files of this user, use the network, start processes (one that leaves
its process group outlives it), write empty files, and signal processes of this user. Do not grade strangers' code with it. The place for namespaces, Landlock
and seccomp is `confine` in `inside/zygote.py`; `Zygote.tier` says which of them are on.
"""

from autograder.sandbox.errors import (
    Died,
    OutOfMemory,
    ProtocolError,
    SandboxError,
    StudentError,
    TimedOut,
    ZygoteError,
)
from autograder.sandbox.host import Zygote
from autograder.sandbox.overlay import Overlay
from autograder.sandbox.remote import Handle, Name, Student
from autograder.sandbox.session import Limits, Session, Usage

__all__ = [
    "Died",
    "Handle",
    "Limits",
    "Name",
    "OutOfMemory",
    "Overlay",
    "ProtocolError",
    "SandboxError",
    "Session",
    "Student",
    "StudentError",
    "TimedOut",
    "Usage",
    "Zygote",
    "ZygoteError",
]
