"""A bar over the steps of a build."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def steps(total: int) -> Iterator[Callable[[str], None]]:
    """Yield what is called with the name of each step as it begins."""
    from tqdm import tqdm

    with tqdm(total=total, bar_format="{desc:22} {bar} {n_fmt}/{total_fmt} {elapsed}") as bar:
        begun = False

        def begin(name: str) -> None:
            nonlocal begun
            bar.update(int(begun))
            bar.set_description_str(name)
            begun = True

        yield begin
        bar.update(total - bar.n)
