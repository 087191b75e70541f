"""What a child's world holds of this machine: Python, NumPy, the library of its world. No more."""

import importlib.metadata
import importlib.util
import os
import re
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path

INSIDE = Path(__file__).parent / "inside"
OTHER_PEOPLES = ("site-packages", "dist-packages")
SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")
EMPTY = "/empty"  # where a child is, in a world made by bubblewrap
DEVICES = ("/dev/null", "/dev/urandom")
# bwrap's own start is as root; a child only ever has what is left after `inside.lockdown`.
POWERS = ("CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_KILL")


@cache
def packages(name: str) -> tuple[Path, ...]:
    """Files and folders of what is imported by this name, and of all that it requires, sorted."""
    found, due = {}, [_distribution_of(name)]
    while due:
        try:
            dist = importlib.metadata.distribution(due.pop())
        except importlib.metadata.PackageNotFoundError:  # for another system, or an extra
            continue
        if dist.metadata["Name"] in found:
            continue
        tops = {file.parts[0] for file in dist.files or ()} - {"..", "__pycache__"}  # of all alike
        found[dist.metadata["Name"]] = {Path(dist.locate_file(top)).resolve() for top in tops}
        due += [re.split(r"[^\w.-]", asked, maxsplit=1)[0] for asked in _required(dist)]
    places = {place for places in found.values() for place in places}
    return tuple(sorted(place for place in places if place.exists()))


def _distribution_of(name: str) -> str:
    """What is installed to import this name: most often called the same, and that is soon told."""
    try:
        return importlib.metadata.distribution(name).metadata["Name"]
    except importlib.metadata.PackageNotFoundError:
        return importlib.metadata.packages_distributions().get(name, [name])[0]


def _required(dist: importlib.metadata.Distribution) -> list[str]:
    return [asked for asked in dist.requires or () if "extra ==" not in asked]


def stdlib() -> Path:
    """The folder of the standard library."""
    return Path(sysconfig.get_path("stdlib")).resolve()


def readable(names: tuple[str, ...]) -> list[str]:
    """What a child may read, for Landlock: the standard library, and packages by these names."""
    entries = [e for e in sorted(stdlib().iterdir()) if e.name not in OTHER_PEOPLES]
    platform = Path(sysconfig.get_path("platstdlib")).resolve()
    if platform != stdlib():
        entries += [e for e in sorted(platform.iterdir()) if e.name not in OTHER_PEOPLES]
    places = [*entries, *(place for name in names for place in packages(name))]
    return list(dict.fromkeys(map(str, places)))


def bwrap(program: str, names: tuple[str, ...], powers: bool) -> list[str]:
    """The beginning of a command that runs in a world of its own, made by bubblewrap.

    Parameters
    ----------
    program : str
        Path of `bwrap`.
    names : tuple of str
        The packages of this world.
    powers : bool
        Whether it can make namespaces of its own for each child.
    """
    command = [program, "--unshare-pid", "--unshare-net", "--unshare-ipc"]
    command += ["--unshare-uts", "--hostname", "child"]
    if os.geteuid():
        command += ["--unshare-user"]
    command += ["--cap-drop", "ALL"]
    for power in POWERS if powers else ():
        command += ["--cap-add", power]
    for place in DEVICES:
        command += ["--dev-bind", place, place]
    for place in _roots():
        if os.path.islink(place):
            command += ["--symlink", os.readlink(place), place]
        else:
            command += [*_parents(place), "--ro-bind", place, place]
    for place in _masked():
        command += ["--tmpfs", place]
    bound = dict.fromkeys(place for name in names for place in packages(name))
    for place in (*bound, INSIDE.resolve()):
        command += [*_parents(str(place)), "--ro-bind", str(place), str(place)]
    for place in _masked():
        command += ["--remount-ro", place]
    command += ["--perms", "0755", "--dir", EMPTY, "--remount-ro", "/"]
    return [*command, "--chdir", EMPTY, "--"]


def _roots() -> list[str]:
    python = Path(sys.executable).resolve()
    own = [str(Path(sys.base_prefix).resolve() / name) for name in ("lib", "lib64")]
    places = [*SYSTEM, *own, str(python)]
    return [place for place in dict.fromkeys(places) if os.path.lexists(place)]


def _masked() -> Iterator[str]:
    """Folders of other people's packages that lie in what is bound."""
    for root in _roots():
        if os.path.isdir(root) and not os.path.islink(root):
            for name in OTHER_PEOPLES:
                yield from (str(p) for p in sorted(Path(root).glob(f"python3*/{name}")))


def _parents(place: str) -> list[str]:
    """Make the folders above it as folders that everybody may enter; bwrap's own are not."""
    above = [str(parent) for parent in reversed(Path(place).parents)][1:]
    return [word for folder in above for word in ("--perms", "0755", "--dir", folder)]
