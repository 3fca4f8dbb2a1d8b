"""Describe the machine that benchmarks run on: processor, versions, and the BLAS kernel that each library runs."""

from __future__ import annotations

import importlib.metadata
import platform
from pathlib import Path

PACKAGES = ("numpy", "scipy", "implicit", "faiss-cpu", "usearch", "scikit-learn")


def processor() -> str:
    """Give the name of the processor, as the system has it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def kernels() -> list[str]:
    """Say which kernel each loaded BLAS runs, and on how many threads."""
    from threadpoolctl import threadpool_info

    found = []
    for library in threadpool_info():
        if library["user_api"] == "blas":
            folder = Path(library["filepath"]).parent.name.removesuffix(".libs")
            kernel = library.get("architecture", "unknown kernel")
            threads = library["num_threads"]
            name = f"{library['internal_api']} {library['version']}"
            found.append(f"{folder}: {name}, {kernel}, {threads} thread{'s' if threads > 1 else ''}")
    return sorted(set(found))


def versions() -> str:
    """List the versions of Python and of the packages that compute."""
    parts = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            parts.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(parts)


def describe() -> str:
    """Describe the machine as a Markdown list."""
    lines = [f"- processor: {processor()}", f"- {versions()}", *(f"- BLAS of {kernel}" for kernel in kernels())]
    return "\n".join(lines)


def main() -> str:
    """Print the description; return it."""
    import contextlib

    import numpy  # noqa: F401 - its BLAS is looked at once it is loaded

    with contextlib.suppress(ImportError):
        import scipy.linalg  # noqa: F401 - as above; implicit computes with this one

    text = describe()
    print(text)
    return text


if __name__ == "__main__":
    main()
