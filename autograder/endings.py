"""How a check ended, as a verdict and as words that a student may read."""

import builtins
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from autograder import CHECKS, cells, held_out, syntax
from autograder.results import Verdict
from autograder.sandbox import (
    WORLDS,
    Died,
    OutOfMemory,
    ProtocolError,
    StudentError,
    TimedOut,
    UnsendableError,
    ZygoteError,
)
from daseCV.compare import Mismatch, ShapeMismatch

GRADER = Path(__file__).parent
NOT_FORM = (ZygoteError, OSError, MemoryError, ImportError)  # whatever a student returns
SMALL_AXIS = 16
MANY_LINES = 20_000  # to choose one of is to say something
MANY_NAMES = 200
MANY_BYTES = 1_000_000  # the child says which file is looked into, and each time another
BARRED = {name for world in WORLDS.values() for name in world.barred}

FORM = "what it returns has another form than the docstring says / 返回值的形式与文档说明不符"
FAULT = "a fault of the grader, not yours; a person will look / 评分程序出错，与你无关，会有人处理"
ENDINGS: tuple[tuple[type[Exception], Verdict, Callable[[Any], str]], ...] = (
    (Mismatch, Verdict.FAILED, str),
    (
        held_out.UnreadableError, Verdict.FAILED,
        lambda error: str(error),
    ),
    (
        cells.NotAnsweredError, Verdict.NOT_IMPLEMENTED,
        lambda error: "",
    ),
    (
        cells.NotLiteralError, Verdict.FAILED,
        lambda error: str(error),
    ),
    (
        TimedOut, Verdict.TIMED_OUT,
        lambda error: "no answer in time; an endless loop? / 超出时限：是否有死循环？",
    ),
    (
        OutOfMemory, Verdict.OUT_OF_MEMORY,
        lambda error: "it asks for more memory than there is / 内存超出限制",
    ),
    (
        Died, Verdict.CRASHED,
        lambda error: "the process ended in the middle of a call / 进程在调用中途结束",
    ),
    (
        ProtocolError, Verdict.CRASHED,
        lambda error: "what it returns cannot be read / 返回的内容无法读取",
    ),
)  # fmt: skip


def of(
    error: Exception, files: Mapping[str, bytes], ran: bool = True
) -> tuple[Verdict, str] | None:
    """The verdict of a check that raised; None when it was the grader's fault.

    Parameters
    ----------
    error : Exception
    files : mapping of str to bytes
        The student's files, of which a message may name lines.
    ran : bool
        Whether the check ran code of the student's, which may have seen a hidden input.
    """
    if isinstance(error, ShapeMismatch) and ran:
        return Verdict.FAILED, _discreet(error)
    for kind, verdict, words in ENDINGS:
        if isinstance(error, kind):
            return verdict, words(error)
    if isinstance(error, StudentError):
        return _student_error(error, files)
    if not isinstance(error, NOT_FORM) and _raised_in_check(error):
        return Verdict.FAILED, FORM
    return None


def _discreet(error: ShapeMismatch) -> str:
    """A wrong shape in words; one that holds numbers of a hidden input is not told."""
    few = len(error.found) <= len(error.wanted) + 2
    if few and all(n <= SMALL_AXIS or n in error.wanted for n in error.found):
        return str(error)
    return str(Mismatch(error.what, f"it should be {error.wanted}", error.hint))


def _student_error(error: StudentError, files: Mapping[str, bytes]) -> tuple[Verdict, str]:
    """What a student may read of an exception; never its text, which can hold a hidden input.

    Nor anything else that the child is free to choose: a class of its own making, a line there is
    not or one of very many, a module that the file does not import.
    """
    if error.is_a("NotImplementedError"):
        return Verdict.NOT_IMPLEMENTED, ""
    if error.is_a("MemoryError"):
        return Verdict.OUT_OF_MEMORY, "it asks for more memory than there is / 内存超出限制"
    kind = getattr(builtins, error.type_name, None)
    known = isinstance(kind, type) and issubclass(kind, BaseException)
    name = error.type_name if known else "an exception of its own"
    few = sum(data.count(b"\n") for data in files.values()) <= MANY_LINES
    lines = files.get(error.module, b"").count(b"\n") + 1
    there = few and error.line is not None and 0 < error.line <= lines
    where = f" ({error.module}, line {error.line})" if error.module and there else ""
    missing = error.is_a("ModuleNotFoundError") and error.missing
    if missing and (missing in BARRED or _imports(error.module, files, missing)):
        return Verdict.CRASHED, (
            f"imports {missing!r}, which is not available here{where} / "
            f"导入了评分环境中没有的模块 {missing!r}{where}"
        )
    return Verdict.CRASHED, f"{name} was raised{where} / 运行时抛出 {name}{where}"


def _imports(path: str | None, files: Mapping[str, bytes], module: str) -> bool:
    """Whether a file imports a module by name, or what lies in it."""
    if path not in files or sum(map(len, files.values())) > MANY_BYTES:
        return False
    names = syntax.read(files[path], path).imported
    few = len(names) <= MANY_NAMES
    return few and any(f"{name}.".startswith(f"{module}.") for name in names)


def _raised_in_check(error: Exception) -> bool:
    """Whether a check raised, or NumPy or the reference did for it: none does for a right form.

    What lies between a check and the child is the grader's, unless it was given what cannot travel.
    """
    frames = [Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__)]
    checks = [frame.is_relative_to(CHECKS) for frame in frames]
    if not any(checks):
        return False
    inner = frames[checks.index(True) :]
    ours = [f for f in inner if f.is_relative_to(GRADER) and not f.is_relative_to(CHECKS)]
    return isinstance(error, UnsendableError) or not ours
