"""Look through a built site for links that lead nowhere, and for what its pages would fetch from another host."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

#: Attributes that a browser follows by itself.
FETCHED = {"src", "srcset", "poster", "data", "xlink:href"}
FETCHED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "preconnect", "dns-prefetch", "manifest"}
_CSS_ADDRESS = re.compile(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^'\")\s]+)")


class _Page(HTMLParser):
    """A page's anchors, where it links to, and what it fetches."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag names and where it leads."""
        given = {name: value or "" for name, value in attrs}
        self.anchors.update(given[name] for name in ("id", "name") if given.get(name))
        self.fetched += [given[name] for name in FETCHED & given.keys()]
        if tag == "link":
            if FETCHED_LINKS & set(given.get("rel", "").split()):
                self.fetched.append(given.get("href", ""))
        elif "href" in given:
            self.links.append(given["href"])
        self.fetched += _CSS_ADDRESS.findall(given.get("style", ""))


def site_problems(site: Path) -> list[str]:
    """Say what is wrong with the links of a site and what it would fetch from elsewhere; nothing where all is well.

    Parameters
    ----------
    site : Path
        The folder that holds ``index.html``.

    Raises
    ------
    FileNotFoundError
        If there is no ``index.html``.
    """
    if not (site / "index.html").is_file():
        raise FileNotFoundError(f"{site} holds no index.html")
    own = [path for path in sorted(site.rglob("*.html")) if "lite" not in path.relative_to(site).parts]
    pages = {path: _Page(path.read_text(encoding="utf-8")) for path in own}
    found = []
    for path, page in pages.items():
        here = path.relative_to(site).as_posix()
        for address in page.links + page.fetched:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                if address in page.fetched and parts.scheme != "data":
                    found.append(f"{here} fetches {address}")
                continue
            target = path if not parts.path else _inside(site, path, unquote(parts.path))
            if target is None or not target.exists():
                found.append(f"{here} links to {address}, which is not there")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                found.append(f"{here} links to {address}, and there is no such place on that page")
    for path in sorted(site.rglob("*.css")):
        if "lite" not in path.relative_to(site).parts:
            text = path.read_text(encoding="utf-8")
            found += [f"{path.relative_to(site).as_posix()} fetches {a}" for a in _CSS_ADDRESS.findall(text)]
    return found


def _inside(site: Path, page: Path, address: str) -> Path | None:
    """Return the file that an address on a page names, or None where it leads out of the site."""
    start = PurePosixPath(page.parent.relative_to(site).as_posix())
    parts: list[str] = []
    for part in (PurePosixPath("/") / start / address).parts[1:]:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part != ".":
            parts.append(part)
    target = site.joinpath(*parts)
    return target / "index.html" if target.is_dir() else target
