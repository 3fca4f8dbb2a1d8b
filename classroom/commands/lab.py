"""Open the lessons: fetch the data, lay the learner's copies in work/, start JupyterLab with the course's settings.

Only the standard library is imported at the top, so that the port can be tried before anything is installed.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from classroom.commands.own_log import with_log
from classroom.common import ROOT, explain_os_error, lesson_order, sha256, write_whole

FIRST_PORT = 8888

#: What JupyterLab is told, by plugin: no question about news, no request to a website.
OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}
#: What nbgrader adds for teachers. Its Validate button stays.
DISABLED = [
    "@jupyter/nbgrader:assignment-list",
    "@jupyter/nbgrader:course-list",
    "@jupyter/nbgrader:create-assignment",
    "@jupyter/nbgrader:formgrader",
    "@jupyter/nbgrader:menu",
]
DISABLED_ON_SERVER = [
    "nbgrader.server_extensions.assignment_list",
    "nbgrader.server_extensions.course_list",
    "nbgrader.server_extensions.formgrader",
]
#: The parts of a cell's metadata that a release sets.
OURS = ("nbgrader", "tags")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    parser.add_argument("--port", type=port_number, help="the port to serve on (default: 8888, or the next free one)")
    parser.set_defaults(before=check_port)


def check_port(options: argparse.Namespace) -> None:
    """Tell that the port is taken before anything is installed."""
    if options.port is not None:
        choose_port(options.port)


def run(options: argparse.Namespace) -> int:
    """Prepare everything and become JupyterLab; on Windows, wait for it.

    Returns
    -------
    int
        The exit code: 1 after a sentence on stderr.
    """
    browser = not options.no_browser
    try:
        port = choose_port(options.port)
        fetch_data()
        for line in refresh_work(ROOT / "notebooks", ROOT / "work"):
            print(line)
        env = jupyter_environment(ROOT / ".course", os.environ)
        env = with_log(ROOT / ".course", env)
        env.setdefault("JUPYTER_TOKEN", secrets.token_hex(24))
    except OSError as error:
        print(f"course: {explain_os_error(error)}", file=sys.stderr)
        return 1
    first = first_lesson(ROOT / "work", ROOT / "notebooks")
    address = f"http://127.0.0.1:{port}/lab/tree/{first}?token={env['JUPYTER_TOKEN']}"
    print(f"{'JupyterLab opens in your browser. If it does not, open' if browser else 'Open'} this address:\n")
    print(f"    {address}\n\nTo stop, press Ctrl-C here.", flush=True)
    return become(jupyter_command(port, browser, f"/lab/tree/{first}"), env)


# ---- the port ----


def port_number(text: str) -> int:
    """Read a port, 1 to 65535."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return int(text)


def choose_port(port: int | None = None) -> int:
    """Return the port to serve on: the one asked for, else the first free one from 8888.

    Raises
    ------
    SystemExit
        With one sentence, if the port that was asked for cannot be had or none is free.
    """
    if port is not None:
        reason = why_not(port)
        if reason:
            raise SystemExit(f"course: port {port} {reason}")
        return port
    for candidate in range(FIRST_PORT, FIRST_PORT + 100):
        if not why_not(candidate):
            return candidate
    raise SystemExit(f"course: no port from {FIRST_PORT} to {FIRST_PORT + 99} is free; name one with --port.")


def why_not(port: int) -> str:
    """Say why a port of this machine cannot be served on, or return an empty string."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name != "nt":  # there it would let two servers share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM):
                return "is not for ordinary users; choose one above 1023."
            return "is taken; choose another with --port, or leave --port out."
    return ""


# ---- the data ----


def fetch_data() -> None:
    """Fetch MovieLens-100K unless it is there; say so if the lessons will run without it."""
    from recsys_lib import datasets

    try:
        datasets.movielens_100k()
    except datasets.DatasetError as error:
        print(f"MovieLens-100K cannot be had ({' '.join(str(error).split())})")
        print("The lessons run on a synthetic world instead, and say so. The next start tries again.")


# ---- the learner's copies ----


def refresh_work(notebooks: Path, work: Path) -> list[str]:
    """Lay the released notebooks in work/ without ever touching what the learner has changed.

    A copy that is absent is laid down. One that is still as it was released follows a new release.
    One in which the learner changed a cell stays, and a new release is laid beside it, once, as ``NAME.new.ipynb``.

    Parameters
    ----------
    notebooks, work : Path
        Where the releases are, and where the copies go.

    Returns
    -------
    list of str
        What the learner should know, a line each.
    """
    work.mkdir(exist_ok=True)
    ledger = work / ".released.json"
    released = read_ledger(ledger)
    told = []
    for source in sorted(notebooks.glob("*/*.ipynb")):
        name = source.relative_to(notebooks).as_posix()
        content = source.read_bytes()
        new = digest(content)
        copy = work / name
        if not os.path.lexists(copy):
            write_whole(copy, content)
        elif copy.is_file() and digest(copy.read_bytes()) == new:
            pass
        elif copy.is_file() and not copy.is_symlink() and digest(copy.read_bytes()) == released.get(name):
            write_whole(copy, content)
            told.append(f"work/{name} was unchanged and is now the new release.")
        elif released.get(name) != new:
            beside = free_name(copy, new)
            write_whole(beside, content)
            told.append(f"work/{name} has your changes and stays; the new release is beside it: {beside.name}")
        if released.get(name) != new:
            released[name] = new
            write_whole(ledger, json.dumps(released, indent=1, sort_keys=True).encode() + b"\n")
    return told


def changed_copies(notebooks: Path, work: Path) -> list[str]:
    """Return the names of the learner's copies that differ from what was released to them."""
    released = read_ledger(work / ".released.json")
    names = [source.relative_to(notebooks).as_posix() for source in sorted(notebooks.glob("*/*.ipynb"))]
    return [n for n in names if (work / n).is_file() and digest((work / n).read_bytes()) != released.get(n)]


def read_ledger(path: Path) -> dict[str, str]:
    """Return the digest of each release laid down so far; one that cannot be read counts as none, which is safe."""
    try:
        ledger = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return ledger if isinstance(ledger, dict) else {}


def digest(content: bytes) -> str:
    """Return the SHA-256 of what a notebook says: its cells without outputs, counts and JupyterLab's own notes.

    Opening and saving a lesson, or running it, is no change; a changed character in a cell is.
    What is no notebook counts byte by byte.

    >>> digest(b'{"cells": []}') == digest(b'{ "cells": [], "metadata": {"kernelspec": {}}}')
    True
    """
    try:
        kept = [
            [cell["cell_type"], "".join(cell["source"]), cell.get("attachments"), *map(cell["metadata"].get, OURS)]
            for cell in json.loads(content)["cells"]
        ]
        content = json.dumps(kept, sort_keys=True).encode()
    except (ValueError, TypeError, LookupError, AttributeError):
        pass
    return sha256(content)


def free_name(copy: Path, new: str) -> Path:
    """Return where the new release goes beside a changed copy: never over a file of other content."""
    number = 1
    while True:
        beside = copy.with_name(f"{copy.stem}.new{'' if number == 1 else f'-{number}'}.ipynb")
        if not os.path.lexists(beside) or (beside.is_file() and digest(beside.read_bytes()) == new):
            return beside
        number += 1


def first_lesson(work: Path, notebooks: Path) -> str:
    """Return the path, below work/, of the first lesson; empty if there is none."""
    names = [source.relative_to(notebooks).as_posix() for source in notebooks.glob("*/*.ipynb")]
    return min((name for name in names if (work / name).is_file()), key=lesson_order, default="")


# ---- JupyterLab ----


def jupyter_environment(own: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Write the course's Jupyter settings and return the environment in which only they are read.

    Parameters
    ----------
    own : Path
        A folder of the course's own. The learner's Jupyter folders are neither read nor written.
    environ : mapping
        The environment to start from.

    Returns
    -------
    dict
        The environment for JupyterLab and its kernels.
    """
    config = own / "jupyter" / "config"
    settings = {
        config / "labconfig" / "default_setting_overrides.json": OVERRIDES,
        config / "labconfig" / "page_config.json": {"disabledExtensions": dict.fromkeys(DISABLED, True)},
        config / "jupyter_server_config.json": {
            "ServerApp": {"jpserver_extensions": dict.fromkeys(DISABLED_ON_SERVER, False)}
        },
        # Kernels listen on this machine alone: no warning in the learner's terminal that messages are not encrypted.
        own / "ipython" / "profile_default" / "ipython_kernel_config.json": {"IPKernelApp": {"log_level": "ERROR"}},
    }
    for path, value in settings.items():
        write_whole(path, json.dumps(value, indent=1).encode() + b"\n")
    drop = ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_DIR", "JUPYTER_NO_CONFIG")
    env = {name: value for name, value in environ.items() if name not in drop}
    env.update(
        JUPYTER_CONFIG_DIR=str(config),
        JUPYTER_DATA_DIR=str(own / "jupyter" / "data"),
        JUPYTERLAB_SETTINGS_DIR=str(own / "jupyter" / "user-settings"),  # what the learner chooses in the menus
        JUPYTERLAB_WORKSPACES_DIR=str(own / "jupyter" / "workspaces"),
        JUPYTER_PREFER_ENV_PATH="1",
        IPYTHONDIR=str(own / "ipython"),
    )
    return env


def jupyter_command(port: int, browser: bool, address: str) -> list[str]:
    """Return the command that serves work/ on this port."""
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--log-level=ERROR",
        f"--ServerApp.root_dir={ROOT / 'work'}",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.answer_yes=True",  # Ctrl-C stops, without a question
        f"--LabApp.default_url={address}",
        "--LabApp.log_level=ERROR",
        "--LabApp.extension_manager=readonly",  # the other one asks the package index
        "--MultiKernelManager.default_kernel_name=python3",
    ]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container
        command.append("--allow-root")
    return command


def become(command: list[str], env: dict[str, str]) -> int:
    """Replace this process by the command; on Windows, which cannot, wait for it."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "nt":
        os.chdir(ROOT)
        os.execve(command[0], command, env)
    process = subprocess.Popen(command, env=env, cwd=ROOT)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the child got it too, and ends by itself
            continue
