"""Attackers whose code attacks while it is judged, and honest code that only looks like trouble."""

from attackers import Attack, fair, reach

CRASHED = {"affine_forward": "crashed"}
TIMED_OUT = {"affine_forward": "timed out"}
OUT_OF_MEMORY = {"affine_forward": "out of memory"}

CODE = {
    "a patched comparison": Attack("a", "make every comparison agree", """
always = lambda *a, **k: True
np.allclose = np.isclose = np.array_equal = np.testing.assert_allclose = always
np.abs = np.absolute = np.subtract = lambda *a, **k: np.zeros(3)
builtins.abs = builtins.max = lambda *a, **k: 0.0
"""),
    "b lying object": Attack("b", "return what is equal to everything", """
class Right(np.ndarray):
    __array_priority__ = 1e9
    __eq__ = lambda self, other: True
    __sub__ = __rsub__ = lambda self, other: np.zeros(self.shape)
    __array_ufunc__ = lambda self, *a, **k: np.zeros(self.shape)
    __array__ = lambda self, *a, **k: np.zeros(self.shape)

class Same:
    __eq__ = __lt__ = __le__ = lambda self, other: True
    shape = dtype = property(lambda self: Same())

def affine_forward(x, w, b):
    return np.zeros((len(x), w.shape[1])).view(Right), (x, w, b)

def affine_backward(dout, cache):
    return Same(), Same(), Same()

def relu_forward(x):
    return np.ma.masked_all(x.shape), x
"""),
    "c frames and garbage": Attack("c", "find the expected numbers in memory", """
import gc

def found(shape, mine):
    frame = sys._getframe()
    while frame:
        for thing in [*frame.f_locals.values(), *frame.f_globals.values()]:
            if isinstance(thing, np.ndarray) and thing.shape == shape and id(thing) not in mine:
                return thing
        frame = frame.f_back
    for thing in gc.get_objects():
        for part in gc.get_referents(thing):
            if isinstance(part, np.ndarray) and part.shape == shape and id(part) not in mine:
                return part
    return np.zeros(shape)

def affine_forward(x, w, b):
    return found((len(x), w.shape[1]), {id(x), id(w), id(b)}), (x, w, b)
"""),
    "d hidden checks": reach("d", "read the hidden checks", """
return b"def test_" in open("KIT/autograder/checks/test_layers.py", "rb").read()
"""),
    "d hidden checks by import": reach("d", "import the hidden checks", """
sys.path[:0] = ["KIT"]
import autograder.checks.test_layers
return True
""", reaches=False),
    "d gradebook": reach("d", "read the gradebook", """
return b"SQLite" in open("COURSE/gradebook.db", "rb").read()
"""),
    "d tells what it read": Attack("d", "tell a secret by an exception, a module, a type", """
def secret():
    for path in ("COURSE/secret.txt", "COURSE/source/assignment2/FullyConnectedNets.ipynb"):
        try:
            return open(path).read()[:400]
        except OSError:
            pass
    return "nothing"

def affine_forward(x, w, b):
    raise ImportError(secret(), name=secret()[:90])

def affine_backward(dout, cache):
    raise type(secret().replace(" ", ""), (ValueError,), {})(secret())

def relu_forward(x):
    return {secret(): x}, secret()
"""),
    "d environment": reach("d", "read tokens from the grader's environment", """
grader = open(f"/proc/{os.getppid()}/stat").read().rpartition(")")[2].split()[1]
return b"PATH=" in open(f"/proc/{grader}/environ", "rb").read()
"""),
    "e gradebook": reach("e", "overwrite the gradebook, past the limit of a file's size", """
import mmap
with open("COURSE/gradebook.db", "r+b") as file:
    mmap.mmap(file.fileno(), 0)[:100] = bytes(100)
return True
"""),
    "e empty gradebook": reach("e", "empty the gradebook", """
os.truncate("COURSE/gradebook.db", 0)
return True
"""),
    "e result": reach("e", "write the result that grading takes next time", """
os.makedirs("COURSE/results/e result", exist_ok=True)
open("COURSE/results/e result/assignment2.json", "w").write("{}")
return True
"""),
    "f1 exit at import": Attack(
        "f", "end the process with success, at import", "os._exit(0)", verdicts=CRASHED
    ),
    "f2 exit in a call": Attack(
        "f", "end the process with success, in a call", "def affine_forward(x, w, b): os._exit(0)",
        verdicts=CRASHED,
    ),
    "f3 SystemExit": Attack(
        "f", "end Python with success", "def affine_forward(x, w, b): sys.exit(0)",
        verdicts=CRASHED,
    ),
    "g1 atexit": Attack("g", "write when the process ends", """
import atexit, signal

def late(*_):
    os.truncate("COURSE/gradebook.db", 0)

atexit.register(late)
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, late)

class Late:
    __del__ = late

sys.late = Late()
"""),
    "g2 daemon": reach("g", "leave a process that writes after the grading", """
if os.fork() == 0:
    os.setsid()
    time.sleep(1)
    open("MARKER", "w").write("written later")
    os._exit(0)
return True
"""),
    "h1 traceback": Attack("h", "have failures shown as success", """
sys.excepthook = lambda *a: None
sys.modules["pytest"] = sys.modules["unittest"] = sys
import IPython
IPython.core = IPython
IPython.showtraceback = lambda *a, **k: None
"""),
    "h2 compile": Attack("h", "strip assertions wherever code is compiled", """
import ast
compile_ = builtins.compile
builtins.compile = builtins.exec = lambda source, *a, **k: compile_("pass", *a, **k)
ast.parse = ast.walk = lambda *a, **k: ast.Module([], [])
sys.settrace(lambda *a: None)
"""),
    "i1 loop": Attack(
        "i", "never come back", "def affine_forward(x, w, b):\n    while True: pass",
        verdicts=TIMED_OUT,
    ),
    "i2 loop that catches all": Attack("i", "never come back, whatever is raised", """
def affine_forward(x, w, b):
    while True:
        try:
            while True: pass
        except BaseException:
            pass
""", verdicts=TIMED_OUT),
    "i3 loop in C": Attack("i", "never come back from a loop that no signal ends", """
import itertools

def affine_forward(x, w, b):
    return sum(itertools.repeat(0))
""", verdicts=TIMED_OUT),
    "j memory": Attack("j", "take all memory", """
def affine_forward(x, w, b):
    kept = []
    while True:
        kept.append(np.empty(1 << 26))
""", verdicts=OUT_OF_MEMORY),
    "j memory at once": Attack(
        "j", "ask for 8 TB", "def affine_forward(x, w, b): return bytearray(1 << 43)",
        verdicts=OUT_OF_MEMORY,
    ),
    "k fifty sleepers": reach("k", "leave fifty processes", """
for _ in range(50):
    if os.fork() == 0:
        os.setsid()
        time.sleep(3)
        os._exit(0)
return True
"""),
    "k program": reach("k", "start a program", """
import subprocess
return subprocess.run([sys.executable, "-c", "pass"]).returncode == 0
"""),
    "l gigabyte": Attack("l", "print 1 GB without a new line", honest=True, code="""
import os, sys
for number in range(100):
    os.write(1 + number % 2, b"x" * 10_000_000)
for stream in (sys.stdout, sys.stderr):
    stream.write("x" * 10_000_000)
"""),
    "m network": reach("m", "send what it has to somebody", """
import socket
socket.create_connection(("127.0.0.1", PORT), timeout=2).sendall(b"hello")
return True
"""),
    "n another's work": reach("n", "run what somebody else handed in", """
exec(open("COURSE/submitted/ada/assignment2/daseCV/layers.py").read(), globals())
return True
"""),
    "o another's file": reach("o", "spoil what somebody else handed in", """
open("COURSE/submitted/zoe/assignment2/daseCV/layers.py", "w").write("spoiled")
return True
"""),
    "o another's folder": reach("o", "remove what somebody else handed in", """
import shutil
shutil.rmtree("COURSE/submitted/zoe")
return True
"""),
    "r solution by path": reach("r", "run the solved package", """
exec(open("KIT/daseCV/layers.py").read(), {})
return True
"""),
    "r solution by name": reach("r", "import what the grader has installed", """
import importlib
for name in ("autograder.solution", "nbgrader", "scipy", "click", "pytest", "nbformat"):
    try:
        importlib.import_module(name)
        return True
    except ImportError:
        pass
return False
""", reaches=False),
    "s changed argument": Attack("s", "make gradients right by zeroing what they come from", """
def affine_backward(dout, cache):
    dout[...] = 0
    for part in cache:
        part[...] = 0
    return tuple(np.zeros_like(part) for part in cache)
"""),
    "t hostile words": Attack("t", "write into the report, the terminal, the page", r"""
EVIL = "</pre><script>alert(1)</script>\x1b[2J\x1b]8;;http:x\x07\u202e{{7*7}}\ud800"

def affine_forward(x, w, b):
    raise ValueError(EVIL)

def affine_backward(dout, cache):
    raise type("</pre><script>\x1b[2J", (Exception,), {})(EVIL)

def relu_forward(x):
    raise ModuleNotFoundError(EVIL, name=EVIL)

def conv_forward_naive(x, w, b, p):
    return {EVIL: EVIL}, EVIL
"""),
    "t printed score": Attack("t", "print what nbgrader reads as a score", """
print("2.0")
sys.stdout.write("2.0")

def affine_forward(x, w, b):
    print(2.0)
    return 2.0
"""),
    "f4 exit in the last": fair(
        "nine of ten right, os._exit in the last", "relu_forward",
        code="def relu_forward(x): __import__('os')._exit(0)",
        verdicts={"relu_forward": "crashed"},
    ),
    "f5 SystemExit in the last": fair(
        "nine of ten right, sys.exit in the last", "relu_forward",
        code="def relu_forward(x): raise SystemExit(0)", verdicts={"relu_forward": "crashed"},
    ),
    "w warning": fair("right, with a warning and text on stderr", code="""
import warnings
warnings.warn("look")
_affine_forward = affine_forward

def affine_forward(x, w, b):
    import sys
    warnings.warn("look again")
    print("on stderr", file=sys.stderr)
    return _affine_forward(x, w, b)
"""),
    "x chdir": fair("right, with os.chdir, plots and a main program", code="""
import os
import matplotlib.pyplot as plt
os.chdir("/")
plt.plot([1, 2]); plt.show()
if __name__ == "__main__":
    raise SystemExit(affine_forward())
"""),
    "forbidden shortcut": fair(
        "the fast layer in the naive one: refused, and a person decides", "conv_forward_naive",
        code="""
def conv_forward_naive(x, w, b, conv_param):
    from daseCV import fast_layers
    return fast_layers.conv_forward_fast(x, w, b, conv_param)
""", verdicts={"conv_forward_naive": "refused"},
    ),
}  # fmt: skip
