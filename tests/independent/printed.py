"""The lines that a lesson prints, read from its built notebook, and how a figure in them is compared."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIGURES = "figures"
"""The property of a test under which the number of figures that it compared is kept."""


class Lesson:
    """What a lesson's tagged cells print.

    Parameters
    ----------
    short : str
        Such as L08 or E01.
    record : callable ``(name, value)``
        Told the number of figures compared, each time.
    """

    def __init__(self, short, record):
        self.short, self._record = short, record
        (path,) = (ROOT / "solutions").glob(f"{short}_*/{short}_*.ipynb")
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        tagged = [cell for cell in cells if "nbval-check-output" in cell["metadata"].get("tags", ())]
        outputs = [output for cell in tagged for output in cell["outputs"]]
        self.text = "\n".join("".join(output.get("text", ())) for output in outputs)

    def prints(self, line, *values, noise=0.0):
        """Compare the groups of `line`, a regular expression, with recomputed values.

        A value may differ by half a unit in the last place printed, and by `noise`, one number or one a value (in the
        units of the value: .01 is one per cent). Where the lesson prints such a line several times, all must say the
        same.
        """
        found = {match.groups() for match in re.finditer(line, self.text, re.MULTILINE)}
        if not found:
            raise AssertionError(f"{self.short} prints no line like {line!r}: say what it prints now")
        if len(found) > 1:
            raise AssertionError(f"{self.short} prints {len(found)} different lines like {line!r}: {found}")
        (texts,) = found
        assert len(texts) == len(values), f"{line!r} has {len(texts)} groups for {len(values)} values"
        allowed = noise if isinstance(noise, tuple) else (noise,) * len(values)
        wrong = [
            f"{self.short}, {line!r}: it prints {text}, recomputed {value:.6g}"
            for text, value, more in zip(texts, map(float, values), allowed, strict=True)
            if not near(text, value, more)
        ]
        assert not wrong, "\n".join(wrong)
        self._record(FIGURES, len(texts))


def near(text, value, noise=0.0):
    """Whether a number as printed, "12", "-.5", "3.0%", is the value to the digits that it shows."""
    share = text.endswith("%")
    digits = text.rstrip("% ").replace(",", "")
    unit = 10.0 ** -len(digits.partition(".")[2])
    scale = 100 if share else 1
    return abs(float(digits) - scale * value) <= unit / 2 + scale * noise + 1e-9 * unit
