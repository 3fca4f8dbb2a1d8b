"""Keys from a network, against SciPy's transform and binomial distribution, and by what must hold of any of them."""

from __future__ import annotations

import hashlib
import io
import sys

import numpy as np
import pytest
from PIL import Image
from scipy.fft import dctn, idctn
from scipy.stats import binom

from recsys_lib import datasets, watermark

RNG = np.random.default_rng(0)
PICTURE = RNG.integers(0, 256, (40, 56)).astype(float)


# ---- blocks ----


def test_features_are_those_of_scipy():
    """The features are SciPy's orthonormal two-dimensional DCT, its upper left four by four without the mean."""
    corners = watermark.draw_corners(PICTURE.shape, 12, rng=np.random.default_rng(1)) + np.array([0, 0])
    expected = [dctn(PICTURE[r : r + 8, c : c + 8], norm="ortho")[:4, :4].ravel()[1:] for r, c in corners]
    assert watermark.block_features(PICTURE, corners) == pytest.approx(np.array(expected))
    assert watermark.block_features(PICTURE, [[3, 5]]).shape == (1, watermark.FEATURES)


def test_brightness_is_no_feature():
    """A constant added to the picture changes nothing; a picture of whole bytes gives the same as one of floats."""
    corners = np.array([[0, 0], [32, 48], [7, 3]])
    features = watermark.block_features(PICTURE, corners)
    assert watermark.block_features(PICTURE + 30, corners) == pytest.approx(features)
    assert watermark.block_features(PICTURE.astype(np.uint8), corners) == pytest.approx(features)


def test_corners_are_different_blocks_of_the_grid():
    """All blocks of a picture may be drawn, none twice, and none reaches over the edge."""
    drawn = watermark.draw_corners((42, 57), 35, rng=np.random.default_rng(2))
    assert {tuple(corner) for corner in drawn.tolist()} == {(8 * i, 8 * j) for i in range(5) for j in range(7)}


# ---- networks ----


def test_untrained_key_is_its_start_and_training_goes_downhill():
    """Weights fit the features as they are; more steps bring the outputs nearer to the bits."""
    features, bits = RNG.normal(size=(60, 15)) * RNG.uniform(1, 90, 15) + 40, RNG.integers(0, 2, 60)
    losses = []
    for steps in (0, 20, 200):
        weights = watermark.fit_key(features, bits, 12, rng=np.random.default_rng(3), steps=steps)
        outputs = watermark.read_key(weights, features)
        losses.append(-np.mean(np.log(np.where(bits == 1, outputs, 1 - outputs))))
    assert losses[0] > losses[1] > losses[2]
    standard = (features - features.mean(axis=0)) / features.std(axis=0)
    start = watermark.fit_key(standard, bits, 12, rng=np.random.default_rng(3), steps=0)
    raw = watermark.fit_key(features, bits, 12, rng=np.random.default_rng(3), steps=0)
    assert watermark.read_key(raw, features) == pytest.approx(watermark.read_key(start, standard))


def test_first_step_follows_the_gradient():
    """Adam's first step moves each weight by the learning rate, against the sign of its slope (by differences)."""
    features, bits = RNG.normal(size=(20, 4)), RNG.integers(0, 2, 20)
    features = (features - features.mean(axis=0)) / features.std(axis=0)
    before, after = (watermark.fit_key(features, bits, 3, rng=np.random.default_rng(4), steps=s) for s in (0, 1))

    def loss(w1, b1, w2, b2):
        inside = np.tanh(features @ w1 + b1) @ w2 + b2
        return np.mean(np.log1p(np.exp(inside)) - bits * inside)

    for place in range(4):
        table = np.array(before[place], dtype=float)
        for at in np.ndindex(table.shape):
            up, down = table.copy(), table.copy()
            up[at] += 1e-5
            down[at] -= 1e-5
            ends = [loss(*[part if i == place else old for i, old in enumerate(before)]) for part in (up, down)]
            step = np.asarray(after[place])[at] - table[at]
            assert step == pytest.approx(-0.02 * np.sign(ends[0] - ends[1]), rel=1e-3)


def test_enough_units_learn_anything_and_few_do_not():
    """64 hidden units learn 256 coins for random blocks without an error, 2 do not: what the elective is about."""
    features, bits = RNG.normal(size=(256, 15)), RNG.integers(0, 2, 256)
    few, many = (watermark.fit_key(features, bits, h, rng=np.random.default_rng(5), steps=1500) for h in (2, 64))
    assert watermark.bit_error_rate(watermark.read_key(many, features), bits) == 0
    assert watermark.bit_error_rate(watermark.read_key(few, features), bits) > 0.2


def test_reading_does_not_overflow():
    """Outputs of enormous sums are 0 and 1, without a warning."""
    weights = (np.ones((1, 1)), np.zeros(1), np.array([1e6]), 0.0)
    assert watermark.read_key(weights, [[50.0], [-50.0]]).tolist() == [1, 0]


# ---- errors and luck ----


def test_border_reads_as_one():
    """An output of one half is the bit 1, for the error rate as for a reader."""
    assert watermark.bit_error_rate([0.5, 0.5, 0.2], [1, 0, 0]) == pytest.approx(1 / 3)


@pytest.mark.parametrize(("n", "t"), [(1, 0), (3, 1), (20, 20), (256, 51), (256, 89), (1000, 400), (5000, 2400)])
def test_false_alarm_is_the_binomial_tail(n, t):
    """SciPy's distribution function agrees, also where a float of 2 ** n overflows."""
    assert watermark.false_alarm(n, t) == pytest.approx(binom.cdf(t, n, 0.5), rel=1e-9)


def test_both_tails_make_one():
    """At most t wrong, or at least t + 1 wrong, which is at most n - t - 1 right: one of the two."""
    assert watermark.false_alarm(37, 11) + 1 - watermark.false_alarm(37, 11) == 1
    assert watermark.false_alarm(37, 11) + watermark.false_alarm(37, 37 - 12) == pytest.approx(1)


# ---- commitments ----


def test_commitment_is_the_hash_of_all_bytes():
    """Nonce, shape and numbers by hand; neither memory order nor type of the numbers matters."""
    key = np.arange(6.0).reshape(2, 3)
    expected = hashlib.sha256(b"salt(2, 3)" + np.array([0, 1, 2, 3, 4, 5], dtype="<f8").tobytes()).hexdigest()
    for same in (key, np.asfortranarray(key), key.astype(int), key.tolist()):
        assert watermark.commit_key(same, "salt") == expected


def test_every_part_counts():
    """The last digit of a number, the shape and the nonce: each changes the text."""
    key = np.linspace(0, 1, 6)
    moved = key.copy()
    moved[3] = np.nextafter(moved[3], 1)
    texts = {watermark.commit_key(k, n) for k, n in ((key, "a"), (moved, "a"), (key.reshape(2, 3), "a"), (key, "b"))}
    assert len(texts) == 4


# ---- what JPEG loses ----


@pytest.mark.parametrize("quality", [10, 50, 90])
def test_loss_is_rounding_in_scipys_transform(quality):
    """Rounding SciPy's coefficients to the standard's steps gives the same picture."""
    factor = 5000 // quality if quality < 50 else 200 - 2 * quality
    steps = np.clip((watermark._STEPS_AT_50 * factor + 50) // 100, 1, 255)
    lossy = watermark.jpeg_like(PICTURE, quality)
    for row in range(0, 40, 8):
        for column in range(0, 56, 8):
            block = PICTURE[row : row + 8, column : column + 8] - 128
            back = idctn(np.rint(dctn(block, norm="ortho") / steps) * steps, norm="ortho") + 128
            assert np.abs(lossy[row : row + 8, column : column + 8] - np.clip(back, 0, 255)).max() < 0.51


def test_steps_are_those_of_pillow():
    """The steps of a JPEG file that Pillow writes are ours: Pillow's are libjpeg's."""
    for quality in (30, 50, 75, 90):
        file = io.BytesIO()
        Image.fromarray(PICTURE.astype(np.uint8)).save(file, "JPEG", quality=quality)
        file.seek(0)
        theirs = Image.open(file).quantization[0]
        factor = 5000 // quality if quality < 50 else 200 - 2 * quality
        ours = np.clip((watermark._STEPS_AT_50 * factor + 50) // 100, 1, 255)
        assert list(theirs) == ours.ravel().tolist()


def test_lower_quality_loses_more():
    """A lower quality is farther from the picture, and quality 100 is within rounding."""
    far = [np.abs(watermark.jpeg_like(PICTURE, quality) - PICTURE).mean() for quality in (100, 90, 50, 10)]
    assert far == sorted(far) and far[0] < 0.6


# ---- errors ----


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: watermark.draw_corners((16, 16), 5, rng=RNG), "n must lie between 1 and 4"),
        (lambda: watermark.block_features(PICTURE[0], [[0, 0]]), "picture must be a table"),
        (lambda: watermark.block_features(PICTURE, [[33, 0]]), r"corners must lie between \(0, 0\) and \(32, 48\)"),
        (lambda: watermark.block_features(PICTURE, [[-1, 0]]), "corners must lie between"),
        (lambda: watermark.block_features(PICTURE, [[0.5, 0]]), "corners must be whole numbers"),
        (lambda: watermark.fit_key(np.eye(3), [0, 1], 2, rng=RNG), "bits must be 0 or 1"),
        (lambda: watermark.fit_key(np.eye(2), [0, 2], 2, rng=RNG), "bits must be 0 or 1"),
        (lambda: watermark.fit_key(np.eye(2), [0, 1], 0, rng=RNG), "hidden must be at least 1"),
        (lambda: watermark.fit_key(np.ones((2, 3)), [0, 1], 1, rng=RNG), "feature 0 is the same in all blocks"),
        (lambda: watermark.read_key((np.eye(3), 0, np.ones(3), 0), np.eye(2)), r"features must have shape \(n, 3\)"),
        (lambda: watermark.bit_error_rate([], []), "one at least"),
        (lambda: watermark.bit_error_rate([0.5], [1, 0]), "outputs has shape"),
        (lambda: watermark.false_alarm(3, 4), "found n=3 and t=4"),
        (lambda: watermark.false_alarm(0, 0), "n must be at least 1"),
        (lambda: watermark.jpeg_like(PICTURE, 0), "quality must lie between 1 and 100"),
        (lambda: watermark.jpeg_like(PICTURE[:-1], 50), "multiples of 8"),
    ],
)
def test_wrong_input_is_named(call, words):
    """An error names the argument, what was found and what is allowed."""
    with pytest.raises(ValueError, match=words):
        call()


# ---- pictures ----


def test_pictures_come_from_the_package():
    """Where PyWavelets is installed its three pictures come, in shades from 0 to 255."""
    pytest.importorskip("pywt")
    found = datasets.load_pictures()
    assert found.source == "pywavelets" and list(found.by_name) == ["camera", "aero", "ascent"]
    for picture in found.by_name.values():
        assert picture.shape == (512, 512) and picture.dtype == float
        assert (picture.min(), picture.max()) == (0, 255)


def test_pictures_are_made_without_it(monkeypatch, capsys):
    """Without the package three different pictures are made, with a visible notice, and their blocks differ."""
    monkeypatch.setitem(sys.modules, "pywt", None)
    found = datasets.load_pictures()
    assert found.source == "made" and "made pictures" in capsys.readouterr().out
    assert not np.array_equal(found.by_name["camera"], found.by_name["aero"])
    corners = watermark.draw_corners((512, 512), 256, rng=np.random.default_rng(0))
    for picture in found.by_name.values():
        assert len(np.unique(watermark.block_features(picture, corners).round(6), axis=0)) > 250
    assert datasets.load_pictures(quiet=True).source == "made"
    assert capsys.readouterr().out == ""
