"""nbgrader's commands in a process of their own, without the seconds that its import takes.

A fork of the tests' process, which has imported it: it can be killed, starved and interrupted as a
run in a terminal can. `before` runs in the fork, to say when that shall happen.
"""

import json
import logging
import os
import resource
import shutil
import signal
import sqlite3
import sys
import traceback
import warnings

import nbgrader.apps

from autograder import course, graded, runner

A2 = "assignment2"
NOTEBOOK = "Dropout"
LOG = "printed.txt"


def start(folder, app, *words, before=None):
    """Begin a command in the folder of a course; return its process id."""
    pid = os.fork()
    if pid:
        return pid
    status = 70
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background has none
        warnings.simplefilter("ignore")  # pytest makes errors of those of nbgrader's libraries
        logging.getLogger().handlers.clear()  # and keeps to itself what is logged
        _print_to(folder / LOG)
        os.chdir(folder)
        environment = course.Course(folder).environment()
        os.environ.clear()
        os.environ.update(environment)
        if before:
            before()
        where = [f"--CourseDirectory.root={folder}", f"--CourseDirectory.db_url={url(folder)}"]
        getattr(nbgrader.apps, app).launch_instance([*words, *where])
        status = 0
    except SystemExit as error:
        status = error.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def finish(pid):
    """Wait for a command; return its exit status, or the negative number of its signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def run(folder, app, *words, before=None):
    """Carry out a command; return its exit status and the lines it printed."""
    (folder / LOG).write_bytes(b"")
    status = finish(start(folder, app, *words, before=before))
    return status, (folder / LOG).read_text(encoding="utf-8").splitlines()


def _print_to(path):
    file = path.open("a", encoding="utf-8", buffering=1)
    for number in (1, 2):
        os.dup2(file.fileno(), number)
    sys.stdout = sys.stderr = file


def at_call(owner, name, act, nth=1):
    """Act before the nth call of a function, then let it go on; for `before`."""
    real, calls = getattr(owner, name), 0

    def counting(*args, **kwargs):
        nonlocal calls
        calls += 1
        if calls == nth:
            act(*args)
        return real(*args, **kwargs)

    setattr(owner, name, counting)


def die(*_):
    """End as nothing can that tidies up."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(size):
    """The next file gets its first bytes; then the kernel kills who writes."""

    def starve(*_):
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return starve


def new(folder, *others):
    """Make a small course of three: ada has solved it, ben nothing, cai all but one function.

    It has one notebook, and the `others`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    course.Course.new(folder)
    for path in sorted((folder / "source").rglob("*.ipynb")):
        if path.stem not in (NOTEBOOK, *others):
            path.unlink()
    assert run(folder, "GenerateAssignmentApp", A2)[0] == 0
    solved = runner.reference_submission().files
    right = b"((np.random.rand(*x.shape) < p) / p).astype(x.dtype)"
    slip = solved["daseCV/layers.py"].replace(right, b"(np.random.rand(*x.shape) < p)")
    assert slip != solved["daseCV/layers.py"]
    _hand_in(folder, "ada", solved)
    _hand_in(folder, "ben", {})
    _hand_in(folder, "cai", {**solved, "daseCV/layers.py": slip})


def _hand_in(folder, student, files):
    handed_in = folder / "submitted" / student / A2
    shutil.copytree(folder / "release" / A2 / "daseCV", handed_in / "daseCV")
    for name, data in files.items():
        (handed_in / name).write_bytes(data)
    for path in (folder / "release" / A2).glob("*.ipynb"):
        notebook = json.loads(path.read_bytes())
        if files:
            written = [c for c in notebook["cells"] if graded.is_manual(c)]
            written[0]["source"] = "because the mask is drawn anew"
        (handed_in / path.name).write_text(json.dumps(notebook), encoding="utf-8")


def url(folder):
    """Where the gradebook of a course is."""
    return f"sqlite:///{folder / 'gradebook.db'}"


SCORES = """
    SELECT student.id, base_cell.name, auto_score, manual_score, needs_manual_grade, extra_credit
    FROM grade JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
    JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
    JOIN student ON submitted_assignment.student_id = student.id
    JOIN base_cell ON grade.cell_id = base_cell.id ORDER BY 1, 2
"""


def scores(folder):
    """Every row of grades in the gradebook, as SQLite has it."""
    with sqlite3.connect(folder / "gradebook.db") as database:
        rows = database.execute(SCORES).fetchall()
    database.close()
    return rows


def made(folder):
    """Every file that grading has made, by name."""
    found = (p for root in ("autograded", "results") for p in (folder / root).rglob("*"))
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in found if p.is_file()}
