"""The system calls that a child may make, as a seccomp filter built with libseccomp.

It is a list of what is allowed; all else fails with EPERM, as if the machine had nothing to offer.
Built on the trusted side, so that the child needs no library to put it in place.
"""

import errno
import fcntl
import os
import tempfile
from functools import cache

ALLOWED = (
    # the session: bytes on a socket that is there
    "read", "pread64", "write", "writev", "close", "dup", "dup2", "dup3",
    # memory
    "brk", "madvise", "mmap", "mprotect", "mremap", "munmap",
    # files that may be read, as far as Landlock allows
    "access", "chdir", "faccessat", "faccessat2", "fchdir", "fstat", "fstatfs", "getcwd",
    "getdents", "getdents64", "lseek", "lstat", "newfstatat", "stat", "statfs", "statx",
    # waiting, clocks, chance
    "clock_getres", "getrandom", "gettimeofday", "nanosleep", "poll", "ppoll", "pselect6",
    "select", "time", "times",
    # what Python and the C library ask of themselves
    "exit", "exit_group", "getegid", "geteuid", "getgid", "getgroups", "getpgrp", "getpid",
    "getppid", "getresgid", "getresuid", "getrlimit", "getrusage", "gettid", "getuid",
    "restart_syscall", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn",
    "sched_yield", "sigaltstack", "sysinfo", "umask", "uname",
)  # fmt: skip
# Opening for writing, making, emptying: before Landlock ABI 3, O_TRUNC wipes what can be read.
CHANGES = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC | os.O_APPEND | getattr(os, "O_TMPFILE", 0)
DESCRIPTOR_ONLY = (
    fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_SETFL, fcntl.F_DUPFD,
    fcntl.F_DUPFD_CLOEXEC,
)  # fmt: skip
# WAIT, WAKE, CMP_REQUEUE, WAKE_OP, WAIT_BITSET: what locks are made of, none that lend priority.
FUTEXES, FUTEX_COMMAND = (0, 1, 4, 5, 9), 0x7F
LAST_CLOCK = 11  # a larger number, or a negative one, is the clock of another process


@cache
def program() -> bytes:
    """The filter, BPF for `inside.lockdown.filter_syscalls`.

    Raises
    ------
    RuntimeError
        There is no libseccomp, or it cannot build it.
    """
    import pyseccomp  # it looks for libseccomp, which other systems than Linux do not have
    from pyseccomp import ALLOW, EQ, ERRNO, LE, MASKED_EQ, Arg

    rules = pyseccomp.SyscallFilter(ERRNO(errno.EPERM))
    for name in ALLOWED:
        if pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) >= 0:  # some are of x86 alone
            rules.add_rule(ALLOW, name)
    for name, flags in (("open", 1), ("openat", 2)):
        if pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) >= 0:
            rules.add_rule(ALLOW, name, Arg(flags, MASKED_EQ, CHANGES & ~os.O_DIRECTORY, 0))
    # To nobody but who is connected, from nobody else, and no byte out of band.
    rules.add_rule(ALLOW, "sendto", Arg(3, EQ, 0), Arg(4, EQ, 0))
    rules.add_rule(ALLOW, "recvfrom", Arg(3, EQ, 0), Arg(4, EQ, 0))
    rules.add_rule(ALLOW, "prlimit64", Arg(0, EQ, 0), Arg(2, EQ, 0))  # ask, not set
    rules.add_rule(ALLOW, "sched_getaffinity", Arg(0, EQ, 0))  # of oneself
    rules.add_rule(ALLOW, "close_range", Arg(2, EQ, 0))
    for name in ("clock_gettime", "clock_nanosleep"):
        rules.add_rule(ALLOW, name, Arg(0, LE, LAST_CLOCK))
    for command in FUTEXES:
        rules.add_rule(ALLOW, "futex", Arg(1, MASKED_EQ, FUTEX_COMMAND, command))
    for command in DESCRIPTOR_ONLY:
        rules.add_rule(ALLOW, "fcntl", Arg(1, EQ, command))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
