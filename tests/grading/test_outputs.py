"""Whatever a stranger's process says its cells showed, what is kept is small, and safe to show."""

from __future__ import annotations

import base64
import random

import nbformat
import pytest

from classroom.common import ROOT
from classroom.sandbox.messages import MAX_CELL_TEXT
from classroom.sandbox.outputs import MAX_OUTPUTS, MAX_PICTURE, plain_outputs

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(20)).decode()
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
    "picture", ("<script>", base64.b64encode(b"GIF89a").decode(), PNG + "A" * MAX_PICTURE, 7, None)
)
def test_what_is_no_picture_is_left_out(picture):
    """A picture begins as a PNG does, and is not too large."""
    assert shown({"text/plain": "x", "image/png": picture}) == shown({"text/plain": "x"})


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
