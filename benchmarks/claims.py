"""Put the claims of the course's founding text to the test: which models bear them out, when, and which do not.

`python -m benchmarks.claims` measures a sample of the grid again, fails where what it finds is not what
`benchmarks/claims.csv` says, judges the whole grid, prints the table, and writes docs/claims.md with its pictures.
`--no-sample` only judges. `python -m benchmarks.claims_grid` measures the whole grid.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

import numpy as np
from tqdm import tqdm

from benchmarks import claims_page
from benchmarks.claims_grid import MODELS, WIDTH, Line, Place, read, train
from benchmarks.claims_verdicts import judge_all

NEAR = {"rho": 0.03, "rare": 0.02, "recall": 0.01, "popularity": 0.1}
"""How far a figure may be from the file's: another processor adds numbers in another order."""


class ClaimChangedError(Exception):
    """A sample was measured again, and is not what the file says."""


def sample(name: str) -> Iterator[tuple[Place, tuple[int, ...]]]:
    """Give the places of a model that are measured again, and at which lengths.

    After a large start without L2 on the small catalogue, where rare films rise, and after a small one with L2 on the
    other.
    """
    model = MODELS[name]
    yield Place(name, "ML-100K", 0, WIDTH, 1.0, 1.0, model.l2[0]), model.lengths[:2]
    yield Place(name, "latest-small", 0, WIDTH, 1.0, 0.05, model.l2[1]), model.lengths[:1]


def measured_again(name: str, lines: list[Line]) -> list[Line]:
    """Measure a model's sample again; return the file's lines with the new ones in place of the old.

    Raises
    ------
    ClaimChangedError
        If a figure is not near the file's, or a word changes.
    """
    new = {(line.place, line.length): line for at, lengths in sample(name) for line in train(at, lengths)}
    for line in lines:
        again = new.get((line.place, line.length), line)
        for field, old in line.figures._asdict().items():
            found, near = getattr(again.figures, field), NEAR[field.rpartition("_")[2]]
            if not np.isclose(found, old, rtol=0.02, atol=near, equal_nan=True):
                raise ClaimChangedError(f"{line.place}, length {line.length}: {field} is {found:.4f}, not {old:.4f}")
    mixed = [new.get((line.place, line.length), line) for line in lines]
    before, after = judge_all(lines), judge_all(mixed)
    for claim, verdicts in before.items():
        if verdicts[name].word != after[claim][name].word:
            raise ClaimChangedError(f"{claim}, {name}: {after[claim][name].word}, not {verdicts[name].word}")
    return mixed


def main(argv: list[str] | None = None) -> str:
    """Print the table; return it as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claims", description=__doc__.splitlines()[0])
    parser.add_argument("--no-sample", action="store_true", help="judge the file, and measure nothing again")
    options = parser.parse_args(argv)
    lines = read()
    if not options.no_sample:
        for name in tqdm(MODELS, desc="claims", leave=False):
            measured_again(name, lines)
    claims_page.write(lines)
    said = "" if options.no_sample else "A sample of each model was measured again: no word changed.\n\n"
    text = f"{claims_page.table(judge_all(lines))}\n\n{claims_page.rules(lines)}\n\n{said}{claims_page.settings()}\n"
    print(text)
    return text


if __name__ == "__main__":
    main(sys.argv[1:])
