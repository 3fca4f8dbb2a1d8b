"""One server, one browser and one page for all tests of this folder; one kernel for the tests of a module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from tests.browser.driving import SCREENSHOTS, VIEWPORT, Lab, Pages
from tests.browser.server import LabServer
from tests.needs import skip_or_fail

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Playwright

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Return Playwright, of which a process can start only one; skip or fail where it is not installed."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        skip_or_fail("browser", "Playwright is missing: pip install playwright")
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(chromium: str, playwright: Playwright) -> Iterator[Browser]:
    """Return a headless Chromium."""
    SCREENSHOTS.mkdir(exist_ok=True)
    browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def lab_context(browser: Browser) -> Iterator[BrowserContext]:
    """Return the browser's profile in which JupyterLab is opened, so that its scripts are fetched once."""
    context = browser.new_context(viewport=VIEWPORT, device_scale_factor=1.5, has_touch=True)
    yield context
    context.close()


@pytest.fixture(scope="session")
def lab_server(lab_context: BrowserContext, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """Return JupyterLab's server; it is not started where there is no browser."""
    server = LabServer(tmp_path_factory.mktemp("jupyterlab"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def open_lab(
    lab_server: LabServer, lab_context: BrowserContext, request: pytest.FixtureRequest
) -> Callable[[Path], Lab]:
    """Return a function that opens a notebook in JupyterLab; whoever calls it closes the notebook."""
    pages = Pages(lab_server, lab_context, lambda: request.session.testsfailed)
    return lambda notebook: Lab(pages, notebook)


@pytest.fixture(scope="module")
def shared_lab(open_lab: Callable[[Path], Lab], tmp_path_factory: pytest.TempPathFactory, request) -> Iterator[Lab]:
    """Return an empty notebook that the tests of a module share, with its page and its kernel."""
    path = tmp_path_factory.mktemp("notebook") / f"{request.module.__name__.rpartition('.')[2]}.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell("", id="first")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    lab = open_lab(path)
    yield lab
    lab.close()


@pytest.fixture
def notebook(shared_lab: Lab) -> Callable[..., Lab]:
    """Return a function that fills the module's notebook with cells, runs it, and gives the page.

    The first cell, which imports and computes what the figures of the module need, is run once for all of them: no
    later cell may change what it defined.
    """
    if shared_lab.page.viewport_size != VIEWPORT:
        shared_lab.page.set_viewport_size(VIEWPORT)
    return shared_lab.fill
