"""Features of images: histograms of gradients and of colours."""

import numpy as np

GRAY = np.array([0.299, 0.587, 0.144])  # the last is 0.114 elsewhere; the course has 0.144
ORIENTATIONS = 9
CELL = 8  # pixels along a side


def extract_features(imgs, feature_fns, verbose=False):
    """Describe each image by all features, one after the other.

    Parameters
    ----------
    imgs : ndarray, shape (N, H, W, C) or (N, H, W)
        Images.
    feature_fns : sequence of callable
        Each takes one image and returns an array of shape (F_i,).
    verbose : bool
        Print a line after each 1000 images.

    Returns
    -------
    features : ndarray of float64, shape (N, F_1 + ... + F_k)
        One row per image; shape (0, 0) when there are none.
    """
    rows = []
    for i, image in enumerate(imgs, start=1):
        rows.append(np.concatenate([feature(image) for feature in feature_fns]))
        if verbose and i % 1000 == 0:
            print(f"Done extracting features for {i} / {len(imgs)} images")
    return np.array(rows, dtype=np.float64).reshape(len(imgs), -1 if rows else 0)


def hog_feature(im):
    """Histogram of oriented gradients: how strong edges of each direction are in each cell.

    The image is cut into cells of 8 x 8 pixels; what is left over at the right and below does not
    count. The gradient at a pixel points to the right-hand and the lower neighbour. Gradients that
    point to the left count in no histogram, as in the course's own feature.

    Parameters
    ----------
    im : ndarray, shape (H, W, 3) or (H, W)
        An image in colour, which is made gray with weights 0.299, 0.587 and 0.144, or in gray.

    Returns
    -------
    feature : ndarray of float64, shape (W // 8 * (H // 8) * 9,)
        Mean size of the gradients of each of 9 directions in each cell, the columns of cells from
        the left, each from above; 144 numbers for an image of 32 x 32 pixels.
    """
    gray = im @ GRAY if np.ndim(im) == 3 else np.asarray(im, dtype=np.float64)
    gx, gy = np.zeros(gray.shape), np.zeros(gray.shape)
    gx[:, :-1] = gray[:, 1:] - gray[:, :-1]
    gy[:-1] = gray[1:] - gray[:-1]
    degrees = np.arctan2(gy, gx + 1e-15) * (180 / np.pi) + 90  # -90 to 270
    sizes = np.sqrt(gx * gx + gy * gy) * ((degrees > 0) & (degrees < 180))

    n, m = gray.shape[0] // CELL, gray.shape[1] // CELL
    cells = np.arange(m) * n + np.arange(n)[:, np.newaxis]  # (n, m), numbered down the columns
    direction = np.clip(degrees / (180 / ORIENTATIONS), 0, ORIENTATIONS - 1).astype(np.intp)
    bins = direction[: n * CELL, : m * CELL].reshape(n, CELL, m, CELL)
    bins += ORIENTATIONS * cells[:, np.newaxis, :, np.newaxis]
    weights = sizes[: n * CELL, : m * CELL].ravel()
    return np.bincount(bins.ravel(), weights, minlength=cells.size * ORIENTATIONS) / CELL**2


def color_histogram_hsv(im, nbin=10, xmin=0, xmax=255, normalized=True):
    """Histogram of the hues of an image: which share of it has which colour.

    Parameters
    ----------
    im : ndarray, shape (H, W, 3)
        Red, green and blue, 0 to ``xmax``.
    nbin : int
        Number of bins.
    xmin, xmax : float
        Ends of the histogram. The hue goes from 0 (red) over green and blue to ``xmax`` (red
        again); one below ``xmin`` counts in the first bin.
    normalized : bool
        Return shares instead of numbers of pixels.

    Returns
    -------
    histogram : ndarray of float64, shape (nbin,)
        It sums to 1 when normalised, and to the number of pixels otherwise. Gray pixels have hue 0.
    """
    edges = np.linspace(xmin, xmax, nbin + 1)
    hues = xmax * _hue(np.reshape(im, (-1, 3)) / xmax)
    bins = edges[1:-1].searchsorted(hues, side="right")
    histogram = np.bincount(bins, minlength=nbin).astype(np.float64)
    return histogram / len(hues) if normalized else histogram


def _hue(rgb):
    """Hue of each pixel (P, 3), 0 to 1; where two colours are largest, the later one counts."""
    red, green, blue = np.ascontiguousarray(rgb.T)
    largest = np.maximum(np.maximum(red, green), blue)
    span = largest - np.minimum(np.minimum(red, green), blue)
    is_green, is_blue, is_gray = green == largest, blue == largest, span == 0

    difference = green - blue
    np.copyto(difference, blue - red, where=is_green)
    np.copyto(difference, red - green, where=is_blue)
    start = np.where(is_blue, 4.0, 2.0 * is_green)
    start[is_gray], span[is_gray] = 0, 1
    hue = (start + difference / span) / 6
    return hue - np.floor(hue)
