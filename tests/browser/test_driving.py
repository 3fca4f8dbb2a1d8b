"""The tests' own way of driving JupyterLab does what it says."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_harness_reads_and_writes_cells(notebook):
    """The harness sets a cell's source, runs it, reads its text, its errors and the kernel's values."""
    lab = notebook("x = 1\nprint('one')", "x")
    assert lab.cell_output_text(0).strip() == "one"
    lab.set_cell_source(0, "x = {'a': [1.5, 'b']}\nprint('two')")
    lab.run_cell(0)
    assert lab.cell_output_text(0).strip() == "two"
    assert lab.kernel_value("x") == {"a": [1.5, "b"]}
    lab.set_cell_source(1, "1 / 0")
    lab.run_cell(1)
    assert lab.errors() == ["cell 1: ZeroDivisionError: division by zero"]
    with pytest.raises(RuntimeError, match="NameError"):
        lab.kernel_value("unknown")
    lab.restart()
    with pytest.raises(RuntimeError, match="NameError"):
        lab.kernel_value("x")
    assert [cell["type"] for cell in lab.cells()] == ["code", "code"]
