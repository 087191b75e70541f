"""Run the solved notebooks on the real CIFAR-10 and write what came out into docs/results.md.

`make results` runs it: a real kernel, every cell in order. When a notebook is through, its own
variables are asked what was reached; each row says how.
"""

import importlib.util
import json
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path

import nbclient
import nbformat

from autograder import HOME, held_out, release
from autograder.assignments import ASSIGNMENTS
from autograder.sandbox.worlds import WORLDS
from daseCV import data_utils

CELL_SECONDS = 3 * 3600
DOCUMENT = HOME / "docs" / "results.md"


@dataclass(frozen=True)
class Row:
    """One thing that a notebook reaches.

    Attributes
    ----------
    what : str
        For the reader.
    cell : str
        Id of the cell whose seconds count.
    value : str
        Python, run in the notebook's kernel at the end: a number or a list of numbers. Empty for
        the last percentage that the cell printed.
    floor : float or list of float
        What the first number has to reach; a list has to be equal.
    reported : str
        What the course's documents say of the same.
    unit : str
        How a number is written.
    """

    what: str
    cell: str
    value: str
    floor: float | list
    reported: str
    unit: str = ".1%"

    def holds(self, found: float | list) -> bool:
        """Whether that is reached."""
        if isinstance(self.floor, list):
            return found == self.floor
        return (found[0] if isinstance(found, list) else found) >= self.floor

    def text(self, found: float | list) -> str:
        """What was found, for the table."""
        numbers = found if isinstance(found, list) else [found]
        return ", ".join(format(number, self.unit) for number in numbers)


def accuracies(predicted: str, labels: str = "y_{part}") -> str:
    """Python for the validation and the test accuracy of what is predicted of `{part}`."""
    one = f"float(np.mean(({predicted}) == {labels}))"
    return "[" + ", ".join(one.format(part=part) for part in ("val", "test")) + "]"


DEEP = accuracies("best_model.loss(data['X_{part}']).argmax(axis=1)", "data['y_{part}']")
TWO_LAYERS = (
    "[float(np.mean(net.loss(data['X_val']).argmax(axis=1) == data['y_val'])) "
    "for net in [TwoLayerNet(hidden_dim=150)] if net.load('TwoLayerNet.accuracy')]"
)
# Validation accuracies of k = 1, 3, 5, ... in the five folds, as the documents of the course have
# them (the solved notebook of 2025, and an independent one of 2018).
TABLE = [
    [0.263, 0.257, 0.264, 0.278, 0.266], [0.239, 0.249, 0.240, 0.266, 0.254],
    [0.248, 0.266, 0.280, 0.292, 0.280], [0.262, 0.282, 0.273, 0.290, 0.273],
    [0.265, 0.296, 0.276, 0.284, 0.280], [0.260, 0.295, 0.279, 0.283, 0.280],
    [0.252, 0.289, 0.278, 0.282, 0.274], [0.270, 0.279, 0.279, 0.282, 0.285],
    [0.271, 0.288, 0.278, 0.269, 0.266], [0.256, 0.270, 0.263, 0.256, 0.263],
]  # fmt: skip
SAME = (
    f"int(sum(round(float(a), 3) == b for k, row in zip(k_choices, {TABLE}) "
    "for a, b in zip(k_to_accuracies[k], row)))"
)
RIGHT = "[int((classifier.predict_labels(dists, k) == y_test).sum()) for k in (1, 5, 10)]"

ROWS = {
    ("assignment1", "knn"): [
        Row("right of 500, for k = 1, 5, 10", "two-loops-all", RIGHT, [137, 139, 141],
            "137, 139, 141", "d"),
        Row("entries of the cross-validation table as published, of 50", "table-make", SAME, 50,
            "the table", "d"),
    ],
    ("assignment1", "svm"): [
        Row("LinearSVM.accuracy: validation, test", "search-run",
            accuracies("best_svm.predict(X_{part})"), 0.38, "38.5 % and 39.2 %; test 38 %"),
    ],
    ("assignment1", "softmax"): [
        Row("Softmax.accuracy: validation, test", "search-run",
            accuracies("best_softmax.predict(X_{part})"), 0.36, "37.1 %; test 35.9 %"),
    ],
    ("assignment1", "two_layer_net"): [
        Row("neural_net.TwoLayerNet.accuracy: validation, test", "search-train",
            accuracies("best_net.predict(X_{part})"), 0.51, "50.2 % and 52.4 %"),
    ],
    ("assignment1", "features"): [
        Row("features.linear.accuracy, the SVMs: validation", "linear-train",
            "max(val for (kind, *_), (_, val) in results.items() if kind == 'LinearSVM')", 0.48,
            "49.9 % and 50.5 %"),
        Row("features.linear.accuracy, the softmax classifiers: validation", "linear-train",
            "max(val for (kind, *_), (_, val) in results.items() if kind == 'Softmax')", 0.42,
            "42.1 %"),
        Row("features.network.accuracy: validation, test", "network-train",
            accuracies("best_net.predict(X_{part}_feats)"), 0.58, "60.5 %; test 58.1 to 59.1 %"),
    ],
    ("assignment2", "FullyConnectedNets"): [
        Row("TwoLayerNet.accuracy: best validation", "two-layer-train", TWO_LAYERS, 0.51,
            "at least 50 %"),
        Row("FullyConnectedNet.accuracy: validation, test", "best-model-train",
            DEEP, 0.55, "55 %; test 51.1 %"),
    ],
    ("assignment2", "ConvolutionalNetworks"): [
        Row("ThreeLayerConvNet after one epoch: training", "one-epoch-run", "accuracy", 0.45,
            "48.4 % to 50.4 %"),
        Row("BestConvNet.accuracy: best validation", "best-train", "best_val_acc", 0.65,
            "64.6 % after four epochs"),
    ],
    ("assignment2", "PyTorch"): [
        Row("PyTorch.barebones: validation", "barebones-train", "", 0.42, "at least 42 %"),
        Row("PyTorch.module_api: validation", "module-api-train", "", 0.45, "at least 45 %"),
        Row("PyTorch.sequential_api: validation", "sequential-api-train", "", 0.55,
            "at least 55 %"),
        Row("PyTorch.open_ended: validation", "open-ended-train", "", 0.70, "at least 70 %"),
    ],
}  # fmt: skip


def main() -> None:
    """Run the named notebooks, or all; write down what they reach."""
    folder = data_utils.data_folder()
    if data_utils.data_digest(folder) != held_out.OFFICIAL:
        sys.exit(f"{folder} is not CIFAR-10; run `python -m daseCV.datasets download`")
    wanted = sys.argv[1:] or [notebook for _, notebook in ROWS]
    lines, good = [], True
    for (assignment, name), rows in ROWS.items():
        world = WORLDS[ASSIGNMENTS[assignment].world(name)]
        if name in wanted and not world.here:
            lines.append(f"| {name} | not run: {world.version} is not installed | | | |")
            print(lines[-1], flush=True)
        elif name in wanted:
            source = release.sources(assignment, HOME)[name]
            ran = execute(source, rows, folder.parent, HOME / "source" / assignment)
            for row, found, seconds in read_off(ran, rows):
                holds = row.holds(found)
                good = good and holds
                below = "" if holds else " (below what is asked)"
                lines.append(
                    f"| {name} | {row.what} | {row.text(found)}{below} | {seconds:.0f} | "
                    f"{row.reported} |"
                )
                print(lines[-1], flush=True)
    if wanted == [notebook for _, notebook in ROWS]:
        write(lines)
    sys.exit(0 if good else 1)


def execute(
    notebook: nbformat.NotebookNode, rows: list[Row], data: Path, beside: Path
) -> nbformat.NotebookNode:
    """Run every cell but those that nbval skips, then the questions of the rows."""
    notebook.cells = [c for c in notebook.cells if "nbval-skip" not in c.metadata.get("tags", ())]
    values = ", ".join(row.value or "None" for row in rows)
    asked = f"import json\nprint(json.dumps([{values}]))"
    notebook.cells.append(nbformat.v4.new_code_cell(asked))
    with tempfile.TemporaryDirectory() as place:
        for path in release.pictures(beside):
            (Path(place) / release.PICTURES).mkdir(exist_ok=True)
            shutil.copy(path, Path(place) / release.PICTURES)
        client = nbclient.NotebookClient(
            notebook, timeout=CELL_SECONDS, kernel_name="python3", record_timing=True,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            resources={"metadata": {"path": place}},
        )  # fmt: skip
        return client.execute(env={**os.environ, "DASECV_DATA": str(data)})


def read_off(
    ran: nbformat.NotebookNode, rows: list[Row]
) -> Iterator[tuple[Row, float | list, float]]:
    """Yield each row with what was found, and the wall time of its cell in seconds."""
    cells = {cell.id: cell for cell in ran.cells}
    found = json.loads(ran.cells[-1].outputs[-1].text.splitlines()[-1])
    for row, value in zip(rows, found, strict=True):
        times = cells[row.cell].metadata.execution
        begin, end = (
            datetime.fromisoformat(times[key].replace("Z", "+00:00"))
            for key in ("iopub.execute_input", "shell.execute_reply")
        )
        seconds = (end - begin).total_seconds()
        yield row, value if row.value else printed(cells[row.cell]), seconds


def printed(cell: nbformat.NotebookNode) -> float:
    """The last percentage that a cell printed, as a share."""
    text = "".join(output.get("text", "") for output in cell.outputs)
    return float(re.findall(r"([\d.]+)%", text)[-1]) / 100


def write(lines: list[str]) -> None:
    """Write the document."""
    packages = ", ".join(
        f"{shown} {metadata.version(name)}"
        for shown, name in [("NumPy", "numpy"), ("PyTorch", "torch")]
        if importlib.util.find_spec(name)
    )
    text = "\n".join([
        "<!-- Generated by `make results`; do not edit. -->",
        "# What the solved notebooks reach on CIFAR-10",
        "",
        f"`make results` on {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {packages}; every cell of the solved "
        "notebooks in order, in a fresh kernel. Seconds are wall time of the cell that trains or "
        "measures. \"Reported\" is what the documents of the course say of the same; their runs "
        "are not seeded.",
        "",
        "| notebook | what | found | seconds | reported |",
        "| --- | --- | --- | --- | --- |",
        *lines,
    ])  # fmt: skip
    DOCUMENT.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
