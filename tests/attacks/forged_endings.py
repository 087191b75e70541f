"""Hand-ins that want no answer: they end, last, take everything, or raise what hurts to read."""

from forgery import forward, layers

from autograder.results import Verdict

CRASHED, MEMORY, TIMED_OUT = Verdict.CRASHED, Verdict.OUT_OF_MEMORY, Verdict.TIMED_OUT

ENDINGS = (
    forward("end with 0", CRASHED, "os._exit(0)"),
    forward("exit with 0", CRASHED, "sys.exit(0)"),
    forward("exit while being imported", CRASHED, "return 0", "sys.exit(0)"),
    forward("be interrupted", CRASHED, "raise KeyboardInterrupt"),
    forward("end as a generator", CRASHED, "raise GeneratorExit"),
    forward("stop iterating", CRASHED, "raise StopIteration(0)"),
    forward("crash the interpreter", CRASHED, "import ctypes; ctypes.string_at(0)"),
    forward("abort", CRASHED, "os.abort()"),
    forward("hang up", CRASHED, "os.closerange(3, 99); time.sleep(99)"),
    forward("be skipped", CRASHED, "raise Skipped", "class Skipped(BaseException): pass"),
    forward("be a fault of the grader", CRASHED, "raise ZygoteError",
            "class ZygoteError(Exception): pass"),
    forward("wait at the end", CRASHED,
            "import atexit; atexit.register(time.sleep, 99); sys.exit(0)"),
    forward("run out of stack", CRASHED, "return affine_forward(x, w, b)"),
    forward(
        "run out of stack for good", CRASHED,
        "sys.setrecursionlimit(10**9); return sorted([0], key=deep)",
        "def deep(n): return sorted([n], key=deep)",
    ),
)  # fmt: skip
TAKING = (
    forward("take all memory", MEMORY, "return np.ones(10**11), ()"),
    forward("take all memory in pieces", MEMORY, "return [np.empty(10**7) for _ in range(10**6)]"),
    forward("repeat a text without end", MEMORY, "return 'x' * 10**12"),
    forward("reserve all addresses", CRASHED,
            "import mmap; return [mmap.mmap(-1, 1 << 30) for _ in range(99)]"),
    forward("open all files", CRASHED, "return [os.dup(0) for _ in range(10**5)]"),
)  # fmt: skip
LASTING = (
    forward("sleep", TIMED_OUT, "time.sleep(999)"),
    forward("count in C", TIMED_OUT, "return sum(iter(int, 1))"),
    forward(
        "catch everything and go on", TIMED_OUT,
        "while True:\n    try: 1 / 0\n    except BaseException: pass",
    ),
    forward("wait for what does not come", TIMED_OUT,
            "for n in range(3, 9):\n    try: os.read(n, 1)\n    except OSError: pass"),
)  # fmt: skip

RAISING = """
class Text(Exception):
    def __str__(self): {}
def affine_forward(x, w, b): raise Text
"""
NAMED = "def affine_forward(x, w, b): raise type({!r}, (Exception,), {{}})"
LOUD = "\x1b[2J\x1b]0;passed\x07\r\n[pass]"
HTML, FORMULA = "<script>alert(1)</script>", "=HYPERLINK(1)"
TEXTS = (
    layers("a text that raises", CRASHED, RAISING.format("raise self")),
    layers("a text that ends", CRASHED, RAISING.format("os._exit(0)")),
    layers("a text of 10 MB", CRASHED, RAISING.format("return 'x' * 10**7")),
    *(
        layers(f"{what} for the {whom}", CRASHED, form.format(text))
        for whom, text in (("terminal", LOUD), ("browser", HTML), ("spreadsheet", FORMULA))
        for what, form in (("a text", RAISING.replace("{}", "return {!r}")), ("a name", NAMED))
    ),
)
