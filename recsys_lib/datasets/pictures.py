"""Grey pictures to practise on: those that the package PyWavelets ships, or ones made here."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NAMES = ("camera", "aero", "ascent")
SIDE = 512


class Pictures(NamedTuple):
    """Grey pictures by name, and where they come from.

    Parameters
    ----------
    by_name : dict of str to ndarray, each of shape (512, 512)
        Shades from 0 to 255.
    source : {"pywavelets", "made"}
    """

    by_name: dict[str, NDArray[np.float64]]
    source: str


def load_pictures(*, quiet: bool = False) -> Pictures:
    """Load three grey pictures: those of PyWavelets where it is installed, else made ones with a visible notice.

    Parameters
    ----------
    quiet : bool
        True prints no notice.

    Returns
    -------
    Pictures

    Examples
    --------
    >>> pictures = load_pictures(quiet=True)
    >>> pictures.source in ("pywavelets", "made"), [picture.shape for picture in pictures.by_name.values()]
    (True, [(512, 512), (512, 512), (512, 512)])
    """
    try:
        from pywt import data
    except ImportError as error:
        if not quiet:
            print(
                f"Notice: running on made pictures; the numbers in the text are for those of PyWavelets. Why: {error}"
            )
        return Pictures({name: made_picture(seed) for seed, name in enumerate(NAMES)}, "made")
    return Pictures({name: getattr(data, name)().astype(float) for name in NAMES}, "pywavelets")


def made_picture(seed: int = 0) -> NDArray[np.float64]:
    """Make a grey picture from a seed: clouds, in which coarse structure is stronger than fine, behind sharp discs.

    Parameters
    ----------
    seed : int

    Returns
    -------
    ndarray, shape (512, 512)
        Whole shades from 0 to 255.

    Examples
    --------
    >>> picture = made_picture(0)
    >>> picture.shape, float(picture.min()), float(picture.max())
    ((512, 512), 0.0, 255.0)
    """
    rng = np.random.default_rng(seed)
    across = np.hypot(*np.meshgrid(np.fft.fftfreq(SIDE), np.fft.rfftfreq(SIDE), indexing="ij"))
    across[0, 0] = np.inf  # no mean: it would be infinitely strong
    spectrum = np.fft.rfft2(rng.normal(size=(SIDE, SIDE)))
    picture = np.fft.irfft2(spectrum / across, s=(SIDE, SIDE))
    picture /= picture.std()
    down, right = np.mgrid[:SIDE, :SIDE]
    for _ in range(12):
        y, x = rng.uniform(0, SIDE, size=2)
        picture[np.hypot(down - y, right - x) < rng.uniform(20, 90)] += rng.normal()
    low, high = picture.min(), picture.max()
    return np.rint(255 * (picture - low) / (high - low))
