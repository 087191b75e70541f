"""What the kit does as nbgrader releases, grades and shows: its preprocessors and exporters, thin.

`nbgrader_config.py` puts these classes into nbgrader's own lists. nbgrader makes a new preprocessor
for every notebook and pass; the exporter lives as long as the command, so it holds the zygote.
"""

import logging
from dataclasses import replace
from functools import partial
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter, NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import CheckCellMetadata, NbGraderPreprocessor
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError
from traitlets import Bool, Enum, List, Unicode

from autograder import (
    assignments,
    collect,
    exports,
    graded,
    intake,
    kept,
    notebooks,
    release,
    report,
    resume,
    runner,
)
from autograder.repair import repair
from autograder.results import ExerciseResult, Verdict
from autograder.sandbox import WALLS, Zygote, ZygoteError, at_least

LOG = logging.getLogger("autograder")
Passed = tuple[NotebookNode, dict]


# --- nbgrader generate_assignment ---------------------------------------------------------------


class ReleaseExporter(NotebookExporter):
    """Refuses a faulty source while the committed release still stands.

    nbgrader makes its exporter before it removes the old release, a preprocessor only after.
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        coursedir = self.parent.coursedir
        faults = release.faults(coursedir.assignment_id, Path(coursedir.root))
        faults = faults or _metadata_faults(coursedir) or _gradebook_faults(coursedir)
        for fault in faults:
            self.log.error(fault)
        if faults:
            self.log.error("nothing was written; the release is as it was")
            raise NbGraderException("a faulty source")


def _metadata_faults(coursedir: CourseDirectory) -> list[str]:
    """What nbgrader itself would find out only after the old release is gone."""
    name, faults = coursedir.assignment_id, []
    for notebook, source in release.sources(name, Path(coursedir.root)).items():
        try:
            CheckCellMetadata().preprocess(source, {})
        except Exception as error:  # it raises whatever its checks lead to
            faults.append(f"source/{name}/{notebook}.ipynb: {error}")
    return faults


def _gradebook_faults(coursedir: CourseDirectory) -> list[str]:
    name = coursedir.assignment_id
    kind, _, place = coursedir.db_url.partition(":///")
    if kind == "sqlite" and not Path(place).exists():
        return []
    try:
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            known = gradebook.find_assignment(name)
            if not known.submissions:
                return []
            before = {cell.name for notebook in known.notebooks for cell in notebook.grade_cells}
    except MissingEntry:
        return []
    except OperationalError as error:
        return [resume.trouble_of(error.orig, make_url(coursedir.db_url)) or str(error)]
    now = {
        graded.grade_id(cell.exercise)
        for notebook in release.sources(name, Path(coursedir.root)).values()
        for cell in graded.cells_of(notebook)
    }
    return [
        f"{name}: grade cell {cell!r} was added or taken out, but the gradebook holds submissions; "
        "use a new gradebook or put the cell back"
        for cell in sorted(before ^ now)
    ]


class PickLanguage(NbGraderPreprocessor):
    """Keeps the prose of one language."""

    language = Enum(notebooks.LANGUAGES, "zh", help="Language of the release.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> Passed:
        """Take the other language out."""
        resources["dasecv_language"] = self.language
        return notebooks.pick_language(nb, self.language), resources


class CutSolutions(NbGraderPreprocessor):
    """Puts TODO boxes in place of solutions."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> Passed:
        """Cut every solved region; a bad marker stops the release."""
        name = f"{resources['nbgrader']['notebook']}.ipynb"
        return notebooks.cut_solutions(nb, name), resources


class ReleaseFiles(NbGraderPreprocessor):
    """Lays the package with its stubs beside the notebook."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> Passed:
        """Hand the files to nbconvert's writer."""
        coursedir = self.parent.parent.coursedir
        files = release.package(
            coursedir.assignment_id, resources["dasecv_language"], Path(coursedir.root)
        )
        resources.setdefault("outputs", {}).update(files)
        return nb, resources


# --- nbgrader autograde -------------------------------------------------------------------------


class SubmissionExporter(NotebookExporter):
    """Reads a handed-in notebook as untrusted bytes and rebuilds it on the released one."""

    minimum_tier = Unicode(
        WALLS[-1], help="The weakest wall that will do for strangers' code."
    ).tag(config=True)
    trust_this_code = Bool(False, help="Do without a wall where none stands.").tag(config=True)

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        if self.minimum_tier not in WALLS:
            known = ", ".join(WALLS)
            told = "nothing was graded: minimum_tier is %r; it can be %s"
            self.log.error(told, self.minimum_tier, known)
            raise NbGraderException("nothing was graded")
        coursedir = self.parent.coursedir
        entry = assignments.find(coursedir.assignment_id)
        for reason in runner.all_left_out(entry.name, Path(coursedir.root)):
            self.log.warning(reason.partition(" / ")[0])
        among = at_least(self.minimum_tier, trusted=self.trust_this_code)
        self.zygote = Zygote(among=among, libraries=entry.libraries)
        try:
            self.zygote.start()  # it ends with this process
        except ZygoteError as error:
            self.log.error("nothing was graded: %s", error)
            raise NbGraderException("nothing was graded") from error
        resume.guard(self.parent, self._are_graded, NbGraderException)

    def _are_graded(self, folder: Path, handed_in: list[Path]) -> bool:
        """Whether what was handed in of the release stands graded in a folder of `autograded/`."""
        coursedir = self.parent.coursedir
        released = [
            path for path in handed_in
            if any(place.exists() for place in _places(path, "zh", coursedir))
        ]  # fmt: skip
        return resume.graded(folder, released or handed_in)

    def from_filename(self, filename: str, resources: dict | None = None, **kwargs) -> Passed:
        """Rebuild on the way from `submitted/`; read what was rebuilt on the way after."""
        if not self.parent._sanitizing:
            return super().from_filename(filename, resources=resources, **kwargs)
        path = Path(filename)
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        rebuilt = rebuild(path, self.parent.coursedir)
        return self.from_notebook_node(rebuilt, resources=resources, **kwargs)


def rebuild(path: Path, coursedir: CourseDirectory) -> NotebookNode:
    """A submitted notebook on the cells of its release; unreadable ones give the bare release."""
    handed_in, notes = None, []
    try:
        handed_in = notebooks.read(intake.read_file(path), path.name)
    except (notebooks.NotebookError, intake.IntakeError) as error:
        english, _, chinese = str(error).partition(" / ")
        lost = "its tasks and answers are lost", "其中的内容不计分"
        notes.append(f"{english}; {lost[0]} / {chinese or '笔记本无法读取'}，{lost[1]}")
    language = "zh" if handed_in is None else notebooks.language_of(handed_in)
    released = _released(path, language, coursedir)
    rebuilt, repaired = repair(handed_in, released)
    if handed_in is not None and rebuilt.cells == released.cells:  # perhaps put there by `collect`
        notes.append("the notebook is as it was released / 笔记本与发布时相同")
    rebuilt.metadata["dasecv"] = {"language": language, "notes": [*notes, *repaired]}
    return rebuilt


def _released(path: Path, language: str, coursedir: CourseDirectory) -> NotebookNode:
    found = _places(path, language, coursedir)
    for released in filter(Path.exists, found):  # a course may be released in one language only
        return nbformat.read(released, as_version=4)
    raise NbGraderException(f"{found[0]} is not there; run `make release`")


def _places(path: Path, language: str, coursedir: CourseDirectory) -> list[Path]:
    """Where the release of a submitted notebook may lie, in this language and the other."""
    root = Path(coursedir.format_path(coursedir.release_directory, ".", ""))
    places = (root / "en", root) if language == "en" else (root, root / "en")
    return [place / path.parent.name / path.name for place in places]


class GradeSubmission(NbGraderPreprocessor):
    """In place of Execute: fills each grade cell with its report and one plain number.

    The first notebook of a submission has all of it graded; the others find the result.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> Passed:
        """Grade, or take the grading that is there, and fill the cells."""
        coursedir, known = self.parent.parent.coursedir, resources["nbgrader"]
        student, assignment = known["student"], known["assignment"]
        root = Path(coursedir.root)
        language, notes = notebooks.language_of(nb), tuple(nb.metadata.dasecv.get("notes", ()))
        notes += collect.lost(root, student, assignment)
        folder = coursedir.format_path(coursedir.submitted_directory, student, assignment)
        try:
            result = kept.grade_folder(
                Path(folder), assignment, root / "results" / student / f"{assignment}.json",
                zygote=self.parent.zygote, course=root,
            )  # fmt: skip
            notes += result.notes
            found = {e.exercise: e for e in result.exercises}
        except Exception:  # whatever the grader's own fault is, it may not cost a student points
            LOG.exception("grader error: %s of %s could not be graded", assignment, student)
            found = {}
        held = []
        for cell in nb.cells:
            part = graded.nbgrader_part(cell)
            if part.get("grade") and not part.get("solution"):
                exercise = found.get(graded.exercise_of(part["grade_id"]))
                exercise = exercise or _unjudged(part, assignment)
                _fill(cell, exercise, language, notes)
                if exercise.verdict in (Verdict.GRADER_ERROR, Verdict.REFUSED):
                    held.append((part["grade_id"], exercise.earned))
                notes = ()
        nb.metadata.dasecv["held"] = held
        return nb, resources


def _unjudged(part: dict, assignment: str) -> ExerciseResult:
    exercise, check = graded.exercise_of(part["grade_id"]), runner.UNJUDGED
    if reason := runner.left_out(exercise, assignment):
        check = replace(check, message=reason)
    return ExerciseResult(exercise, "", part["points"], False, (check,))


def _fill(cell: NotebookNode, result: ExerciseResult, language: str, notes: tuple) -> None:
    shown = {
        "text/html": report.exercise_html(result, language, notes),
        "text/plain": report.exercise_text(result, language),
    }
    points = {"text/plain": str(float(result.earned or 0.0))}
    cell.outputs = [
        nbformat.v4.new_output("display_data", data=shown),
        nbformat.v4.new_output("execute_result", data=points, execution_count=1),
    ]


class HoldForPerson(NbGraderPreprocessor):
    """After SaveAutoGrades: a grader error has no score and, like a refusal, waits for a person."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> Passed:
        """Mark what was held; SaveAutoGrades cannot store "no score"."""
        known = resources["nbgrader"]
        with Gradebook(known["db_url"]) as gradebook:
            for cell, earned in nb.metadata.dasecv.get("held", ()):
                grade = gradebook.find_grade(
                    cell, known["notebook"], known["assignment"], known["student"]
                )
                grade.auto_score, grade.needs_manual_grade = earned, True
            gradebook.db.commit()
        return nb, resources


class AddMarkSchemes(NbGraderPreprocessor):
    """Lays the mark scheme of each written question before its answer, for the form grader."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> Passed:
        """Copy the schemes over from the source notebook."""
        known, root = resources["nbgrader"], Path(self.parent.parent.coursedir.root)
        source = release.sources(known["assignment"], root)[known["notebook"]]
        schemes = {
            graded.nbgrader_part(cell)["grade_id"]: notebooks.mark_scheme(cell)
            for cell in source.cells if graded.is_manual(cell)
        }  # fmt: skip
        cells = []
        for cell in nb.cells:
            scheme = schemes.get(graded.nbgrader_part(cell).get("grade_id"))
            if scheme:
                text = f"**Mark scheme / 评分标准**\n\n{scheme}"
                cells.append(nbformat.v4.new_markdown_cell(text, id=f"{cell.id[:50]}-scheme"))
                cells[-1].metadata["dasecv"] = {"role": "mark scheme"}
            cells.append(cell)
        nb.cells = cells
        return nb, resources


# --- nbgrader generate_feedback -----------------------------------------------------------------


class FeedbackExporter(HTMLExporter):
    """Makes pages; anew where a run was cut short, or marks have changed since."""

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        is_done = partial(resume.shown, self.parent.coursedir.db_url)
        resume.guard(self.parent, is_done, NbGraderException)


class ForStudents(NbGraderPreprocessor):
    """Takes out of the feedback what is the marker's, and opens it with an overview."""

    display_data_priority = List().tag(config=True)  # or nbgrader warns that it is none
    show_mark_scheme = Bool(False, help="Let students see the mark schemes.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> Passed:
        """Keep the report of a grade cell, not the number that nbgrader reads."""
        if not self.show_mark_scheme:
            nb.cells = [
                cell for cell in nb.cells
                if cell.metadata.get("dasecv", {}).get("role") != "mark scheme"
            ]  # fmt: skip
        for cell in nb.cells:
            part = graded.nbgrader_part(cell)
            if part.get("grade") and not part.get("solution"):
                cell.outputs = [o for o in cell.outputs if o.output_type == "display_data"]
            elif part.get("comment") == "No response." and not part.get("grade"):
                part["comment"] = None  # nbgrader's own, of every task that was left as released
        rows = _overview(nb, resources["nbgrader"])
        nb.cells.insert(0, _shown(report.overview_html(rows, notebooks.language_of(nb))))
        return nb, resources


def _overview(nb: NotebookNode, known: dict) -> list[report.Row]:
    where, rows = (known["notebook"], known["assignment"], known["student"]), []
    with Gradebook(known["db_url"]) as gradebook:
        for cell in nb.cells:
            part = graded.nbgrader_part(cell)
            if part.get("grade"):
                grade = gradebook.find_grade(part["grade_id"], *where)
                name = graded.exercise_of(part["grade_id"]).removeprefix(f"{where[0]}.")
                earned = None if exports.waits(grade) else grade.score
                comment = bool(part.get("comment"))
                rows.append(report.Row(part["grade_id"], name, earned, grade.max_score, comment))
    return rows


def _shown(page: str) -> NotebookNode:
    shown = nbformat.v4.new_output("display_data", data={"text/html": page})
    cell = nbformat.v4.new_code_cell("", outputs=[shown], id="dasecv-overview")
    cell.metadata["transient"] = {"remove_source": True}  # nbconvert shows its output only
    return cell
