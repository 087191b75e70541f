"""Attacks on the processes of the machine, as a student's module; each returns what it got."""

import ctypes
import fcntl
import os
import resource
import signal
import stat
import time

libc = ctypes.CDLL(None, use_errno=True)
F_SETSIG = 10
PTRACE_SEIZE = 0x4206


def syscall(t, name, *arguments):
    number = t["numbers"][name]
    result = libc.syscall(ctypes.c_long(number), *map(ctypes.c_void_p, arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
    return result


def session():
    """The descriptor of the session's socket."""
    for number in range(3, 99):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                return number
        except OSError:
            continue
    raise OSError("no socket")


def zygote():
    """The process above; not to be seen from a namespace of one's own."""
    if not os.getppid():
        raise ProcessLookupError
    return os.getppid()


def ended(pid):
    return os.waitpid(pid, 0)[0] == pid


# --- starting --------------------------------------------------------------------------------


def fork(t):
    """a process"""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return ended(pid)


def clone_by_number(t):
    """a process, without the C library"""
    pid = syscall(t, "clone", signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    return ended(pid)


def clone_by_another_number(t):
    """a process, by the newer call"""
    arguments = (ctypes.c_uint64 * 11)(0, 0, 0, 0, signal.SIGCHLD)
    pid = syscall(t, "clone3", ctypes.addressof(arguments), 88)
    if pid == 0:
        os._exit(0)
    return ended(pid)


def spawn(t):
    """another program"""
    return ended(os.posix_spawn("/bin/true", ["true"], {}))


def run_a_program(t):
    """as scripts do"""
    import subprocess

    return subprocess.run(["/bin/echo", "x"], stdout=subprocess.PIPE).stdout


def run_a_shell(t):
    """with a line of commands"""
    return os.system("true") == 0


def run_a_pool(t):
    """of worker processes"""
    import multiprocessing

    worker = multiprocessing.get_context("fork").Process(target=int)
    worker.start()
    worker.join()
    return worker.exitcode == 0


def start_a_thread(t):
    """beside this one"""
    import threading

    thread = threading.Thread(target=int)
    thread.start()
    return thread.join() is None


def become_another_program(t):
    """which leaves a mark"""
    place = os.path.join(t["folder"], t["mark"])
    os.execv("/bin/mkdir", ["mkdir", place])


def run_from_memory(t):
    """a program that is no file"""
    with open("/bin/mkdir", "rb") as file:
        fd = os.memfd_create("x")
        resource.setrlimit(resource.RLIMIT_FSIZE, resource.getrlimit(resource.RLIMIT_FSIZE))
        os.write(fd, file.read())
    os.execve(fd, ["mkdir", os.path.join(t["folder"], t["mark"])], {})


def outlive_the_session(t):
    """as a process of another group"""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        time.sleep(1)
        os._exit(0)
    return pid


def outlive_the_zygote(t):
    """by not being killed with it"""
    return libc.prctl(1, 0, 0, 0, 0) == 0


# --- reaching others -------------------------------------------------------------------------


def signal_the_grader(t):
    """with nothing, to see whether one may"""
    return os.kill(t["host"], 0) is None


def signal_the_zygote(t):
    """with nothing, to see whether one may"""
    return os.kill(zygote(), 0) is None


def signal_everybody(t):
    """with nothing, to see whether one may"""
    return os.kill(-1, 0) is None


def signal_by_descriptor(t):
    """of a process"""
    return signal.pidfd_send_signal(os.pidfd_open(t["host"]), 0) is None


def signal_a_thread(t):
    """of the grader"""
    return syscall(t, "tgkill", t["host"], t["host"], 0) == 0


def queue_a_signal(t):
    """with a value"""
    info = (ctypes.c_int * 32)(0, 0, -1)
    return syscall(t, "rt_sigqueueinfo", t["host"], 0, ctypes.addressof(info)) == 0


def signal_by_the_socket(t):
    """whoever is said to own it, when something arrives"""
    fcntl.fcntl(session(), fcntl.F_SETOWN, t["host"])
    fcntl.fcntl(session(), F_SETSIG, 0)
    return True


def signal_by_a_timer(t):
    """which names whom to signal"""
    event, timer = (ctypes.c_int * 16)(0, 0, signal.SIGURG, 0), ctypes.c_int()
    return syscall(t, "timer_create", 1, ctypes.addressof(event), ctypes.addressof(timer)) == 0


def trace_the_zygote(t):
    """as a debugger does"""
    return syscall(t, "ptrace", PTRACE_SEIZE, zygote(), 0, 0) == 0


def read_the_graders_memory(t):
    """at an address that is not there"""
    return reach_memory(t, libc.process_vm_readv)


def write_the_graders_memory(t):
    """at an address that is not there"""
    return reach_memory(t, libc.process_vm_writev)


def reach_memory(t, call):
    word = ctypes.create_string_buffer(8)
    here = (ctypes.c_size_t * 2)(ctypes.addressof(word), 8)
    there = (ctypes.c_size_t * 2)(4096, 8)
    if call(t["host"], here, 1, there, 1, 0) >= 0 or ctypes.get_errno() != 14:
        raise OSError(ctypes.get_errno(), "out of reach")
    return True


def take_a_descriptor(t):
    """out of the grader"""
    return syscall(t, "pidfd_getfd", os.pidfd_open(t["host"]), 0, 0) > 0


def compare_with_the_grader(t):
    """descriptors and memory"""
    return syscall(t, "kcmp", os.getpid(), t["host"], 1, 0, 0) >= 0


def ask_for_a_pointer(t):
    """of the grader"""
    words = (ctypes.c_size_t * 2)()
    here = ctypes.addressof(words)
    return syscall(t, "get_robust_list", t["host"], here, here + 8) == 0


def time_the_grader(t):
    """by the clock of its CPU time"""
    return time.clock_gettime(~t["host"] << 3 | 2)


def see_the_grader(t):
    """whether it is there, and how it is scheduled"""
    seen = []
    for ask in (os.getpgid, os.getsid, os.sched_getscheduler, os.sched_getaffinity):
        try:
            seen.append(ask(t["host"]))
        except OSError:
            continue
    return seen


def slow_the_grader_down(t):
    """by its priority"""
    priority = os.getpriority(os.PRIO_PROCESS, t["host"])
    return os.setpriority(os.PRIO_PROCESS, t["host"], priority) is None


def move_the_grader(t):
    """to another processor"""
    os.sched_setaffinity(t["host"], os.sched_getaffinity(t["host"]))
    return True


def ask_for_the_graders_limits(t):
    """to change them later"""
    return resource.prlimit(t["host"], resource.RLIMIT_NOFILE)


# --- one's own limits ------------------------------------------------------------------------


def raise_a_limit(t):
    """from soft to hard"""
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
    return soft < hard


def take_the_processor(t):
    """all of them, and the first place"""
    os.sched_setaffinity(0, os.sched_getaffinity(0))
    return True


def hold_memory(t):
    """so that it cannot be paged out"""
    buffer = ctypes.create_string_buffer(4096)
    return libc.mlock(buffer, 4096) == 0


def open_all_descriptors(t):
    """there are"""
    kept = []
    while len(kept) < 1000:
        kept.append(os.open(os.path.dirname(os.__file__), os.O_PATH))
    return len(kept)
