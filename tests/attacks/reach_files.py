"""Attacks on the files of the machine, as a student's module; each returns what it got hold of."""

import ctypes
import importlib.util
import linecache
import os
import stat
import sys
import tempfile

libc = ctypes.CDLL(None, use_errno=True)


def contents(path, **options):
    with open(path, **options) as file:
        return file.read()


def allowed(tries):
    """The names of the tries that find something, and are not refused."""
    done = []
    for name, attempt in tries.items():
        try:
            attempt()
        except (OSError, IndexError):
            continue
        done.append(name)
    return done


# --- reading ---------------------------------------------------------------------------------


def read_a_file(t):
    """by its path"""
    return contents(t["secret"])


def read_from_a_folder(t):
    """by a descriptor of a folder above it"""
    root = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    return os.read(os.open(t["secret"].lstrip("/"), os.O_RDONLY, dir_fd=root), 99)


def read_through_proc(t):
    """by the root of another process"""
    return contents(f"/proc/{t['host']}/root{t['secret']}")


def read_by_reopening(t):
    """by a descriptor that is only a place, opened anew"""
    return contents(f"/proc/self/fd/{os.open(t['secret'], os.O_PATH)}")


def read_by_handle(t):
    """by a handle, which names a file without a path"""
    handle = ctypes.create_string_buffer((128).to_bytes(4, sys.byteorder) + bytes(132))
    mount = ctypes.c_int()
    path = t["secret"].encode()
    if libc.name_to_handle_at(-100, path, handle, ctypes.byref(mount), 0) < 0:
        raise OSError(ctypes.get_errno(), "name_to_handle_at")
    folder = os.open(t["folder"], os.O_RDONLY)
    fd = libc.open_by_handle_at(folder, handle, os.O_RDONLY)
    if fd < 0:
        raise OSError(ctypes.get_errno(), "open_by_handle_at")
    return os.read(fd, 99)


def read_hidden_checks(t):
    """as a debugger shows source"""
    return linecache.getlines(t["checks"])


def read_the_solution(t):
    """the kit's own package"""
    return "BEGIN SOLUTION" in contents(t["solution"], encoding="utf-8")


def import_the_solution(t):
    """the kit's own package, as a module"""
    spec = importlib.util.spec_from_file_location("kit", t["solution"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.affine_forward.__name__


def read_users(t):
    """who has an account"""
    return contents("/etc/passwd")


def read_the_environment(t):
    """of the grader: tokens"""
    return contents(f"/proc/{t['host']}/environ", mode="rb")


def read_memory(t):
    """of the grader, where expected values are"""
    return contents(f"/proc/{t['host']}/maps") and os.open(f"/proc/{t['host']}/mem", os.O_RDONLY)


def read_own_process(t):
    """what the kernel tells of this process: descriptors, memory, mounts"""
    names = ("status", "maps", "mountinfo", "fd/0", "environ")
    return allowed({name: lambda n=name: open(f"/proc/self/{n}") for name in names})


def read_the_kernel(t):
    """what it tells of the machine"""
    places = ("/sys/kernel", "/proc/meminfo", "/proc/sys/kernel/hostname", "/dev/fd", "/dev")
    return allowed({p: lambda p=p: os.close(os.open(p, os.O_RDONLY)) for p in places})


def list_folders(t):
    """of the machine"""
    return allowed({p: lambda p=p: os.listdir(p) for p in ("/", "/etc", "/usr/lib", t["folder"])})


def list_processes(t):
    """all that run here"""
    return os.listdir("/proc")


def list_installed(t):
    """names of the packages beside the grader"""
    return allowed({p: lambda p=p: os.listdir(p)[0] for p in t["packages"]})


def watch_a_file(t):
    """be told when the grader uses it"""
    fd = libc.inotify_init1(0)
    if fd < 0 or libc.inotify_add_watch(fd, t["secret"].encode(), 0xFFF) < 0:
        raise OSError(ctypes.get_errno(), "inotify")
    return fd


def use_attributes(t):
    """which some systems keep beside a file"""
    return os.listxattr(t["secret"]) == []


def open_devices(t):
    """the machine's hardware and terminals"""
    places = ("/dev/zero", "/dev/full", "/dev/kmsg", "/dev/mem", "/dev/ptmx", "/dev/tty")
    return allowed({p: lambda p=p: os.close(os.open(p, os.O_RDONLY)) for p in places})


def find_descriptors(t):
    """that the grader left open"""
    found = []
    for number in range(3, 4096):
        try:
            found.append(stat.S_IFMT(os.fstat(number).st_mode))
        except OSError:
            continue
    found.remove(stat.S_IFSOCK)  # the session's
    return found


def see_that_a_file_exists(t):
    """its size and its date, without reading it"""
    return os.stat(t["secret"]).st_size


# --- changing --------------------------------------------------------------------------------


def write_a_file(t):
    """over what is there"""
    with open(t["secret"], "r+") as file:
        file.write("x")


def append_to_a_file(t):
    """to what is there"""
    os.write(os.open(t["secret"], os.O_WRONLY | os.O_APPEND), b"x")


def wipe_while_opening(t):
    """a file opened for reading only"""
    os.close(os.open(t["secret"], os.O_RDONLY | os.O_TRUNC))


def wipe_by_path(t):
    """without opening it"""
    os.truncate(t["secret"], 0)


def make_a_file(t):
    """empty, as the limit of size allows"""
    os.close(os.open(os.path.join(t["folder"], t["mark"]), os.O_CREAT | os.O_WRONLY, 0o666))


def make_an_unnamed_file(t):
    """that no listing shows"""
    return os.open(t["folder"], os.O_TMPFILE | os.O_RDWR) > 0


def make_other_entries(t):
    """folders, pipes, links"""
    place = os.path.join(t["folder"], t["mark"])
    return allowed({
        "mkdir": lambda: os.mkdir(f"{place}-1"),
        "mkfifo": lambda: os.mkfifo(f"{place}-2"),
        "symlink": lambda: os.symlink("/", f"{place}-3"),
        "link": lambda: os.link(t["secret"], f"{place}-4"),
    })  # fmt: skip


def take_a_file_away(t):
    """and its name"""
    os.remove(t["secret"])


def exchange_a_file(t):
    """for one of another name"""
    os.rename(t["secret"], os.path.join(t["folder"], t["mark"]))


def change_what_a_file_says(t):
    """of itself: rights, dates, attributes"""
    return allowed({
        "chmod": lambda: os.chmod(t["secret"], 0o666),
        "utime": lambda: os.utime(t["secret"], (1, 1)),
        "chown": lambda: os.chown(t["secret"], os.getuid(), -1),
        "setxattr": lambda: os.setxattr(t["secret"], "user.x", b"x"),
    })  # fmt: skip


def leave_temporary_files(t):
    """where everybody may write"""
    places = ("/tmp", "/var/tmp", "/dev/shm", "/run", ".")
    return allowed({p: lambda p=p: tempfile.mkstemp(prefix=t["mark"], dir=p) for p in places})
