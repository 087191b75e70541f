"""A hand-in, folder or zip file, becomes counted bytes in memory, or is refused."""

import contextlib
import hashlib
import itertools
import lzma
import os
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

MAX_TOTAL = 64 << 20
MAX_FILE = 20 << 20
MAX_ENTRIES = 2000
MAX_ZIP = 512 << 20  # a data set zipped along is ignored, so it may be there
MAX_NAME = 240
MAX_PART = 255  # bytes; no disk takes a longer one
OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
ENTRY_MARK = b"PK\x01\x02"
TOO_LARGE = f"is larger than {MAX_FILE >> 20} MiB"
IGNORED = {
    "__pycache__", ".ipynb_checkpoints", ".git", "__MACOSX", ".DS_Store", "Thumbs.db",
    "cifar-10-batches-py", "cifar-10-python.tar.gz",
}  # fmt: skip
TOPMOST = {"dasecv", "saved"}  # folders of an assignment, never a wrapping around one
PACKAGE = "daseCV"
BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError,
    ValueError, OSError,
)  # fmt: skip


class IntakeError(ValueError):
    """Nothing of a hand-in can be read; the text says why."""


class _RefusedError(ValueError):
    """One entry is left out; the text says why."""


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
        One message for each entry that was left out.
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
    path = Path(path)
    basket = _Basket()
    with _fault_of(path) as fd:
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            _gather_folder(fd, "", basket)
        else:
            with open(fd, "rb", closefd=False) as file:
                if os.fstat(fd).st_size > MAX_ZIP:
                    raise IntakeError(f"is larger than {MAX_ZIP >> 20} MiB")
                _gather_zip(file, basket)
    files = _unwrapped(basket.files)
    return Submission.from_files(path.name.removesuffix(".zip"), files, sorted(basket.refused))


def read_file(path: str | os.PathLike[str]) -> bytes:
    """Read one regular file of at most `MAX_FILE` bytes; raise `IntakeError`."""
    path = Path(path)
    with _fault_of(path) as fd, open(fd, "rb", closefd=False) as file:
        return _limited(file.read(MAX_FILE + 1))


@contextlib.contextmanager
def _fault_of(path: Path) -> Iterator[int]:
    """Open a file or folder; errors within the block name it."""
    try:
        path = path.absolute()  # "." has no name of its own
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            with _opened(path.name, folder) as fd:
                yield fd
        finally:
            os.close(folder)
    except (IntakeError, _RefusedError) as error:
        raise IntakeError(f"{path.name}: {error}") from error
    except OSError as error:
        raise IntakeError(f"{path.name} cannot be read: {error.strerror}") from error


def is_plain_name(name: str) -> bool:
    """Tell whether a name can be that of a folder everywhere: no separators, nothing invisible."""
    try:
        return "/" not in name and not name.startswith(".") and _parts(name) == [name]
    except _RefusedError:
        return False


class _Basket:
    """Takes files in while they keep to the rules."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.refused: list[str] = []
        self._taken: dict[str, bool] = {}  # by folded name; whether it is a file
        self._entries = 0
        self._bytes = 0

    def count_entry(self) -> None:
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            raise IntakeError(f"more than {MAX_ENTRIES} entries")

    def read(self, name: str, file: BinaryIO) -> None:
        """Read a file to its end or to the limit, whatever its size is said to be."""
        data = file.read(MAX_FILE + 1)
        self._bytes += len(data)
        if self._bytes > MAX_TOTAL:
            raise IntakeError(f"more than {MAX_TOTAL >> 20} MiB in all")
        _limited(data)
        self._claim(name)
        self.files[name] = data

    @contextlib.contextmanager
    def refusing(self, name: str) -> Iterator[None]:
        """Leave out and list the entry that the block cannot take."""
        try:
            yield
        except (_RefusedError, OSError) as error:
            reason = error if isinstance(error, _RefusedError) else "cannot be read"
            shown = "".join(c if c.isprintable() else "?" for c in name[:MAX_NAME])
            self.refused.append(f"{shown}: {reason}")

    def _claim(self, name: str) -> None:
        """Refuse what would be the same as another entry on some disk."""
        parts = name.split("/")
        paths = [_folded("/".join(parts[:n])) for n in range(1, len(parts) + 1)]
        if paths[-1] in self._taken or any(self._taken.get(path) for path in paths[:-1]):
            raise _RefusedError("has the name of another entry")
        self._taken.update({**dict.fromkeys(paths[:-1], False), paths[-1]: True})


# --- folders ---------------------------------------------------------------------------------


def _gather_folder(folder: int, prefix: str, basket: _Basket) -> None:
    """Walk a folder by descriptors, so that no name can be exchanged for a link meanwhile."""
    with os.scandir(folder) as entries:
        most = MAX_ENTRIES + len(IGNORED) + 1
        names = sorted((e.name for e in itertools.islice(entries, most)), key=str.swapcase)
    for name in names:
        if _is_ignored(name):
            continue
        basket.count_entry()
        with basket.refusing(prefix + name):
            _parts(prefix + name)
            with _opened(name, folder) as fd:
                if stat.S_ISDIR(os.fstat(fd).st_mode):
                    _gather_folder(fd, f"{prefix}{name}/", basket)
                else:
                    with open(fd, "rb", closefd=False) as file:
                        basket.read(prefix + name, file)


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
        raise _RefusedError("is a link")
    if stat.S_ISDIR(info.st_mode):
        return
    if not stat.S_ISREG(info.st_mode):
        raise _RefusedError("is not a regular file")
    if info.st_nlink > 1 and info.st_uid != os.fstat(folder).st_uid:
        raise _RefusedError("is a hard link to a file of somebody else")


# --- zip files -------------------------------------------------------------------------------


def _gather_zip(file: BinaryIO, basket: _Basket) -> None:
    if _count(ENTRY_MARK, file) > 10 * MAX_ENTRIES:  # before zipfile makes an object of each
        raise IntakeError(f"more than {MAX_ENTRIES} entries")
    try:
        archive = zipfile.ZipFile(file)
    except BROKEN as error:
        raise IntakeError("is not a zip file that can be read") from error
    entries = [e for e in archive.infolist() if not any(map(_is_ignored, _loose_parts(e)))]
    for entry in sorted(entries, key=lambda e: e.orig_filename.swapcase()):
        basket.count_entry()
        with basket.refusing(entry.orig_filename):
            _gather_entry(archive, entry, basket)


def _gather_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, basket: _Basket) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if stat.S_ISLNK(kind):
        raise _RefusedError("is a link")
    _parts(entry.orig_filename.removesuffix("/"))
    if entry.is_dir():
        return
    if kind not in (0, stat.S_IFREG):
        raise _RefusedError("is not a regular file")
    if entry.file_size > MAX_FILE:  # it says so itself; what lies is counted
        raise _RefusedError(TOO_LARGE)
    try:
        with archive.open(entry) as file:
            basket.read(entry.orig_filename, file)
    except (IntakeError, _RefusedError):
        raise
    except BROKEN as error:
        raise _RefusedError("cannot be read") from error


def _loose_parts(entry: zipfile.ZipInfo) -> list[str]:
    return entry.orig_filename.split("/")


def _count(mark: bytes, file: BinaryIO) -> int:
    found = sum(block.count(mark) for block in iter(lambda: file.read(1 << 20), b""))
    file.seek(0)
    return found


# --- names, sizes ----------------------------------------------------------------------------


def _is_ignored(name: str) -> bool:
    return name in IGNORED or name.startswith("._")


def _parts(name: str) -> list[str]:
    """Split a path; refuse what could lead elsewhere, or look like another."""
    parts = name.split("/")
    if len(name) > MAX_NAME:
        raise _RefusedError("has too long a name")
    if any(part in ("", ".", "..") for part in parts) or "\\" in name or ":" in name:
        raise _RefusedError("has a name that leads elsewhere")
    if not name.isprintable():
        raise _RefusedError("has a name with invisible characters")
    if any(len(part.encode()) > MAX_PART for part in parts):
        raise _RefusedError("has too long a name")
    return parts


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _limited(data: bytes) -> bytes:
    if len(data) > MAX_FILE:
        raise _RefusedError(TOO_LARGE)
    return data


def _unwrapped(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Take off folders that hold all the rest."""
    tops = {name.partition("/")[0] for name in files}
    wrapped = len(tops) == 1 and all("/" in name for name in files)
    if not wrapped or min(tops).casefold() in TOPMOST:
        return dict(files)
    return _unwrapped({name.partition("/")[2]: data for name, data in files.items()})


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
