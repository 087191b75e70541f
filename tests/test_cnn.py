"""The convolutional networks agree with published losses and gradients, learn, and are saved."""

import numpy as np
import pytest

from daseCV.classifiers.cnn import BestConvNet, ThreeLayerConvNet
from daseCV.gradient_check import eval_numerical_gradient
from daseCV.solver import Solver

SMALL = {"input_dim": (3, 16, 16), "num_filters": 3, "filter_size": 3, "hidden_dim": 7}
TINY = {"input_dim": (2, 8, 8), "num_classes": 4, "dtype": np.float64}


@pytest.fixture(autouse=True)
def _seed():
    np.random.seed(231)


def best(**more):
    return BestConvNet((3, 4), (4, 2), hidden_dim=5, **TINY, **more)


def batch(n, *shape, classes=10):
    return np.random.randn(n, *shape), np.random.randint(classes, size=n)


def check_gradients(model, X, y, tol, h=1e-6):
    """Gradients agree with numerical ones as norms: tiny weights have entries of pure noise."""

    def loss(_=None):
        np.random.seed(7)  # the same units are dropped each time
        return model.loss(X, y)[0]

    np.random.seed(7)
    _, grads = model.loss(X, y)
    assert grads.keys() == model.params.keys()
    for name, w in model.params.items():
        numerical = eval_numerical_gradient(loss, w, verbose=False, h=h)
        assert grads[name].shape == w.shape
        size = max(1e-4, np.linalg.norm(grads[name]) + np.linalg.norm(numerical))
        assert np.linalg.norm(grads[name] - numerical) < tol * size, name


def test_initial_loss_published():  # ThreeLayerConvNet.initial_loss.seeded
    for shape in [(2, 3, 8, 8), (3, 3, 3, 3), (3,), (2, 3, 8, 8)]:
        np.random.randn(*shape)  # what the notebook's cell before this one draws
    model = ThreeLayerConvNet()
    X, y = batch(50, 3, 32, 32)
    assert model.loss(X, y)[0] == pytest.approx(2.302586071243987, abs=1e-6)
    model.reg = 0.5
    assert model.loss(X, y)[0] == pytest.approx(2.508255635671795, abs=1e-6)


def test_gradients_published():  # ThreeLayerConvNet.gradcheck
    X, y = batch(2, 3, 16, 16)
    model = ThreeLayerConvNet(**SMALL, dtype=np.float64)
    check_gradients(model, X, y, tol=1e-3)


def test_gradients_with_regularisation():
    sizes = {"num_filters": 3, "filter_size": 5, "hidden_dim": 6}
    model = ThreeLayerConvNet(**TINY, **sizes, weight_scale=0.3, reg=0.7)
    check_gradients(model, *batch(3, 2, 8, 8, classes=4), tol=1e-6)


def test_biases_are_not_regularised():
    model = ThreeLayerConvNet(**SMALL, weight_scale=0.1, dtype=np.float64)
    for name in ("b1", "b2", "b3"):
        model.params[name] += 0.5
    X, y = batch(2, 3, 16, 16)
    before = model.loss(X, y)[0]
    model.reg = 2.0
    squares = sum(np.sum(model.params[name] ** 2) for name in ("W1", "W2", "W3"))
    assert model.loss(X, y)[0] - before == pytest.approx(squares)


def test_images_may_be_oblong():
    model = ThreeLayerConvNet(input_dim=(1, 6, 4), num_filters=5, filter_size=3)
    assert model.params["W2"].shape == (30, 100)
    assert model.loss(np.zeros((2, 1, 6, 4))).shape == (2, 10)


@pytest.mark.parametrize("network", [ThreeLayerConvNet, BestConvNet])
def test_everything_has_the_dtype_asked_for(network):
    model = network()
    X, y = batch(3, 3, 32, 32)
    loss, grads = model.loss(X, y)
    arrays = [*model.params.values(), *grads.values(), model.loss(X), loss]
    assert {array.dtype for array in arrays} == {np.dtype("float32")}


@pytest.mark.parametrize("dropout", [1, 0.6])
def test_the_best_network_has_right_gradients(dropout):
    model = best(dropout=dropout, reg=0.3)
    for value in model.params.values():
        value += 0.1 * np.random.randn(*value.shape)
    check_gradients(model, *batch(5, 2, 8, 8, classes=4), tol=1e-5)


def test_the_scores_of_an_image_do_not_depend_on_the_others():
    model = best(dropout=0.5)
    X, y = batch(6, 2, 8, 8, classes=4)
    model.loss(X, y)
    assert np.allclose(model.loss(X)[2], model.loss(X[2:3])[0])


def test_each_layer_has_a_size():
    with pytest.raises(ValueError, match="shorter than argument 1"):
        BestConvNet(num_filters=(3, 4, 5))


@pytest.mark.parametrize(
    "model",
    [
        lambda: ThreeLayerConvNet((3, 8, 8), 8, 3, weight_scale=5e-2),
        lambda: BestConvNet((8, 8), (4, 2), input_dim=(3, 8, 8)),
    ],
    ids=["ThreeLayerConvNet", "BestConvNet"],
)
def test_fifty_images_are_learnt_by_heart(model):
    X, y = batch(50, 3, 8, 8)
    data = {"X_train": X, "y_train": y, "X_val": X, "y_val": y}
    options = {"update_rule": "adam", "optim_config": {"learning_rate": 3e-3}, "batch_size": 25}
    solver = Solver(model(), data, num_epochs=60, verbose=False, **options)
    solver.train()
    assert solver.best_val_acc == 1


@pytest.mark.parametrize(
    "model",
    [ThreeLayerConvNet(**SMALL, reg=0.1), BestConvNet((3, 4), input_dim=(3, 16, 16), reg=0.1)],
    ids=["ThreeLayerConvNet", "BestConvNet"],
)
def test_a_network_comes_back_from_its_file(tmp_path, monkeypatch, model):
    monkeypatch.chdir(tmp_path)
    X, y = batch(4, 3, 16, 16)
    model.loss(X, y)  # makes running averages
    model.save("best")
    again = type(model)(**model.arguments)
    assert again.load("best.npy") is True
    assert np.array_equal(again.loss(X), model.loss(X))
    assert again.loss(X, y)[0] == model.loss(X, y)[0]  # with reg, then
    assert again.load("nothing") is False


def test_a_network_of_another_shape_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ThreeLayerConvNet(**SMALL).save("small")
    with pytest.raises(ValueError, match=r"needs W1 of shape \(32, 3, 8, 8\), the file has one of"):
        BestConvNet().load("small")
