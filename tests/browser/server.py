"""JupyterLab as a process of its own, away from the settings of whoever runs the tests."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from classroom.commands.lab import DISABLED, DISABLED_ON_SERVER
from classroom.kernels import DROPPED, make_font_list
from classroom.nbgrader_bridge import load_config
from recsys_lib import datasets

ROOT = Path(__file__).resolve().parents[2]
MAX_SECONDS = 600
"""Longest wait for a server or a page: only reached where something is broken, however busy the machine is."""
MAX_SECONDS_TO_STOP = 60

#: What no lesson uses, as plugins of the page and extensions of the server: to load them takes a quarter of the time.
LEFT_OUT = (
    *DISABLED,
    *("@jupyter-notebook/lab-extension", "jupyterlab-jupytext"),
    *(
        f"@jupyterlab/{name}-extension"
        for name in (
            *("audio", "celltags", "console", "csvviewer", "debugger", "documentsearch", "extensionmanager"),
            *("fileeditor", "help", "htmlviewer", "hub", "imageviewer", "inspector", "logconsole", "lsp"),
            *("markdownviewer", "mermaid", "metadataform", "pluginmanager", "running", "settingeditor", "terminal"),
            *("toc", "tooltip", "video", "workspaces"),
        )
    ),
)
LEFT_OUT_ON_SERVER = (
    *DISABLED_ON_SERVER,
    *("jupyter_lsp", "jupyter_server_terminals", "jupyterlab_jupytext", "notebook", "notebook_shim"),
)


class LabServer:
    """JupyterLab on a free port, with a token; every folder of Jupyter, IPython and Matplotlib lies in one of its own.

    Parameters
    ----------
    home : Path
        An empty folder, which becomes the server's HOME.
    whole : bool
        With all extensions that are installed, those of nbgrader for teachers, too; otherwise without `LEFT_OUT`.
    """

    def __init__(self, home: Path, *, whole: bool = False) -> None:
        self.home = home
        self.root = home / "notebooks"
        self.token = secrets.token_hex(16)
        self.log = home / "server.log"
        for name in ("notebooks", "config", "data", "runtime", "ipython", "mpl", "workspaces"):
            (home / name).mkdir()
        load_config()
        make_font_list()
        # A lesson that had to list the fonts would say so on stderr.
        for fonts in Path(os.environ["MPLCONFIGDIR"]).glob("fontlist-*.json"):
            shutil.copy(fonts, home / "mpl")
        # What a learner's settings switch off too: the question about news, and the look for updates.
        self._set("@jupyterlab/apputils-extension/notification", {"fetchNews": "false", "checkForUpdates": False})
        self._set("@jupyterlab/docmanager-extension/plugin", {"autosave": False})
        # The status bar says at the bottom what the toolbar says at the top, that the kernel is busy: for each message
        # the browser would draw the page anew from the one to the other.
        self._set("@jupyterlab/statusbar-extension/plugin", {"visible": False})
        if not whole:
            server = {"ServerApp": {"jpserver_extensions": dict.fromkeys(LEFT_OUT_ON_SERVER, False)}}
            write(home / "config" / "jupyter_server_config.json", server)
            page = {"disabledExtensions": dict.fromkeys(LEFT_OUT, True)}
            write(home / "config" / "labconfig" / "page_config.json", page)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def _set(self, plugin: str, values: dict) -> None:
        """Write a user setting of JupyterLab; it takes effect when a page is loaded."""
        write(self.home / "settings" / f"{plugin}.jupyterlab-settings", values)

    def _environment(self) -> dict[str, str]:
        """Return the real environment, with every folder that Jupyter would use moved into the server's own."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PYTEST", "XDG_", *DROPPED))}
        kept.setdefault("COURSE_DATA", str(datasets.cache_folder()))  # films that are here are not fetched again
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

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser", "--allow-root"),
            *(f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"),
            *(f"--ServerApp.root_dir={self.root}", f"--IdentityProvider.token={self.token}"),
        ]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=self.root, env=self._environment(), stdout=log, stderr=log, start_new_session=True
            )
        end = time.monotonic() + MAX_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/api/status?token={self.token}", timeout=MAX_SECONDS):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        self.stop()
        raise RuntimeError(f"JupyterLab did not start; its log ends:\n{self.log.read_text(errors='replace')[-3000:]}")

    def put(self, notebook: Path) -> str:
        """Copy a notebook into the server's folder; return its name there."""
        shutil.copyfile(notebook, self.root / notebook.name)
        return notebook.name

    def stop(self) -> None:
        """End the server and its kernels, which are its own process group."""
        request = urllib.request.Request(
            f"{self.url}/api/shutdown", method="POST", headers={"Authorization": f"token {self.token}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=MAX_SECONDS_TO_STOP):
                pass
            self._process.wait(MAX_SECONDS_TO_STOP)
        except (urllib.error.URLError, OSError, subprocess.TimeoutExpired):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(MAX_SECONDS_TO_STOP)


def write(path: Path, settings: dict) -> None:
    """Write settings as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings))
