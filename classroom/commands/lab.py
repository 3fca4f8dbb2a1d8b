"""Open the lessons: fetch the data, lay the learner's copies in work/, start JupyterLab with the course's settings.

Only the standard library is imported at the top, so that the port can be tried before anything is installed.
"""

import errno
import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys

from classroom.common import ROOT

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


def main(*, port=None, browser=True):
    """Prepare everything and become JupyterLab; on Windows, wait for it.

    Parameters
    ----------
    port : int, optional
        The port to serve on. Default: 8888, or the next free one.
    browser : bool
        Open a browser tab.

    Returns
    -------
    int
        The exit code: 1 after a sentence on stderr.
    """
    try:
        port = choose_port(port)
        fetch_data()
        for line in refresh_work(ROOT / "notebooks", ROOT / "work"):
            print(line)
        env = jupyter_environment(ROOT / ".course", os.environ)
        env.setdefault("JUPYTER_TOKEN", secrets.token_hex(24))
    except OSError as error:
        return fail(explain_os_error(error))
    first = first_lesson(ROOT / "work", ROOT / "notebooks")
    address = f"http://127.0.0.1:{port}/lab/tree/{first}?token={env['JUPYTER_TOKEN']}"
    print(f"{'JupyterLab opens in your browser. If it does not, open' if browser else 'Open'} this address:\n")
    print(f"    {address}\n\nTo stop, press Ctrl-C here.", flush=True)
    return become(jupyter_command(port, browser, f"/lab/tree/{first}"), env)


def fail(reason):
    """Print the one sentence a failure ends in; return the exit code."""
    print(f"course: {reason}", file=sys.stderr)
    return 1


def explain_os_error(error):
    """Say in a sentence what an operating-system error means here.

    >>> explain_os_error(OSError(errno.ENOSPC, "No space left on device", "work"))
    'the disk is full (work); free some space and start again.'
    """
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
        return f"the disk is full{where}; free some space and start again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"this folder cannot be written to{where}; move the course to one that is yours."
    return f"{error.strerror or error}{where}"


# ---- the port ----


def choose_port(port=None):
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


def why_not(port):
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


def fetch_data():
    """Fetch MovieLens-100K unless it is there; say so if the lessons will run without it."""
    from recsys_lib import datasets

    try:
        datasets.movielens_100k()
    except datasets.DatasetError as error:
        print(f"MovieLens-100K cannot be had ({' '.join(str(error).split())})")
        print("The lessons run on a synthetic world instead, and say so. The next start tries again.")


# ---- the learner's copies ----


def refresh_work(notebooks, work):
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
            lay(copy, content)
        elif copy.is_file() and digest(copy.read_bytes()) == new:
            pass
        elif copy.is_file() and not copy.is_symlink() and digest(copy.read_bytes()) == released.get(name):
            lay(copy, content)
            told.append(f"work/{name} was unchanged and is now the new release.")
        elif released.get(name) != new:
            beside = free_name(copy, new)
            lay(beside, content)
            told.append(f"work/{name} has your changes and stays; the new release is beside it: {beside.name}")
        if released.get(name) != new:
            released[name] = new
            lay(ledger, json.dumps(released, indent=1, sort_keys=True).encode() + b"\n")
    return told


def changed_copies(notebooks, work):
    """Return the names of the learner's copies that differ from what was released to them."""
    released = read_ledger(work / ".released.json")
    names = [source.relative_to(notebooks).as_posix() for source in sorted(notebooks.glob("*/*.ipynb"))]
    return [n for n in names if (work / n).is_file() and digest((work / n).read_bytes()) != released.get(n)]


def read_ledger(path):
    """Return the digest of each release laid down so far; one that cannot be read counts as none, which is safe."""
    try:
        ledger = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return ledger if isinstance(ledger, dict) else {}


def digest(content):
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
    return hashlib.sha256(content).hexdigest()


def free_name(copy, new):
    """Return where the new release goes beside a changed copy: never over a file of other content."""
    number = 1
    while True:
        beside = copy.with_name(f"{copy.stem}.new{'' if number == 1 else f'-{number}'}.ipynb")
        if not os.path.lexists(beside) or (beside.is_file() and digest(beside.read_bytes()) == new):
            return beside
        number += 1


def lay(path, content):
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        aside.write_bytes(content)
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def first_lesson(work, notebooks):
    """Return the path, below work/, of the first lesson; empty if there is none."""
    names = [source.relative_to(notebooks).as_posix() for source in notebooks.glob("*/*.ipynb")]
    return min((name for name in names if (work / name).is_file()), default="")


# ---- JupyterLab ----


def jupyter_environment(own, environ):
    """Write the course's Jupyter settings and return the environment in which only they are read.

    Parameters
    ----------
    own : Path
        A folder of the course's own. The learner's Jupyter folders are neither read nor written.
    environ : mapping

    Returns
    -------
    dict
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
        lay(path, json.dumps(value, indent=1).encode() + b"\n")
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


def jupyter_command(port, browser, address):
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


def become(command, env):
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
