"""The self-check: is a function right, and if not, what kind of mistake is it?

In a notebook ``check("affine_backward")``, in a terminal ``python -m daseCV.selfcheck`` and the
name; without a name, all exercises of the assignment. What counts is the file on disk: save first.
"""

import argparse
import sys

from daseCV.checks import IN_NOTEBOOK, live, process

LABELS = {
    "timed out": "[time]",
    "crashed": "[err] ",
    "failed": "[fail]",
    "not implemented": "[todo]",
    "in the notebook": "[note]",
    "passed": "[ok]  ",
}
FINE = ("passed", IN_NOTEBOOK)
PRINTED_LINES = 10


class CheckFailed(AssertionError):  # noqa: N818, it says what happened to the check
    """An exercise is not right yet. Notebooks show it as one line, below the explanation."""

    def _render_traceback_(self):  # IPython asks for it; frames of ours would bury the message
        return [f"CheckFailed: {self}"]


def check(*exercises):
    """Check exercises and print what is wrong with them.

    Parameters
    ----------
    *exercises : str
        Names such as ``"affine_backward"``; none stands for all of the assignment.

    Raises
    ------
    CheckFailed
        If one does not pass, or there is no such exercise. When all pass, nothing is returned:
        nbgrader would take it as marks.
    """
    try:
        wrong = [report.exercise for report in show(exercises) if report.verdict not in FINE]
    except (process.UnknownExercise, process.SelfCheckError) as error:
        raise CheckFailed(str(error)) from None
    if wrong:
        names = ", ".join(wrong)
        raise CheckFailed(f"not right yet: {names} (see above) / 尚未通过: {names}（见上文）")


def show(exercises=(), limit=None):
    """Run checks, print each report as it comes and a count at the end; return the reports."""
    reports, seen = [], set()
    for report in process.run(exercises, limit):
        if report.verdict == IN_NOTEBOOK and live.in_notebook():
            report = live.run_here(report.exercise)
        say(describe(report, seen))
        reports.append(report)
    if len(reports) > 1:
        say(count_of(reports))
    return reports


def count_of(reports):
    """How many exercises pass, of those that could be checked here."""
    here = [report for report in reports if report.verdict != IN_NOTEBOOK]
    passed = sum(report.verdict == "passed" for report in here)
    return f"{passed} of {len(here)} exercises pass / {len(here)} 个练习中通过 {passed} 个"


def describe(report, seen):
    """What a student reads about an exercise.

    Parameters
    ----------
    report : daseCV.checks.process.ExerciseReport
        What came of it.
    seen : set
        Explanations given before, which are not repeated; the new ones are added.
    """
    start = f"{LABELS[report.verdict]} {report.exercise}"
    if report.verdict == "passed":
        said = [check.what for check in report.checks if check.what]
        return f"{start}: {said[0] if said else 'passed / 通过'}"
    paragraphs = []
    wrong = [check for check in report.checks if check.verdict != "passed"]
    if report.verdict in ("not implemented", IN_NOTEBOOK):
        return f"{start}: {wrong[0].what}"
    for one in wrong:
        if (one.what, one.detail) not in seen:
            seen.add((one.what, one.detail))
            paragraphs.append(f"{start}: {one.what}{_lines_below(one)}")
    return "\n".join(paragraphs) or f"{start}: {wrong[0].what} (as above / 同上)"


def _lines_below(check):
    if check.verdict == "not implemented":
        return ""
    lines = check.detail.splitlines()
    lines += [f"hint / 提示: {check.hint}"] if check.hint else []
    lines += [f"check / 检查项: {check.sentence}"]
    printed = check.printed.strip().splitlines()[:PRINTED_LINES]
    lines += ["printed / 打印的内容:", *(f"  {line}" for line in printed)] if printed else []
    return "".join(f"\n         {line}" for line in lines)


def say(text):
    """Print text with "?" for what the stream cannot show: a terminal may speak GBK or cp1252."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)


def main(arguments=None):
    """Run from a terminal; return 0 when all pass, 1 when not, 2 when it could not be checked."""
    parser = argparse.ArgumentParser(prog="python -m daseCV.selfcheck")
    parser.add_argument("exercise", nargs="*", help="such as affine_backward; none: all of them")
    try:
        reports = show(parser.parse_args(arguments).exercise)
    except (process.UnknownExercise, process.SelfCheckError) as error:
        say(str(error))
        return 2
    return 0 if all(report.verdict in FINE for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
