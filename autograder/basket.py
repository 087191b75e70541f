"""What of a hand-in is taken: names, sizes and numbers that are harmless everywhere."""

import contextlib
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO

MAX_TOTAL = 64 << 20
MAX_FILE = 20 << 20
MAX_ENTRIES = 2000
MAX_NAME = 240
MAX_PART = 255  # bytes; no disk takes a longer one
MAX_NAMES = 256 << 10  # bytes of all names: three times that goes into the header of a message
BLOCK = 1 << 20
IGNORED = {
    "__pycache__", ".ipynb_checkpoints", ".git", "__MACOSX", ".DS_Store", "Thumbs.db",
    "cifar-10-batches-py", "cifar-10-python.tar.gz",
}  # fmt: skip
TOO_MANY = f"more than {MAX_ENTRIES} entries / 超过 {MAX_ENTRIES} 个条目"
TOO_MUCH = f"more than {MAX_TOTAL >> 20} MiB in all / 总共超过 {MAX_TOTAL >> 20} MiB"
TOO_LARGE = f"is larger than {MAX_FILE >> 20} MiB / 超过 {MAX_FILE >> 20} MiB"
TOO_LONG = "has too long a name / 文件名过长"
ELSEWHERE = "has a name that leads elsewhere / 文件名指向别处"
INVISIBLE = "has a name with invisible characters / 文件名含有不可见字符"
TWIN = "has the name of another entry / 与另一条目重名"
UNREADABLE = "cannot be read / 无法读取"


class RefusedError(ValueError):
    """One entry is left out; the text says why, "English / 中文"."""


class HopelessError(ValueError):
    """Nothing of a hand-in is taken; the text says why, "English / 中文"."""


class Basket:
    """Takes files in while they keep to the rules; lists those that do not."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.refused: list[str] = []
        self._taken: dict[str, bool] = {}  # by folded name; whether it is a file
        self._entries = 0
        self._bytes = self._names = 0

    def count_entry(self) -> None:
        """Note that there is one entry more; raise `HopelessError` when it is one too many."""
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            raise HopelessError(TOO_MANY)

    def read(self, name: str, file: BinaryIO) -> None:
        """Read a file to its end or to the limit, whatever its size is said to be.

        What turns out to be damaged counts, too: a thousand such files take their time.
        """
        blocks, size = [], 0
        for block in iter(lambda: file.read(BLOCK), b""):
            blocks.append(block)
            size += len(block)
            self._bytes += len(block)
            if self._bytes > MAX_TOTAL:
                raise HopelessError(TOO_MUCH)
            expect_size(size)
        self.add(name, b"".join(blocks))

    def add(self, name: str, data: bytes) -> None:
        """Take a file; refuse what would be the same as another entry on some disk."""
        self._claim(name)
        self.files[name] = data

    @contextlib.contextmanager
    def refusing(self, name: str) -> Iterator[None]:
        """Leave out and list the entry that the block cannot take."""
        try:
            yield
        except (RefusedError, OSError) as error:
            reason = str(error) if isinstance(error, RefusedError) else UNREADABLE
            self.refused.append(said(name, reason))

    def _claim(self, name: str) -> None:
        names = name.split("/")
        paths = [_folded("/".join(names[:n])) for n in range(1, len(names) + 1)]
        if paths[-1] in self._taken or any(self._taken.get(path) for path in paths[:-1]):
            raise RefusedError(TWIN)
        self._names += len(name.encode())
        if self._names > MAX_NAMES:
            raise RefusedError(TOO_LONG)
        self._taken.update({**dict.fromkeys(paths[:-1], False), paths[-1]: True})


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def expect_size(size: int) -> None:
    """Refuse what is larger than one file may be."""
    if size > MAX_FILE:
        raise RefusedError(TOO_LARGE)


# --- names -----------------------------------------------------------------------------------


def is_ignored(name: str) -> bool:
    """Tell whether nobody hands in a file or folder of this name on purpose."""
    return name in IGNORED or name.startswith("._")


def parts(name: str) -> list[str]:
    """Split a path; refuse what could lead elsewhere, or look like another."""
    found = name.split("/")
    if len(name) > MAX_NAME:
        raise RefusedError(TOO_LONG)
    if any(part in ("", ".", "..") for part in found) or "\\" in name or ":" in name:
        raise RefusedError(ELSEWHERE)
    if not name.isprintable():
        raise RefusedError(INVISIBLE)
    if any(len(part.encode()) > MAX_PART for part in found):
        raise RefusedError(TOO_LONG)
    return found


def is_plain_name(name: str) -> bool:
    """Tell whether a name can be that of a folder everywhere: no separators, nothing invisible."""
    try:
        return "/" not in name and not name.startswith(".") and parts(name) == [name]
    except RefusedError:
        return False


def printable(text: str, kept: str = "") -> str:
    """Text without what is invisible, such as commands to a terminal, but for what is `kept`."""
    return "".join(c if c.isprintable() or c in kept else "?" for c in text)


def shown(name: str) -> str:
    """A name for a terminal, a page or a table: nothing invisible, and of bounded length."""
    return printable(name[:MAX_NAME]).replace(" / ", "/")  # which would part two languages


def said(name: str, reason: str) -> str:
    """What is to be said of an entry, "English / 中文", of a reason in both languages."""
    english, _, chinese = reason.partition(" / ")
    return f"{shown(name)}: {english} / {shown(name)}：{chinese}"
