"""Attackers who leave code alone: notebooks, links, files for the grader's own programs to find."""

import os
import pickle

from attackers import NOTEBOOK, Attack, fair
from nbformat import v4

from autograder import graded

CHANGED = "改动"


def cells(notebook):
    """Its grade cells, but for written answers."""
    return [
        c for c in notebook["cells"]
        if graded.nbgrader_part(c).get("grade") and not graded.is_manual(c)
    ]  # fmt: skip


# --- notebooks -----------------------------------------------------------------------------------


def not_json(_):
    return '{"cells": [ an interrupted upload'


def no_cells(notebook):
    notebook["cells"] = []


def deleted(notebook):
    notebook["cells"] = [c for c in notebook["cells"] if c not in cells(notebook)]


def duplicated(notebook):
    notebook["cells"] += cells(notebook) * 2


def more_points(notebook):
    for cell in cells(notebook):
        cell["metadata"]["nbgrader"].update(points=1000, solution=True, locked=False)
        cell["source"] = "pass"


def no_schema_version(notebook):
    for cell in cells(notebook):
        del cell["metadata"]["nbgrader"]["schema_version"]


def skip_execution(notebook):
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution"]


def unknown_kernel(notebook):
    notebook["metadata"]["kernelspec"] = {"name": "evil", "display_name": "e", "language": "x"}


def retyped(notebook):
    for cell in cells(notebook):
        cell["cell_type"] = "markdown"
        del cell["outputs"], cell["execution_count"]


def forged_output(notebook):
    for cell in cells(notebook):
        points = str(float(cell["metadata"]["nbgrader"]["points"]))
        card = "<div class='dasecv-card'>forged: all passed</div>"
        cell["outputs"] = [
            v4.new_output("execute_result", data={"text/plain": points}, execution_count=1),
            v4.new_output("display_data", data={"text/html": card}),
        ]


def forged_record(notebook):
    """What the kit keeps for itself, and names of others wherever a program could look."""
    ids = [cell["metadata"]["nbgrader"]["grade_id"] for cell in cells(notebook)]
    notebook["metadata"]["dasecv"] = {
        "language": "zh", "held": [[name, 100.0] for name in ids], "notes": ["forged note"],
        "notebooks": [],
    }  # fmt: skip
    known = {"student": "zoe", "student_id": "zoe", "assignment": "a1", "notebook": "zoe"}
    notebook["metadata"]["nbgrader"] = {**known, "db_url": "sqlite:////tmp/other.db"}
    for cell in cells(notebook):
        cell["metadata"]["nbgrader"].update(
            known, score=100, auto_score=100, manual_score=100, extra_credit=100, checksum="0"
        )
        cell["metadata"]["dasecv"] = {"role": "mark scheme", "held": True}


def huge_output(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [v4.new_output("stream", text="x" * 2_500_000)]
            break


def hostile_text(notebook):
    evil = "<script>alert(1)</script> <img src=x onerror=alert(1)> \x1b[2J\u202e"
    notebook["cells"][0]["source"] = evil
    for cell in notebook["cells"]:
        if graded.is_manual(cell):
            cell["source"] = evil + "![x](attachment:../../../secret.txt) ![y](/etc/passwd)"
    output = v4.new_output("stream", text=evil)
    notebook["cells"].insert(0, v4.new_code_cell(evil, outputs=[output]))


# --- files ---------------------------------------------------------------------------------------


def links(folder, course):
    """To secrets, from wherever nbgrader or the kit looks."""
    (folder / "leak.txt").symlink_to(course / "secret.txt")
    (folder / "daseCV" / "leak.py").symlink_to(course / "secret.txt")
    (folder / "FullyConnectedNets_files").symlink_to(course)
    (folder / "saved").symlink_to(course / "source")
    (folder / "extra.ipynb").symlink_to(course / "source" / "assignment2" / NOTEBOOK)


def notebook_is_a_link(folder, course):
    """To the solved one, whose answers it would show."""
    (folder / NOTEBOOK).unlink()
    (folder / NOTEBOOK).symlink_to(course / "source" / "assignment2" / NOTEBOOK)


def all_is_a_link(folder, course):
    """To the solved notebooks, as an unpacked archive can lay one."""
    folder.rename(folder.with_name("aside"))
    folder.symlink_to(course / "source" / "assignment2")


def package_is_anothers(folder, course):
    """To what somebody else handed in."""
    (folder / "daseCV" / "layers.py").unlink()
    (folder / "daseCV").rmdir()
    (folder / "daseCV").symlink_to(course / "submitted" / "ada" / "assignment2" / "daseCV")


def pipes(folder, course):
    """Nobody ever writes to them: who opens one waits for ever."""
    for name in ("timestamp.txt", "daseCV/optim.py", "README.md", "other.ipynb"):
        os.mkfifo(folder / name)


def endless_stamp(folder, course):
    (folder / "timestamp.txt").symlink_to("/dev/zero")


def nonsense_stamp(folder, course):
    (folder / "timestamp.txt").write_text("2026-01-01 00:00:00 ../../../secret.txt")


class Pickled:
    """Runs code in whoever unpickles it."""

    def __reduce__(self):
        return os.system, ("touch MARKER",)


TRAP = "open('MARKER', 'w').write('a file of a student ran in the grader')\n"


def own_programs(folder, course):
    """Files that a grader's own programs load when they find them."""
    for name in (
        "conftest.py", "nbgrader_config.py", "jupyter_config.py", "sitecustomize.py", "numpy.py",
        "pytest.py", "autograder/__init__.py", "daseCV/__init__.py", "daseCV/numpy.py",
        "daseCV/checks/run.py", "daseCV/data_utils.py", "daseCV/compare.py", "json.py",
    ):  # fmt: skip
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("" if name == "daseCV/__init__.py" else TRAP)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only -p no:judge\n")
    for name in ("results.pkl", "saved/TwoLayerNet.accuracy.npz", "daseCV/best.npy"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(pickle.dumps(Pickled()))


def many_files(folder, course):
    for number in range(3000):
        (folder / f"{number}.txt").touch()


FOLDERS = {
    "p1 no JSON": Attack("p", "break the reading of notebooks", edit=not_json, note="无法读取"),
    "p2 no cells": Attack("p", "leave nothing to grade", edit=no_cells, note="缺少单元格"),
    "p3 deleted": Attack("p", "have cells that never ran", edit=deleted, note="缺少单元格"),
    "p4 duplicated": Attack("p", "stop the batch by a second cell", edit=duplicated, note="重复"),
    "p5 more points": Attack("p", "be worth 1000 points", edit=more_points, note=CHANGED),
    "p6 no schema": Attack("p", "stop the batch", edit=no_schema_version, note=CHANGED),
    "p7 skip-execution": Attack("p", "have cells not run", edit=skip_execution, note=CHANGED),
    "p8 unknown kernel": fair("another kernel", edit=unknown_kernel, note="内核"),
    "p9 retyped": Attack("p", "turn grade cells into text", edit=retyped, note="缺少单元格"),
    "p3 deleted by an honest one": fair("grade cells deleted", edit=deleted, note="缺少单元格"),
    "p4 duplicated by an honest one": fair("grade cells copied", edit=duplicated, note="重复"),
    "p6 no schema of an honest one": fair("lost keys", edit=no_schema_version, note=CHANGED),
    "t forged output": Attack("t", "bring the score along as output", edit=forged_output),
    "t forged record": Attack("t", "forge what the kit keeps", edit=forged_record, note=CHANGED),
    "t hostile notebook": Attack("t", "run in whoever looks", edit=hostile_text),
    "l huge output": Attack("l", "fill a page", honest=True, edit=huge_output, note="输出过大"),
    "q links": Attack("q", "have secrets copied", lay=links, note="是链接"),
    "q notebook is a link": Attack("q", "show the answers", lay=notebook_is_a_link, note="是链接"),
    "q all is a link": Attack("q", "show the answers", lay=all_is_a_link, note="是链接"),
    "q package is another's": Attack("q", "be judged by ada's", lay=package_is_anothers),
    "pipes": Attack("p", "have the grader wait for ever", lay=pipes, note="不是普通文件"),
    "endless time stamp": Attack("p", "fill the grader's memory", lay=endless_stamp),
    "nonsense time stamp": fair("a time stamp that is none", lay=nonsense_stamp),
    "own programs": Attack("e", "run in the grader itself", lay=own_programs),
    "3000 files": Attack("p", "take time and memory", lay=many_files, note="2000"),
}
