"""What the canary tries, as a student's module: harmless copies of what an attacker would do."""

import ctypes
import os
import socket
import threading

import numpy


def read(path, folder, pid, port, size):
    """Read a file of the machine."""
    with open(path, "rb") as file:
        file.read()


def list_folder(path, folder, pid, port, size):
    """See what there is."""
    os.listdir(folder)


def write(path, folder, pid, port, size):
    """Leave something behind."""
    with open(os.path.join(folder, "left-behind"), "wb") as file:
        file.write(b"x")


def truncate(path, folder, pid, port, size):
    """Wipe a file that may only be read."""
    os.close(os.open(path, os.O_RDONLY | os.O_TRUNC))


def environ(path, folder, pid, port, size):
    """Read the environment of the grader, where tokens are."""
    with open(f"/proc/{pid}/environ", "rb") as file:
        file.read()


def signal(path, folder, pid, port, size):
    """Reach the grader with a signal."""
    os.kill(pid, 0)


def trace(path, folder, pid, port, size):
    """Read the memory of the grader."""
    libc = ctypes.CDLL(None, use_errno=True)
    word = (ctypes.c_char * 8)()
    local, remote = (ctypes.c_void_p * 2)(), (ctypes.c_void_p * 2)()
    local[:] = ctypes.addressof(word), 8
    remote[:] = size, 8  # any address: a grader that can be reached says EFAULT, not EPERM
    if libc.process_vm_readv(pid, local, 1, remote, 1, 0) < 0 and ctypes.get_errno() in (1, 3):
        raise PermissionError


def connect(path, folder, pid, port, size):
    """Send what was found to somebody."""
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        pass


def fork(path, folder, pid, port, size):
    """Start a process that outlives the grading."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def thread(path, folder, pid, port, size):
    """Start a thread."""
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


def fill_memory(path, folder, pid, port, size):
    """Take more memory than there may be."""
    bytearray(size)


def execute(path, folder, pid, port, size):
    """Become another program."""
    os.execv("/bin/true", ["true"])


ATTACKS = (
    read, list_folder, write, truncate, environ, signal, trace, connect, fork, thread, fill_memory,
    execute,
)  # fmt: skip


def succeeds(number, *target):
    """Tell whether an attack works here."""
    try:
        ATTACKS[number](*target)
    except BaseException:
        return False
    return True


def live():
    """Read what every import reads."""
    for module in (os, numpy):
        with open(module.__file__, "rb") as file:
            file.read()
