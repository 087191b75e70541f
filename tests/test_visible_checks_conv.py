"""Visible checks of convolution, pooling and their networks: slips are named, style is free."""

import itertools
from collections import defaultdict

import pytest
from workspace import Workspace

from autograder.slips import cnn, layers_conv, layers_spatial

SLIPS = (*layers_conv.SLIPS, *layers_spatial.SLIPS, *cnn.SLIPS)
STYLES = (*layers_conv.STYLES, *layers_spatial.STYLES, *cnn.STYLES)
# Slips of the same row can be made at once: no exercise of a row stands on another.
ROWS = (
    ("conv_forward_naive", "max_pool_forward_naive", "spatial_batchnorm_forward",
     "spatial_groupnorm_forward", "ThreeLayerConvNet.__init__"),
    ("conv_backward_naive", "max_pool_backward_naive", "spatial_batchnorm_backward",
     "spatial_groupnorm_backward", "ThreeLayerConvNet.loss"),
)  # fmt: skip

# What a student reads who made the slip.
WORDS = {
    "conv-no-bias": "then the bias?",
    "conv-flipped": "the filter is not flipped",
    "conv-no-stride": "out has wrong values",
    "conv-one-channel": "products with all channels",
    "conv-first-image": "out has wrong values",
    "conv-pads-x": "pad a copy",
    "conv-dx-padded": "the padding comes off again",
    "conv-dx-assigned": "a pixel is in several windows",
    "conv-dw-assigned": "every window of every image adds to it",
    "conv-dw-mean": "every window of every image adds to it",
    "conv-db-mean": "a sum over images and pixels, no mean",
    "conv-db-batch": "one number for each filter",
    "conv-db-axes": "it is (1, 2, 1, 1), it should be (2,)",
    "conv-back-no-stride": "are the windows stride pixels apart?",
    "pool-mean": "the largest entry of each window",
    "pool-from-zero": "the largest entry of each window",
    "pool-over-channels": "no maximum over channels",
    "pool-no-stride": "the largest entry of each window",
    "pool-back-everyone": "the others did not reach the output",
    "pool-back-smallest": "the largest entry of a window gets its gradient",
    "pool-back-ones": "the largest entry of a window gets its gradient",
    "pool-back-absolute": "the largest entry of a window gets its gradient",
    "spatial-no-transpose": "move the channels to the end before you reshape",
    "spatial-back-without-transpose": "undo the order of the axes",
    "spatial-per-image": "out has wrong values",
    "spatial-copied-param": "bn_param has no running_mean",
    "spatial-dx-no-transpose": "move the channels to the end before you reshape",
    "spatial-dx-back-without-transpose": "move the channels to the end before you reshape",
    "spatial-scales-swapped": "dgamma has wrong values",
    "spatial-dx-over-n": "dx has wrong values",
    "spatial-scales-axes": "it is (1, 3), it should be (3,)",
    "group-channels-only": "over three neighbouring channels and all pixels",
    "group-interleaved": "channels 0, 1, 2",
    "group-batch": "over three neighbouring channels and all pixels",
    "group-scale-flat": "they are of shape (1, C, 1, 1), as they come",
    "group-scale-c": "out has the wrong shape",
    "group-dgamma-flat": "keepdims=True keeps the axes",
    "group-dbeta-flat": "keepdims=True keeps the axes",
    "group-dx-constant-statistics": "mean and variance of a group depend on x",
    "group-dx-constant-variance": "mean and variance of a group depend on x",
    "group-dx-without-gamma": "dx has wrong values",
    "group-dx-over-pixels": "dx has wrong values",
    "cnn-not-pooled": "it is (256, 6), it should be (64, 6)",
    "cnn-no-scale": "mean 0, standard deviation weight_scale",
    "cnn-random-biases": "they start at 0",
    "cnn-bias-per-pixel": "it is (4, 8, 8), it should be (4,)",
    "cnn-filter-flat": "it is (4, 75), it should be (4, 3, 5, 5)",
    "cnn-zero-filters": "W1 has the wrong standard deviation",
    "cnn-l2-whole": "mind the factor 0.5",
    "cnn-l2-one-weight-left-out": "regularise every W",
    "cnn-l2-square-of-sum": "mind the factor 0.5",
    "cnn-gradient-without-l2": "the penalty has a gradient too",
    "cnn-relu-after-scores": "nothing comes after the last affine layer",
    "cnn-no-hidden-relu": "and after the hidden layer",
    "cnn-no-first-bias": "grads['b1'] has wrong values",
    "cnn-gradients-swapped": "grads['W3'] has wrong values",
    "cnn-labels-for-scores": "scores with a smaller last bias",
}


def rounds(edits):
    """Some edits at a time, one for each exercise of a row."""
    together, by_exercise = [], defaultdict(list)
    for edit in edits:
        by_exercise[edit.exercise].append(edit)
    for row in ROWS:
        for some in itertools.zip_longest(*(by_exercise[name] for name in row)):
            made = [edit for edit in some if edit]
            together.append(pytest.param(made, id="+".join(edit.name for edit in made)))
    return together


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    return Workspace(tmp_path / "作业 2" / "my work", monkeypatch)


def reports(workspace, made):
    """Make these edits in the student's package; reports of the exercises they are made in."""
    for edit in made:
        path = workspace.folder / "daseCV" / edit.module
        path.write_text(edit.apply(path.read_text(encoding="utf-8")), encoding="utf-8")
    return workspace.reports(*(edit.exercise for edit in made))


@pytest.mark.parametrize("made", rounds(slip for slip in SLIPS if slip.name in WORDS))
def test_slips_are_caught_and_named(workspace, made):
    found = reports(workspace, made)
    for slip in made:
        report = found[slip.exercise]
        assert report.verdict in ("failed", "crashed")
        said = [f"{one.what} {one.detail} {one.hint}" for one in report.checks]
        assert any(WORDS[slip.name] in text for text in said), (slip.name, said)


def test_whatever_loses_more_than_a_little_is_caught_here_too():
    heavy = {slip.name for slip in SLIPS if slip.loses != "little" and not slip.refused}
    assert heavy <= set(WORDS) <= {slip.name for slip in SLIPS}


@pytest.mark.parametrize("made", rounds(STYLES))
def test_unusual_style_passes(workspace, made):
    verdicts = {name: report.verdict for name, report in reports(workspace, made).items()}
    assert set(verdicts.values()) == {"passed"}, verdicts
