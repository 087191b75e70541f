"""The pictures have the size, the scale and the gaps they say."""

import subprocess
import sys

import numpy as np
from numpy.testing import assert_allclose

from daseCV.vis_utils import vis_grid, vis_nn, visualize_grid

IMAGES = np.arange(5 * 2 * 2 * 3, dtype=float).reshape(5, 2, 2, 3)


def test_visualize_grid_published():  # vis.visualize_grid
    grid = visualize_grid(IMAGES, padding=3)
    assert grid.shape == (12, 12, 3)
    assert visualize_grid(IMAGES).shape == (8, 8, 3)
    assert (grid.min(), grid.max()) == (0, 255)
    assert_allclose(grid[0, 0], [0, 23.181818181818183, 46.36363636363637])
    assert_allclose(grid[0, 5], grid[0, 0])  # each tile is scaled on its own
    assert not grid[5:, 10:].any()
    assert not grid[10:].any()


def test_visualize_grid_of_a_constant_image_is_black():
    constant = np.full((1, 2, 2, 3), 7.0)
    assert np.array_equal(visualize_grid(constant), np.zeros((2, 2, 3)))


def test_visualize_grid_takes_any_bound_and_uint8():
    grid = visualize_grid(np.array([[[[250], [255]]]], dtype=np.uint8), ubound=1.0)
    assert np.array_equal(grid[..., 0], [[0, 1]])


def test_vis_grid_scales_all_images_together():
    grid = vis_grid(IMAGES)
    assert grid.shape == (9, 9, 3)
    assert (grid.min(), grid.max()) == (0, 1)
    assert_allclose(grid[3:5, :2], IMAGES[3] / 59)
    assert not grid[:, 2].any()
    assert vis_grid(IMAGES[:2]).shape == (6, 6, 3)


def test_vis_nn_has_one_row_per_row():
    grid = vis_nn([list(IMAGES[:3]), list(IMAGES[2:])])
    assert grid.shape == (6, 9, 3)
    assert_allclose(grid[3:5, 6:8], IMAGES[4] / 59)


def test_vis_grid_of_a_constant_image_is_black():
    assert not vis_grid(np.full((1, 2, 2, 3), 7)).any()


def test_matplotlib_is_left_alone():
    code = "import sys, daseCV.vis_utils, daseCV.data_utils; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
