"""Where the course lies on GitHub, and the addresses that follow: its site, a lesson in Colab, a lesson in Binder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

#: The branch that the workflow fills with the notebooks for Colab, which opens notebooks from GitHub only.
COLAB_BRANCH = "colab"
#: The folder of a site that holds the notebooks for Colab and the wheel that they install.
COLAB_FOLDER = "colab"
#: The list of the versions of a site, at its top: what the switcher on each page reads.
VERSIONS = "versions.json"
#: The version of the site that lies at its top; every other is a release, in a folder of its name.
MAIN = "main"

_OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}")
_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_REF = re.compile(r"(?!.*(?:\.\.|//|\.lock$|[./]$))[A-Za-z0-9_][A-Za-z0-9_./+-]*")
_RELEASE = re.compile(r"v\d+(?:\.\d+)*")


def read_repository(text: str) -> tuple[str, str]:
    """Return the owner and the name of a repository that is written as on GitHub.

    Raises
    ------
    ValueError
        If it is written otherwise.

    Examples
    --------
    >>> read_repository("ada/candidates")
    ('ada', 'candidates')
    """
    owner, _, name = text.partition("/")
    if not (_OWNER.fullmatch(owner) and _NAME.fullmatch(name)):
        raise ValueError(
            "a repository is written OWNER/NAME as on GitHub: letters, digits and '-', and in NAME '.' and '_', too; "
            f"not {text!r}"
        )
    return owner, name


def read_ref(text: str) -> str:
    """Return the name of a branch, a tag or a commit, if it can be one.

    Raises
    ------
    ValueError
        If it cannot.

    Examples
    --------
    >>> read_ref("v0.9")
    'v0.9'
    """
    if not _REF.fullmatch(text):
        raise ValueError(f"a branch, tag or commit has letters, digits and any of '_ . / + -', not {text!r}")
    return text


def read_address(text: str) -> str:
    """Return the address of a site, with a slash at its end.

    Raises
    ------
    ValueError
        If it is no address of a folder on the web.

    Examples
    --------
    >>> read_address("https://example.org/course")
    'https://example.org/course/'
    """
    parts = urlsplit(text)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.query
        or parts.fragment
        or not re.fullmatch(r"[!-~]+", text)
        or re.search(r"[\"'<>\\`{}$;&|]", text)  # it is written into pages, and into a line that runs pip
    ):
        raise ValueError(f"a site's address is like https://example.org/course/, without '?' and '#'; not {text!r}")
    return text.rstrip("/") + "/"


def read_version(text: str) -> str:
    """Return the name of a version of the site: ``main``, or a release's.

    Raises
    ------
    ValueError
        If it is neither.

    Examples
    --------
    >>> read_version("v0.9")
    'v0.9'
    """
    if text != MAIN and not _RELEASE.fullmatch(text):
        raise ValueError(f"a version is {MAIN!r}, or a 'v' and numbers with points between, like v0.9; not {text!r}")
    return text


def is_release(tag: str) -> bool:
    """Say whether a tag names a release.

    >>> is_release("v0.9"), is_release("v1.0-rc1"), is_release("very-old")
    (True, False, False)
    """
    return bool(_RELEASE.fullmatch(tag))


@dataclass(frozen=True)
class Published:
    """Where a site will be read, and what is known of the repository behind it.

    Attributes
    ----------
    repository : str
        ``OWNER/NAME`` on GitHub; empty where it is not known, and then there are no doors to Colab and Binder.
    ref : str
        The branch or tag that Binder runs.
    address : str
        Where the top of the site is read, with a slash at its end: by default where GitHub's Pages has it. Empty where
        it is not known, and then there are no notebooks for Colab.
    version : str
        ``main`` or a release's name where the site is one of several versions side by side; empty where it is alone.
    """

    repository: str = ""
    ref: str = MAIN
    address: str = ""
    version: str = ""

    def __post_init__(self) -> None:
        """Check each part, and fill in the address where it follows from the repository."""
        if self.repository:
            owner, name = read_repository(self.repository)
            host = f"{owner.lower()}.github.io"
            at = f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"
            object.__setattr__(self, "address", self.address or at)
        read_ref(self.ref)
        if self.version:
            read_version(self.version)
        if self.address:
            object.__setattr__(self, "address", read_address(self.address))

    @property
    def below(self) -> str:
        """Where this version lies below the top of the site: nothing, or a folder's name and a slash.

        >>> Published(version="main").below, Published(version="v0.9").below
        ('', 'v0.9/')
        """
        return "" if self.version in ("", MAIN) else f"{self.version}/"

    def wheel(self, file: str) -> str:
        """Return the address of the wheel that the notebooks for Colab install.

        >>> Published("ada/candidates", version="v0.9").wheel("x.whl")
        'https://ada.github.io/candidates/v0.9/colab/x.whl'
        """
        return f"{self.address}{self.below}{COLAB_FOLDER}/{quote(file)}"

    def colab(self, lesson: str) -> str:
        """Return the address that opens a lesson in Colab; the branch has the notebooks where the site has them.

        >>> Published("ada/candidates").colab("L01_two_ways")
        'https://colab.research.google.com/github/ada/candidates/blob/colab/colab/L01_two_ways.ipynb'
        """
        place = f"{self.below}{COLAB_FOLDER}/{lesson}.ipynb"
        return f"https://colab.research.google.com/github/{self.repository}/blob/{COLAB_BRANCH}/{place}"

    def binder(self, lesson: str) -> str:
        """Return the address that opens a lesson in Binder.

        >>> Published("ada/candidates", ref="v0.9").binder("L01_two_ways")
        'https://mybinder.org/v2/gh/ada/candidates/v0.9?urlpath=lab/tree/notebooks/L01_two_ways/L01_two_ways.ipynb'
        """
        notebook = f"notebooks/{lesson}/{lesson}.ipynb"
        return f"https://mybinder.org/v2/gh/{self.repository}/{quote(self.ref, safe='')}?urlpath=lab/tree/{notebook}"


#: A site of which nothing is known but itself.
NOWHERE = Published()
