"""A hand-in, folder or zip file, becomes counted bytes in memory, or is refused."""

import contextlib
import hashlib
import io
import itertools
import os
import stat
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from autograder import basket
from autograder.basket import Basket, HopelessError, RefusedError

MAX_ZIP = 512 << 20  # a data set zipped along is ignored, so it may be there
MAX_READ = 16 << 20  # bytes of a zip file at once: its directory is read in one piece
OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
ENTRY_MARK = b"PK\x01\x02"
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of others, zipfile unpacks all at once
LINK = "is a link / 是链接"
HARD_LINK = "is a hard link to a file of somebody else / 是指向他人文件的硬链接"
NOT_REGULAR = "is not a regular file / 不是普通文件"
NOT_ZIP = "is not a zip file that can be read / 不是可以读取的 zip 文件"
BIG_ZIP = f"is larger than {MAX_ZIP >> 20} MiB / 超过 {MAX_ZIP >> 20} MiB"
LONG_ZIP = "has too long a directory / 目录过长"
PACKED_ELSE = "is packed in a way that is not read here / 压缩方式不受支持"
TOPMOST = {"dasecv", "saved"}  # folders of an assignment, never a wrapping around one
PACKAGE = "daseCV"
NO_PACKAGE = (
    "no Python file of daseCV/ was handed in; hand in that folder itself / "
    "没有提交 daseCV/ 中的任何 Python 文件；请连同该文件夹一起提交"
)
MANY_PACKAGES = (
    "several folders daseCV/ were handed in, and none is judged; hand in one / "
    "提交了多个 daseCV/ 文件夹，均未评判；请只提交一个"
)


class IntakeError(ValueError):
    """Nothing of a hand-in can be read; the text names it and says why, "English / 中文"."""


@dataclass(frozen=True)
class Submission:
    """What a student handed in.

    Attributes
    ----------
    name : str
        Of the folder or the zip file, without ending.
    files : mapping of str to bytes
        By path, with ``/``, in sorted order.
    refused : tuple of str
        One message for each entry that was left out, and for a package that is not found,
        "English / 中文".
    sha256 : str
        Hex digest of all paths and bytes.
    """

    name: str
    files: Mapping[str, bytes]
    refused: tuple[str, ...]
    sha256: str

    @classmethod
    def from_files(
        cls, name: str, files: Mapping[str, bytes], refused: Iterable[str] = ()
    ) -> "Submission":
        """Make a submission of files in memory."""
        ordered = dict(sorted(files.items()))
        return cls(name, ordered, tuple(refused), _digest(ordered))

    @property
    def modules(self) -> dict[str, bytes]:
        """Python files by path; the package is called ``daseCV`` whatever its folder's case."""
        return {_package_path(n): data for n, data in self.files.items() if n.endswith(".py")}

    @property
    def saved(self) -> dict[str, bytes]:
        """Trained models and found values: ``saved/<name>.npz``, by name."""
        found = {PurePosixPath(n): data for n, data in self.files.items()}
        return {
            path.name.removesuffix(".npz"): data
            for path, data in found.items()
            if str(path.parent) == "saved" and path.suffix == ".npz"
        }


def read_submission(path: str | os.PathLike[str]) -> Submission:
    """Read a hand-in into memory.

    Links, devices, dubious names and files that are too large are left out and listed. A hard link
    in a folder is refused only when it belongs to another user than the folder: then it shows a
    file that is not the student's, while backups and shared disks link a student's own.

    Parameters
    ----------
    path : path-like
        A folder or a zip file.

    Raises
    ------
    IntakeError
        It is neither, or more than `MAX_TOTAL` bytes or `MAX_ENTRIES` entries.
    """
    path = Path(path).absolute()  # "." has no name of its own
    taken = Basket()
    with _blaming(path.name), _there(path) as fd:
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            _gather_folder(fd, "", taken)
        else:
            if os.fstat(fd).st_size > MAX_ZIP:
                raise HopelessError(BIG_ZIP)
            with _Sparing(io.FileIO(fd, closefd=False)) as file:
                _gather_zip(file, taken)
    found = _unwrapped(taken.files)
    refused = sorted(taken.refused + found.refused) + _notes(found.files)
    return Submission.from_files(path.name.removesuffix(".zip"), found.files, refused)


def read_file(path: str | os.PathLike[str]) -> bytes:
    """Read one regular file of at most `MAX_FILE` bytes; raise `IntakeError`.

    Its folder was handed in, too, and may be no link either.
    """
    path = Path(path).absolute()
    with _blaming(path.name), _there(path.parent) as folder, _opened(path.name, folder) as fd:
        basket.expect_size(os.fstat(fd).st_size)
        with open(fd, "rb", closefd=False) as file:
            data = file.read(basket.MAX_FILE + 1)
        basket.expect_size(len(data))
        return data


def copy(path: str | os.PathLike[str], target: BinaryIO) -> str:
    """Copy a regular file, block by block; return the hex digest of its bytes."""
    path, digest = Path(path).absolute(), hashlib.sha256()
    with _blaming(path.name), _there(path) as fd, open(fd, "rb", closefd=False) as file:
        for block in iter(lambda: file.read(basket.BLOCK), b""):
            digest.update(block)
            target.write(block)
    return digest.hexdigest()


@contextlib.contextmanager
def _blaming(name: str) -> Iterator[None]:
    """Have errors within the block name a hand-in."""
    try:
        yield
    except (HopelessError, RefusedError) as error:
        raise IntakeError(basket.said(name, str(error))) from error
    except OSError as error:
        text = f"cannot be read, {error.strerror} / 无法读取，{error.strerror}"
        raise IntakeError(basket.said(name, text)) from error


@contextlib.contextmanager
def _there(path: Path) -> Iterator[int]:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        with _opened(path.name, folder) as fd:
            yield fd
    finally:
        os.close(folder)


# --- folders ---------------------------------------------------------------------------------


def _gather_folder(folder: int, prefix: str, taken: Basket) -> None:
    """Walk a folder by descriptors, so that no name can be exchanged for a link meanwhile."""
    with os.scandir(folder) as entries:
        wanted = (entry.name for entry in entries if not basket.is_ignored(entry.name))
        names = sorted(itertools.islice(wanted, basket.MAX_ENTRIES + 1), key=str.swapcase)
    for name in names:
        taken.count_entry()
        with taken.refusing(prefix + name):
            basket.parts(prefix + name)
            with _opened(name, folder) as fd:
                if stat.S_ISDIR(os.fstat(fd).st_mode):
                    _gather_folder(fd, f"{prefix}{name}/", taken)
                else:
                    basket.expect_size(os.fstat(fd).st_size)
                    with open(fd, "rb", closefd=False) as file:
                        taken.read(prefix + name, file)


@contextlib.contextmanager
def _opened(name: str, folder: int) -> Iterator[int]:
    """Open a regular file or a folder that lies in `folder`, and nothing else."""
    _expect_harmless(os.stat(name, dir_fd=folder, follow_symlinks=False), folder)
    fd = os.open(name, OPEN_FLAGS, dir_fd=folder)
    try:
        _expect_harmless(os.fstat(fd), folder)  # what was opened, not what was there before
        yield fd
    finally:
        os.close(fd)


def _expect_harmless(info: os.stat_result, folder: int) -> None:
    if stat.S_ISLNK(info.st_mode):
        raise RefusedError(LINK)
    if stat.S_ISDIR(info.st_mode):
        return
    if not stat.S_ISREG(info.st_mode):
        raise RefusedError(NOT_REGULAR)
    if info.st_nlink > 1 and info.st_uid != os.fstat(folder).st_uid:
        raise RefusedError(HARD_LINK)


# --- zip files -------------------------------------------------------------------------------


class _Sparing(io.BufferedReader):
    """A zip file that gives no more at once than its directory may be long."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MAX_READ:
            raise HopelessError(LONG_ZIP)
        return super().read(size)


def _gather_zip(file: BinaryIO, taken: Basket) -> None:
    if _count(ENTRY_MARK, file) > 10 * basket.MAX_ENTRIES:  # before zipfile makes an object of each
        raise HopelessError(basket.TOO_MANY)
    try:
        archive = zipfile.ZipFile(file)
    except HopelessError:
        raise
    except Exception as error:  # zipfile raises whatever the broken content leads to
        raise HopelessError(NOT_ZIP) from error
    entries = [e for e in archive.infolist() if not any(map(basket.is_ignored, _loose_parts(e)))]
    for entry in sorted(entries, key=lambda e: e.orig_filename.swapcase()):
        taken.count_entry()
        with taken.refusing(entry.orig_filename):
            _gather_entry(archive, entry, taken)


def _gather_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, taken: Basket) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if stat.S_ISLNK(kind):
        raise RefusedError(LINK)
    basket.parts(entry.orig_filename.removesuffix("/"))
    if entry.is_dir():
        return
    if kind not in (0, stat.S_IFREG):
        raise RefusedError(NOT_REGULAR)
    if entry.compress_type not in PACKED:
        raise RefusedError(PACKED_ELSE)
    basket.expect_size(entry.file_size)  # it says so itself; what lies is counted
    try:
        with archive.open(entry) as file:
            taken.read(entry.orig_filename, file)
    except (HopelessError, RefusedError):
        raise
    except Exception as error:  # as above; a password is asked for by a RuntimeError
        raise RefusedError(basket.UNREADABLE) from error


def _loose_parts(entry: zipfile.ZipInfo) -> list[str]:
    return entry.orig_filename.split("/")


def _count(mark: bytes, file: BinaryIO) -> int:
    found = sum(block.count(mark) for block in iter(lambda: file.read(1 << 20), b""))
    file.seek(0)
    return found


def _unwrapped(files: Mapping[str, bytes]) -> Basket:
    """Take off folders around the package, or around all there is; what lies beside them stays."""
    found, packages = Basket(), _around_packages(files)
    prefix = packages[0] if len(packages) == 1 else _around_all(files)
    for name in sorted(files, key=lambda name: not name.startswith(prefix)):
        with found.refusing(name):
            found.add(name.removeprefix(prefix), files[name])
    return found


def _around_packages(files: Iterable[str]) -> list[str]:
    """Where packages lie: "" at the top, "a/b/" in folders; what lies beside or in one is none."""
    found = set()
    for name in files:
        *folders, last = name.split("/")
        folded = [folder.casefold() for folder in folders]
        if PACKAGE.casefold() in folded and last.endswith(".py"):
            above = folders[: folded.index(PACKAGE.casefold())]
            found.add("".join(f"{folder}/" for folder in above))
    return [p for p in sorted(found) if not any(p != q and p.startswith(q) for q in found)]


def _around_all(files: Iterable[str]) -> str:
    """Folders that hold all the rest."""
    tops = {name.partition("/")[0] for name in files}
    wrapped = len(tops) == 1 and all("/" in name for name in files)
    if not wrapped or min(tops).casefold() in TOPMOST:
        return ""
    top = f"{min(tops)}/"
    return top + _around_all([name.removeprefix(top) for name in files])


def _notes(files: Iterable[str]) -> list[str]:
    """What is to be said of a package that is not where it is looked for."""
    packages = _around_packages(files)
    if not packages:
        return [NO_PACKAGE]
    return [] if packages == [""] else [MANY_PACKAGES]


def _package_path(name: str) -> str:
    top, slash, rest = name.partition("/")
    return f"{PACKAGE}/{rest}" if slash and top.casefold() == PACKAGE.casefold() else name


def _digest(files: Mapping[str, bytes]) -> str:
    """Hash paths and bytes, each with its length, so that no two sets of files look the same."""
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        for part in (name.encode("utf-8"), data):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()
