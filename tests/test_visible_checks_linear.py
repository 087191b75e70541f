"""Visible checks of kNN and the linear classifiers pass right programs, and name each slip."""

import ast
import importlib.util
import warnings

import pytest

from autograder import KIT, slips, stubs
from daseCV.checks import Student, discover, run

MODULES = [
    f"classifiers/{name}.py"
    for name in ("k_nearest_neighbor", "linear_svm", "softmax", "linear_classifier")
]
FILES = [KIT / "checks" / f"test_{module[12:]}" for module in MODULES]
SLIPS = {slip.name: slip for slip in slips.SLIPS if slip.module in MODULES}
STYLES = [style for style in slips.STYLES if style.module in MODULES]
EXERCISES = sorted({edit.exercise for edit in [*SLIPS.values(), *STYLES]})
UNSEEN = {"no-loops-broadcast"}  # wrong only where there is too little memory for it

# What the student reads of each slip.
WORDS = {
    "two-loops-no-root": "these are the squares of the distances",
    "two-loops-l1": "this is the L1 distance",
    "two-loops-mean": "the squares are averaged: add them up",
    "two-loops-square-of-sum": "square before you add up",
    "two-loops-transposed": "a row for each test example",
    "two-loops-whole-numbers": "dists holds floats, as it was given",
    "two-loops-norm": "compute_distances_two_loops may not use norm",
    "two-loops-pixels": "compute_distances_two_loops has loops, 3 deep; 2 may be",
    "one-loop-no-root": "these are the squares of the distances",
    "one-loop-no-axis": "the root of the sum of the squared differences",
    "one-loop-root-first": "this is the L1 distance",
    "one-loop-over-training": "IndexError",
    "one-loop-two-loops": "compute_distances_one_loop has loops, 2 deep; 1 may be",
    "one-loop-calls-two-loops": "may not use compute_distances_two_loops",
    "no-loops-no-root": "these are the squares of the distances",
    "no-loops-one-product": "the product needs its factor 2",
    "no-loops-sign": "the product is subtracted",
    "no-loops-columns": "dists has wrong values",
    "no-loops-one-loop": "compute_distances_no_loops has loops, 1 deep; 0 may be",
    "no-loops-calls-one-loop": "may not use compute_distances_one_loop",
    "vote-farthest": "the nearest have the smallest distances",
    "vote-not-the-nearest": "the nearest has a vote, too",
    "vote-one": "all k have a vote, not the nearest alone",
    "vote-indices": "these are numbers of examples: look up their labels",
    "vote-count": "that is how often the label occurs",
    "vote-mean": "the most common label of the k nearest",
    "vote-larger-label": "of equally common labels take the smallest",
    "vote-nearest-label": "of equally common labels take the smallest",
    "svm-naive-not-averaged": "divide by N, like the loss",
    "svm-naive-factor-2": "the derivative of W * W is 2 * W",
    "svm-naive-no-l2": "the regularisation has a gradient, too",
    "svm-naive-l2-averaged": "divide by N first, then add the regularisation",
    "svm-naive-l2-half": "a factor 0.5 too many: here it is reg * sum(W * W)",
    "svm-naive-others-only": "which columns of W does a score depend on?",
    "svm-naive-right-once": "which columns of W does a score depend on?",
    "svm-naive-uphill": "the sign is the wrong way round",
    "svm-vectorized-no-l2": "the loss lacks the regularisation",
    "svm-vectorized-l2-half": "a factor 0.5 too many: here it is reg * sum(W * W)",
    "svm-vectorized-l2-square-of-sum": "the sum of the squares, not the square of the sum",
    "svm-vectorized-free-bias": "the last row, the bias, is regularised, too",
    "svm-vectorized-factor-2": "the derivative of W * W is 2 * W",
    "svm-vectorized-not-averaged": "divide by N, like the loss",
    "svm-vectorized-mean": "the mean is over the examples only, not over the classes",
    "svm-vectorized-no-margin": "the margin of 1 is missing",
    "svm-vectorized-own-class": "leave out the right class, which adds 1",
    "svm-vectorized-right-once": "how often does X[i] enter each column of dW?",
    "svm-vectorized-margins": "how often does X[i] enter each column of dW?",
    "svm-vectorized-loops": "svm_loss_vectorized has loops, 2 deep; 0 may be",
    "svm-vectorized-brackets": "svm_loss_vectorized has loops, 1 deep; 0 may be",
    "svm-vectorized-calls-naive": "svm_loss_vectorized may not use svm_loss_naive",
    "softmax-naive-l2-half": "a factor 0.5 too many: here it is reg * sum(W * W)",
    "softmax-naive-no-l2": "the loss lacks the regularisation",
    "softmax-naive-factor-2": "the derivative of W * W is 2 * W",
    "softmax-naive-not-averaged": "divide by N, like the loss",
    "softmax-naive-sum": "divide by N",
    "softmax-naive-l2-twice": "dW has more regularisation than the loss",
    "softmax-naive-no-right-class": "how does the right class differ from the others?",
    "softmax-naive-log-2": "take the natural logarithm",
    "softmax-naive-unshifted": "subtract the largest score of each example first",
    "softmax-vectorized-l2-half": "a factor 0.5 too many: here it is reg * sum(W * W)",
    "softmax-vectorized-no-l2": "the loss lacks the regularisation",
    "softmax-vectorized-factor-2": "the derivative of W * W is 2 * W",
    "softmax-vectorized-free-bias": "the last row, the bias, is regularised, too",
    "softmax-vectorized-not-averaged": "divide by N, like the loss",
    "softmax-vectorized-all-classes": "-log of the probability of the right class, a mean",
    "softmax-vectorized-axis": "-log of the probability of the right class, a mean",
    "softmax-vectorized-columns": "how does the right class differ from the others?",
    "softmax-vectorized-unshifted": "subtract the largest score of each example first",
    "softmax-vectorized-loops": "softmax_loss_vectorized has loops, 2 deep; 0 may be",
    "softmax-vectorized-calls-naive": "softmax_loss_vectorized may not use softmax_loss_naive",
    "train-uphill": "go down the gradient, not up",
    "train-no-rate": "multiply the gradient by learning_rate",
    "train-forgets": "the step is added to the weights there are",
    "train-local": "store the new weights in self.W",
    "train-first-batch": "draw anew in each step, from all examples",
    "train-first-examples": "some examples are never drawn",
    "train-whole-batch": "draw batch_size indices",
    "train-labels-drawn-again": "draw indices once, and take X and y at them",
    "predict-axis": "along which axis is the maximum?",
    "predict-lowest": "the highest score, not the lowest",
    "predict-scores": "the class of the score, not the score",
    "predict-size": "the highest score, negative or not: no abs",
    "predict-squeezed": "one label for each row, of one row too",
}

# Wrong in ways that no slip of the bank shows: file, old, new; the exercise; words.
MORE = [
    ("classifiers/linear_svm.py", "    dW = dW / num_train + 2 * reg * W",
     "    loss = loss + 1; dW = dW / num_train + 2 * reg * W",
     "svm_loss_naive", "the loss was given: leave its lines as they are"),
    ("classifiers/linear_svm.py", "np.maximum(0, scores - scores[rows, y][:, None] + 1)",
     "scores - scores[rows, y][:, None] + 1",
     "svm_loss_vectorized", "a margin that is kept costs nothing"),
    ("classifiers/linear_svm.py", "margins.sum() / len(X) + reg", "margins.sum() + reg",
     "svm_loss_vectorized", "divide by N"),
    ("classifiers/linear_svm.py", "margins.sum() / len(X) + reg * np.sum(W * W)",
     "(margins.sum() + reg * np.sum(W * W)) / len(X)",
     "svm_loss_vectorized", "the regularisation is not divided by N"),
    ("classifiers/linear_svm.py", "return loss, dW\n\n\ndef", "return None, dW\n\n\ndef",
     "svm_loss_naive", "it is None: is it computed, and returned?"),
    ("classifiers/softmax.py", "-log_p[rows, y].mean()", "log_p[rows, y].mean()",
     "softmax_loss_vectorized", "minus the logarithm of the probability"),
    ("classifiers/softmax.py", "-log_p[rows, y].mean()", "np.exp(log_p)[rows, y].mean()",
     "softmax_loss_vectorized", "take the logarithm of the probability"),
    ("classifiers/softmax.py", "-log_p[rows, y].mean()", "-log_p[rows, y].mean() / np.log(10)",
     "softmax_loss_vectorized", "not that to the base 10"),
    ("classifiers/softmax.py", "X.T @ dscores / len(X) + 2 * reg * W",
     "X.T @ dscores / len(X) + 2 * reg * W * (np.arange(len(W)) < len(W) - 1)[:, None]",
     "softmax_loss_vectorized", "the last row, the bias, takes part as well"),
    ("classifiers/softmax.py", "X.T @ dscores / len(X) + 2 * reg * W",
     "X.T @ dscores + 2 * reg * W * len(X); dW /= len(X); dW += 2 * reg * W * (len(X) - 1)",
     "softmax_loss_vectorized", "add the regularisation once, not N times"),
    ("classifiers/softmax.py", "-log_p[rows, y].mean() + reg * np.sum(W * W)",
     "-log_p[rows, y].mean()",
     "softmax_loss_vectorized", "dW has more regularisation than the loss"),
    ("classifiers/linear_classifier.py", "loss_history.append(loss)", "loss_history = [loss]",
     "LinearClassifier.train", "there is not a loss for each step"),
]  # fmt: skip


@pytest.fixture
def check(tmp_path):
    """Run the checks of an exercise, in this process, on a module with this text.

    A process for each slip would take a minute; `test_visible_checks.py` runs the real thing.
    """

    def check(module, text, exercise):
        path = tmp_path / module.rpartition("/")[2]
        path.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        loaded, student = importlib.util.module_from_spec(spec), Student()
        spec.loader.exec_module(loaded)
        setattr(student, path.stem, loaded)
        with warnings.catch_warnings(action="ignore"):  # which pytest makes errors of
            return [run.judge(one, student) for one in discover()[exercise]]

    return check


def solution(module):
    return (KIT / module).read_text(encoding="utf-8")


def said(results):
    return [f"{one['what']} {one['detail']} {one['hint']}" for one in results]


def module_of(exercise):
    return next(edit.module for edit in [*SLIPS.values(), *STYLES] if edit.exercise == exercise)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_solution_passes(check, exercise):
    module = module_of(exercise)
    results = check(module, solution(module), exercise)
    assert {one["verdict"] for one in results} == {"passed"}, said(results)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_stub_is_not_implemented(check, exercise):
    module = module_of(exercise)
    text = stubs.stub(solution(module), module)
    verdicts = {one["verdict"] for one in check(module, text, exercise)}
    assert verdicts <= {"not implemented", "passed"}  # that there is no loop is true of a stub, too
    assert "not implemented" in verdicts


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_unusual_style_passes(check, style):
    results = check(style.module, style.apply(solution(style.module)), style.exercise)
    assert {one["verdict"] for one in results} == {"passed"}, said(results)


@pytest.mark.parametrize("name", WORDS)
def test_a_slip_is_caught_and_named(check, name):
    slip = SLIPS[name]
    results = check(slip.module, slip.apply(solution(slip.module)), slip.exercise)
    assert any(WORDS[name] in text for text in said(results)), said(results)
    assert "failed" in {one["verdict"] for one in results}


@pytest.mark.parametrize("case", MORE, ids=lambda case: case[-1])
def test_more_mistakes_are_named(check, case):
    module, old, new, exercise, words = case
    assert solution(module).count(old) == 1
    results = check(module, solution(module).replace(old, new), exercise)
    assert any(words in text for text in said(results)), said(results)


def test_every_slip_of_these_modules_is_tried():
    assert set(WORDS) | UNSEEN == set(SLIPS)


def test_a_check_has_ten_lines_at_most_and_holds_no_solution():
    secrets = {line for m in MODULES for line in stubs.secret_lines(solution(m), f"daseCV/{m}")}
    assert len(secrets) > 20
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert not stubs.leaks(text, path.name, secrets)
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert node.end_lineno - node.lineno <= 10, node.name
