"""The commands of `python -m autograder`: grade one, collect, the demo, the proof, and helpers.

`grade` starts in a fraction of a second: what imports nbformat, nbgrader or rich, which take
seconds, is imported by the commands that need it.
"""

import importlib.metadata
import json
import logging
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

import click

from autograder import HOME, assignments, held_out, intake, kept, report, runner
from autograder.results import SCHEMA
from autograder.sandbox import WALLS, WORLDS, Zygote, ZygoteError, at_least
from daseCV import data_utils

KNOWN = click.Choice(sorted(assignments.ASSIGNMENTS))
ASSIGNMENT = click.option("--assignment", required=True, type=KNOWN)
NAMES = click.argument("names", nargs=-1, type=KNOWN, metavar="[ASSIGNMENT]...")
NOTHING = "nothing in it can be graded; name the folder or the zip file of one student"
SEVERAL = "it holds several hand-ins; name the folder or the zip file of one student"
LOG = logging.getLogger("autograder")
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Make releases and judge hand-ins of the daseCV assignments."""
    logging.basicConfig(format="%(name)s: %(message)s")


@main.command()
@click.argument("submission", type=click.Path(path_type=Path))
@ASSIGNMENT
@click.option(
    "--json", "target", type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the whole result.",
)
@click.option("--seed", type=click.IntRange(0), help="Of the random inputs.")
@click.option(
    "--minimum-tier", type=click.Choice(WALLS), default=WALLS[-1], show_default=True,
    help="The weakest wall that will do for strangers' code; `doctor` names what stands here.",
)
@click.option(
    "--i-trust-this-code", "trusted", is_flag=True, help="Do without a wall where none stands."
)
def grade(
    submission: Path, assignment: str, target: Path | None, seed: int | None, minimum_tier: str,
    trusted: bool,
) -> None:
    """Grade one SUBMISSION, a folder or a zip file, without nbgrader.

    Exit status 0 when it was graded, whatever the score; 1 when it was not, with an `error`.
    """
    try:
        among = at_least(minimum_tier, trusted=trusted)
        with Zygote(among=among, libraries=assignments.find(assignment).libraries) as zygote:
            zygote.start()
            if _holds_zip_files(submission):
                raise intake.IntakeError(f"{submission}: {SEVERAL}")
            handed_in = intake.read_submission(submission)
            if intake.MANY_PACKAGES in handed_in.refused:
                raise intake.IntakeError(f"{submission}: {SEVERAL}")
            if not any(name.endswith((".py", ".ipynb", ".npz")) for name in handed_in.files):
                raise intake.IntakeError(f"{submission}: {NOTHING}")
            result = runner.grade(handed_in, assignment, seed=seed, zygote=zygote)
        text, fault = result.to_json(), result.error
        click.echo(report.summary(result))
    except Exception as error:  # whatever it is, who reads the JSON file has to learn of it
        if not isinstance(error, intake.IntakeError | runner.GradingError | ZygoteError | OSError):
            LOG.exception("not graded")
        fault = str(error) or type(error).__name__
        record = {"schema": SCHEMA, "assignment": assignment, "error": fault}
        text = json.dumps(record, ensure_ascii=False) + "\n"
    try:
        if target:
            kept.save(text, target)
    except OSError as error:
        raise click.ClickException(f"{target} cannot be written: {error.strerror}") from error
    if fault:
        raise click.ClickException(fault)


def _holds_zip_files(folder: Path) -> bool:
    """Tell a folder of hand-ins from a hand-in; that may hold the zip file made of it."""
    entries = list(folder.iterdir()) if folder.is_dir() else []
    zipped = any(entry.suffix.lower() == ".zip" for entry in entries)
    folders = {entry.name.casefold() for entry in entries if entry.is_dir()}
    return zipped and len(entries) > 1 and not folders & intake.TOPMOST


@main.command(name="collect")
@click.argument("hand_ins", nargs=-1, required=True, type=click.Path(path_type=Path))
@ASSIGNMENT
@click.option("--course", "folder", type=FOLDER, default=Path(), help="Default: this folder.")
def collect_command(hand_ins: tuple[Path, ...], assignment: str, folder: Path) -> None:
    """Lay hand-ins into submitted/ for nbgrader.

    HAND_INS are zip files, one a student, or folders of them.
    """
    from autograder import collect

    try:
        collected = collect.collect(hand_ins, assignment, folder)
    except collect.CollectError as error:
        raise click.ClickException(str(error)) from error
    for hand_in in collected:
        for note in hand_in.notes:
            click.echo(f"{hand_in.student}: {note}")
    refused = [c.student for c in collected if c.folder is None]
    click.echo(f"{len(collected) - len(refused)} collected, {len(refused)} refused")
    sys.exit(1 if refused else 0)


@main.command()
@click.argument("folder", type=FOLDER, default=Path("demo"))
def demo(folder: Path) -> None:
    """Play the whole story in FOLDER: release, a class, grading, feedback, a table."""
    from rich.console import Console

    from autograder import course
    from autograder import demo as story

    console = Console(width=min(Console().width, 80))
    try:
        as_it_must = story.run(folder.resolve(), console)
    except (story.DemoError, course.NbgraderError) as error:
        raise click.ClickException(str(error)) from error
    sys.exit(0 if as_it_must else 1)


@main.command(name="prove")
@NAMES
def prove_command(names: tuple[str, ...]) -> None:
    """Prove what must be true of every assignment; the last line counts."""
    from autograder import prove

    held = broken = 0
    for name in names or sorted(assignments.ASSIGNMENTS):
        for claim, contradictions in prove.prove(name):
            click.echo(f"{'FAILS' if contradictions else 'holds'}  {name}: {claim}")
            for line in contradictions:
                click.echo(f"         {line}")
            held, broken = held + (not contradictions), broken + bool(contradictions)
    click.echo(f"proof: {held} claims hold, {broken} fail")
    sys.exit(1 if broken else 0)


@main.command()
@NAMES
def release(names: tuple[str, ...]) -> None:
    """Release in both languages: built aside, put in place only on success."""
    from autograder import course, points

    for name in names or sorted(assignments.ASSIGNMENTS):
        with tempfile.TemporaryDirectory() as aside:
            built = course.Course.new(Path(aside) / "course")
            try:
                built.release(name)
            except course.NbgraderError as error:
                text = f"{error}\nThe committed release is as it was."
                raise click.ClickException(text) from error
            changed = course.stale(name, built.folder, HOME)
            if changed:
                course.put_in_place(name, built.folder, HOME)
        click.echo(f"{name}: {len(changed)} files changed")
    (HOME / points.TABLE).write_text(points.document(), encoding="utf-8")


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
def translated(paths: tuple[Path, ...]) -> None:
    """Say that both languages of source notebooks agree again (default: all of them)."""
    import nbformat

    from autograder import notebooks

    for path in paths or sorted((HOME / "source").glob("*/*.ipynb")):
        notebook = nbformat.read(path, nbformat.NO_CONVERT)
        marked = notebooks.mark_translated(notebook)
        if marked != notebook:
            path.write_text(notebooks.write(marked), encoding="utf-8")
            click.echo(f"{path}: marked")


@main.command()
def stand_in() -> None:
    """Print where the kit's stand-in data set is, for DASECV_DATA; make it when it is not."""
    click.echo(held_out.stand_in().parent)


@main.command()
def doctor() -> None:
    """Say what this machine can do, and what is missing."""
    alembic = shutil.which("alembic")
    compiler = shutil.which(os.environ.get("CC", "cc")) or shutil.which("gcc")
    lines = [
        ("ok", "Python", platform.python_version()),
        ("ok", "nbgrader", importlib.metadata.version("nbgrader")),
        ("ok" if alembic else "NO", "alembic", alembic or "not on PATH; `. .venv/bin/activate`"),
        ("ok", "data set", _data()),
        ("ok", "stand-in", str(held_out.STAND_IN)),
        ("ok", "PyTorch", _torch()),
        ("ok", "C compiler", compiler or "none; everything runs on the NumPy path"),
        _sandbox(),
    ]
    for sign, name, found in lines:
        click.echo(f"{sign}  {name}: {found}")
    sys.exit(1 if any(sign == "NO" for sign, *_ in lines) else 0)


def _torch() -> str:
    world = WORLDS["torch"]
    if world.here:
        return importlib.metadata.version("torch")
    return f"none; PyTorch.ipynb is not graded (`pip install {world.version}`)"


def _data() -> str:
    folder = data_utils.data_folder()
    if not (folder / "data_batch_1").exists():
        return "none; the stand-in is used (`python -m daseCV.datasets download`)"
    official = data_utils.data_digest(folder) == held_out.OFFICIAL
    return f"{'CIFAR-10' if official else 'not CIFAR-10'}, in {folder}"


def _sandbox() -> tuple[str, str, str]:
    try:
        with Zygote() as zygote:
            zygote.start()
            wall = zygote.wall
            found = f"tier {wall.tier!r}, Landlock ABI {wall.landlock}; {wall.canary}"
            return "ok", "wall", "\n      ".join([found, *(f"not {why}" for why in zygote.fallen)])
    except ZygoteError as error:
        return "NO", "wall", str(error)
