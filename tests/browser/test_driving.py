"""The tests' own way of driving JupyterLab does what it says."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from tests.browser.driving import Pages

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


@pytest.mark.parametrize(
    ("whole", "failed", "loaded"), [(True, 0, 1), (False, 0, 2), (True, 1, 2)], ids=["whole", "left open", "failed"]
)
def test_a_page_is_used_again_unless_something_is_wrong(tmp_path, whole, failed, loaded):
    """What a test has left whole is where the next notebook is opened; after a failure JupyterLab is loaded anew."""
    page, failures = Mock(), Mock(return_value=0)
    page.wait_for_function.return_value.json_value.return_value = {"value": None}
    page.evaluate.return_value = whole
    context = Mock(**{"new_page.return_value": page})
    pages = Pages(Mock(**{"put.return_value": "one.ipynb"}), context, failures)
    first = pages.open(tmp_path / "one.ipynb")
    failures.return_value = failed
    pages.give_back(first)
    pages.open(tmp_path / "two.ipynb")
    assert context.new_page.call_count == page.goto.call_count == loaded
    assert page.close.call_count == loaded - 1
