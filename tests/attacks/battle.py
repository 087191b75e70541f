"""One class of attackers and honest students in a course of its own, graded by one command."""

import contextlib
import ctypes
import hashlib
import json
import os
import socket
import time

import nbgrader_run
import psutil
from attackers import ASSIGNMENT, NOTEBOOK, POINTS
from attackers_code import CODE
from attackers_folders import FOLDERS

from autograder import HOME, course, graded, notebooks, solution

ATTACKS = {**CODE, **FOLDERS}
HONEST = ("ada", "zoe")  # the first and the last to be graded
SECRET = "SECRET-0b5f"
WRITTEN = "FullyConnectedNets.Q2"
ODD_NAMES = (
    b"<img src=x onerror=alert(1)>", b"half \xff\xfe", b"two\nlines", b"=1+1", b"esc\x1b[2J",
)  # fmt: skip
PATIENCE = """
from autograder import judge
judge.Judge._seconds = lambda self, exercise: 0.5  # a loop shall not cost the tests ten
judge.LOOPING_SECONDS = 0.1
"""
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER: orphans become children of this process


class Battle:
    """The course, what was printed, and what was there before and after."""

    def __init__(self, folder):
        self.folder = folder / "course"
        self.marker = folder / "left-behind"
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.setblocking(False)
        self.printed = ""
        course.Course.new(self.folder)
        _trim(self.folder / "source" / ASSIGNMENT)
        with (self.folder / "nbgrader_config.py").open("a") as config:
            config.write(PATIENCE)
        (self.folder / "secret.txt").write_text(SECRET)
        self.nbgrader("GenerateAssignmentApp", ASSIGNMENT)
        self.solved = solution.handed_out(ASSIGNMENT, self.folder, solved=True)[NOTEBOOK]
        self.released = (self.folder / "release" / ASSIGNMENT / NOTEBOOK).read_bytes()

    def nbgrader(self, app, *words):
        """Run a command of nbgrader here; it has to succeed."""
        status, lines = nbgrader_run.run(self.folder, app, *words)
        self.printed += "\n".join([*lines, ""])
        assert status == 0, self.printed[-5000:]

    def visitors(self):
        """How many have connected so far."""
        count = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                self.server.accept()[0].close()
                count += 1
        return count

    def in_place(self, code):
        """Code with the places of this course."""
        places = {
            "COURSE": self.folder, "KIT": HOME, "PORT": self.server.getsockname()[1],
            "MARKER": self.marker,
        }  # fmt: skip
        for name, place in places.items():
            code = code.replace(name, str(place))
        return code

    def lay(self, student, attack):
        """Lay a hand-in as somebody does who unpacks what came, links and all."""
        folder = self.folder / "submitted" / student / ASSIGNMENT
        (folder / "daseCV").mkdir(parents=True)
        (folder / "daseCV" / "layers.py").write_text(self.in_place(attack.layers))
        text = (self.solved if attack.honest else self.released).decode()
        if attack.honest:
            text = text.replace(notebooks.ANSWER_STUB, "Because the gradient vanishes.")
        if attack.edit:
            notebook = json.loads(text)
            text = attack.edit(notebook) or json.dumps(notebook)
        (folder / NOTEBOOK).write_text(text)
        if attack.lay:
            attack.lay(folder, self.folder)
            for path in folder.rglob("*"):
                if path.is_file() and not path.is_symlink() and path.stat().st_size < 10_000:
                    path.write_bytes(path.read_bytes().replace(b"MARKER", bytes(self.marker)))

    def state(self, *roots):
        """All that lies in some folders: kind, links, bytes."""
        found = {}
        for root in roots:
            for path in sorted((self.folder / root).rglob("*")):
                kind = path.lstat().st_mode
                data = os.readlink(path) if path.is_symlink() else ""
                if path.is_file() and not path.is_symlink():
                    data = hashlib.sha256(path.read_bytes()).hexdigest()
                found[path] = kind, data
        return found

    def close(self):
        self.server.close()


def _trim(source):
    """Leave one notebook, with five exercises and a written question."""
    for path in source.glob("*.ipynb"):
        if path.name != NOTEBOOK:
            path.unlink()
    made = json.loads((source / NOTEBOOK).read_text(encoding="utf-8"))
    names = (*POINTS, "FullyConnectedNets.Q1.solution", WRITTEN)
    wanted = {graded.grade_id(name) for name in names}
    kept = []
    for cell in made["cells"]:
        part = graded.nbgrader_part(cell)
        title = cell["metadata"].get("dasecv", {}).get("pair") == "title"
        if title or part.get("grade_id") in wanted or "setup" in cell["metadata"].get("tags", ()):
            kept.append(cell)
        if part.get("grade_id") == "relu_forward":
            kept.append(json.loads(json.dumps(cell).replace("relu_forward", "conv_forward_naive")))
            kept[-1]["metadata"]["nbgrader"]["points"] = POINTS["conv_forward_naive"]
            kept[-1]["id"] = "conv-forward-check"
    made["cells"] = kept
    (source / NOTEBOOK).write_text(json.dumps(made), encoding="utf-8")


@contextlib.contextmanager
def orphans(wait=1.5):
    """Count the processes that the block leaves behind, wherever they went.

    It waits for what is written later: one does so after a second.
    """
    libc = ctypes.CDLL(None)
    libc.prctl(SUBREAPER, 1, 0, 0, 0)
    own = psutil.Process()
    before, left = set(own.children(recursive=True)), []
    try:
        yield left
        time.sleep(wait)
        for process in set(own.children(recursive=True)) - before:
            with contextlib.suppress(psutil.Error):
                if process.status() == psutil.STATUS_ZOMBIE:
                    os.waitpid(process.pid, os.WNOHANG)
                else:
                    left.append(process)
    finally:
        libc.prctl(SUBREAPER, 0, 0, 0, 0)
