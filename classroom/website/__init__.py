"""The course as pages: a site that is read without Python, and lessons on which Python runs in the browser.

The site: `sources` puts its text together, of which `lesson_pages` and `documents` make the pages and `figures` the
scripts that move in them; `mathml` writes formulas, `checking` looks for broken links and for what would be asked of
other hosts, and `build` hands all of it to Sphinx. `lite` builds the lessons that run, `serving` shows either.
"""
