"""Confine this process as a container does, or as an ordinary user, and become a command.

    python confinement.py docker|kubernetes|user|old-kernel COMMAND...

An emulation, for root: Docker leaves 14 capabilities and no namespaces, Kubernetes' "restricted"
an ordinary user with neither, an old kernel has no Landlock. What of Python and of this course lies
in folders that are closed to others is put where they can read it, as an image would have it; in a
mount namespace of its own, so nobody else sees that.
"""

import ctypes
import errno
import os
import stat
import sys
from pathlib import Path

import pyseccomp

HOME = Path(__file__).parents[2]
ORDINARY = 64999  # nobody's number, and not that of the wall
CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x20000, 0x1000, 0x4000, 1 << 18
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
# chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw,
# sys_chroot, mknod, audit_write, setfcap
DOCKERS = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}
NEW = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
REFUSED = (
    "bpf", "fsmount", "fsopen", "keyctl", "mount", "mount_setattr", "move_mount", "open_tree",
    "perf_event_open", "pivot_root", "setns", "umount2", "unshare", "userfaultfd",
)  # fmt: skip
LANDLOCK = ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")

libc = ctypes.CDLL(None, use_errno=True)


def checked(result):
    """Raise OSError for a call that failed."""
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def mount(source, target, kind, flags):
    """Mount; None for what a kind does not need."""
    arguments = (part and part.encode() for part in (source, target, kind))
    checked(libc.mount(*arguments, ctypes.c_ulong(flags), b"mode=755" if kind else None))


def closed_above(place):
    """The topmost folder above a place that others may not enter; None when there is none."""
    for folder in reversed(Path(place).parents):
        if not os.stat(folder).st_mode & stat.S_IXOTH:
            return folder
    return None


def open_up(places):
    """Let everybody reach these places, in a world where what lies beside them is gone."""
    checked(libc.unshare(CLONE_NEWNS))
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    held = {p: os.open(p, os.O_PATH) for p in places if closed_above(p)}
    for folder in {closed_above(place) for place in held}:
        mount("none", str(folder), "tmpfs", 0)
    for place, descriptor in held.items():
        os.makedirs(place, exist_ok=True)
        mount(f"/proc/self/fd/{descriptor}", place, None, MS_BIND | MS_REC)


def refuse(names, number, clones=False):
    """Have these system calls fail from now on."""
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    rules.set_attr(pyseccomp.Attr.CTL_NNP, 0)
    for name in names:
        if pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) >= 0:
            rules.add_rule(pyseccomp.ERRNO(number), name)
    for flag in NEW if clones else ():
        flags = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag)
        rules.add_rule(pyseccomp.ERRNO(number), "clone", flags)
    if clones:  # its flags lie in memory, where no filter looks
        rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    rules.load()


def keep(capabilities):
    """Give up all other capabilities, at the next program at the latest."""
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for number in set(range(last + 1)) - capabilities:
        checked(libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0))


def become(uid):
    """Turn into an ordinary user."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def confine(how):
    """Confine this process."""
    open_up(sorted({sys.base_prefix, sys.prefix, str(HOME)}))
    if how in ("docker", "kubernetes"):
        refuse(REFUSED, errno.EPERM, clones=True)
        keep(DOCKERS if how == "docker" else set())
    elif how == "old-kernel":
        refuse(LANDLOCK, errno.ENOSYS)
    if how in ("kubernetes", "user"):
        become(ORDINARY)
    if how == "kubernetes":
        checked(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


if __name__ == "__main__":
    confine(sys.argv[1])
    os.execvp(sys.argv[2], sys.argv[2:])
