"""The wall between the grader and a student's code. This is its theory of operation.

Processes. The *host* is the grader: pytest, hidden checks, expected values. Once per worker it
starts a *zygote*, an interpreter that has imported NumPy and parts of the standard library and
nothing else (but see "Worlds"). For every session the zygote forks a *child*, which alone runs a
student's code. The zygote runs no byte of it, and it alone kills and reaps.

    host  <── control: fork, end ──>  zygote      one pair of sockets; JSON, trusted at both ends
      ^                                 │ fork
      └────── session: frames ─────>  child       a pair of sockets each; what comes back is hostile

Who may write what. The host writes files, overlays, arguments and names of operations
(`inside/wire.py`). The child writes answers, and each byte of them is validated before memory of
its size is allocated; nothing is unpickled. All a child can forge is the student's own answer:
expected values are never in it, a `Handle` means nothing outside it, and an answer too many or too
early ends the session. Code of the kit that a child gets in place of a student's is cut down to
what was asked for (`Overlay.needed`), so what is judged in a child is not in it. The child's
stdin, stdout and stderr are /dev/null; its files come over the session, none from a disk.

Time and memory. While it waits, the host looks every 50 ms how much CPU time the child has used;
that decides, whatever else the machine is doing. Sleepers meet a wall-clock limit of several times
that, children that no host watches meet RLIMIT_CPU. The limit of memory is RLIMIT_AS, so who asks
for too much gets a MemoryError; where the system knows no such limit, the host looks at what is
resident. A child dies with its zygote (PDEATHSIG, on Linux), a zygote with its host, at the end of
file on the control socket. Not by PDEATHSIG, which fires when the *thread* that started it ends.

Inside. `inside/` is all that a child has of us, beside the standard library and NumPy. A student's
package is imported from memory under its own name, each module at first use, so that a broken one
hurts nobody else. matplotlib and the like are stand-ins that do nothing. Nothing else of
site-packages can be imported.

Worlds. Work with PyTorch needs more than NumPy, so a zygote is made for one of the `WORLDS`, and a
world has one library more, imported before any fork, and limits of its own; what fetches pretrained
weights is barred. Libraries that a course allows, a line of the assignment's table, are imported
likewise. Cells of a notebook are the module `notebook` of a child: the source notebook's prelude,
then the student's cells, each compiled under its name. Without the library of a world there is no
such zygote; then those exercises are left out of a grading, which says so.

The wall. A tier of `tiers.TIERS` says what is put around a child. The zygote of the upper two lives
in a world made by bubblewrap, in which `visible` leaves Python, NumPy and libraries, no network and
no /proc; with the first, each child gets namespaces of processes and of IPC as well. Each child
then gives everything up, in `inside/lockdown.py` and in this order: its user, where the grader is
root; its capabilities; new privileges; files and TCP, by Landlock; all system calls but those of
`syscalls`. It says on its session that it is ready only after that, so none serves unconfined.

Which tier. `Zygote.start` takes the first behind which each attack of the `canary` fails, and a
child can live; where none of those asked for will do, it raises `NoWallError`, and nobody is
graded. `Zygote.wall` goes into every result. `rlimits` is no wall, and is used when told so only.

Numbers of processes. In a namespace of its own a process has another number than here, so a zygote
and a child tell theirs by writing something: the kernel adds it as the host sees it.

What is promised, and what is not, stands in docs/security.md; the attacks, in tests/attacks/.
"""

from autograder.sandbox.errors import (
    Died,
    NoWallError,
    OutOfMemory,
    ProtocolError,
    SandboxError,
    StudentError,
    TimedOut,
    ZygoteError,
)
from autograder.sandbox.host import Wall, Zygote
from autograder.sandbox.inside.wire import UnsendableError
from autograder.sandbox.overlay import Overlay
from autograder.sandbox.remote import Handle, Name, Student
from autograder.sandbox.session import BUSY, Limits, Session, Usage
from autograder.sandbox.tiers import WALLS, at_least
from autograder.sandbox.worlds import WORLDS

__all__ = [
    "BUSY",
    "WALLS",
    "WORLDS",
    "Died",
    "Handle",
    "Limits",
    "Name",
    "NoWallError",
    "OutOfMemory",
    "Overlay",
    "ProtocolError",
    "SandboxError",
    "Session",
    "Student",
    "StudentError",
    "TimedOut",
    "UnsendableError",
    "Usage",
    "Wall",
    "Zygote",
    "ZygoteError",
    "at_least",
]
