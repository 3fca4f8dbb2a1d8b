"""What axe-core finds on a page that is open, by the rules of WCAG 2.2 AA."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
IN_LESSON = (".cg", ".jp-RenderedMarkdown > *", ".jp-RenderedImage", ".jp-RenderedHTML")
"""The parts of JupyterLab's page that a lesson made."""


def violations(page: Page, *, within: Sequence[str] = (), contrast: bool = True) -> list[str]:
    """Say what is wrong, one line for each element.

    Parameters
    ----------
    page : Page
        The page as it stands.
    within : sequence of str
        Selectors of the parts that are looked at; the whole page where there are none.
    contrast : bool
        Whether the contrast of every piece of text is measured, which takes four fifths of the time.
    """
    from axe_playwright_python.sync_playwright import Axe

    context: Any = {"include": [[part] for part in within]} if within else None
    options = {"runOnly": RULES, "resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": contrast}}}
    found = Axe().run(page, context, options).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]}: {' '.join((node.get('failureSummary') or '').split())[:240]}"
        for rule in found
        for node in rule["nodes"]
    ]
