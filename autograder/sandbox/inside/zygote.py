"""The zygote: imports NumPy once, then forks a child for every session; run as a script."""

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import resource
import signal
import socket
import sys
import traceback

# What students' files and the child import; imported here, it costs a child nothing.
PRELOADED = (
    "abc", "builtins", "collections.abc", "copy", "dataclasses", "datetime", "enum", "functools",
    "glob", "io", "itertools", "math", "operator", "pathlib", "pickle", "random", "re", "string",
    "tempfile", "time", "traceback", "types", "typing", "unicodedata", "warnings", "zipfile",
    "numpy", "numpy.fft", "numpy.lib.format", "numpy.lib.stride_tricks", "numpy.linalg",
    "numpy.ma", "numpy.random",
)  # fmt: skip


def main():
    """Prepare, say so, and obey the host until it hangs up."""
    control = socket.socket(fileno=int(sys.argv[1]))
    try:
        told = json.loads(sys.argv[2])
        child, walls = prepare(**told)
    except BaseException:
        control.sendall(json.dumps({"error": traceback.format_exc()[-2000:]}).encode())
        return
    control.sendall(json.dumps({"landlock": walls.abi}).encode())
    pids = set()
    try:
        obey(control, child, walls, pids)
    finally:
        for pid in pids:
            end(pid)
        with contextlib.suppress(OSError):
            os.rmdir(os.getcwd())  # the host does it too, unless it was killed


def prepare(folders, preloaded, barred, walls):
    """Import all that a child needs, then forget the folders of other people's packages.

    Parameters
    ----------
    folders : list of str
        Where NumPy and the library of this world are.
    preloaded, barred : list of str
        Modules of that library to import, and those that nobody shall import.
    walls : dict
        Arguments of `lockdown.Walls`.

    Returns
    -------
    child : module
        The child's code.
    walls : lockdown.Walls
    """
    path = list(sys.path)
    sys.path += folders
    for name in (*PRELOADED, *preloaded):
        importlib.import_module(name)
    sys.path[:] = path
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)  # threads do not survive a fork
    folder = os.path.dirname(os.path.abspath(__file__))
    spec = importlib.util.spec_from_file_location(
        "_inside", os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    sys.modules["_inside"] = importlib.util.module_from_spec(spec)
    child = importlib.import_module("_inside.child")
    lockdown = importlib.import_module("_inside.lockdown")
    for name in barred:
        child.world.bar(name)
    sys.argv[:] = [""]  # it told the paths of this machine, and a student's module may read it
    sys.orig_argv[:] = []
    gc.collect()
    gc.freeze()  # a collection in a child would otherwise copy every page it touches
    return child, lockdown.Walls(**{**walls, "program": bytes.fromhex(walls["program"])})


def obey(control, child, walls, pids):
    """Carry out one command after the other: fork a child, end one."""
    while True:
        # A command is far smaller than a socket's buffer, and the next comes after the answer.
        message, sockets, _, _ = socket.recv_fds(control, 4096, 1)
        if not message:
            return
        command = json.loads(message)
        if command["op"] == "fork":
            connection = socket.socket(fileno=sockets[0])
            pid = fork(control, connection, child, walls, command)
            connection.close()
            pids.add(pid)
            answer = {"pid": pid}
        else:
            pids.remove(command["pid"])
            answer = end(command["pid"])
        control.sendall(json.dumps(answer).encode())


def fork(control, connection, child, walls, limits):
    """Fork a child that serves `connection`; return its process id.

    The child says on the connection that it is ready, or why it is not: none serves unconfined.
    """
    parent = os.getpid()
    pid = walls.fork()
    if pid:
        return pid
    try:
        control.close()
        try:
            confine(limits)
            walls.enter(parent)
            close_all_but(connection.fileno())
        except BaseException:
            connection.sendall(json.dumps({"error": traceback.format_exc()[-2000:]}).encode())
            os._exit(1)
        connection.sendall(b"{}")
        child.main(connection, limits["max_body"])
    finally:
        os._exit(1)  # never the zygote's own clean-up


def confine(limits):
    """Turn away from the terminal and set the limits."""
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits["open_files"],) * 2)
    cpu = int(limits["cpu_seconds"])
    resource.setrlimit(resource.RLIMIT_CPU, (cpu + 1, cpu + 5))
    memory = limits["address_space"] + limits["memory_bytes"]
    with contextlib.suppress(ValueError, OSError):  # macOS knows the limit and refuses it
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def close_all_but(descriptor):
    """Close what the zygote had open, beside the standard three and one more."""
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, 1 << 16)


def end(pid):
    """Kill what is left of a child and its group, reap it, and tell how it ended.

    A process that has already begun to exit keeps the status it exits with. Until it is reaped its
    number belongs to nobody else, so nothing but the child can be hit.
    """
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "status": os.waitstatus_to_exitcode(status),
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "max_rss_bytes": usage.ru_maxrss * unit,
    }


if __name__ == "__main__":
    main()
