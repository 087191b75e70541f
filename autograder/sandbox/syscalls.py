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
    # the session: bytes on sockets that are there
    "read", "readv", "pread64", "write", "writev", "recvfrom", "close", "close_range", "shutdown",
    # memory
    "brk", "madvise", "mmap", "mprotect", "mremap", "munmap",
    # files that may be read, as far as Landlock allows
    "access", "chdir", "dup", "dup2", "dup3", "faccessat", "faccessat2", "fchdir", "fstat",
    "fstatfs", "getcwd", "getdents", "getdents64", "lseek", "lstat", "newfstatat", "readlink",
    "readlinkat", "stat", "statfs", "statx",
    # waiting, clocks, chance
    "clock_getres", "clock_gettime", "clock_nanosleep", "epoll_create1", "epoll_ctl", "epoll_pwait",
    "epoll_wait", "getitimer", "getrandom", "gettimeofday", "nanosleep", "pipe", "pipe2", "poll",
    "ppoll", "pselect6", "select", "setitimer", "alarm", "time", "times",
    # what Python and the C library ask of themselves
    "arch_prctl", "exit", "exit_group", "futex", "get_robust_list", "getegid", "geteuid", "getgid",
    "getgroups", "getpgid", "getpgrp", "getpid", "getppid", "getpriority", "getresgid",
    "getresuid", "getrlimit", "getrusage", "getsid", "gettid", "getuid", "restart_syscall", "rseq",
    "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn", "sched_get_priority_max",
    "sched_get_priority_min", "sched_getaffinity", "sched_getparam", "sched_getscheduler",
    "sched_yield", "set_robust_list", "set_tid_address", "sigaltstack", "sysinfo", "umask", "uname",
)  # fmt: skip
# Opening for writing, making, emptying: before Landlock ABI 3, O_TRUNC wipes what can be read.
CHANGES = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC | os.O_APPEND | getattr(os, "O_TMPFILE", 0)
DESCRIPTOR_ONLY = (
    fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_SETFL, fcntl.F_DUPFD,
    fcntl.F_DUPFD_CLOEXEC,
)  # fmt: skip


@cache
def program() -> bytes:
    """The filter, BPF for `inside.lockdown.filter_syscalls`.

    Raises
    ------
    RuntimeError
        There is no libseccomp, or it cannot build it.
    """
    import pyseccomp  # it looks for libseccomp, which other systems than Linux do not have
    from pyseccomp import ALLOW, EQ, ERRNO, MASKED_EQ, Arg

    rules = pyseccomp.SyscallFilter(ERRNO(errno.EPERM))
    for name in ALLOWED:
        if pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) >= 0:  # some are of x86 alone
            rules.add_rule(ALLOW, name)
    for name, flags in (("open", 1), ("openat", 2)):
        if pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) >= 0:
            rules.add_rule(ALLOW, name, Arg(flags, MASKED_EQ, CHANGES & ~os.O_DIRECTORY, 0))
    rules.add_rule(ALLOW, "sendto", Arg(4, EQ, 0))  # to nobody but who is connected
    rules.add_rule(ALLOW, "prlimit64", Arg(0, EQ, 0), Arg(2, EQ, 0))  # ask, not set
    for command in DESCRIPTOR_ONLY:
        rules.add_rule(ALLOW, "fcntl", Arg(1, EQ, command))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
