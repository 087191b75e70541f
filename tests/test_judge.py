"""How a check ended becomes a verdict, and nothing that a student's code chose becomes words."""

import contextlib
import io
import re

import numpy as np
import peak
import pytest

from autograder import KIT, assignments, children, judge, runner
from autograder.children import Children, assemble
from autograder.intake import Submission
from autograder.judge import CHECK_SECONDS
from autograder.results import Verdict
from autograder.sandbox import Session, Zygote

A2 = "assignment2"


def verdict_of(zygote, lines, exercise="affine_forward"):
    """The result of one exercise when `lines` stand in place of the student's module."""
    submission = runner.reference_submission({"daseCV/layers.py": lines})
    (result,) = runner.grade(submission, A2, select={exercise}, zygote=zygote).exercises
    return result


BODY = "def affine_forward(x, w, b):\n    import numpy as np\n    secret = str(x.flat[0]){}\n"


@pytest.mark.parametrize(
    "last",
    [
        "\n    raise ImportError('no', name='x' + secret)",
        "\n    raise ImportError('no', name='numpy.' + secret.replace('-', ''))",
        "\n    raise ValueError(secret)",
        "\n    raise type(secret, (Exception,), {})",
        "\n    exec(compile('\\n' * 987654 + 'raise ValueError', 'daseCV/layers.py', 'exec'), {})",
        "\n    print(secret)\n    return secret, secret",
        "\n    return {secret: x}, secret",
        "\n    return type(secret, (), {})(), None",
    ],
)
def test_no_word_of_the_student_s_choice_reaches_a_report(zygote, last):
    result = verdict_of(zygote, BODY.format(last))
    assert result.verdict in (Verdict.CRASHED, Verdict.FAILED)
    for check in result.checks:
        assert not re.search(r"987655|\d\.\d{4}", check.message), check.message


@pytest.mark.parametrize(
    ("line", "module"), [("import torch.nn", "torch"), ("from .own import f", "daseCV.own")]
)
def test_a_missing_module_is_named(zygote, line, module):
    message = verdict_of(zygote, f"{line}\ndef affine_forward(x, w, b): pass\n").checks[0].message
    assert message.startswith(f"imports '{module}', which is not available here")
    assert "(daseCV/layers.py, line 1)" in message


@pytest.mark.parametrize("name", ["fast_layers.py", "im2col_cython.py", "solver.py"])
def test_nobody_takes_the_place_of_what_is_provided(name):
    mine = b"def conv_forward_fast(*arguments): pass"
    handed_in = runner.reference_submission({f"daseCV/{name}": mine.decode(), "daseCV/my.py": "1"})
    files = assemble(handed_in, assignments.find(A2))
    assert files["daseCV/my.py"] == b"1"
    assert files.get(f"daseCV/{name}") != mine


def test_ten_seconds_are_more_than_fifty_times_the_reference(zygote, monkeypatch):
    spent = []

    @contextlib.contextmanager
    def watched(self, place, at=Children.at):
        before = self.spent
        with at(self, place) as session:
            yield session
        spent.append(self.spent - before)

    monkeypatch.setattr(Children, "at", watched)
    runner.grade(runner.reference_submission(), A2, zygote=zygote)
    assert len(spent) > 50
    assert 50 * max(spent) < CHECK_SECONDS


def test_a_net_on_a_wrong_layer_is_judged_on_the_kit_s(zygote):
    """A fault is paid for once, and the report says which layers were lent."""
    text = (KIT / "layers.py").read_text(encoding="utf-8")
    wrong = text.replace("out = np.maximum(x, 0)", "out = np.abs(x)")
    assert wrong != text
    submission = runner.reference_submission({"daseCV/layers.py": wrong})
    judged = {"relu_forward", "TwoLayerNet.loss"}
    result = runner.grade(submission, A2, zygote=zygote, select=judged)
    assert result.find("relu_forward").verdict is Verdict.FAILED
    net = result.find("TwoLayerNet.loss")
    assert net.earned == net.possible
    assert any("judged with the kit's layers.py" in check.message for check in net.checks)


def test_what_may_not_be_used_is_not_there_and_may_be_imported(zygote):
    unused = "from daseCV.fast_layers import *\nfrom daseCV.fast_layers import conv_forward_fast\n"
    result = verdict_of(zygote, unused + (KIT / "layers.py").read_text(), "conv_forward_naive")
    assert result.earned == result.possible


# --- what one submission may take ----------------------------------------------------------------


def test_few_children_live_at_a_time(zygote, monkeypatch):
    """Each may fill its memory, the reader of saved files too."""
    monkeypatch.setattr(children, "MOST_CHILDREN", 1)
    opened, alive = [], []

    def count(*arguments, **options):
        alive.append(sum(not session.closed for session in opened))
        opened.append(Zygote.open(zygote, *arguments, **options))
        return opened[-1]

    monkeypatch.setattr(zygote, "open", count)
    wrong = (KIT / "layers.py").read_text().replace("out = np.maximum(x, 0)", "out = 2 * x")
    submission = runner.reference_submission({"daseCV/layers.py": wrong})
    networks = ["TwoLayerNet.loss", "FullyConnectedNet.loss", "conv_relu_forward"]
    result = runner.grade(submission, A2, select=["relu_forward", *networks], zygote=zygote)
    lost = [e.exercise for e in result.exercises if e.earned != e.possible]
    assert lost == ["relu_forward"]
    assert len(opened) > 3
    assert max(alive) == 0


SLEEPY = "import time\ndef affine_forward(x, w, b): time.sleep(99)\ndef relu_forward(x): return x\n"


def test_a_sleeper_is_waited_for_once_and_a_submission_not_for_ever(zygote, monkeypatch):
    monkeypatch.setattr(judge, "WAITING_SECONDS", 0.1)
    monkeypatch.setattr(judge, "SUBMISSION_WAITING_SECONDS", 0.5)
    begin, walls = Session.begin, []

    def hurry(session, **given):
        if given:  # the judge's, not the session's own
            walls.append(given["wall_seconds"])
        begin(session, **{**given, "wall_seconds": given.get("wall_seconds") or 0.3})

    monkeypatch.setattr(Session, "begin", hurry)
    submission = runner.reference_submission({"daseCV/layers.py": SLEEPY})
    exercises = {"affine_forward", "relu_forward"}
    result = runner.grade(submission, A2, select=exercises, zygote=zygote)
    assert result.find("affine_forward").verdict is Verdict.TIMED_OUT
    assert walls[:2] == [None, 0.1]
    assert "waited for in vain" in result.find("relu_forward").checks[-1].message


SLOW = """
import time
def slowly(function):
    def slow(*arguments):
        time.sleep(0.2)
        return function(*arguments)
    return slow
affine_forward, relu_forward = slowly(affine_forward), slowly(relu_forward)
"""


def test_who_sleeps_and_then_answers_is_not_waited_for_for_ever_either(zygote, monkeypatch):
    monkeypatch.setattr(judge, "SUBMISSION_WAITING_SECONDS", 0.5)
    layers = (KIT / "layers.py").read_text() + SLOW
    submission = runner.reference_submission({"daseCV/layers.py": layers})
    exercises = {"affine_forward", "relu_forward"}
    result = runner.grade(submission, A2, select=exercises, zygote=zygote)
    first, *_, last = [check for e in result.exercises for check in e.checks]
    assert first.verdict is Verdict.PASSED
    assert last.verdict is Verdict.TIMED_OUT
    assert "waited for in vain" in last.message


def test_a_child_is_told_nothing_of_the_seed_of_hidden_inputs(zygote, monkeypatch):
    begin, told, drawn = Session.begin, [], []

    def listen(session, **given):
        if given:  # the judge's, not the session's own
            told[-1].append(given["seed"])
        begin(session, **given)

    def draw(seed, default_rng=np.random.default_rng):
        drawn[-1].append(seed)
        return default_rng(seed)

    monkeypatch.setattr(Session, "begin", listen)
    monkeypatch.setattr(np.random, "default_rng", draw)
    for seed in (1, 10**30):
        told.append([])
        drawn.append([])
        runner.grade(
            runner.reference_submission(), A2, seed=seed, select=["affine_forward"], zygote=zygote
        )
    assert told[0] == told[1] != []
    assert not set(drawn[0]) & set(drawn[1])


def test_saved_files_that_grow_when_unpacked_take_little_of_the_grader(zygote):
    tasks = {"TwoLayerNet.accuracy", "FullyConnectedNet.accuracy"}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, W1=np.zeros(30 << 20))
    bombs = {f"saved/{task}.npz": buffer.getvalue() for task in tasks}
    submission = Submission.from_files("eve", {**runner.reference_submission().files, **bombs})
    peak.forget()
    before = peak.mebibytes()
    result = runner.grade(submission, A2, select=tasks, zygote=zygote)
    assert {e.verdict for e in result.exercises} == {Verdict.CRASHED}
    assert peak.mebibytes() - before < 100
