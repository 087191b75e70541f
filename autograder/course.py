"""A course in a folder of its own, run through nbgrader's commands; reaches no other gradebook."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from autograder import HOME, held_out, notebooks

CONFIG = "nbgrader_config.py"
LOG = "nbgrader.log"


class NbgraderError(RuntimeError):
    """An nbgrader command failed; the text shows the end of what it printed."""


class Course:
    """The folder of a course made for one purpose, with a copy of the kit's `source/`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def new(cls, folder: Path, source: Path = HOME / "source") -> "Course":
        """Make one in an empty or missing folder."""
        left_out = shutil.ignore_patterns("saved", ".ipynb_checkpoints")
        shutil.copytree(source, folder / "source", ignore=left_out)
        shutil.copy(HOME / CONFIG, folder)
        return cls(folder)

    def nbgrader(self, *words: str) -> str:
        """Run an nbgrader command here and return what it printed.

        Raises
        ------
        NbgraderError
            Its exit status is not 0.
        """
        command = [
            sys.executable, "-m", "nbgrader", *words,
            f"--CourseDirectory.root={self.folder}",
            f"--CourseDirectory.db_url=sqlite:///{self.folder / 'gradebook.db'}",
        ]  # fmt: skip
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment(), encoding="utf-8", errors="replace",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        with (self.folder / LOG).open("a", encoding="utf-8") as log:
            log.write(done.stdout)
        if done.returncode:
            raise NbgraderError(f"nbgrader {words[0]} failed:\n{done.stdout[-3000:]}")
        return done.stdout

    def environment(self) -> dict[str, str]:
        """Variables under which a person's own Jupyter settings, and courses, are out of reach."""
        own = str(self.folder / ".jupyter")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "NBGRADER"))}
        scripts = str(Path(sys.executable).parent)  # nbgrader runs `alembic` by bare name
        return {
            **kept, "PATH": os.pathsep.join([scripts, kept.get("PATH", "")]),
            "JUPYTER_CONFIG_DIR": own, "JUPYTER_CONFIG_PATH": own, "JUPYTER_DATA_DIR": own,
            "JUPYTER_NO_CONFIG": "", "DASECV_DATA": str(held_out.stand_in().parent),
        }  # fmt: skip

    def release(self, assignment: str) -> None:
        """Release an assignment in every language; the gradebook is the same for all."""
        for language in notebooks.LANGUAGES:
            self.nbgrader(
                "generate_assignment", assignment, f"--PickLanguage.language={language}",
                f"--CourseDirectory.release_directory={release_root(language)}",
            )  # fmt: skip


def release_root(language: str) -> str:
    """Where releases of a language stand in a course: the first one's at the top."""
    return "release" if language == notebooks.LANGUAGES[0] else f"release/{language}"


def put_in_place(assignment: str, built: Path, course: Path) -> None:
    """Replace the committed releases of an assignment by those of another course folder."""
    for language in notebooks.LANGUAGES:
        target = course / release_root(language) / assignment
        aside = target.with_name(f".{assignment}")  # an interrupted copy leaves the old one whole
        shutil.rmtree(aside, ignore_errors=True)
        shutil.copytree(built / release_root(language) / assignment, aside)
        shutil.rmtree(target, ignore_errors=True)
        aside.rename(target)


def stale(assignment: str, built: Path, course: Path) -> list[str]:
    """Name the files of the committed releases that differ from freshly built ones."""
    lines = []
    for language in notebooks.LANGUAGES:
        root = f"{release_root(language)}/{assignment}"
        fresh, there = files_of(built / root), files_of(course / root)
        lines += [
            f"{root}/{name} is out of date; run `make release`"
            for name in sorted({*fresh, *there}) if fresh.get(name) != there.get(name)
        ]  # fmt: skip
    return lines


def files_of(folder: Path) -> dict[str, bytes]:
    """Every regular file under a folder by its relative name, caches left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & {*path.parts}
    }
