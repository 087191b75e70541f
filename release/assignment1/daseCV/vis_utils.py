"""Pictures of weights and images, as one array to show."""

import math

import numpy as np


def visualize_grid(Xs, ubound=255.0, padding=1):
    """Arrange images in a square grid, each stretched to the full range.

    Parameters
    ----------
    Xs : ndarray, shape (N, H, W, C)
        Images, or weights that have the shape of images.
    ubound : float
        Every image is scaled to 0 ... ubound on its own; one that is constant becomes 0.
    padding : int
        Pixels between images.

    Returns
    -------
    grid : ndarray of float64, shape (G, K, C)
        ``ceil(sqrt(N))`` images per side, row by row; gaps and what is left over are 0.
    """
    N, H, W, C = Xs.shape
    side = math.ceil(math.sqrt(N))
    grid = np.zeros((side * (H + padding) - padding, side * (W + padding) - padding, C))
    for i, image in enumerate(Xs):
        y, x = (i // side) * (H + padding), (i % side) * (W + padding)
        low, high = image.min(), image.max()
        if high > low:
            grid[y : y + H, x : x + W] = ubound * (image - low) / (high - low)
    return grid


def vis_grid(Xs):
    """Arrange images in a square grid with black gaps of one pixel, scaled together to 0 ... 1.

    Parameters
    ----------
    Xs : ndarray, shape (N, H, W, C)
        Images.

    Returns
    -------
    grid : ndarray of float64, shape (G, K, C)
        ``ceil(sqrt(N))`` images per side, row by row.
    """
    N, H, W, C = Xs.shape
    side = math.ceil(math.sqrt(N))
    rows = [Xs[i : i + side] for i in range(0, N, side)]
    return _scaled(rows, np.zeros((side * (H + 1), side * (W + 1), C)))


def vis_nn(rows):
    """Arrange rows of images, such as queries and their neighbours, scaled together to 0 ... 1.

    Parameters
    ----------
    rows : sequence of sequences of ndarray, each of shape (H, W, C)
        Images, row by row; all rows are as long as the first.

    Returns
    -------
    grid : ndarray of float64, shape (G, K, C)
        With black gaps of one pixel.
    """
    H, W, C = np.shape(rows[0][0])
    return _scaled(rows, np.zeros((len(rows) * (H + 1), len(rows[0]) * (W + 1), C)))


def _scaled(rows, grid):
    """Fill the grid with the rows of images, one pixel apart, and scale all together to 0 ... 1."""
    low = min(float(image.min()) for row in rows for image in row)
    high = max(float(image.max()) for row in rows for image in row)
    span = high - low if high > low else 1
    for i, row in enumerate(rows):
        for j, image in enumerate(row):
            H, W, _ = image.shape
            grid[i * (H + 1) :, j * (W + 1) :][:H, :W] = (image - low) / span
    return grid
