"""How a check ended, as a verdict and as words that a student may read."""

import builtins
import re
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from autograder import CHECKS, cells, held_out
from autograder.results import Verdict
from autograder.sandbox import (
    Died,
    OutOfMemory,
    ProtocolError,
    StudentError,
    TimedOut,
    ZygoteError,
)
from daseCV.compare import Mismatch

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


def of(error: Exception, files: Mapping[str, bytes]) -> tuple[Verdict, str] | None:
    """The verdict of a check that raised; None when it was the grader's fault.

    Parameters
    ----------
    error : Exception
    files : mapping of str to bytes
        The student's files, of which a message may name lines.
    """
    for kind, verdict, words in ENDINGS:
        if isinstance(error, kind):
            return verdict, words(error)
    if isinstance(error, StudentError):
        return _student_error(error, files)
    if not isinstance(error, ZygoteError) and _raised_in_check(error.__traceback__):
        return Verdict.FAILED, FORM
    return None


def _student_error(error: StudentError, files: Mapping[str, bytes]) -> tuple[Verdict, str]:
    """What a student may read of an exception; never its text, which can hold a hidden input.

    Nor anything else that the child is free to choose: a line there is not, a module that none of
    the files names.
    """
    if error.is_a("NotImplementedError"):
        return Verdict.NOT_IMPLEMENTED, ""
    if error.is_a("MemoryError"):
        return Verdict.OUT_OF_MEMORY, "it asks for more memory than there is / 内存超出限制"
    known = error.type_name if hasattr(builtins, error.type_name) else "an exception of its own"
    lines = files.get(error.module, b"").count(b"\n") + 1
    there = error.line is not None and 0 < error.line <= lines
    where = f" ({error.module}, line {error.line})" if error.module and there else ""
    if error.missing and _is_named(error.missing, files):
        return Verdict.CRASHED, (
            f"imports {error.missing!r}, which is not available here{where} / "
            f"导入了评分环境中没有的模块 {error.missing!r}{where}"
        )
    return Verdict.CRASHED, f"{known} was raised{where} / 运行时抛出 {known}{where}"


def _is_named(module: str, files: Mapping[str, bytes]) -> bool:
    name = re.sub(r"^daseCV\.(classifiers\.)?", "", module).encode()  # as in a relative import
    return bool(re.fullmatch(rb"[\w.]+", name)) and any(name in data for data in files.values())


def _raised_in_check(tb: TracebackType | None) -> bool:
    """Whether the check's own lines raised: then what the student returned has the wrong form."""
    last = traceback.extract_tb(tb)[-1].filename
    return Path(last).is_relative_to(CHECKS) or Path(last).name == "compare.py"
