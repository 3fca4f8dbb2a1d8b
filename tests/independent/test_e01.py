"""Elective 1: scikit-learn's network on SciPy's transform, SciPy's binomial distribution, and a round trip of Pillow.

A network's start is drawn otherwise here, so errors after training are compared with some noise; luck is exact.
"""

from __future__ import annotations

import io
import re
import warnings

import numpy as np
import pytest
from PIL import Image
from scipy.fft import dctn
from scipy.stats import binom
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from recsys_lib.datasets import load_pictures


@pytest.fixture(scope="module")
def pictures():
    """Return the three pictures by name."""
    found = load_pictures(quiet=True)
    if found.source == "made":
        pytest.skip("PyWavelets is not installed")
    return found.by_name


def features(picture, corners):
    """Fifteen coefficients a block."""
    blocks = np.array([picture[r : r + 8, c : c + 8] for r, c in corners])
    return np.delete(dctn(blocks, axes=(1, 2), norm="ortho")[:, :4, :4].reshape(len(blocks), 16), 0, axis=1)


def through_a_file(picture, quality):
    """Write a JPEG file of grey shades and read it again."""
    file = io.BytesIO()
    Image.fromarray(picture.astype(np.uint8)).save(file, "JPEG", quality=quality)
    file.seek(0)
    return np.asarray(Image.open(file), dtype=float)


def drawn(seed):
    """Places and message of one of the lesson's trials."""
    rng = np.random.default_rng([256, seed])
    places = rng.choice(64 * 64, size=256, replace=False)
    return 8 * np.stack(np.divmod(places, 64), axis=1), rng.integers(0, 2, 256)


def errors(picture, others, hidden, seed, corners=None):
    """Train on a picture; the share of wrong bits there and on the others."""
    places, bits = drawn(seed)
    corners = places if corners is None else corners
    scaler = StandardScaler().fit(features(picture, corners))
    network = MLPClassifier(
        (hidden,), activation="tanh", alpha=0, batch_size=256, learning_rate_init=0.02, max_iter=1500, tol=0,
        n_iter_no_change=1500, random_state=seed,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that all steps were used is what was asked for
        network.fit(scaler.transform(features(picture, corners)), bits)
    return [1 - network.score(scaler.transform(features(p, corners)), bits) for p in (picture, *others)]


@pytest.mark.parametrize(("hidden", "noise"), [(2, 0.07), (8, 0.08), (64, 0.05)])
def test_errors_by_size(lesson, pictures, hidden, noise):
    """Own picture, two losses by real JPEG files, and a foreign picture."""
    camera = pictures["camera"]
    others = [through_a_file(camera, 90), through_a_file(camera, 50), pictures["aero"]]
    found = np.mean([errors(camera, others, hidden, seed) for seed in range(2)], axis=0)
    rows = ("camera", "quality 90", "quality 50", "aero")
    lines = "".join(rf"\n +{name} +(0\.\d+) \(.*\)" for name in rows)
    lesson.prints(f"^{hidden} hidden units, .*{lines}", *found, noise=noise)


def test_elsewhere(lesson, pictures):
    """The own key on a foreign picture, and how much another picture withstands."""
    aero = pictures["aero"]
    found = errors(aero, [through_a_file(aero, 90), through_a_file(aero, 50), pictures["camera"]], 64, 10)
    for name, value in zip(("aero", "quality 90", "quality 50", "camera"), found, strict=True):
        lesson.prints(rf"^key of aero +on {name} +(0\.\d+) \(", value, noise=0.06)


def test_strong_blocks(lesson, pictures):
    """Without flat blocks the same picture withstands the same losses: means of the lesson's three trials."""
    camera = pictures["camera"]
    every = np.argwhere(np.ones((64, 64), dtype=bool)) * 8
    strong = every[np.sum(features(camera, every) ** 2, axis=1) >= 100]
    chosen = strong[np.random.default_rng(0).permutation(len(strong))[:256]]
    found = errors(camera, [through_a_file(camera, 90), through_a_file(camera, 50)], 64, 0, chosen)
    printed = re.findall(r"strong blocks: camera (0\.\d+), quality 90 (0\.\d+), quality 50 (0\.\d+)", lesson.text)
    assert len(printed) == 3
    assert np.mean(np.array(printed, dtype=float), axis=0) == pytest.approx(found, abs=0.07)


def test_luck(lesson):
    """The tail of the binomial distribution, and the limit of one in a million."""
    for name, wrong, power in (("camera", 0, -78), ("quality 90", 53, -22)):
        lesson.prints(rf"^{name} +{wrong} of 256 wrong: by luck (\d)e{power}", binom.cdf(wrong, 256, 0.5) / 10.0**power)
    lesson.prints(r"^quality 50 100 of 256 wrong: by luck (0\.0003)", binom.cdf(100, 256, 0.5))
    most = binom.ppf(1e-6, 256, 0.5) - 1
    lesson.prints(r"^at most (\d+) wrong bits, (0\.\d+): less than one in a million", most, most / 256)
    lesson.prints(r"^one key in ([\d,]+) reaches the limit by luck", 1 / binom.cdf(most, 256, 0.5))


def test_blocks(lesson, pictures):
    """How many of the 256 blocks have features of their own, and how strong the strongest feature is."""
    places = np.random.default_rng(0).choice(64 * 64, size=256, replace=False)
    corners = 8 * np.stack(np.divmod(places, 64), axis=1)
    for name, picture in pictures.items():
        lesson.prints(
            rf"^{name} +(\d+) different rows of features in 256 blocks; (\d+%) have a norm below 10",
            len(np.unique(features(picture, corners).round(6), axis=0)),
            np.mean(np.sum(features(picture, corners) ** 2, axis=1) < 100),
        )
    spread = features(pictures["camera"], corners).std(axis=0)
    lesson.prints(r"largest (\d+), smallest (\d+) shades", spread.max(), spread.min())
