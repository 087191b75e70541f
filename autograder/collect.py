"""The way into `submitted/`: hand-ins, as folders or zip files, laid out for nbgrader."""

import contextlib
import hashlib
import io
import shlex
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder import basket, graded, intake, notebooks
from autograder.intake import IntakeError

NOT_THEIRS = {"timestamp.txt"}  # nbgrader would believe it
# In a student's name: nbgrader globs for it, and writes it into pages and tables.
UNFIT = set('*?[]{},<>"|')
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what begins so, a spreadsheet computes


class CollectError(ValueError):
    """Nothing was collected; the text says why and what to do."""


@dataclass(frozen=True)
class Collected:
    """What became of one hand-in; without a `folder` it was refused, and `notes` say why.

    They are for the instructor, in English; a student reads what `lost` returns.
    """

    student: str
    folder: Path | None
    notes: tuple[str, ...]


def hand_ins(paths: Iterable[Path], assignment: str) -> Iterator[tuple[str, Path]]:
    """Find (student, hand-in) in the named zip files and in folders of hand-ins, sorted.

    What is neither a folder nor a zip file is found, too: to be refused, not to be overlooked.
    """
    for path in paths:
        if not path.exists():
            raise CollectError(f"{path}: there is no such file or folder")
        entries = _within(path) if path.is_dir() else [path]
        if path.is_dir() and _is_one_hand_in(entries):
            raise CollectError(f"{path} is one hand-in; name a folder that holds such folders")
        for entry in entries:
            yield _student(entry, assignment), _alone_in(entry)


def _is_one_hand_in(entries: list[Path]) -> bool:
    """Tell the folder of a hand-in from one in which a student left a bare notebook."""
    alone = not any(entry.is_dir() or _is_zip(entry) for entry in entries)
    return any(
        entry.name.casefold() in intake.TOPMOST or (alone and entry.suffix == ".ipynb")
        for entry in entries
    )


def _alone_in(entry: Path) -> Path:
    """The one zip file in a student's folder, as learning platforms lay them, or the entry."""
    with contextlib.suppress(OSError):  # who may not look into it is told so by the intake
        inside = _within(entry) if entry.is_dir() and not entry.is_symlink() else []
        if len(inside) == 1 and _is_zip(inside[0]):
            return inside[0]
    return entry


def _within(folder: Path) -> list[Path]:
    return sorted(
        p for p in folder.iterdir() if not p.name.startswith(".") and not basket.is_ignored(p.name)
    )


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip" and path.is_file()


def _student(path: Path, assignment: str) -> str:
    name = path.stem if _is_zip(path) else path.name
    return name.removeprefix(f"{assignment}-")


def collect(paths: Iterable[Path], assignment: str, course: Path) -> list[Collected]:
    """Lay hand-ins into `submitted/<student>/<assignment>/`; a bad one does not stop the rest.

    Every hand-in that can be read is kept as it came, in `originals/<student>/`. A missing or
    unreadable notebook is replaced by the released one.

    Parameters
    ----------
    paths : iterable of Path
        Zip files, one a student, or folders that hold one folder or zip file a student, or a
        folder a student with one zip file in it.
    course : Path
        The folder of the course.

    Raises
    ------
    CollectError
        This is no folder of a course, a path does not exist or is itself the folder of a hand-in,
        there is no hand-in, two are of one student, or there is no release.
    """
    if not (course / "nbgrader_config.py").exists():
        raise CollectError(
            f"{course.resolve()} is no folder of a course: without the kit's nbgrader_config.py "
            "nbgrader would run students' code in a kernel; name another with --course"
        )
    paths = list(paths)
    found = list(hand_ins(paths, assignment))
    released = {
        path.name: path.read_bytes() for path in (course / "release" / assignment).glob("*.ipynb")
    }
    if not released:
        raise CollectError(f"release/{assignment} holds no notebook; run `make release`")
    if not found:
        raise CollectError(f"{', '.join(map(str, paths))}: there is no hand-in in it")
    students = [student for student, _ in found]
    twice = sorted({student for student in students if students.count(student) > 1})
    if twice:
        names = ", ".join(map(basket.shown, twice))
        raise CollectError(f"two hand-ins of {names}; leave one of them out")
    return [_collect(student, path, assignment, course, released) for student, path in found]


def _collect(
    student: str, path: Path, assignment: str, course: Path, released: Mapping[str, bytes]
) -> Collected:
    if student == assignment:
        note = f"{path.name}: names no student; call it {assignment}-<student>.zip"
        return Collected(student, None, (note,))
    if not is_fit(student):
        note = f"{basket.shown(path.name)}: not a name nbgrader can take; rename it"
        return Collected(basket.shown(student), None, (note,))
    try:
        return _laid_out(student, path, assignment, course, released)
    except IntakeError as error:
        return Collected(student, None, (str(error),))
    except OSError as error:
        return Collected(student, None, (f"{path.name} cannot be kept: {error}",))


def is_fit(student: str) -> bool:
    """Tell whether nbgrader, its pages and its tables can take a student's name as it is."""
    harmless = not set(student) & UNFIT and not student.startswith(FORMULA)
    return harmless and basket.is_plain_name(student)


def _laid_out(
    student: str, path: Path, assignment: str, course: Path, released: Mapping[str, bytes]
) -> Collected:
    submission = intake.read_submission(path)
    notes = list(submission.refused)
    files = {n: data for n, data in submission.files.items() if n.casefold() not in NOT_THEIRS}
    _keep(submission, path, course / "originals" / student, assignment)
    for name, data in sorted(released.items()):
        other = _under_another_name(name, files, released)
        if other:
            given = basket.shown(other)
            notes.append(
                f"{name} was not handed in; {given} is taken for it / "
                f"没有提交 {name}，以 {given} 代替"
            )
            files[name] = files.pop(other)
        reason = _unreadable(files.get(name), name)
        if reason:
            english, _, chinese = reason.partition(" / ")
            notes.append(
                f"{english}; the released one takes its place / "
                f"{chinese or english}；以发布的版本代替"
            )
            files[name] = data
    _tell(notes, course, student, assignment)
    notes = [note.partition(" / ")[0] for note in notes]
    target = course / "submitted" / student / assignment
    before = (course / "autograded" / student / assignment).exists()
    if before and not _holds(target, files):
        again = f"nbgrader autograde {assignment} --student={shlex.quote(student)} --force"
        notes.append(f"an earlier hand-in was graded; grade this one with `{again}`")
    _lay(files, target)
    return Collected(student, target, tuple(notes))


def _tell(notes: list[str], course: Path, student: str, assignment: str) -> None:
    """Keep for the report what was lost on the way; of an earlier hand-in nothing is left."""
    kept = course / "originals" / student / f"{assignment}.txt"
    kept.unlink(missing_ok=True)
    if notes:
        kept.write_text("".join(f"{note}\n" for note in notes), encoding="utf-8")


def lost(course: Path, student: str, assignment: str) -> tuple[str, ...]:
    """What `collect` left out of a hand-in or put in its place, "English / 中文"."""
    try:
        text = intake.read_file(course / "originals" / student / f"{assignment}.txt")
    except IntakeError:
        return ()  # laid into `submitted/` by somebody else
    return tuple(text.decode("utf-8").splitlines())


def _holds(folder: Path, files: Mapping[str, bytes]) -> bool:
    try:
        return intake.read_submission(folder).files == files
    except IntakeError:
        return False


def _under_another_name(
    name: str, files: Mapping[str, bytes], released: Mapping[str, bytes]
) -> str | None:
    """The one other notebook with grade cells of a missing one, such as a browser's "FC (1)"."""
    others = [n for n in files if "/" not in n and n.endswith(".ipynb") and n not in released]
    found = [n for n in others if _grades(files[n], n) & _grades(released[name], name)]
    return found[0] if name not in files and len(found) == 1 else None


def _grades(data: bytes, name: str) -> set[str]:
    if _unreadable(data, name):
        return set()
    parts = map(graded.nbgrader_part, notebooks.read(data, name).cells)
    return {str(part["grade_id"]) for part in parts if "grade_id" in part}


def _unreadable(data: bytes | None, name: str) -> str:
    if data is None:
        return f"{name} was not handed in / 没有提交 {name}"
    try:
        notebooks.read(data, name)
    except notebooks.NotebookError as error:
        return str(error)
    return ""


def _keep(submission: intake.Submission, path: Path, folder: Path, assignment: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{assignment}"
    with aside.open("wb") as file:
        if path.is_file():
            digest = intake.copy(path, file)
        else:
            data = zipped(submission.files)
            digest = hashlib.sha256(data).hexdigest()
            file.write(data)
    aside.rename(folder / f"{assignment}-{digest[:12]}.zip")


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip file of these files; the same files give the same bytes."""
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
