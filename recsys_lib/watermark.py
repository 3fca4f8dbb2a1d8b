"""Keys that a small network draws from a picture which nobody touches, what they withstand, and what they are worth.

Blocks of a picture are described by coefficients of their cosine transform, and a network with one hidden layer is
trained to answer each of them with one bit of a message. The picture stays as it is: the places of the blocks and the
weights are the key.

Sources: K. Naoe, H. Sasaki and Y. Takefuji, Secure Key Generation for Static Visual Watermarking by Machine Learning in
Intelligent Systems and Services, Int. J. of Systems and Service-Oriented Engineering 1(1), 2010; before it K. Naoe and
Y. Takefuji, 2008, on damageless watermark extraction.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib._taught import taught
from recsys_lib.threads import one_thread

BLOCK = 8
"""Pixels along a side of a block."""
FEATURES = 15
"""Coefficients that describe a block: the four by four slowest waves without the mean."""

_WAVES = np.cos(np.outer(np.arange(BLOCK), 2 * np.arange(BLOCK) + 1) * np.pi / (2 * BLOCK)) / 2
_WAVES[0] = np.sqrt(1 / BLOCK)

_STEPS_AT_50 = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)


class Weights(NamedTuple):
    """The weights of a network with one hidden layer and one output.

    Parameters
    ----------
    W1 : ndarray, shape (d, h)
    b1 : ndarray, shape (h,)
    w2 : ndarray, shape (h,)
    b2 : float
    """

    W1: NDArray[np.float64]
    b1: NDArray[np.float64]
    w2: NDArray[np.float64]
    b2: float


def draw_corners(shape: tuple[int, int], n: int, *, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw different blocks of the grid of 8 x 8 pixels, in any order.

    Parameters
    ----------
    shape : (int, int)
        Height and width of the picture. What is left over at the lower and the right edge is not used.
    n : int
        How many blocks.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (n, 2)
        Row and column of the top left pixel of each.

    Raises
    ------
    ValueError
        If the picture has fewer than n blocks.

    Examples
    --------
    >>> draw_corners((16, 24), 6, rng=np.random.default_rng(0)).max(axis=0).tolist()
    [8, 16]
    """
    down, across = shape[0] // BLOCK, shape[1] // BLOCK
    if not 1 <= n <= down * across:
        raise ValueError(f"n must lie between 1 and {down * across}, the blocks of a picture {shape}; found {n}")
    places = rng.choice(down * across, size=n, replace=False)
    return BLOCK * np.stack(np.divmod(places, across), axis=1)


@taught
def block_features(picture: ArrayLike, corners: ArrayLike) -> NDArray[np.float64]:
    """Describe blocks of a picture by the slow part of their cosine transform (DCT-II, orthonormal), without the mean.

    Parameters
    ----------
    picture : array_like, shape (height, width)
        Shades of grey, of any range.
    corners : array_like of int, shape (n, 2)
        Row and column of the top left pixel of each block of 8 x 8 pixels.

    Returns
    -------
    ndarray, shape (n, 15)
        Of each block's 8 x 8 coefficients the upper left 4 x 4, row by row, without the first.

    Raises
    ------
    ValueError
        If the picture is not two-dimensional, the corners are no pairs, or a block does not lie within the picture.

    Examples
    --------
    A block that gets brighter from left to right has no waves from top to bottom:

    >>> block_features(np.tile(np.arange(8.0), (8, 1)), [[0, 0]])[0, :4].round(2) + 0.0
    array([-18.22,   0.  ,  -1.9 ,   0.  ])
    """
    table = _picture(picture)
    places = np.asarray(corners)
    if places.ndim != 2 or places.shape[1] != 2 or places.dtype.kind not in "iu":
        raise ValueError(f"corners must be whole numbers of shape (n, 2), found {places.dtype} of shape {places.shape}")
    if places.size and (places.min() < 0 or (places.max(axis=0) > np.subtract(table.shape, BLOCK)).any()):
        raise ValueError(f"corners must lie between (0, 0) and {tuple(np.subtract(table.shape, BLOCK).tolist())}")
    along = np.arange(BLOCK)
    blocks = table[places[:, 0, None, None] + along[:, None], places[:, 1, None, None] + along]
    return (_WAVES @ blocks @ _WAVES.T)[:, :4, :4].reshape(-1, FEATURES + 1)[:, 1:]


def _picture(picture: ArrayLike) -> NDArray[np.float64]:
    table = np.asarray(picture, dtype=float)
    if table.ndim != 2 or min(table.shape) < BLOCK:
        raise ValueError(f"picture must be a table of at least {BLOCK} x {BLOCK} pixels, found shape {table.shape}")
    return table


def read_key(weights: Weights, features: ArrayLike) -> NDArray[np.float64]:
    """Let a key's network answer each block.

    Parameters
    ----------
    weights : Weights
        Or a tuple of the same four.
    features : array_like, shape (n, d)

    Returns
    -------
    ndarray, shape (n,)
        Between 0 and 1; from 0.5 on it reads as the bit 1.

    Raises
    ------
    ValueError
        If the features are no table, or of another width than the network's.

    Examples
    --------
    >>> read_key((np.array([[1.0]]), np.zeros(1), np.array([100.0]), 0.0), [[-3.0], [0.0], [2.0]]).round(2).tolist()
    [0.0, 0.5, 1.0]
    """
    w1, b1, w2, b2 = weights
    table = np.asarray(features, dtype=float)
    if table.ndim != 2 or table.shape[1] != len(w1):
        raise ValueError(f"features must have shape (n, {len(w1)}), found {table.shape}")
    return _logistic(np.tanh(table @ w1 + b1) @ w2 + b2)


def _logistic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return (1 + np.tanh(x / 2)) / 2  # the same function, and it cannot overflow


def fit_key(
    features: ArrayLike,
    bits: ArrayLike,
    hidden: int,
    *,
    rng: np.random.Generator,
    steps: int = 2000,
    lr: float = 0.02,
) -> Weights:
    """Train a network to answer each block with its bit: cross entropy, all blocks in every step, by Adam.

    The features are brought to mean 0 and standard deviation 1 for training; the weights that come back are for the
    features as they are. Training computes in float32, which takes a third of the time.

    Source of the optimiser: D. Kingma and J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, algorithm 1.

    Parameters
    ----------
    features : array_like, shape (n, d)
    bits : array_like, shape (n,)
        0 and 1.
    hidden : int
        How many hidden units.
    rng : numpy.random.Generator
        Draws the start.
    steps : int
    lr : float
        The learning rate.

    Returns
    -------
    Weights

    Raises
    ------
    ValueError
        If the bits do not fit the features or are not 0 and 1, a feature is the same in all blocks, or there is no
        hidden unit.

    Examples
    --------
    >>> features = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    >>> weights = fit_key(features, [0, 1, 1, 0], 8, rng=np.random.default_rng(0))
    >>> (read_key(weights, features) >= 0.5).astype(int)
    array([0, 1, 1, 0])
    """
    table, wanted = np.asarray(features, dtype=float), np.asarray(bits, dtype=float)
    if table.ndim != 2 or wanted.shape != (len(table),) or not np.isin(wanted, (0, 1)).all():
        raise ValueError(f"bits must be 0 or 1, one for each row of features {table.shape}; found shape {wanted.shape}")
    if hidden < 1:
        raise ValueError(f"hidden must be at least 1, found {hidden}")
    mean, spread = table.mean(axis=0), table.std(axis=0)
    if not spread.all():
        raise ValueError(f"feature {int(np.argmin(spread))} is the same in all blocks")
    (n, d), cut = table.shape, (table.shape[1] + 1) * hidden
    x = np.ones((n, d + 1), dtype=np.float32)  # the last column is for b1
    x[:, :d] = (table - mean) / spread
    values, gradient, first, second = np.zeros((4, cut + hidden + 1), dtype=np.float32)  # all weights in a row
    (w1, w2), (down1, down2) = _views(values, cut, hidden), _views(gradient, cut, hidden)
    w1[:d] = rng.normal(size=(d, hidden)) / np.sqrt(d)
    w2[:] = rng.normal(size=hidden) / np.sqrt(hidden)
    targets = wanted.astype(np.float32)
    with one_thread():
        for step in range(1, steps + 1):
            units = x @ w1
            np.tanh(units, out=units)
            error = (_logistic(units @ w2 + values[-1]) - targets) / n
            np.matmul(error, units, out=down2)
            gradient[-1] = error.sum()
            units *= units
            np.subtract(1, units, out=units)
            units *= w2
            units *= error[:, None]
            np.matmul(x.T, units, out=down1)
            first += 0.1 * (gradient - first)
            second += 0.001 * (gradient * gradient - second)
            values -= lr / (1 - 0.9**step) * first / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    trained = w1.astype(float)
    inner = trained[:d] / spread[:, None]
    return Weights(inner, trained[d] - mean @ inner, w2.astype(float), float(values[-1]))


def _views(values: NDArray[np.float32], cut: int, hidden: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Show a row of numbers as W1 with b1 as its last row, and w2; the very last number is b2."""
    return values[:cut].reshape(-1, hidden), values[cut:-1]


@taught
def bit_error_rate(outputs: ArrayLike, bits: ArrayLike) -> float:
    """Compute the share of outputs that read as another bit than they should.

    Parameters
    ----------
    outputs : array_like, shape (n,)
        An output of 0.5 or more reads as 1.
    bits : array_like, shape (n,)
        0 and 1.

    Returns
    -------
    float
        From 0 to 1; whoever guesses has a half.

    Raises
    ------
    ValueError
        If the shapes differ or there is no bit.

    Examples
    --------
    >>> bit_error_rate([0.9, 0.2, 0.4, 0.6], [1, 0, 1, 1])
    0.25
    """
    read, wanted = np.asarray(outputs, dtype=float) >= 0.5, np.asarray(bits) != 0
    if read.shape != wanted.shape or read.size == 0:
        raise ValueError(f"outputs has shape {read.shape} and bits {wanted.shape}: one each, and one at least")
    return float(np.mean(read != wanted))


@taught
def false_alarm(n: int, t: int) -> float:
    """Compute the chance that fair coins agree with a message but for a few bits.

    Parameters
    ----------
    n : int
        The bits of the message.
    t : int
        How many of them may be wrong.

    Returns
    -------
    float
        The lower tail of the binomial distribution with chance one half: exact up to its last digit, however many bits.

    Raises
    ------
    ValueError
        If t does not lie between 0 and n, or there is no bit.

    Examples
    --------
    >>> false_alarm(3, 1), false_alarm(2, 2)
    (0.5, 1.0)
    >>> f"{false_alarm(256, 51):.1e}"
    '2.3e-23'
    """
    if n < 1 or not 0 <= t <= n:
        raise ValueError(f"n must be at least 1 and t lie between 0 and n, found n={n} and t={t}")
    ways = term = 1
    for wrong in range(1, t + 1):
        term = term * (n - wrong + 1) // wrong
        ways += term
    return ways / (1 << n)


@taught
def commit_key(key: ArrayLike, nonce: str) -> str:
    """Commit to a key: a text that tells nothing of it today, and that only this key fits when it is shown.

    Parameters
    ----------
    key : array_like
        Numbers of any shape.
    nonce : str
        Random letters and digits, kept with the key; without them whoever guesses the key can test the guess.

    Returns
    -------
    str
        The SHA-256 of nonce, shape and numbers (little-endian floats of eight bytes), as 64 hexadecimal digits.

    Examples
    --------
    >>> commit_key([[1.0, 2.0], [3.0, 4.0]], "salt7")[:16]
    '83b6f1ffe9d151a1'
    """
    table = np.asarray(key, dtype="<f8")
    return hashlib.sha256((nonce + str(table.shape)).encode("ascii") + table.tobytes()).hexdigest()


def jpeg_like(picture: ArrayLike, quality: int) -> NDArray[np.float64]:
    """Do to a picture what JPEG does to its shades of grey: round the coefficients of each block to coarse steps.

    Source: ITU-T T.81 (1992), annex K.1, table K.1 (the steps at quality 50); the scaling by quality is that of the
    Independent JPEG Group's library. Nothing is coded: what JPEG loses is lost here, and no file is made.

    Parameters
    ----------
    picture : array_like, shape (height, width)
        Shades from 0 to 255. Both sides are multiples of 8.
    quality : int
        From 1 to 100; lower loses more.

    Returns
    -------
    ndarray, shape (height, width)
        Whole shades from 0 to 255.

    Raises
    ------
    ValueError
        If a side is no multiple of 8, or the quality is out of range.

    Examples
    --------
    >>> picture = np.add.outer(np.arange(16.0), np.arange(8.0)) * 8
    >>> [float(np.abs(jpeg_like(picture, quality) - picture).max()) for quality in (90, 10)]
    [1.0, 13.0]
    """
    table = _picture(picture)
    height, width = table.shape
    if height % BLOCK or width % BLOCK:
        raise ValueError(f"picture must have sides that are multiples of {BLOCK}, found {table.shape}")
    if not 1 <= quality <= 100:
        raise ValueError(f"quality must lie between 1 and 100, found {quality}")
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    steps = np.clip((_STEPS_AT_50 * percent + 50) // 100, 1, 255)
    blocks = table.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK).swapaxes(1, 2) - 128
    kept = np.rint(_WAVES @ blocks @ _WAVES.T / steps) * steps
    back = np.rint(_WAVES.T @ kept @ _WAVES + 128).clip(0, 255)
    return back.swapaxes(1, 2).reshape(height, width)
