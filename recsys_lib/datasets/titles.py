"""Write titles as people do, and compare them: "The Usual Suspects (1995)", not "Usual Suspects, The (1995)"."""

import re
import unicodedata

_YEAR = re.compile(r"^(?P<title>.*?)\s*\((?P<year>\d{4})\)(?:\s*\((?:V|TV)\))?$")  # (V), (TV): not shown in cinemas
_ARTICLE = re.compile(r"^(?P<rest>.+), (?P<article>The|A|An|L'|Le|La|Les|Il|O|El|Los|Las|Das|Der|Die|Det)$")


def title_and_year(raw: str) -> tuple[str, int]:
    """Write a title as people do, article first and year last, and give its year, 0 where there is none."""
    raw = " ".join(raw.split())
    if raw in ("unknown", "unkonwn (unkonwn)"):
        return "unknown", 0
    match = _YEAR.match(raw)
    title, year = (match["title"], int(match["year"])) if match else (raw, 0)
    other = re.search(r" \((?P<other>[^()]*)\)$", title)
    if other:
        title = f"{_article_first(title[: other.start()])} ({_article_first(other['other'])})"
    else:
        title = _article_first(title)
    return (f"{title} ({year})" if year else title), year


def _article_first(title: str) -> str:
    """Move an article from the end of a title to its beginning."""
    match = _ARTICLE.match(title)
    if not match:
        return title
    space = "" if match["article"].endswith("'") else " "
    return f"{match['article']}{space}{match['rest']}"


def plain(text: str) -> str:
    """Drop case and accents, so that texts can be compared without them."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in split if not unicodedata.combining(letter))
