"""Attacks on the kernel and the network, as a student's module; each returns what it got."""

import array
import ctypes
import errno
import fcntl
import mmap
import os
import platform
import socket
import stat
import struct

libc = ctypes.CDLL(None, use_errno=True)
BUFFER = ctypes.create_string_buffer(4096)
HERE = ctypes.addressof(BUFFER)
FIONREAD, TIOCSTI = 0x541B, 0x5412


def session():
    """The session's socket; asking for its protocol would already be a system call too many."""
    for number in range(3, 99):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, os.dup(number))
        except OSError:
            continue
    raise KeyError("no socket")


# --- doors of the kernel ---------------------------------------------------------------------

# One harmless call of each; a filter answers EPERM whatever the arguments.
DOORS = {
    "io_uring_setup": (1, HERE),
    "userfaultfd": (1,),
    "bpf": (0, HERE, 0),
    "perf_event_open": (HERE, 0, -1, -1, 0),
    "keyctl": (0, -3, 0),
    "add_key": (HERE, HERE, 0, 0, 0),
    "personality": (0xFFFFFFFF,),
    "modify_ldt": (0, HERE, 16),
    "memfd_create": (HERE, 0),
    "prctl": (3, 0, 0, 0, 0),
    "seccomp": (2, 0, HERE),
    "landlock_create_ruleset": (0, 0, 1),
    "capset": (HERE, HERE),
    "setuid": (0,),
    "setgroups": (0, HERE),
    "unshare": (0,),
    "setns": (-1, 0),
    "mount": (HERE, HERE, HERE, 0, 0),
    "umount2": (HERE, 0),
    "fsopen": (HERE, 0),
    "open_tree": (-1, HERE, 0),
    "pivot_root": (HERE, HERE),
    "chroot": (HERE,),
    "swapoff": (HERE,),
    "delete_module": (HERE, 0),
    "syslog": (10, 0, 0),
    "sethostname": (HERE, -1),
    "settimeofday": (0, 0),
    "io_setup": (1, HERE + 8),
    "eventfd2": (0, 0),
    "signalfd4": (-1, HERE, 8, 0),
    "timerfd_create": (1, 0),
    "epoll_create1": (0,),
    "pipe2": (HERE, 0),
    "fanotify_init": (0, 0),
    "splice": (-1, 0, -1, 0, 0, 0),
    "sendfile": (-1, -1, 0, 0),
    "process_madvise": (-1, HERE, 0, 0, 0),
    "move_pages": (0, 0, 0, 0, 0, 0),
    "membarrier": (0, 0, 0),
    "pkey_alloc": (0, 0),
    "ioprio_set": (1, 0, 0x4000),
    "openat2": (-100, HERE, HERE, 24),
    "arch_prctl": (0x1021, HERE),
    "rseq": (HERE, 32, 1, 0),
    "set_robust_list": (HERE, 24),
    "clock_adjtime": (0, HERE),
    "shmget": (0x5EC0DE, 4096, 0),
    "msgget": (0x5EC0DE, 0),
    "semget": (0x5EC0DE, 1, 0),
    "mq_open": (HERE, 0, 0, 0),
}


def open_doors(t):
    """system calls that no exercise needs, by their numbers"""
    opened = []
    for name, arguments in DOORS.items():
        if name in t["numbers"]:
            ctypes.memset(HERE, 0, 4096)
            number = ctypes.c_long(t["numbers"][name])
            result = libc.syscall(number, *map(ctypes.c_void_p, arguments))
            if result >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
                opened.append(name)
    return opened


def futex_with_priorities(t):
    """the part of futexes that few need and many broke"""
    result = libc.syscall(ctypes.c_long(t["numbers"]["futex"]), ctypes.c_void_p(HERE), 8, 0, 0, 0)
    if result < 0:
        raise OSError(ctypes.get_errno(), "futex")
    return True


def run_code(*code):
    """Run bytes as machine code."""
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(bytes(code))
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_long)(address)()


def call_as_32_bit(t):
    """system calls by the numbers of another architecture: getpid by int 0x80"""
    if platform.machine() != "x86_64":
        raise OSError("another machine")
    code = (0x53, 0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0x5B, 0xC3)  # push rbx; mov eax,20; int; pop; ret
    if run_code(*code) != os.getpid():
        raise OSError("no such calls")
    return True


def call_as_x32(t):
    """system calls by the third set of numbers: fork"""
    result = libc.syscall(ctypes.c_long(0x40000000 | 39))
    if result != os.getpid():
        raise OSError(ctypes.get_errno(), "no such calls")
    return True


# --- the network, and whoever else listens ---------------------------------------------------


def connect(t):
    """by TCP"""
    with socket.create_connection(("127.0.0.1", t["port"]), timeout=1) as connection:
        return connection.send(b"x")


def send_a_datagram(t):
    """by UDP"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        return sender.sendto(b"x", ("127.0.0.1", t["port"]))


def ask_for_a_name(t):
    """of a host, which carries text out"""
    return socket.getaddrinfo("localhost", 80)


def listen(t):
    """for orders"""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def connect_to_a_file(t):
    """a server of this machine"""
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect(t["unix"]) is None


def connect_to_a_name(t):
    """a server of this machine that is no file"""
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect(t["abstract"]) is None


def pair_sockets(t):
    """to hide something in them"""
    return len(socket.socketpair())


def open_odd_sockets(t):
    """families that few need and many broke"""
    done = []
    for family, kind in ((16, 3), (38, 5), (40, 1), (17, 3), (2, 3)):
        try:
            socket.socket(family, kind).close()
        except OSError:
            continue
        done.append(family)
    return done


# --- the session's own socket ----------------------------------------------------------------


def pass_a_descriptor(t):
    """to the grader, which did not ask"""
    rights = array.array("i", [1])
    return session().sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])


def receive_a_descriptor(t):
    """from the grader"""
    own = session()
    own.setblocking(False)
    try:
        return own.recvmsg(1, 99) is None
    except BlockingIOError:
        return "nothing yet"


def send_out_of_band(t):
    """a byte beside the stream"""
    return session().send(b"x", socket.MSG_OOB)


def receive_out_of_band(t):
    """a byte beside the stream"""
    try:
        return session().recv(1, socket.MSG_OOB | socket.MSG_DONTWAIT)
    except OSError as error:
        if error.errno != 22:
            raise
        return "nothing there"


def ask_who_is_there(t):
    """at the other end"""
    return struct.unpack("3i", session().getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))


def widen_the_socket(t):
    """so that it holds memory of the kernel's"""
    session().setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    return True


def send_to_an_address(t):
    """from a socket that has another"""
    return session().sendto(b"x", t["abstract"])


def control_the_socket(t):
    """by ioctl"""
    with session() as own:
        return struct.unpack("i", fcntl.ioctl(own.fileno(), FIONREAD, bytes(4))) == (0,)


def type_for_the_terminal(t):
    """as if somebody had"""
    return fcntl.ioctl(0, TIOCSTI, b"x") == b"x"
