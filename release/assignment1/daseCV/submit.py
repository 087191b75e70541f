"""Hand in: one zip file with your work in it, and a receipt; ``python -m daseCV.submit``.

Unfinished work is listed and handed in all the same. A file that nobody could read is refused.
"""

import argparse
import hashlib
import io
import itertools
import json
import os
import re
import sys
import warnings
import zipfile
from pathlib import Path

from daseCV.checks import process
from daseCV.selfcheck import LABELS, count_of, say

FOLDER = Path(__file__).resolve().parents[1]
MAX_BYTES = 20_000_000
MOST_OTHERS = 500  # Python files in other folders than daseCV/
PYTHONS = ("pyvenv.cfg", "conda-meta")  # lie in the folder of a Python of one's own


class SubmitError(ValueError):
    """Nothing was written; the text says why."""


def read_table(folder=FOLDER):
    """What the release says about the assignment: a dict with assignment, version and hand_in.

    Raises
    ------
    SubmitError
        If the folder is no release.
    """
    path = Path(folder) / "daseCV" / "assignment.json"
    if not path.is_file():
        raise SubmitError(
            f"{path} is missing: is this your assignment? / 缺少该文件：这是作业目录吗？"
        )
    return json.loads(path.read_text(encoding="utf-8"))


def gather(folder, hand_in, provided):
    """The files to hand in.

    Parameters
    ----------
    folder : Path
        Where the notebooks and ``daseCV/`` are.
    hand_in, provided : list of str
        Files that the assignment asks for, and those of the kit, which stay at home.

    Returns
    -------
    files : dict of str to bytes
        Those that are there, Python files that were added anywhere, and ``saved/*.npz``; sorted by
        name.
    missing : list of str
        Those that are not there.
    """
    named = [folder / name for name in hand_in]
    own = [*_modules(folder / "daseCV"), *folder.glob("[!.]*.py"), *folder.glob("saved/*.npz")]
    others = list(itertools.islice(_others(folder), MOST_OTHERS + 1))
    too_many = len(others) > MOST_OTHERS
    paths = {*named, *own, *([] if too_many else others)}
    files = {path.relative_to(folder).as_posix(): path for path in paths if path.is_file()}
    files = {name: path for name, path in files.items() if name not in provided}
    missing = [name for name in hand_in if name not in files]
    if too_many:
        missing.append(f"*/*.py (> {MOST_OTHERS}); only daseCV/ is packed / 只打包 daseCV/")
    return {name: files[name].read_bytes() for name in sorted(files)}, missing


def _modules(folder):
    """Python files in a folder, but not what an editor keeps, nor another Python."""
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not _is_foreign(Path(here, name))]
        yield from (Path(here, n) for n in names if n.endswith(".py") and n[0] != ".")


def _is_foreign(folder):
    if folder.name.startswith(".") or folder.name in ("__pycache__", "site-packages"):
        return True
    return any((folder / name).exists() for name in PYTHONS)


def _others(folder):
    """Python files in other folders than ``daseCV/``; a broken one is of no use to any."""
    for path in _modules(folder):
        if path.parent != folder and folder / "daseCV" not in path.parents and _is_sound(path):
            yield path


def _is_sound(path):
    try:
        return not _fault(path.name, path.read_bytes())
    except OSError:
        return False


def expect_readable(files):
    """Raise `SubmitError` for Python files with a syntax error, and notebooks that are none."""
    faults = [fault for name, data in files.items() if (fault := _fault(name, data))]
    if faults:
        raise SubmitError("\n".join(faults))


def _fault(name, data):
    try:
        if name.endswith(".py"):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # an odd backslash in a string is no error
                compile(data, name, "exec")
        elif name.endswith(".ipynb"):
            json.loads(data)["cells"]
    except SyntaxError as error:
        code = (error.text or "").strip()
        return f"{name}, line {error.lineno}: syntax error / 语法错误: {error.msg}\n    {code}"
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        advice = "save it again, or restore a checkpoint / 请重新保存，或恢复检查点"
        return f"{name} cannot be read / 无法读取: {error}\n    {advice}"
    return ""


def check_work(folder):
    """Run the visible checks and print what does not pass; return verdicts by exercise."""
    reports = []
    try:
        for report in process.run(folder=folder):
            reports.append(report)
            if report.verdict != "passed":
                what = next(one.what for one in report.checks if one.verdict == report.verdict)
                say(f"{LABELS[report.verdict]} {report.exercise}: {what}")
    except process.SelfCheckError as error:  # a hand-in before the deadline matters more
        say(str(error))
    say(count_of(reports))
    return {report.exercise: report.verdict for report in reports}


def make_receipt(table, student, files, verdicts):
    """The receipt as JSON text: what is handed in, of which assignment, by whom."""
    digests = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for name, data in files.items()
    }
    return json.dumps(
        {
            "assignment": table["assignment"],
            "version": table["version"],
            "student": student,
            "files": digests,
            "visible_checks": verdicts,
        },
        ensure_ascii=False,
        indent=1,
    )


def make_zip(files):
    """Bytes of a zip file with these files, the same for the same contents.

    Raises
    ------
    SubmitError
        If it is too large; the text names the largest files.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # on Windows, too
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED)
    if buffer.tell() > MAX_BYTES:
        largest = sorted(files, key=lambda name: -len(files[name]))[:3]
        sizes = "".join(f"\n    {name}: {len(files[name]) / 1e6:.1f} MB" for name in largest)
        limit = f"{buffer.tell() / 1e6:.1f} MB, {MAX_BYTES / 1e6:.0f} MB are allowed"
        raise SubmitError(f"too large / 文件过大: {limit}; the largest / 最大的文件:{sizes}")
    return buffer.getvalue()


def write(path, data):
    """Write a file, all of it or nothing.

    Raises
    ------
    SubmitError
        If it cannot be written there.
    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        unfinished.write_bytes(data)
        os.replace(unfinished, path)
    except OSError as error:
        raise SubmitError(f"{path} cannot be written / 无法写入: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def submit(student="", output=None, folder=FOLDER):
    """Check the work, write the zip file and print the receipt.

    Parameters
    ----------
    student : str
        Who hands in; part of the file's name.
    output : path, optional
        The zip file; by default ``<assignment>-<student>.zip`` in the current folder.
    folder : Path
        The assignment's folder.

    Raises
    ------
    SubmitError
        If nothing can be handed in.
    """
    table = read_table(folder)
    if not re.fullmatch(r"[\w@.-]*", student) or student.startswith("."):
        raise SubmitError(
            f"a student is a name of letters and digits / 学号只含字母和数字: {student}"
        )
    files, missing = gather(folder, table["hand_in"], table["provided"])
    expect_readable(files)
    verdicts = check_work(folder)
    receipt = make_receipt(table, student, files, verdicts)
    data = make_zip({**files, "receipt.json": receipt.encode()})
    name = "-".join(part for part in (table["assignment"], student) if part)
    path = Path(output or f"{name}.zip")
    write(path, data)
    say("\n".join(["packed / 已打包:", *(f"    {name}" for name in files)]))
    for name in missing:
        say(f"missing / 缺少: {name}")
    say(f"{path} ({len(data)} bytes)\nsha256 {hashlib.sha256(data).hexdigest()}")
    if not student:
        say("It names nobody: add --student YOUR_ID / 文件名中没有学号，请加上 --student 学号")
    say("Keep this receipt, and upload the zip file. / 请保留此回执，并上传该 zip 文件。")


def main(arguments=None):
    """Run from a terminal; return 0, or 1 when nothing was written."""
    parser = argparse.ArgumentParser(prog="python -m daseCV.submit")
    parser.add_argument("--student", default="", metavar="ID", help="your student number")
    parser.add_argument("--output", metavar="FILE", help="the zip file to write")
    options = parser.parse_args(arguments)
    try:
        submit(options.student, options.output)
    except SubmitError as error:
        say(f"{error}\nnothing was written / 没有生成文件")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
