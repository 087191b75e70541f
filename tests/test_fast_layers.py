"""The fast layers agree with the naive ones on any geometry, compiled and not; the build works."""

import os
import shutil
import subprocess
import sys
import tracemalloc
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from autograder import HOME, release
from daseCV import fast_layers, im2col, layers
from daseCV.fast_layers import (
    conv_backward_fast,
    conv_forward_fast,
    max_pool_backward_fast,
    max_pool_forward_fast,
)
from daseCV.gradient_check import eval_numerical_gradient_array

BUILD = [sys.executable, "setup.py", "build_ext", "--inplace"]  # the line of the course
MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def package(folder):
    """Copy the package, as a student has it, nothing built; return its folder."""
    ignored = shutil.ignore_patterns("__pycache__", "cifar-10-*", "*.so", "*.pyd", "build")
    return shutil.copytree(HOME / "daseCV", folder / "daseCV", ignore=ignored)


def python(folder, *words, **environment):
    """Run Python where `folder` has the package."""
    environment = {**os.environ, "PYTHONPATH": str(folder), **environment}
    return subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True
    )


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """A folder whose package has been compiled by the course's own line."""
    pytest.importorskip("Cython", reason="Cython is not installed: the compiled im2col is untested")
    if not (shutil.which("cc") or shutil.which("gcc")):
        pytest.skip("no C compiler: the compiled im2col is untested")
    folder = tmp_path_factory.mktemp("built")
    done = subprocess.run(BUILD, cwd=package(folder), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def compiled(built):
    (path,) = [p for p in (built / "daseCV").glob("im2col_cython.*") if p.suffix in (".so", ".pyd")]
    loader = ExtensionFileLoader("im2col_cython", str(path))
    module = module_from_spec(spec_from_loader("im2col_cython", loader))
    loader.exec_module(module)
    return module


@pytest.fixture(params=["NumPy", "Cython"])
def twin(request, monkeypatch):
    """Each of the two, in turn, under the fast layers."""
    module = im2col if request.param == "NumPy" else request.getfixturevalue("compiled")
    assert request.param == module.BACKEND
    monkeypatch.setattr(fast_layers, "im2col", module.im2col)
    monkeypatch.setattr(fast_layers, "col2im", module.col2im)
    return module


# --- published numbers -----------------------------------------------------------------------


def check_fingerprints(arrays, fingerprints):
    for array, (total, norm) in zip(arrays, fingerprints, strict=True):
        assert_allclose((array.sum(), np.linalg.norm(array)), (total, norm))


def test_convolution_published(twin):  # conv_fast.agreement
    np.random.seed(231)
    x, w = np.random.randn(100, 3, 31, 31), np.random.randn(25, 3, 3, 3)
    b, dout = np.random.randn(25), np.random.randn(100, 25, 16, 16)
    out, cache = conv_forward_fast(x, w, b, {"stride": 2, "pad": 1})
    dx, dw, db = conv_backward_fast(dout, cache)
    assert (dx.shape, dw.shape, db.shape) == (x.shape, w.shape, b.shape)
    check_fingerprints(
        (out, dx, dw, db),
        [
            (55154.776027111904, 4143.049697191268),
            (2524.763087980849, 4033.309144728155),
            (2991.3275101803715, 4012.6510208028744),
            (2260.635745810673, 912.5515384417636),
        ],
    )


def test_max_pooling_published():  # max_pool_fast.agreement
    np.random.seed(231)
    x, dout = np.random.randn(100, 3, 32, 32), np.random.randn(100, 3, 16, 16)
    out, cache = max_pool_forward_fast(x, {"pool_height": 2, "pool_width": 2, "stride": 2})
    dx = max_pool_backward_fast(dout, cache)
    sums = [(79169.76751722413, 345.29154709692074), (191.09941094128752, 276.4122858893676)]
    check_fingerprints((out, dx), sums)


def test_overlapping_pools_published():  # layers.extra.pool_overlap
    np.random.seed(231)
    x, param = np.random.randn(2, 3, 7, 8), {"pool_height": 3, "pool_width": 2, "stride": 2}
    out, cache = max_pool_forward_fast(x, param)
    dx = max_pool_backward_fast(np.random.randn(*out.shape), cache)
    assert out.shape == (2, 3, 3, 4)
    check_fingerprints([dx], [(13.342075944914033, 9.536570060486318)])


# --- any geometry ----------------------------------------------------------------------------

SIZE = st.integers(1, 7)
DTYPES = st.sampled_from([np.float32, np.float64])


@st.composite
def images(draw, shape, dtype):
    """Small whole numbers, so that sums are exact and ties common; often not in one piece."""
    values = np.random.RandomState(draw(st.integers(0, 99))).randint(-3, 4, shape).astype(dtype)
    form = draw(st.sampled_from(["plain", "transposed", "reversed", "every second", "repeated"]))
    if form == "transposed":
        return np.ascontiguousarray(values.transpose(0, 3, 2, 1)).transpose(0, 3, 2, 1)
    if form == "reversed":
        return values[:, ::-1, ::-1, ::-1]
    if form == "every second":
        return np.repeat(values, 2, axis=3)[:, :, :, ::2]
    return np.broadcast_to(values[:1], shape) if form == "repeated" and shape[0] else values


@st.composite
def convolutions(draw):
    dtype, (C, F, HH, WW) = draw(DTYPES), draw(st.tuples(*[st.integers(1, 3)] * 2, SIZE, SIZE))
    x = draw(images((draw(st.integers(0, 3)), C, draw(SIZE), draw(SIZE)), dtype))
    w = draw(images((F, C, HH, WW), dtype))
    param = {"stride": draw(st.integers(1, 4)), "pad": draw(st.integers(0, 3))}
    return x, w, np.arange(F).astype(dtype), param


@MANY
@given(case=convolutions())
def test_any_convolution(twin, case):
    x, w, b, param = case
    if min(x.shape[i] + 2 * param["pad"] - w.shape[i] for i in (2, 3)) < 0:
        with pytest.raises(ValueError, match="does not fit"):
            conv_forward_fast(x, w, b, param)
        return
    before = x.copy(), w.copy()
    out, cache = conv_forward_fast(x, w, b, param)
    expected, naive_cache = layers.conv_forward_naive(x, w, b, param)
    assert_same(out, expected)
    dout = np.round(3 * np.cos(np.arange(out.size))).reshape(out.shape).astype(x.dtype)
    found = conv_backward_fast(dout, cache)
    for ours, naive in zip(found, layers.conv_backward_naive(dout, naive_cache), strict=True):
        assert_same(ours, naive)
    assert_array_equal(x, before[0])
    assert_array_equal(w, before[1])


def assert_same(ours, naive):
    assert ours.dtype == naive.dtype
    assert_array_equal(ours, naive)


@st.composite
def poolings(draw):
    x = draw(images((draw(st.integers(0, 3)), draw(st.integers(0, 3)), draw(SIZE), draw(SIZE)),
                    draw(DTYPES)))  # fmt: skip
    height, width = draw(st.tuples(st.integers(1, x.shape[2]), st.integers(1, x.shape[3])))
    return x, {"pool_height": height, "pool_width": width, "stride": draw(st.integers(1, 4))}


@MANY
@given(case=poolings())
def test_any_pooling(case):
    """Ties included: of these the first gets the gradient, as with np.argmax."""
    x, param = case
    out, cache = max_pool_forward_fast(x, param)
    expected, naive_cache = layers.max_pool_forward_naive(x, param)
    assert_same(out, expected)
    dout = np.arange(1, 1 + out.size).reshape(out.shape).astype(x.dtype)
    assert_same(
        max_pool_backward_fast(dout, cache), layers.max_pool_backward_naive(dout, naive_cache)
    )


@MANY
@given(case=convolutions(), data=st.data())
def test_the_twins_agree_to_the_last_bit(compiled, case, data):
    x, w, _, param = case
    dtype = data.draw(st.sampled_from([x.dtype, np.float16, np.int64, np.dtype(">f4")]))
    window = (*w.shape[2:], param["stride"], param["pad"])
    results = [outcome(module, x.astype(dtype) / 3, window) for module in (im2col, compiled)]
    for numpys, cythons in zip(*results, strict=True):
        assert_same(cythons, numpys)


def outcome(module, x, window):
    """Columns and what becomes of them on the way back, or the error as an array."""
    try:
        cols = module.im2col(x, *window)
    except ValueError as error:
        return [np.array(str(error))]
    return [cols, module.col2im(np.cos(cols), x.shape, *window)]


def test_gradients_of_an_uneven_convolution(twin):
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(2, 3, 7, 6)), rng.normal(size=(4, 3, 3, 2)), rng.normal(size=4)
    out, cache = conv_forward_fast(*inputs, {"stride": 2, "pad": 1})
    dout = rng.normal(size=out.shape)
    for i, gradient in enumerate(conv_backward_fast(dout, cache)):

        def forward(v, i=i):
            changed = (*inputs[:i], v, *inputs[i + 1 :])
            return conv_forward_fast(*changed, {"stride": 2, "pad": 1})[0]

        numerical = eval_numerical_gradient_array(forward, inputs[i].copy(), dout)
        assert_allclose(gradient, numerical, rtol=1e-7, atol=1e-8)


# --- what does not fit, what is not finite, what is not aligned -------------------------------


def test_rows_left_over_get_no_gradient(twin):
    x = np.ones((1, 1, 6, 6))
    out, cache = conv_forward_fast(x, np.ones((1, 1, 2, 2)), np.zeros(1), {"stride": 3, "pad": 0})
    dx, _, _ = conv_backward_fast(np.ones_like(out), cache)
    used = np.array([1, 1, 0, 1, 1, 0])
    assert_array_equal(dx[0, 0], np.outer(used, used))


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_stays_where_it_is(twin, value):
    x, w = np.zeros((2, 1, 6, 6)), np.ones((1, 1, 3, 3))
    x[1, 0, 0, 5] = value
    out, cache = conv_forward_fast(x, w, np.zeros(1), {"stride": 1, "pad": 1})
    touched = [[1, 0, row, column] for row in (0, 1) for column in (4, 5)]
    assert_array_equal(np.argwhere(out != 0), touched)
    with np.errstate(invalid="ignore"):  # dw is not finite
        dx = conv_backward_fast(x, cache)[0]
    assert_array_equal(np.argwhere(dx != 0), touched)


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_pooling_of_what_is_not_finite(value):
    param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    x = np.zeros((1, 1, 4, 4))
    x[0, 0, 1, 1] = x[0, 0, 2, 2] = value
    dout = np.full((1, 1, 2, 2), value)
    out, cache = max_pool_forward_fast(x, param)
    assert_array_equal(out, layers.max_pool_forward_naive(x, param)[0])
    expected = layers.max_pool_backward_naive(dout, (x, param))
    assert_array_equal(max_pool_backward_fast(dout, cache), expected)
    assert_array_equal(np.argwhere(expected[0, 0] != 0), [(0, 2), (1, 1), (2, 0), (2, 2)])


def test_an_unaligned_array(twin):
    raw = np.arange(1 + 4 * 2 * 3 * 40 * 40, dtype=np.uint8)[1:]
    x = raw.view(np.float32).reshape(2, 3, 40, 40)
    assert not x.flags.aligned
    x[:] = 1
    assert_array_equal(twin.im2col(x, 3, 3, 1, 0), np.ones((2, 27, 38 * 38)))


def test_a_layer_does_not_take_the_memory_of_all_columns(twin):
    x, w = np.zeros((64, 4, 16, 16)), np.zeros((2, 4, 5, 5))
    all_columns = 64 * w[0].nbytes * 16 * 16
    tracemalloc.start()
    out, cache = conv_forward_fast(x, w, np.zeros(2), {"stride": 1, "pad": 2})
    conv_backward_fast(out, cache)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < all_columns / 3


# --- errors ----------------------------------------------------------------------------------

NO_WINDOW = [
    ((3, 3, 0, 0), ValueError, "stride 0 and padding 0 cannot be"),
    ((3, 3, 1, -1), ValueError, "padding -1 cannot be"),
    ((0, 3, 1, 0), ValueError, "a window of 0 x 3"),
    ((3, 9, 1, 1), ValueError, "3 x 9 does not fit into images of 6 x 6 with padding 1"),
    ((3, 3, 1.0, 0), TypeError, "integer"),
    ((9, 9, 2, np.uint8(1)), ValueError, "does not fit"),  # 8 - 9 is 255 there
]


@pytest.mark.parametrize(("window", "error", "text"), NO_WINDOW)
def test_windows_that_cannot_be(twin, window, error, text):
    with pytest.raises(error, match=text):
        twin.im2col(np.zeros((2, 1, 6, 6)), *window)
    with pytest.raises(error, match=text):
        twin.col2im(np.zeros((2, 9, 16)), (2, 1, 6, 6), *window)


@pytest.mark.parametrize("window", [(2**62, 3, 1, 2**62), (3, 3, 1, 2**63), (2**20, 3, 1, 2**40)])
def test_windows_beyond_all_memory(twin, window):
    with pytest.raises((ValueError, MemoryError)):
        twin.im2col(np.zeros((2, 1, 6, 6)), *window)


def test_columns_of_another_shape(twin):
    for shape in ((2, 9, 15), (2, 1, 16), (1, 9, 16)):
        with pytest.raises(ValueError, match="reshape"):
            twin.col2im(np.zeros(shape), (2, 1, 6, 6), 3, 3, 1, 0)


def test_filters_of_another_depth():
    with pytest.raises(ValueError, match="the images have 3 channels, the filters 4"):
        conv_forward_fast(
            np.zeros((1, 3, 5, 5)), np.zeros((2, 4, 3, 3)), np.zeros(2), {"stride": 1, "pad": 1}
        )


def test_a_pool_that_does_not_fit():
    with pytest.raises(ValueError, match="does not fit into images of 2 x 2"):
        max_pool_forward_fast(
            np.zeros((1, 1, 2, 2)), {"pool_height": 3, "pool_width": 2, "stride": 1}
        )


# --- with and without the compiled twin -------------------------------------------------------

SHOW = "from daseCV import fast_layers; print(fast_layers.BACKEND)"


def test_nothing_built_nothing_said(tmp_path):
    package(tmp_path)
    code = f"{SHOW}; import sys; print({{'torch', 'scipy', 'Cython'}} & set(sys.modules))"
    done = python(tmp_path, "-W", "error", "-c", code)
    assert (done.stdout, done.stderr) == ("NumPy\nset()\n", "")


def test_an_extension_of_the_same_name_from_elsewhere_is_passed_over(tmp_path):
    """Such as the one of the course's own package, which has other functions."""
    (package(tmp_path) / "im2col_cython.py").write_text("def col2im_6d_cython(): pass\n")
    assert python(tmp_path, "-c", SHOW).stdout == "NumPy\n"


def test_the_course_s_build_line(built):
    assert python(built, "-c", SHOW).stdout == "Cython\n"


def test_without_cython_the_build_says_what_to_do(tmp_path):
    (tmp_path / "Cython.py").write_text("raise ModuleNotFoundError(name='Cython')\n")
    done = python(tmp_path, package(tmp_path) / "setup.py", "build_ext", "--inplace")
    assert done.returncode == 1
    assert "The package Cython is missing" in done.stderr
    assert f'{sys.executable} -m pip install "cython>=3" setuptools' in done.stderr


def test_without_a_compiler_the_build_says_what_to_do(tmp_path):
    pytest.importorskip("Cython", reason="Cython is not installed: the build cannot be tried")
    script = package(tmp_path) / "setup.py"
    done = python(tmp_path, script, "build_ext", "--inplace", CC="false")
    assert done.returncode == 1
    assert "There is no C compiler that works" in done.stderr
    assert "sudo apt-get install build-essential" in done.stderr
    assert python(tmp_path, "-c", SHOW).stdout == "NumPy\n"


def test_what_a_build_leaves_is_neither_committed_nor_released():
    left = ["im2col_cython.cpython-311-x86_64-linux-gnu.so", "im2col_cython.cp311-win_amd64.pyd",
            "im2col_cython.c", "build/im2col_cython.c"]  # fmt: skip
    ignored = subprocess.run(
        ["git", "check-ignore", *(f"daseCV/{name}" for name in left)],
        cwd=HOME, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    assert ignored == [f"daseCV/{name}" for name in left]
    names = release.package("assignment2", "en", HOME)
    assert {"daseCV/im2col_cython.pyx", "daseCV/setup.py"} <= set(names)
    assert not [name for name in names if name.endswith((".so", ".pyd", ".c"))]


def test_the_course_s_other_names():
    assert fast_layers.conv_forward_im2col is conv_forward_fast
    assert fast_layers.conv_backward_im2col is conv_backward_fast
