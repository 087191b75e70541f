"""A tier is taken when all of it stands and was tried to the end; older kernels have less of it."""

import shutil
import stat
import tempfile
from pathlib import Path

import psutil
import pytest
import reach
from test_reach import TIERS, Without, behind, outside  # noqa: F401, a fixture

from autograder.sandbox import (
    WORLDS,
    NoWallError,
    Session,
    Zygote,
    at_least,
    canary,
    launch,
    visible,
)
from autograder.sandbox.inside import lockdown

LANDLOCK = TIERS["landlock"]
needs_landlock = pytest.mark.skipif(bool(LANDLOCK.lacks()), reason=LANDLOCK.lacks())
pytestmark = needs_landlock

# What Landlock has to do with, and some that it has not.
REHEARSED = (
    "connect", "connect-to-a-name", "exchange-a-file", "fork", "list-folders", "make-a-file",
    "make-an-unnamed-file", "make-other-entries", "open-devices", "read-a-file",
    "read-own-process", "read-the-environment", "signal-the-grader", "wipe-by-path",
    "wipe-while-opening", "write-a-file",
)  # fmt: skip


@pytest.fixture
def kernel_of(monkeypatch, tmp_path):
    """Have zygotes see an older Landlock: all that they do with it is to go by its number."""

    def rehearse(abi):
        inside = shutil.copytree(launch.ENTRY.parent, tmp_path / "inside", dirs_exist_ok=True)
        code = (inside / "lockdown.py").read_text()
        asked = "return syscall(CREATE_RULESET, 0, 0, RULESET_VERSION)"
        assert asked in code
        (inside / "lockdown.py").write_text(code.replace(asked, f"return {abi}"))
        monkeypatch.setattr(launch, "ENTRY", inside / "zygote.py")

    return rehearse


@pytest.mark.parametrize("abi", range(1, 7))
def test_an_older_landlock_will_do(kernel_of, outside, abi):  # noqa: F811
    if abi > lockdown.landlock_abi():
        pytest.skip(f"Landlock is of ABI {lockdown.landlock_abi()} here")
    kernel_of(abi)
    with behind(LANDLOCK) as zygote:
        assert zygote.wall.landlock == abi
        through = [n for n in REHEARSED if reach.attempt(zygote, reach.BY_NAME[n], outside)]
    assert through == []


@pytest.fixture
def readable_secret(monkeypatch, outside):  # noqa: F811
    """As if the secret were a file of Python's own, which a child must be able to read."""
    paths = visible.readable
    monkeypatch.setattr(visible, "readable", lambda names: [*paths(names), str(outside.secret)])


@pytest.mark.usefixtures("readable_secret")
@pytest.mark.parametrize(("tier", "wiped"), [(LANDLOCK, False), (Without("seccomp"), True)])
def test_before_abi_3_seccomp_keeps_a_file_from_being_wiped(kernel_of, outside, tier, wiped):  # noqa: F811
    """To read is to be able to open, and opening can wipe."""
    kernel_of(1)
    with behind(tier) as zygote:
        assert reach.attempt(zygote, reach.BY_NAME["read-a-file"], outside)
        got = reach.attempt(zygote, reach.BY_NAME["wipe-while-opening"], outside)
    assert got == ("the secret file" if wiped else "")


# --- trying ------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [OSError("no room"), canary.ZygoteError("it has ended")])
def test_a_wall_that_was_not_tried_to_the_end_is_none(monkeypatch, fault):
    def interrupted(*_):
        raise fault

    monkeypatch.setattr(canary, "successes", interrupted)
    before = set(psutil.Process().children(recursive=True))
    zygote = Zygote(among=(LANDLOCK,))
    for _ in range(2):  # the second time, too
        with pytest.raises(NoWallError, match=str(fault)):
            zygote.open({})
    assert set(psutil.Process().children(recursive=True)) == before


def test_an_interrupt_while_it_is_tried_leaves_nothing_running(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(canary, "successes", interrupted)
    zygote = Zygote(among=(LANDLOCK,))
    with pytest.raises(KeyboardInterrupt):
        zygote.start()
    monkeypatch.undo()
    zygote.start()
    assert zygote.wall.canary
    zygote.close()


def test_nobody_else_can_put_a_link_in_place_of_the_canarys_file(monkeypatch, tmp_path):
    """It is written to again and again, by root perhaps."""
    modes = []
    begin = Session.begin

    def look(self, **given):
        modes.extend(p.stat().st_mode for p in tmp_path.glob("dasecv-canary-*"))
        return begin(self, **given)

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(Session, "begin", look)
    with behind(TIERS["namespaces"] if not TIERS["namespaces"].lacks() else LANDLOCK):
        assert modes
    assert not any(mode & stat.S_IRWXO for mode in modes)


def test_a_wall_behind_which_nobody_can_live_is_none(monkeypatch):
    monkeypatch.setattr(visible, "readable", lambda names: [])
    with pytest.raises(NoWallError, match="cannot read Python or NumPy"):
        Zygote(among=(LANDLOCK,)).start()


def test_bubblewrap_is_found_though_the_path_does_not_name_its_folder(monkeypatch):
    lacks = TIERS["namespaces"].lacks()
    monkeypatch.setenv("PATH", "/no/such/folder")
    assert TIERS["namespaces"].lacks() == lacks


def test_a_link_that_leads_nowhere_in_a_childs_world_is_no_fault(monkeypatch):
    """Debian's Python has one, into /etc."""
    paths = visible.readable
    monkeypatch.setattr(visible, "readable", lambda names: [*paths(names), "/no/such/file"])
    with behind(LANDLOCK) as zygote:
        assert zygote.wall.tier == "landlock"


def test_all_worlds_of_a_grading_stand_behind_the_same_wall():
    with Zygote(among=at_least()) as zygote:
        other = zygote.of("torch")
        assert [tier.name for tier in other.among] == [zygote.wall.tier]


def test_a_package_brings_no_folder_that_others_share():
    """`py.py` is pytest's; beside it, in `__pycache__`, lies what belongs to anybody."""
    names = {place.name for place in visible.packages("pytest")}
    assert {"pytest", "py.py"} <= names
    assert "__pycache__" not in names


# --- what a child is ---------------------------------------------------------------------------


def answers(tier, code):
    with behind(tier) as zygote, zygote.open({"daseCV/layers.py": code.encode()}) as session:
        return session.student.fetch(session.student.layers.f())


def test_no_core_of_a_child_goes_to_anybody():
    """A pattern that pipes cores to a program heeds no RLIMIT_CORE."""
    code = "import ctypes\ndef f(): return ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)"
    assert answers(Without("seccomp"), code) == 0


@pytest.mark.parametrize("tier", at_least(), ids=lambda tier: tier.name)
def test_when_memory_runs_out_it_is_a_child_that_goes(tier):
    """A submission is judged in several children, and their limits add up."""
    with behind(tier) as zygote, zygote.open({}) as session:
        assert Path(f"/proc/{session.pid}/oom_score_adj").read_text() == "1000\n"


def test_a_child_is_told_no_paths_of_the_grader():
    assert answers(LANDLOCK, "import sys\ndef f(): return sys.argv + sys.orig_argv") == [""]


@pytest.mark.parametrize("tier", at_least(), ids=lambda tier: tier.name)
def test_a_child_can_import_what_it_has_not_listed(tier):
    code = "import colorsys, mmap, numpy.polynomial\ndef f(): return colorsys.ONE_THIRD"
    assert answers(tier, code) == 1 / 3


TRAINING = """
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

def f():
    improved = []
    for make in (lambda p: optim.SGD(p, 0.1, momentum=0.9), lambda p: optim.Adam(p, 0.01)):
        torch.manual_seed(0)
        net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(144, 5))
        data = TensorDataset(torch.randn(16, 3, 8, 8), torch.randint(0, 5, (16,)))
        optimizer, losses = make(net.parameters()), []
        for _ in range(6):
            for x, y in DataLoader(data, batch_size=8, shuffle=True):
                losses.append(nn.functional.cross_entropy(net(x), y))
                optimizer.zero_grad()
                losses[-1].backward()
                optimizer.step()
        improved.append(bool(losses[-1] < losses[0]))
    return improved
"""


@pytest.mark.skipif(not WORLDS["torch"].here, reason="torch is not installed")
@pytest.mark.parametrize("tier", at_least(), ids=lambda tier: tier.name)
def test_pytorch_trains_behind_each_tier(tier):
    with (
        behind(tier, "torch") as zygote,
        zygote.open({"daseCV/layers.py": TRAINING.encode()}) as session,
    ):
        session.begin()
        assert session.student.fetch(session.student.layers.f()) == [True, True]
