"""What can go wrong with a student's code, or with the sandbox: one exception each."""

import signal
from collections.abc import Mapping, Sequence
from typing import Any

from autograder.sandbox.inside.wire import MalformedError, clean


class SandboxError(Exception):
    """Something went wrong in, or with, the sandbox."""


class StudentError(SandboxError):
    """The student's code raised an exception. All fields are the student's claim.

    Attributes
    ----------
    type_name : str
        Name of the exception's class.
    text : str
        Its text, one line of at most 500 characters. It can hold what a check sent.
    module : str or None
        The student's file nearest to where it was raised, such as ``daseCV/layers.py``.
    line : int or None
        The line in that file.
    missing : str or None
        The module that an ImportError names.
    """

    def __init__(
        self,
        type_name: str,
        text: str = "",
        module: str | None = None,
        line: int | None = None,
        *,
        missing: str | None = None,
        mro: tuple[str, ...] = (),
    ) -> None:
        self.type_name, self.text, self.module, self.line = type_name, text, module, line
        self.missing, self.mro = missing, (type_name, *mro)
        where = f" ({module}, line {line})" if module else ""
        super().__init__(f"{type_name}: {text}{where}")

    def is_a(self, name: str) -> bool:
        """Tell whether the exception is of the class called `name`, or of one derived from it."""
        return name in self.mro


class TimedOut(SandboxError):  # noqa: N818, the verdict's name
    """The code used up its CPU time, or slept too long.

    Attributes
    ----------
    waited : float
        Seconds that it was waited for in vain; 0 when it was its CPU time that was used up.
    """

    def __init__(self, text: str, waited: float = 0.0) -> None:
        super().__init__(text)
        self.waited = waited


class OutOfMemory(SandboxError):  # noqa: N818, the verdict's name
    """The code asked for more memory than it may have."""


class Died(SandboxError):  # noqa: N818, it names what happened
    """The process ended in the middle of a call.

    Attributes
    ----------
    status : int
        Its exit code, or the negative number of the signal that killed it.
    """

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"the process {_ending(status)}")


class ProtocolError(SandboxError):
    """The child sent what no honest child sends."""


class ZygoteError(SandboxError):
    """The sandbox itself failed: the grader's fault, not the student's."""


class NoWallError(ZygoteError):
    """No wall that will do stands on this machine; the text says why, and what to install."""

    def __init__(self, reasons: Sequence[str], least: str) -> None:
        super().__init__("\n".join([
            f"strangers' code is not run here: no wall stands that is {least!r} or stronger",
            *(f"  {reason}" for reason in reasons),
            *(f"  {system}: {remedy}" for system, remedy in REMEDIES.items()),
        ]))  # fmt: skip


REMEDIES = {
    "Debian, Ubuntu": "apt-get install bubblewrap libseccomp2, on Linux 5.13 or newer",
    "Fedora": "dnf install bubblewrap libseccomp",
    "macOS": (
        "grade in a container of Linux: `docker build -f Containerfile -t dasecv .`, "
        "see docs/operate.md"
    ),
    "Windows": "`wsl --install -d Debian`, then as on Debian",
}


def _ending(status: int) -> str:
    if status >= 0:
        return f"ended with exit code {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"


def student_error(claim: Any, files: Mapping[str, bytes]) -> StudentError:
    """Make the exception of what a child says about one; nonsense is a `MalformedError`."""
    kinds = {"type": str, "text": str, "module": str, "missing": str, "line": int, "mro": list}
    if type(claim) is not dict or claim.keys() != kinds.keys():
        raise MalformedError("not a description of an exception")
    for key, kind in kinds.items():
        optional = key in ("module", "line", "missing") and claim[key] is None
        if type(claim[key]) is not kind and not optional:
            raise MalformedError("not a description of an exception")
    if any(type(name) is not str for name in claim["mro"]):
        raise MalformedError("not a description of an exception")
    known = claim["module"] in files
    return StudentError(
        clean(claim["type"], 100),
        clean(claim["text"]),
        claim["module"] if known else None,
        claim["line"] if known else None,
        missing=clean(claim["missing"], 100) if claim["missing"] else None,
        mro=tuple(claim["mro"][:20]),
    )
