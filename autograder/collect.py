"""The way into `submitted/`: hand-ins, as folders or zip files, laid out for nbgrader."""

import io
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder import intake, notebooks
from autograder.intake import IntakeError

NOT_THEIRS = {"timestamp.txt"}  # nbgrader would believe it


class CollectError(ValueError):
    """Nothing was collected; the text says why and what to do."""


@dataclass(frozen=True)
class Collected:
    """What became of one hand-in; without a `folder` it was refused, and `notes` say why."""

    student: str
    folder: Path | None
    notes: tuple[str, ...]


def hand_ins(paths: Iterable[Path], assignment: str) -> Iterator[tuple[str, Path]]:
    """Find (student, hand-in) in the named zip files and in folders of hand-ins, sorted."""
    for path in paths:
        if not path.exists():
            raise CollectError(f"{path}: there is no such file or folder")
        for entry in sorted(path.iterdir()) if path.is_dir() else [path]:
            if entry.name.startswith("."):
                continue
            if entry.is_dir() or entry.suffix == ".zip":
                yield _student(entry, assignment), entry


def _student(path: Path, assignment: str) -> str:
    name = path.name.removesuffix(".zip")
    return name.removeprefix(f"{assignment}-")


def collect(paths: Iterable[Path], assignment: str, course: Path) -> list[Collected]:
    """Lay hand-ins into `submitted/<student>/<assignment>/`; a bad one does not stop the rest.

    Every hand-in is kept as it came, in `originals/<student>/`. A missing or unreadable notebook
    is replaced by the released one.

    Parameters
    ----------
    paths : iterable of Path
        Zip files, one a student, or folders that hold one folder or zip file a student.
    course : Path
        The folder of the course.

    Raises
    ------
    CollectError
        A path does not exist, two hand-ins are of one student, or there is no release.
    """
    found = list(hand_ins(paths, assignment))
    released = {
        path.name: path.read_bytes() for path in (course / "release" / assignment).glob("*.ipynb")
    }
    if not released:
        raise CollectError(f"release/{assignment} holds no notebook; run `make release`")
    students = [student for student, _ in found]
    twice = sorted({student for student in students if students.count(student) > 1})
    if twice:
        raise CollectError(f"two hand-ins of {', '.join(twice)}; leave one of them out")
    return [_collect(student, path, assignment, course, released) for student, path in found]


def _collect(
    student: str, path: Path, assignment: str, course: Path, released: Mapping[str, bytes]
) -> Collected:
    if not intake.is_plain_name(student):
        return Collected(student, None, (f"{path.name}: not a name nbgrader can take",))
    try:
        submission = intake.read_submission(path)
    except IntakeError as error:
        return Collected(student, None, (str(error),))
    notes = list(submission.refused)
    files = {name: data for name, data in submission.files.items() if name not in NOT_THEIRS}
    _keep(submission, path, course / "originals" / student, assignment)
    for name, data in sorted(released.items()):
        reason = _unreadable(files.get(name), name)
        if reason:
            notes.append(f"{reason}; the released one takes its place")
            files[name] = data
    target = course / "submitted" / student / assignment
    _lay(files, target)
    return Collected(student, target, tuple(notes))


def _unreadable(data: bytes | None, name: str) -> str:
    if data is None:
        return f"{name} was not handed in"
    try:
        notebooks.read(data, name)
    except notebooks.NotebookError as error:
        return str(error)
    return ""


def _keep(submission: intake.Submission, path: Path, folder: Path, assignment: str) -> None:
    data = path.read_bytes() if path.is_file() else _zipped(submission.files)
    kept = folder / f"{assignment}-{submission.sha256[:12]}.zip"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(data)


def _zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()


def _lay(files: Mapping[str, bytes], target: Path) -> None:
    aside = target.with_name(f".{target.name}")
    shutil.rmtree(aside, ignore_errors=True)
    for name, data in files.items():
        path = aside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    shutil.rmtree(target, ignore_errors=True)
    aside.rename(target)
