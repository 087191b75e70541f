"""What a child gives up for good before it meets a student's code; Linux only.

Everything here is a system call by way of ctypes, because a child has no library for it. A call
that fails raises, and the child ends without having served anybody.
"""

import ctypes
import os
import signal
import struct
import sys

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
PR_CAP_AMBIENT = 47
SECCOMP_MODE_FILTER, PR_CAP_AMBIENT_CLEAR_ALL = 2, 4
CLONE_NEWIPC, CLONE_NEWPID = 0x08000000, 0x20000000
CAPABILITY_VERSION_3 = 0x20080522

# Landlock: the same numbers on every architecture.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
RULESET_VERSION, PATH_BENEATH = 1, 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}  # from an ABI on, so many kinds of access are known
ALL_TCP, ALL_SCOPES = 0b11, 0b11  # from ABI 4, from ABI 6

libc = ctypes.CDLL(None, use_errno=True)


def checked(result):
    """Return the result of a system call that worked; raise OSError for one that did not."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def syscall(number, *arguments):
    """Make a system call."""
    return checked(libc.syscall(ctypes.c_long(number), *map(as_long, arguments)))


def as_long(argument):
    """Return an argument in the width that a system call takes."""
    return argument if isinstance(argument, (bytes, ctypes.Array)) else ctypes.c_long(argument)


def prctl(option, argument=0):
    """Change what the kernel keeps of this process."""
    checked(libc.prctl(option, ctypes.c_ulong(argument), 0, 0, 0))


# --- Landlock --------------------------------------------------------------------------------


def landlock_abi():
    """Return the version of Landlock here, 0 where there is none."""
    try:
        return syscall(CREATE_RULESET, 0, 0, RULESET_VERSION)
    except OSError:
        return 0


def ruleset(abi, readable, listable):
    """Make a ruleset that allows reading some places, and nothing else; return its descriptor.

    Parameters
    ----------
    abi : int
        What `landlock_abi` returned.
    readable : list of str
        Files, and folders with all that is in them.
    listable : list of str
        Folders whose names may be read, all the way down.
    """
    known = max(bits for since, bits in FILE_RIGHTS.items() if since <= abi)
    fields = [(1 << known) - 1]
    if abi >= 4:
        fields.append(ALL_TCP)
    if abi >= 6:
        fields.append(ALL_SCOPES)
    handled = struct.pack(f"{len(fields)}Q", *fields)
    rules = syscall(CREATE_RULESET, handled, len(handled), 0)
    for path in readable:
        allow(rules, path, READ_FILE | READ_DIR if os.path.isdir(path) else READ_FILE)
    for path in listable:
        allow(rules, path, READ_DIR)
    return rules


def allow(rules, path, rights):
    """Allow something beneath a path, if it is there: Debian's Python has links into /etc."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        syscall(ADD_RULE, rules, PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)


# --- who and what a child is -----------------------------------------------------------------


def become(uid):
    """Turn into another user, of no group but its own."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def drop_capabilities():
    """Give up whatever power is left over the namespaces."""
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    checked(libc.capset(header, bytes(24)))


def die_with(parent):
    """Have this process killed when its parent ends; `parent` is its pid, None where unseen."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def filter_syscalls(program):
    """Put a seccomp filter in place, for good.

    Parameters
    ----------
    program : bytes
        BPF, 8 bytes an instruction.
    """
    instructions = ctypes.create_string_buffer(program)
    fprog = struct.pack("HP", len(program) // 8, ctypes.addressof(instructions))
    checked(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, fprog, 0, 0))


class Walls:
    """What the tier asks for, made ready in the zygote and entered by each child.

    Parameters
    ----------
    namespaces : bool
        Whether each child gets namespaces of its own.
    uid : int or None
        Whom a child turns into.
    readable, listable : list of str or None
        For `ruleset`; None for no Landlock.
    program : bytes
        For `filter_syscalls`; empty for no seccomp.
    """

    def __init__(self, namespaces, uid, readable, listable, program):
        self.namespaces, self.uid, self.program = namespaces, uid, program
        self.abi = landlock_abi() if readable is not None else 0
        self.home = os.pidfd_open(os.getpid()) if namespaces else None
        self.rules = None
        if readable is not None:
            if not self.abi:
                raise OSError("this kernel has no Landlock")
            self.rules = ruleset(self.abi, readable, listable)

    def fork(self):
        """Fork, the child into a process namespace of its own where the tier has them."""
        if self.home is None:
            return os.fork()
        checked(libc.unshare(CLONE_NEWPID))
        try:
            pid = os.fork()
        except BaseException:
            checked(libc.setns(self.home, CLONE_NEWPID))
            raise
        if pid:
            checked(libc.setns(self.home, CLONE_NEWPID))
        return pid

    def enter(self, parent):
        """Give everything up; called in the child, which nothing can bring back out."""
        if self.namespaces:
            checked(libc.unshare(CLONE_NEWIPC))
        if self.uid is not None:
            become(self.uid)
        if self.rules is None and not self.program:
            if sys.platform == "linux":
                die_with(parent)
            return
        drop_capabilities()
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        prctl(PR_SET_DUMPABLE, 0)  # a core that is piped to a program heeds no RLIMIT_CORE
        die_with(None if self.namespaces else parent)  # a change of user would undo it
        if self.rules is not None:
            syscall(RESTRICT_SELF, self.rules, 0)
        if self.program:
            filter_syscalls(self.program)
