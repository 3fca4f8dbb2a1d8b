"""Make pages of the repository's own documents: links that lead out of the site become names of files."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

#: The documents that have a page, by the page's name.
PAGES = {
    "guide/teaching": "docs/teaching.md",
    "guide/publishing": "docs/publishing.md",
    "guide/architecture": "docs/architecture.md",
    "guide/sources": "docs/sources.md",
    "guide/contributing": "CONTRIBUTING.md",
    "guide/changes": "CHANGELOG.md",
    "guide/security": "SECURITY.md",
    "claims": "docs/claims.md",
}
_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?\)")


def document_page(name: str, root: Path) -> tuple[str, dict[str, Path]]:
    """Return a document as Markdown for its page, and the pictures that it needs by their place in the sources.

    Parameters
    ----------
    name : str
        The page, one of `PAGES`.
    root : Path
        The repository.

    Raises
    ------
    ValueError
        If the document names a file that the repository does not hold.
    """
    source = PurePosixPath(PAGES[name])
    here = PurePosixPath(name).parent
    files: dict[str, Path] = {}
    by_file = {path: page for page, path in PAGES.items()} | {"README.md": "index"}

    def rewritten(match: re.Match[str]) -> str:
        mark, text, target, anchor = match.groups()
        path = _from_root(source.parent / target)
        if not (root / path).exists():
            raise ValueError(f"{source} names {target}, which is not there")
        if mark:
            files[str(PurePosixPath("pictures") / path)] = root / path
            return f"![{text}]({_relative(here, 'pictures/' + path)})"
        if path in by_file:
            return f"[{text}]({_relative(here, by_file[path])}.md{anchor or ''})"
        if lesson := re.fullmatch(r"(?:notebooks|solutions)/(\w+)/\1\.ipynb", path):
            return f"[{text}]({_relative(here, 'lessons/' + lesson[1])}.ipynb)"
        return f"`{path}`" if text.strip("`") in (path, target, PurePosixPath(path).name) else f"{text} (`{path}`)"

    text = (root / PAGES[name]).read_text(encoding="utf-8")
    return _LINK.sub(rewritten, text), files


def _from_root(path: PurePosixPath) -> str:
    """Take the dots out of a path.

    >>> _from_root(PurePosixPath("docs/../tests/x.py"))
    'tests/x.py'
    """
    parts: list[str] = []
    for part in path.parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def _relative(folder: PurePosixPath, target: str) -> str:
    """Say how a place is reached from a folder, both seen from the top.

    >>> _relative(PurePosixPath("guide"), "claims")
    '../claims'
    """
    up = "../" * len([part for part in folder.parts if part != "."])
    return up + target
