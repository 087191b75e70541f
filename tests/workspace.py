"""A student's folder to break things in: a copy of the package where paths are unkind."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from autograder import stubs
from daseCV.checks import process

KIT = Path(process.__file__).resolve().parents[1]
EDITED = ("layers.py", "layer_utils.py", "optim.py", "classifiers/fc_net.py")


class Workspace:
    """A copy of the solved package in ``folder / "daseCV"``."""

    def __init__(self, folder, monkeypatch):
        self.folder, self._patch = folder, monkeypatch
        ignored = shutil.ignore_patterns("__pycache__", "cifar-10-*", "*.so")
        shutil.copytree(KIT, folder / "daseCV", ignore=ignored)

    def edit(self, file, old, new):
        """Replace text that is there once."""
        path = self.folder / "daseCV" / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} has {text.count(old)} of: {old}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def stub(self):
        """Take the solutions out, as a release does."""
        for file in EDITED:
            path = self.folder / "daseCV" / file
            text = stubs.stub(path.read_text(encoding="utf-8"), file)
            path.write_text(text, encoding="utf-8")

    def reports(self, *exercises, limit=None):
        """Reports of the visible checks by exercise."""
        with self._patch.context() as patch:
            patch.setattr(process, "FOLDER", self.folder)
            reports = list(process.run(exercises, limit, self.folder))
        return {report.exercise: report for report in reports}

    def run(self, *words, encoding="utf-8", **environment):
        """Run ``python -m`` in the folder."""
        environment = {**os.environ, "PYTHONIOENCODING": encoding, **environment}
        environment.pop("PYTHONPATH", None)
        return subprocess.run(
            [sys.executable, "-B", "-m", *words],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            encoding=encoding,
            timeout=120,
            check=False,
        )
