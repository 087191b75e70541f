"""The pytest plugin that lends each check a student, and turns how it ended into a verdict."""

import hashlib
import logging
import signal
import traceback
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import HOME, cells, endings, forbidden, held_out
from autograder.assignments import Assignment
from autograder.children import Children, Lent, Place, overlay
from autograder.intake import Submission
from autograder.results import CheckResult, Verdict
from autograder.sandbox import Died, TimedOut, Zygote, ZygoteError
from daseCV import data_utils

LOG = logging.getLogger("autograder")
CHECK_SECONDS = 10.0  # of CPU time; a test holds every check of the reference below a fiftieth
LOOPING_SECONDS = 1.0  # for the other checks of an exercise that was seen to loop, twice
SUBMISSION_SECONDS = 180.0
WAITING_SECONDS = 2.0  # of wall time, for the other checks of an exercise that was seen to sleep
SUBMISSION_WAITING_SECONDS = 600.0  # that one submission may keep others waiting for nothing


def module_of(checks: Path, assignment: Assignment) -> str | None:
    """The module that a file of checks judges: its name is the module's, a topic may follow."""
    stem = checks.stem.removeprefix("test_")
    return next((m for m in assignment.edited if f"{stem}_".startswith(f"{Path(m).stem}_")), None)


class Judge:
    """Runs every check against one submission; `checks` is what came out, by exercise.

    The plugin calls the check itself (`pytest_pyfunc_call`), because one check may need several
    attempts: once more after a time-out, and once with the kit's functions underneath.
    """

    def __init__(
        self,
        submission: Submission,
        assignment: Assignment,
        zygote: Zygote,
        seed: int,
        course: Path = HOME,
    ) -> None:
        self.submission, self.assignment = submission, assignment
        self.zygote, self.seed = zygote, seed
        source = course / "source" / assignment.name
        self.children = Children(submission, assignment, zygote, source)
        self.checks: dict[str, list[CheckResult]] = {}
        self.timed_out: set[str] = set()
        self.slept: set[str] = set()
        self.offences: dict[str, str] = {}  # what was found of what an exercise forbids
        self.faults: set[str] = set()  # of the grader: each is told once
        self.on_stand_in: dict[str, None] = {}  # tasks not trained on CIFAR-10, in order

    # --- what a check may ask for; `_attempt` puts the real thing in place for each attempt ---

    @pytest.fixture
    def student(self) -> None:
        """The student's package, in a child process."""

    @pytest.fixture
    def rng(self) -> None:
        """A generator of random inputs: the same for everyone and for a re-grade."""

    @pytest.fixture
    def handed_in(self) -> None:
        """What the student saved for this task."""

    @pytest.fixture
    def data(self) -> None:
        """The data set this task was trained on, and images that nobody tuned on."""

    @pytest.fixture
    def answer(self) -> None:
        """What the student answered to this multiple-choice question: a literal."""

    @pytest.fixture
    def notebook(self) -> None:
        """What the cells of this exercise define, in a child process."""

    @pytest.fixture
    def once(self) -> None:
        """A function that calls one, the first time; later checks get what it returned then."""

    @pytest.fixture
    def lost(self) -> None:
        """Whether an exercise has lost a check: what it paid for need not be paid for again."""

    # --- pytest's hooks ----------------------------------------------------------------------

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Judge what stands on other exercises after those: by then it is known which loop.

        Checks that ask what was `lost` come last: no exercise can lose anything after them.
        """

        def order(item: pytest.Item) -> tuple[bool, int]:
            under = self._named_under(item.get_closest_marker("exercise").args[0])
            depth = len(under) + any(name.endswith("*") for name in under)
            return "lost" in item.fixturenames, depth

        items.sort(key=order)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        """Run one check; record its verdict, and fail it for pytest's own report."""
        exercise = pyfuncitem.get_closest_marker("exercise").args[0]
        verdict, message = self._judge(pyfuncitem, exercise)
        title = (pyfuncitem.function.__doc__ or "").strip()
        beyond = pyfuncitem.get_closest_marker("beyond") is not None
        result = CheckResult(pyfuncitem.name, title, verdict, message, beyond)
        self.checks.setdefault(exercise, []).append(result)
        if verdict is not Verdict.PASSED:
            pytest.fail(f"{exercise}: {verdict.value}\n{message}", pytrace=False)
        return True

    def pytest_unconfigure(self) -> None:
        """Let every child go."""
        self.children.close()

    # --- one check ---------------------------------------------------------------------------

    def _judge(self, item: pytest.Function, exercise: str) -> tuple[Verdict, str]:
        missing = self._missing(item)
        if missing:
            return Verdict.NOT_HANDED_IN, missing
        if offence := self._offence(item, exercise):
            return Verdict.REFUSED, offence
        under = self._under(exercise)
        first = None
        if not (under and self._stands_on_a_loop(exercise)):
            first = self._attempt(item, exercise, ())
            again = first[0] is Verdict.TIMED_OUT and exercise not in self.timed_out | self.slept
            if again and not under:
                first = self._attempt(item, exercise, ())
        if first and (first[0] in (Verdict.PASSED, Verdict.GRADER_ERROR) or not under):
            return self._noted(exercise, first)
        second = self._attempt(item, exercise, under)
        if second[0] is Verdict.TIMED_OUT and exercise not in self.timed_out | self.slept:
            second = self._attempt(item, exercise, under)
        if second[0] is Verdict.PASSED:
            names = ", ".join(map(_lent_name, self._named_under(exercise)))
            return second[0], f"judged with the kit's {names} / 以课程提供的 {names} 代替后评判"
        if second[0] is Verdict.CRASHED:
            if first and first[0] is Verdict.CRASHED:
                return first  # the student's own words: the second child holds code of the kit
            return Verdict.BLOCKED, (
                "cannot be judged: it crashes even on the kit's own layers / "
                "无法评判：即使换用课程提供的层也会出错"
            )
        return self._noted(exercise, second)

    def _named_under(self, exercise: str) -> tuple[str, ...]:
        """What an exercise stands on: entries of `under`, or cells before its own."""
        before = self.assignment.cells.get(exercise, ())[:-1]
        return (*self.assignment.under.get(exercise, ()), *before)

    def _under(self, exercise: str) -> Lent:
        names = self._named_under(exercise)
        return tuple(overlay(name) if ":" in name else name for name in names)

    def _noted(self, exercise: str, outcome: tuple[Verdict, str]) -> tuple[Verdict, str]:
        if outcome[0] is Verdict.TIMED_OUT:
            self.timed_out.add(exercise)
        return outcome

    def _stands_on_a_loop(self, exercise: str) -> bool:
        names = [name.split(":")[-1] for name in self._named_under(exercise)]
        return any(name in names or ("*" in names and "." not in name) for name in self.timed_out)

    def _missing(self, item: pytest.Function) -> str:
        exercise = item.get_closest_marker("exercise").args[0]
        if {"answer", "notebook"} & {*item.fixturenames}:
            own = self.assignment.cells.get(exercise, (exercise,))[-1]
            if missing := cells.missing(self.children.notebooks, own):
                return missing
        if "handed_in" in item.fixturenames:
            name = f"saved/{exercise}.npz"
            there = exercise in self.submission.saved
        else:
            module = module_of(item.path, self.assignment)
            name = f"daseCV/{module}"
            there = module is None or name in self.submission.modules
        return "" if there else f"{name} was not handed in / 没有提交 {name}"

    def _offence(self, item: pytest.Function, exercise: str) -> str:
        module = module_of(item.path, self.assignment)
        if module and exercise not in self.offences:
            function, rule = self.assignment.function(exercise), self.assignment.rule(exercise)
            found = forbidden.offence(
                self.submission.modules, f"daseCV/{module}", function, rule
            )
            self.offences[exercise] = found
        return self.offences.get(exercise, "")

    def _attempt(self, item: pytest.Function, exercise: str, lent: Lent) -> tuple[Verdict, str]:
        room, waited = SUBMISSION_SECONDS - self.children.spent, self.children.waited
        if room <= 0:
            return Verdict.TIMED_OUT, (
                f"the {SUBMISSION_SECONDS:.0f} s of CPU time of a submission are used up / "
                "整份作业的 CPU 时间已用完"
            )
        if waited >= SUBMISSION_WAITING_SECONDS:
            return Verdict.TIMED_OUT, (
                f"this submission was waited for in vain for {waited:.0f} s / "
                f"整份作业已白白等待 {waited:.0f} 秒"
            )
        place = self.children.place(exercise, lent)
        limit = LOOPING_SECONDS if exercise in self.timed_out else self._seconds(exercise)
        try:
            try:
                self._call(item, place, min(limit, room))
            except (Died, ZygoteError) as error:
                if not _from_outside(error):
                    raise
                LOG.warning("%s: %s; tried once more", item.name, error)
                self.children.forget()
                self._call(item, place, min(limit, room))
        except Exception as error:
            ran = bool({"student", "notebook"} & {*item.fixturenames})
            return self._verdict(error, ran)
        return Verdict.PASSED, ""

    def _call(self, item: pytest.Function, place: Place, cpu_seconds: float) -> None:
        exercise = item.get_closest_marker("exercise").args[0]
        own = int.from_bytes(hashlib.sha256(item.name.encode()).digest()[:4])
        wall = WAITING_SECONDS if exercise in self.slept else None
        given = self._give(item, place, self.seed ^ own)
        with self.children.at(place) as session:
            # A child is not told the seed of hidden inputs, nor what it could be guessed from.
            session.begin(seed=own, cpu_seconds=cpu_seconds, wall_seconds=wall)
            given |= {"student": session.student, "notebook": session.student.notebook}
            names = item._fixtureinfo.argnames
            try:
                item.obj(**{name: given.get(name, item.funcargs[name]) for name in names})
            except TimedOut as error:
                if error.waited:
                    self.slept.add(exercise)
                raise

    def _seconds(self, exercise: str) -> float:
        limits = self.zygote.of(self.assignment.world(exercise)).world.limits
        return max(CHECK_SECONDS, limits.check_seconds)

    def _give(self, item: pytest.Function, place: Place, seed: int) -> dict[str, Any]:
        exercise = item.get_closest_marker("exercise").args[0]
        given: dict[str, Any] = {
            "rng": np.random.default_rng(seed),
            "once": partial(self.children.once, (exercise, place)),
            "lost": self._lost,
        }
        if "handed_in" in item.fixturenames:
            given["handed_in"] = held_out.read_work(self.children.saved(exercise))
            if given["handed_in"].data == data_utils.data_digest(held_out.stand_in()):
                self.on_stand_in.setdefault(exercise)
        if "data" in item.fixturenames:
            given["data"] = held_out.data(given["handed_in"].data)
        if "answer" in item.fixturenames:
            given["answer"] = cells.answer(cells.find(self.children.notebooks, exercise))
        return given

    def _lost(self, exercise: str) -> bool:
        return any(c.verdict is not Verdict.PASSED for c in self.checks.get(exercise, ()))

    # --- how it ended ------------------------------------------------------------------------

    def _verdict(self, error: Exception, ran: bool) -> tuple[Verdict, str]:
        found = endings.of(error, self.children.shown, ran)
        if found:
            return found
        known = isinstance(error, held_out.NoDataError)  # says itself what to do
        text = str(error) if known else "".join(traceback.format_exception(error))
        if text not in self.faults:
            self.faults.add(text)
            LOG.error("grader error: %s", text)
        return Verdict.GRADER_ERROR, endings.FAULT


def _from_outside(error: Died | ZygoteError) -> bool:
    """Whether somebody else ended it: no child can send this signal, and none crashes by it."""
    return isinstance(error, ZygoteError) or error.status == -signal.SIGKILL


def _lent_name(entry: str) -> str:
    module, _, name = entry.rpartition(":")
    return f"{module}.py" if name == "*" else name
