"""What a grading says: verdicts and points as frozen data, to JSON and back."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from enum import Enum
from typing import Any

SCHEMA = "dasecv-result/2"
BEYOND_SHARE = 0.25  # of an exercise's points, for what its docstring promises beyond the notebook


class Verdict(str, Enum):
    """How a check ended; the worst first, and an exercise has the worst of its checks'."""

    GRADER_ERROR = "grader error"
    REFUSED = "refused"
    TIMED_OUT = "timed out"
    OUT_OF_MEMORY = "out of memory"
    CRASHED = "crashed"
    BLOCKED = "blocked"
    FAILED = "failed"
    NOT_IMPLEMENTED = "not implemented"
    NOT_HANDED_IN = "not handed in"
    PASSED = "passed"

    @staticmethod
    def worst(verdicts: Iterable["Verdict"]) -> "Verdict":
        """The verdict that outranks the others."""
        return min(verdicts, key=list(Verdict).index)


@dataclass(frozen=True)
class CheckResult:
    """One hidden check: its name, what it says it checks, its verdict, what students may read."""

    name: str
    title: str
    verdict: Verdict
    message: str = ""
    beyond: bool = False


@dataclass(frozen=True)
class ExerciseResult:
    """One exercise; `earned` is None when a fault of the grader leaves it without a score."""

    exercise: str
    notebook: str
    possible: float
    task: bool
    checks: tuple[CheckResult, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of its checks."""
        return Verdict.worst(check.verdict for check in self.checks)

    @property
    def earned(self) -> float | None:
        """Points, to 4 digits: checks share alike, those `beyond` share the last quarter.

        Where nothing else passes they earn nothing: who does nothing changes no argument either.
        """
        if self.verdict is Verdict.GRADER_ERROR:
            return None
        groups = [[c for c in self.checks if c.beyond is beyond] for beyond in (False, True)]
        if groups[0] and not any(c.verdict is Verdict.PASSED for c in groups[0]):
            return 0.0
        shares = [1 - BEYOND_SHARE, BEYOND_SHARE] if all(groups) else [1.0, 1.0]
        fraction = sum(
            share * sum(c.verdict is Verdict.PASSED for c in group) / len(group)
            for share, group in zip(shares, groups, strict=True) if group
        )  # fmt: skip
        return round(self.possible * fraction, 4)


@dataclass(frozen=True)
class SubmissionResult:
    """All that one grading says, with what is needed to make the same grade again."""

    assignment: str
    version: str
    seed: int
    tier: str
    landlock: int
    canary: str
    submission_sha256: str
    checks_sha256: str
    notes: tuple[str, ...]
    manual_possible: float
    exercises: tuple[ExerciseResult, ...]

    @property
    def possible(self) -> float:
        """Automatic points there are."""
        return sum(exercise.possible for exercise in self.exercises)

    @property
    def earned(self) -> float | None:
        """Automatic points earned; None when any exercise has no score."""
        scores = [exercise.earned for exercise in self.exercises]
        return None if None in scores else round(sum(scores), 4)

    @property
    def error(self) -> str | None:
        """Why there is no score, when there is none."""
        held = [e.exercise for e in self.exercises if e.earned is None]
        return f"a fault of the grader in {', '.join(held)}; a person has to look" if held else None

    def find(self, exercise: str) -> ExerciseResult | None:
        """The result of one exercise, or None when it was not graded."""
        return next((e for e in self.exercises if e.exercise == exercise), None)

    def to_json(self) -> str:
        """The result as a JSON document; the same result gives the same bytes."""
        exercises = [
            {
                "exercise": e.exercise,
                "notebook": e.notebook,
                "verdict": e.verdict.value,
                "earned": e.earned,
                "possible": e.possible,
                "task": e.task,
                "checks": [asdict(check) for check in e.checks],
            }
            for e in self.exercises
        ]
        record = {
            "schema": SCHEMA,
            **{f.name: getattr(self, f.name) for f in fields(self)},
            "earned": self.earned,
            "possible": self.possible,
            "exercises": exercises,
        }
        if self.error:
            record["error"] = self.error
        return json.dumps(record, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "SubmissionResult":
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            The text is not a result of this schema.
        """
        record: dict[str, Any] = json.loads(text)
        if record.get("schema") != SCHEMA:
            raise ValueError(f"a result of schema {record.get('schema')!r}, not {SCHEMA!r}")
        exercises = tuple(
            ExerciseResult(
                e["exercise"], e["notebook"], e["possible"], e["task"],
                tuple(CheckResult(**{**c, "verdict": Verdict(c["verdict"])}) for c in e["checks"]),
            )
            for e in record["exercises"]
        )  # fmt: skip
        known = {f.name: record[f.name] for f in fields(cls)}
        return cls(**{**known, "notes": tuple(record["notes"]), "exercises": exercises})
