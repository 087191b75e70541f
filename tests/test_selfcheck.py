"""The self-check: what a student reads, when a loop stops, and that old terminals will do."""

import json
import time

import pytest
from workspace import Workspace

from daseCV.checks import Student, process
from daseCV.checks.process import CheckReport, ExerciseReport
from daseCV.checks.run import explain
from daseCV.selfcheck import CheckFailed, check, describe

EXERCISES = ["affine_forward", "affine_backward", "relu_forward", "relu_backward", "sgd_momentum"]
EXERCISES += ["rmsprop", "adam", "TwoLayerNet.__init__", "TwoLayerNet.loss"]
EXERCISES += ["FullyConnectedNet.__init__", "FullyConnectedNet.loss"]
AFFINE = "out = x.reshape(x.shape[0], -1) @ w + b"


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    return Workspace(tmp_path / "作业 2" / "my work", monkeypatch)


@pytest.fixture
def here(workspace, monkeypatch):
    """The workspace as the folder of a notebook."""
    monkeypatch.setattr(process, "FOLDER", workspace.folder)
    monkeypatch.chdir(workspace.folder)
    return workspace


def assign(workspace, *exercises):
    rows = [{"exercise": name, "notebook": "N", "points": 1, "task": False} for name in exercises]
    table = {"assignment": "a", "version": "1", "exercises": rows, "hand_in": []}
    path = workspace.folder / "daseCV" / "assignment.json"
    path.write_text(json.dumps(table), encoding="utf-8")


def test_a_right_solution_reads_well(here, capsys):
    assert check("affine_forward", "adam") is None
    assert capsys.readouterr().out == (
        "[ok]   affine_forward: passed / 通过\n"
        "[ok]   adam: passed / 通过\n"
        "2 of 2 exercises pass / 2 个练习中通过 2 个\n"
    )


def test_a_wrong_solution_reads_well(here, capsys):
    here.edit("layers.py", "dx = dout * (x > 0)", "dx = np.where(x > 0, dout, x)")
    with pytest.raises(CheckFailed) as caught:
        check("relu_backward")
    one_line = "not right yet: relu_backward (see above) / 尚未通过: relu_backward（见上文）"
    assert str(caught.value) == one_line
    assert caught.value._render_traceback_() == [f"CheckFailed: {one_line}"]
    out = capsys.readouterr().out
    assert out.splitlines()[4:] == [
        "[fail] relu_backward: dx has wrong values / dx 的数值不对",
        "         20 of 20 entries differ; the worst, dx[0, 0], is off by 1.2"
        " (relative 1, allowed 1e-07)",
        "         hint / 提示: dx is zero there, neither x nor dout"
        " / 此处 dx 为零，既不是 x 也不是 dout",
        "         check / 检查项: No gradient passes where the input is negative"
        " / 输入为负处没有梯度通过",
    ]


def test_a_stub_is_not_implemented(workspace):
    workspace.stub()
    reports = workspace.reports(*EXERCISES)
    assert {r.verdict for r in reports.values()} == {"not implemented"}
    said = {name: report.checks[0].what for name, report in reports.items()}
    assert said["adam"] == "not implemented / 尚未实现"
    assert said["affine_backward"] == (
        "waits for affine_forward, which is not implemented / 需要先完成 affine_forward"
    )


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ("NotImplementedError", "not implemented / 尚未实现"),
        ("NotImplementedError('later')", "not implemented / 尚未实现"),
    ],
)
def test_a_student_s_own_not_implemented_error(workspace, raised, said):
    workspace.edit("layers.py", AFFINE, f"raise {raised}")
    assert workspace.reports("affine_forward")["affine_forward"].checks[0].what == said


def test_a_loop_is_stopped_and_the_others_go_on(workspace):
    workspace.edit("layers.py", "out = np.maximum(x, 0)", "while True: pass")
    start = time.monotonic()
    reports = workspace.reports("affine_forward", "relu_forward", "adam", limit=1)
    assert time.monotonic() - start < 10
    verdicts = {name: report.verdict for name, report in reports.items()}
    assert verdicts == {"affine_forward": "passed", "relu_forward": "timed out", "adam": "passed"}
    (one,) = reports["relu_forward"].checks
    assert one.what == "stopped after 1 s / 运行 1 秒后被停止"
    assert one.detail.startswith("daseCV/layers.py, line ")
    assert one.detail.endswith(", in relu_forward")
    assert one.hint == "an endless loop? / 有死循环吗？"


def test_a_loop_on_top_of_a_file_is_waited_for_once(workspace):
    workspace.edit("layers.py", "import numpy as np\n", "import numpy as np\nwhile True: pass\n")
    start = time.monotonic()
    reports = workspace.reports("affine_forward", "relu_forward", "relu_backward", limit=1)
    assert time.monotonic() - start < 5
    assert {report.verdict for report in reports.values()} == {"timed out"}
    (one,) = reports["relu_backward"].checks
    assert one.what == "not checked: a file is never read to its end / 未检查：文件无法读完"
    assert one.detail.startswith("daseCV/layers.py, line ")


def test_a_function_that_is_gone_is_named(workspace):
    workspace.edit("layers.py", "def relu_forward(", "def relu_forwards(")
    (one, *_) = workspace.reports("relu_forward")["relu_forward"].checks
    assert one.verdict == "crashed"
    assert one.what.startswith("daseCV/layers.py has no relu_forward / ")


def test_a_file_that_is_gone_is_named():
    with pytest.raises(AttributeError) as error:
        Student().gone.adam()
    assert explain(error.value, "adam")["what"].startswith("daseCV has no file gone.py / ")


def test_what_was_checked_before_a_loop_is_kept(workspace):
    workspace.edit("layers.py", "out = np.maximum(x, 0)",
                   "out = np.maximum(x, 0)\n    while x.ndim == 4: pass")  # fmt: skip
    checks = workspace.reports("relu_forward", limit=1)["relu_forward"].checks
    assert [one.verdict for one in checks] == ["passed", "timed out"]


def test_a_process_that_cannot_stop_itself_is_killed(workspace, monkeypatch):
    monkeypatch.setattr(process, "GRACE_SECONDS", 1)
    workspace.edit("layers.py", "out = np.maximum(x, 0)",
                   "import faulthandler\n    faulthandler.cancel_dump_traceback_later()\n"
                   "    while True: pass")  # fmt: skip
    assert workspace.reports("relu_forward", limit=1)["relu_forward"].verdict == "timed out"


@pytest.mark.parametrize("ending", ["import os; os._exit(7)", "import os; os.abort()"])
def test_code_that_ends_python_loses_its_exercise_only(workspace, ending):
    workspace.edit("layers.py", "out = np.maximum(x, 0)", ending)
    reports = workspace.reports("relu_forward", "adam")
    assert reports["adam"].verdict == "passed"
    (one,) = reports["relu_forward"].checks
    assert one.verdict == "crashed"
    assert one.what.startswith("it ended Python (exit status ")


@pytest.mark.parametrize(
    ("code", "what", "detail"),
    [
        ("out = x @ w + b", "crashed with ValueError", ", in affine_forward: out = x @ w + b"),
        ("out = undefined", "crashed with NameError", "name 'undefined' is not defined"),
        ("out = input()", "crashed with EOFError", ", in affine_forward: out = input()"),
        ("exit(3)", "crashed with SystemExit", ", in affine_forward: exit(3)"),
        ("import torch_of_mine", "crashed with ModuleNotFoundError", "No module named 'torch_of"),
        ("out = affine_forward(x, w, b)", "crashed with RecursionError", "in affine_forward"),
    ],
)
def test_an_exception_is_told_with_file_and_line(workspace, code, what, detail):
    workspace.edit("layers.py", AFFINE, code)
    one = workspace.reports("affine_forward")["affine_forward"].checks[0]
    assert one.verdict == "crashed"
    assert one.what.startswith(what)
    assert "daseCV/layers.py, line " in one.detail
    assert detail in one.detail


def test_a_syntax_error_is_told_with_file_and_line(workspace):
    workspace.edit("optim.py", "next_w = w + v", "next_w = (w + v")
    reports = workspace.reports("adam", "affine_forward")
    assert reports["affine_forward"].verdict == "passed"
    one = reports["adam"].checks[0]
    assert one.what == "crashed with SyntaxError / 运行时出现 SyntaxError"
    assert "daseCV/optim.py, line " in one.detail
    assert "next_w = (w + v" in one.detail


def test_a_wrong_number_of_results_is_told(workspace):
    end = "    ### END SOLUTION\n    return dx, dw, db\n\n\ndef relu_forward"
    workspace.edit("layers.py", end, end.replace("dx, dw, db", "dx"))
    one = workspace.reports("affine_backward")["affine_backward"].checks[0]
    assert one.verdict == "failed"
    assert one.what == "what was returned cannot be used / 返回值无法使用"
    assert "too many values to unpack" in one.detail
    assert "dx, dw, db = student.layers.affine_backward(dout, cache)" in one.detail


def test_what_is_printed_is_shown_in_part(workspace):
    workspace.edit("layers.py", AFFINE, "for i in range(10**4): print('row', i)")
    out = workspace.run("daseCV.selfcheck", "affine_forward").stdout
    assert "printed / 打印的内容:\n           row 0\n           row 1\n" in out
    assert out.count("           row ") == 10 * out.count("printed")


def test_an_explanation_is_given_once():
    same = CheckReport("S", "crashed", "crashed with SyntaxError", "daseCV/layers.py, line 3")
    seen = set()
    first = describe(ExerciseReport("a", (same, same)), seen)
    assert first == (
        "[err]  a: crashed with SyntaxError\n         daseCV/layers.py, line 3\n"
        "         check / 检查项: S"
    )
    again = describe(ExerciseReport("b", (same,)), seen)
    assert again == "[err]  b: crashed with SyntaxError (as above / 同上)"


def test_a_misspelt_name_lists_what_is_near(here):
    with pytest.raises(CheckFailed) as caught:
        check("afine_backward")
    assert str(caught.value).startswith(
        "no exercise is called 'afine_backward' / 没有名为 'afine_backward' 的练习;"
        " did you mean / 是否想写: affine_backward"
    )
    with pytest.raises(CheckFailed, match="没有名为 'qqq' 的练习$"):
        check("qqq")


def test_checks_that_cannot_start_say_why(here):
    (here.folder / "daseCV" / "compare.py").write_text("import numpy_of_mine\n", encoding="utf-8")
    with pytest.raises(CheckFailed, match="cannot start / 检查无法启动: .*numpy_of_mine"):
        check("adam")


def test_the_exercises_of_the_assignment_in_its_order(workspace):
    assign(workspace, "adam", "a written question", "affine_forward")
    assert list(workspace.reports()) == ["adam", "affine_forward"]


def test_the_current_folder_holds_what_is_saved(here, tmp_path, monkeypatch, capsys):
    name = "FullyConnectedNet.overfit_three_layers"
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / f"{name}.npz").write_bytes(b"no archive")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckFailed):
        check(name)
    assert "cannot be read: save it again" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["affine_forward"], 0, "[ok]   affine_forward: passed / 通过"),
        (["affine_forward", "relu_forward"], 1, "1 of 2 exercises pass / 2 个练习中通过 1 个"),
        (["nonsense"], 2, "没有名为 'nonsense' 的练习"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_terminal_gets_words_and_an_exit_status(workspace, words, status, said, encoding):
    workspace.edit("layers.py", "out = np.maximum(x, 0)", "out = np.abs(x)")
    done = workspace.run("daseCV.selfcheck", *words, encoding=encoding, PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (status, "")
    assert said in done.stdout


@pytest.mark.parametrize("encoding", ["gbk", "cp1252", "ascii"])
def test_no_terminal_is_too_old_for_a_message(workspace, encoding):
    workspace.edit("layers.py", AFFINE, "raise ValueError('\\u2713 \\U0001f600 \\udc80')")
    done = workspace.run("daseCV.selfcheck", "affine_forward", encoding=encoding, PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (1, "")
    assert "crashed with ValueError" in done.stdout


def test_a_check_takes_about_a_second(workspace):
    start = time.monotonic()
    assert workspace.run("daseCV.selfcheck", "affine_forward").returncode == 0
    assert time.monotonic() - start < 5  # 0.3 s on an idle machine
