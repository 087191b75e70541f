"""Visible checks of convolution, pooling and their networks: slips are named, unusual style passes."""

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
WORDS = {}


def rounds(edits):
    """Some edits at a time, one for each exercise of a row."""
    by_exercise = defaultdict(list)
    for edit in edits:
        by_exercise[edit.exercise].append(edit)
    for row in ROWS:
        for some in itertools.zip_longest(*(by_exercise[name] for name in row)):
            made = [edit for edit in some if edit]
            yield pytest.param(made, id="+".join(edit.name for edit in made))


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
