"""The networks agree with published losses and numerical gradients, and come back from a file."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from daseCV.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from daseCV.gradient_check import eval_numerical_gradient
from daseCV.solver import Solver

SMALL = {"input_dim": 15, "num_classes": 10, "weight_scale": 5e-2, "dtype": np.float64}


@pytest.fixture(autouse=True)
def _seed():
    np.random.seed(231)


def check_gradients(model, X, y, h=1e-5):
    """Gradients of the loss agree with numerical ones, as norms: kinks and zeros are noise."""
    _, grads = model.loss(X, y)
    assert grads.keys() == model.params.keys()
    for name, w in model.params.items():
        numerical = eval_numerical_gradient(lambda _: model.loss(X, y)[0], w, verbose=False, h=h)
        assert grads[name].shape == w.shape
        error = np.linalg.norm(grads[name] - numerical)
        assert error < 1e-6 * max(1, np.linalg.norm(numerical)), name


def two_layers():
    """The network and batch of TwoLayerNet.fixed_params."""
    model = TwoLayerNet(input_dim=5, hidden_dim=50, num_classes=7)
    model.params = {
        "W1": np.linspace(-0.7, 0.3, num=250).reshape(5, 50),
        "b1": np.linspace(-0.1, 0.9, num=50),
        "W2": np.linspace(-0.3, 0.4, num=350).reshape(50, 7),
        "b2": np.linspace(-0.9, 0.1, num=7),
    }
    return model, np.linspace(-5.5, 4.5, num=15).reshape(5, 3).T, np.array([0, 5, 1])


def small(X_rows=2, **arguments):
    """The batch of FullyConnectedNet.initial_loss, and a network drawn after it."""
    X, y = np.random.randn(X_rows, 15), np.random.randint(10, size=X_rows)
    return FullyConnectedNet([20, 30], **{**SMALL, **arguments}), X, y


def test_two_layers_published():  # TwoLayerNet.fixed_params
    model, X, y = two_layers()
    first_row = [11.53165108, 12.2917344, 13.05181771, 13.81190102]
    assert_allclose(model.loss(X)[0, :4], first_row, atol=1e-7)
    assert model.loss(X, y)[0] == pytest.approx(3.4702243556, abs=1e-10)
    model.reg = 1.0
    assert model.loss(X, y)[0] == pytest.approx(26.5948426952, abs=1e-10)


@pytest.mark.parametrize("reg", [0.0, 0.7])
def test_two_layers_gradients(reg):  # TwoLayerNet.gradcheck.reg0, .reg0.7
    model, X, y = two_layers()
    model.reg = reg
    check_gradients(model, X, y)


def test_two_layers_initial_weights():  # TwoLayerNet.init
    np.random.randn(3, 5), np.random.randint(7, size=3)
    params = TwoLayerNet(input_dim=5, hidden_dim=50, num_classes=7, weight_scale=1e-3).params
    assert {n: w.shape for n, w in params.items()} == {
        "W1": (5, 50), "b1": (50,), "W2": (50, 7), "b2": (7,)
    }  # fmt: skip
    assert abs(params["W1"].std() - 1e-3) < 1e-4
    assert abs(params["W2"].std() - 1e-3) < 1e-4
    assert not params["b1"].any()
    assert not params["b2"].any()


@pytest.mark.parametrize(
    ("normalization", "loss"),
    [
        (None, 2.300479089768492),  # FullyConnectedNet.initial_loss
        ("batchnorm", 2.2611955101340957),  # FullyConnectedNet.batchnorm.initial_loss
        ("layernorm", 2.237831004146712),  # FullyConnectedNet.layernorm.gradcheck
    ],
)
def test_initial_loss_and_gradients(normalization, loss):
    model, X, y = small(normalization=normalization)
    assert model.loss(X, y)[0] == pytest.approx(loss, abs=1e-9)
    check_gradients(model, X, y, h=3e-7)  # batch normalisation of two rows bends sharply


@pytest.mark.parametrize(
    ("normalization", "loss"),
    [(None, 7.052114776533016), ("batchnorm", 6.996533220108303), ("layernorm", 7.10213782725159)],
)
def test_initial_loss_with_regularisation(normalization, loss):  # the same entries, second network
    _, X, y = small()
    model = FullyConnectedNet([20, 30], reg=3.14, normalization=normalization, **SMALL)
    assert model.loss(X, y)[0] == pytest.approx(loss, abs=1e-9)
    check_gradients(model, X, y)


def test_initial_loss_with_dropout():  # FullyConnectedNet.dropout.initial_loss
    X, y = np.random.randn(2, 15), np.random.randint(10, size=(2,))
    for keep, loss in ((1, 2.300479089768492), (0.75, 2.302371489704412), (0.5, 2.30427592207859)):
        model = FullyConnectedNet([20, 30], dropout=keep, seed=123, **SMALL)
        assert model.loss(X, y)[0] == pytest.approx(loss, abs=1e-9)
        state = np.random.get_state()  # the next weights are drawn after this loss
        check_gradients(model, X, y)
        np.random.set_state(state)


def test_normalisation_and_dropout_together():  # FullyConnectedNet.batchnorm+dropout.order
    model, X, y = small(6, normalization="batchnorm", dropout=0.8, seed=123, reg=0.5)
    assert model.loss(X, y)[0] == pytest.approx(3.1283528253787045, abs=1e-9)
    scores = [-0.6800087363094555, -0.5347211415506565, 2.2281661752911375, -0.5716664418983268]
    assert_allclose(model.loss(X)[0, :4], scores, rtol=1e-6)
    check_gradients(model, X, y, h=1e-6)  # a step of 1e-5 crosses a kink here


def test_biases_and_scales_are_not_regularised():  # FullyConnectedNet.reg_excludes_bias
    model, X, y = small(normalization="layernorm")
    for name, w in model.params.items():
        if not name.startswith("W"):
            w += 0.5
    before = model.loss(X, y)[0]
    model.reg = 2.0
    squares = sum(np.sum(model.params[f"W{i}"] ** 2) for i in (1, 2, 3))
    assert model.loss(X, y)[0] - before == pytest.approx(squares, abs=1e-9)


@pytest.mark.parametrize("depth", [0, 1, 4])
def test_any_depth(depth):
    model = FullyConnectedNet([7] * depth, **{**SMALL, "weight_scale": 0.5})
    assert model.num_layers == depth + 1
    check_gradients(model, np.random.randn(3, 3, 5), np.array([0, 1, 2]))


@pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
def test_everything_has_the_dtype_asked_for(normalization):
    model = FullyConnectedNet([5, 6], input_dim=4, normalization=normalization, dropout=0.5)
    _, grads = model.loss(np.random.randn(3, 4), np.array([0, 1, 2]))
    arrays = [*model.params.values(), *grads.values(), model.loss(np.random.randn(3, 4))]
    assert {array.dtype for array in arrays} == {np.dtype("float32")}


def test_dropout_keep_ratio_is_another_name():
    assert FullyConnectedNet([5], dropout_keep_ratio=0.3).dropout_param["p"] == 0.3


@pytest.mark.parametrize("keep", [0, -0.5, 1.5])
def test_dropout_is_a_probability_of_keeping(keep):
    with pytest.raises(ValueError, match=r"probability of keeping, in \(0, 1\], not"):
        FullyConnectedNet([5], dropout=keep)


def test_an_unknown_normalisation_is_an_error():
    with pytest.raises(ValueError, match="'batchnorm' or 'layernorm', not 'groupnorm'"):
        FullyConnectedNet([5], normalization="groupnorm")


@pytest.mark.parametrize(("hidden", "weight_scale"), [([100, 100], 0.15), ([100] * 4, 0.15)])
def test_overfits_fifty_images(hidden, weight_scale):
    data = {"X_train": np.random.randn(50, 8, 8), "y_train": np.random.randint(10, size=50)}
    data.update(X_val=data["X_train"], y_val=data["y_train"])
    model = FullyConnectedNet(hidden, input_dim=64, weight_scale=weight_scale)
    training = {"num_epochs": 20, "batch_size": 25, "optim_config": {"learning_rate": 0.1}}
    solver = Solver(model, data, verbose=False, **training)
    solver.train()
    assert max(solver.train_acc_history) == 1


@pytest.fixture
def trained():
    """A network with running averages, and a batch."""
    model, X, y = small(6, normalization="batchnorm", dropout=0.8)
    model.loss(X, y)
    return model, X


def test_a_network_comes_back_from_its_file(tmp_path, monkeypatch, capsys, trained):
    monkeypatch.chdir(tmp_path)
    model, X = trained
    model.save("FullyConnectedNet.accuracy")
    again = FullyConnectedNet(**model.arguments)
    assert again.load("FullyConnectedNet.accuracy") is True
    assert np.array_equal(again.loss(X), model.loss(X))  # with the running averages, then
    assert capsys.readouterr().out.splitlines() == [
        "saved/FullyConnectedNet.accuracy.npz saved.",
        "saved/FullyConnectedNet.accuracy.npz loaded.",
    ]


def test_a_two_layer_network_comes_back_from_its_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = TwoLayerNet(input_dim=4, hidden_dim=np.int64(3), reg=0.5)
    model.save("best.npy")
    again = TwoLayerNet(input_dim=4, hidden_dim=3)
    assert again.load("best") is True
    assert np.array_equal(again.params["W1"], model.params["W1"])


def test_no_file_changes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for model in (TwoLayerNet(input_dim=4), FullyConnectedNet([3], input_dim=4)):
        before = model.params
        assert model.load("nothing") is False
        assert model.params is before
    assert capsys.readouterr().out == "saved/nothing.npz not available.\n" * 2


def test_a_network_of_another_shape_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    TwoLayerNet(input_dim=4, hidden_dim=3).save("small")
    with pytest.raises(ValueError, match=r"needs W1 of shape \(4, 5\), the file has one of .*4, 3"):
        TwoLayerNet(input_dim=4, hidden_dim=5).load("small")
    with pytest.raises(ValueError, match=r"needs W3 of shape \(10, 10\), the file has none"):
        FullyConnectedNet([3, 10], input_dim=4).load("small")
