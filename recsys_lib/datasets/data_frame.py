"""Read a table that pandas has pickled: without pandas, and without running what a pickle may ask for."""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np
from numpy.typing import NDArray


class _Remembered:
    """Stand for an object of pandas: keep what it was made of, and do nothing."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state


def _array(buffer: bytearray, dtype: np.dtype, shape: tuple[int, ...], order: Any) -> NDArray:
    """Make an array of its bytes, as NumPy's own function of the pickle does."""
    return np.frombuffer(buffer, dtype).reshape(shape, order=order)


class _Unpickler(pickle.Unpickler):
    """Know NumPy's arrays and slices; take whatever is of pandas for a thing to remember; refuse all else."""

    _KNOWN = {
        ("numpy.core.numeric", "_frombuffer"): _array,
        ("numpy.core.multiarray", "_reconstruct"): lambda kind, shape, dtype: np.ndarray(shape, dtype),
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
        ("builtins", "slice"): slice,
    }

    def find_class(self, module: str, name: str) -> Any:
        """Give the class or function that a name of the pickle stands for."""
        if module.partition(".")[0] == "pandas":
            return _Remembered
        module = module.replace("numpy._core.", "numpy.core.")  # NumPy 2 calls it so
        if (module, name) in self._KNOWN:
            return self._KNOWN[module, name]
        raise pickle.UnpicklingError(f"the table asks for {module}.{name}, which no table needs")


def columns_of(pickled: bytes) -> dict[str, NDArray]:
    """Take the columns out of a pickled pandas DataFrame.

    Parameters
    ----------
    pickled : bytes
        A DataFrame as pandas 1.3 to 2 pickle it.

    Returns
    -------
    dict of str to ndarray
        Each column by name.

    Raises
    ------
    ValueError
        If the bytes are no such pickle, or ask for anything but arrays.
    """
    try:
        (blocks, (names, _rows)) = _Unpickler(io.BytesIO(pickled)).load().state["_mgr"].parts
        found: dict[int, NDArray] = {}
        for values, places, _dimensions in (block.parts for block in blocks):
            if isinstance(places, slice):
                places = range(places.start, places.stop, places.step or 1)
            found |= {int(place): row for place, row in zip(places, values, strict=True)}
        return {str(name): found[place] for place, name in enumerate(names.parts[1]["data"])}
    except Exception as error:  # whatever damaged bytes make of an unpickler
        raise ValueError(f"no pickled table ({type(error).__name__}: {error})") from error
