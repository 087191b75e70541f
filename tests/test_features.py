"""Features agree with published values, and with a plain version of what they say."""

import colorsys

import numpy as np
import pytest
from numpy.testing import assert_allclose

from daseCV.features import color_histogram_hsv, extract_features, hog_feature

IMAGE = np.add.outer(np.arange(32) * 7, np.arange(32) * 3)[:, :, None] * np.array([1, 2, 3]) % 256.0


def test_hog_published():  # features.hog.shape_and_value
    feature = hog_feature(IMAGE)
    assert feature.shape == (144,)
    assert feature.sum() == pytest.approx(288.1253224524438)
    assert np.linalg.norm(feature) == pytest.approx(57.89497183717857)
    assert_allclose(feature[:9], [0, 0, 0, 0, 0, 0, 0, 14.508047766670742, 0], atol=1e-8)


def test_colours_published():  # features.color_histogram.value
    shares = [0.3525390625, 0, 0.1240234375, 0.0625, 0, 0.2685546875, 0, 0.125, 0.0673828125, 0]
    assert_allclose(color_histogram_hsv(IMAGE, nbin=10), shares, atol=1e-9)
    assert color_histogram_hsv(IMAGE, nbin=25).shape == (25,)


@pytest.mark.parametrize(("nbin", "width"), [(10, 154), (25, 169)])
def test_dimensions_published(nbin, width):  # features.dims
    images = (np.arange(3 * 32 * 32 * 3).reshape(3, 32, 32, 3) * 31 % 256).astype(float)
    kinds = [hog_feature, lambda im: color_histogram_hsv(im, nbin=nbin)]
    features = extract_features(images, kinds)
    assert features.shape == (3, width)
    assert_allclose(features[1, :144], hog_feature(images[1]))
    assert_allclose(features[2, 144:], color_histogram_hsv(images[2], nbin=nbin))


def plain_hog(gray):
    """The feature pixel by pixel."""
    n, m = gray.shape[0] // 8, gray.shape[1] // 8
    histograms = np.zeros((m, n, 9))
    for y in range(8 * n):
        for x in range(8 * m):
            gx = gray[y, x + 1] - gray[y, x] if x + 1 < gray.shape[1] else 0.0
            gy = gray[y + 1, x] - gray[y, x] if y + 1 < gray.shape[0] else 0.0
            degrees = np.degrees(np.arctan2(gy, gx + 1e-15)) + 90
            if 0 < degrees < 180:
                histograms[x // 8, y // 8, int(degrees // 20)] += np.hypot(gx, gy) / 64
    return histograms.ravel()


@pytest.mark.parametrize("shape", [(32, 32), (24, 40), (21, 37), (8, 8)])
def test_hog_takes_gray_images_of_any_size(shape):
    gray = np.random.RandomState(0).uniform(0, 255, shape)
    assert_allclose(hog_feature(gray), plain_hog(gray), atol=1e-9)


def test_hog_weighs_the_colours_as_the_course_does():
    image = np.random.RandomState(1).randint(0, 256, (16, 16, 3), dtype=np.uint8)
    red, green, blue = np.moveaxis(image.astype(float), -1, 0)
    gray = 0.299 * red + 0.587 * green + 0.144 * blue
    assert_allclose(hog_feature(image), plain_hog(gray), atol=1e-9)


def test_hog_of_an_image_smaller_than_a_cell_is_empty():
    assert hog_feature(np.ones((7, 7))).shape == (0,)


def test_hues_are_those_of_the_standard_library():
    rng = np.random.RandomState(2)
    for image in (rng.randint(0, 256, (20, 20, 3)), rng.randint(0, 3, (20, 20, 3)) * 100):
        hues = [colorsys.rgb_to_hsv(*pixel)[0] for pixel in image.reshape(-1, 3) / 255]
        counts, _ = np.histogram(hues, bins=12, range=(0, 1))
        got = color_histogram_hsv(image, nbin=12, normalized=False)
        if len(np.unique(image)) > 3:  # else many hues lie on an edge, and rounding decides
            assert np.array_equal(got, counts)
        assert got.sum() == 400


def test_gray_and_black_pixels_count_as_red():
    shades = np.repeat(np.arange(0, 256, 5)[:, None], 3, axis=1).reshape(4, 13, 3)
    assert color_histogram_hsv(shades).tolist() == [1] + [0] * 9


def test_colours_count_between_the_ends():
    image = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]])  # hues 0, 85 and 170 of 255
    assert color_histogram_hsv(image, nbin=3, normalized=False).tolist() == [1, 1, 1]
    assert color_histogram_hsv(image, nbin=2, xmin=100, normalized=False).tolist() == [3, 0]


def test_progress_is_printed_when_asked_for(capsys):
    images = np.zeros((2001, 8, 8))
    assert extract_features(images, [hog_feature]).shape == (2001, 9)
    assert capsys.readouterr().out == ""
    extract_features(images, [hog_feature], verbose=True)
    assert capsys.readouterr().out == (
        "Done extracting features for 1000 / 2001 images\n"
        "Done extracting features for 2000 / 2001 images\n"
    )


def test_no_images_have_no_features():
    assert extract_features(np.zeros((0, 32, 32, 3)), [hog_feature]).shape == (0, 0)
