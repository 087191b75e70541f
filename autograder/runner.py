"""Grade one submission: its exercises judged by pytest in this process, as a SubmissionResult."""

import hashlib
import io
import os
from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack, redirect_stdout
from functools import cache
from pathlib import Path

import pytest

from autograder import CHECKS, HOME, KIT, __version__, assignments, cells, graded
from autograder.endings import FAULT
from autograder.intake import Submission
from autograder.judge import Judge
from autograder.results import CheckResult, ExerciseResult, SubmissionResult, Verdict
from autograder.sandbox import WALLS, WORLDS, Wall, Zygote

OWN_OPTIONS = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")  # a person's, for other tests than these
UNJUDGED = CheckResult(
    "no_check_ran", "no check ran / 没有执行任何检查", Verdict.GRADER_ERROR, FAULT
)


class GradingError(RuntimeError):
    """Nothing could be graded, through no fault of the student's; the text says why."""


def grade(
    submission: Submission,
    assignment: str,
    *,
    seed: int | None = None,
    select: Collection[str] | None = None,
    zygote: Zygote | None = None,
    course: Path = HOME,
) -> SubmissionResult:
    """Judge a submission; nothing of it runs in this process.

    Parameters
    ----------
    submission : Submission
        Counted bytes, from `autograder.intake`.
    assignment : str
        A name of the table in `autograder.assignments`.
    seed : int, optional
        Of the random inputs; by default the assignment's own.
    select : collection of str, optional
        Only these exercises.
    zygote : Zygote, optional
        Where children come from; one can serve many submissions.
    course : Path
        The folder that holds `source/`, where exercises and points stand.

    Raises
    ------
    GradingError
        The checks could not run at all.
    """
    entry = assignments.find(assignment)
    seed = entry.seed if seed is None else seed
    asked = graded.of_assignment(assignment, course)
    points = {c.exercise: (name, c.points) for name, c in asked if not c.manual}
    out = {exercise for exercise in points if left_out(exercise, assignment)}
    wanted = (set(points) if select is None else set(select) & set(points)) - out
    with ExitStack() as stack:
        zygote = zygote or stack.enter_context(Zygote(libraries=entry.libraries))
        judge = Judge(submission, entry, zygote, seed, course)
        if wanted:
            _run(judge, wanted)
        zygote.start()
        wall = zygote.wall
    return SubmissionResult(
        assignment=assignment,
        version=__version__,
        seed=seed,
        tier=wall.tier,
        landlock=wall.landlock,
        canary=wall.canary,
        submission_sha256=submission.sha256,
        checks_sha256=checks_sha256(),
        notes=(
            *submission.refused, *_data_note(judge), *_wall_note(wall),
            *all_left_out(assignment, course),
        ),
        manual_possible=sum(c.points for _, c in asked if c.manual),
        exercises=tuple(
            ExerciseResult(
                exercise, notebook, possible, exercise in entry.tasks,
                tuple(judge.checks.get(exercise, [UNJUDGED])),
            )
            for exercise, (notebook, possible) in points.items() if exercise in wanted
        ),
    )  # fmt: skip


def left_out(exercise: str, assignment: str) -> str:
    """Why an exercise is not judged on this machine, "English / 中文"; empty when it is."""
    world = WORLDS[assignments.find(assignment).world(exercise)]
    if world.here:
        return ""
    name, package, mend = cells.notebook_of(exercise), world.package, f"pip install {world.version}"
    return (
        f"{name} was not graded: where grades are made there is no {package} (there: {mend}) / "
        f"{name} 未评分：评分的机器上没有安装 {package}（请教师在该机器上 {mend}）"
    )


def all_left_out(assignment: str, course: Path = HOME) -> list[str]:
    """Why exercises of an assignment are not judged on this machine, each reason once."""
    asked = [c.exercise for _, c in graded.of_assignment(assignment, course) if not c.manual]
    return sorted({left_out(exercise, assignment) for exercise in asked} - {""})


def _data_note(judge: Judge) -> list[str]:
    names = ", ".join(judge.on_stand_in)
    english, chinese = "trained on the stand-in, not on CIFAR-10", "用替身数据而非 CIFAR-10 训练"
    return [f"{english}: {names} / {chinese}: {names}"] if names else []


def _wall_note(wall: Wall) -> list[str]:
    if wall.tier in WALLS:
        return []
    return [
        "graded without a wall, as code that the instructor trusts / "
        "评分时没有隔离：教师声明信任这份代码"
    ]


class _Select:
    """Leave out the checks of exercises that are not wanted; know those that are due."""

    def __init__(self, wanted: Collection[str]) -> None:
        self.wanted = wanted
        self.due: list[tuple[str, str]] = []
        self.interrupted = False

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the wanted ones, in their order."""
        named = [(i.get_closest_marker("exercise").args[0], i) for i in items]
        self.due = [(exercise, i.name) for exercise, i in named if exercise in self.wanted]
        items[:] = [i for exercise, i in named if exercise in self.wanted]

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo) -> None:
        """Who presses Ctrl-C wants all of it to stop, not one submission to go without a score."""
        self.interrupted = excinfo.errisinstance(KeyboardInterrupt)


def _run(judge: Judge, wanted: Collection[str]) -> None:
    arguments = [
        str(CHECKS), f"--rootdir={CHECKS}", f"--config-file={CHECKS / 'pytest.ini'}",
        "--disable-plugin-autoload",  # hypothesis, nbval and others take seconds to import
        "--capture=no", "-p", "no:faulthandler", "-p", "no:logging", "-p", "no:warnings",
        "-p", "no:unraisableexception", "-p", "no:threadexception",  # they collect garbage
    ]  # fmt: skip
    select = _Select(wanted)
    plugins = [("judge", judge), ("select", select)]
    folder = os.getcwd()
    own = {name: os.environ.pop(name) for name in OWN_OPTIONS if name in os.environ}
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            code = pytest.main(arguments, plugins=[_Named(plugins)])
    finally:
        os.chdir(folder)
        os.environ.update(own)
    if select.interrupted:
        raise KeyboardInterrupt
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise GradingError(f"the checks could not run:\n{printed.getvalue()[-2000:]}")
    for exercise, name in select.due:
        if not any(check.name == name for check in judge.checks.get(exercise, ())):
            judge.checks.setdefault(exercise, []).append(UNJUDGED)


class _Named:
    """Registers plugins under names, early enough for `conftest.py` to see them."""

    def __init__(self, plugins: Iterable[tuple[str, object]]) -> None:
        self.plugins = plugins

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Add them before any other plugin is configured."""
        for name, plugin in self.plugins:
            config.pluginmanager.register(plugin, name)


@cache
def checks_sha256() -> str:
    """The digest of all that decides a grade: the checks, the reference, and the grader."""
    digest = hashlib.sha256()
    for entry in assignments.ASSIGNMENTS.values():
        for path in sorted((HOME / "source" / entry.name).glob("*.ipynb")):
            if path.stem in entry.worlds:  # its cells run beside those of a student
                digest.update(path.read_bytes())
    for root in (Path(__file__).parent, KIT):
        for path in sorted(root.rglob("*.py")):
            digest.update(f"{path.relative_to(root.parent).as_posix()}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def reference_submission(edits: Mapping[str, str] | None = None) -> Submission:
    """The solved package as if handed in, with whole files replaced by `edits`."""
    names = sorted({n for a in assignments.ASSIGNMENTS.values() for n in a.edited})
    files = {f"daseCV/{name}": (KIT / name).read_bytes() for name in names}
    files |= {name: text.encode() for name, text in (edits or {}).items()}
    return Submission.from_files("reference", files)
