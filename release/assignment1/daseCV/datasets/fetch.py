"""Fetching the official CIFAR-10: from the internet, or from a file an instructor handed out."""

import contextlib
import hashlib
import http.client
import tarfile
import urllib.error
import urllib.request
import zlib
from pathlib import Path
from urllib.parse import urlsplit

from daseCV.data_utils import DataError, data_folder
from daseCV.datasets.folder import FILES, OFFICIAL, kind_of, md5_of, replacing

# The official place, and the mirror that PaddlePaddle's own data set class uses (in Beijing).
SOURCES = (
    "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    "https://dataset.bj.bcebos.com/cifar/cifar-10-python.tar.gz",
)
ARCHIVE_MD5 = "c58f30108f718f92721af3b95e74349a"  # as published on the official page
TIMEOUT = 30  # seconds without a byte


def download(folder=None, *, sources=SOURCES, archive_md5=ARCHIVE_MD5, checksums=OFFICIAL):
    """Download the official files, check them, and put them in place.

    Sources are tried in their order; where one breaks off, the next one goes on. Nothing is left
    half-written: the old folder stays as it is until all new files have been checked.

    Parameters
    ----------
    folder : path, optional
        ``cifar-10-batches-py``, `daseCV.data_utils.data_folder` by default.
    sources : sequence of str
        Addresses of the archive.
    archive_md5 : str
        MD5 of the archive.
    checksums : dict of str to str
        MD5 of its files by name.

    Returns
    -------
    folder : pathlib.Path
        The folder.

    Raises
    ------
    DataError
        If no source has the right archive; the message says why not, and what to do offline.
    """
    folder = data_folder() if folder is None else Path(folder)
    if _already_there(folder, checksums):
        return folder
    with replacing(folder) as unfinished:
        archive = unfinished / "cifar-10-python.tar.gz"
        _fetch(archive, sources, archive_md5)
        _unpack(archive, unfinished, checksums)
        archive.unlink()
    return folder


def install(archive, folder=None, *, archive_md5=ARCHIVE_MD5, checksums=OFFICIAL):
    """Put the files of an archive that is at hand in place, with the same checks as a download.

    Parameters
    ----------
    archive : path
        ``cifar-10-python.tar.gz``.
    folder, archive_md5, checksums
        As in `download`.

    Returns
    -------
    folder : pathlib.Path
        The folder.

    Raises
    ------
    DataError
        If the archive is missing, damaged, or another one.
    """
    folder = data_folder() if folder is None else Path(folder)
    found = md5_of(Path(archive))
    if found is None:
        raise DataError(f"{archive}: no such file / 没有该文件")
    if found != archive_md5:
        raise DataError(
            f"{archive}: not the official archive, or damaged / 不是官方压缩包或已损坏 "
            f"(md5 {found}, expected / 应为 {archive_md5})"
        )
    if _already_there(folder, checksums):
        return folder
    with replacing(folder) as unfinished:
        _unpack(Path(archive), unfinished, checksums)
    return folder


def _already_there(folder, checksums):
    """Whether there is nothing to do, and then say so."""
    there = kind_of(folder, checksums) == "official"
    if there:
        print(f"The official data is there already / 官方数据已存在: {folder}")
    return there


def _fetch(archive, sources, archive_md5):
    """Download the archive from the first sources that lead to the right bytes."""
    failures = []
    for url in sources:
        try:
            if _try(url, archive, archive_md5):
                return
            reason = "wrong checksum / 校验和不符"
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
        failures.append(f"{urlsplit(url).netloc}: {reason}")
    raise DataError(
        f"Download failed / 下载失败 ({'; '.join(failures)}). Offline? / 没有网络？ "
        "python -m daseCV.datasets install FILE | python -m daseCV.datasets synthesize"
    )


def _try(url, archive, archive_md5):
    """Whether one source leads to the right bytes; wrong ones are deleted."""
    resumed = archive.exists()
    _download_rest(url, archive)
    if md5_of(archive) == archive_md5:
        return True
    archive.unlink()
    # After a resumption the fault may lie in the part that another source sent.
    return resumed and _try(url, archive, archive_md5)


def _download_rest(url, archive):
    """Add to a partial archive what is missing, or download it from the start."""
    start = archive.stat().st_size if archive.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={start}-"} if start else {})
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        if response.status != 206:  # the server sends all of it, whatever was asked
            start = 0
        length = response.headers.get("Content-Length")
        total = start + int(length) if length else None
        print(f"Downloading / 下载: {url}")
        with open(archive, "ab" if start else "wb") as file:
            _copy(response, file, start, total)


def _copy(response, file, done, total):
    """Copy with a progress line; a connection that closes early is an error."""
    shown = None
    while block := response.read(1 << 16):
        file.write(block)
        done += len(block)
        progress = f"{done >> 20} / {total >> 20} MB" if total else f"{done >> 20} MB"
        if progress != shown:
            print(f"\r{progress}", end="", flush=True)
            shown = progress
    print()
    if total is not None and done < total:
        raise OSError(f"connection closed after {done} of {total} bytes")


def _unpack(archive, folder, checksums):
    """Copy the expected regular files out of the archive, and check them; skip all else."""
    found = set()
    try:
        with tarfile.open(archive, "r:*") as tar:
            for member in tar:
                name = member.name.removeprefix("./").removeprefix("cifar-10-batches-py/")
                if name in FILES and member.isreg():
                    _copy_checked(tar.extractfile(member), folder / name, checksums[name])
                    found.add(name)
    except DataError:
        raise
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise DataError(f"{archive}: cannot be unpacked / 无法解压: {error}") from error
    if missing := sorted(set(FILES) - found):
        raise DataError(f"{archive}: lacks / 缺少 {', '.join(missing)}")


def _copy_checked(source, path, md5):
    """Write one file, and check it on the way."""
    digest = hashlib.md5(usedforsecurity=False)
    with contextlib.closing(source), open(path, "wb") as file:
        while block := source.read(1 << 20):
            digest.update(block)
            file.write(block)
    if digest.hexdigest() != md5:
        raise DataError(f"{path.name}: wrong checksum / 校验和不符")
