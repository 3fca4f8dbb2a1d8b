"""Whatever a stranger's process says its cells showed, what is kept is small, and safe to show."""

from __future__ import annotations

import base64
import random
import struct
import zlib

import nbformat
import pytest

from classroom.common import ROOT
from classroom.sandbox.learner import Learner
from classroom.sandbox.messages import MAX_CELL_TEXT
from classroom.sandbox.namespaces import Limits
from classroom.sandbox.outputs import (
    MAX_CELL_PIXELS,
    MAX_NOTEBOOK_PIXELS,
    MAX_OUTPUTS,
    MAX_PICTURE,
    MAX_PIXELS,
    pixels_of,
    plain_outputs,
)
from classroom.sandbox.steps import Step
from classroom.submission.grade import warm_template


def part(name: bytes, content: bytes = b"") -> bytes:
    """One part of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int = 2, height: int = 1, *between: bytes, behind: bytes = b"") -> str:
    """A PNG in base64 that declares this size; all its pixels are black."""
    head = part(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    pixels = part(b"IDAT", zlib.compress(bytes(min((1 + (width + 7) // 8) * height, 100_000))))
    data = b"\x89PNG\r\n\x1a\n" + head + b"".join(between) + pixels + behind + part(b"IEND")
    return base64.b64encode(data).decode()


PNG = png()
GOOD = (
    {"output_type": "stream", "name": "stdout", "text": "hello\n"},
    {"output_type": "error", "ename": "ValueError", "evalue": "too small", "traceback": ["line 1", "line 2"]},
    {"output_type": "display_data", "data": {"text/plain": "<Figure>", "image/png": PNG}, "metadata": {}},
)


def shown(data: dict) -> list[dict]:
    """What is kept of something displayed."""
    return plain_outputs([{"output_type": "display_data", "data": data, "metadata": {}}])


def test_good_outputs_are_kept():
    """Text, errors and pictures come through as they are."""
    assert plain_outputs(list(GOOD)) == list(GOOD)


@pytest.mark.parametrize("kind", ("text/html", "image/svg+xml", "application/javascript", "text/latex"))
def test_what_a_browser_would_run_is_left_out(kind):
    """Only text and PNG pictures are taken over."""
    assert shown({"text/plain": "x", kind: "<script>alert(1)</script>"}) == shown({"text/plain": "x"})


@pytest.mark.parametrize(
    "picture",
    (
        "<script>",
        base64.b64encode(b"GIF89a").decode(),
        base64.b64encode(b"\x89PNG\r\n\x1a\n").decode(),
        base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(20)).decode(),
        base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\xff" * 200).decode(),
        base64.b64encode(base64.b64decode(PNG)[:-12]).decode(),
        base64.b64encode(base64.b64decode(PNG)[:40]).decode(),
        png(0, 1),
        png(1, 0),
        png(2, 1, part(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0))),
        PNG + "A" * MAX_PICTURE,
        7,
        None,
    ),
)
def test_what_is_no_picture_is_left_out(picture):
    """A picture begins as a PNG does, and is not too large."""
    assert shown({"text/plain": "x", "image/png": picture}) == shown({"text/plain": "x"})


@pytest.mark.parametrize("size", [(30_000, 30_000), (MAX_PIXELS, 2), (2**31 - 1, 2**31 - 1), (1, MAX_PIXELS + 1)])
def test_a_picture_that_declares_too_many_pixels_is_left_out(size):
    """It is small as a file; a browser would need gigabytes for it. What its head says is enough, and is said."""
    picture = png(*size)
    assert len(picture) < MAX_PICTURE
    (output,) = shown({"text/plain": "<Figure>", "image/png": picture})
    assert set(output["data"]) == {"text/plain"}
    assert output["data"]["text/plain"] == (
        f"<Figure> (a picture of {size[0] * size[1]:,} pixels was left out: {MAX_PIXELS:,} are allowed)"
    )


def test_the_largest_picture_is_kept():
    """As many pixels as are allowed; and of many such as many as a cell may show."""
    picture = png(8000, MAX_PIXELS // 8000)
    (output,) = shown({"image/png": picture})
    assert output["data"]["image/png"] == picture
    many = plain_outputs([{"output_type": "display_data", "data": {"image/png": picture}}] * MAX_OUTPUTS)
    assert sum("image/png" in output["data"] for output in many) == MAX_CELL_PIXELS // MAX_PIXELS


def test_a_picture_behind_as_many_as_a_notebook_may_have_is_left_out():
    """The cells before may have used up what there is; text is kept, and why there is no picture is said."""
    both = [{"output_type": "display_data", "data": {"text/plain": "x", "image/png": png(3, 2)}}] * 2
    first, second = plain_outputs(both, 11)
    assert pixels_of([first, second]) == 6 and "image/png" not in second["data"]
    left_out = "x (a picture of 6 pixels was left out: those before it have as many as may be)"
    assert second["data"]["text/plain"] == left_out
    assert pixels_of(plain_outputs(both, 12)) == 12
    assert [o["data"]["text/plain"] for o in plain_outputs(both, -1)] == [left_out] * 2
    assert pixels_of(plain_outputs(list(GOOD))) == 2


@pytest.mark.slow
def test_all_pictures_of_a_notebook_together(bubblewrap):
    """As many pixels as a notebook may show, in however many cells: the pages of a class are opened by a person."""
    picture = png(8000, MAX_PIXELS // 8000)
    source = (
        "import base64\nfrom IPython.display import Image, display\n"
        f"for _ in range(3):\n    display(Image(base64.b64decode('{picture}')))"
    )
    steps = [Step("cell", f"c{k}", source) for k in range(5)]
    with Learner(warm_template(), steps, Limits()) as inside:
        inside.run()
    kept = [pixels_of(inside.outputs[step.id]) // MAX_PIXELS for step in steps]
    assert kept == [3, 3, 2, 0, 0] and sum(kept) * MAX_PIXELS == MAX_NOTEBOOK_PIXELS
    assert len(inside.outputs["c4"]) == 3


def test_of_a_picture_its_pixels_are_kept_alone():
    """No text, profile, animation or second end: nothing that a viewer would unpack or act upon."""
    extra = [part(b"iCCP", b"x\0\0" + zlib.compress(bytes(1000))), part(b"zTXt", b"k\0\0x"), part(b"acTL", bytes(8))]
    (output,) = shown({"image/png": png(2, 1, *extra, behind=part(b"fdAT", bytes(9)))})
    assert output["data"]["image/png"] == PNG
    trailing = base64.b64encode(base64.b64decode(PNG) + b"<script>").decode()
    (output,) = shown({"image/png": trailing})
    assert output["data"]["image/png"] == PNG


def test_a_figure_of_matplotlib_is_kept():
    """Its pixels are those that were drawn."""
    import io

    import matplotlib.pyplot as plt
    import numpy as np

    figure, axes = plt.subplots(figsize=(8, 6), dpi=150)
    axes.plot([1, 2], [3, 1])
    out = io.BytesIO()
    figure.savefig(out, format="png")
    plt.close(figure)
    (output,) = shown({"image/png": base64.b64encode(out.getvalue()).decode()})
    kept = base64.b64decode(output["data"]["image/png"])
    assert np.array_equal(plt.imread(io.BytesIO(kept)), plt.imread(io.BytesIO(out.getvalue())))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07", "red ]0;title"),
        ("<function f at 0x7f3a5c1e2d40>", "<function f at 0x...>"),
        (f"{ROOT}/recsys_lib/similarity.py", "recsys_lib/similarity.py"),
        ("half of a pair: \ud800", "half of a pair: ?"),
        ("x" * (MAX_CELL_TEXT + 1), "x" * MAX_CELL_TEXT),
        (["not", "text"], ""),
    ],
)
def test_text_is_cleaned(text, kept):
    """No control characters, addresses or paths of this machine; no more than is allowed."""
    (output,) = plain_outputs([{"output_type": "stream", "name": "stdout", "text": text}])
    assert output["text"] == kept


def test_no_more_outputs_than_allowed():
    """The first ones are kept."""
    assert len(plain_outputs([GOOD[0]] * (MAX_OUTPUTS + 1))) == MAX_OUTPUTS


def test_random_damage_never_surprises():
    """With any part replaced by anything at all, what is kept is a valid list of outputs."""
    rng = random.Random(5)
    odd = (None, True, 3, 1.5, "x", b"x", [], ["x", 3], {}, {"text/plain": 3}, "display_data", "execute_result")
    for _ in range(2000):
        outputs = [dict(rng.choice(GOOD)) for _ in range(3)]
        for output in outputs:
            output[rng.choice([*output, "other"])] = rng.choice(odd)
        found = plain_outputs(rng.choice([outputs, outputs, outputs, rng.choice(odd), [*outputs, rng.choice(odd)]]))
        cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": "", "execution_count": 1, "outputs": found}
        nb = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
        nbformat.validate(nbformat.from_dict(nb))
