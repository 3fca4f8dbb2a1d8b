"""The scripts of the figures on a page: each ES module of `recsys_lib.widgets` as a plain script, and their host."""

from __future__ import annotations

from pathlib import Path

from recsys_lib.widgets.base import module, source_of

FOLDER = Path(__file__).parent / "static"
EXPORT = "export default { render };"


def as_script(name: str) -> str:
    """Return a figure's module as a script for a page that may lie on a disk, where browsers load no modules.

    Raises
    ------
    ValueError
        If the module exports anything but its `render`.
    """
    text = module(f"{name}.js")
    if text.count("export ") != 1 or text.count(EXPORT) != 1:
        raise ValueError(f"{name}.js must export by the line {EXPORT!r} and by nothing else")
    return f"(window.courseFigures ||= {{}}).{name} = (() => {{\n{text.replace(EXPORT, 'return { render };')}\n}})();\n"


def scripts(names: list[str]) -> dict[str, bytes]:
    """Return the files of `_static` that the figures need, by name: their scripts, the host, and their look."""
    own = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir())}
    return {
        **{f"figure_{name}.js": as_script(name).encode() for name in names},
        "figures.css": source_of("common.css").encode(),
        **own,
    }
