"""What a student's code reaches for, it does not get: on each tier, and on the bare one it does."""

import os
import subprocess
import sys
from pathlib import Path

import confinement
import psutil
import pytest
import reach
import reach_harm
from reach import ATTACKS, BY_NAME

from autograder.sandbox import Zygote, at_least

TIERS = {tier.name: tier for tier in at_least(trusted=True)}
BARE = TIERS["rlimits"]
# What a tier does not promise: Landlock lets everybody ask for the size and the date of a file.
SEEN = {"see-that-a-file-exists"}
# What the bare tier withstands too, and why: the control run would show nothing.
HELD = {
    "append-to-a-file": "RLIMIT_FSIZE",
    "call-as-x32": "most kernels are built without",
    "find-descriptors": "a child closes them itself",
    "open-all-descriptors": "RLIMIT_NOFILE",
    "run-from-memory": "RLIMIT_FSIZE",
    "send-to-an-address": "the kernel lets no connected socket",
    "type-for-the-terminal": "a child has none",
    "write-a-file": "RLIMIT_FSIZE",
}
# What the kernel lets root alone do, or who may trace; and what containers refuse.
PRIVILEGED = {
    "ask-for-a-pointer", "call-as-32-bit", "clone-by-another-number", "compare-with-the-grader",
    "open-odd-sockets", "read-by-handle", "read-memory", "read-the-environment",
    "read-the-graders-memory", "read-through-proc", "take-a-descriptor", "trace-the-zygote",
    "write-the-graders-memory",
}  # fmt: skip


@pytest.fixture(scope="module")
def outside():
    with reach.Outside() as made:
        yield made


def behind(tier, world="numpy"):
    """A zygote behind one tier; the test is skipped where this machine has no such thing."""
    if reason := missing(tier):
        pytest.skip(f"{tier.name} cannot stand here: {reason}")
    zygote = Zygote(world, among=(tier,))
    zygote.start()
    return zygote


def missing(tier):
    """What this machine does not have for a tier."""
    if tier.lacks():
        return tier.lacks()
    if tier.bwrap:
        command = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
        return subprocess.run(command, capture_output=True, text=True).stderr
    closed = tier.user is not None and confinement.closed_above(sys.base_prefix)
    return f"Python lies below {closed}, where no other user may enter" if closed else ""


def not_promised(zygote):
    return set() if TIERS[zygote.wall.tier].bwrap else SEEN


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_it_gets_nothing_and_changes_nothing(zygote, outside, attack):
    zygote.start()
    if attack.name in not_promised(zygote):
        pytest.skip(f"{zygote.wall.tier} does not promise it")
    assert not reach.attempt(zygote, attack, outside)


@pytest.mark.parametrize("tier", at_least(), ids=lambda tier: tier.name)
def test_no_tier_lets_anything_through_or_leaves_anything_behind(tier, outside):
    before = set(psutil.Process().children(recursive=True)), os.listdir("/proc/self/fd")
    with behind(tier) as zygote:
        through = {a.name for a in ATTACKS if reach.attempt(zygote, a, outside)}
        assert through == not_promised(zygote)
    assert (set(psutil.Process().children(recursive=True)), os.listdir("/proc/self/fd")) == before


def test_on_the_bare_tier_the_harmless_ones_work(outside):
    """Without that, the tests above would show nothing."""
    with Zygote(among=(BARE,)) as zygote:
        through = {a.name for a in ATTACKS if reach.attempt(zygote, a, outside)}
    expected = set(BY_NAME) - set(HELD)
    if os.geteuid() or "\nSeccomp:\t0" not in Path("/proc/self/status").read_text():
        expected, through = expected - PRIVILEGED, through - PRIVILEGED
    assert through == expected


@pytest.mark.parametrize("attack", reach.attacks_of("reach_harm"), ids=str)
def test_it_does_no_harm(zygote, outside, attack):
    """Left out on the bare tier, and tried only where its twin without effect got nothing."""
    twin = BY_NAME[reach_harm.TWINS[attack.name.replace("-", "_")]]
    if reach.attempt(zygote, twin, outside):
        pytest.fail(f"{twin} gets through, so this would do harm")
    assert not reach.attempt(zygote, attack, outside)


class Without:
    """The best tier that needs no namespaces, without one of its mechanisms."""

    bwrap = uid = namespaces = walls = False
    user = None

    def __init__(self, mechanism):
        self.name, self.mechanism = f"without {mechanism}", mechanism

    def lacks(self):
        return TIERS["landlock"].lacks()

    def command(self, world):
        return []

    def told(self, world, home):
        told = TIERS["landlock"].told(world, home)
        lost = {"seccomp": {"program": ""}, "Landlock": {"readable": None}}[self.mechanism]
        return {**told, **lost}


# What each mechanism alone holds back, by any user and kernel; the rest is held twice.
ALONE = {
    "seccomp": {
        "connect-to-a-file", "fork", "futex-with-priorities", "hold-memory",
        "open-doors", "pair-sockets", "raise-a-limit", "run-a-pool", "see-the-grader",
        "send-a-datagram", "send-out-of-band", "start-a-thread", "time-the-grader",
    },
    "Landlock": {
        "import-the-solution", "list-folders", "list-processes", "read-a-file",
        "read-by-reopening", "read-hidden-checks", "read-own-process", "read-the-solution",
        "read-users",
    },
}  # fmt: skip


@pytest.mark.parametrize("mechanism", ALONE)
def test_each_mechanism_holds_something_back(mechanism, outside):
    with behind(Without(mechanism)) as zygote:
        through = {a.name for a in ATTACKS if reach.attempt(zygote, a, outside)}
    assert ALONE[mechanism] <= through
    assert not through & ALONE["Landlock" if mechanism == "seccomp" else "seccomp"]
