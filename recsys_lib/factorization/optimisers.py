"""How parameters move, given their gradients: plain descent, Adam, or row-wise Adagrad."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Descent:
    """Plain gradient descent: each parameter moves by the learning rate times its gradient."""

    def __init__(self, lr: float) -> None:
        self.lr = lr

    def step(self, parameters: Sequence[NDArray], gradients: Sequence[NDArray]) -> None:
        """Move the parameters in place."""
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter -= self.lr * gradient


class Adam:
    """Descent with a step size for each number, so that rarely touched rows move as far as the others.

    Source: D. P. Kingma and J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, algorithm 1, in the order of
    steps that section 2 gives at its end (`tiny` is not divided by the correction).
    """

    def __init__(self, lr: float, decay: float = 0.9, decay_of_squares: float = 0.999, tiny: float = 1e-8) -> None:
        self.lr, self.decay, self.decay_of_squares, self.tiny = lr, decay, decay_of_squares, tiny
        self._means: list[NDArray] = []
        self._squares: list[NDArray] = []
        self._steps = 0

    def step(self, parameters: Sequence[NDArray], gradients: Sequence[NDArray]) -> None:
        """Move the parameters in place."""
        if not self._means:
            self._means = [np.zeros_like(parameter) for parameter in parameters]
            self._squares = [np.zeros_like(parameter) for parameter in parameters]
        self._steps += 1
        lr = self.lr * np.sqrt(1 - self.decay_of_squares**self._steps) / (1 - self.decay**self._steps)
        for parameter, gradient, mean, square in zip(parameters, gradients, self._means, self._squares, strict=True):
            mean *= self.decay
            mean += (1 - self.decay) * gradient
            square *= self.decay_of_squares
            square += (1 - self.decay_of_squares) * gradient**2
            parameter -= (lr * mean / (np.sqrt(square) + self.tiny)).astype(parameter.dtype, copy=False)


class RowWiseAdagrad:
    """Descent with a step size for each row, which shrinks with what the row has moved so far.

    A row keeps one number, the sum of its mean squared gradients; Adagrad keeps one for each entry. So the memory of
    an embedding table hardly grows, and a rare row, which has seen few gradients, still moves far.

    Source: J. Duchi, E. Hazan and Y. Singer, Adaptive Subgradient Methods for Online Learning and Stochastic
    Optimization, JMLR 12, 2011, for Adagrad; D. Mudigere and others, Software-Hardware Co-design for Fast and Scalable
    Training of Deep Learning Recommendation Models, ISCA 2022, section 4.1, for one number a row.
    """

    def __init__(self, lr: float, tiny: float = 1e-8) -> None:
        self.lr, self.tiny = lr, tiny
        self._squares: list[NDArray] = []

    def step(
        self,
        parameters: Sequence[NDArray],
        gradients: Sequence[NDArray],
        touched: Sequence[NDArray[np.integer] | None] | None = None,
    ) -> None:
        """Move the parameters in place; a row without a gradient stays where it is.

        `touched` may tell for each table which of its rows have a gradient, each row once, so that the others need not
        be looked at: a batch touches few.
        """
        if not self._squares:
            self._squares = [np.zeros(len(parameter), parameter.dtype) for parameter in parameters]
        touched = touched or [None] * len(parameters)
        for parameter, gradient, squares, rows in zip(parameters, gradients, self._squares, touched, strict=True):
            if rows is None:
                rows = np.flatnonzero(gradient.any(axis=1))
            slope = gradient[rows]
            squares[rows] += np.einsum("nd,nd->n", slope, slope) / slope.shape[1]
            slope *= self.lr
            slope /= (np.sqrt(squares[rows]) + self.tiny)[:, None]
            parameter[rows] -= slope.astype(parameter.dtype, copy=False)


OPTIMISERS = {"descent": Descent, "adam": Adam}


def optimiser_of(name: str, lr: float) -> Descent | Adam:
    """Make an optimiser by name.

    Raises
    ------
    ValueError
        If there is none of that name, or the learning rate is not a positive number.

    Examples
    --------
    >>> optimiser_of("descent", 0.5).lr
    0.5
    """
    if name not in OPTIMISERS:
        raise ValueError(f"optimiser must be one of {', '.join(map(repr, OPTIMISERS))}, got {name!r}")
    if not (np.isfinite(lr) and lr > 0):
        raise ValueError(f"lr (the learning rate) must be above 0, got {lr}")
    return OPTIMISERS[name](lr)
