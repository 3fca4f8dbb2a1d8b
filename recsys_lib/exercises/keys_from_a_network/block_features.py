"""Describe blocks of a picture by the slow part of their cosine transform."""

from __future__ import annotations

import math

import numpy as np

from recsys_lib.checks.definition import exercise


def _waves():
    table = np.zeros((8, 8))
    for k in range(8):
        for x in range(8):
            table[k, x] = math.sqrt(1 / 8) if k == 0 else 0.5 * math.cos((2 * x + 1) * k * math.pi / 16)
    return table


@exercise("block_features", points={"values": 3}, instead_of=("block_features",))
def block_features(picture, corners):
    """Transform each block by two matrix products, and read its upper left four by four."""
    waves, found = _waves(), []
    for row, column in corners:
        coefficients = waves @ picture[row : row + 8, column : column + 8] @ waves.T
        found.append(coefficients[:4, :4].ravel()[1:])
    return np.array(found)


def _picture(seed, height=12, width=16):
    """Whole shades that are nothing like their mirror image."""
    return np.random.default_rng([8, seed]).integers(0, 256, (height, width)).astype(float)


@block_features.inputs(
    "values",
    fixed=[
        (np.tile(np.arange(8.0), (8, 1)), np.array([[0, 0]])),
        (np.tile(np.arange(8.0)[:, None], (1, 9)), np.array([[0, 0], [0, 1]])),
        (np.add.outer(np.arange(8.0) ** 2, 3 * np.arange(10.0)), np.array([[0, 2], [0, 0]])),
        (_picture(1, 8, 8), np.array([[0, 0]])),
        (_picture(2), np.array([[0, 0], [4, 8], [1, 3]])),
        (_picture(3, 20, 16), np.array([[8, 2], [12, 8], [3, 0], [0, 5]])),
        (_picture(4, 16, 24).astype(np.uint8), np.array([[8, 16], [0, 8], [8, 0]])),
    ],
)
def _(rng):
    found = []
    for height, width, n in [(16, 24, 4), (30, 19, 6), (24, 24, 9)]:
        corners = np.stack([rng.integers(0, height - 7, n), rng.integers(0, width - 7, n)], axis=1)
        found.append((rng.uniform(0, 255, (height, width)), corners))
    return [*found, (rng.integers(0, 256, (16, 16), dtype=np.uint8), np.array([[0, 8], [8, 0], [5, 3]]))]


def _with(picture, corners, transform, choose=lambda table: table[:4, :4].ravel()[1:]):
    """Transform each block in some way, and take some of what comes out."""
    return np.array([choose(transform(picture[r : r + 8, c : c + 8].astype(float))) for r, c in corners])


def _right(block):
    return _waves() @ block @ _waves().T


@block_features.misconception(
    "Your second matrix product has the same matrix as the first; what does the formula do to it on the right?"
)
def transpose_forgotten(picture, corners):
    return _with(picture, corners, lambda block: _waves() @ block @ _waves())


@block_features.misconception(
    "You put the transposed matrix on the left, which turns coefficients back into pixels; on which side does the "
    "formula transpose?"
)
def transposes_exchanged(picture, corners):
    return _with(picture, corners, lambda block: _waves().T @ block @ _waves())


@block_features.misconception(
    "You transformed the rows only; a block is also to be transformed from top to bottom, so which factor is missing?"
)
def rows_only(picture, corners):
    return _with(picture, corners, lambda block: block @ _waves().T)


@block_features.misconception(
    "You transformed the columns only; a block is also to be transformed from left to right, so which factor is "
    "missing?"
)
def columns_only(picture, corners):
    return _with(picture, corners, lambda block: _waves() @ block)


@block_features.misconception(
    "You multiplied entry by entry; two matrix products are asked for, so which operator makes one?"
)
def entries_multiplied(picture, corners):
    return _with(picture, corners, lambda block: _waves() * block * _waves().T)


@block_features.misconception(
    "You kept the first coefficient and dropped another; which of the sixteen says only how bright the block is?"
)
def mean_kept(picture, corners):
    return _with(picture, corners, _right, lambda table: table[:4, :4].ravel()[:15])


@block_features.misconception("You return all sixteen coefficients; which of them says only how bright the block is?")
def all_sixteen(picture, corners):
    return _with(picture, corners, _right, lambda table: table[:4, :4].ravel())


@block_features.misconception(
    "You took the first fifteen of all 64 after the mean, two long rows; which rows and columns are asked for?"
)
def first_of_all(picture, corners):
    return _with(picture, corners, _right, lambda table: table.ravel()[1:16])


@block_features.misconception("You read the four by four column by column; in which order are they asked for?")
def column_by_column(picture, corners):
    return _with(picture, corners, _right, lambda table: table[:4, :4].T.ravel()[1:])


@block_features.misconception("You exchanged row and column of the corners; which of the two comes first in a pair?")
def corners_exchanged(picture, corners):
    wide = np.pad(picture.astype(float), ((0, picture.shape[1]), (0, picture.shape[0])))
    return _with(wide, corners[:, ::-1], _right)


@block_features.misconception(
    "Row 0 of your matrix is too large: its entries are the half that belongs to the other rows; what does it hold?"
)
def first_row_like_others(picture, corners):
    waves = _waves()
    waves[0] = 0.5
    return _with(picture, corners, lambda block: waves @ block @ waves.T)


@block_features.misconception(
    "Your cosine lacks the factor one half in front of it, so most of your rows are too long; where does it belong?"
)
def half_forgotten(picture, corners):
    waves = 2 * _waves()
    waves[0] /= 2
    return _with(picture, corners, lambda block: waves @ block @ waves.T)


@block_features.misconception(
    "You took k and x in each other's place in the cosine; which of them counts the rows of the matrix?"
)
def frequency_and_place_exchanged(picture, corners):
    waves = _waves().T
    waves[0] = math.sqrt(1 / 8)
    first = np.array([[math.cos((2 * k + 1) * x * math.pi / 16) / 2 for x in range(8)] for k in range(8)])
    first[0] = math.sqrt(1 / 8)
    return _with(picture, corners, lambda block: first @ block @ first.T)


@block_features.misconception(
    "Your cosine has 2x where the formula has one more; how far from the edge is the middle of the first pixel?"
)
def one_forgotten_in_the_cosine(picture, corners):
    waves = np.array([[math.cos(2 * x * k * math.pi / 16) / 2 for x in range(8)] for k in range(8)])
    waves[0] = math.sqrt(1 / 8)
    return _with(picture, corners, lambda block: waves @ block @ waves.T)


@block_features.misconception("You divided by 8 inside the cosine; by what is the angle divided there?")
def angle_doubled(picture, corners):
    waves = np.array([[math.cos((2 * x + 1) * k * math.pi / 8) / 2 for x in range(8)] for k in range(8)])
    waves[0] = math.sqrt(1 / 8)
    return _with(picture, corners, lambda block: waves @ block @ waves.T)


@block_features.misconception(
    "You return the pixels of the block and have not transformed them yet; what makes coefficients of them?",
    kind="next step",
)
def pixels_themselves(picture, corners):
    return _with(picture, corners, lambda block: block)


@block_features.misconception("You return the features of one block only; does your return stand inside the loop?")
def first_block_only(picture, corners):
    return block_features.reference(picture, corners)[0]


@block_features.alternative
def by_einsum(picture, corners):
    blocks = np.stack([picture[r : r + 8, c : c + 8] for r, c in corners])
    return np.einsum("ij,njk,lk->nil", _waves(), blocks, _waves())[:, :4, :4].reshape(len(corners), 16)[:, 1:]


@block_features.alternative
def by_sums(picture, corners):
    waves, rows = _waves(), []
    for r, c in corners:
        values = []
        for i in range(4):
            for j in range(4):
                total = 0.0
                for y in range(8):
                    for x in range(8):
                        total += waves[i, y] * waves[j, x] * float(picture[r + y, c + x])
                values.append(total)
        rows.append(values[1:])
    return rows


@block_features.alternative
def levelled_first(picture, corners):
    k, x = np.arange(8)[:, None], np.arange(8)
    waves = np.where(k == 0, np.sqrt(1 / 8), np.cos((2 * x + 1) * k * np.pi / 16) / 2)[:4]
    table = picture.astype(float) - 128
    return np.array([np.delete(waves @ table[r : r + 8, c : c + 8] @ waves.T, 0) for r, c in corners])
