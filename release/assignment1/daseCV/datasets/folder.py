"""The folder of CIFAR-10 files: what is in it, and how a new one takes its place whole."""

import contextlib
import hashlib
import os
import shutil
from pathlib import Path

from daseCV.data_utils import TEST_FILE, TRAINING_FILES, load_pickle

META_FILE = "batches.meta"
FILES = (*TRAINING_FILES, TEST_FILE, META_FILE)

# MD5 of the official files (Krizhevsky, 2009), by name.
OFFICIAL = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
    "batches.meta": "5ff9c542aee3614f3951f8cda6e48888",
}


def kind_of(folder, checksums=OFFICIAL):
    """What a data folder holds.

    Parameters
    ----------
    folder : pathlib.Path
        ``cifar-10-batches-py``.
    checksums : dict of str to str
        MD5 of the official files by name.

    Returns
    -------
    kind : {'empty', 'official', 'stand-in', 'other'}
        'empty' also when there is no folder; 'other' is anything unknown, such as damaged files.
    """
    if not folder.exists() or not any(folder.iterdir()):
        return "empty"
    if all(md5_of(folder / name) == checksums[name] for name in FILES):
        return "official"
    return "stand-in" if _is_stand_in(folder / META_FILE) else "other"


def md5_of(path):
    """MD5 of a file in hexadecimal, None when there is no such file."""
    if not path.is_file():
        return None
    digest = hashlib.md5(usedforsecurity=False)
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


@contextlib.contextmanager
def replacing(folder):
    """Fill a new folder, which takes the place of ``folder`` if nothing goes wrong.

    The new folder lies beside the old one until it is complete. An old stand-in is deleted, since
    it can be made again; anything else is kept under another name, and a printed line says so.

    Parameters
    ----------
    folder : pathlib.Path
        ``cifar-10-batches-py``.

    Yields
    ------
    unfinished : pathlib.Path
        An empty folder to fill.
    """
    unfinished = folder.with_name(f"{folder.name}.{os.getpid()}.tmp")
    shutil.rmtree(unfinished, ignore_errors=True)  # of a process that was killed
    unfinished.mkdir(parents=True)
    try:
        yield unfinished
        _set_aside(folder)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _is_stand_in(path):
    """Whether a ``batches.meta`` is one of ours."""
    try:
        with open(path, "rb") as file:
            return "stand_in" in load_pickle(file)
    except Exception:  # a damaged pickle may raise anything, and is not ours
        return False


def _set_aside(folder):
    """Make way for a new folder."""
    if not folder.exists():
        return
    if kind_of(folder) in ("empty", "stand-in"):
        shutil.rmtree(folder)
        return
    kept, number = folder.with_name(f"{folder.name}.old"), 1
    while kept.exists():
        kept, number = Path(f"{folder}.old{number}"), number + 1
    folder.rename(kept)
    print(f"What was there is kept as / 原有文件已移至: {kept}")
