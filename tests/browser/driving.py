"""A page of JupyterLab and what a test does in it: run, read and write cells, move a figure, look at it."""

from __future__ import annotations

import ast
import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

from tests.browser.server import MAX_SECONDS, ROOT, LabServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbformat import NotebookNode
    from playwright.sync_api import BrowserContext, Locator, Page

SCREENSHOTS = ROOT / "screenshots"
VIEWPORT = {"width": 1280, "height": 900}
NARROW = {"width": 880, "height": 900}
"""A window in which a cell is about 700 pixels wide."""
LOOK = 50
"""Milliseconds between two looks at what may take minutes; Playwright alone has the page draw sixty times a second."""
IN_LAB = (
    "const app = window.jupyterapp, panel = app.shell.currentWidget, kernel = panel?.sessionContext?.session?.kernel;"
)
"""Names for the JavaScript that a test runs: JupyterLab's application, the open notebook and its kernel."""


class Pages:
    """JupyterLab's pages: what one notebook has left whole is where the next is opened, since loading it takes long.

    Parameters
    ----------
    server : LabServer
        The server, which must have been started.
    context : BrowserContext
        The browser's profile in which pages are opened.
    failures : callable
        Returns how many tests have failed; a page on which one may have failed is not used again.
    """

    def __init__(self, server: LabServer, context: BrowserContext, failures: Callable[[], int]) -> None:
        self.server, self.context = server, context
        self._failures, self._failed = failures, failures()
        self._whole: list[Page] = []

    def open(self, notebook: Path) -> Page:
        """Copy a notebook into the server's folder, and return a page in which it is being opened."""
        name = self.server.put(notebook)
        if self._whole:
            page = self._whole.pop()
            page.evaluate("path => { window.jupyterapp.commands.execute('docmanager:open', { path }); }", name)
        else:
            page = self.context.new_page()
            page.set_default_timeout(1000 * MAX_SECONDS)
            page.goto(f"{self.server.url}/lab/tree/{name}?token={self.server.token}&reset")
        return page

    def give_back(self, page: Page) -> None:
        """Shut the page's kernel down; keep the page unless a test has failed or has left something in it."""
        try:
            result_of(
                page,
                f"async () => {{ {IN_LAB} await panel.sessionContext.shutdown(); panel.dispose();"
                " for (const name of Object.keys(window)) if (name.startsWith('course')) delete window[name]; }",
            )
            whole = page.evaluate(
                "() => !document.querySelector('.jp-Dialog, .jp-Notebook, .cg')"
                " && document.body.dataset.jpThemeLight === 'true'"
            )
        except Exception:  # the page may be what a test has broken
            whole = False
        if whole and self._failures() == self._failed:
            self._whole.append(page)
        else:
            self._failed = self._failures()
            page.close()


class Lab:
    """One notebook, opened in a page of JupyterLab; `page` is Playwright's own, for all that is not here.

    Parameters
    ----------
    pages : Pages
        Where the page is from.
    notebook : Path
        The notebook, which is copied into the server's folder.
    """

    def __init__(self, pages: Pages, notebook: Path) -> None:
        self._pages = pages
        self._first: str | None = None
        self.page = pages.open(notebook)
        self.page.wait_for_function(
            "name => { const w = window.jupyterapp?.shell?.currentWidget;"
            " return w?.context?.path === name && w.sessionContext?.session?.kernel?.status === 'idle'; }",
            arg=notebook.name,
            polling=LOOK,
        )
        self.page.evaluate(  # where the last notebook is closed, JupyterLab opens its launcher
            f"() => {{ {IN_LAB} app.shell.collapseLeft();"
            " for (const other of [...app.shell.widgets('main')]) if (other !== panel) other.dispose(); }"
        )
        self.page.bring_to_front()

    def close(self) -> None:
        """Shut the kernel down and leave the page to the next notebook."""
        self._pages.give_back(self.page)

    # --- running ---

    def command(self, name: str, arguments: dict | None = None) -> None:
        """Run one of JupyterLab's commands and wait until it ends."""
        self.page.evaluate(
            "([name, args]) => { window.courseDone = false;"
            " window.jupyterapp.commands.execute(name, args).finally(() => { window.courseDone = true; }); }",
            [name, arguments or {}],
        )
        self.page.wait_for_function("() => window.courseDone", polling=LOOK)

    def wait_idle(self) -> None:
        """Wait until the kernel has nothing to do."""
        self.page.wait_for_function(f"() => {{ {IN_LAB} return kernel.status === 'idle'; }}", polling=LOOK)

    def run_all(self) -> None:
        """Run all cells, and wait for the end."""
        self.command("notebook:run-all-cells")
        self.wait_idle()

    def run_cell(self, index: int) -> None:
        """Run one cell (counted from 0, markdown included), and wait for its end."""
        self.page.evaluate(
            f"i => {{ {IN_LAB} panel.content.deselectAll(); panel.content.activeCellIndex = i; }}", index
        )
        self.command("notebook:run-cell")
        self.wait_idle()

    def restart(self) -> None:
        """Restart the kernel without asking."""
        self.page.evaluate(
            f"() => {{ {IN_LAB} window.courseDone = false;"
            " panel.sessionContext.restartKernel().finally(() => { window.courseDone = true; }); }"
        )
        self.page.wait_for_function("() => window.courseDone", polling=LOOK)
        self.wait_idle()

    # --- reading and writing cells ---

    def fill(self, first: str, *others: str) -> Lab:
        """Replace all cells and run them, the first only where the kernel has not run the same first cell before."""
        if self._first != first:
            if self._first is not None:
                self.restart()
            self._first = first
            self.set_cell_source(0, first.strip())
            self.run_cell(0)
        self.page.evaluate(
            f"sources => {{ {IN_LAB} const book = panel.content.model.sharedModel;"
            " book.deleteCellRange(1, book.cells.length); book.insertCells(1, sources.map(source =>"
            " ({ cell_type: 'code', source, metadata: {}, outputs: [], execution_count: null }))); }",
            [text.strip() for text in others],
        )
        for index in range(1, len(others) + 1):
            self.run_cell(index)
        assert self.errors() == []
        return self

    def cells(self) -> list[dict]:
        """Return every cell: its type, source and grade_id (None without one)."""
        return self.page.evaluate(
            f"() => {{ {IN_LAB} return panel.content.widgets.map(c => ({{ type: c.model.type,"
            " source: c.model.sharedModel.getSource(),"
            " grade_id: c.model.getMetadata('nbgrader')?.grade_id ?? null })); }"
        )

    def find_cell(self, grade_id: str) -> int:
        """Return the index of the cell with this nbgrader grade_id."""
        found = [i for i, cell in enumerate(self.cells()) if cell["grade_id"] == grade_id]
        if len(found) != 1:
            raise LookupError(f"{len(found)} cells have the grade_id {grade_id!r}")
        return found[0]

    def find_code(self, text: str) -> int:
        """Return the index of the first code cell that holds a text."""
        return next(i for i, cell in enumerate(self.cells()) if cell["type"] == "code" and text in cell["source"])

    def set_cell_source(self, index: int, text: str) -> None:
        """Replace what a cell says."""
        self.page.evaluate(
            f"([i, text]) => {{ {IN_LAB} panel.content.widgets[i].model.sharedModel.setSource(text); }}",
            [index, text],
        )

    def cell_outputs(self, index: int) -> list[dict]:
        """Return a cell's outputs as nbformat stores them."""
        return self.page.evaluate(
            f"i => {{ {IN_LAB} return panel.content.widgets[i].model.outputs?.toJSON() ?? []; }}", index
        )

    def cell_output_text(self, index: int) -> str:
        """Return all that a cell has put out, as text: streams, text/plain and errors."""
        parts = []
        for output in self.cell_outputs(index):
            if output["output_type"] == "error":
                parts.append(f"{output['ename']}: {output['evalue']}")
                continue
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            parts.append("".join(text) if isinstance(text, list) else text)
        return "\n".join(parts)

    def executed(self) -> NotebookNode:
        """Return the notebook as it stands, outputs included."""
        text = self.page.evaluate(f"() => {{ {IN_LAB} return JSON.stringify(panel.content.model.toJSON()); }}")
        return nbformat.reads(text, as_version=4)

    def errors(self) -> list[str]:
        """Return every cell that ended in an error: "cell 7: ValueError: ..."."""
        return [
            f"cell {i}: {o['ename']}: {o['evalue']}"
            for i in range(len(self.cells()))
            for o in self.cell_outputs(i)
            if o["output_type"] == "error"
        ]

    def show_cell(self, index: int) -> Locator:
        """Scroll a cell into view, and return it."""
        self.page.evaluate(
            f"i => {{ {IN_LAB} panel.content.activeCellIndex = i;"
            " panel.content.widgets[i].node.scrollIntoView({block: 'start'}); }",
            index,
        )
        return self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{index}"]')

    def answer(self, name: str, source: str) -> Locator:
        """Write an answer, run it and its check, and return the cell of the check."""
        index, check = self.find_cell(name), self.find_cell(f"{name}-check")
        self.set_cell_source(index, source)
        self.run_cell(index)
        self.run_cell(check)
        return self.show_cell(check)

    def kernel_value(self, expression: str) -> Any:
        """Return the value of a Python expression in the kernel, by way of JSON."""
        reply = result_of(
            self.page,
            f"async code => {{ {IN_LAB} const future = kernel.requestExecute({{ code: '', silent: true,"
            " store_history: false, user_expressions: { v: code } }); const reply = await future.done;"
            " return reply.content.user_expressions.v; }",
            f"__import__('json').dumps({expression})",
        )
        if reply["status"] != "ok":
            raise RuntimeError(f"{expression}: {reply['ename']}: {reply['evalue']}")
        return json.loads(ast.literal_eval(reply["data"]["text/plain"]))

    def execute(self, code: str) -> None:
        """Run code in the kernel and in no cell; what it prints is not shown."""
        result_of(
            self.page,
            f"async code => {{ {IN_LAB}"
            " await kernel.requestExecute({ code, silent: true, store_history: false }).done; }",
            code,
        )

    def wait_for_value(self, expression: str, value: Any) -> None:
        """Wait until a Python expression in the kernel has a value: messages of widgets may come after a question."""
        end = time.monotonic() + MAX_SECONDS
        while (found := self.kernel_value(expression)) != value:
            assert time.monotonic() < end, found
            self.page.wait_for_timeout(50)

    # --- looking ---

    def theme(self, name: str) -> None:
        """Change the theme: "light" or "dark"."""
        full = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}[name]
        self.command("apputils:change-theme", {"theme": full})
        self.page.wait_for_function(
            "light => document.body.dataset.jpThemeLight === light", arg="true" if name == "light" else "false"
        )
        frames(self.page)

    def narrow(self, figure: Locator) -> None:
        """Make the window so narrow that a cell has about 700 pixels, and wait until the figure fits."""
        self.page.set_viewport_size(NARROW)
        self.page.wait_for_function("e => e.getBoundingClientRect().width < 760", arg=figure.element_handle())
        frames(self.page)

    def screenshot(self, name: str, locator: Locator | None = None) -> None:
        """Save a picture of the page, or of a part of it, as ``screenshots/<name>.png``."""
        (locator or self.page).screenshot(path=SCREENSHOTS / f"{name}.png")

    def touch_drag(self, start: tuple[float, float], end: tuple[float, float], steps: int) -> None:
        """Drag by one finger, as the touch screen would report it."""
        session = self.page.context.new_cdp_session(self.page)
        (x0, y0), (x1, y1) = start, end
        session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x0, "y": y0}]})
        for i in range(1, steps + 1):
            at = {"x": x0 + (x1 - x0) * i / steps, "y": y0 + (y1 - y0) * i / steps}
            session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
            self.page.wait_for_timeout(16)  # a finger reports sixty times a second
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        session.detach()


def result_of(page: Page, function: str, argument: Any = None) -> Any:
    """Return what an asynchronous function returns in the page; `page.evaluate` alone would wait for ever."""
    page.evaluate(
        "([code, argument]) => { window.courseResult = null;"
        " eval(`(${code})`)(argument).then(value => { window.courseResult = { value: value ?? null }; },"
        " error => { window.courseResult = { error: String(error) }; }); }",
        [function, argument],
    )
    result = page.wait_for_function("() => window.courseResult", polling=LOOK).json_value()
    if "error" in result:
        raise RuntimeError(result["error"])
    return result["value"]


def middle(locator: Locator) -> tuple[float, float]:
    """Return the middle of an element on the page."""
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def settle(page: Page) -> None:
    """Wait until the figure has its last answer."""
    page.wait_for_function("() => !document.querySelector('.cg[aria-busy]')", polling=LOOK)


def frames(page: Page) -> None:
    """Wait until what has happened in the page is drawn: a frame may have begun before, so it takes two."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def lightness_of_text(figure: Locator) -> float:
    """Return by how much a figure's text is lighter than its background, from -765 to 765."""
    colours = figure.evaluate("e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]")
    text, ground = (sum(map(float, re.findall(r"[\d.]+", colour)[:3])) for colour in colours)
    return text - ground


def too_wide(figure: Locator) -> list[str]:
    """Return the beginning of every visible part of a figure that sticks out of it to the right."""
    return figure.evaluate(
        "e => [...e.querySelectorAll('canvas, table, svg, input, select, button, p, ul')].filter(x =>"
        " !x.classList.contains('cg-hidden') &&"
        " x.getBoundingClientRect().right > e.getBoundingClientRect().right + 1).map(x => x.outerHTML.slice(0, 80))"
    )


def training_ended(page: Page) -> None:
    """Wait until the figure of a training says that it has ended."""
    page.wait_for_function("() => /Train again/.test(document.querySelector('.cg .cg-go').textContent)", polling=LOOK)
    settle(page)
