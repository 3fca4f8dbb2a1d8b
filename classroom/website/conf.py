"""What Sphinx is told; `classroom.website.sources` copies it beside the pages."""

import json
import re
from pathlib import Path

import recsys_lib
from classroom.website.repository import MAIN

_SAID = Path("published.json")  # beside this file, where Sphinx is started
_PUBLISHED = json.loads(_SAID.read_text(encoding="utf-8")) if _SAID.exists() else {"version": ""}
_ROOT = Path(recsys_lib.__file__).resolve().parents[1]

project = "Candidate generation"
author = "the course's founders"
copyright = "code under BSD 3-Clause, prose under CC BY 4.0"  # noqa: A001  Sphinx's own name for it
_PYPROJECT = (_ROOT / "pyproject.toml").read_text(encoding="utf-8")
release = _PUBLISHED["version"] or re.findall(r'^version = "([^"]+)"', _PYPROJECT, re.M)[0]
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "classroom.website.mathml"]
exclude_patterns = ["_extra"]
html_extra_path = ["_extra"]  # the lessons' pictures, which their pages hold as HTML
suppress_warnings = ["mystnb.unknown_mime_type"]

nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, str] = {}  # our figures bring their own script; this would load one from another host
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 4
myst_update_mathjax = False
html_math_renderer = "mathml"

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the descriptions give types and shapes
autodoc_preserve_defaults = True  # a default that is a function would bring its address
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
napoleon_use_param = False  # with it every word of a type is looked up, and "ids" found somewhere

html_title = project
html_theme = "pydata_sphinx_theme"
html_theme_options = {
    "logo": {"text": project},
    "navbar_center": ["navbar-nav"],
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
    "show_prev_next": True,
    "show_nav_level": 1,
    "header_links_before_dropdown": 6,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
if _PUBLISHED["version"]:  # one of several side by side; the theme looks for the list from the top of this version
    html_theme_options |= {
        "switcher": {"json_url": _PUBLISHED["versions"], "version_match": _PUBLISHED["version"]},
        "check_switcher": False,  # it is made when all versions are
        "show_version_warning_banner": _PUBLISHED["version"] != MAIN,
        "navbar_end": ["version-switcher", "theme-switcher"],
    }
html_context = {"default_mode": "auto"}
html_favicon = "_static/favicon.svg"
html_sidebars: dict[str, list[str]] = {"index": [], "start": [], "claims": []}
html_static_path = ["_static"]
html_css_files = ["figures.css", "site.css"]
html_js_files = [
    *((path.name, {"defer": "defer"}) for path in sorted(Path("_static").glob("figure_*.js"))),
    ("arithmetic.js", {"defer": "defer"}),
    ("host.js", {"defer": "defer"}),
]
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None
