"""The linear classifiers and their losses agree with published numbers and their docstrings."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from daseCV.classifiers import LinearClassifier, LinearSVM, Softmax, linear_svm, softmax
from daseCV.gradient_check import eval_numerical_gradient
from daseCV.saving import save_work

SVM = [linear_svm.svm_loss_naive, linear_svm.svm_loss_vectorized]
SOFTMAX = [softmax.softmax_loss_naive, softmax.softmax_loss_vectorized]
LOSSES = pytest.mark.parametrize("loss", SVM + SOFTMAX, ids=lambda loss: loss.__name__)
MODELS = pytest.mark.parametrize("model", [LinearSVM, Softmax])

# linear.svm_loss.small and linear.softmax_loss.small: loss and dW for reg = 0, loss for reg = 0.5
SMALL = {
    "svm": (
        1.9696939597797158,
        [
            [-0.007994147058592738, -0.40160219020695076, 0.40959633726554356],
            [-0.05005984612086808, 0.11123362282974614, -0.06117377670887808],
            [-0.04610075352242569, 0.5218017560169083, -0.4757010024944826],
            [0.00024315926001730048, 0.4526277611342139, -0.4528709203942312],
        ],
        2.2742394143251703,
    ),
    "softmax": (
        1.0903574093021633,
        [
            [-0.0030558571921783127, -0.133797911469721, 0.1368537686618994],
            [-0.029829869901637523, 0.037223645038221946, -0.007393775136584363],
            [-0.029178437791024425, 0.17402195396365788, -0.1448435161726335],
            [-0.0017004845386035861, 0.1508252809582653, -0.14912479641966175],
        ],
        1.3949028638476177,
    ),
}


def small():
    W, X = np.linspace(-0.3, 0.4, num=12).reshape(4, 3), np.cos(np.arange(20.0)).reshape(5, 4)
    return W, X, np.array([0, 2, 1, 1, 0])


# --- the losses ----------------------------------------------------------------------------------


@LOSSES
def test_small_example(loss):
    bare, dW, with_reg = SMALL[loss.__name__.split("_")[0]]
    W, X, y = small()
    assert loss(W, X, y, 0.0)[0] == pytest.approx(bare, abs=1e-12)
    assert_allclose(loss(W, X, y, 0.0)[1], dW, rtol=1e-10)
    assert loss(W, X, y, 0.5)[0] == pytest.approx(with_reg, abs=1e-12)
    assert loss(W, X, y, 0.5)[0] - bare == pytest.approx(0.5 * np.sum(W**2), abs=1e-12)
    assert_allclose(loss(W, X, y, 0.5)[1], dW + W, rtol=1e-10)  # 2 * 0.5 * W


@LOSSES
@pytest.mark.parametrize("reg", [0.0, 5.0])
def test_gradient(loss, reg):
    draw = np.random.RandomState(231)
    W, X, y = draw.randn(6, 5), draw.randn(8, 6), draw.randint(5, size=8)
    numerical = eval_numerical_gradient(lambda v: loss(v, X, y, reg)[0], W.copy(), verbose=False)
    assert_allclose(loss(W, X, y, reg)[1], numerical, rtol=1e-6, atol=1e-8)


@LOSSES
def test_arguments_stay_as_they_are(loss):
    W, X, y = small()
    loss(W, X, y, 0.5)
    for now, before in zip((W, X, y), small(), strict=True):
        assert_array_equal(now, before)


@LOSSES
def test_initial_loss(loss):  # linear.initial_loss.theory
    found, _ = loss(np.zeros((6, 10)), np.ones((7, 6)), np.arange(7), 0.0)
    assert found == pytest.approx(9.0 if loss in SVM else 2.302585092994046, abs=1e-12)


@pytest.mark.parametrize("loss", SOFTMAX, ids=lambda loss: loss.__name__)
def test_softmax_takes_any_score(loss):  # softmax_loss.overflow
    X = np.array([[1000.0, 0.0, -1000.0], [1000.0, 0.0, -1000.0]])
    assert loss(np.eye(3), X, np.array([0, 1]), 0.0)[0] == 500
    assert loss(np.eye(3), X, np.array([0, 0]), 0.0)[0] == 0
    assert_array_equal(loss(np.eye(3), X, np.array([0, 0]), 0.0)[1], np.zeros((3, 3)))


# --- training and prediction ---------------------------------------------------------------------


def blobs():
    """Three groups of points, and their labels; the same draws as linear.train.synthetic."""
    np.random.seed(231)
    y = np.random.randint(3, size=300)
    return np.hstack([np.random.randn(300, 4) + 3 * np.eye(4)[y], np.ones((300, 1))]), y


@pytest.mark.parametrize(
    ("model", "rate", "first", "last"),
    [
        (Softmax, 0.1, 1.096667513470414, 0.11079961550518486),
        (LinearSVM, 0.05, 1.9941476496400679, 0.11488504451018351),
    ],
)
def test_training(model, rate, first, last):  # linear.train.synthetic
    X, y = blobs()
    np.random.seed(7)
    classifier = model()
    history = classifier.train(X, y, rate, reg=1e-4, num_iters=200, batch_size=50)
    assert (len(history), history[0], history[-1]) == pytest.approx((200, first, last), abs=1e-8)
    assert classifier.W.shape == (5, 3)
    assert np.mean(classifier.predict(X) == y) == pytest.approx(0.96)


@MODELS
def test_training_goes_on_from_the_weights_there_are(model):
    X, y = blobs()
    classifier = model()
    classifier.W = W = np.ones((5, 7))
    classifier.train(X, y, num_iters=1)
    assert classifier.W.shape == W.shape
    assert 0 < np.abs(classifier.W - W).max() < 0.1
    assert (W == 1).all()  # whoever gave them keeps them


def test_training_draws_with_replacement():
    classifier = Softmax()
    assert len(classifier.train(np.eye(3), np.arange(3), batch_size=50, num_iters=2)) == 2


def test_training_says_what_it_does(capsys):
    X, y = blobs()
    classifier = LinearSVM()
    history = classifier.train(X, y, num_iters=101, verbose=True)
    assert capsys.readouterr().out.splitlines() == [
        f"iteration 0 / 101: loss {history[0]:f}",
        f"iteration 100 / 101: loss {history[100]:f}",
    ]
    classifier.train(X, y, num_iters=1)
    assert capsys.readouterr().out == ""


@MODELS
def test_prediction(model):
    classifier = model()
    classifier.W = np.array([[1.0, 0.0, -1.0], [0.0, 2.0, 0.0]])
    y_pred = classifier.predict(np.array([[-1.0, 0.1], [0.5, 1.0], [3.0, 1.0]]))
    assert_array_equal(y_pred, [2, 1, 0])


def test_a_classifier_without_a_loss_says_so():
    classifier = LinearClassifier()
    with pytest.raises(NotImplementedError, match="no loss: use LinearSVM or Softmax"):
        classifier.train(np.eye(2), np.arange(2), num_iters=1)


# --- saving --------------------------------------------------------------------------------------


@MODELS
@pytest.mark.parametrize("name", ["best.npy", "best.npz", "best"])
def test_weights_are_saved_and_loaded(model, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    saved, loaded = model(), model()
    saved.W = np.arange(6.0).reshape(2, 3)
    saved.save(name)
    assert [path.name for path in tmp_path.glob("saved/*")] == ["best.npz"]
    assert loaded.load(name) is True
    assert_array_equal(loaded.W, saved.W)


def test_a_file_that_is_not_there_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    classifier = Softmax()
    assert classifier.load("best") is False
    assert classifier.W is None


def test_there_is_something_to_save_after_training_only(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="there is no W to save yet: train first"):
        Softmax().save("best")


@pytest.mark.parametrize("params", [{}, {"W": np.zeros(3)}])
def test_another_model_s_file_is_refused(params, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_work("other", params=params)
    with pytest.raises(ValueError, match="holds no W"):
        Softmax().load("other")
