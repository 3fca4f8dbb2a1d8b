"""A real JupyterLab in headless Chromium, for tests that look at a lesson as a learner sees it.

    from tests.browser.browser import lab, lab_server    # fixtures: imported into the test module by name

    @pytest.mark.browser
    def test_something(lab):
        lab.open(path_of_a_notebook)             # copied into the server's folder first
        lab.run_all()
        assert "solved" in lab.cell_output_text(3)

One server and one browser serve the whole session, whichever test modules ask. All Jupyter, IPython and Matplotlib
folders lie in a temporary HOME. Without Chromium or Playwright the tests are skipped with the line that installs it,
unless ``COURSE_REQUIRE`` holds the word ``browser``: then they fail.
"""

from __future__ import annotations

import ast
import atexit
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "screenshots"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
INSTALL = "no Chromium: apt-get install chromium, or set COURSE_CHROMIUM to its path"


def chromium() -> str | None:
    """Path of the Chromium to drive, or None."""
    given = os.environ.get("COURSE_CHROMIUM")
    if given:
        return given if Path(given).is_file() else None
    return next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)


def missing() -> str | None:
    """What is not installed, as the line that mends it; None where all is there."""
    try:
        import playwright.sync_api  # noqa: F401 - only whether it is there
    except ImportError:
        return "no Playwright: pip install playwright"
    return None if chromium() else INSTALL


def require_browser() -> None:
    """Skip the test where a browser is missing; fail it where ``COURSE_REQUIRE`` asks for one."""
    problem = missing()
    if problem and "browser" in os.environ.get("COURSE_REQUIRE", "").split(","):
        pytest.fail(problem, pytrace=False)
    if problem:
        pytest.skip(problem)


class LabServer:
    """JupyterLab on a free port, with a token, in a temporary HOME; `stop` ends it and removes the folder."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="course-lab-"))
        self.root = self.home / "notebooks"
        self.token = secrets.token_hex(16)
        self.log = self.home / "server.log"
        self._process: subprocess.Popen | None = None
        for name in ("notebooks", "config", "data", "runtime", "ipython", "mpl", "workspaces", "tmp"):
            (self.home / name).mkdir()
        # What a learner's settings switch off too: the question about news, and the look for updates.
        self.setting("@jupyterlab/apputils-extension/notification", {"fetchNews": "false", "checkForUpdates": False})
        self.setting("@jupyterlab/docmanager-extension/plugin", {"autosave": False})

    def setting(self, plugin: str, values: dict) -> None:
        """Write a user setting of JupyterLab; takes effect when a page is loaded."""
        path = self.home / "settings" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))

    def environment(self) -> dict[str, str]:
        """The real environment, with every folder that Jupyter would use moved into the temporary HOME."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PYTEST", "NBGRADER", "XDG_"))}
        with contextlib.suppress(ImportError, AttributeError):  # films that are already here are not fetched again
            from recsys_lib import datasets

            kept.setdefault("COURSE_DATA", str(datasets.cache_folder()))
        return {
            **kept,
            "HOME": str(self.home),
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_DATA_DIR": str(self.home / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(self.home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(self.home / "workspaces"),
            "IPYTHONDIR": str(self.home / "ipython"),
            "MPLCONFIGDIR": str(self.home / "mpl"),
            "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, seconds: float = 60) -> LabServer:
        """Start, and wait until it answers."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser", "--allow-root"),
            *(f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"),
            *(f"--ServerApp.root_dir={self.root}", f"--IdentityProvider.token={self.token}"),
        ]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=self.root, env=self.environment(), stdout=log, stderr=log, start_new_session=True
            )
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/api/status?token={self.token}", timeout=5):
                    return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        log = self.log.read_text(errors="replace")[-3000:]
        self.stop()
        raise RuntimeError(f"JupyterLab did not answer in {seconds:g} s; its log ends:\n{log}")

    def put(self, notebook: str | Path, name: str | None = None) -> str:
        """Copy a notebook into the server's folder; returns its name there."""
        source = Path(notebook)
        target = self.root / (name or source.name)
        shutil.copyfile(source, target)
        return target.name

    def stop(self) -> None:
        """End the server and its kernels (its own process group), and remove what this object created."""
        process, self._process = self._process, None
        if process is not None:
            request = urllib.request.Request(
                f"{self.url}/api/shutdown", method="POST", headers={"Authorization": f"token {self.token}"}
            )
            try:
                with urllib.request.urlopen(request, timeout=5):
                    pass
                process.wait(10)
            except (urllib.error.URLError, OSError, subprocess.TimeoutExpired):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    process.wait(5)
        if self.home.name.startswith("course-lab-"):
            shutil.rmtree(self.home, ignore_errors=True)


class Lab:
    """One JupyterLab page and what a test wants to do with it. `page` is Playwright's own, for all the rest."""

    # `app` is JupyterLab's application, `panel` the open notebook, `kernel` its kernel.
    _JS = (
        "const app = window.jupyterapp, panel = app.shell.currentWidget, "
        "kernel = panel?.sessionContext?.session?.kernel;"
    )

    def __init__(self, server: LabServer, context: Any) -> None:
        self.server, self.context = server, context
        self.page = context.new_page()
        self.page.set_default_timeout(30_000)

    # --- opening and running ---

    def open(self, notebook: str | Path, seconds: float = 90) -> Lab:
        """Open a notebook (copied in from outside the server's folder if need be) and wait for an idle kernel."""
        path = Path(notebook)
        name = self.server.put(path) if path.is_absolute() and path.parent != self.server.root else path.name
        self.page.goto(f"{self.server.url}/lab/tree/{name}?token={self.server.token}&reset")
        self.page.wait_for_function(
            "name => { const w = window.jupyterapp?.shell?.currentWidget;"
            " return w?.context?.path === name && w.sessionContext?.session?.kernel?.status === 'idle'; }",
            arg=name,
            timeout=1000 * seconds,
        )
        self.page.evaluate(f"() => {{ {self._JS} app.shell.collapseLeft(); }}")
        return self

    def command(self, name: str, arguments: dict | None = None, seconds: float = 30) -> None:
        """Run one of JupyterLab's commands and wait until it ends."""
        self.page.evaluate(
            "([name, args]) => { window.courseDone = false;"
            " window.jupyterapp.commands.execute(name, args).finally(() => { window.courseDone = true; }); }",
            [name, arguments or {}],
        )
        self.page.wait_for_function("() => window.courseDone", timeout=1000 * seconds)

    def wait_idle(self, seconds: float = 30) -> None:
        """Wait until the kernel has nothing to do."""
        self.page.wait_for_function(f"() => {{ {self._JS} return kernel.status === 'idle'; }}", timeout=1000 * seconds)

    def run_all(self, seconds: float = 120) -> None:
        """Run All, and wait for the end."""
        self.command("notebook:run-all-cells", seconds=seconds)
        self.wait_idle(seconds)

    def run_cell(self, index: int, seconds: float = 60) -> None:
        """Run one cell (counted from 0, markdown included), and wait for its end."""
        self.page.evaluate(
            f"i => {{ {self._JS} panel.content.deselectAll(); panel.content.activeCellIndex = i; }}", index
        )
        self.command("notebook:run-cell", seconds=seconds)
        self.wait_idle(seconds)

    def restart(self, seconds: float = 60) -> None:
        """Restart the kernel without asking."""
        self.page.evaluate(
            f"() => {{ {self._JS} window.courseDone = false;"
            " panel.sessionContext.restartKernel().finally(() => { window.courseDone = true; }); }"
        )
        self.page.wait_for_function("() => window.courseDone", timeout=1000 * seconds)
        self.wait_idle(seconds)

    # --- reading and writing cells ---

    def cells(self) -> list[dict]:
        """Every cell: its type, source and grade_id (None without one)."""
        return self.page.evaluate(
            f"() => {{ {self._JS} return panel.content.widgets.map(c => ({{ type: c.model.type,"
            " source: c.model.sharedModel.getSource(),"
            " grade_id: c.model.getMetadata('nbgrader')?.grade_id ?? null })); }"
        )

    def find_cell(self, grade_id: str) -> int:
        """Index of the cell with this nbgrader grade_id."""
        found = [i for i, cell in enumerate(self.cells()) if cell["grade_id"] == grade_id]
        if len(found) != 1:
            raise LookupError(f"{len(found)} cells have the grade_id {grade_id!r}")
        return found[0]

    def set_cell_source(self, index: int, text: str) -> None:
        """Replace what a cell says."""
        self.page.evaluate(
            f"([i, text]) => {{ {self._JS} panel.content.widgets[i].model.sharedModel.setSource(text); }}",
            [index, text],
        )

    def cell_outputs(self, index: int) -> list[dict]:
        """A cell's outputs as nbformat stores them."""
        return self.page.evaluate(
            f"i => {{ {self._JS} return panel.content.widgets[i].model.outputs?.toJSON() ?? []; }}", index
        )

    def cell_output_text(self, index: int) -> str:
        """All that a cell has put out, as text: streams, text/plain and errors."""
        parts = []
        for output in self.cell_outputs(index):
            if output["output_type"] == "error":
                parts.append(f"{output['ename']}: {output['evalue']}")
                continue
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            parts.append("".join(text) if isinstance(text, list) else text)
        return "\n".join(parts)

    def errors(self) -> list[str]:
        """Every cell that ended in an error: "cell 7: ValueError: ..."."""
        return [
            f"cell {i}: {o['ename']}: {o['evalue']}"
            for i in range(len(self.cells()))
            for o in self.cell_outputs(i)
            if o["output_type"] == "error"
        ]

    def show_cell(self, index: int):
        """Scroll a cell into view; returns Playwright's locator of it."""
        self.page.evaluate(
            f"i => {{ {self._JS} panel.content.activeCellIndex = i;"
            " panel.content.widgets[i].node.scrollIntoView({block: 'start'}); }",
            index,
        )
        return self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{index}"]')

    def kernel_value(self, expression: str) -> Any:
        """The value of a Python expression in the kernel, by way of JSON."""
        reply = self.page.evaluate(
            f"async code => {{ {self._JS} const future = kernel.requestExecute({{ code: '', silent: true,"
            " store_history: false, user_expressions: { v: code } }); const reply = await future.done;"
            " return reply.content.user_expressions.v; }",
            f"__import__('json').dumps({expression})",
        )
        if reply["status"] != "ok":
            raise RuntimeError(f"{expression}: {reply['ename']}: {reply['evalue']}")
        return json.loads(ast.literal_eval(reply["data"]["text/plain"]))

    # --- looking ---

    def theme(self, name: str) -> None:
        """Change the theme: "light" or "dark"."""
        full = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}[name]
        self.command("apputils:change-theme", {"theme": full})
        self.page.wait_for_function(
            "light => document.body.dataset.jpThemeLight === light", arg="true" if name == "light" else "false"
        )
        self.page.wait_for_timeout(400)

    def screenshot(self, name: str, locator: Any = None) -> Path:
        """Save a picture of the page, or of a part of it, as ``screenshots/<name>.png``."""
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        (locator or self.page).screenshot(path=str(path))
        return path

    def latencies(self, selector: str = ".cg") -> list[float]:
        """Milliseconds from an event on a figure to its answer in the DOM, one for each question it has sent."""
        return self.page.evaluate("s => document.querySelector(s).cgLatencies", selector)

    def touch_drag(self, start: tuple[float, float], end: tuple[float, float], steps: int = 8) -> None:
        """Drag by one finger, as the touch screen would report it."""
        session = self.context.new_cdp_session(self.page)
        (x0, y0), (x1, y1) = start, end
        session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x0, "y": y0}]})
        for i in range(1, steps + 1):
            at = {"x": x0 + (x1 - x0) * i / steps, "y": y0 + (y1 - y0) * i / steps}
            session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
            self.page.wait_for_timeout(16)  # a finger reports sixty times a second
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        session.detach()

    def close(self) -> None:
        """Shut the notebook's kernel down and close the page."""
        with contextlib.suppress(Exception):
            self.page.evaluate(
                f"() => {{ {self._JS} window.courseDone = false;"
                " panel.sessionContext.shutdown().finally(() => { window.courseDone = true; }); }"
            )
            self.page.wait_for_function("() => window.courseDone", timeout=10_000)
        self.page.close()


def shared_playwright() -> Any:
    """The one Playwright of this pytest session: a second one cannot be started in the same process."""
    if _Session.playwright is None:
        from playwright.sync_api import sync_playwright

        _Session.playwright = sync_playwright().start()
        atexit.register(_Session.stop)
    return _Session.playwright


class _Session:
    """The one server and the one browser of this pytest session."""

    server: LabServer | None = None
    playwright: Any = None
    context: Any = None

    @classmethod
    def start(cls) -> LabServer:
        if cls.server is None:
            cls.server = LabServer().start()
            atexit.register(cls.stop)
            browser = shared_playwright().chromium.launch(executable_path=chromium(), args=FLAGS)
            cls.context = browser.new_context(
                viewport={"width": 1280, "height": 900}, device_scale_factor=1.5, has_touch=True
            )
        return cls.server

    @classmethod
    def stop(cls) -> None:
        with contextlib.suppress(Exception):
            if cls.context is not None:
                cls.context.browser.close()
        with contextlib.suppress(Exception):
            if cls.playwright is not None:
                cls.playwright.stop()
        if cls.server is not None:
            cls.server.stop()
        cls.server = cls.playwright = cls.context = None


@pytest.fixture(scope="session")
def lab_server() -> Iterator[LabServer]:
    """The session's JupyterLab; the first test that asks starts it."""
    require_browser()
    yield _Session.start()
    _Session.stop()


@pytest.fixture
def lab(lab_server: LabServer) -> Iterator[Lab]:
    """A fresh page in the session's JupyterLab; its kernel is shut down afterwards."""
    _Session.start()  # another test module's session fixture may have stopped it
    page = Lab(_Session.server, _Session.context)
    yield page
    page.close()
