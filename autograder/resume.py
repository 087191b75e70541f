"""What nbgrader does badly when a run is cut short, a disk is full or the gradebook is locked.

nbgrader takes a folder that is there for a folder that is done, so a run that was killed in the
middle of a student would leave that student out for ever. It gives a locked gradebook five seconds,
and takes any trouble with it for an old one. `guard` mends this: what was begun is begun again,
what nothing can be written to stops the run at once, and its last line says what to type. Two runs
at once would each begin again what the other is at, so the second is refused.
"""

import contextlib
import fcntl
import json
import logging
import os
import shutil
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.engine import URL, Engine, ExceptionContext

from autograder.kept import AGAIN, Stopped, writing

LOCK_SECONDS = 30.0  # the form grader and another grading hold the gradebook for far less

MENDS = {
    sqlite3.SQLITE_BUSY: "close what holds it, perhaps the form grader or a database browser",
    sqlite3.SQLITE_READONLY: "see to it that it can be written",
    sqlite3.SQLITE_IOERR: "see to its disk",
    sqlite3.SQLITE_FULL: "make room on its disk",
    sqlite3.SQLITE_CANTOPEN: "see to its folder",
}


def guard(
    converter: Any, is_done: Callable[[Path, list[Path]], bool], give_up: type[Exception]
) -> None:
    """Have a converter of nbgrader survive faults; to be called before it converts anything.

    Parameters
    ----------
    converter : nbgrader.converters.BaseConverter
    is_done : callable
        Whether a folder that it has made holds, whole, what comes of these notebooks.
    give_up : type
        What nbgrader's commands end with status 1 for.

    Raises
    ------
    give_up
        Another command is at work in the same folder.
    """
    made = Path(converter.coursedir.format_path(converter._output_directory, ".", "."))
    lock = _lock(made)
    if lock is None:
        last_word = f"another command is at work in {made}; when it has ended, {AGAIN}"
        converter.log.error(last_word)
        raise give_up(last_word)
    converter.init_destination = partial(_begin, converter, converter.init_destination, is_done)
    converter.write_single_notebook = partial(_write, converter, converter.write_single_notebook)
    convert = partial(_convert, converter, converter.convert_notebooks, give_up, lock)
    converter.convert_notebooks = convert


def graded(folder: Path, notebooks: list[Path]) -> bool:
    """Whether these notebooks of a submission stand in `autograded/` with their grades.

    The first of nbgrader's two passes writes a notebook without them.
    """
    return all("held" in _dasecv(folder / path.name) for path in notebooks)


def shown(db_url: str, folder: Path, notebooks: list[Path]) -> bool:
    """Whether `feedback/` has, of each graded notebook, a whole page with the marks of today."""
    try:
        last_mark = Path(make_url(db_url).database or "").stat().st_mtime
    except OSError:  # it is no file but on a server, which does not tell
        return False
    pages = [folder / f"{path.stem}.html" for path in notebooks]
    return all(
        _end(page).endswith(b"</html>") and page.stat().st_mtime > last_mark for page in pages
    )


def _end(page: Path) -> bytes:
    """The last bytes of a file, without the space at the end; none when it is not there."""
    try:
        with page.open("rb") as file:
            file.seek(max(0, page.stat().st_size - 100))
            return file.read().rstrip()
    except OSError:
        return b""


def _dasecv(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_bytes())["metadata"]["dasecv"]
    except (OSError, ValueError, KeyError, TypeError):  # half written, or lost with the power
        return {}


def _lock(folder: Path) -> int | None:
    """Hold a folder until the descriptor is closed or this process ends; None if another does."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    except OSError:  # a network's file system that knows no such lock
        pass
    return lock


def _begin(
    converter: Any, init: Callable[[str, str], bool], is_done: Callable[[Path, list[Path]], bool],
    assignment: str, student: str,
) -> bool:  # fmt: skip
    """Have nbgrader begin with a student; take away what it would take for done and is not.

    Of a command for some notebooks that is their files: the others may be whole.
    """
    coursedir, folder = converter.coursedir, Path(converter._format_dest(assignment, student))
    notebooks = [Path(name) for name in converter.notebooks]
    excluded = coursedir.student_id_exclude.split(",")
    if student not in excluded and not is_done(folder, notebooks):
        ending = converter.exporter.file_extension
        made = [folder / f"{path.stem}{ending}" for path in notebooks]
        for path in [folder] if coursedir.notebook_id == "*" else made:
            if path.exists():
                converter.log.info("%s is not whole, or out of date; it is made anew", path)
                _remove(path)
    return init(assignment, student)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _write(converter: Any, write: Callable[..., None], output: str, resources: Any) -> None:
    known = resources["nbgrader"]
    with writing(Path(converter._format_dest(known["assignment"], known["student"]))):
        write(output, resources)


def _convert(
    converter: Any, convert: Callable[[], None], give_up: type[Exception], lock: int
) -> None:
    event.listen(Engine, "handle_error", _stop)
    try:
        with _ending_as_at_ctrl_c():
            convert()
    except KeyboardInterrupt as error:
        last_word = str(error) or f"interrupted; {AGAIN}"
        converter.log.error(last_word)
        raise give_up(last_word) from error
    finally:
        event.remove(Engine, "handle_error", _stop)
        os.close(lock)


@contextlib.contextmanager
def _ending_as_at_ctrl_c() -> Iterator[None]:
    """At SIGTERM, too, nbgrader shall tidy up. Who has a handler of its own keeps it."""
    main = threading.current_thread() is threading.main_thread()
    ours = main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if ours:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _stop(context: ExceptionContext) -> Stopped | None:
    """Stop the run for what hits every student; nbgrader would take it for an old gradebook."""
    trouble = trouble_of(context.original_exception, context.engine.url)
    return Stopped(trouble) if trouble else None


def trouble_of(error: BaseException | None, gradebook: URL) -> str:
    """Say what is wrong with a gradebook, and what mends it; nothing of what never mends."""
    mend = MENDS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    return f"{gradebook.database}: {error}; {mend}, then {AGAIN}" if mend else ""


def end_at_trouble(log: logging.Logger) -> None:
    """Have this process end at trouble with a gradebook, with no more than a word on it."""

    def end(context: ExceptionContext) -> SystemExit | None:
        trouble = trouble_of(context.original_exception, context.engine.url)
        if not trouble:
            return None
        log.error(trouble)
        return SystemExit(1)

    event.listen(Engine, "handle_error", end)


def be_patient(connection: Any, record: Any) -> None:
    """Wait for a gradebook that another program has locked."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute(f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000:.0f}")


event.listen(Engine, "connect", be_patient)
