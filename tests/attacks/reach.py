"""What a student's code reaches for: tried in a child, and observed from outside."""

import glob
import importlib
import inspect
import os
import shutil
import signal
import socket
import sysconfig
import tempfile
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyseccomp
import reach_kernel

from autograder import CHECKS, KIT
from autograder.sandbox import Died, Handle, SandboxError, StudentError

HERE = Path(__file__).parent
SECRET = "what nobody may see"
TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm", "/run")
NUMBERED = (
    "clone", "clone3", "futex", "get_robust_list", "kcmp", "pidfd_getfd", "ptrace",
    "rt_sigqueueinfo", "tgkill", "timer_create", *reach_kernel.DOORS,
)  # fmt: skip
NUMBERS = {name: pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) for name in NUMBERED}
# An attack that ends so is none: it was not tried.
BROKEN = ("ImportError", "NameError", "TypeError", "KeyError", "AttributeError", "SyntaxError")


@dataclass(frozen=True)
class Attack:
    """One function of a module that is handed in.

    Attributes
    ----------
    name : str
    module : str
        Its file here.
    against : str
        What it would do, its docstring.
    """

    name: str
    module: str
    against: str

    def __str__(self):
        return self.name


def attacks_of(module):
    """The attacks of a module: its functions of one argument, the targets."""
    functions = vars(importlib.import_module(module)).values()
    return tuple(
        Attack(f.__name__.replace("_", "-"), module, f.__doc__)
        for f in functions
        if inspect.isfunction(f) and list(inspect.signature(f).parameters) == ["t"]
    )


ATTACKS = tuple(
    attack
    for module in ("reach_files", "reach_processes", "reach_kernel")
    for attack in attacks_of(module)
)
BY_NAME = {attack.name: attack for attack in ATTACKS}


class Outside:
    """The targets of the attacks, all made for them, and what has become of them; a context."""

    def __enter__(self):
        self.stack = ExitStack()
        self.mark = f"dasecv-attack-{uuid.uuid4().hex}"
        self.folder = Path(tempfile.mkdtemp(prefix="dasecv-targets-"))
        self.stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.stack.callback(self._clear)
        self.secret = self.folder / "gradebook.db"
        self.servers = [
            self._server(socket.AF_INET, ("127.0.0.1", 0)),
            self._server(socket.AF_UNIX, str(self.folder / "socket")),
            self._server(socket.AF_UNIX, f"\0{self.mark}"),
        ]
        self.restore()
        for place in (self.folder, self.folder / "socket"):
            os.chmod(place, 0o777)  # so that only the wall is in the way
        return self

    def _server(self, family, address):
        server = self.stack.enter_context(socket.socket(family))
        server.bind(address)
        server.listen()
        server.setblocking(False)
        return server

    def _clear(self):
        for path in self.left():
            folder = os.path.isdir(path) and not os.path.islink(path)
            (os.rmdir if folder else os.unlink)(path)

    def __exit__(self, *exception):
        self.stack.close()

    @property
    def target(self):
        """What an attack is told."""
        return {
            "secret": str(self.secret),
            "folder": str(self.folder),
            "mark": self.mark,
            "host": os.getpid(),
            "port": self.servers[0].getsockname()[1],
            "unix": str(self.folder / "socket"),
            "abstract": f"\0{self.mark}",
            "checks": str(CHECKS / "test_layers.py"),
            "solution": str(KIT / "layers.py"),
            "packages": [
                sysconfig.get_path("purelib"), f"{sysconfig.get_path('stdlib')}/site-packages",
            ],
            "numbers": {name: number for name, number in NUMBERS.items() if number >= 0},
        }  # fmt: skip

    def restore(self):
        """Put all back as it was."""
        self._clear()
        self.secret.write_text(SECRET)
        os.chmod(self.secret, 0o666)
        self.before = self._look()

    def _look(self):
        about = self.secret.stat()
        return self.secret.read_text(), about.st_mode, about.st_uid, about.st_mtime_ns

    def left(self):
        """Files that bear the mark."""
        places = (str(self.folder), *TEMPORARY)
        return [path for place in places for path in glob.glob(f"{place}/{self.mark}*")]

    def changed(self):
        """What is not as it was."""
        found = [os.path.dirname(path) for path in self.left()]
        if not self.secret.exists() or self._look() != self.before:
            found.append("the secret file")
        for server in self.servers:
            try:
                server.accept()[0].close()
            except BlockingIOError:
                continue
            found.append("a connection arrived")
        return found


def attempt(zygote, attack, outside):
    """Try an attack in a child of its own; say what it got or changed, empty for nothing."""
    outside.restore()
    files = {f"daseCV/{attack.module}.py": (HERE / f"{attack.module}.py").read_bytes()}
    with zygote.open(files) as session:
        got = _got(session, attack, outside.target)
    changed = outside.changed()
    return "; ".join([*([f"got {got}"] if got else []), *changed])


def _got(session, attack, target):
    session.begin(cpu_seconds=5, wall_seconds=30)
    function = getattr(session.student, attack.module)
    try:
        got = getattr(function, attack.name.replace("-", "_"))(target)
        got = got.fetch() if isinstance(got, Handle) else got
        return repr(got)[:99] if got else ""
    except StudentError as error:
        if any(map(error.is_a, BROKEN)):
            raise AssertionError(f"{attack} was not tried: {error}") from error
        return ""
    except SandboxError as error:
        if isinstance(error, Died) and error.status == -signal.SIGSYS:
            return ""
        return repr(error)
